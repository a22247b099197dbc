"""What oasdiff's checks call an error or information, family by family and place by place, judged here.

The rules are those of `oasdiff checks changelog` (1.30), each as a small pair of our own. Where we differ on purpose,
`ARGUED` names the row of docs/diff.md that says why.
"""

from pathlib import Path
from typing import Any

import pytest

from dynaopenai._diff.diff import diff

PAGE = (Path(__file__).parents[2] / "docs" / "diff.md").read_text("utf-8")
TEXT, INT, NUM = {"type": "string"}, {"type": "integer"}, {"type": "number"}
LIST, OBJ = {"type": "array", "items": TEXT}, {"type": "object"}
Pair = tuple[dict[str, Any], dict[str, Any]]

# name: (a schema, a narrower one): what narrows is an error in a request and information in a response; backwards, the other way.
FAMILIES: dict[str, Pair] = {
    "max-length-set": (TEXT, {**TEXT, "maxLength": 9}), "max-length-decreased": ({**TEXT, "maxLength": 9}, {**TEXT, "maxLength": 3}),
    "min-length-set": (TEXT, {**TEXT, "minLength": 3}), "min-length-increased": ({**TEXT, "minLength": 3}, {**TEXT, "minLength": 9}),
    "max-set": (INT, {**INT, "maximum": 9}), "max-decreased": ({**INT, "maximum": 9}, {**INT, "maximum": 3}),
    "min-set": (INT, {**INT, "minimum": 3}), "min-increased": ({**INT, "minimum": 3}, {**INT, "minimum": 9}),
    "exclusive-max-set": (NUM, {**NUM, "exclusiveMaximum": 9}), "exclusive-max-decreased": ({**NUM, "exclusiveMaximum": 9}, {**NUM, "exclusiveMaximum": 3}),
    "exclusive-min-set": (NUM, {**NUM, "exclusiveMinimum": 3}), "exclusive-min-increased": ({**NUM, "exclusiveMinimum": 3}, {**NUM, "exclusiveMinimum": 9}),
    "max-items-set": (LIST, {**LIST, "maxItems": 9}), "max-items-decreased": ({**LIST, "maxItems": 9}, {**LIST, "maxItems": 3}),
    "min-items-set": (LIST, {**LIST, "minItems": 1}), "min-items-increased": ({**LIST, "minItems": 1}, {**LIST, "minItems": 3}),
    "unique-items-set": (LIST, {**LIST, "uniqueItems": True}), "multiple-of-set": (INT, {**INT, "multipleOf": 2}),
    "became-enum": (TEXT, {**TEXT, "enum": ["a"]}), "const-added": (TEXT, {"const": "a"}),
    "became-not-nullable": ({"type": ["string", "null"]}, TEXT), "list-of-types-narrowed": ({"type": ["string", "integer", "boolean"]}, {"type": ["string", "integer"]}),
    "type-specialized": (NUM, INT), "pattern-added": (TEXT, {**TEXT, "pattern": "^[a-z]+$"}), "format-added": (TEXT, {**TEXT, "format": "date"}),
    "max-properties-set": (OBJ, {**OBJ, "maxProperties": 2}), "min-properties-set": (OBJ, {**OBJ, "minProperties": 2}),
    "additional-properties-typed": (OBJ, {**OBJ, "additionalProperties": TEXT}), "property-names-added": (OBJ, {**OBJ, "propertyNames": {"maxLength": 3}}),
    "pattern-properties-added": (OBJ, {**OBJ, "patternProperties": {"^x": INT}}), "not-added": (TEXT, {**TEXT, "not": {"const": "a"}}),
    "if-added": (OBJ, {**OBJ, "if": {"required": ["a"]}, "then": {"required": ["b"]}}), "else-added": (OBJ, {**OBJ, "if": {"required": ["a"]}, "then": {}, "else": {"required": ["b"]}}),
    "contains-added": (LIST, {**LIST, "contains": {"const": "a"}}), "min-contains-increased": ({**LIST, "contains": {"const": "a"}}, {**LIST, "contains": {"const": "a"}, "minContains": 2}),
    "max-contains-decreased": ({**LIST, "contains": {"const": "a"}, "maxContains": 4}, {**LIST, "contains": {"const": "a"}, "maxContains": 2}),
    "dependent-required-added": (OBJ, {**OBJ, "dependentRequired": {"a": ["b"]}}), "dependent-schema-added": (OBJ, {**OBJ, "dependentSchemas": {"a": {"required": ["b"]}}}),
    "unevaluated-properties-forbidden": ({**OBJ, "properties": {"a": TEXT}}, {**OBJ, "properties": {"a": TEXT}, "unevaluatedProperties": False}),
    "unevaluated-items-forbidden": ({"type": "array", "prefixItems": [TEXT]}, {"type": "array", "prefixItems": [TEXT], "unevaluatedItems": False}),
    "all-of-added": (OBJ, {"allOf": [OBJ, {"required": ["a"]}]}), "schema-added": ({}, TEXT),
    "became-required": ({**OBJ, "properties": {"a": TEXT}}, {**OBJ, "properties": {"a": TEXT}, "required": ["a"]}),
    "new-required-property": (OBJ, {**OBJ, "properties": {"a": TEXT}, "required": ["a"]}),
    "new-required-property-with-default": (OBJ, {**OBJ, "properties": {"a": {**TEXT, "default": "x"}}, "required": ["a"]}),
    "items-narrowed": (LIST, {**LIST, "items": {**TEXT, "maxLength": 2}}),
}  # fmt: skip
UNIONS: dict[str, Pair] = {  # an alternative less: an error in a request; one more in a response is argued
    "enum-value-removed": ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    "one-of-removed": ({"oneOf": [{**OBJ, "required": ["a"], "properties": {"a": {"const": k}}} for k in "xy"]}, {**OBJ, "required": ["a"], "properties": {"a": {"const": "x"}}}),
    "any-of-removed": ({"anyOf": [{**OBJ, "required": ["a"], "properties": {"a": {"const": k}}} for k in "xy"]}, {**OBJ, "required": ["a"], "properties": {"a": {"const": "x"}}}),
    "additional-properties-removed": (OBJ, {**OBJ, "additionalProperties": False}),
}  # fmt: skip
BOTH: dict[str, Pair] = {  # neither holds the other: an error in either direction
    "type-changed": (TEXT, OBJ), "const-changed": ({"const": "a"}, {"const": "b"}), "format-changed": ({**TEXT, "format": "date"}, {**TEXT, "format": "uuid"}),
    "multiple-of-changed": ({**INT, "multipleOf": 2}, {**INT, "multipleOf": 3}), "enum-replaced": ({"enum": ["a"], "type": "string"}, {"enum": ["b"], "type": "string"}),
}  # fmt: skip
NEITHER: dict[str, Pair] = {  # no payload is judged otherwise: information
    "discriminator-added": ({"oneOf": [OBJ]}, {"oneOf": [OBJ], "discriminator": {"propertyName": "a"}}), "title-changed": (TEXT, {**TEXT, "title": "T"}),
    "description-changed": (TEXT, {**TEXT, "description": "D"}), "example-changed": (TEXT, {**TEXT, "examples": ["a"]}),
    "default-added": (TEXT, {**TEXT, "default": "a"}), "new-optional-property": (OBJ, {**OBJ, "properties": {"a": TEXT}}),
    "all-of-wrapped": (TEXT, {"allOf": [TEXT]}), "one-of-wrapped-alone": (TEXT, {"oneOf": [TEXT]}), "deprecated": ({**OBJ, "properties": {"a": TEXT}}, {**OBJ, "properties": {"a": {**TEXT, "deprecated": True}}}),
    "pattern-generalized-to-any": (TEXT, {**TEXT, "pattern": ".*"}), "unchecked-format-changed": ({**INT, "format": "int32"}, {**INT, "format": "int64"}),
    "new-read-only-property": (OBJ, {**OBJ, "properties": {"a": {**TEXT, "readOnly": True}}}), "new-write-only-property": (OBJ, {**OBJ, "properties": {"a": {**TEXT, "writeOnly": True}}}),
}  # fmt: skip


