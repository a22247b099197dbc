"""Swagger 2.0 documents are read as the OpenAPI 3.0 ones that they amount to."""

from typing import Any

import pytest

from dynaopenai import Client, RequestValidationError

PETSTORE: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Petstore", "version": "1.0"},
    "host": "pets.example",
    "basePath": "/v2",
    "schemes": ["http", "https"],
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "securityDefinitions": {
        "key": {"type": "apiKey", "name": "api_key", "in": "header"},
        "oauth": {"type": "oauth2", "flow": "implicit", "authorizationUrl": "https://pets.example/o", "scopes": {}},
        "user": {"type": "basic"},
    },
    "parameters": {
        "limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 100},
        "pet": {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}},
    },
    "responses": {"Missing": {"description": "none", "schema": {"$ref": "#/definitions/Error"}}},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "findPets",
                "parameters": [
                    {"$ref": "#/parameters/limit"},
                    {"name": "status", "in": "query", "type": "array", "items": {"type": "string", "enum": ["sold", "free"]}, "collectionFormat": "multi"},
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                    {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "pipes"},
                ],
                "responses": {"200": {"description": "", "schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}}},
            },
            "post": {
                "operationId": "addPet",
                "parameters": [{"$ref": "#/parameters/pet"}],
                "responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}, "404": {"$ref": "#/responses/Missing"}},
                "security": [{"key": []}],
            },
        },
        "/pets/{petId}/image": {
            "parameters": [{"name": "petId", "in": "path", "required": True, "type": "integer"}],
            "post": {
                "operationId": "uploadFile",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "note", "in": "formData", "type": "string"},
                    {"name": "file", "in": "formData", "type": "file", "required": True},
                ],
                "responses": {"200": {"description": ""}},
            },
        },
        "/login": {
            "post": {
                "operationId": "login",
                "consumes": ["application/x-www-form-urlencoded"],
                "parameters": [{"name": "user", "in": "formData", "type": "string", "required": True}],
                "responses": {"200": {"description": ""}},
            }
        },
    },
    "definitions": {
        "Pet": {
            "type": "object",
            "required": ["name"],
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "owner": {"type": "string", "x-nullable": True}},
        },
        "Error": {"type": "object", "properties": {"message": {"type": "string"}}},
    },
}


@pytest.fixture
def client() -> Client:
    return Client(PETSTORE, api_key="k")


def test_host_base_path_and_schemes_make_the_server(client: Client) -> None:
    assert client.base_url == "https://pets.example/v2"


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({"limit": 5}, "limit=5"),
        ({"status": ["sold", "free"]}, "status=sold&status=free"),
        ({"tags": ["a", "b"]}, "tags=a,b"),
        ({"ids": [1, 2]}, "ids=1%7C2"),
    ],
)
def test_collection_formats_become_styles(client: Client, arguments: dict[str, Any], query: str) -> None:
    assert client.findPets.prepare(**arguments).url == f"https://pets.example/v2/pets?{query}"


def test_a_shared_body_parameter_becomes_the_body(client: Client) -> None:
    prepared = client.addPet.prepare(name="Rex", owner=None)

    assert (prepared.body, prepared.headers["api_key"]) == (b'{"name":"Rex","owner":null}', "k")
    with pytest.raises(RequestValidationError) as caught:
        client.addPet.prepare(id=1)
    assert [violation.path for violation in caught.value.violations] == ["name"]


def test_shared_responses_and_definitions_are_followed(client: Client) -> None:
    assert client.addPet.validate_response({"message": 1}, 404)[0].path == "message"
    assert client.findPets.validate_response([{"name": "Rex"}]) == []


def test_a_file_parameter_becomes_a_multipart_body(client: Client) -> None:
    prepared = client.uploadFile.prepare(3, file=("rex.png", b"png"), note="good")

    assert prepared.url == "https://pets.example/v2/pets/3/image"
    assert prepared.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    body = b"".join(prepared.body)  # type: ignore[arg-type]
    assert b'filename="rex.png"' in body
    assert b"good" in body


def test_form_parameters_become_a_form(client: Client) -> None:
    prepared = client.login.prepare(user="a b&c")

    assert (prepared.body, prepared.headers["Content-Type"]) == (b"user=a+b%26c", "application/x-www-form-urlencoded")


def test_basic_security_becomes_http_basic() -> None:
    document = {**PETSTORE, "security": [{"user": []}]}

    assert Client(document, api_key=("me", "pw")).findPets.prepare().headers["Authorization"] == "Basic bWU6cHc="


def test_a_refusal_points_to_the_authors_own_text(client: Client) -> None:
    with pytest.raises(RequestValidationError) as caught:
        client.findPets.prepare(ids=["x"], limit=101)
    places = {violation.path: violation.schema_path for violation in caught.value.violations}

    assert places == {"limit": "#/parameters/limit/maximum", "ids[0]": "#/paths/~1pets/get/parameters/3/items/type"}
    assert client.validate("Pet", {"name": 1})[0].schema_path == "#/definitions/Pet/properties/name/type"
