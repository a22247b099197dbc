"""Which way a changed keyword of a schema goes: fewer values are valid, more are, or both.

Rule of this file: sound. Where it cannot be told, a change does both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .alternative import Part, Parts
from .change import NARROWS, WIDENS

BOTH = NARROWS | WIDENS
Effect = Callable[[Parts, Parts], int]  # what becomes of the values of one schema in the other


def effect_of(keyword: str, old: Mapping[str, Any], new: Mapping[str, Any], effect: Effect) -> int:
    """The effect of a change from one condition to another. ``effect``: of a change from schema to schema."""

    def inner(*tokens: str) -> int:
        return effect(_at(old, tokens), _at(new, tokens))

    mine, theirs = old[keyword], new[keyword]
    if keyword == "dependentRequired":
        pairs = [(set(mine.get(name, ())), set(theirs.get(name, ()))) for name in {*mine, *theirs}]
        found = (NARROWS if any(after - before for before, after in pairs) else 0) | (
            WIDENS if any(before - after for before, after in pairs) else 0
        )
    elif keyword in ("dependentSchemas", "patternProperties"):
        found = _together(inner(keyword, name) for name in {*mine, *theirs})
    elif keyword == "propertyNames":
        found = inner(keyword)
    elif keyword == "not":
        found = _turned(inner(keyword))
    elif keyword == "if":
        found = BOTH if inner("if") else inner("then") | inner("else")
    elif keyword == "contains":
        found = BOTH if inner("contains") else _counts(old, new)
    elif keyword == "prefixItems":
        rest = _at(old, ("items",)), _at(new, ("items",))
        places = [str(index) for index in range(max(len(mine), len(theirs)))]
        pairs_of = [(_at(old, (keyword, at)) or rest[0], _at(new, (keyword, at)) or rest[1]) for at in places]
        found = _together(effect(before, after) for before, after in [*pairs_of, rest])
    else:
        found = BOTH
    return found or BOTH


def _at(fragment: Mapping[str, Any], tokens: tuple[str, ...]) -> Parts:
    """The schema at a place of a condition; anything where there is none."""
    value: Any = fragment
    for token in tokens:
        if isinstance(value, list):
            value = value[int(token)] if int(token) < len(value) else None
        else:
            value = value.get(token)
        if value is None:
            return ()
    return (Part(value, f"@{id(fragment)}", tokens),)


def _counts(old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    """How many items must be, and may be, of a kind."""
    least = old.get("minContains", 1), new.get("minContains", 1)
    most = old.get("maxContains", float("inf")), new.get("maxContains", float("inf"))
    return (NARROWS if least[1] > least[0] or most[1] < most[0] else 0) | (
        WIDENS if least[1] < least[0] or most[1] > most[0] else 0
    )


def _together(effects: Any) -> int:
    found = 0
    for each in effects:
        found |= each
    return found


def _turned(effect: int) -> int:
    return (NARROWS if effect & WIDENS else 0) | (WIDENS if effect & NARROWS else 0)
