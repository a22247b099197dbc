"""What stands elsewhere is followed, in the place of anything; what other files of a Swagger document hold is converted too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dynaopenai import Client
from dynaopenai.errors import SpecError

OK = {"responses": {"200": {"description": ""}}}
GET_A = {"operationId": "getA", "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}], **OK}
POST_A = {
    "operationId": "postA",
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}}}},
    **OK,
}


def document(**parts: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "servers": [{"url": "http://h"}], **parts}


def ref(pointer: str) -> dict[str, str]:
    return {"$ref": f"#/{pointer}"}


@pytest.mark.parametrize(
    "parts",
    [
        {"paths": {"/a/{id}": {"get": ref("x-ops/get")}}, "x-ops": {"get": GET_A}},
        {"paths": {"/a/{id}": ref("x-items/a")}, "x-items": {"a": {"get": ref("x-ops/get")}}, "x-ops": {"get": GET_A}},
        {"paths": ref("x-paths"), "x-paths": {"/a/{id}": {"get": GET_A}}},
        {"paths": {"/a/{id}": {"get": {**GET_A, "parameters": ref("x-list")}}}, "x-list": GET_A["parameters"]},
        {"paths": {"/a/{id}": {"get": {**GET_A, "responses": ref("x-answers")}}}, "x-answers": OK["responses"]},
        {"paths": {"/a/{id}": {"$ref": "#/x-item", "get": GET_A}}, "x-item": {"summary": "with neighbours"}},
        {"paths": {"/a/{id}": {"get": GET_A}}, "servers": ref("x-servers"), "x-servers": [{"url": "http://h"}]},
        {"paths": {"/a/{id}": {"get": {**GET_A, "parameters": [ref("components/parameters/id")]}}}, "components": {"parameters": ref("x-parts")}, "x-parts": {"id": GET_A["parameters"][0]}},
    ],
)
def test_a_reference_is_followed_in_the_place_of_anything(parts: dict[str, Any]) -> None:
    client = Client(document(**parts))

    assert client.getA.prepare(id=1).url == "http://h/a/1"
    assert {one.code for one in client.diagnostics} <= {"misplaced-ref"}


@pytest.mark.parametrize(
    "parts",
    [
        {"requestBody": ref("x-body"), **OK},
        {"requestBody": {"content": ref("x-content"), "required": True}, **OK},
        {"requestBody": {"content": {"application/json": ref("x-media")}, "required": True}, **OK},
        {"requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ref("x-names"), "properties": ref("x-props")}}}, "required": True}, **OK},
    ],
)
def test_in_a_body_and_in_a_schema_too(parts: dict[str, Any]) -> None:
    content = POST_A["requestBody"]["content"]  # type: ignore[index]
    schema = content["application/json"]["schema"]
    shared = {"x-body": POST_A["requestBody"], "x-content": content, "x-media": content["application/json"], "x-names": schema["required"], "x-props": schema["properties"]}
    client = Client(document(paths={"/a": {"post": {"operationId": "postA", **parts}}}, **shared))

    assert [argument.name for argument in client.postA.arguments] == ["n"]
    assert client.postA.prepare(n=1).body == b'{"n":1}'


def test_operations_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "get.yml").write_text(yaml.safe_dump({**GET_A, "parameters": [{"$ref": "id.yml"}]}))
    (tmp_path / "resources" / "id.yml").write_text(yaml.safe_dump(GET_A["parameters"][0]))  # type: ignore[index]
    (tmp_path / "api.yml").write_text(yaml.safe_dump(document(paths={"/a/{id}": {"get": {"$ref": "resources/get.yml"}}})))

    client = Client(tmp_path / "api.yml")

    assert client.getA.prepare(id=1).url == "http://h/a/1"
    assert [(one.code, one.source) for one in client.diagnostics] == [("misplaced-ref", "api.yml")]


@pytest.mark.parametrize("circle", [{"paths": ref("paths")}, {"paths": ref("paths/a")}, {"paths": {"/a": ref("x/b")}, "x": ref("x/c")}])
def test_a_circle_is_told(circle: dict[str, Any]) -> None:
    told = Client(document(**circle)).diagnostics

    assert any("in a circle" in one.message for one in told)


def test_an_operation_that_is_nowhere_is_one_error() -> None:
    client = Client(document(paths={"/a": {"get": ref("x-ops/gone")}, "/b": {"get": {"operationId": "getB", **OK}}}))

    assert list(client.operations) == ["getB"]
    assert [(one.severity, one.code) for one in client.diagnostics] == [("error", "ref-leads-nowhere")]


# --- Swagger 2.0 over several files --------------------------------------------------------------

SHARED = {
    "definitions": {
        "Pet": {
            "type": "object",
            "required": ["kind"],
            "discriminator": "kind",
            "properties": {"kind": {"type": "string"}, "name": {"type": "string", "x-nullable": True}, "mate": {"$ref": "#/definitions/Pet"}},
        }
    },
    "parameters": {
        "sizes": {"name": "sizes", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "tsv"},
        "pet": {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}},
        "photo": {"name": "photo", "in": "formData", "type": "file", "required": True},
    },
    "responses": {"pet": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}},
}
ROOT = {
    "swagger": "2.0",
    "info": {"title": "T", "version": "1"},
    "host": "h",
    "schemes": ["http"],
    "paths": {
        "/pets": {
            "post": {
                "operationId": "addPet",
                "parameters": [{"$ref": "shared.yaml#/parameters/pet"}, {"$ref": "shared.yaml#/parameters/sizes"}],
                "responses": {"200": {"$ref": "shared.yaml#/responses/pet"}},
            },
            "put": {"operationId": "putPhoto", "parameters": [{"$ref": "shared.yaml#/parameters/photo"}], "responses": {"200": {"description": ""}}},
        },
        "/mates": {"$ref": "paths/mates.yaml"},
        "/others": {"get": {"$ref": "whole.yaml#/paths/~1others/get"}},
    },
    "definitions": {"Own": {"$ref": "shared.yaml#/definitions/Pet"}},
}
MATES = {
    "parameters": [{"$ref": "../shared.yaml#/parameters/sizes"}],
    "get": {"operationId": "findMates", "responses": {"200": {"description": "", "schema": {"$ref": "../root.yaml#/definitions/Own"}}}},
}
WHOLE = {
    "swagger": "2.0",
    "produces": ["text/csv"],
    "paths": {"/others": {"get": {"operationId": "findOthers", "responses": {"200": {"description": "", "schema": {"type": "string"}}}}}},
}


@pytest.fixture
def pets(tmp_path: Path) -> Client:
    (tmp_path / "paths").mkdir()
    for name, value in {"root": ROOT, "shared": SHARED, "paths/mates": MATES, "whole": WHOLE}.items():
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(value, sort_keys=False))
    return Client(tmp_path / "root.yaml")


def test_what_other_files_hold_is_converted_where_it_is_referred_to(pets: Client) -> None:
    sent = pets.addPet.prepare(kind="cat", name=None, sizes=[1, 2])

    assert (sent.url, sent.body) == ("http://h/pets?sizes=1%092", b'{"kind":"cat","name":null}')
    assert pets.putPhoto.prepare(photo=b"x").headers["Content-Type"].startswith("multipart/form-data")
    assert [str(one) for one in pets.addPet.validate_response({"kind": "cat", "mate": {"kind": 1}})] == ["mate.kind: found 1 (an integer), expected a string"]
    assert [argument.name for argument in pets.findMates.arguments] == ["sizes"]
    assert [one.path for one in pets.findMates.validate_response({})] == ["kind"]
    assert list(pets.findOthers.responses["200"].content) == ["text/csv"]
    assert pets.diagnostics == []


def test_a_file_that_is_not_there_is_told_by_what_needs_it(tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(yaml.safe_dump(ROOT))
    client = Client(tmp_path / "root.yaml")

    with pytest.raises(SpecError, match="cannot be read"):
        client.addPet.prepare()
    assert {one.code for one in client.diagnostics} >= {"ref-leads-to-a-document-that-cannot-be"}


@pytest.mark.parametrize("text", ["a: b\t# c\nd: 1\n", "a: b\n \t\nd:\t1\t\n", "a: 'b'\t# c\n\t# e\nd: 1\n"])
def test_tabs_before_comments_and_before_nothing_are_spaces(text: str) -> None:
    from dynaopenai._document.syntax import parse

    assert parse(text) == ({"a": "b", "d": 1}, ())
