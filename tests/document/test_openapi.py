"""A document of any version is read into the specification's objects, in one shape."""

from typing import Any

import pytest
from documents import EVERYTHING, OK, answer, document, parameter

from dynaopenai import Client, SpecError
from dynaopenai._checking.contract import Contract
from dynaopenai._document.document import load
from dynaopenai._document.openapi import Operation


def read(operation: dict[str, Any], version: str = "3.1.0", path: str = "/a", **more: Any) -> Operation:
    contract = Contract(load(document({path: {"get": {"operationId": "it", **OK, **operation}, **more.pop("item", {})}}, version, **more)))
    return contract.operation("it")


@pytest.mark.parametrize(
    ("declared", "version"),
    [("3.0.0", (3, 0)), ("3.0.4", (3, 0)), ("3.1", (3, 1)), (3.1, (3, 1)), ("3.2.0", (3, 2)), ("3.3.0-draft", (3, 3)), (3, (3, 0))],
)
def test_a_version_is_read_however_it_is_written(declared: Any, version: tuple[int, int]) -> None:
    assert Contract(load({"openapi": declared})).openapi.version == version


@pytest.mark.parametrize(
    ("root", "said"),
    [
        ({"openapi": "2.0"}, 'found     openapi: "2.0"'),
        ({"openapi": "30"}, 'found     openapi: "30"'),
        ({"swagger": "1.2"}, 'found     "1.2"'),
        ({"asyncapi": "3.0.0", "info": {}}, 'found     fields ["asyncapi", "info"]'),
    ],
)
def test_another_kind_of_document_is_refused_by_name(root: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError) as caught:
        Client(root)

    assert said in str(caught.value)


def test_path_level_parameters_are_overridden_by_name_and_place() -> None:
    item = {"parameters": [parameter("q"), parameter("q", "header"), parameter("limit", schema={"type": "integer"})]}
    operation = read({"parameters": [parameter("q", schema={"type": "boolean"})]}, item=item)

    found = {(one.in_, one.name): one.schema.value for one in operation.parameters if one.schema is not None}
    assert found == {("query", "q"): {"type": "boolean"}, ("header", "q"): {"type": "string"}, ("query", "limit"): {"type": "integer"}}


def test_the_template_decides_which_path_parameters_there_are() -> None:
    operation = read({"parameters": [parameter("id", "path"), parameter("gone", "path")]}, path="/a/{id}/{undeclared}")

    assert [one.name for one in operation.parameters] == ["id", "undeclared"]
    assert all(one.required for one in operation.parameters)


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_headers_that_others_speak_for_are_no_parameters(name: str) -> None:
    assert read({"parameters": [parameter(name, "header")], "security": [{"key": []}]}).parameters == ()


DEFAULTS = [
    ("query", "form", True),
    ("path", "simple", False),
    ("header", "simple", False),
    ("cookie", "form", True),
]


@pytest.mark.parametrize(("in_", "style", "explode"), DEFAULTS)
def test_style_and_explode_have_the_defaults_of_their_place(in_: str, style: str, explode: bool) -> None:
    (found,) = read({"parameters": [parameter("p", in_)]}, path="/a/{p}" if in_ == "path" else "/a").parameters

    assert (found.style, found.explode) == (style, explode)


def test_what_3_2_adds_is_read() -> None:
    contract = Contract(load(EVERYTHING))

    assert [(entry.id, entry.method) for entry in contract.openapi.entries.values()][:2] == [("find", "QUERY"), ("copy", "COPY")]
    content = contract.operation("events").responses["200"].content
    assert all(media.item_schema is not None and media.schema is None for media in content.values())
    assert contract.operation("search").parameters[0].in_ == "querystring"
    assert contract.operation("events").parameters[0].style == "cookie"


STREAMS: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("application/jsonl", {"itemSchema": {"type": "integer"}}, [1, 2], [1, "x"]),
    ("application/json-seq", {"itemSchema": {"type": "integer"}}, [], ["x"]),
    ("application/x-ndjson", {"schema": {"type": "object", "required": ["a"]}}, [{"a": 1}], [{}]),
    ("application/jsonl", {"schema": {"type": "array", "items": {"type": "integer"}}}, [1], ["x"]),
    ("text/event-stream", {"itemSchema": {"properties": {"data": {"contentMediaType": "application/json", "contentSchema": {"type": "integer"}}}}}, 1, "x"),
    ("text/event-stream", {"itemSchema": {"properties": {"data": {"type": "string"}}}}, "x", 1),
    ("text/event-stream", {"itemSchema": {"type": "object", "required": ["a"]}}, {"a": 1}, {}),
    ("text/event-stream", {"schema": {"type": "integer"}}, 1, "x"),
]


