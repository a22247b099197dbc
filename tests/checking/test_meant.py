"""Schemas that no value fits, or that say what their authors did not mean, are read as meant, and told."""

from __future__ import annotations

from typing import Any

import pytest

from dynaopenai import Client
from dynaopenai.testing import example

TEXT, INTEGER = {"type": "string"}, {"type": "integer"}


def client(schema: Any, version: str = "3.0.3", **others: Any) -> Client:
    schemas = {"It": schema, **others}
    return Client({"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": schemas}})


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def codes(api: Client) -> list[str]:
    return sorted({one.code for one in api.diagnostics})


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "string", "enum": [1, 2]}, ["1", "2"], [1, "3"]),
        ({"type": "string", "enum": [True, "x"]}, ["x", "true"], [True]),
        ({"type": "integer", "enum": ["1", "2"]}, [1, 2], ["1", 3]),
        ({"type": "number", "enum": ["1.5"]}, [1.5], ["1.5"]),
        ({"type": "boolean", "enum": ["true"]}, [True], [False, "true"]),
        ({"type": "string", "const": 1}, ["1"], [1]),
        ({"type": "array", "items": TEXT, "enum": ["a", "b"]}, [["a"], ["a", "b"], []], ["a", ["c"]]),
        ({"type": "array", "enum": ["a"]}, [["a"]], ["a", ["c"]]),
    ],
)
def test_values_of_another_type_than_declared_are_read_as_meant(schema: Any, right: list[Any], wrong: list[Any]) -> None:
    api = client(schema)

    assert [value for value in right if api.validate("It", value)] == []
    assert [value for value in wrong if not api.validate("It", value)] == []
    assert codes(api) == ["values-of-another-type"]
    assert api.validate("It", example("It", client=api)) == []


@pytest.mark.parametrize("schema", [{"type": "integer", "enum": ["a"]}, {"type": "object", "enum": ["a"]}, {"type": "boolean", "const": "yes"}])
def test_values_that_no_type_allows_are_an_error_and_passed_over(schema: Any) -> None:
    api = client(schema)

    assert [(one.severity, one.code) for one in api.diagnostics] == [("error", "impossible-values")]
    assert api.validate("It", example("It", client=api)) == []


@pytest.mark.parametrize("schema", [{"type": "string", "enum": ["1", None]}, {"type": "number", "enum": [1, 2.5]}, {"enum": [1, "a"]}, {"type": ["string", "null"], "enum": ["a"]}])
def test_values_that_their_type_allows_are_left_alone(schema: Any) -> None:
    assert codes(client(schema, "3.1.0")) == []


@pytest.mark.parametrize(
    ("left", "right", "value"),
    [
        (obj(cursor=TEXT), obj(limit=INTEGER), {"cursor": "abc"}),
        (obj("type", type={"type": "string", "enum": ["a", "b"]}), {"allOf": [obj("type", type={"type": "string", "enum": ["a", "b"]}), obj(name=TEXT)]}, {"type": "b", "name": "s"}),
        (obj(a=TEXT), obj(a=TEXT), {"a": "x"}),
        (TEXT, TEXT, "a"),
    ],
)
def test_branches_of_which_one_takes_all_of_another_are_alternatives(left: Any, right: Any, value: Any) -> None:
    for branches in ([ref("Left"), ref("Right")], [ref("Right"), ref("Left")]):
        api = client({"oneOf": branches}, Left=left, Right=right)
        assert api.validate("It", value) == []
        assert api.validate("It", example("It", client=api)) == []
        assert codes(api) == ["overlapping-branches"]


@pytest.mark.parametrize(
    ("left", "right", "value"),
    [
        (INTEGER, {"type": "number"}, 1),
        ({"type": "string", "enum": ["a"]}, TEXT, "a"),
        (obj("id", id=TEXT), obj("id", "name", id=TEXT, name=TEXT), {"id": "1", "name": "n"}),
        ({}, obj(a=TEXT), {"a": "x"}),
    ],
)
def test_a_branch_inside_another_is_told_and_meant_where_a_discriminator_tells_them_apart(left: Any, right: Any, value: Any) -> None:
    branches = {"oneOf": [ref("Left"), ref("Right")]}
    strict, told = client(branches, Left=left, Right=right), client({**branches, "discriminator": {"propertyName": "kind"}}, Left=left, Right=right)

    assert codes(strict) == codes(told) == ["overlapping-branches"]
    assert (bool(strict.validate("It", value)), told.validate("It", value)) == (True, [])


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        (obj("a", a=TEXT), obj("b", b=TEXT), {"a": "x", "b": "y"}),
        ({**obj(a=TEXT), "additionalProperties": False}, {**obj(b=TEXT), "additionalProperties": False}, {}),
        (obj(kind={"type": "string", "enum": ["a"]}), obj(kind={"type": "string", "enum": ["b"]}), {}),
        ({"type": "string", "maxLength": 3}, {"type": "string", "minLength": 2}, "abc"),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "uuid"}, None),
        ({"required": ["a"]}, {"required": ["b"]}, {"a": 1, "b": 1}),
    ],
)
def test_branches_that_can_be_told_apart_stay_exclusive(left: Any, right: Any, both: Any) -> None:
    api = client({"oneOf": [left, right]})

    assert codes(api) == []
    assert both is None or api.validate("It", both)[0].message.startswith("found")


