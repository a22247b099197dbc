"""Schemas that hold for one value together: which types they leave, what holds for its items and its members."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from .dialect import HIDDEN, NOTHING, TYPES
from .schema import Schema
from .verdict import is_pattern

Part = Any  # a canonical schema: a dict or a bool
Parts = tuple[Part, ...]  # schemas that hold for one value together


def stated(parts: Parts, keyword: str) -> list[Any]:
    """What the parts that have the keyword say by it."""
    return [part[keyword] for part in parts if keyword in part]


def types_left(part: Part) -> frozenset[str]:
    """The types that one part allows."""
    if not isinstance(part, dict):
        return TYPES if part else frozenset()
    if part in (NOTHING, HIDDEN):
        return frozenset()
    declared = part.get("type", TYPES)
    types = frozenset([declared] if isinstance(declared, str) else declared)
    return types | {"integer"} if "number" in types else types


def choices(part: dict[str, Any]) -> list[list[Parts]]:
    """For each keyword that leaves a choice, what may hold in addition."""
    branches = stated((part,), "oneOf") + stated((part,), "anyOf")
    groups: list[list[Parts]] = [[(branch, hint) for branch in group for hint in _tagged(part, branch)] for group in branches]
    if "if" in part:
        groups.append([(part["if"], part.get("then", True)), ({"not": part["if"]}, part.get("else", True))])
    for name, dependent in part.get("dependentSchemas", {}).items():
        groups.append([({"properties": {name: False}},), ({"required": [name]}, dependent)])
    return groups


def _tagged(part: dict[str, Any], branch: Part) -> list[Part]:
    """What a discriminator says of a branch; it is a hint, so it may also say nothing."""
    discriminator = part.get("discriminator", {})
    keys = [key for key, ref in discriminator.get("mapping", {}).items() if isinstance(branch, dict) and ref == branch.get("$ref")]
    if not keys:
        return [True]
    return [{"required": [discriminator["propertyName"]], "properties": {discriminator["propertyName"]: {"enum": keys}}}, True]


def at_index(parts: Parts, index: int) -> Parts:
    """What holds for the item at an index."""
    found = []
    for part in parts:
        prefix = part.get("prefixItems", ())
        if index < len(prefix):
            found.append(prefix[index])
        elif "items" in part:
            found.append(part["items"])
    return tuple(found) or tuple(stated(parts, "unevaluatedItems"))


def guests(parts: Parts, index: int, homes: dict[int, Part]) -> Parts:
    """What ``contains`` asks of the item at an index."""
    if index in homes:
        return (homes[index],)
    return tuple({"not": part["contains"]} for part in parts if "maxContains" in part and "contains" in part)


def at_name(parts: Parts, name: str) -> Parts:
    """What holds for the member of a name."""
    found: list[Part] = []
    for part in parts:
        own = [part["properties"][name]] if name in part.get("properties", {}) else []
        own += [held for pattern, held in part.get("patternProperties", {}).items() if _matches(pattern, name)]
        found += own or stated((part,), "additionalProperties")
    return tuple(found) or tuple(stated(parts, "unevaluatedProperties"))


def with_dependents(parts: Parts, names: Iterable[str]) -> list[str]:
    """The names with those that they bring along."""
    known = dict.fromkeys(names)
    queue = list(known)
    while queue:
        name = queue.pop()
        for dependents in stated(parts, "dependentRequired"):
            fresh = [other for other in dependents.get(name, ()) if other not in known]
            known |= dict.fromkeys(fresh)
            queue += fresh
    return list(known)


@lru_cache(4096)
def _matches(pattern: str, name: str) -> bool:
    return is_pattern(pattern) and Schema({"pattern": pattern}, {}, {}).is_valid(name)
