"""`client.diagnostics` tells every defect of a document once, with its place and remedy."""

from typing import Any

import pytest

from dynaopenai import Client, SpecError
from dynaopenai._checking.contract import Contract
from dynaopenai._client.diagnosis import second_opinion
from dynaopenai._document.document import load


def document(**changes: Any) -> dict[str, Any]:
    operation = {"operationId": "getThing", "responses": {"200": {"description": ""}}, **changes.pop("operation", {})}
    item = {"get": operation, **changes.pop("item", {})}
    return {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {changes.pop("path", "/thing"): item}, **changes}


def parameter(name: str, in_: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": in_, "schema": {"type": "string"}, **more}


def media(schema: Any, **more: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": schema, **more}}}}


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("duplicate-operation-id", document(item={"put": {"operationId": "getThing", "responses": {"200": {"description": ""}}}}), "warning", "#/paths/~1thing/put"),
    ("no-operation-id", document(operation={"operationId": None}), "warning", "#/paths/~1thing/get"),
    ("no-method", document(openapi="3.2.0", item={"additionalOperations": {"CAF\u00c9": {"operationId": "odd", "responses": {"200": {"description": ""}}}}}), "error", "#/paths/~1thing/additionalOperations/CAF\u00c9"),
    ("wrong-kind", document(item={"put": "x"}), "error", "#/paths/~1thing/put"),
    ("no-responses", document(operation={"responses": {}}), "error", "#/paths/~1thing/get"),
    ("unused-path-parameter", document(operation={"parameters": [parameter("id", "path", required=True)]}), "error", "#/paths/~1thing/get"),
    ("undeclared-path-parameter", document(path="/thing/{id}"), "warning", "#/paths/~1thing~1{id}/get"),
    ("clashing-parameters", document(operation={"parameters": [parameter("a-b"), parameter("a_b")]}), "warning", "#/paths/~1thing/get"),
    ("a-parameter-needs-a-name-and-a-place", document(operation={"parameters": [{"name": "x"}]}), "error", "#/paths/~1thing/get/parameters/0"),
    ("ref-leads-nowhere", document(operation={"responses": media({"$ref": "#/components/schemas/X"})}), "error", "#/paths/~1thing/get/responses/200/content/application~1json/schema/$ref"),
    ("unknown-type", document(operation={"responses": media({"type": "text"})}), "warning", "#/paths/~1thing/get/responses/200/content/application~1json/schema/type"),
    ("broken-pattern", document(operation={"responses": media({"type": "string", "pattern": "["})}), "warning", "#/paths/~1thing/get/responses/200/content/application~1json/schema"),
    ("invalid-example", document(operation={"responses": media({"type": "string"}, example=5)}), "warning", "#/paths/~1thing/get/responses/200/content/application~1json/schema"),
    ("repeated-required", document(components={"schemas": {"S": {"required": ["a", "a"]}}}), "warning", "#/components/schemas/S/required"),
    ("undeclared-security-scheme", document(security=[{"key": []}]), "error", "#/security"),
    ("undeclared-security-scheme", document(operation={"security": [{"key": []}]}), "error", "#/paths/~1thing/get/security"),
    ("unknown-security-type", document(components={"securitySchemes": {"k": {"type": "magic"}}}), "error", "#/components/securitySchemes/k"),
    ("unknown-field", document(operation={"respones": {}}), "warning", "#/paths/~1thing/get/respones"),
    ("wrong-kind", document(tags="all"), "error", "#/tags"),
    ("wrong-kind", document(operation={"deprecated": "yes"}), "error", "#/paths/~1thing/get/deprecated"),
    ("missing-field", document(externalDocs={"description": "x"}), "warning", "#/externalDocs"),
    ("ref-leads-nowhere", document(components={"examples": {"e": {"$ref": "#/components/examples/f"}}}), "error", "#/components/examples/e"),
    ("path-without-slash", document(path="thing"), "warning", "#/paths/thing"),
    ("repeated-parameter", document(operation={"parameters": [parameter("a"), parameter("a")]}), "warning", "#/paths/~1thing/get"),
    ("unknown-style", document(operation={"parameters": [parameter("a", style="deep")]}), "error", "#/paths/~1thing/get/parameters/0/schema"),
    ("invalid-default", document(components={"schemas": {"S": {"properties": {"a": {"type": "integer", "default": "inf"}}}}}), "warning", "#/components/schemas/S/properties/a"),
    ("invalid-example", document(components={"schemas": {"S": {"items": {"type": "integer", "examples": [1, "x"]}}}}), "warning", "#/components/schemas/S/items"),
    ("invalid-example", document(operation={"parameters": [parameter("a", example=5)]}), "warning", "#/paths/~1thing/get/parameters/0/schema"),
    ("impossible-required", document(components={"schemas": {"S": {"additionalProperties": False, "required": ["a"]}}}), "warning", "#/components/schemas/S/required"),
    ("misspelt-type", document(components={"schemas": {"S": {"type": "Integer"}}}), "warning", "#/components/schemas/S/type"),
    ("foreign-pattern", document(components={"schemas": {"S": {"pattern": "/^a$/"}}}), "warning", "#/components/schemas/S/pattern"),
    ("server-variable-without-default", document(servers=[{"url": "https://{h}.example", "variables": {}}]), "warning", "#/servers"),
    ("server-variable-default-not-in-enum", document(servers=[{"url": "https://{h}.example", "variables": {"h": {"default": "a", "enum": ["b"]}}}]), "error", "#/servers"),
    ("name-taken", document(operation={"operationId": "close"}), "warning", "#/paths/~1thing/get"),
    ("broken-security-scheme", document(components={"securitySchemes": {"k": {"type": "apiKey", "in": "body"}}}), "error", "#/components/securitySchemes/k"),
]


@pytest.mark.parametrize(("code", "root", "severity", "pointer"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)])
def test_a_defect_is_told_once_with_its_place(code: str, root: dict[str, Any], severity: str, pointer: str) -> None:
    found = Client(root).diagnostics

    assert [(item.code, item.severity, item.pointer) for item in found] == [(code, severity, pointer)]


