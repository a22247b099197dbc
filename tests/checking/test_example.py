"""A valid value for any schema: the document's own where it holds, the smallest made-up one where it does not."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaopenai._checking.contract import Contract
from dynaopenai._checking.dialect import Dialect
from dynaopenai._checking.example import example
from dynaopenai._checking.schema import Schema
from dynaopenai._document.document import load
from dynaopenai.errors import SpecError

AT = "#/components/schemas/"


def schema(declared: Any, direction: str = "any", **others: Any) -> Schema:
    document = load({"components": {"schemas": {"It": declared, **others}}})
    node = document.node.child("components").child("schemas").child("It")
    return Schema.from_bundle(Dialect(direction).bundle(node))  # type: ignore[arg-type]


def ref(name: str) -> dict[str, str]:
    return {"$ref": AT + name}


def obj(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


STRING, INTEGER, NUMBER, NULL = ({"type": name} for name in ("string", "integer", "number", "null"))

# what is made, exactly: a reader of the README sees these
MADE: list[tuple[str, Any, Any]] = [
    ("anything", {}, "text"),
    ("a string", STRING, "text"),
    ("an integer", INTEGER, 1),
    ("a number", NUMBER, 1),
    ("a boolean", {"type": "boolean"}, True),
    ("null", NULL, None),
    ("a nullable string", {"type": "string", "nullable": True}, "text"),
    ("a nullable $ref", {"nullable": True, **ref("Named")}, {"name": "name"}),
    ("required properties only", obj("id", id=STRING, note=STRING), {"id": "id"}),
    ("properties in the order they are declared in", obj("b a", a=STRING, b=INTEGER), {"a": "a", "b": 1}),
    ("a map", {"type": "object", "additionalProperties": INTEGER}, {}),
    ("an array shows one item", {"type": "array", "items": INTEGER}, [1]),
    ("an array that must stay empty", {"type": "array", "items": INTEGER, "maxItems": 0}, []),
    ("an array of nothing", {"type": "array", "items": False}, []),
    ("file content is a text here", obj("file", file={"type": "string", "format": "binary"}), {"file": "file"}),
    ("a type that only its keywords tell", {"required": ["a"], "properties": {"a": {"minimum": 3}}}, {"a": 3}),
    ("a required property that is declared nowhere", obj("format"), {"format": "format"}),
    ("its own example", {"type": "string", "example": "blue"}, "blue"),
    ("its own examples", {"type": "string", "examples": [3, "blue"]}, "blue"),
    ("an example before a default", {"type": "string", "default": "red", "example": "blue"}, "blue"),
    ("a default before an enum", {"type": "string", "enum": ["a", "b"], "default": "b"}, "b"),
    ("an enum", {"enum": ["a", "b"]}, "a"),
    ("an enum without the values of another type", {"type": "string", "enum": [None, 1, "a"]}, "a"),
    ("a const", {"const": {"a": [1]}}, {"a": [1]}),
    ("an example that is invalid is passed over", {"type": "integer", "example": "blue", "default": 7}, 7),
    ("a partial example is passed over", {**obj("a b", a=STRING, b=STRING), "example": {"a": "x"}}, {"a": "a", "b": "b"}),
    ("an example written as a text of JSON", {**obj("a", a=INTEGER), "example": '{"a": 5}'}, {"a": 5}),
    ("an example that is no JSON at all", {**obj("a", a=INTEGER), "example": "{'a': 5"}, {"a": 1}),
    ("an infinite default is passed over", {"type": "number", "default": float("inf")}, 1),
    ("an example of a whole object", {**obj("a", a=INTEGER, b=INTEGER), "example": {"a": 1, "b": 2}}, {"a": 1, "b": 2}),
    ("the example of what is referred to", {"allOf": [ref("Blue")]}, "blue"),
    ("an example beside anyOf", {"anyOf": [STRING, INTEGER], "example": 5}, 5),
    ("an open enum", {"anyOf": [STRING, {"type": "string", "enum": ["a", "b"]}]}, "a"),
    ("an open enum that is referred to", {"anyOf": [STRING, ref("Letter")]}, "a"),
    ("a bare type stays first beside other types", {"anyOf": [STRING, {"type": "array", "items": STRING}]}, "text"),
    ("the first of anyOf", {"anyOf": [obj("a", a=STRING), obj("b", b=STRING)]}, {"a": "a"}),
    ("the first of oneOf that can be", {"oneOf": [False, INTEGER]}, 1),
    ("the mapped value of a discriminator", {"oneOf": [ref("Cat")], "discriminator": {"propertyName": "kind", "mapping": {"cat": AT + "Cat"}}}, {"kind": "cat"}),
    ("a discriminator that contradicts its branch", {"oneOf": [ref("Dog")], "discriminator": {"propertyName": "kind", "mapping": {"cat": AT + "Dog"}}}, {"kind": "dog"}),
    ("a list ends at an optional self", ref("Node"), {"value": 1}),
    ("a required self ends at null", ref("Chain"), {"next": None}),
    ("a required self ends at the other branch", ref("Expression"), {"left": 1}),
    ("a required self ends at an empty array", ref("Tree"), {"children": []}),
    ("date", {"type": "string", "format": "date"}, "2025-01-31"),
    ("date-time", {"type": "string", "format": "date-time"}, "2025-01-31T12:00:00Z"),
    ("uuid", {"type": "string", "format": "uuid"}, "123e4567-e89b-42d3-a456-426614174000"),
    ("email", {"type": "string", "format": "email"}, "user@example.com"),
    ("uri", {"type": "string", "format": "uri"}, "https://example.com/"),
    ("ipv4", {"type": "string", "format": "ipv4"}, "192.0.2.1"),
    ("ipv6", {"type": "string", "format": "ipv6"}, "2001:db8::1"),
    ("byte", {"type": "string", "format": "byte"}, "ZXhhbXBsZQ=="),
    ("minLength repeats the word", {"type": "string", "minLength": 10}, "texttextte"),
    ("maxLength cuts the word", {"type": "string", "maxLength": 2}, "te"),
    ("minimum", {"type": "integer", "minimum": 5}, 5),
    ("exclusiveMinimum", {"type": "integer", "exclusiveMinimum": 5}, 6),
    ("maximum", {"type": "number", "maximum": -2.5}, -2.5),
    ("multipleOf", {"type": "integer", "minimum": 10, "multipleOf": 7}, 14),
    ("integers beyond 64 bits", {"type": "integer", "minimum": 10**30}, 10**30),
    ("prefixItems", {"type": "array", "prefixItems": [STRING, INTEGER]}, ["text", 1]),
    ("a pattern that the property's own name fits", obj("id", id={"type": "string", "pattern": "^[a-z]+$"}), {"id": "id"}),
    ("a pattern with a prefix", {"type": "string", "pattern": "^file-[0-9]{3}$"}, "file-000"),
]

OTHERS: dict[str, Any] = {
    "Named": obj("name", name=STRING),
    "Blue": {"type": "string", "example": "blue"},
    "Letter": {"type": "string", "enum": ["a", "b"]},
    "Cat": obj("kind", kind=STRING),
    "Dog": obj("kind", kind={"const": "dog"}),
    "Node": obj("value", value=INTEGER, next=ref("Node")),
    "Chain": obj("next", next={"anyOf": [ref("Chain"), NULL]}),
    "Expression": obj("left", left={"oneOf": [ref("Expression"), INTEGER]}),
    "Tree": obj("children", children={"type": "array", "items": ref("Tree")}),
}


@pytest.mark.parametrize(("declared", "made"), [case[1:] for case in MADE], ids=[case[0] for case in MADE])
def test_an_example_is_what_a_person_would_write(declared: Any, made: Any) -> None:
    compiled = schema(declared, **OTHERS)

    found = example(compiled)

    assert json.dumps(found) == json.dumps(made)
    assert compiled.is_valid(found)


def string(**limits: Any) -> dict[str, Any]:
    return {"type": "string", **limits}


def array(**limits: Any) -> dict[str, Any]:
    return {"type": "array", **limits}


KIND_A, KIND_B = obj("kind", kind={"const": "a"}, x=INTEGER), obj("kind", kind={"const": "b"}, y=INTEGER)

# what can be satisfied, and is not by the first thing that comes to mind; with what the plain answer would be
SATISFIABLE: list[tuple[str, Any, Any]] = [
    ("allOf merges properties and required", {"allOf": [obj("a", a=STRING), obj("b", b=INTEGER)]}, {"a": "a"}),
    ("allOf merges limits", {"allOf": [{"minimum": 5}, {"maximum": 6}, {"type": "number", "exclusiveMinimum": 5}]}, 5),
    ("allOf merges enums", {"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 4]}]}, 1),
    ("allOf of one property twice", {"allOf": [obj("a", a=STRING), obj("", a={"minLength": 9})]}, {"a": "a"}),
    ("allOf through references", {"allOf": [ref("Named"), {"properties": {"name": {"const": "x"}}}]}, {"name": "name"}),
    ("keywords beside $ref", {**ref("Named"), "required": ["name", "more"]}, {"name": "name"}),
    ("allOf of two anyOf", {"allOf": [{"anyOf": [INTEGER, STRING]}, {"anyOf": [STRING, NULL]}]}, 1),
    ("anyOf of what is required", {**obj("", a=STRING), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}),
    ("oneOf of what is required", {**obj("", a=STRING, b=STRING), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}),
    ("oneOf whose first branch is inside the second", {"oneOf": [INTEGER, NUMBER]}, 1),
    ("oneOf told apart by an optional property", {"oneOf": [obj("a", a=STRING, b=STRING), {**obj("a", a=STRING), "additionalProperties": False}]}, {"a": "a"}),
    ("oneOf told apart by the value", {"oneOf": [obj("k", k={"enum": ["a", "b"]}), obj("k", k={"enum": ["a"]})]}, {"k": "a"}),
    ("oneOf told apart by the second value", {"oneOf": [obj("a k", a=STRING, k={"enum": [1, 2]}), obj("k", k={"enum": [1, 3]})]}, {"a": "a", "k": 1}),
    ("oneOf overlapping deep inside", obj("in", **{"in": array(minItems=1, items={"oneOf": [INTEGER, NUMBER]})}), {"in": [1]}),
    ("not a type", {"not": STRING}, "text"),
    ("not a value", {"type": "string", "not": {"const": "text"}}, "text"),
    ("not the required property", {**obj("", a=STRING), "not": {"required": ["b"]}, "minProperties": 1}, {}),
    ("not not", {"not": {"not": {"type": "string", "minLength": 8}}}, "text"),
    ("not as the key to a property", {**obj("", a=STRING), "not": {"not": {"required": ["a"]}}}, {}),
    ("if with then", {**obj("kind", kind=string(enum=["a", "b"])), "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["x"]}}, {"kind": "a"}),
    ("if with a then that cannot be", {"type": "integer", "if": {"minimum": 0}, "then": False}, 1),
    ("else", {"if": STRING, "then": False, "else": {"type": "integer", "minimum": 3}}, 1),
    ("dependentRequired", {**obj("a"), "dependentRequired": {"a": ["b"], "b": ["c"]}}, {"a": "a"}),
    ("dependentSchemas", {**obj("a"), "dependentSchemas": {"a": {"properties": {"b": INTEGER}, "required": ["b"]}}}, {"a": "a"}),
    ("dependencies", {**obj("a"), "dependencies": {"a": obj("b", b=NULL)}}, {"a": "a"}),
    ("minProperties with declared ones", {**obj("", a=STRING, b=STRING), "minProperties": 2}, {}),
    ("minProperties with made-up names", {**obj("a", a=STRING), "minProperties": 3}, {"a": "a"}),
    ("minProperties of a map of integers", {"type": "object", "additionalProperties": INTEGER, "minProperties": 2}, {}),
    ("minProperties with propertyNames", {"type": "object", "propertyNames": {"pattern": "^x-[a-z]$"}, "minProperties": 3}, {}),
    ("minProperties with propertyNames as an enum", {"type": "object", "propertyNames": {"enum": ["p", "q"]}, "minProperties": 2}, {}),
    ("patternProperties name the names", {"type": "object", "patternProperties": {"^n[0-9]$": INTEGER}, "additionalProperties": False, "minProperties": 2}, {}),
    ("patternProperties bind a required one", {**obj("n1"), "patternProperties": {"^n": INTEGER}}, {"n1": "n1"}),
    ("additionalProperties bind a required one", {**obj("n"), "additionalProperties": INTEGER}, {"n": "n"}),
    ("maxProperties", {**obj("a", a=STRING), "maxProperties": 1, "minProperties": 1}, {}),
    ("unevaluatedProperties", {"allOf": [obj("a", a=STRING)], "unevaluatedProperties": False, "properties": {"b": STRING}, "minProperties": 2}, {"a": "a"}),
    ("unevaluatedProperties as a schema", {**obj("a"), "unevaluatedProperties": INTEGER}, {"a": "a"}),
    ("minItems", array(items=STRING, minItems=3), ["text"]),
    ("minItems past the prefix", array(prefixItems=[STRING], items=INTEGER, minItems=3), ["text"]),
    ("uniqueItems of strings", array(items=string(maxLength=3), uniqueItems=True, minItems=30), ["tex"] * 30),
    ("uniqueItems of numbers", array(items={"type": "number", "minimum": 0, "maximum": 1}, uniqueItems=True, minItems=5), [1] * 5),
    ("uniqueItems of an enum", array(items={"enum": ["a", "b", "b", 1]}, uniqueItems=True, minItems=3), ["a", "b", "b"]),
    ("uniqueItems knows that true is not 1", array(items={"enum": [1, True, 1.0, False]}, uniqueItems=True, minItems=3), [1, 1.0, True]),
    ("uniqueItems of a format", array(items=string(format="uuid"), uniqueItems=True, minItems=4), ["x"]),
    ("uniqueItems of objects", array(items=obj("a", a=INTEGER), uniqueItems=True, minItems=4), [{"a": 1}] * 4),
    ("uniqueItems of arrays", array(items=array(items=INTEGER, minItems=1), uniqueItems=True, minItems=3), [[1]] * 3),
    ("contains", array(items={"type": ["integer", "string"]}, contains=INTEGER), ["text"]),
    ("minContains", array(contains={"const": 5}, minContains=2), [5]),
    ("maxContains", array(items={"enum": [1, 2]}, contains={"const": 1}, maxContains=1, minItems=3), [1, 1, 1]),
    ("minContains 0", array(contains=False, minContains=0, maxItems=1), ["text", "text"]),
    ("contains inside the prefix", array(prefixItems=[{"enum": [1, 2]}], items=False, contains={"const": 2}), [1]),
    ("unevaluatedItems", array(prefixItems=[STRING], unevaluatedItems=False), ["text", "text"]),
    ("a draft-07 tuple", array(items=[STRING], additionalItems=INTEGER, minItems=2), ["text", "text"]),
    ("minLength and maxLength alike", string(minLength=7, maxLength=7), "text"),
    ("characters are counted, not bytes", string(minLength=3, maxLength=3, pattern="^é+$"), "é"),
    ("a format and a length", string(format="uri", minLength=40), "https://example.com/"),
    ("a short uri", string(format="uri", maxLength=5), "https://example.com/"),
    ("a long email", string(format="email", minLength=30), "user@example.com"),
    ("a long byte string", string(format="byte", minLength=50), "ZXhhbXBsZQ=="),
    ("a pattern and a length", string(pattern="^[a-f0-9]+$", minLength=24, maxLength=24), "text"),
    ("a pattern and a great length", string(pattern="^q+$", minLength=3000), "q"),
    ("a pattern without an end and a length", string(pattern="^sk-", minLength=20), "sk-"),
    ("two patterns", {"allOf": [string(pattern="^[ab]+$"), string(pattern="b$")]}, "a"),
    ("exclusive limits around one integer", {"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6}, 4),
    ("exclusive limits of OAS 3.0", {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 0.5}, 0),
    ("close limits", {"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2}, 0.1),
    ("negative limits", {"type": "integer", "minimum": -9, "maximum": -3}, 1),
    ("multipleOf a fraction", {"type": "number", "minimum": 0.25, "maximum": 0.35, "multipleOf": 0.1}, 0.25),
    ("two multipleOf", {"type": "integer", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "minimum": 1}, 4),
    ("multipleOf a fraction, as an integer", {"type": "integer", "multipleOf": 2.5, "minimum": 1}, 1),
    ("integers far beyond 64 bits", {"type": "integer", "exclusiveMinimum": 10**40, "multipleOf": 10**39}, 10**40),
    ("an integral limit as a float", {"type": "integer", "minimum": 1e20}, 1),
    ("a discriminated union of objects", {"oneOf": [KIND_A, KIND_B], "properties": {"y": INTEGER}, "required": ["y"]}, {"kind": "a"}),
    ("a branch of a branch", {"anyOf": [{"oneOf": [False, {"allOf": [False]}]}, {"anyOf": [KIND_B]}]}, {"kind": "a"}),
    ("null only where it must be", {"anyOf": [{"not": {}}, NULL]}, "text"),
    ("a default that another branch forbids", {"allOf": [string(default="a"), {"not": {"const": "a"}}]}, "a"),
]


@pytest.mark.parametrize(("declared", "invalid"), [case[1:] for case in SATISFIABLE], ids=[case[0] for case in SATISFIABLE])
def test_every_keyword_is_satisfied(declared: Any, invalid: Any) -> None:
    compiled = schema(declared, **OTHERS)

    found = example(compiled)

    assert compiled.is_valid(found)
    assert not compiled.is_valid(invalid)  # so the case asks for something


PATTERNS = [
    "^abc$", "a|b", "^(foo|bar)-(baz)?$", "^[A-Z]{2,4}$", "^[^a-z]{3}$", "^\\d{4}-\\d{2}$", "^\\w+\\s\\w+$", "^\\D\\W\\S$",
    "^[\\w.+-]+@[a-z]+\\.[a-z]{2,}$", "^#[0-9a-fA-F]{6}$", "^(?:a(?:b(?:c)))+$", "^.{5}$", "^\\/v1\\/[a-z]+$", "^$", "",
    "^(?=.*\\d)(?=.*[a-z]).{8,}$", "^(?!admin)[a-z]{5}$", "^[\\u0041-\\u0043]+$", "^a{3}b*c+?d?$", "^\\p{L}+\\p{N}$",
    "^[\\p{Lu}]{3}$", "^(?<year>[0-9]{4})$", "^[0-9]+(\\.[0-9]+)?$", "^https?://", "\\.json$", "^\\x41$", "^[\u0430-\u044f]{2}$",
    "^[!-/]+$", "^\\bword\\b$", "^(a|b)(c|d)(e|f)$", "^[a-zA-Z_$][a-zA-Z_$0-9]*$", "^[\\s\\S]{2}$", "^\\t$", "^[^\\d\\s]+$",
    "^[[a]{2}$", "^(a)\\1$", "^\\u{41}$", "^[^\\n]*$", "^(?i:a)$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("more", [{}, {"minLength": 1}, {"not": {"const": "text"}}], ids=str)
def test_texts_are_spelled_for_a_pattern(pattern: str, more: dict[str, Any]) -> None:
    compiled = schema(string(allOf=[{"pattern": pattern}], **(more if pattern != "^$" else {})))

    assert compiled.is_valid(example(compiled))


def test_dynamic_references_lead_to_the_outermost_anchor() -> None:
    tree = {
        "$id": "https://example.test/tree",
        "$dynamicAnchor": "node",
        **obj("data children", data=INTEGER, children=array(items={"$dynamicRef": "#node"})),
    }
    compiled = schema({"$id": "https://example.test/strict", "$dynamicAnchor": "node", **ref("Tree"), "unevaluatedProperties": False}, Tree=tree)

    found = example(compiled)

    assert compiled.is_valid(found)
    assert found["data"] == 1


@pytest.mark.parametrize(("direction", "made"), [("request", {"a": "a"}), ("response", {"b": "b"}), ("any", {"a": "a", "b": "b"})])
def test_an_example_travels_in_one_direction(direction: str, made: Any) -> None:
    declared = obj("a b", a=string(writeOnly=True), b=string(readOnly=True))

    assert example(schema(declared, direction)) == made


UNSATISFIABLE: list[tuple[str, Any, str]] = [
    ("false", False, "contradict"),
    ("two types", {"allOf": [STRING, INTEGER]}, "contradict"),
    ("limits that cross", {"type": "integer", "minimum": 5, "maximum": 4}, "contradict"),
    ("a property both required and not allowed", {"allOf": [{"type": "object", "required": ["thread"]}, {"additionalProperties": False}]}, 'no value is allowed for the property "thread"'),
    ("a property without a value", obj("a", a={"allOf": [STRING, INTEGER]}), 'no value can be made up for the property "a"'),
    ("a self that never ends", ref("Endless"), 'no value can be made up for the property "next"'),
    ("more different items than there are", array(items={"type": "boolean"}, uniqueItems=True, minItems=3), "contradict"),
    ("a pattern that nothing matches", string(pattern="a^"), "contradict"),
    ("a text too long to be shown", string(minLength=10**9), "contradict"),
    ("an array too long to be shown", array(minItems=10**9), "contradict"),
    ("a oneOf that is met twice by everything", {"type": "boolean", "oneOf": [{"not": {"const": 1}}, {"not": {"const": 2}}]}, "is valid under more than one of the schemas"),
]


@pytest.mark.parametrize(("declared", "why"), [case[1:] for case in UNSATISFIABLE], ids=[case[0] for case in UNSATISFIABLE])
def test_what_cannot_be_is_refused_with_its_place_and_the_reason(declared: Any, why: str) -> None:
    compiled = schema(declared, Endless=obj("next", next=ref("Endless")))

    with pytest.raises(SpecError) as caught:
        example(compiled)

    assert "no valid value can be made up" in str(caught.value)
    assert caught.value.pointer == AT + "It"
    assert why in caught.value.found
    assert caught.value.remedy == "declare a valid example beside it"


def test_work_is_bounded() -> None:
    wide = {f"p{n}": {"enum": ["x"], "oneOf": [{"minLength": 1}, {"maxLength": 1}]} for n in range(12)}
    deep: Any = {"not": {}}
    for _ in range(8):
        deep = {"anyOf": [{"allOf": [deep]}, {"allOf": [deep]}, {"oneOf": [deep, deep]}]}

    spelled = {"anyOf": [string(pattern=f"^(a|b)*{n}^") for n in range(3000)]}

    for declared in (obj(" ".join(wide), **wide), deep, spelled):
        with pytest.raises(SpecError, match=r"no valid value can be made up"):
            example(schema(declared))


def test_an_example_shares_nothing_with_the_document_nor_with_itself() -> None:
    declared = obj("a b", a=ref("Listed"), b=ref("Listed"))
    compiled = schema(declared, Listed={"type": "array", "default": [{"x": 1}]})

    found = example(compiled)
    found["a"][0]["x"] = 2
    found["a"].append(3)

    assert found["b"] == [{"x": 1}]
    assert example(compiled) == {"a": [{"x": 1}], "b": [{"x": 1}]}


def test_the_example_is_the_same_in_every_process() -> None:
    declared = {"cases": [case[1] for case in SATISFIABLE], "others": OTHERS}
    script = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from test_example import *\n"
        "given = json.load(sys.stdin)\n"
        "print(json.dumps([example(schema(case, **given['others'])) for case in given['cases']]))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent)],
            input=json.dumps(declared),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert printed == {json.dumps([example(schema(case, **OTHERS)) for case in declared["cases"]]) + "\n"}


# --- any combination of keywords that has an answer -----------------------------------------------


@st.composite
def numeric(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(st.integers(-(10**20), 10**20) | st.integers(-20, 20))
    found: dict[str, Any] = {"type": draw(st.sampled_from(["integer", "number"]))}
    step = draw(st.sampled_from([None, 1, 2, 3, 7]))
    if step:
        value *= step
        found["multipleOf"] = step
    below, above = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    if draw(st.booleans()):
        found |= draw(st.sampled_from([{"minimum": value - below}, {"exclusiveMinimum": value - below - 1}]))
    if draw(st.booleans()):
        found |= draw(st.sampled_from([{"maximum": value + above}, {"exclusiveMaximum": value + above + 1}]))
    return found


@st.composite
def textual(draw: st.DrawFn) -> dict[str, Any]:
    least = draw(st.integers(0, 12))
    found: dict[str, Any] = string(minLength=least, maxLength=least + draw(st.integers(0, 5)))
    piece = draw(st.sampled_from(["[a-z]", "\\d", "\\w", ".", "[^a-m]", "[A-F0-9]", "(x|y|z)", "\\p{Lu}"]))
    return found | draw(st.sampled_from([{}, {"pattern": f"^{piece}*$"}, {"pattern": f"^{piece}{{{least}}}"}]))


def values() -> st.SearchStrategy[Any]:
    return st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc", max_size=3) | st.lists(st.integers(0, 3), max_size=2)


@st.composite
def objects(draw: st.DrawFn, parts: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(st.sampled_from("abcdef"), parts, max_size=4))
    required = [name for name in properties if draw(st.booleans())]
    found: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    if draw(st.booleans()):
        found["minProperties"] = draw(st.integers(0, len(properties)))
    if draw(st.booleans()):
        found["maxProperties"] = len(properties) + draw(st.integers(0, 2))
    if properties and draw(st.booleans()):
        found["dependentRequired"] = {name: [draw(st.sampled_from(sorted(properties)))] for name in properties}
    if draw(st.booleans()):
        found |= draw(st.sampled_from([{"additionalProperties": False}, {"unevaluatedProperties": False}, {"additionalProperties": INTEGER}]))
    return found


@st.composite
def arrays(draw: st.DrawFn, parts: st.SearchStrategy[Any]) -> dict[str, Any]:
    prefix = draw(st.lists(parts, max_size=2))
    found = array(items=draw(parts), minItems=draw(st.integers(0, 4)))
    if prefix:
        found["prefixItems"] = prefix
    if draw(st.booleans()):
        found["maxItems"] = found["minItems"] + draw(st.integers(0, 2))
    return found


@st.composite
def combined(draw: st.DrawFn, parts: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Around one satisfiable schema: branches that do not take its answer away."""
    kernel = draw(parts)
    return draw(
        st.sampled_from(
            [
                {"allOf": [kernel, {}]},
                {"allOf": [{"allOf": [kernel]}, kernel]},
                {"anyOf": [kernel, draw(parts)]},
                {"anyOf": [False, kernel]},
                {"oneOf": [{"allOf": [kernel, False]}, kernel]},
                {"anyOf": [kernel, NULL], "x-nullable": True},
                {"if": kernel, "then": kernel, "else": draw(parts)},
                {"if": False, "then": False, "else": kernel},
                {"not": {"not": kernel}},
                {**kernel, "examples": [draw(values())], "default": draw(values())},
            ]
        )
    )


