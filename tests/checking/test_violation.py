"""The explanation names the place and the cause that a person means."""

import pytest

from dynaopenai._checking.check import violations
from dynaopenai._checking.dialect import Dialect
from dynaopenai._checking.schema import Schema
from dynaopenai._checking.slip import near_misses
from dynaopenai._document.document import load

SCHEMAS = {
    "Message": {
        "type": "object",
        "required": ["role", "content"],
        "properties": {
            "role": {"type": "string", "enum": ["system", "user", "assistant"]},
            "content": {"type": "string", "nullable": True},
            "name": {"type": "string"},
        },
    },
    "Text": {"type": "object", "required": ["type", "text"], "properties": {"type": {"enum": ["text"]}, "text": {"type": "string"}}},
    "Image": {
        "type": "object",
        "required": ["type", "url"],
        "properties": {"type": {"enum": ["image"]}, "url": {"type": "string", "format": "uri"}},
    },
    "Part": {"oneOf": [{"$ref": "#/components/schemas/Text"}, {"$ref": "#/components/schemas/Image"}]},
    "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}},
    "Closed": {"type": "object", "additionalProperties": False, "properties": {"name": {"type": "string"}}},
    "Input": {
        "oneOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}},
            {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        ]
    },
    "Stop": {"oneOf": [{"type": "string", "nullable": True}, {"type": "array", "maxItems": 4, "items": {"type": "string"}}]},
    "Choice": {"anyOf": [{"type": "string", "enum": ["none", "auto"]}, {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}]},
    "Kind": {"anyOf": [{"const": "a"}, {"const": "b"}]},
    "Tool": {
        "oneOf": [
            {"type": "object", "required": ["type", "parameters"], "properties": {"type": {"enum": ["function"]}, "parameters": {"type": "object"}}},
            {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["search", "search_2025"]}}},
        ],
        "discriminator": {"propertyName": "type"},
    },
    "Item": {
        "oneOf": [
            {"type": "object", "required": ["role", "content"], "properties": {"role": {"enum": ["user", "assistant"]}, "content": {"type": "string"}}},
            {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["type", "role", "id", "content"],
                        "properties": {"type": {"enum": ["message"]}, "role": {"enum": ["assistant"]}},
                    },
                    {"type": "object", "required": ["type", "call"], "properties": {"type": {"enum": ["call"]}}},
                ],
                "discriminator": {"propertyName": "type"},
            },
        ]
    },
    "Limits": {
        "type": "object",
        "properties": {
            "low": {"minimum": 1},
            "high": {"maximum": 2},
            "over": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            "word": {"type": "string", "minLength": 2, "maxLength": 3},
            "list": {"type": "array", "minItems": 2, "uniqueItems": True},
            "code": {"type": "string", "pattern": "^[a-z]+$"},
            "when": {"type": "string", "format": "date-time"},
            "step": {"multipleOf": 5},
            "not": {"not": {"type": "string"}},
        },
    },
    "Hidden": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}, "secret": {"type": "string", "writeOnly": True}}},
}


def schema(name: str, direction: str = "any") -> Schema:
    document = load({"openapi": "3.0.3", "components": {"schemas": SCHEMAS}})
    node = document.node.child("components").child("schemas").child(name)
    return Schema.from_bundle(Dialect(direction).bundle(node))  # type: ignore[arg-type]


