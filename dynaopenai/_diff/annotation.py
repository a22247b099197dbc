"""What schemas say beside the verdict: defaults, deprecation, the kind of content that a text holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._checking.schema import Schema
from .._display.words import short
from .alternative import Part, Parts
from .pair import Difference
from .shape import Side

CONTENT = ("contentMediaType", "contentEncoding")


def notes(old: tuple[Side, Parts], new: tuple[Side, Parts], step: str) -> Iterator[Difference]:
    """Differences between two schemas of one value that no verdict sees."""
    sides = [(side, parts[0] if parts else None) for side, parts in (old, new)]

    def difference(code: str, message: str, before: Any = None, after: Any = None) -> Difference:
        return Difference(code, message, step, before, after, sides[0][1], sides[1][1])

    before, after = (_stated(*each, "default") for each in (old, new))
    if before is None and after is not None:
        yield difference("default-added", f"default none → {short(after[0])}", None, after[0])
    elif before is not None and before != after:
        message = f"default {short(before[0])} → {short(after[0]) if after else 'none'}"
        yield difference("default-changed", message, before[0], after[0] if after else None)
    flags = [_stated(*each, "deprecated") == [True] for each in (old, new)]
    if flags[0] != flags[1]:
        code = "property-deprecated" if flags[1] else "property-undeprecated"
        yield difference(code, "deprecated" if flags[1] else "not deprecated any more")
    contents = [_content(*each) for each in (old, new)]
    if contents[0] != contents[1] and all(contents):
        yield difference("content-changed", " → ".join(contents), *contents)


def _content(side: Side, parts: Parts) -> str:
    """``image/png base64``, where a text holds such; the keywords are no part of the canonical schema."""
    for part in map(side.deref, parts):
        value = side.node(part).value
        content = [value[key].lower() for key in CONTENT if isinstance(value.get(key), str)] if isinstance(value, dict) else []
        if content:
            return " ".join(content)
    return ""


def _stated(side: Side, parts: Parts, keyword: str) -> list[Any] | None:
    """What the schemas say, also in what they are wrapped in: ``allOf``, a union with null."""
    seen: set[Any] = set()
    queue = list(parts)
    for part in queue:
        schema = part.schema
        if part.key in seen or not isinstance(schema, dict):
            continue
        if keyword in schema:
            return [schema[keyword]]
        seen.add(part.key)
        name = Schema.name_of(schema["$ref"]) if "$ref" in schema else ""
        queue += [Part(side.defs[name], name)] if name in side.defs else []
        queue += [part.child("allOf", str(index)) for index in range(len(schema.get("allOf", ())))]
        for union in ("anyOf", "oneOf"):
            branches = [part.child(union, str(index)) for index in range(len(schema.get(union, ())))]
            solid = [branch for branch in branches if set(side.shape((branch,))) != {"null"}]
            queue += solid if len(solid) == 1 else []
    return None