leaves = numeric() | textual() | st.lists(values(), min_size=1, max_size=3).map(lambda told: {"enum": told}) | values().map(lambda told: {"const": told})
satisfiable = st.recursive(leaves, lambda parts: objects(parts) | arrays(parts) | combined(parts), max_leaves=8)


@settings(max_examples=300)
@given(satisfiable)
def test_any_combination_of_keywords_that_has_an_answer_gets_one(declared: Any) -> None:
    compiled = schema(declared)

    found = example(compiled)

    assert compiled.is_valid(found)
    assert json.dumps(found) == json.dumps(example(schema(declared)))


@settings(max_examples=150)
@given(st.lists(satisfiable, min_size=2, max_size=3))
def test_a_choice_among_any_schemas_is_made_or_refused_never_wrong(branches: list[Any]) -> None:
    compiled = schema({"oneOf": branches, "x-of": "every branch may forbid the others"})

    try:
        found = example(compiled)
    except SpecError as error:
        assert "no valid value" in str(error)  # noqa: PT017
    else:
        assert compiled.is_valid(found)


@settings(max_examples=150)
@given(st.from_regex(r"\A(\^?([a-c]|\[[0-9]{1,3}\]|\\d|\(x\|y\))([*+?]|\{2\})?){1,5}\$?\Z"), st.integers(0, 6))
def test_any_plain_pattern_is_spelled(pattern: str, least: int) -> None:
    pattern = "^" + pattern.replace("^", "")
    compiled = schema(string(pattern=pattern.rstrip("$"), minLength=least))

    assert compiled.is_valid(example(compiled))


