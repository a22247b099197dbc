"""Documents put together by chance, from a seed: a mock accepts the client's example, and the client the mock's answer."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from dynaopenai import Client
from dynaopenai._mock.server import MockServer
from dynaopenai.errors import SpecError

MANY = 25 if os.environ.get("DYNAOPENAI_SOAK") == "1" else 2
OPERATIONS = 60
TEXTS = ["a b", "c/d", "é", "x&y=1", "p,q"]
SCALARS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "enum": TEXTS},
    {"type": "string", "pattern": "^[A-Z]{2}-\\d{4}$"},
    {"type": "string", "minLength": 3, "maxLength": 5},
    {"type": "string", "nullable": True},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "uuid", "default": "d"},
    {"type": "integer", "minimum": 5, "maximum": 9},
    {"type": "integer", "default": "1"},
    {"type": "number", "multipleOf": 0.5, "exclusiveMinimum": 0},
    {"type": "boolean"},
    {"enum": [1, 2, 3]},
]
NAMES = ["id", "name", "a-b", "x.y", "class", "tags", "status", "created_at", "index", "total", "items", "data", "error", "usage", "content"]
STYLES = {"query": ["form", "spaceDelimited", "pipeDelimited", "deepObject"], "header": ["simple"], "cookie": ["form"]}
TAKEN = ["application/json", "multipart/form-data", "application/x-www-form-urlencoded", "text/plain", "application/octet-stream", "application/xml", "application/vnd.api+json", "image/*"]  # fmt: skip
GIVEN = ["application/json", "application/problem+json", "text/plain", "application/xml", "image/png", "text/event-stream", "*/*"]
PATHS = ["", "/{id}", "/{id}/x", "/{id}:act", "?k=v", "#Act=A", "/{id}/"]


class Chance(random.Random):
    """What a document is put together of."""

    def schema(self, depth: int = 0) -> dict[str, Any]:
        luck = self.random()
        if depth > 2 or luck < 0.45:
            return dict(self.choice(SCALARS))
        if luck < 0.6:
            return {"type": "array", "items": self.schema(depth + 1), **self.choice([{}, {"minItems": 2}, {"maxItems": 1}])}
        if luck < 0.7:
            return {"anyOf": [self.schema(depth + 1), self.schema(depth + 1)]}
        names = self.sample(NAMES, self.randint(0, 4))
        required = self.sample(names, self.randint(0, len(names)))
        return {
            "type": "object",
            "properties": {name: self.schema(depth + 1) for name in names},
            **({"required": required} if required else {}),
            "additionalProperties": self.choice([True, False, {"type": "string"}]),
        }

    def parameter(self, index: int) -> dict[str, Any]:
        place = self.choice(list(STYLES))
        style, schema = self.choice(STYLES[place]), dict(self.choice(SCALARS))
        if style in ("spaceDelimited", "pipeDelimited"):
            schema = {"type": "array", "items": {"type": "integer"}}
        if style == "deepObject":
            schema = {"type": "object", "required": ["a"], "properties": {"a": dict(self.choice(SCALARS))}}
        name = self.choice(["q", "page[size]", "X-Thing", "$filter", "limit"])
        return {"name": f"{name}{index}", "in": place, "required": self.random() < 0.6, "style": style, "schema": schema}

    def body(self) -> dict[str, Any]:
        media, schema = self.choice(TAKEN), self.schema()
        if "form" in media:
            files = {"file": {"type": "string", "format": "binary"}} if "multipart" in media else {}
            fields = {"f": dict(self.choice(SCALARS)), "g": {"type": "array", "items": dict(self.choice(SCALARS))}, **files}
            schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
        elif "json" not in media:
            schema = {"type": "string", "format": "binary"} if media in ("application/octet-stream", "image/*") else {"type": "string"}
        return {"requestBody": {"required": self.random() < 0.7, "content": {media: {"schema": schema}}}}

    def responses(self) -> dict[str, Any]:
        status, media = self.choice(["200", "201", "204", "2XX", "default", "302"]), self.choice(GIVEN)
        is_json = "json" in media or media in ("text/event-stream", "*/*")
        schema = self.schema() if is_json else {"type": "string", **({"format": "binary"} if "image" in media else {})}
        headers = {"headers": {"X-List": {"required": True, "schema": {"type": "array", "items": {"type": "integer"}}}}}
        content = {"content": {media: {"schema": schema}}} if status != "204" else {}
        return {"responses": {status: {"description": "", **content, **(headers if self.random() < 0.3 else {})}}}

    def document(self) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for number in range(OPERATIONS):
            path, method = f"/r{number}{self.choice(PATHS)}", self.choice(["get", "post", "put", "patch", "delete"])
            own = [{"name": "id", "in": "path", "required": True, "style": self.choice(["simple", "matrix", "label"]), "schema": dict(self.choice(SCALARS))}]
            parameters = (own if "{id}" in path else []) + [self.parameter(index) for index in range(self.randint(0, 3))]
            body = self.body() if method in ("post", "put", "patch") else {}
            paths[path] = {method: {"operationId": f"op{number}", "parameters": parameters, **body, **self.responses()}}
        return {"openapi": "3.0.3", "info": {"title": "By chance", "version": "1"}, "paths": paths}


@pytest.mark.parametrize("seed", range(MANY))
def test_every_operation_works_with_its_example(seed: int) -> None:
    document = Chance(seed).document()
    failed: dict[str, str] = {}
    with MockServer(document) as server, Client(document, base_url=server.url, max_retries=0) as client:
        for operation in client.operations.values():
            try:
                example = operation.example()
            except SpecError:
                continue  # a header that cannot carry any of its texts
            try:
                response = operation.send(**example)
                assert operation.id == server.requests[-1].operation_id
                response.close()
            except Exception as error:  # noqa: BLE001 - all of them are told at the end
                failed[operation.id] = f"{operation.method} {operation.path}: {type(error).__name__}: {str(error)[:400]}"

    assert failed == {}
