"""`client.diagnostics` tells every defect of a document once, with its place and remedy."""

from typing import Any

import pytest

from dynaopenai import Client


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
    ("broken-security-scheme", document(components={"securitySchemes": {"k": {"type": "apiKey", "in": "body"}}}), "error", "#/components/securitySchemes/k"),
]


@pytest.mark.parametrize(("code", "root", "severity", "pointer"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)])
def test_a_defect_is_told_once_with_its_place(code: str, root: dict[str, Any], severity: str, pointer: str) -> None:
    found = Client(root).diagnostics

    assert [(item.code, item.severity, item.pointer) for item in found] == [(code, severity, pointer)]


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
