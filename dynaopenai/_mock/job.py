"""A status that moves on: what waits, then is worked on, then is done, each a look later, so that who polls comes to an end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._checking.schema import Schema
from .believable import DONE

STATUS = ("status", "state")
WAITING = ("queued", "pending", "validating_files", "validating", "created", "submitted", "scheduled", "waiting", "uploaded")
WORKING = ("in_progress", "running", "processing", "started", "working", "finalizing")
RESULTS = ("output", "outputs", "results", "result", "data", "usage", "completed_at", "finished_at", "ended_at")


def name_of(schema: Schema) -> str:
    """The property that says how far a thing is; empty where there is none."""
    return next((name for name in STATUS if name in schema.properties), "")


def stages(schema: Schema, inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """What a job's status says in turn; empty where a thing is no job.

    It is one where it must say how far it is, or was asked to go on in the background.
    """
    name = name_of(schema)
    if not name or not (name in schema.required or inputs.get("background") is True):
        return ()
    declared = schema.properties[name]
    listed = [word for part in declared.in_place() for word in part.get("enum", ()) if isinstance(word, str)]
    found = [next((word for word in words if word in listed), "") for words in (WAITING, WORKING, DONE)]
    return tuple(word for word in found if word) if found[2] and any(found[:2]) else ()


def at_stage(value: Mapping[str, Any], schema: Schema, words: tuple[str, ...], looks: int, pace: int) -> dict[str, Any]:
    """A job as it shows itself at a look; without its results before it is done.

    Args:
        looks: how often it was looked at before.
        pace: how many looks each stage lasts; at 0 all is done at once.
    """
    index = min(looks // pace, len(words) - 1) if pace else len(words) - 1
    shown = {**value, name_of(schema): words[index]}
    if index < len(words) - 1:
        for name in RESULTS:
            empty: Any = [] if isinstance(value.get(name), list) else None
            begun = {**shown, name: empty}
            if name in value and schema.is_valid(begun):
                shown = begun
    return shown if schema.is_valid(shown) else dict(value)