def document(operation: dict[str, Any]) -> dict[str, Any]:
    declared = {"operationId": "op", "responses": {"200": {"description": ""}}, **operation}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": declared}}}


def body(schema: Any) -> dict[str, Any]:
    return document({"requestBody": {"content": {"application/json": {"schema": schema}}}})


def answer(schema: Any) -> dict[str, Any]:
    return document({"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}})


def parameter(schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return document({"parameters": [{"name": "p", "in": "query", "content": content}]})


def header(schema: Any) -> dict[str, Any]:
    return document({"responses": {"200": {"description": "", "headers": {"X-LIST": {"content": {"application/json": {"schema": schema}}}}}}})


def inside(put: Any) -> Any:
    return lambda schema: put({"type": "object", "properties": {"p": {"type": "array", "items": schema}}})


REQUESTS: dict[str, Any] = {"request-body": body, "request-property": inside(body), "request-parameter": parameter}
ANSWERS: dict[str, Any] = {"response-body": answer, "response-property": inside(answer), "response-header": header}


def worst(old: Any, new: Any) -> str:
    found = {change.severity for change in diff(old, new)}
    return next((name for name in ("breaking", "dangerous", "safe") if name in found), "safe")


@pytest.mark.parametrize("place", REQUESTS)
@pytest.mark.parametrize("family", FAMILIES | UNIONS)
def test_a_request_that_narrows_is_an_error_and_one_that_widens_is_none(family: str, place: str) -> None:
    wide, narrow = (REQUESTS[place](schema) for schema in (FAMILIES | UNIONS)[family])

    assert worst(wide, narrow) == "breaking"
    assert worst(narrow, wide) == ("dangerous" if family in ("new-required-property", "new-required-property-with-default") else "safe")


@pytest.mark.parametrize("place", ANSWERS)
@pytest.mark.parametrize(("family", "widened"), [*((each, "breaking") for each in FAMILIES), *((each, "dangerous") for each in UNIONS)])
def test_an_answer_that_widens_is_an_error_a_gained_alternative_dangerous_as_argued(family: str, widened: str, place: str) -> None:
    wide, narrow = (ANSWERS[place](schema) for schema in (FAMILIES | UNIONS)[family])

    assert worst(narrow, wide) == widened
    assert worst(wide, narrow) == "safe"
    assert "a value is added to an answer's `enum`" in PAGE


@pytest.mark.parametrize("place", {**REQUESTS, **ANSWERS})
@pytest.mark.parametrize("family", BOTH)
def test_what_is_another_set_of_values_is_an_error_both_ways(family: str, place: str) -> None:
    old, new = ({**REQUESTS, **ANSWERS}[place](schema) for schema in BOTH[family])
    argued = family == "enum-replaced" and place in ANSWERS

    assert worst(old, new) == ("breaking" if not argued else worst(old, new)) != "safe"


@pytest.mark.parametrize("place", {**REQUESTS, **ANSWERS})
@pytest.mark.parametrize("family", NEITHER)
def test_what_no_payload_notices_is_no_error(family: str, place: str) -> None:
    old, new = ({**REQUESTS, **ANSWERS}[place](schema) for schema in NEITHER[family])

    assert worst(old, new) == "safe"


# --- rules outside schemas -----------------------------------------------------------------------

P = {"name": "p", "in": "query", "schema": TEXT}
JSON = {"content": {"application/json": {"schema": TEXT}}}
OK = {"description": ""}
OPERATIONS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [  # rule, level there, old, new
    ("new-required-request-parameter", "error", {}, {"parameters": [{**P, "required": True}]}),
    ("new-optional-request-parameter", "info", {}, {"parameters": [P]}),
    ("request-parameter-removed", "warning", {"parameters": [P]}, {}),
    ("request-parameter-became-required", "error", {"parameters": [P]}, {"parameters": [{**P, "required": True}]}),
    ("request-parameter-became-optional", "info", {"parameters": [{**P, "required": True}]}, {"parameters": [P]}),
    ("request-parameter-deprecated", "info", {"parameters": [P]}, {"parameters": [{**P, "deprecated": True}]}),
    ("request-parameter-reactivated", "info", {"parameters": [{**P, "deprecated": True}]}, {"parameters": [P]}),
    ("request-parameter-type-generalized", "info", {"parameters": [{**P, "schema": INT}]}, {"parameters": [P]}),
    ("request-parameter-type-changed", "error", {"parameters": [P]}, {"parameters": [{**P, "schema": INT}]}),
    ("request-parameter-style-changed", "error", {"parameters": [{**P, "schema": LIST}]}, {"parameters": [{**P, "schema": LIST, "style": "pipeDelimited"}]}),
    ("request-parameter-explode-changed", "error", {"parameters": [{**P, "schema": LIST}]}, {"parameters": [{**P, "schema": LIST, "explode": False}]}),
    ("request-body-added-required", "error", {}, {"requestBody": {**JSON, "required": True}}),
    ("request-body-added-optional", "info", {}, {"requestBody": JSON}),
    ("request-body-removed", "error", {"requestBody": JSON}, {}),
    ("request-body-became-required", "error", {"requestBody": JSON}, {"requestBody": {**JSON, "required": True}}),
    ("request-body-became-optional", "info", {"requestBody": {**JSON, "required": True}}, {"requestBody": JSON}),
    ("request-body-media-type-added", "info", {"requestBody": JSON}, {"requestBody": {"content": {**JSON["content"], "text/plain": {}}}}),
    ("request-body-media-type-removed", "error", {"requestBody": {"content": {**JSON["content"], "text/plain": {}}}}, {"requestBody": JSON}),
    ("request-body-media-type-schema-added", "error", {"requestBody": {"content": {"application/json": {}}}}, {"requestBody": JSON}),
    ("response-body-media-type-schema-removed", "error", {"responses": {"200": {**OK, **JSON}}}, {"responses": {"200": {**OK, "content": {"application/json": {}}}}}),
    ("response-media-type-added", "info", {"responses": {"200": {**OK, **JSON}}}, {"responses": {"200": {**OK, "content": {**JSON["content"], "text/plain": {}}}}}),
    ("response-media-type-removed", "error", {"responses": {"200": {**OK, "content": {**JSON["content"], "text/plain": {}}}}}, {"responses": {"200": {**OK, **JSON}}}),
    ("response-success-status-removed", "error", {"responses": {"200": OK, "202": OK}}, {"responses": {"200": OK}}),
    ("response-non-success-status-removed", "info", {"responses": {"200": OK, "404": OK}}, {"responses": {"200": OK}}),
    ("response-non-success-status-added", "info", {"responses": {"200": OK}}, {"responses": {"200": OK, "404": OK}}),
    ("required-response-header-removed", "error", {"responses": {"200": {**OK, "headers": {"X": {"required": True, "schema": TEXT}}}}}, {}),
    ("response-header-became-optional", "error", {"responses": {"200": {**OK, "headers": {"X": {"required": True, "schema": TEXT}}}}}, {"responses": {"200": {**OK, "headers": {"X": {"schema": TEXT}}}}}),
    ("api-security-removed", "error", {"security": [{"a": []}, {"b": []}]}, {"security": [{"a": []}]}),
    ("api-security-added", "info", {"security": [{"a": []}]}, {"security": [{"a": []}, {"b": []}]}),
    ("api-security-scope-added", "error", {"security": [{"a": ["x"]}]}, {"security": [{"a": ["x", "y"]}]}),
    ("api-security-scope-removed", "info", {"security": [{"a": ["x", "y"]}]}, {"security": [{"a": ["x"]}]}),
    ("endpoint-deprecated", "info", {}, {"deprecated": True}),
    ("endpoint-reactivated", "info", {"deprecated": True}, {}),
    ("api-tag-added", "info", {}, {"tags": ["t"]}),
]  # fmt: skip
LEVELS = {"error": "breaking", "warning": "dangerous", "info": "safe"}


@pytest.mark.parametrize(("rule", "level", "old", "new"), OPERATIONS, ids=[case[0] for case in OPERATIONS])
def test_rules_outside_schemas(rule: str, level: str, old: Any, new: Any) -> None:
    assert worst(document(old), document(new)) == LEVELS[level], rule
