"""Schema Objects of every version become one dialect, as their authors meant them."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dynaopenai._checking.dialect import Dialect
from dynaopenai._checking.keywords import KEYWORDS, PLAIN, TYPES
from dynaopenai._checking.overlap import CHECKED_FORMATS
from dynaopenai._checking.schema import Schema
from dynaopenai._document.document import load
from dynaopenai.errors import SpecError


def schema(declared: Any, direction: str = "any", others: dict[str, Any] | None = None) -> Schema:
    document = load({"components": {"schemas": {"It": declared, **(others or {})}}})
    return Schema.from_bundle(Dialect(direction).bundle(document.node.child("components").child("schemas").child("It")))  # type: ignore[arg-type]


REF = {"Other": {"type": "string", "minLength": 2}}
VERDICTS: list[tuple[str, Any, list[Any], list[Any]]] = [
    ("nullable beside type", {"type": "string", "nullable": True}, ["a", None], [1]),
    ("nullable beside type and enum", {"type": "string", "nullable": True, "enum": ["a"]}, ["a", None], ["b"]),
    ("nullable beside oneOf without a type", {"nullable": True, "oneOf": [{"type": "string"}]}, ["a", None], [1]),
    ("nullable beside $ref", {"nullable": True, "$ref": "#/components/schemas/Other"}, ["ab", None], ["a", 1]),
    ("nullable beside allOf", {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Other"}]}, ["ab", None], ["a"]),
    ("nullable in allOf, on its own", {"allOf": [{"$ref": "#/components/schemas/Other"}, {"description": "d"}, {"nullable": True}]}, ["ab", None], ["a"]),
    ("nullable in allOf, of a branch", {"allOf": [{"type": "string"}, {"nullable": True, "maxLength": 2}]}, ["ab"], [None, "abc"]),
    ("nullable alone says nothing", {"nullable": True}, [1, None, "a"], []),
    ("keywords beside $ref apply", {"$ref": "#/components/schemas/Other", "maxLength": 3}, ["abc"], ["abcd", "a"]),
    ("boolean exclusiveMinimum", {"minimum": 1, "exclusiveMinimum": True}, [1.1], [1]),
    ("boolean exclusiveMinimum false", {"minimum": 1, "exclusiveMinimum": False}, [1], [0]),
    ("numeric exclusiveMaximum", {"exclusiveMaximum": 5}, [4], [5]),
    ("type list", {"type": ["string", "null"]}, ["a", None], [1]),
    ("const", {"const": {"a": 1}}, [{"a": 1}], [{"a": 2}]),
    ("boolean schema", {"properties": {"a": False, "b": True}}, [{"b": 1}], [{"a": 1}]),
    ("draft-07 tuple", {"type": "array", "items": [{"type": "string"}], "additionalItems": {"type": "integer"}}, [["a", 1]], [[1], ["a", "b"]]),
    ("dependencies", {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, [{"a": 1, "b": 1}, {}], [{"a": 1}, {"c": 1}]),
    ("if/then/else", {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 3}}, ["ab", 3], ["a", 2]),
    ("a repeated required name", {"required": ["a", "a"]}, [{"a": 1}], [{}]),
    ("an unknown type is passed over", {"type": "any"}, [1, "a"], []),
    ("a limit that is no number is passed over", {"minimum": "3"}, [1], []),
    ("draft-03 required is passed over", {"type": "object", "required": True}, [{}], [1]),
    ("an empty enum is passed over", {"enum": []}, [1], []),
    ("a broken pattern is passed over", {"type": "string", "pattern": "^[a"}, ["x"], [1]),
    ("a null without quotes among types", {"type": ["string", None]}, ["a", None], [1]),
    ("a type in capitals", {"type": "String"}, ["a"], [1]),
    ("a pattern as JavaScript's source has it", {"pattern": "/^[a-c]+$/i"}, ["abC"], ["d"]),
    ("a pattern as Python has it", {"pattern": r"\Aa\\z\Z"}, ["a\\z"], ["xa\\z"]),
    ("a pattern with properties and lookahead", {"pattern": r"^(?!x)\p{L}+\/$"}, ["äb/"], ["xb/", "1/"]),
    ("a name that is required where it is not allowed", {"additionalProperties": False, "properties": {"a": True}, "required": ["a", "b"]}, [{"a": 1}], [{}, {"a": 1, "b": 1}]),
    ("a format that is no string", {"type": "string", "format": {}}, ["x"], [1]),
    ("an enum of many", {"enum": list(range(5000))}, [4999], [5000]),
    ("unevaluated properties", {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False}, [{"a": 1}], [{"b": 1}]),
    ("contained items", {"contains": {"type": "integer"}, "maxContains": 1}, [["a", 1]], [["a"], [1, 2]]),
    ("a count as a float", {"maxLength": 2.0}, ["ab"], ["abc"]),
    ("a format that nobody checks", {"type": "string", "format": "colour"}, ["x"], []),
    ("date", {"type": "string", "format": "date"}, ["2024-02-29"], ["2023-02-29", "2023-2-1"]),
    ("date-time", {"type": "string", "format": "date-time"}, ["2024-02-29T23:59:60Z", "2024-01-01t00:00:00.5+01:00"], ["2024-01-01", "2024-01-01T25:00:00Z"]),
    ("uuid", {"type": "string", "format": "uuid"}, ["123e4567-e89b-12d3-a456-426614174000"], ["123"]),
    ("byte", {"type": "string", "format": "byte"}, ["SGVsbG8="], ["%%%"]),
    ("binary is any text here", {"type": "string", "format": "binary"}, ["\x00"], [1]),
    ("a property called nullable", {"properties": {"nullable": {"type": "boolean"}}}, [{"nullable": True}], [{"nullable": 1}]),
    ("a property called $ref", {"properties": {"$ref": {"type": "string"}}}, [{"$ref": "x"}], [{"$ref": 1}]),
    ("integers beyond 64 bits", {"type": "integer", "minimum": 10**30}, [10**30], [10**30 - 1]),
]


@pytest.mark.parametrize(("declared", "valid", "invalid"), [case[1:] for case in VERDICTS], ids=[case[0] for case in VERDICTS])
def test_a_schema_means_what_its_author_meant(declared: Any, valid: list[Any], invalid: list[Any]) -> None:
    compiled = schema(declared, others=REF)

    assert [value for value in valid if not compiled.is_valid(value)] == []
    assert [value for value in invalid if compiled.is_valid(value)] == []


def test_recursive_references_are_followed_once() -> None:
    tree = schema({"type": "object", "properties": {"next": {"$ref": "#/components/schemas/It"}}})

    assert tree.is_valid({"next": {"next": {}}})
    assert not tree.is_valid({"next": {"next": 3}})


def test_only_what_is_reachable_is_in_the_bundle() -> None:
    compiled = schema({"$ref": "#/components/schemas/Other"}, others={**REF, "Unrelated": {"type": "object"}})

    assert list(compiled.defs) == ["Other"]


def test_two_references_to_schemas_of_one_name_stay_apart() -> None:
    others = {"A": {"properties": {"x": {"type": "string"}}}, "B": {"properties": {"x": {"type": "integer"}}}}
    compiled = schema(
        {"properties": {"a": {"$ref": "#/components/schemas/A/properties/x"}, "b": {"$ref": "#/components/schemas/B/properties/x"}}},
        others=others,
    )

    assert compiled.is_valid({"a": "x", "b": 1})
    assert not compiled.is_valid({"a": 1, "b": "x"})


def test_recursive_ref_means_the_enclosing_recursive_anchor() -> None:
    compiled = schema({"$recursiveAnchor": True, "type": "object", "properties": {"filters": {"type": "array", "items": {"$recursiveRef": "#"}}}})

    assert compiled.is_valid({"filters": [{"filters": []}]})
    assert not compiled.is_valid({"filters": [3]})


def test_dynamic_references_find_the_outermost_anchor() -> None:
    others = {
        "Tree": {
            "$id": "https://example.test/tree",
            "$dynamicAnchor": "node",
            "type": "object",
            "properties": {"data": True, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
        }
    }
    strict = {"$id": "https://example.test/strict", "$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": False}
    compiled = schema({"$ref": "#/components/schemas/Strict"}, others={**others, "Strict": strict})

    assert compiled.is_valid({"children": [{"data": 1}]})
    assert not compiled.is_valid({"children": [{"daat": 1}]})


def test_anchors_and_ids_are_found() -> None:
    others = {"Named": {"$anchor": "named", "type": "integer"}, "Far": {"$id": "https://example.test/far", "type": "boolean"}}
    compiled = schema({"properties": {"a": {"$ref": "#named"}, "b": {"$ref": "https://example.test/far"}}}, others=others)

    assert compiled.is_valid({"a": 1, "b": True})
    assert not compiled.is_valid({"a": "1"})
    assert not compiled.is_valid({"b": 1})


def test_escaped_and_percent_encoded_pointers_are_followed() -> None:
    others = {"a/b": {"type": "integer"}, "c~d": {"type": "string"}, "e f": {"type": "boolean"}}
    compiled = schema(
        {
            "properties": {
                "1": {"$ref": "#/components/schemas/a~1b"},
                "2": {"$ref": "#/components/schemas/c~0d"},
                "3": {"$ref": "#/components/schemas/e%20f"},
            }
        },
        others=others,
    )

    assert compiled.is_valid({"1": 1, "2": "", "3": True})
    assert not compiled.is_valid({"3": 1})


def test_a_reference_that_leads_nowhere_names_the_nearest() -> None:
    with pytest.raises(SpecError) as caught:
        schema({"$ref": "#/components/schemas/Othr"}, others=REF)

    assert str(caught.value).splitlines() == [
        "<mapping>: $ref leads nowhere",
        "  at        #/components/schemas/It/$ref",
        '  found     "#/components/schemas/Othr"',
        "  remedy    nearest: #/components/schemas/Other",
    ]


def test_read_only_is_found_through_references_and_all_of() -> None:
    others = {
        "Id": {"type": "string", "readOnly": True},
        "Base": {"type": "object", "required": ["id", "name"], "properties": {"id": {"$ref": "#/components/schemas/Id"}, "name": {"type": "string"}}},
    }
    declared = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object"}], "required": ["id"]}

    assert schema(declared, "request", others).is_valid({"name": "n"})
    assert schema(declared, "request", others).is_valid({"name": "n", "id": "x"})  # an answer that is put back
    assert list(schema(declared, "request", others).properties) == ["name"]
    assert not schema(declared, "response", others).is_valid({"name": "n"})


def test_what_was_passed_over_is_noted_with_its_place() -> None:
    dialect = Dialect("any")
    document = load({"components": {"schemas": {"It": {"type": "any", "minimum": "1"}}}})

    dialect.bundle(document.node.child("components").child("schemas").child("It"))

    assert [(item.code, item.pointer) for item in dialect.diagnostics] == [
        ("unknown-type", "#/components/schemas/It/type"),
        ("wrong-keyword", "#/components/schemas/It/minimum"),
    ]


def test_a_mappings_value_is_a_schemas_name_even_with_dots() -> None:
    others = {"v1.Dog": {"type": "object", "properties": {"bark": {"type": "boolean"}}}}
    declared = {"discriminator": {"propertyName": "kind", "mapping": {"dog": "v1.Dog", "cat": "nowhere.yaml"}}, "oneOf": [{"$ref": "#/components/schemas/v1.Dog"}]}
    dialect = Dialect("any")
    document = load({"components": {"schemas": {"It": declared, **others}}})

    bundle = dialect.bundle(document.node.child("components").child("schemas").child("It"))

    assert isinstance(bundle.schema, dict)
    assert bundle.schema["discriminator"]["mapping"] == {"dog": "#/$defs/v1.Dog"}
    assert [item.code for item in dialect.diagnostics] == ["discriminator-leads-nowhere"]


ANY_VALUE = st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from([*sorted(TYPES), *sorted(CHECKED_FORMATS), "String", None, [], [1], {}])


@given(st.sampled_from(sorted(PLAIN)), ANY_VALUE)
def test_a_value_that_stands_as_it_is_is_what_its_keyword_says_too(keyword: str, value: Any) -> None:
    dialect, made = Dialect("any"), dict[str, Any]()
    node = load({"it": {keyword: value}}).node.child("it").child(keyword)

    assume(PLAIN[keyword](value))
    KEYWORDS[keyword](dialect, node, keyword, made, None)

    assert (made, dialect.diagnostics) == ({keyword: value}, [])
