"""An overlay document -> its actions (Overlay 1.0.0, 1.1.0 §4.4); what the specification calls invalid is refused.

Rules of this file:
1. Every field is looked at before anything is applied: a name that is misspelt would be passed over in silence.
2. 1.1 adds ``copy`` and the overlay's ``description``. ``remove`` goes before ``copy``, and this before ``update``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .._display.words import one_of, short
from ..errors import SpecError
from .document import Source, load
from .source import GIVE_A_DOCUMENT

TEXT, FLAG = "a text", "true or false"
OVERLAY = {"overlay": TEXT, "info": "a mapping", "extends": TEXT, "actions": "a list"}
INFO = {"1.0": {"title": TEXT, "version": TEXT}, "1.1": {"title": TEXT, "version": TEXT, "description": TEXT}}
ACTION = {"target": TEXT, "description": TEXT, "update": "anything", "remove": FLAG}
ACTIONS = {"1.0": ACTION, "1.1": {**ACTION, "copy": TEXT}}
EXPECTED = "a mapping with a target, a JSONPath as text"
TYPES: Mapping[str, Any] = {TEXT: str, FLAG: bool, "a mapping": dict, "a list": list, "anything": object}


@dataclass(frozen=True)
class Action:
    """One change at every node that ``target`` selects; ``number`` counts from 1, as messages do."""

    number: int
    target: str
    remove: bool
    copy: str | None
    update: Any
    has_update: bool

    def wrong(self, name: str, *, found: str, expected: str, remedy: str = "") -> SpecError:
        """What is said where the action cannot be applied."""
        return _wrong(f"actions[{self.number - 1}]", name, found, expected, remedy)


@dataclass(frozen=True)
class Overlay:
    """An overlay document.

    Attributes:
        name: where it was read from.
        title, version: of its ``info``.
        actions: in the order in which they are carried out.
        made_for: the version of the document that it was made for (``x-made-for``), empty where it does not say.
    """

    name: str
    title: str
    version: str
    actions: tuple[Action, ...]
    made_for: str = ""


def read(source: Source) -> Overlay:
    """An overlay from a path, URL, mapping or text.

    Raises:
        SpecError: it is none, or not as the specification has it.
    """
    try:
        document = load(source)
    except SpecError as error:
        if error.remedy != GIVE_A_DOCUMENT:
            raise
        raise SpecError(error.message, source=error.source, remedy="give the path of an OpenAPI Overlay") from error.__cause__
    root, name = document.root, document.name
    match = re.fullmatch(r"(1\.[01])\.\d+(-.+)?", str(root.get("overlay")))
    if not match or not isinstance(root["overlay"], str):
        raise SpecError(
            "this is no overlay", source=name, found=f"overlay: {short(root.get('overlay'))}",
            expected='a field "overlay" such as 1.1.0, as a text',
        )  # fmt: skip
    version = match[1]
    _held_to("", root, OVERLAY, ("info", "actions"), name)
    _held_to("info", root["info"], INFO[version], ("title", "version"), name)
    if "extends" in root and not _is_reference(root["extends"]):
        raise _wrong("extends", name, short(root["extends"]), "a URI reference")
    actions = tuple(_action(number, each, version, name) for number, each in enumerate(root["actions"], 1))
    _held_apart(root["actions"], name)
    return Overlay(name, root["info"]["title"], root["info"]["version"], actions, str(root.get("x-made-for", "")))


def _action(number: int, declared: Any, version: str, name: str) -> Action:
    place = f"actions[{number - 1}]"
    if not isinstance(declared, dict) or "target" not in declared:
        raise _wrong(place, name, short(declared), EXPECTED)
    _held_to(place, declared, ACTIONS[version], ("target",), name)
    target = declared["target"]
    if not target.startswith("$"):
        raise _wrong(f"{place}.target", name, short(target), "a JSONPath, which begins with $")
    return Action(
        number, target, declared.get("remove", False), declared.get("copy"), declared.get("update"), "update" in declared
    )


def _held_to(place: str, declared: Any, fields: Mapping[str, str], required: tuple[str, ...], name: str) -> None:
    """Refuse fields that are missing, of another type, or not the specification's; ``x-`` ones are anybody's."""
    if not isinstance(declared, dict):
        raise _wrong(place, name, short(declared), "a mapping")
    dot = f"{place}." if place else ""
    for field in required:
        if field not in declared:
            raise _wrong(f"{dot}{field}", name, "nothing", fields[field])
    for field, value in declared.items():
        if field.startswith("x-"):
            continue
        if field not in fields:
            raise _wrong(f"{dot}{field}", name, f"the field {short(field)}", f"{one_of(list(fields))}, or a name with x-")
        if not isinstance(value, TYPES[fields[field]]):
            raise _wrong(f"{dot}{field}", name, short(value), fields[field])


def _held_apart(actions: list[Any], name: str) -> None:
    seen: dict[str, int] = {}
    for index, action in enumerate(actions):
        first = seen.setdefault(json.dumps(action, sort_keys=True, default=str), index)
        if first != index:
            raise _wrong(f"actions[{index}]", name, f"the same as actions[{first}]", "each action once")


def _is_reference(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return not re.search(r"[\s<>\"{}|\\^`]", text)


def _wrong(place: str, name: str, found: str, expected: str, remedy: str = "") -> SpecError:
    return SpecError(
        f"the overlay cannot be applied: {place}", source=name, found=found, expected=expected, remedy=remedy
    )
