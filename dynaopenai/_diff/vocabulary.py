"""What schemas speak of: names, scalars, the branches of unions, what conditions are about; and values changed a little by it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from .._checking.schema import Schema
from .._checking.spelling import spellings
from .alternative import Alternative, Part, Parts, kind_of, text_of
from .shape import Side

UNKNOWN = "undeclared"
ONE_OF_EACH: tuple[Any, ...] = ("text", 1, 0.5, True, None, [], {})


def stated(one: Alternative, keyword: str) -> Iterator[Any]:
    """The arguments of a keyword among an alternative's marks."""
    yield from (json.loads(argument) for name, argument in sorted(one.marks) if name == keyword)


def unions(side: Side, parts: Parts) -> Iterator[list[Part]]:
    """The branches of every ``oneOf`` that speaks of the value itself."""
    seen: set[Any] = set()
    queue = list(parts)
    for declared in queue:
        part = side.deref(declared)
        if part.key in seen or not isinstance(part.schema, dict):
            continue
        seen.add(part.key)
        for keyword in ("oneOf", "anyOf", "allOf"):
            branches = [part.child(keyword, str(index)) for index in range(len(part.schema.get(keyword, ())))]
            queue += branches
            if keyword == "oneOf":
                yield branches


def spoken_of(keyword: str, fragment: dict[str, Any]) -> Iterator[Any]:
    """What the values that a condition is about look like, as schemas."""
    argument: Any = fragment.get(keyword)
    if keyword == "if":
        yield argument
        yield from ({"allOf": [argument, fragment[branch]]} for branch in ("then", "else") if branch in fragment)
    elif keyword == "not":
        yield argument
        if isinstance(argument, dict):
            yield from argument.get("anyOf", ())
    elif keyword == "patternProperties":
        for pattern, schema in argument.items():
            for name in islice(spellings(pattern), 2):
                yield {"type": "object", "required": [name], "properties": {name: schema}}
                yield {"type": "object", "required": [name]}
    elif keyword in ("dependentSchemas", "dependentRequired"):
        yield from ({"type": "object", "required": [name]} for name in argument)
    elif keyword == "contains":
        least = fragment.get("minContains", 1)
        yield from ({"type": "array", "minItems": size, "items": argument} for size in (least, max(least - 1, 0), least + 1))
        yield {"type": "array", "minItems": fragment.get("maxContains", 1) + 1, "items": argument}
    yield {key: value for key, value in fragment.items() if key != "unevaluatedProperties"}


def local(side: Side, parts: Parts) -> Iterator[Any]:
    """The schemas that speak of a value and of what stands in it, a few levels down."""
    queue, seen = [(part.schema, 0) for part in parts], 0
    for schema, depth in queue:
        if not isinstance(schema, dict) or depth > 4 or seen > 300:
            continue
        seen += 1
        yield schema
        if "$ref" in schema:
            queue.append((side.defs.get(Schema.name_of(schema["$ref"])), depth))
        for value in schema.values():
            inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
            queue += [(item, depth + 1) for item in (value, *inner) if isinstance(item, dict)]


def vocabulary(schemas: Iterable[dict[str, Any]]) -> tuple[list[str], list[Any]]:
    """The property names and the scalars that schemas name, with their limits and next to them."""
    names: dict[str, None] = {}
    values: dict[str, Any] = {}

    def note(value: Any) -> None:
        values.setdefault(text_of(value), value)

    for schema in schemas:
        for keyword in ("properties", "dependentRequired", "dependentSchemas"):
            names |= dict.fromkeys(schema.get(keyword, ())) if isinstance(schema.get(keyword), dict) else {}
        patterns = schema.get("patternProperties")
        for pattern in patterns if isinstance(patterns, dict) else ():
            names |= dict.fromkeys(islice(spellings(pattern), 1))
        required = schema.get("required")
        names |= dict.fromkeys(each for each in required if isinstance(each, str)) if isinstance(required, list) else {}
        for value in [*_listed(schema.get("enum")), *([schema["const"]] if "const" in schema else ())]:
            note(value)
        for pattern in [schema["pattern"]] if isinstance(schema.get("pattern"), str) else ():
            values.update({text_of(text): text for text in islice(spellings(pattern), 2)})
        for keyword, limit in schema.items():
            if isinstance(limit, (int, float)) and not isinstance(limit, bool):
                for near in (limit, limit - 1, limit + 1):
                    note("x" * int(near) if keyword.endswith("Length") and 0 <= near <= 5_000 else near)
    for value in ONE_OF_EACH:
        note(value)
    return [*names, UNKNOWN], list(values.values())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


# --- small changes -------------------------------------------------------------------------------


def changed(value: Any, names: list[str], values: list[Any]) -> Iterator[Any]:
    """A value with one member taken away, or set to another value."""
    kind = kind_of(value)
    if kind == "object":
        yield from ({key: item for key, item in value.items() if key != name} for name in value)
        for item in (None, *values):
            yield from ({**value, name: item} for name in names[:12])
    elif kind == "array":
        yield from (value[:index] + value[index + 1 :] for index in range(min(len(value), 4)))
        yield from ([*value, item] for item in values)
        yield from ([item, *value[1:]] for item in values if value)
    else:
        yield from values


def distinct(values: Iterable[Any]) -> list[Any]:
    """Each value once."""
    return list({text_of(value): value for value in values}.values())


def varied(item: Any, number: int) -> Any:
    """Items that differ, made of one."""
    if isinstance(item, str):
        return f"{item}{number}" if number else item
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        return item + number
    if isinstance(item, dict) and number:
        return {**item, UNKNOWN: number}
    return [*item, number] if isinstance(item, list) and number else item
