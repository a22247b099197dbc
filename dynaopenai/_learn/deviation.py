"""How one sample differs from what the document says of it, place by place.

A place is told for all items of a list together, ``choices[].index``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

from .._checking import json as _json
from .._checking.check import violations
from .._checking.contract import Contract
from .._checking.dialect import Direction
from .._checking.fault import Fault
from .._checking.json import member
from .._checking.schema import Schema
from .._checking.violation import account_of
from .._checking.violation import kind as kind_of
from .._display.visible import visible
from .._display.words import not_declared, one_of, short
from .._document import openapi
from .._document.document import Node
from .._request import media_type as _media_type
from ..errors import SpecError, Violation
from .sample import Sample

IN_PLACE = ("allOf", "anyOf", "oneOf")
DIRECTIONS: Mapping[str, Direction] = {"request": "request", "answer": "response"}
Way = tuple[Node, ...]  # the references on the way to a place, and the place
Seen = dict[tuple[str, str], list[Way]]  # what speaks of the same value, by place
_SEEN: WeakKeyDictionary[Contract, Seen] = WeakKeyDictionary()


@dataclass(frozen=True)
class Deviation:
    """One way in which a server differs from the document.

    Attributes:
        kind: ``undeclared-field``, ``undeclared-status``, ``undeclared-content-type``, or ``invalid``.
        operation_id, status, path: where.
        message: what was found and what was expected.
        count: how often it was seen.
        example: what was found.
        pointer: the place in the document that would have to change.
        side: ``answer``, or ``request`` where the server took what the document refuses.
    """

    kind: str
    operation_id: str
    status: int
    path: str
    message: str
    count: int
    example: Any
    pointer: str
    side: str = "answer"
    fault: Hashable = field(default=None, compare=False, repr=False)  # the kind of it, where the verdict found it
    cause: Fault | None = field(default=None, compare=False, repr=False)
    value: Any = field(default=None, compare=False, repr=False)  # the example, whole
    way: Way = field(default=(), compare=False, repr=False)

    @property
    def key(self) -> Hashable:
        """What is counted together."""
        return self.kind, self.operation_id, self.side, self.status, self.path, self.message

    def __str__(self) -> str:
        head = str(self.status) if self.side == "answer" else "request"
        place = f"{head}.{self.path}" if self.path else head
        return visible(f"{self.operation_id} {place}: {self.message} ({self.count}x, {short(self.example, 40)})")


# --- one sample ----------------------------------------------------------------------------------


def deviations(contract: Contract, sample: Sample) -> Iterator[Deviation]:
    """How a sample differs from the document."""
    operation = contract.operation(sample.operation_id)
    holder, content = declared_content(operation, sample)
    if content is None:
        message = not_declared(str(sample.status), operation.responses)
        yield _deviation(sample, "undeclared-status", "", message, sample.status, (holder,))
        return
    if not sample.content_type:
        return
    media = _media_type.match(content, sample.content_type)
    if media is None:
        expected = one_of([each.name for each in content.values()])
        message = f"found {short(sample.content_type)}, expected {expected}"
        yield _deviation(sample, "undeclared-content-type", "", message, sample.content_type, _followed(holder))
        return
    node = _media_type.item_of(media)
    if node is None or sample.is_file:
        return
    schema = contract.schema(node, DIRECTIONS[sample.side])
    try:
        body = _valued(sample, schema)
    except _json.DecodeError:
        return
    head = _followed(holder)[:-1]
    for violation in violations(schema, body):
        yield _from_violation(sample, violation, head)
    seen = _SEEN.setdefault(contract, {})
    for place, way, value in undeclared(node, body, "", head, seen):
        yield _deviation(sample, "undeclared-field", place, "not declared", value, way)


def _valued(sample: Sample, schema: Schema) -> Any:
    """The body as the schema speaks of it: XML, which was kept as the text that it is, is read by it.

    Raises:
        DecodeError: it writes a value in a way of its own, YAML or CSV, or is no XML.
    """
    kind, body = _media_type.kind_of(sample.content_type), sample.body
    if kind == "xml" and _media_type.is_xml_text(body):
        return _media_type.xml_value(body, schema)
    if kind in ("text", "xml") and isinstance(body, str) and "string" not in schema.types:
        raise _json.DecodeError("a text in a way of its own")
    return body


def declared_content(operation: openapi.Operation, sample: Sample) -> tuple[Node, Mapping[str, openapi.MediaType] | None]:
    """What the document says such a body may be, and where; None where it knows no such answer."""
    node = operation.node
    if sample.side == "request":
        body = operation.request_body
        holder = node.get("requestBody")
        return (holder, body.content) if body is not None and holder is not None else (node, {})
    declared = operation.response_for(sample.status)
    responses = node.get("responses") or node
    holder = responses.get(declared.status) if declared is not None else None
    return (holder or responses, declared.content if declared is not None else None)


def _followed(node: Node) -> Way:
    """The references that are followed from a place, and what is there then.

    Raises:
        SpecError: one of them leads nowhere, or in a circle.
    """
    passed: Way = ()
    while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
        if node in passed:
            raise node.error("$ref leads in a circle", found=short(node.value["$ref"]))
        passed, node = (*passed, node), node.follow(node.value["$ref"])
    return (*passed, node)


def schema_of(contract: Contract, sample: Sample) -> Schema | None:
    """What the document says that such a body is; None where it says nothing of it."""
    _, content = declared_content(contract.operation(sample.operation_id), sample)
    media = _media_type.match(content, sample.content_type) if content and sample.content_type else None
    node = _media_type.item_of(media) if media is not None and not sample.is_file else None
    return contract.schema(node, DIRECTIONS[sample.side]) if node is not None else None


def _from_violation(sample: Sample, violation: Violation, head: Way) -> Deviation:
    kind, message, account = "invalid", violation.message, account_of(violation)
    if violation.schema_path.endswith(("/additionalProperties", "/unevaluatedProperties")):
        kind, message = "undeclared-field", "not declared"
    way = (*head, *account.way) if account is not None else ()
    deviation = _deviation(sample, kind, violation.path, message, violation.value, way)
    cause = account.cause if account is not None else None
    return replace(deviation, pointer=violation.schema_path, fault=kind_of(violation), cause=cause)


def _deviation(sample: Sample, kind: str, path: str, message: str, example: Any, way: Way) -> Deviation:
    shared = re.sub(r"\[\d+\]", "[]", path)
    kept = example if len(str(example)) <= 400 else short(example)
    pointer = way[-1].place if way else ""
    return Deviation(
        kind, sample.operation_id, sample.status, shared, message, 1, copy.deepcopy(kept), pointer, sample.side,
        value=example, way=way,
    )  # fmt: skip


# --- undeclared fields ---------------------------------------------------------------------------


def undeclared(node: Node, value: Any, path: str, head: Way, seen: Seen) -> Iterator[tuple[str, Way, Any]]:
    """(path, the way to the schema that should declare it, value) of each field that open objects let pass."""
    if isinstance(value, dict):
        every = _all_in_place(node, seen)
        schemas = [way for way in every if isinstance(way[-1].value.get("properties"), dict)]
        is_open = any(each[-1].value.get("additionalProperties") or "patternProperties" in each[-1].value for each in every)
        is_closed = any(each[-1].value.get("additionalProperties") is False for each in schemas)
        for name, item in value.items():
            owner = next((way for way in schemas if name in way[-1].value["properties"]), None)
            if owner is not None:
                if isinstance(item, (dict, list)):
                    below = owner[-1].child("properties").child(name)
                    yield from undeclared(below, item, member(path, name), (*head, *owner[:-1]), seen)
            elif schemas and not is_open and not is_closed:
                yield member(path, name), (*head, *_likeliest(schemas, value)), item
    elif isinstance(value, list):
        way = next((way for way in _all_in_place(node, seen) if isinstance(way[-1].value.get("items"), dict)), None)
        for item in value if way is not None else ():
            if isinstance(item, (dict, list)):
                assert way is not None
                yield from undeclared(way[-1].child("items"), item, f"{path}[]", (*head, *way[:-1]), seen)


def _all_in_place(node: Node, seen: Seen) -> list[Way]:
    key = (node.document.uri, node.pointer)
    if key not in seen:
        seen[key] = list(in_place(node))
    return seen[key]


def _likeliest(schemas: list[Way], value: dict[str, Any]) -> Way:
    """The object that was meant: one for whose kind the value says that it is, with most of its members."""

    def likeness(way: Way) -> tuple[bool, int]:
        declared = way[-1].value["properties"]
        tags = {name: part for name, part in declared.items() if isinstance(part, dict) and len(_choices(part)) == 1}
        fits = all(value.get(name) in _choices(part) for name, part in tags.items() if name in value)
        return fits, len(declared.keys() & value.keys())

    return max(schemas, key=likeness)


def _choices(schema: dict[str, Any]) -> list[Any]:
    declared = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return declared if isinstance(declared, list) else []


def in_place(node: Node, head: Way = (), seen: frozenset[str] = frozenset()) -> Iterator[Way]:
    """The way to every schema in the document that speaks of the same value."""
    try:
        *passed, node = _followed(node)
    except SpecError:
        return
    if not isinstance(node.value, dict) or node.pointer in seen:
        return
    seen |= {node.pointer}
    yield (*head, *passed, node)
    for keyword in IN_PLACE:
        branches = node.get(keyword)
        for _, branch in branches.children() if branches else ():
            yield from in_place(branch, (*head, *passed), seen)