# --- real documents -------------------------------------------------------------------------------

CORPUS = os.environ.get("DYNAOPENAI_CORPUS", "")
DOCUMENTS = sorted(Path(CORPUS).glob("*.yaml")) if CORPUS else []
needs_corpus = pytest.mark.skipif(not DOCUMENTS, reason="DYNAOPENAI_CORPUS names no folder of documents")


def demands_what_it_forbids(compiled: Schema) -> bool:
    """Whether an object requires a property that it does not allow: then there is no valid value."""
    top = compiled.schema
    return top.get("additionalProperties") is False and not set(top["required"]) <= set(top["properties"])


def parts_of(contract: Contract) -> Iterator[tuple[str, Schema]]:
    """Every parameter, body and response schema of every operation, in its direction."""
    for operation_id in contract.openapi.entries:
        operation = contract.operation(operation_id)
        for parameter in operation.parameters:
            if parameter.schema is not None:
                yield f"{operation_id} {parameter.name}", contract.schema(parameter.schema, "request")
        sent = operation.request_body.content if operation.request_body else {}
        for media in sent.values():
            if media.schema is not None:
                yield f"{operation_id} {media.name}", contract.schema(media.schema, "request")
        for status, response in operation.responses.items():
            for media in response.content.values():
                for node in filter(None, (media.schema, media.item_schema)):
                    yield f"{operation_id} {status} {media.name}", contract.schema(node, "response")


def fails(compiled: Schema) -> bool:
    try:
        return not compiled.is_valid(example(compiled))
    except SpecError:
        target = compiled.sub(compiled.target(compiled.schema["$ref"])) if "$ref" in compiled.schema else compiled
        return not demands_what_it_forbids(target)


@needs_corpus
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("direction", ["request", "response", "any"])
def test_every_schema_of_a_real_document_has_an_example(path: Path, direction: Any) -> None:
    contract = Contract(load(path))
    names = contract.openapi.schema_names()
    nodes = {name: contract.openapi.schema(name) for name in names}

    assert len(names) > 40
    assert [name for name, node in nodes.items() if node is None or fails(contract.schema(node, direction))] == []


@needs_corpus
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_operation_of_a_real_document_has_examples(path: Path) -> None:
    parts = list(parts_of(Contract(load(path))))

    assert len(parts) > 50
    assert [name for name, compiled in parts if fails(compiled)] == []
