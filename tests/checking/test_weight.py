"""Schemas that name each other again and again: each branch once where that says the same, and an end everywhere."""

from __future__ import annotations

from typing import Any

import documents
import pytest

from dynaopenai import Client, SpecError
from dynaopenai._checking.weight import distinct, weight

LEVELS = 30
LEAF = {"type": "object", "properties": {"a": {"type": "integer"}}}


def ref(index: int) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/S{index}"}


def chain(make: Any) -> Client:
    schemas = {"S0": LEAF, **{f"S{index}": make(index - 1) for index in range(1, LEVELS)}}
    body = {"content": {"application/json": {"schema": ref(LEVELS - 1)}}}
    operation = {"operationId": "it", "requestBody": body, **documents.OK}
    return Client(documents.document({"/a": {"post": operation}}, components={"schemas": schemas}), base_url="http://127.0.0.1:9")


SAME = {
    "anyOf": lambda index: {"anyOf": [ref(index), ref(index)]},
    "allOf": lambda index: {"allOf": [ref(index), ref(index), ref(index)]},
    "properties": lambda index: {"type": "object", "properties": {"a": ref(index), "b": ref(index)}},
    "items": lambda index: {"anyOf": [{"type": "array", "items": ref(index)}, {"type": "array", "items": ref(index), "minItems": 1}, LEAF]},
}
HEAVY = {
    "oneOf": lambda index: {"oneOf": [ref(index), ref(index)]},
    "with other words": lambda index: {"anyOf": [ref(index), {**ref(index), "description": "again"}]},
    "in a wrap": lambda index: {"allOf": [ref(index), {"allOf": [ref(index)]}]},
    "if": lambda index: {"if": ref(index), "then": ref(index), "else": {"not": ref(index)}},
}


@pytest.mark.parametrize("kind", [*SAME, *HEAVY])
def test_it_is_shown(kind: str) -> None:
    client = chain({**SAME, **HEAVY}[kind])

    assert len(repr(client.schema(f"S{LEVELS - 1}"))) < 20_000
    assert len(client.schema(f"S{LEVELS - 1}")._repr_html_()) < 200_000
    assert "it   POST /a" in repr(client.it)
    assert client.it.__doc__
    assert len(client.it.__signature__.parameters) > 0
    assert [operation.id for operation in client.find("it")] == ["it"]


@pytest.mark.parametrize("kind", ["anyOf", "allOf"])
def test_what_says_the_same_twice_is_asked_once(kind: str) -> None:
    client = chain(SAME[kind])
    name = f"S{LEVELS - 1}"

    assert client.validate(name, {"a": 1}) == []
    assert [str(found) for found in client.validate(name, {"a": "x"})] == ['a: found "x" (a string), expected an integer']
    assert client.it.example() == {}


@pytest.mark.parametrize("kind", HEAVY)
def test_what_unfolds_without_end_is_refused(kind: str) -> None:
    client = chain(HEAVY[kind])

    with pytest.raises(SpecError, match="branches that unfold to more than 1,000,000"):
        client.validate(f"S{LEVELS - 1}", {"a": 1})


def test_branches_are_told_apart_by_all_that_they_say() -> None:
    branches = [{"type": "string"}, {"minLength": 1}, {"type": "string"}, True, {"minLength": 1}, {"type": ["string"]}]

    assert distinct(branches) == [{"type": "string"}, {"minLength": 1}, True, {"type": ["string"]}]


def test_a_circle_has_a_weight() -> None:
    defs = {"A": {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]}, "B": {"allOf": [{"$ref": "#/$defs/A"}, True]}}

    assert weight({"$ref": "#/$defs/A"}, defs, lambda name: name.rpartition("/")[2]) < 20


def test_unions_within_unions_are_explained_in_bounded_work() -> None:
    """At each level both branches take the value, and both fail at the bottom."""
    tree = {"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/T"}}, {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/T"}}]}
    client = Client(documents.document({}, components={"schemas": {"T": tree}}))
    value: Any = 1
    for _ in range(17):
        value = [value]

    [found] = client.validate("T", value)

    assert "[0][0]" in found.path or found.path == ""


def node(**more: Any) -> dict[str, Any]:
    return {"type": "object", **more}


SELF = {"$ref": "#/components/schemas/T"}
ANCHORED = {"$dynamicRef": "#node"}
RECURSIVE = {
    "tagged": {"anyOf": [node(properties={"child": SELF, "kind": {"const": kind}}, required=["kind"]) for kind in "abc"]},
    "oneOf": {"oneOf": [node(properties={"child": SELF}, required=["a"]), node(properties={"child": SELF}, required=["b"])]},
    "allOf": {"allOf": [node(properties={"child": SELF}), node(properties={"child": SELF}, minProperties=1)]},
    "if": {"if": node(properties={"child": SELF}), "then": node(properties={"child": SELF}), "else": node(properties={"child": SELF})},
    "not": {"not": node(properties={"child": {"not": SELF}}, required=["none"]), "properties": {"child": SELF}},
    "names": {"allOf": [node(additionalProperties={"anyOf": [SELF, {"const": "b"}]}), node(patternProperties={"^child$": SELF})]},
    "anchor": {"$dynamicAnchor": "node", "anyOf": [node(properties={"child": ANCHORED, "kind": {"const": kind}}) for kind in "ab"]},
    "unevaluated": {"anyOf": [node(properties={"child": SELF, "kind": True}), node(properties={"child": SELF, "b": True})], "unevaluatedProperties": False},
}


@pytest.mark.parametrize("depth", [3, 16, 60])
@pytest.mark.parametrize("leaf", [{"kind": "z"}, 1, [1]], ids=repr)
@pytest.mark.parametrize("kind", RECURSIVE)
def test_branches_that_lead_to_the_same_member_are_asked_in_bounded_work(kind: str, leaf: Any, depth: int) -> None:
    """Each way through the branches is another: 2 ** 60 of them."""
    client = Client(documents.document({}, components={"schemas": {"T": RECURSIVE[kind]}}))
    value: Any = leaf
    for _ in range(depth):
        value = {"child": value, "kind": "b"}

    found = client.validate("T", value)

    assert bool(found) is not client.schema("T").is_valid(value)
    assert all(str(each) for each in found)
