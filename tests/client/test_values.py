"""What `diagnostics` tells of values and schemas, at the price of one look at each."""

from __future__ import annotations

import pytest

from dynaopenai import Client


def test_a_value_that_breaks_its_schema_is_told_with_the_place_and_the_reason() -> None:
    thing = {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "integer"}}}, "example": {"tags": [1, "x"]}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": {"tags": "x"}}}
    get = {"operationId": "get", "responses": {"200": {"description": "", "content": content}}}
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": get}}, "components": {"schemas": {"Thing": thing}}}

    told = [one.message for one in Client(document).diagnostics if one.code == "invalid-example"]

    assert sorted(message.partition("breaks its schema: ")[2].partition(": ")[0] for message in told) == ["tags", "tags[1]"]
    assert all("is not of type" in message for message in told)


def test_a_list_of_objects_in_a_query_is_told() -> None:
    tags = {"name": "Tags", "in": "query", "required": True, "schema": {"type": "array", "items": {"type": "object"}}}
    get = {"operationId": "get", "parameters": [tags], "responses": {"200": {"description": ""}}}
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": get}}}

    assert [one.code for one in Client(document).diagnostics] == ["uncallable"]


def test_schemas_that_refer_to_each_other_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document of a thousand of them took minutes: each operation compiled all."""

    from dynaopenai._checking import verdict as _verdict

    size = 60
    names = [f"S{n}" for n in range(size)]
    schemas = {name: {"type": "object", "properties": {other: {"$ref": f"#/components/schemas/{other}"} for other in names}} for name in names}
    content = {name: {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}, "example": {}}} for name in names}
    paths = {f"/{name}": {"get": {"operationId": name, "responses": {"200": {"description": "", "content": content[name]}}}} for name in names}
    weights: list[int] = []
    compile_ = _verdict.compiled
    monkeypatch.setattr(_verdict, "compiled", lambda schema: (weights.append(len(schema.get("$defs", ()))), compile_(schema))[1])

    assert Client({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, "components": {"schemas": schemas}}).diagnostics == []
    assert sum(weights) <= 2 * size  # a whole one for each direction, and each alone


def test_an_operation_for_which_no_arguments_can_be_made_up_is_told() -> None:
    hard = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "minLength": 2, "maxLength": 1}}}
    body = {"required": True, "content": {"application/json": {"schema": hard}}}
    post = {"operationId": "post", "requestBody": body, "responses": {"200": {"description": ""}}}
    empty = {"name": "p", "in": "path", "required": True, "schema": {"type": "string", "enum": [""]}}
    get = {"operationId": "get", "parameters": [empty], "responses": {"200": {"description": ""}}}
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": post}, "/b/{p}": {"get": get}}}

    told = Client(document).diagnostics

    assert [(one.severity, one.code) for one in told] == [
        ("warning", "uncallable"),
        ("warning", "uncallable"),
    ]
