"""A schema's keyword and its argument -> a text that is the same only where they mean the same, however it was written.

Rule of this file: references are written out, so that a renamed or inlined schema is the same; where that becomes too
much, they stay by name, with what they name beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._checking.dialect import ANNOTATIONS
from .._checking.keywords import NAMED_SCHEMAS
from .._checking.schema import Schema
from .alternative import text_of

MOST_NODES = 20_000  # of a content, references written out
SILENT = ANNOTATIONS | {"discriminator", "x-nullable", "x-one-of"}
UNORDERED = {"type", "enum", "required", "allOf", "anyOf", "oneOf"}


def content_text(content: Any, defs: Mapping[str, Any], reached: Callable[[Any], Iterable[str]]) -> str:
    """The text. ``reached``: the names of all that a content refers to."""
    try:
        return text_of(_Writing(defs).out(content, ()))
    except OverflowError:
        return text_of([_bare(content), {name: _bare(defs[name]) for name in reached(content)}])


def refs_in(schema: Any) -> Iterator[str]:
    """The references in a canonical schema."""
    if isinstance(schema, list):
        for item in schema:
            yield from refs_in(item)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            elif key not in ("enum", "const", "default", "examples", "discriminator"):
                yield from refs_in(value)


def finds(pattern: str, name: str) -> bool:
    """Whether a pattern is found in a name; true where that cannot be told."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True


class _Writing:
    """A schema with its references written out, without what does not change its verdict."""

    def __init__(self, defs: Mapping[str, Any]) -> None:
        self._defs, self._nodes = defs, 0

    def out(self, schema: Any, around: tuple[str, ...]) -> Any:
        """``around``: the references that this stands in. Raises OverflowError where it becomes too much."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise OverflowError
        if isinstance(schema, list):
            return [self.out(item, around) for item in schema]
        if not isinstance(schema, dict):
            return schema
        ref = schema.get("$ref")
        name = Schema.name_of(ref) if isinstance(ref, str) else ""
        if name not in self._defs:
            return _sorted({key: self._value(key, value, around) for key, value in schema.items() if key not in SILENT})
        beside = self.out({key: value for key, value in schema.items() if key != "$ref"}, around)
        if name in around:
            return {**beside, "$ref": len(around) - around.index(name)}
        target = self.out(self._defs[name], (*around, name))
        return {**beside, "allOf": [*beside.get("allOf", ()), target]} if beside else target

    def _value(self, keyword: str, value: Any, around: tuple[str, ...]) -> Any:
        if keyword in ("enum", "const"):
            return value
        if keyword in NAMED_SCHEMAS and isinstance(value, dict):
            return {name: self.out(schema, around) for name, schema in value.items()}
        return self.out(value, around)


def _bare(schema: Any) -> Any:
    """A schema without what does not change its verdict, its references by name."""
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return _sorted(
        {
            key: value if key in ("enum", "const") else _bare(value)
            for key, value in schema.items()
            if key not in SILENT or isinstance(value, dict)  # a property may be called "description"
        }
    )


def _sorted(schema: dict[str, Any]) -> dict[str, Any]:
    """What has no order, in one order."""
    return schema | {
        key: sorted(schema[key], key=text_of) for key in UNORDERED & schema.keys() if isinstance(schema[key], list)
    }
