"""A small document for the tests of what is on the wire: a few operations, each a kind of exchange."""

from __future__ import annotations

from typing import Any

from dynaopenai import Client

JSON = "application/json"


def answers(schema: dict[str, Any], media: str = JSON, **more: Any) -> dict[str, Any]:
    return {"description": "", "content": {media: {"schema": schema}}, **more}


def query(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind}}


THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "size": {"type": "integer"}}}
ITEM = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
FILE = {"type": "string", "format": "binary"}
FORM = {"type": "object", "required": ["file"], "properties": {"file": FILE, "purpose": {"type": "string"}}}

API: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Small", "version": "1"},
    "security": [{"bearer": []}],
    "paths": {
        "/things": {
            "get": {"operationId": "listThings", "parameters": [query("q")], "responses": {"200": answers({"type": "array", "items": THING})}},
            "post": {
                "operationId": "createThing",
                "requestBody": {"required": True, "content": {JSON: {"schema": {"type": "object"}}}},
                "responses": {"200": answers(THING), "204": {"description": ""}},
            },
        },
        "/things/{id}": {
            "get": {
                "operationId": "getThing",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "X-Note", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {"200": answers(THING)},
            },
            "head": {
                "operationId": "headThing",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": answers(THING)},
            },
        },
        "/stream": {
            "post": {"operationId": "streamItems", "responses": {"200": answers(ITEM, "text/event-stream")}},
        },
        "/text": {"get": {"operationId": "getText", "responses": {"200": answers({"type": "string"}, "text/plain")}}},
        "/file": {
            "get": {"operationId": "getFile", "responses": {"200": answers(FILE, "application/octet-stream")}},
            "post": {
                "operationId": "sendFile",
                "requestBody": {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": FORM}},
                },
                "responses": {"200": answers(THING)},
            },
            "put": {
                "operationId": "putFile",
                "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": FILE}}},
                "responses": {"200": answers(THING)},
            },
        },
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}

KEY = "sk-canary-27182818"


def client(url: str, **options: Any) -> Client:
    """A client of the small document, at this URL."""
    return Client(API, base_url=url, api_key=KEY, **{"timeout": 5, **options})