TWICE = {
    "broken-pattern": parameter("a", schema={"type": "string", "pattern": "["}),
    "unknown-type": parameter("a", schema={"type": "text"}),
    "misspelt-type": parameter("a", schema={"type": "String"}),
    "invalid-example": parameter("a", example=5),
    "invalid-default": parameter("a", schema={"type": "integer", "default": "x"}),
    "uncallable": parameter("a", required=True, schema={"type": "array", "items": {"type": "array", "minItems": 1}, "minItems": 1}),
    "unwritable-parameter": parameter("a", schema={"type": "array", "items": {"type": "object", "required": ["b"]}}),
}


@pytest.mark.parametrize("code", TWICE)
def test_what_is_said_twice_is_told_at_both_places(code: str) -> None:
    declared = {"parameters": [TWICE[code]], "responses": {"200": {"description": ""}}}
    root = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/one": {"get": declared}, "/two": {"get": declared}}}
    places = {item.pointer.split("/")[2] for item in Client(root).diagnostics if item.code == code}
    assert places == {"~1one", "~1two"}


def test_a_schema_that_is_sound_in_one_place_may_be_none_in_another() -> None:
    """Of equal ones that refer to others by a relative reference, one leads nowhere."""
    schema = {"$id": "https://api.test/inner", "$defs": {"A": {"type": "string"}}, "allOf": [{"$ref": "#/$defs/A"}]}
    root = document(openapi="3.1.0", operation={"responses": media(schema, example="x"), "parameters": [parameter("a", schema=schema["allOf"][0])]})
    assert {item.code for item in Client(root).diagnostics} == {"ref-leads-nowhere"}


def test_a_sound_document_has_no_diagnostics() -> None:
    assert Client(document()).diagnostics == []


def test_a_diagnostic_reads_with_its_line() -> None:
    text = "openapi: 3.0.3\ninfo: {title: T, version: 1}\npaths:\n  /a:\n    get:\n      responses:\n        '200': {description: all}\n"

    (found,) = Client(text).diagnostics

    assert str(found).splitlines() == [
        "<text>:5: warning: GET /a has no id, called get_a [no-operation-id]",
        "  at      #/paths/~1a/get",
        "  remedy  give it an operationId of its own",
    ]


def test_paths_that_are_the_same_to_a_server_are_told() -> None:
    root = document(path="/a/{x}", operation={"parameters": [parameter("x", "path", required=True)]})
    root["paths"]["/a/{y}"] = {"get": {"operationId": "other", "parameters": [parameter("y", "path", required=True)], "responses": {"200": {"description": ""}}}}

    assert [item.code for item in Client(root).diagnostics] == ["equivalent-paths"]


def test_a_strict_client_refuses_an_error_anywhere_and_takes_a_warning() -> None:
    with pytest.raises(SpecError) as caught:
        Client(document(components={"responses": {"R": {"$ref": "#/nowhere"}}, "examples": []}), strict_spec=True)

    assert str(caught.value).splitlines()[:2] == ["<mapping>: found [], expected a mapping; and 1 more", "  at        #/components/examples"]
    assert len(Client(document(operation={"operationId": None}), strict_spec=True).operations) == 1


def test_openapi_spec_validator_has_its_say_with_lines() -> None:
    text = "openapi: 3.0.3\ninfo:\n  title: T\n  version: '1'\npaths:\n  /a:\n    get:\n      responses:\n        '200': {}\n"

    found = second_opinion(Contract(load(text)))

    assert [(item.code, item.severity, item.line) for item in found] == [("openapi-spec-validator", "warning", 9)]
    assert second_opinion(Contract(load(document()))) == []
