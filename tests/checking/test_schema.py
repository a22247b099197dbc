"""A schema's structure is seen through references and branches; it guides, the verdict decides."""

from typing import Any

import pytest
from documents import document

from dynaopenai import Client
from dynaopenai._checking import verdict as _verdict
from dynaopenai._checking.formats import FORMATS
from dynaopenai._checking.schema import Schema, types_of

SCHEMAS: dict[str, Any] = {
    "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    "Dog": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"bark": {"type": "boolean"}}, "required": ["bark"]}]},
    "Cat": {"allOf": [{"$ref": "#/components/schemas/Base"}], "properties": {"id": {"type": "string", "maxLength": 3}}},
    "Pet": {"oneOf": [{"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Cat"}, {"type": "null"}]},
    "Self": {"anyOf": [{"$ref": "#/components/schemas/Self"}, {"type": "integer"}]},
    "List": {"type": "array", "items": {"$ref": "#/components/schemas/Base"}},
    "Open": {"type": "object", "additionalProperties": {"type": "integer"}},
    "File": {"type": "string", "format": "binary"},
    "Never": False,
    "Word": {"enum": ["a", None, 1]},
}


def schema(name: str) -> Schema:
    return Client(document({}, "3.1.0", components={"schemas": SCHEMAS})).schema(name)


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("Base", {"object"}),
        ("Dog", {"object"}),
        ("Pet", {"object", "null"}),
        ("List", {"array"}),
        ("Never", set()),
        ("Word", {"string", "null", "integer", "number"}),
    ],
)
def test_the_types_that_a_value_may_have(name: str, types: set[str]) -> None:
    assert schema(name).types == types


def test_a_schema_that_refers_to_itself_says_nothing_of_its_types() -> None:
    assert "integer" in schema("Self").types


@pytest.mark.parametrize(("name", "properties", "required"), [("Dog", ["id", "bark"], {"id", "bark"}), ("Cat", ["id"], {"id"}), ("Pet", ["id", "bark"], {"id"}), ("List", [], set())])
def test_properties_and_required_names_are_collected(name: str, properties: list[str], required: set[str]) -> None:
    found = schema(name)

    assert (list(found.properties), found.required) == (properties, required)


def test_a_property_that_is_declared_twice_may_be_either() -> None:
    assert schema("Cat").properties["id"].is_valid("long enough")
    assert not schema("Cat").is_valid({"id": "long enough"})


@pytest.mark.parametrize(("name", "is_open", "is_binary"), [("Base", False, False), ("Open", True, False), ("File", True, True)])
def test_what_a_body_may_hold(name: str, is_open: bool, is_binary: bool) -> None:
    assert (schema(name).is_open, schema(name).is_binary) == (is_open, is_binary)


def test_the_items_of_an_array_are_a_schema_of_their_own() -> None:
    items = schema("List").items

    assert items is not None
    assert items.is_valid({"id": "x"})
    assert not items.is_valid({})


@pytest.mark.parametrize(("value", "types"), [(None, {"null"}), (True, {"boolean"}), (1, {"integer", "number"}), (1.0, {"integer", "number"}), (1.5, {"number"}), ("", {"string"}), ({}, {"object"}), ([], {"array"}), (b"", set())])
def test_a_value_has_its_json_types(value: Any, types: set[str]) -> None:
    assert types_of(value) == types


FORMATTED = [
    ("date", ["2024-02-29", "0001-01-01"], ["2023-02-29", "2024-2-1", "20240229", "2024-02-29T00:00:00Z", ""]),
    ("date-time", ["2024-02-29T23:59:60Z", "2024-01-01t00:00:00.123456789+23:59"], ["2024-01-01", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00+24:00", "٢024-01-01T00:00:00Z"]),
    ("uuid", ["123E4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}"]),
    ("ipv4", ["192.0.2.1"], ["192.0.2", "192.0.2.256", "::1"]),
    ("ipv6", ["::1", "2001:db8::"], ["1.2.3.4", "fe80::1%eth0", ":::"]),
    ("email", ["a@b"], ["a", "@b", "a b@c"]),
    ("uri", ["https://example.com/", "urn:x:y"], ["example.com", "/a", "a b:c"]),
    ("byte", ["SGVsbG8=", "", "SGVs\nbG8="], ["%%%", "a===" + "="]),
]


@pytest.mark.parametrize(("name", "valid", "invalid"), FORMATTED, ids=[case[0] for case in FORMATTED])
def test_a_format_is_checked_as_its_own_specification_says(name: str, valid: list[str], invalid: list[str]) -> None:
    assert [text for text in valid if not FORMATS[name](text)] == []
    assert [text for text in invalid if FORMATS[name](text)] == []


@pytest.mark.parametrize(
    ("part", "reached"),
    [
        ({"type": "string"}, set()),
        ({"properties": {"default": {"$ref": "#/$defs/a"}, "enum": {"$ref": "#/$defs/c"}}}, {"a", "b", "c"}),
        ({"prefixItems": [{"not": {"$ref": "#/$defs/c"}}], "enum": ["a"]}, {"c"}),
        ({"anyOf": [{"$dynamicRef": "#/$defs/a"}]}, {"a", "b", "c"}),
    ],
)
def test_a_verdict_is_compiled_of_what_it_reaches_alone(part: Any, reached: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Any] = []
    compile_ = _verdict.compiled
    monkeypatch.setattr(_verdict, "compiled", lambda bundle: compiled.append(bundle) or compile_(bundle))
    defs = {"a": {"properties": {"inside": {"$ref": "#/$defs/b"}}}, "b": {"items": {"$ref": "#/$defs/a"}}, "c": {"type": "null"}}

    assert Schema(part, defs, {}).is_valid({}) in (True, False)
    assert set(compiled[0].get("$defs", {})) == reached
