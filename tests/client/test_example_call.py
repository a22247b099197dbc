"""``op(**op.example())`` is always a call that is sent, or `example` says why there is none."""

from __future__ import annotations

import pydoc
from typing import Any

import pytest

from dynaopenai import Client
from dynaopenai.errors import SpecError

TEXT = {"type": "string"}


def operation(path: str = "/a", parameters: Any = (), body: Any = None) -> Any:
    post = {"operationId": "send", "parameters": list(parameters), "responses": {"200": {"description": ""}}}
    if body is not None:
        post["requestBody"] = {"required": True, "content": {"application/json": body}}
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {path: {"post": post}}}
    return Client(document, base_url="http://h").send


def parameter(schema: Any, in_: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": "p", "in": in_, "required": True, "schema": schema, **more}


OPEN = {"type": "object", "additionalProperties": TEXT}


@pytest.mark.parametrize(
    ("declared", "url"),
    [
        (parameter({**TEXT, "enum": ["", "B", "P"]}, "path"), "/a/B"),
        (parameter({**TEXT, "enum": [".", "..", "x"]}, "path"), "/a/x"),
        (parameter({"type": "object", "properties": {"major": {"type": "integer"}}}, "path"), "/a/major,1"),
        (parameter(OPEN, "path"), "/a/key,key"),
        (parameter({"type": "array", "items": TEXT}, "path", example=[]), "/a/text"),
        (parameter(OPEN), "/a/{p}?key=key"),
        (parameter({"type": "array", "items": TEXT}, example=[]), "/a/{p}?p=text"),
        (parameter({**TEXT, "nullable": True}, example=None), "/a/{p}?p=text"),
    ],
)
def test_a_parameter_that_is_required_is_one_that_is_written(declared: dict[str, Any], url: str) -> None:
    op = operation("/a/{p}" if declared["in"] == "path" else "/a/%7Bp%7D", [declared])

    assert op.prepare(**op.example()).url == "http://h" + url.replace("{p}", "%7Bp%7D")


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ({"schema": {"type": "object", "properties": {"a": TEXT}}, "example": {"a": "x", "b": "y"}}, b'{"a":"x","b":"y"}'),
        ({"schema": {"type": "object", "properties": {"name": TEXT}}, "example": {"nmae": "x"}}, b"{}"),  # nearly what is declared: refused
        ({"schema": {"type": "object", "required": ["b"], "properties": {"a": TEXT}}}, b'{"b":"b"}'),
        ({"schema": {"type": "object", "properties": {"a": TEXT}}, "examples": {"one": {"value": {"a": 1}}, "two": {"value": {"a": "x"}}}}, b'{"a":"x"}'),
    ],
)
def test_a_documents_own_example_is_sent_where_it_can_be(media: dict[str, Any], body: bytes) -> None:
    op = operation(body=media)

    assert op.prepare(**op.example()).body == body


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        (parameter({"type": "array", "items": {"type": "object", "required": ["k"], "properties": {"k": TEXT}}, "minItems": 1}), "expected a single value"),
        (parameter({"type": "string", "enum": [""]}, "path"), "which would change the path"),
        (parameter(TEXT, "query", style="curly"), 'style "curly"'),
    ],
)
def test_where_nothing_can_be_written_it_says_so_and_help_shows_no_call(declared: dict[str, Any], found: str) -> None:
    op = operation("/a/{p}" if declared["in"] == "path" else "/a", [declared])

    with pytest.raises(SpecError, match="no value of this parameter can be written") as caught:
        op.example()
    assert found in caught.value.found
    assert "Example:" not in pydoc.plain(pydoc.render_doc(op))


def test_an_empty_list_is_better_than_none() -> None:
    hard = {"type": "array", "items": {"type": "string", "minLength": 2, "maxLength": 1}}

    assert operation(body={"schema": hard}).example() == {"body": []}
