"""A difference taken back: what the new side would say of a value at its place, had this alone not changed.

Rules of this file:
1. Shallow: what stands inside a value is not looked at; a payload keeps to both sides there, so far as it can.
2. Differences of whole kinds and branches have nothing beside them that could refuse a value: they are always alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .._checking.schema import Schema
from ..errors import SpecError
from .alternative import Alternative
from .pair import Difference
from .shape import Side

Verdict = Callable[[Any], bool]


def undone(difference: Difference, have: Alternative, lack: Alternative, side: Side) -> Verdict:
    """Whether ``lack``, on its ``side``, takes a value once the difference to ``have`` is taken back."""
    try:
        schema, defs = _written(_back(difference, have, lack), side)
        return Schema(schema, defs, {"": side.document}).is_valid
    except (SpecError, ValueError, RecursionError):
        return lambda _: True


def _back(difference: Difference, have: Alternative, lack: Alternative) -> Alternative:
    keyword, step = difference.keyword, difference.step
    if keyword in have.limits.keys() | lack.limits.keys():
        limits = {key: limit for key, limit in lack.limits.items() if key != keyword}
        return replace(lack, limits=limits | ({keyword: have.limits[keyword]} if keyword in have.limits else {}))
    if keyword == "enum":
        both = None if have.values is None else {**(lack.values or {}), **have.values}
        return replace(lack, values=both)
    if keyword == "integer":
        return replace(lack, integral=have.integral)
    if keyword == "required":
        return replace(lack, required=lack.required - {step})
    if keyword == "properties":
        return replace(lack, properties={**lack.properties, step: ()}, required=lack.required)
    if keyword == "additionalProperties":
        return replace(lack, extra=())
    kept = frozenset(condition for condition in lack.conditions if condition[0] != keyword)
    marks = frozenset(mark for mark in lack.marks if mark[0] != keyword)
    return replace(lack, conditions=kept, marks=marks | {mark for mark in have.marks if mark[0] == keyword})


def _written(one: Alternative, side: Side) -> tuple[dict[str, Any], dict[str, Any]]:
    """An alternative as a schema that says nothing of what stands inside a value, and what it refers to."""
    schema: dict[str, Any] = {"type": "integer" if one.integral else one.kind}
    if one.values is not None:
        schema["enum"] = list(one.values.values())
    for keyword, limit in one.limits.items():
        if not isinstance(limit, tuple):
            schema[keyword] = limit
        else:
            schema[f"exclusive{keyword.capitalize()}" if limit[1] else keyword] = limit[0]
    if one.kind == "object":
        schema |= {"required": sorted(one.required), "properties": {name: {} for name in one.properties}}
        if one.extra is None:
            schema["additionalProperties"] = False
    marks = [{keyword: json.loads(argument)} for keyword, argument in sorted(one.marks)]
    schema["allOf"] = [{}, *marks, *(side.fragment(condition) for condition in sorted(one.conditions))]
    return schema, {name: side.defs[name] for name in side.reached(schema)}
