"""The constraints on values of one kind that hold together, and what they make of listed values and limits.

Rule of this file: exact. What is merged here admits just the values that both sides admit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .._checking.formats import FORMATS

KINDS = ("object", "array", "string", "number", "boolean", "null")  # every JSON value is of one of these
LIMITS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "number": ("minimum", "maximum"),
}


@dataclass(frozen=True, eq=False)
class Part:
    """One schema of a document and where it stands: in which named schema, under which keywords."""

    schema: Any
    name: str
    tokens: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return self.name, self.tokens

    def child(self, *tokens: str) -> Part:
        schema = self.schema
        for token in tokens:
            schema = schema[int(token)] if isinstance(schema, list) else schema[token]
        return Part(schema, self.name, self.tokens + tokens)


Parts = tuple[Part, ...]  # schemas that hold for one value together; none: anything


@dataclass(frozen=True, eq=False)
class Alternative:
    """Constraints on values of one kind, all of which hold.

    Attributes:
        values: the only values, by their JSON text; None where they are not listed.
        limits: keyword to limit; ``minimum`` and ``maximum`` as (limit, is it excluded).
        marks: (keyword, argument) of ``pattern``, ``format``, ``multipleOf``, ``uniqueItems``.
        extra: schemas of undeclared properties; None where there may be none.
        conditions: (keyword, content) of what is compared only for equality.
        known: values that are named among free ones.
        named: the schemas that it came through, the outermost first.
    """

    kind: str
    values: Mapping[str, Any] | None = None
    integral: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)
    marks: frozenset[tuple[str, str]] = frozenset()
    required: frozenset[str] = frozenset()
    properties: Mapping[str, Parts] = field(default_factory=dict)
    extra: Parts | None = ()
    items: Parts = ()
    conditions: frozenset[tuple[str, str]] = frozenset()
    known: Mapping[str, Any] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    origin: Part | None = None

    @cached_property
    def is_free(self) -> bool:
        """Whether every value of the kind is valid."""
        listed = self.values is not None and (self.kind, len(self.values)) not in (("boolean", 2), ("null", 1))
        limits = listed or self.integral or self.limits or self.marks or self.required or self.items
        return not (limits or self.properties or self.conditions or self.extra != ())

    @property
    def is_impossible(self) -> bool:
        return self.values is not None and not self.values


Shape = Mapping[str, tuple[Alternative, ...]]  # kind to alternatives, kinds that are not allowed left out
ANYTHING: Shape = {kind: (Alternative(kind),) for kind in KINDS}


def is_anything(shape: Shape) -> bool:
    """Whether every JSON value is valid."""
    return len(shape) == len(KINDS) and all(len(group) == 1 and group[0].is_free for group in shape.values())


def text_of(value: Any) -> str:
    """JSON text that is the same for equal values: 1.0 is 1, and 1 is not true."""
    return json.dumps(_settled(value), sort_keys=True, ensure_ascii=False, default=str)


def _settled(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _settled(item) for key, item in value.items()}
    return [_settled(item) for item in value] if isinstance(value, list) else value


def kind_of(value: Any) -> str:
    """Of which kind a value is."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    for types, kind in ((str, "string"), (dict, "object"), (list, "array")):
        if isinstance(value, types):
            return kind
    return "number"


def settle(one: Alternative) -> Alternative:
    """Listed values without those that the limits rule out; whole numbers with whole limits."""
    limits = dict(one.limits)
    if one.integral:
        for name, step in (("minimum", 1), ("maximum", -1)):
            limit, excluded = limits.get(name, (None, False))
            if excluded and isinstance(limit, int):
                limits[name] = (limit + step, False)
    if one.values is None or one.kind in ("object", "array"):
        return replace(one, limits=limits) if limits != one.limits else one
    listed = {text: value for text, value in one.values.items() if _is_within(value, one.integral, limits)}
    return replace(one, values=listed, integral=False, limits={})


def _is_within(value: Any, integral: bool, limits: Mapping[str, Any]) -> bool:
    if isinstance(value, str):
        return bool(limits.get("minLength", 0) <= len(value) <= limits.get("maxLength", len(value)))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = limits.get("minimum"), limits.get("maximum")
        if low and (value < low[0] or (low[1] and value == low[0])):
            return False
        if high and (value > high[0] or (high[1] and value == high[0])):
            return False
        return not integral or value == int(value)
    return True


def admits(one: Alternative, value: Any) -> bool:
    """Whether a scalar is valid; False where that cannot be told."""
    if one.values is not None:
        return text_of(value) in one.values
    return (
        _is_within(value, one.integral, one.limits)
        and not one.conditions
        and all(_bears(*mark, value) for mark in one.marks)
    )


def _bears(keyword: str, argument: str, value: Any) -> bool:
    parsed = json.loads(argument)
    if keyword == "format":
        return parsed not in FORMATS or FORMATS[parsed](value)
    try:
        return bool(re.search(parsed, value) if keyword == "pattern" else keyword == "multipleOf" and value % parsed == 0)
    except (re.error, ArithmeticError, TypeError):
        return False


def limits_of(schema: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {key: schema[key] for key in LIMITS.get(kind, ()) if schema.get(key)}
    if kind == "number":
        found = {}
        for name, exclusive, pick in (
            ("minimum", "exclusiveMinimum", max),
            ("maximum", "exclusiveMaximum", min),
        ):
            sign = 1 if pick is max else -1
            bounds = [(schema[name], False)] if name in schema else []
            bounds += [(schema[exclusive], True)] if exclusive in schema else []
            if bounds:
                found[name] = max(bounds, key=lambda bound: (sign * bound[0], bound[1]))
    if "maxLength" in schema and kind == "string":
        found["maxLength"] = schema["maxLength"]
    for key in ("maxItems", "maxProperties"):
        if key in LIMITS.get(kind, ()) and key in schema:
            found[key] = schema[key]
    return found


def tighter(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(one)
    for key, limit in other.items():
        if key not in found:
            found[key] = limit
        elif key.startswith("min"):
            found[key] = max(found[key], limit)
        elif key == "maximum":
            found[key] = min(found[key], limit, key=lambda bound: (bound[0], not bound[1]))
        else:
            found[key] = min(found[key], limit)
    return found
