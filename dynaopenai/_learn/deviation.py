"""How one answer differs from what the document says of it, place by place.

A place is told for all items of a list together, ``choices[].index``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .._checking.contract import Contract
from .._checking.json import member
from .._checking.schema import Schema
from .._checking.violation import kind as kind_of
from .._checking.violation import violations
from .._display.words import one_of, short
from .._document.document import Node
from .._request import media_type as _media_type
from ..errors import SpecError, Violation

IN_PLACE = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True)
class Deviation:
    """One way in which answers differ from the document.

    Attributes:
        kind: ``undeclared-field``, ``undeclared-status``, ``undeclared-content-type``, or ``invalid``.
        operation_id, status, path: where.
        message: what was found and what was expected.
        count: how often it was seen.
        example: what was found.
        pointer: the place in the document that would have to change.
    """

    kind: str
    operation_id: str
    status: int
    path: str
    message: str
    count: int
    example: Any
    pointer: str
    fault: Hashable = field(default=None, compare=False, repr=False)  # the kind of it, where the verdict found it

    @property
    def key(self) -> Hashable:
        """What is counted together."""
        return self.kind, self.operation_id, self.status, self.path, self.message

    def __str__(self) -> str:
        place = f"{self.status}.{self.path}" if self.path else str(self.status)
        return f"{self.operation_id} {place}: {self.message} ({self.count}x, {short(self.example, 40)})"


@dataclass(frozen=True)
class Answer:
    """A decoded answer as it came; its body is left out where ``is_file``."""

    operation_id: str
    status: int
    content_type: str
    body: Any = None
    is_file: bool = False


# --- one answer ----------------------------------------------------------------------------------


def deviations(contract: Contract, answer: Answer) -> Iterator[Deviation]:
    """How an answer differs from the document."""
    operation = contract.operation(answer.operation_id)
    declared = operation.response_for(answer.status)
    base = operation.node.pointer
    if declared is None:
        message = f"found {answer.status}, which is not declared, expected {one_of(list(operation.responses))}"
        yield _deviation(answer, "undeclared-status", "", message, answer.status, f"#{base}/responses")
        return
    if not answer.content_type:
        return
    media = _media_type.match(declared.content, answer.content_type)
    if media is None:
        expected = one_of([each.name for each in declared.content.values()])
        message = f"found {short(answer.content_type)}, expected {expected}"
        yield _deviation(answer, "undeclared-content-type", "", message, answer.content_type, f"#{base}/responses")
        return
    node = _media_type.item_of(media)
    if node is None or answer.is_file:
        return
    for violation in violations(contract.schema(node, "response"), answer.body):
        yield _from_violation(answer, violation)
    for place, holder, value in undeclared(node, answer.body, ""):
        yield _deviation(answer, "undeclared-field", place, "not declared", value, holder.place)


def schema_of(contract: Contract, answer: Answer) -> Schema | None:
    """What the document says that such an answer is; None where it says nothing of it."""
    declared = contract.operation(answer.operation_id).response_for(answer.status)
    media = _media_type.match(declared.content, answer.content_type) if declared and answer.content_type else None
    node = _media_type.item_of(media) if media is not None and not answer.is_file else None
    return contract.schema(node, "response") if node is not None else None


def _from_violation(answer: Answer, violation: Violation) -> Deviation:
    kind, message, pointer = "invalid", violation.message, violation.schema_path
    if pointer.endswith(("/additionalProperties", "/unevaluatedProperties")):
        kind, message, pointer = "undeclared-field", "not declared", pointer.rpartition("/")[0]
    deviation = _deviation(answer, kind, violation.path, message, violation.value, pointer)
    return replace(deviation, fault=kind_of(violation))


def _deviation(answer: Answer, kind: str, path: str, message: str, example: Any, pointer: str) -> Deviation:
    shared = re.sub(r"\[\d+\]", "[]", path)
    kept = example if len(str(example)) <= 400 else short(example)
    return Deviation(kind, answer.operation_id, answer.status, shared, message, 1, copy.deepcopy(kept), pointer)


# --- undeclared fields ---------------------------------------------------------------------------


def undeclared(node: Node, value: Any, path: str) -> Iterator[tuple[str, Node, Any]]:
    """(path, the schema that should declare it, value) of each field that open objects let pass."""
    if isinstance(value, dict):
        schemas = [each for each in in_place(node) if isinstance(each.value.get("properties"), dict)]
        is_open = any(
            each.value.get("additionalProperties") or "patternProperties" in each.value for each in in_place(node)
        )
        for name, item in value.items():
            owner = next((each for each in schemas if name in each.value["properties"]), None)
            if owner is not None:
                yield from undeclared(owner.child("properties").child(name), item, member(path, name))
            elif (
                schemas and not is_open and all(each.value.get("additionalProperties") is not False for each in schemas)
            ):
                yield member(path, name), _likeliest(schemas, value), item
    elif isinstance(value, list):
        items = next(
            (each.child("items") for each in in_place(node) if isinstance(each.value.get("items"), dict)), None
        )
        for item in value if items is not None else ():
            assert items is not None
            yield from undeclared(items, item, f"{path}[]")


def _likeliest(schemas: list[Node], value: dict[str, Any]) -> Node:
    return max(schemas, key=lambda each: len(each.value["properties"].keys() & value.keys()))


def in_place(node: Node, seen: frozenset[str] = frozenset()) -> Iterator[Node]:
    """Every schema in the document that speaks of the same value."""
    try:
        node = node.resolve()
    except SpecError:
        return
    if not isinstance(node.value, dict) or node.pointer in seen:
        return
    seen |= {node.pointer}
    yield node
    for keyword in IN_PLACE:
        branches = node.get(keyword)
        for _, branch in branches.children() if branches else ():
            yield from in_place(branch, seen)
