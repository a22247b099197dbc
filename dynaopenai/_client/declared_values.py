"""Examples and defaults of a document, each held against its schema; all schemas compiled together, once.

A document of a thousand schemas that refer to each other costs as much to compile for one example as for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .._checking.contract import Contract
from .._checking.dialect import Direction
from .._checking.json import NotJSONError, member, survey
from .._checking.schema import Schema
from .._display.words import short
from .._document.defect import defect
from .._document.document import Node
from ..errors import Diagnostic, SpecError

SCHEMAS_IN = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items", "not", "additionalProperties"})
VALUES = frozenset({"default", "example", "examples"})
NAMED_IN = frozenset({"properties", "patternProperties"})


@dataclass(frozen=True)
class Given:
    """A value that the document gives for a schema; ``key``: ``default`` or ``example``, ``what``: what a message calls it."""

    node: Node
    direction: Direction
    key: str
    what: str
    value: Any


def given_in(node: Node) -> Iterator[Given]:
    """The defaults and examples inside a schema, what it refers to left aside."""
    stack = [node] if _holds_values(node.value) else []
    while stack:
        part = stack.pop()
        if not isinstance(part.value, dict):
            continue
        values = [(key, part.value[key]) for key in ("default", "example") if key in part.value]
        listed = part.value.get("examples")
        values += [("example", value) for value in listed] if isinstance(listed, list) else []
        yield from (Given(part, "any", key, f"the {key} {short(value)}", value) for key, value in values)
        for child in [part.child(key) for key in part.value if key in SCHEMAS_IN]:
            stack += [child] if isinstance(child.value, dict) else [inner for _, inner in child.children()]
        for child in [part.child(key) for key in part.value if key in NAMED_IN]:
            stack += [inner for _, inner in child.children()]


def _holds_values(schema: Any) -> bool:
    """Whether there may be some at all: nearly all schemas have none, and nothing is to be known of their places then."""
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            if not VALUES.isdisjoint(part):
                return True
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    return False


def broken_values(contract: Contract, given: Iterable[Given]) -> Iterator[Diagnostic]:
    """Those that their schema refuses, each with the place and the reason."""
    by_direction: dict[Direction, list[Given]] = {}
    for one in given:
        by_direction.setdefault(one.direction, []).append(one)
    for direction, several in by_direction.items():
        nodes = {_key(one.node): one.node for one in several}
        whole = contract.together(nodes, direction)
        try:
            _ = whole.is_valid
        except SpecError:  # one that cannot be compiled is told where it stands; the others are judged one by one
            yield from (found for one in several for found in _judged(one, _own(contract, one)))
            continue
        for one in several:
            yield from _judged(one, whole)


def _key(node: Node) -> str:
    return f"{node.document.uri}#{node.pointer}"


def _own(contract: Contract, one: Given) -> Schema | None:
    schema = contract.together({_key(one.node): one.node}, one.direction)
    try:
        _ = schema.is_valid
    except SpecError:
        return None
    return schema


def _judged(one: Given, whole: Schema | None) -> Iterator[Diagnostic]:
    if whole is None:
        return
    key = _key(one.node)
    try:
        survey(one.value)
    except NotJSONError:
        yield defect(one.node, f"invalid-{one.key}", f"{one.what} is no JSON", "", "warning")
        return
    declared = whole.schema["properties"].get(key, {})
    if whole.is_valid({key: one.value}) or whole.sub(declared).is_binary:
        return
    error = next(iter(whole.errors({key: one.value})))
    place = ""
    for step in list(error.instance_path)[1:]:
        place = member(place, step)
    reason = f"{place}: {short(str(error.message), 120).strip(chr(34))}".removeprefix(": ")
    yield defect(one.node, f"invalid-{one.key}", f"{one.what} breaks its schema: {reason}", "", "warning")
