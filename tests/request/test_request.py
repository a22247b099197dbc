"""Arguments become one request, bound, checked and encoded, with nothing sent."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import pytest
from small_api import API, KEY, client

from dynaopenai import Client, DynaOpenAIWarning, RequestValidationError, SpecError
from dynaopenai._request.request import Request

URL = "http://127.0.0.1:9/v1"


@pytest.fixture
def api() -> Client:
    return client(URL)


@pytest.mark.parametrize(
    ("base", "options", "url"),
    [
        (URL, {}, f"{URL}/things?q=x"),
        (f"{URL}/", {}, f"{URL}/things?q=x"),
        (f"{URL}/?v=1", {}, f"{URL}/things?v=1&q=x"),
        (URL, {"query": {"v": "a b", "w": ["1", "2"], "out": None}}, f"{URL}/things?q=x&v=a%20b&w=1&w=2"),
    ],
)
def test_base_path_and_query_are_joined(base: str, options: dict[str, Any], url: str) -> None:
    assert client(base).listThings.with_options(**options).prepare(q="x").url == url


def test_headers_beside_the_call_replace_and_leave_out(api: Client) -> None:
    operation = api.getThing.with_options(headers={"ACCEPT": "a/b", "user-agent": None, "authorization": "mine", "X-New": "1"})

    headers = operation.prepare("a").headers
    assert dict(headers) == {"ACCEPT": "a/b", "authorization": "mine", "X-New": "1", "Accept-Encoding": headers["Accept-Encoding"]}


def test_what_goes_without_a_body_says_so(api: Client) -> None:
    assert api.streamItems.prepare().headers["Content-Length"] == "0"
    assert "Content-Length" not in api.getThing.prepare("a").headers


def test_compressed_answers_are_asked_for_unless_the_user_wants_otherwise(api: Client) -> None:
    assert api.getThing.prepare("a").headers["Accept-Encoding"].startswith("gzip, deflate")
    plain = api.getThing.with_options(headers={"accept-encoding": "identity"}).prepare("a")
    assert plain.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("call", "paths"),
    [
        (lambda api: api.getThing.prepare(), ["id"]),
        (lambda api: api.getThing.prepare(3), ["id"]),
        (lambda api: api.createThing.prepare(), []),
        (lambda api: api.sendFile.prepare(file="text"), ["file"]),
        (lambda api: api.sendFile.prepare(purpose="p"), ["file"]),
        (lambda api: api.sendFile.prepare(file=b"x", purpose=b"y"), ["purpose"]),
        (lambda api: api.sendFile.prepare(file=open), ["file"]),
    ],
)
def test_all_that_is_wrong_is_named_as_it_was_typed(api: Client, call: Any, paths: list[str]) -> None:
    found: list[str] = []
    try:
        call(api)
    except RequestValidationError as error:
        found = [violation.path for violation in error.violations]

    assert found == paths


def test_warn_sends_what_breaks_the_document_and_says_so_at_the_callers_line(api: Client) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        prepared = api.getThing.with_options(validate_requests="warn").prepare(3)

    assert prepared.url == f"{URL}/things/3"
    assert [(warning.category, warning.filename) for warning in told] == [(DynaOpenAIWarning, __file__)]


def test_off_sends_it_in_silence(api: Client) -> None:
    assert api.getThing.with_options(validate_requests="off").prepare(3).url == f"{URL}/things/3"


def test_a_request_shows_and_carries_no_secret() -> None:
    request = Request("op", "GET", f"{URL}/?access_token={KEY}&q=1", {"Authorization": KEY, "X-A": "1"}, None, frozenset({"authorization"}))

    assert KEY not in repr(request)
    assert KEY.encode() not in pickle.dumps(request)
    assert pickle.loads(pickle.dumps(request)).headers == {"Authorization": "***", "X-A": "1"}


def test_preparing_needs_no_key() -> None:
    assert "Authorization" not in Client(API, base_url="http://far.example").getThing.prepare("a").headers


def test_off_asks_no_schema(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_schema: object) -> None:
        pytest.fail("a schema was compiled")

    monkeypatch.setattr("dynaopenai._checking.verdict.compiled", refuse)
    off = api.with_options(validate_requests="off")

    assert off.getThing.prepare(3).url == f"{URL}/things/3"
    assert off.createThing.prepare({"a": 1}).body == b'{"a":1}'


@pytest.mark.parametrize(
    ("media", "schema", "is_text"),
    [
        ("application/sdp", {"type": "string"}, True),
        ("image/*", {"type": "string", "format": "byte"}, True),
        ("text/*", {"type": "string"}, True),
        ("image/jpeg", {"type": "string", "format": "byte"}, True),
        ("application/octet-stream", {"type": "string", "format": "binary"}, False),
        ("application/octet-stream", {}, False),
    ],
)
def test_a_type_that_is_no_text_takes_the_text_that_its_schema_declares(media: str, schema: dict[str, Any], is_text: bool) -> None:
    operation = {"operationId": "send", "requestBody": {"required": True, "content": {media: {"schema": schema}}}, "responses": {}}
    client = Client({"openapi": "3.0.3", "servers": [{"url": "https://a.example"}], "paths": {"/a": {"post": operation}}})

    assert b"".join(client.send.prepare(b"dj0w").body) == b"dj0w"
    if is_text:
        prepared = client.send.prepare("dj0w")
        assert prepared.body == b"dj0w"
        assert "*" not in prepared.headers["Content-Type"]
    else:
        with pytest.raises(RequestValidationError, match="expected a Path"):
            client.send.prepare("dj0w")


@pytest.mark.parametrize("name", ["X\r\nY", "X Y:", "Xé", ""])
def test_a_header_parameter_whose_name_no_header_can_have_is_refused(name: str) -> None:
    parameter = {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    operation = {"operationId": "send", "parameters": [parameter], "responses": {}}
    client = Client({"openapi": "3.0.3", "servers": [{"url": "https://a.example"}], "paths": {"/a": {"get": operation}}})

    with pytest.raises(RequestValidationError, match="found a name that no header can have") as caught:
        client.send.prepare(**{client.send.arguments[0].spelled: "x"})
    assert [violation.path for violation in caught.value.violations] == [client.send.arguments[0].spelled]
    with pytest.raises(SpecError, match="found a name that no header can have"):
        client.send.example()


@pytest.mark.parametrize("media", ["application/yaml", "text/csv"])
def test_text_that_writes_an_object_in_a_way_of_its_own_is_sent_as_given(media: str) -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    operation = {"operationId": "send", "requestBody": {"required": True, "content": {media: {"schema": schema}}}, "responses": {}}
    client = Client({"openapi": "3.0.3", "servers": [{"url": "https://a.example"}], "paths": {"/a": {"post": operation}}})

    assert client.send.prepare("<a/>").body == b"<a/>"
    assert client.send.prepare(**client.send.example()).body == b"example"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_to_json_is_told_as_that(number: float) -> None:
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"y": {"type": "number"}}}}}}
    parameter = {"name": "x", "in": "query", "schema": {"type": "number"}}
    operation = {"operationId": "send", "parameters": [parameter], "requestBody": body, "responses": {}}
    client = Client({"openapi": "3.0.3", "servers": [{"url": "https://a.example"}], "paths": {"/a": {"post": operation}}})

    for name in ("x", "y"):
        with pytest.raises(RequestValidationError, match="which JSON does not know") as caught:
            client.send.prepare(**{name: number})
        assert [violation.path for violation in caught.value.violations] == [name]
