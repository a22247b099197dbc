"""Documents that allow nothing, or not what their authors call for, by the letter: read as meant, and told."""

from __future__ import annotations

from typing import Any

import pytest

from dynaopenai import Client
from dynaopenai._mock.server import MockServer

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def obj(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {}), **more}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS = {
    "Named": obj({"name": TEXT}, "name"),
    "Closed": obj({"a": TEXT}, additionalProperties=False),
    "Kept": obj({"id": {**NUMBER, "readOnly": True}, "name": TEXT}),
}


def document(content: dict[str, Any], parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    operation = {"operationId": "put", "parameters": parameters or [], "responses": {"200": {"description": ""}}}
    if content:
        operation["requestBody"] = {"required": True, "content": content}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"put": operation}}, "components": {"schemas": SCHEMAS}}


def json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "closed to what allOf requires": (json({"additionalProperties": False, "allOf": [ref("Named")]}), {"name": "x"}, ["closed-to-all-of"]),
    "closed to what allOf declares": (json({"additionalProperties": False, "allOf": [{"properties": {"b": TEXT}}], "required": ["b"]}), {"b": "x"}, ["closed-to-all-of"]),
    "a closed branch": (json({"allOf": [ref("Closed"), obj({"b": TEXT}, "b")]}), {"a": "1", "b": "2"}, ["closed-branch"]),
    "a closed branch, twice": (json({"allOf": [ref("Closed"), ref("Closed"), obj({"b": TEXT}, "b")]}), {"b": "2"}, ["closed-branch", "closed-branch"]),
    "equal branches and a readOnly name": (json({"allOf": [ref("Kept"), ref("Kept"), {"required": ["id", "name"]}]}), {"name": "x"}, []),
    "required, undeclared, and nearly a declared one": (json(obj({"originator": TEXT}, "orginator")), {"orginator": "x"}, []),
    "required in a branch, and nearly a declared one": (json({"oneOf": [obj({"messenger": TEXT}, "message")]}), {"message": "x"}, []),
    "required here, declared in another media type": (
        {**json({"required": ["name", "file"], "properties": {"note": TEXT}, "type": "object"}), "multipart/form-data": {"schema": obj({"name": TEXT})}},
        {"name": "x", "file": "y"},
        [],
    ),
    "formats that nothing keeps apart": (json(obj({"a": {"oneOf": [{**TEXT, "format": "asset-id"}, {**TEXT, "format": "upload-id"}]}}, "a")), {"a": "x"}, ["overlapping-branches"]),
    "a media type without a name": ({"": {"schema": obj({"a": NUMBER}, "a")}}, {"a": 1}, []),
    "a form that is one text": ({"application/x-www-form-urlencoded": {"schema": TEXT}}, {"body": "a=1&b=2"}, []),
    "a multipart body that is one text": ({"multipart/form-data": {"schema": TEXT}}, {"body": b"x"}, []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_was_meant_is_sent_and_understood(case: str) -> None:
    content, arguments, codes = CASES[case]
    with MockServer(document(content)) as server:
        client = Client(document(content), base_url=server.url, max_retries=0)
        client.put.send(**arguments)
        client.put.send(**client.put.example())

        assert [record.verdict for record in server.requests] == [(), ()]
    assert [found.code for found in client.diagnostics] == codes


def test_closed_to_all_of_stays_closed_to_all_else() -> None:
    client = Client(document(CASES["closed to what allOf requires"][0]), base_url="http://h")

    assert [found.path for found in client.put.validate_request(name="x", other=1)] == ["other"]
    assert [found.path for found in client.put.validate_request({"name": "x", "other": 1})] == ["other"]


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("style", ["form", "deepObject"])
def test_a_list_of_objects_that_no_style_can_write_is_told(style: str, required: bool) -> None:
    listed = {"name": "q", "in": "query", "required": required, "style": style, "schema": {"type": "array", "items": obj({"a": TEXT}, "a")}}
    client = Client(document({}, [listed]), base_url="http://h")

    found = [(one.severity, one.code) for one in client.diagnostics]
    assert found == ([] if style == "deepObject" else [("warning", "uncallable" if required else "unwritable-parameter")])
    if style == "deepObject" or not required:
        assert client.put.prepare(**client.put.example())
