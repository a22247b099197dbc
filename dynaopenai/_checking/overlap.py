"""Branches of a ``oneOf`` of which one takes whatever another does: no value of that other could ever be valid.

Authors write ``oneOf`` for "one of these kinds", and draw open objects that are not kept apart: with ``oneOf`` as JSON Schema
defines it, what fits one branch fits its neighbour too, and is refused. Only structure is looked at, and only what is sure
counts: a branch with a keyword that is not understood here is taken to be apart from every other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .._document.document import Node
from .._document.operation_ids import list_of
from ..errors import SpecError
from .json import types_of

CHECKED_FORMATS = frozenset({"date", "date-time", "uuid", "ipv4", "ipv6", "email", "uri", "byte"})  # others keep nothing apart
MOST_BRANCHES = 60
MOST_LEVELS = 8
ALL = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
SILENT = frozenset(
    {"title", "description", "default", "deprecated", "readOnly", "writeOnly", "example", "examples", "externalDocs", "xml"}
    | {"$ref", "allOf", "type", "properties", "required", "enum", "const", "discriminator", "nullable", "additionalProperties"}
)


@dataclass(frozen=True)
class Facts:
    """What a branch says, as far as it is understood.

    Attributes:
        values: those that it lists, None for any.
        rest: keywords that are not understood, with what they say: the same ones say the same.
    """

    types: frozenset[str] = ALL
    required: frozenset[str] = frozenset()
    properties: Mapping[str, Node] = field(default_factory=dict)
    is_closed: bool = False
    values: tuple[Any, ...] | None = None
    rest: tuple[tuple[str, str], ...] = ()


def overlap(branches: Node) -> Literal["", "one-way", "mutual"]:
    """Whether one of the branches takes all that another takes; ``mutual``: and that other all that the one takes."""
    children = [child for _, child in branches.children()]
    if len(children) > MOST_BRANCHES:
        return ""
    facts = [found for child in children if (found := _facts(child, 0)) is not None]
    within = {(one, other) for one, inner in enumerate(facts) for other, outer in enumerate(facts) if one != other and not _escapes(inner, outer, 0)}
    return "" if not within else "mutual" if any((other, one) in within for one, other in within) else "one-way"


def _facts(node: Node, depth: int) -> Facts | None:
    """None: it cannot be told."""
    try:
        node = node.resolve()
    except SpecError:
        return None
    declared = node.value
    if not isinstance(declared, dict) or depth > MOST_LEVELS:
        return None
    facts = Facts()
    for _, branch in _list(node, "allOf"):
        inner = _facts(branch, depth + 1)
        if inner is None:
            return None
        facts = _both(facts, inner)
    return _both(facts, _own(node, declared))


def _own(node: Node, declared: Mapping[str, Any]) -> Facts:
    listed = list_of(declared.get("enum")) or ([declared["const"]] if "const" in declared else None)
    required = list_of(declared.get("required"))
    properties = node.get("properties")
    types = declared.get("type")
    named = frozenset([types] if isinstance(types, str) else types if isinstance(types, list) else ALL)
    if declared.get("nullable") is True:
        named |= {"null"}
    unknown = {key: repr(value) for key, value in declared.items() if key not in SILENT and not key.startswith("x-")}
    if declared.get("format") not in (*CHECKED_FORMATS, "binary"):
        unknown.pop("format", None)
    if isinstance(declared.get("additionalProperties"), dict) and declared["additionalProperties"]:
        unknown["additionalProperties"] = repr(declared["additionalProperties"])
    return Facts(
        types=named & ALL or ALL,
        required=frozenset(name for name in required if isinstance(name, str)),
        properties=dict(properties.children()) if properties is not None else {},
        is_closed=declared.get("additionalProperties") is False,
        values=tuple(listed) if listed is not None else None,
        rest=tuple(sorted(unknown.items())),
    )


def _both(one: Facts, other: Facts) -> Facts:
    values = one.values if other.values is None else other.values if one.values is None else tuple(v for v in one.values if v in other.values)
    return replace(
        one,
        types=one.types & other.types,
        required=one.required | other.required,
        properties={**one.properties, **other.properties},
        is_closed=one.is_closed or other.is_closed,
        values=values,
        rest=tuple(sorted({*one.rest, *other.rest})),
    )


def _list(node: Node, keyword: str) -> Iterator[tuple[str, Node]]:
    child = node.get(keyword)
    return child.children() if child is not None and isinstance(child.value, list) else iter(())


def _escapes(inner: Facts, outer: Facts, depth: int) -> bool:
    """Whether some plain value of ``inner`` is none of ``outer``."""
    if not inner.types <= (outer.types | ({"integer"} if "number" in outer.types else set())):
        return True
    if set(outer.rest) - set(inner.rest) or depth > MOST_LEVELS:
        return True  # it may refuse what the other takes
    if outer.values is not None and (inner.values is None or any(value not in outer.values for value in inner.values)):
        return True
    if inner.values is not None and not any(set(types_of(value)) <= outer.types for value in inner.values):
        return True
    if "object" not in inner.types:
        return False
    if outer.required - inner.required or (outer.is_closed and set(inner.properties) - set(outer.properties)):
        return True
    return any(_member_escapes(inner.properties[name], node, depth) for name, node in outer.properties.items() if name in inner.properties)


def _member_escapes(inner: Node, outer: Node, depth: int) -> bool:
    if (inner.document.uri, inner.pointer) == (outer.document.uri, outer.pointer) or inner.value == outer.value:
        return False
    one, other = _facts(inner, depth + 1), _facts(outer, depth + 1)
    return one is None or other is None or _escapes(one, other, depth + 1)
