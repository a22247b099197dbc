"""Undeclared keys that are nearly declared ones: in a request a mistake, even where JSON Schema lets any key pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .._display.words import nearest
from ..errors import Violation
from .json import member
from .schema import Schema

MOST_OTHERS = 100  # keys of one object that are looked at


def slip_hint(found: str, meant: object) -> str:
    return f'found "{found}", did you mean "{meant}"?'


def near_misses(schema: Schema, value: Any, path: str = "", known: Iterable[Violation] = ()) -> list[Violation]:
    """Undeclared keys that are nearly a declared one that is absent, at any depth; without what is ``known`` already."""
    places, hints = {violation.path for violation in known}, {violation.hint for violation in known}
    return [
        Violation(member(at, key), "not declared", item, "", f'did you mean "{meant}"?')
        for at, key, item, meant in _slips(schema, value, path)
        if member(at, key) not in places and slip_hint(key, meant) not in hints
    ]


def _slips(schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str, Any, str]]:
    """Where the slip is, the key as it was written, its value, and the name that was meant."""
    if isinstance(value, dict):
        properties, others = schema.properties, 0
        for key, item in value.items():
            declared = properties.get(key)
            if declared is not None:
                yield from _slips(declared, item, member(path, key))
            elif properties and not schema.is_open and not any(key in part.get("required", ()) for part in schema.in_place()):
                others += 1  # an object with very many keys of its own is a table, and not a record with a slip
                close = nearest(key, [name for name in properties if name not in value], cutoff=0.75) if others <= MOST_OTHERS else []
                if close:
                    yield path, key, item, close[0]
    elif isinstance(value, (list, tuple)) and schema.items is not None:
        for index, item in enumerate(value):
            if isinstance(item, (dict, list, tuple)):
                yield from _slips(schema.items, item, member(path, index))
