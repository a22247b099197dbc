"""Parameters and headers, where only text travels: a number is a text, and what is declared nowhere is one.

Rules of this file:
1. Any text takes every number, boolean and null; so a number that became a text only widens.
2. A value is taken where one of its readings is: as it is, as its text, as what its text says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from .._checking.schema import Schema
from .alternative import Alternative, Part, Parts, Shape, is_anything
from .branches import kinds_text
from .compare import Comparison
from .pair import Pair

TEXT: Parts = (Part({"type": "string"}, "@text"),)  # what is declared nowhere
WORDS_OF = ("number", "boolean", "null")  # kinds whose values are written as a word


class TextComparison(Comparison):
    """Compares schemas of values that travel as text."""

    def _shapes(self, pair: Pair, old: Shape, new: Shape) -> None:
        before, after = _as_text(old), _as_text(new)
        for narrow, wide, code in ((before, after, "type-widened"), (after, before, "type-narrowed")):
            if _is_any_text(wide) and narrow and not narrow.keys() - set(WORDS_OF):
                self._add(pair, code, f"{kinds_text(before)} → {kinds_text(after)}")
                return
        super()._shapes(pair, before, after)


class Textual:
    """A schema's verdict on what travels as text."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    @cached_property
    def is_valid(self) -> Callable[[Any], bool]:
        """Whether a value, or what its text says, is valid."""
        judge = self._schema.is_valid
        return lambda value: any(judge(reading) for reading in _readings(value))


def _as_text(shape: Shape) -> Shape:
    if is_anything(shape):
        return {"string": (Alternative("string"),)}
    return {kind: group for kind, group in shape.items() if kind not in WORDS_OF} if _is_any_text(shape) else shape


def _is_any_text(shape: Shape) -> bool:
    return any(one.is_free for one in shape.get("string", ()))


def _readings(value: Any) -> Iterator[Any]:
    yield value
    for read in (_written, _read):
        if isinstance(value, list):
            yield [read(item) for item in value]
        elif isinstance(value, dict):
            yield {name: read(item) for name, item in value.items()}
        else:
            yield read(value)


def _written(value: Any) -> Any:
    return json.dumps(value) if value is None or isinstance(value, (bool, int, float)) else value


def _read(value: Any) -> Any:
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
    return value if isinstance(found, (dict, list, str)) else found