def test_a_broken_member_of_a_branch_is_told_where_it_stands() -> None:
    api = client({"oneOf": [obj("a", a=INTEGER), obj("a", a=INTEGER, b=INTEGER)]})

    (found,) = api.validate("It", {"a": "x"})

    assert found.schema_path == "#/components/schemas/It/oneOf/0/properties/a/type"


# --- readOnly, writeOnly -------------------------------------------------------------------------

FLAGGED = {
    "beside": ({"allOf": [ref("Base"), {"required": ["id", "name"]}]}, {"Base": obj(id={**TEXT, "readOnly": True}, name=TEXT)}),
    "in the other branch": ({"allOf": [{"required": ["id", "name"]}, ref("Base")]}, {"Base": obj(id={**TEXT, "readOnly": True}, name=TEXT)}),
    "required by what is referred to": ({"allOf": [ref("Needs"), obj(id={**TEXT, "readOnly": True}, name=TEXT)]}, {"Needs": {"required": ["id", "name"]}}),
    "required two levels down": (
        {"allOf": [ref("Outer"), obj(id={**TEXT, "readOnly": True}, name=TEXT)]},
        {"Outer": {"allOf": [ref("Needs")]}, "Needs": {"required": ["id", "name"]}},
    ),
    "in the property's own allOf": (obj("id", "name", id={"allOf": [ref("Id"), {"readOnly": True}]}, name=TEXT), {"Id": TEXT}),
    "in what the property refers to": (obj("id", "name", id=ref("Id"), name=TEXT), {"Id": {"allOf": [{**TEXT, "readOnly": True}]}}),
}


def body(schema: Any, others: dict[str, Any]) -> Any:
    content = {"content": {"application/json": {"schema": ref("It")}}}
    put = {"operationId": "put", "requestBody": {**content, "required": True}, "responses": {"200": {"description": "", **content}}}
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"put": put}}, "components": {"schemas": {"It": schema, **others}}}
    return Client(document, base_url="http://h").put


@pytest.mark.parametrize("case", FLAGGED)
def test_what_is_read_only_is_not_required_in_a_request_whichever_branch_says_so(case: str) -> None:
    op = body(*FLAGGED[case])

    assert [argument.name for argument in op.arguments] == ["name"]
    assert op.validate_request(name="n") == []
    assert [one.path for one in op.validate_request()] == ["name"]
    assert [one.path for one in op.validate_response({"name": "n"})] == ["id"]


@pytest.mark.parametrize("case", FLAGGED)
def test_an_answer_may_be_put_back(case: str) -> None:
    op = body(*FLAGGED[case])
    got = {"name": "n", "id": "x"}

    assert op.validate_request(got) == op.validate_request(**got) == []
    assert op.prepare(**got).body == b'{"name":"n","id":"x"}'


def test_what_is_write_only_is_not_required_of_an_answer() -> None:
    op = body({"allOf": [obj(pw={**TEXT, "writeOnly": True}, n=TEXT), {"required": ["pw", "n"]}]}, {})

    assert op.validate_response({"n": "x"}) == []
    assert [one.path for one in op.validate_request(n="x")] == ["pw"]


# --- the rest ------------------------------------------------------------------------------------


def test_what_is_required_and_not_declared_is_a_keyword() -> None:
    op = body(obj("b", a=TEXT), {})

    assert [(argument.name, argument.required) for argument in op.arguments] == [("a", False), ("b", True)]
    assert op.prepare(**op.example()).body == b'{"b":"b"}'


def test_nullable_is_told_since_3_1_and_read_as_meant() -> None:
    schema = {"type": "string", "nullable": True}

    assert (codes(client(schema)), codes(client(schema, "3.1.0"))) == ([], ["nullable-since-3.1"])
    assert client(schema, "3.1.0").validate("It", None) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"description": None}, {"title": None}, {"title": 3}, {"deprecated": "yes"}, {"readOnly": "x"}, {"items": []}, {"items": None},
        {"required": None}, {"enum": None}, {"pattern": None}, {"minLength": None}, {"maxLength": "x"}, {"examples": {}}, {"allOf": None}, {"properties": None},
        {"anyOf": []}, {"oneOf": {}}, {"additionalProperties": None}, {"type": None}, {"type": []}, {"format": 3}, {"discriminator": 3},
    ],
)  # fmt: skip
def test_a_keyword_of_the_wrong_kind_costs_that_keyword(broken: dict[str, Any]) -> None:
    api = client(obj("name", name={**broken, "x-note": 1}, other=INTEGER))

    assert api.validate("It", {"name": "a", "other": 1}) == []
    assert [one.path for one in api.validate("It", {"name": "a", "other": "x"})] == ["other"]
    assert all(one.code != "the-schema-cannot-be-used" for one in api.diagnostics)