@pytest.mark.parametrize(("media", "declared", "valid", "invalid"), STREAMS, ids=range(len(STREAMS)))
def test_an_item_of_a_sequence_is_what_is_declared_for_it(media: str, declared: dict[str, Any], valid: Any, invalid: Any) -> None:
    responses = {"200": {"description": "", "content": {media: declared}}}
    it = Client(document({"/a": {"get": {"operationId": "it", "responses": responses}}}, "3.2.0")).it

    assert it.validate_response(valid, content_type=media) == []
    assert it.validate_response(invalid, content_type=media) != []


RESPONSES = {name: {"description": "", "content": {"application/json": {"schema": {"const": name}}}} for name in ("200", "2XX", "4xx", "default")}


@pytest.mark.parametrize(("status", "name"), [(200, "200"), (201, "2XX"), (404, "4xx"), (503, "default"), (302, "default")])
def test_the_most_specific_status_counts(status: int, name: str) -> None:
    it = Client(document({"/a": {"get": {"operationId": "it", "responses": RESPONSES}}})).it

    assert it.validate_response(name, status) == []
    assert it.validate_response("other", status) != []


CONTENT = {name: {"schema": {"const": name}} for name in ("application/json", "application/*+json", "text/*", "*/*")}


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/problem+json", "application/*+json"),
        ("text/markdown", "text/*"),
        ("image/png", "*/*"),
    ],
)
def test_the_most_specific_media_type_counts(content_type: str, name: str) -> None:
    it = Client(document({"/a": {"get": {"operationId": "it", "responses": {"200": {"description": "", "content": CONTENT}}}}})).it

    assert it.validate_response(name, content_type=content_type) == []
    assert it.validate_response("other", content_type=content_type) != []


SECURITY: list[tuple[Any, Any, tuple[tuple[str, ...], ...]]] = [
    ([{"a": []}], None, (("a",),)),
    ([{"a": []}], [], ()),
    ([{"a": []}], [{}], ((),)),
    ([{"a": []}], [{"a": [], "b": ["read"]}, {"c": []}], (("a", "b"), ("c",))),
    (None, None, ()),
]


@pytest.mark.parametrize(("everywhere", "own", "expected"), SECURITY, ids=range(len(SECURITY)))
def test_an_operations_security_overrides_the_documents(everywhere: Any, own: Any, expected: Any) -> None:
    operation = read({} if own is None else {"security": own}, **({} if everywhere is None else {"security": everywhere}))

    assert operation.security == expected


def test_a_document_of_webhooks_alone_is_a_document() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}}}
    client = Client({"openapi": "3.1.0", "info": {"title": "W", "version": "1"}, "webhooks": {"e": {"post": {"requestBody": body}}}, "components": {"schemas": {"Event": {"type": "integer"}}}})

    assert (len(client.operations), client.diagnostics, client.validate("Event", 1)) == (0, [], [])


def test_names_that_only_punctuation_tells_apart_are_each_reached() -> None:
    it = Client(document({"/a": {"get": {"operationId": "it", "parameters": [parameter("t<"), parameter("t>"), parameter("t")], **answer({})}}})).it

    assert it.prepare(**{"t<": "a", "t>": "b", "t": "c"}).url == it.prepare(t_query="a", t_query_="b", t="c").url
    assert it.prepare(t="c").url == "https://api.example/v1/a?t=c"


def test_what_operations_share_is_read_once() -> None:
    key = {"name": "key", "in": "header", "schema": {"type": "string"}}
    authorization = {"name": "Authorization", "in": "header", "schema": {"type": "string"}}
    shared = {"parameters": [{"$ref": "#/components/parameters/key"}, {"$ref": "#/components/parameters/auth"}], "responses": {"200": {"$ref": "#/components/responses/ok"}, "201": {"$ref": "#/components/responses/ok"}}}
    paths = {"/a": {"get": {"operationId": "a", **shared}}, "/b": {"get": {"operationId": "b", "security": [{}], **shared}}}
    components = {"parameters": {"key": key, "auth": authorization}, "responses": {"ok": {"description": "fine"}}, "securitySchemes": {"s": {"type": "http", "scheme": "bearer"}}}
    contract = Contract(load({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "security": [{"s": []}], "paths": paths, "components": components}))
    one, other = contract.operation("a"), contract.operation("b")

    assert one.responses["200"] is other.responses["200"]
    assert [answer.status for answer in one.responses.values()] == ["200", "201"]
    assert [parameter.name for parameter in one.parameters] == ["key"]  # security says the other
    assert [parameter.name for parameter in other.parameters] == ["key", "Authorization"]