CASES = [
    ("Message", {"role": "sytem", "content": ""}, "role", 'found "sytem", expected "system", "user" or "assistant"', 'did you mean "system"?'),
    ("Message", {"role": "user"}, "content", "missing, expected since it is required", ""),
    ("Message", {"role": "user", "contnt": ""}, "content", "missing, expected since it is required", 'found "contnt", did you mean "content"?'),
    ("Message", {"role": "user", "content": 5}, "content", "found 5 (an integer), expected a string or null", ""),
    ("Message", [], "", "found [] (an array), expected an object", ""),
    ("Part", {"type": "text", "text": 1}, "text", "found 1 (an integer), expected a string", ""),
    ("Part", {"type": "image", "url": "no"}, "url", 'found "no", expected uri such as https://example.com/', ""),
    ("Part", {"type": "imge", "url": "a:b"}, "type", 'found "imge", expected "text" or "image"', 'did you mean "image"?'),
    ("Part", 5, "", "found 5 (an integer), expected an object", ""),
    ("Tree", {"children": [{"children": [3]}]}, "children[0].children[0]", "found 3 (an integer), expected an object", ""),
    ("Closed", {"nmae": "x"}, "nmae", "not declared, and nothing undeclared is allowed here", 'did you mean "name"?'),
    ("Input", 5, "", "found 5 (an integer), expected a string or an array", ""),
    ("Input", [1, "a"], "[1]", 'found "a" (a string), expected an integer', ""),
    ("Stop", ["a"] * 5, "", "found 5 items, expected at most 4", ""),
    ("Stop", 1.5, "", "found 1.5 (a number), expected a string, null or an array", ""),
    ("Choice", "atuo", "", 'found "atuo", expected "none" or "auto"', 'did you mean "auto"?'),
    ("Choice", {"nam": "f"}, "name", "missing, expected since it is required", 'found "nam", did you mean "name"?'),
    ("Choice", 1, "", 'found 1 (an integer), expected an object or "none" or "auto"', ""),
    ("Tool", {"type": "function"}, "parameters", "missing, expected since it is required", ""),
    ("Tool", {"type": "serch"}, "type", 'found "serch", expected "function", "search" or "search_2025"', 'did you mean "search"?'),
    ("Item", {"type": "message", "role": "user"}, "content", "missing, expected since it is required", ""),
    ("Kind", "c", "", 'found "c", expected "a" or "b"', ""),
    ("Limits", {"low": 0}, "low", "found 0, expected at least 1", ""),
    ("Limits", {"high": 3}, "high", "found 3, expected at most 2", ""),
    ("Limits", {"over": 0}, "over", "found 0, expected more than 0", ""),
    ("Limits", {"word": "a"}, "word", "found 1 character, expected at least 2", ""),
    ("Limits", {"word": "abcd"}, "word", "found 4 characters, expected at most 3", ""),
    ("Limits", {"list": [1]}, "list", "found 1 item, expected at least 2", ""),
    ("Limits", {"list": [1, 1.0]}, "list", "found repeated items in [1, 1.0], expected each once", ""),
    ("Limits", {"code": "A1"}, "code", 'found "A1", expected text that matches "^[a-z]+$"', ""),
    ("Limits", {"when": "today"}, "when", 'found "today", expected date-time such as 2025-01-31T12:00:00Z', ""),
    ("Limits", {"step": 7}, "step", "found 7, expected a multiple of 5", ""),
    ("Limits", {"not": "x"}, "not", 'found "x", which is excluded', ""),
]


@pytest.mark.parametrize(("name", "value", "path", "message", "hint"), CASES, ids=[f"{case[0]}-{case[2]}-{n}" for n, case in enumerate(CASES)])
def test_the_cause_is_named(name: str, value: object, path: str, message: str, hint: str) -> None:
    found = violations(schema(name), value)

    assert [(violation.path, violation.message, violation.hint) for violation in found] == [(path, message, hint)]


def test_all_problems_are_told_at_once_in_the_order_of_the_schema() -> None:
    found = violations(schema("Limits"), {"high": 3, "low": 0, "code": "1"})

    assert [violation.path for violation in found] == ["low", "high", "code"]


def test_the_declaration_is_pointed_to_through_references() -> None:
    (found,) = violations(schema("Part"), {"type": "text", "text": 1})

    assert found.schema_path == "#/components/schemas/Text/properties/text/type"


def test_the_wrap_that_makes_a_schema_nullable_is_not_in_the_path() -> None:
    document = load({"components": {"schemas": {"N": {"nullable": True, "allOf": [{"type": "string"}]}}}})
    node = document.node.child("components").child("schemas").child("N")

    (found,) = violations(Schema.from_bundle(Dialect("any").bundle(node)), 5)

    assert (found.message, found.schema_path) == ("found 5 (an integer), expected a string or null", "#/components/schemas/N")


def test_what_a_direction_does_not_carry_is_refused_in_it_alone() -> None:
    value = {"id": "x", "name": "n", "secret": "s"}

    assert [violation.path for violation in violations(schema("Hidden", "request"), value)] == []
    (found,) = violations(schema("Hidden", "response"), value)
    assert (found.path, found.hint) == ("secret", "leave it out")
    assert violations(schema("Hidden", "request"), {"name": "n", "secret": "s"}) == []
    assert [violation.path for violation in violations(schema("Hidden", "response"), {"name": "n"})] == ["id"]


def test_a_key_that_is_nearly_a_declared_one_is_a_near_miss() -> None:
    (found,) = near_misses(schema("Message"), {"role": "user", "content": "", "nmae": "x"})

    assert (found.path, found.hint) == ("nmae", 'did you mean "name"?')


@pytest.mark.parametrize("value", [{"role": "user", "content": "", "zzz": 1}, {"role": "user", "name": "a", "nam": "b"}])
def test_a_key_like_no_absent_one_is_json_schemas_to_judge(value: dict[str, object]) -> None:
    assert list(near_misses(schema("Message"), value)) == []


def test_a_very_deep_value_is_explained_without_a_recursion_error() -> None:
    value: dict[str, object] = {"children": [3]}
    for _ in range(90):
        value = {"children": [value]}

    (found,) = violations(schema("Tree"), value)

    assert found.path.endswith("children[0].children[0]")


def test_a_violation_reads_as_one_line() -> None:
    (found,) = violations(schema("Message"), {"role": "sytem", "content": ""}, "messages[0]")

    assert str(found) == 'messages[0].role: found "sytem", expected "system", "user" or "assistant"; did you mean "system"?'
