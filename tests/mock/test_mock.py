"""The mock server speaks the document over real HTTP: it judges, answers, streams, and leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from dynaopenai import Client, DynaOpenAIError, RateLimitError, SpecError, UnknownOperationError
from dynaopenai._checking.contract import Contract
from dynaopenai._document.document import load
from dynaopenai._mock import mock as _mock
from dynaopenai._mock import serving as _serving
from dynaopenai._mock.mock import Record
from dynaopenai._mock.server import MockServer

KEY = {"Authorization": "Bearer sk-mock"}
FAULT = {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def answer(schema: Any, media: str = "application/json", **more: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {media: {"schema": schema, **more}}}, "default": FAULT}


ORDER = {"$ref": "#/components/schemas/Order"}
API: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "7"},
    "servers": [{"url": "https://shop.example/v1"}],
    "security": [{"bearer": []}],
    "paths": {
        "/orders": {
            "get": {
                "operationId": "listOrders",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
                "responses": answer({"type": "array", "items": ORDER}),
            },
            "post": {
                "operationId": "createOrder",
                "x-stream": "[DONE] ends it.",
                "requestBody": {"required": True, "content": {"application/json": {"schema": ORDER}}},
                "responses": {
                    "201": {
                        "description": "",
                        "content": {
                            "application/json": {"schema": ORDER, "example": {"item": "tea", "note": "", "lines": []}},
                            "text/event-stream": {"schema": {"$ref": "#/components/schemas/Step"}},
                        },
                    },
                    "4XX": FAULT,
                },
            },
        },
        "/orders/{id}": {
            "parameters": [ID],
            "get": {"operationId": "getOrder", "responses": answer({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})},
        },
        "/orders/latest": {"get": {"operationId": "latestOrder", "responses": answer({"enum": ["latest"]})}},
        "/orders/{id}/files": {
            "parameters": [ID],
            "post": {
                "operationId": "attach",
                "requestBody": {
                    "required": True,
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "required": ["file", "title"],
                                "properties": {
                                    "file": {"type": "string", "format": "binary"},
                                    "title": {"type": "string"},
                                    "pages": {"type": "integer"},
                                    "labels": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                                },
                            }
                        }
                    },
                },
                "responses": answer({"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}),
            },
        },
        "/orders/{id}/label": {
            "parameters": [ID],
            "get": {"operationId": "label", "responses": answer({"type": "string", "format": "binary"}, "application/pdf")},
        },
        "/orders/{id}/ping": {
            "parameters": [ID],
            "post": {"operationId": "ping", "security": [], "responses": {"204": {"description": ""}}},
        },
        "/health": {
            "get": {
                "operationId": "health",
                "security": [],
                "responses": {"200": {"description": "", "content": {"text/plain": {"schema": {"type": "string"}, "example": "füll"}}}},
            }
        },
        "/broken": {
            "get": {"operationId": "broken", "responses": answer({"$ref": "#/components/schemas/Nowhere"})},
            "post": {"operationId": "defect", "requestBody": {"$ref": "#/nowhere"}, "responses": answer({})},
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["item"],
                "properties": {
                    "item": {"type": "string", "enum": ["tea", "coffee"]},
                    "note": {"type": "string"},
                    "lines": {"type": "array", "items": {"type": "object", "properties": {"count": {"type": "integer"}}}},
                    "stream": {"type": "boolean"},
                },
            },
            "Step": {"type": "object", "required": ["note"], "properties": {"note": {"type": "string"}}},
            "Fault": {
                "type": "object",
                "required": ["error"],
                "properties": {
                    "error": {
                        "type": "object",
                        "required": ["message", "type", "param", "code"],
                        "properties": {
                            "message": {"type": "string"},
                            "type": {"type": "string"},
                            "param": {"type": "string", "nullable": True},
                            "code": {"type": "string", "nullable": True},
                        },
                    }
                },
            },
        },
    },
}


def one_operation(responses: Any, **more: Any) -> dict[str, Any]:
    paths = {"/thing": {"get": {"operationId": "thing", "responses": responses, **more}}}
    return {"openapi": "3.1.0", "info": {"title": "Thing", "version": "1"}, "paths": paths}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(load(API))


@pytest.fixture
def server(contract: Contract) -> Iterator[MockServer]:
    with MockServer(contract) as server:
        yield server


def fetch(server: MockServer, method: str, path: str, **more: Any) -> requests.Response:
    headers = {**KEY, **more.pop("headers", {})}
    return requests.request(method, server.url + path, headers=headers, timeout=10, **more)


def fault(response: requests.Response) -> Any:
    """The error object, its place and members being those that the document declares."""
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    return body["error"]


def address(server: MockServer) -> tuple[str, int]:
    parts = urlsplit(server.url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def raw(server: MockServer, data: bytes) -> bytes:
    """All that comes back on a connection of its own, until the server closes it."""
    with socket.create_connection(address(server), timeout=10) as connection:
        connection.sendall(data)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def chunks(body: bytes) -> list[bytes]:
    """The chunks of a chunked body, the last empty one left out; the body must end with it."""
    found = []
    while True:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        assert rest[length : length + 2] == b"\r\n"
        if not length:
            assert rest == b"\r\n"
            return found
        found.append(rest[:length])
        body = rest[length + 2 :]


# --- answers -------------------------------------------------------------------------------------


def test_a_valid_request_gets_the_documents_example_with_what_it_said(server: MockServer) -> None:
    response = fetch(server, "POST", "/orders", json={"item": "coffee", "note": "hot"})

    assert response.status_code == 201
    assert response.json() == {"item": "coffee", "note": "hot", "lines": []}
    assert response.headers["Content-Length"] == str(len(response.content))


def test_the_url_has_the_path_of_the_documents_server(server: MockServer) -> None:
    host, port = address(server)

    assert server.url == f"http://127.0.0.1:{port}/v1"
    assert fetch(server, "GET", "/health").status_code == 200
    assert requests.get(f"http://{host}:{port}/health", timeout=10).status_code == 404


def test_text_is_text(server: MockServer) -> None:
    response = fetch(server, "GET", "/health")

    assert response.headers["Content-Type"] == "text/plain"
    assert response.content == "füll".encode()


def test_a_download_is_bytes(server: MockServer) -> None:
    response = fetch(server, "GET", "/orders/7/label")

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content == b"example\n"


def test_an_answer_without_content_has_no_body(server: MockServer) -> None:
    response = fetch(server, "POST", "/orders/7/ping")

    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Length" not in response.headers


def test_a_concrete_path_goes_before_a_template(server: MockServer) -> None:
    assert fetch(server, "GET", "/orders/latest").json() == "latest"


def test_an_escaped_slash_belongs_to_the_value(server: MockServer) -> None:
    assert fetch(server, "GET", "/orders/a%2Fb%25").json() == {"id": "a/b%"}


def test_file_uploads_are_judged_part_by_part(server: MockServer) -> None:
    parts = {"file": ("a.bin", bytes(range(256)) * 4096), "title": (None, "A"), "pages": (None, "3")}
    response = fetch(server, "POST", "/orders/7/files", files=parts)

    assert response.json() == {"title": "A"}

    response = fetch(server, "POST", "/orders/7/files", files={**parts, "pages": (None, "three")})

    assert response.status_code == 400
    assert fault(response)["param"] == "pages"

    response = fetch(server, "POST", "/orders/7/files", files={"title": (None, "A")})

    assert fault(response)["message"] == "file: missing, expected since it is required"


def test_a_file_is_a_string_to_openapi_3_1_too() -> None:
    with MockServer({**API, "openapi": "3.1.0"}) as server:
        response = fetch(server, "POST", "/orders/7/files", files={"file": ("a", b"\xff\x00"), "title": (None, "A")})

    assert (response.status_code, server.requests[0].verdict) == (200, ())


@pytest.mark.parametrize("wanted", ["image/*", "text/*", "*/*", "application/vnd.shop+json"])
def test_a_range_of_media_types_is_answered_with_one_of_it(wanted: str) -> None:
    document = one_operation({"200": {"description": "", "content": {wanted: {"schema": {"type": "string"}}}}})
    with MockServer(document) as server, Client(document, base_url=server.url) as client:
        response = client.thing.send()
        response.close()

    assert "*" not in response.content_type


# --- streams -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "accept", "is_stream"),
    [
        ({"stream": True}, "application/json, text/event-stream", True),
        ({"stream": False}, "text/event-stream", False),
        ({}, "text/event-stream", True),
        ({}, "text/event-stream, application/json", False),
        ({}, "*/*", False),
    ],
)
def test_events_come_when_they_are_asked_for(server: MockServer, body: Any, accept: str, is_stream: bool) -> None:
    response = fetch(server, "POST", "/orders", json={"item": "tea", **body}, headers={"Accept": accept})

    assert response.headers["Content-Type"] == ("text/event-stream" if is_stream else "application/json")


def test_a_stream_has_several_events_and_says_that_it_is_done(server: MockServer) -> None:
    response = fetch(server, "POST", "/orders", json={"item": "tea", "note": "hot", "stream": True})
    events = response.text.split("\n\n")

    assert response.headers["Transfer-Encoding"] == "chunked"
    assert events == ['data: {"note":"hot"}'] * 4 + ["data: [DONE]", ""]


def test_every_event_is_a_chunk_of_its_own(server: MockServer) -> None:
    body = b'{"item": "tea", "stream": true}'
    head = b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nConnection: close\r\n"
    received = raw(server, head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    found = chunks(received.partition(b"\r\n\r\n")[2])

    assert len(found) == 5
    assert all(chunk.startswith(b"data: ") and chunk.endswith(b"\n\n") for chunk in found)


def test_a_chunk_is_sent_as_soon_as_it_is_there() -> None:
    go_on = threading.Event()

    def app(_environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"first"
        assert go_on.wait(10)
        yield b"second"

    with serving(app) as server:
        response = requests.get(f"http://127.0.0.1:{server.port}/", stream=True, timeout=10)
        pieces = response.iter_content(None)
        first = next(pieces)  # it is here while the second one still waits
        go_on.set()

        assert (first, list(pieces)) == (b"first", [b"second"])


def test_a_client_of_http_1_0_gets_its_stream_unchunked_to_the_end(server: MockServer) -> None:
    body = b'{"item": "tea", "stream": true}'
    head = b"POST /v1/orders HTTP/1.0\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\n"
    received = raw(server, head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    assert b"Transfer-Encoding" not in received
    assert received.endswith(b"data: [DONE]\n\n")


# --- errors --------------------------------------------------------------------------------------


def test_an_invalid_body_is_refused_with_the_place_and_a_way_on(server: MockServer) -> None:
    response = fetch(server, "POST", "/orders", json={"item": "tee", "lines": [{}, {"count": "2"}]})
    error = fault(response)

    assert response.status_code == 400
    assert error["type"] == "invalid_request_error"
    assert error["param"] in ("item", "lines[1].count")
    assert 'item: found "tee", expected "tea" or "coffee"; did you mean "tea"?' in error["message"].split("\n")
    assert 'lines[1].count: found "2" (a string), expected an integer' in error["message"].split("\n")


@pytest.mark.parametrize(
    ("method", "path", "more", "param", "message"),
    [
        ("GET", "/orders?limit=many", {}, "limit", 'limit: found "many" (a string), expected an integer'),
        ("GET", "/orders?limit=0", {}, "limit", "limit: found 0, expected at least 1"),
        ("POST", "/orders", {}, None, "found no body, expected one"),
        ("POST", "/orders", {"data": "{", "headers": {"Content-Type": "application/json"}}, "body", 'body: found a body that cannot be read as application/json: Expecting property name enclosed in double quotes at line 1 column 2, near "{"'),
        ("POST", "/orders", {"json": {}}, "item", "item: missing, expected since it is required"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    server: MockServer, method: str, path: str, more: Any, param: str | None, message: str
) -> None:
    response = fetch(server, method, path, **more)

    assert response.status_code == 400
    assert (fault(response)["param"], fault(response)["message"]) == (param, message)


def test_a_missing_credential_is_a_401_that_says_how_to_show_one(server: MockServer) -> None:
    response = requests.get(f"{server.url}/orders", timeout=10)

    assert response.status_code == 401
    assert fault(response)["type"] == "authentication_error"
    assert fault(response)["message"] == (
        'found no credential, expected one; send the header "Authorization: Bearer ..."'
    )


def test_an_unknown_path_is_a_404_that_knows_the_near_one(server: MockServer) -> None:
    response = fetch(server, "GET", "/order/7/label")

    assert response.status_code == 404
    assert fault(response)["type"] == "not_found_error"
    assert fault(response)["message"].endswith('did you mean "/v1/orders/7/label"?')


def test_a_path_without_the_servers_prefix_is_nearly_right(server: MockServer) -> None:
    host, port = address(server)
    response = requests.get(f"http://{host}:{port}/orders/latest", timeout=10)

    assert fault(response)["message"].endswith('did you mean "/v1/orders/latest"?')


def test_a_path_like_no_other_is_told_where_the_paths_begin(server: MockServer) -> None:
    response = fetch(server, "GET", "/zzzzzzzzzzzzzzzz")

    assert fault(response)["message"].endswith('its paths begin with "/v1"')


def test_another_method_is_a_405_with_those_allowed(server: MockServer) -> None:
    response = fetch(server, "DELETE", "/orders")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert fault(response)["message"].startswith('found the method DELETE for "/v1/orders", expected "GET"')


def test_another_media_type_is_a_415(server: MockServer) -> None:
    response = fetch(server, "POST", "/orders", data=b"<item/>", headers={"Content-Type": "application/xml"})

    assert response.status_code == 415
    assert fault(response)["message"] == 'Content-Type: found "application/xml", which is not declared, expected "application/json"'


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_body_beyond_the_limit_is_a_413_and_ends_the_connection(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, is_chunked: bool
) -> None:
    monkeypatch.setattr(_mock, "MAX_BODY", 1000)
    body = b'{"item": "' + b"x" * 30_000_000 + b'"}'
    sent = iter([body]) if is_chunked else body
    response = fetch(server, "POST", "/orders", data=sent, headers={"Content-Type": "application/json"})

    assert response.status_code == 413
    assert fault(response)["message"] == "found a body of more than 1,000 bytes, expected less"
    assert response.headers["Connection"] == "close"


def test_a_refused_body_can_be_sent_to_its_end_and_the_refusal_read(
    server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_mock, "MAX_BODY", 1000)
    head = b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n"
    received = raw(server, head + b"x" * 30_000_000)  # no reset on either way

    assert received.startswith(b"HTTP/1.1 413 ")


def test_an_error_that_is_not_declared_there_has_the_shape_declared_elsewhere(server: MockServer) -> None:
    response = fetch(server, "GET", "/health", json={}, headers={"Accept": "*/*"})
    assert response.status_code == 200

    assert fault(fetch(server, "PUT", "/health"))["param"] is None


def test_an_api_without_an_error_shape_answers_with_problem_details() -> None:
    with MockServer(one_operation({"200": {"description": ""}})) as server:
        response = fetch(server, "GET", "/thin")

    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["title"], problem["status"]) == ("Not Found", 404)
    assert problem["detail"] == problem["error"]["message"]
    assert problem["detail"].endswith('did you mean "/thing"?')


@pytest.mark.parametrize(
    ("responses", "message"),
    [
        (answer({"type": "string", "minLength": 2, "maxLength": 1}), "no valid value can be made up"),
        (answer({"$ref": "#/components/schemas/Nowhere"}), "$ref leads nowhere"),
    ],
)
def test_where_no_valid_answer_can_be_made_up_a_500_says_so(responses: Any, message: str) -> None:
    document = one_operation({"200": responses["200"]})
    with MockServer(document) as server:
        response = fetch(server, "GET", "/thing")

    assert response.status_code == 500
    assert "no answer can be made up" in response.json()["detail"]
    assert message in response.json()["detail"]


def test_what_openapi_core_cannot_judge_is_recorded_and_not_blamed_on_the_request(
    server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def iter_errors(self, _request: Any) -> Iterator[Exception]:
            raise KeyError("surprise")

    monkeypatch.setattr(server.app._judge, "_validator", Failing())

    assert fetch(server, "POST", "/orders", json={"item": "tea"}).status_code == 201
    assert server.requests[0].doubts == ('not judged: openapi-core failed: KeyError: "\'surprise\'"',)
    assert server.requests[0].verdict == ()


@pytest.mark.parametrize("query", ["", "created=5", "created[gt]=1"])
def test_a_style_that_openapi_core_does_not_read_is_not_blamed_on_the_request(query: str) -> None:
    either = {"anyOf": [{"type": "object", "properties": {"gt": {"type": "integer"}}}, {"type": "integer"}]}
    created = {"name": "created", "in": "query", "style": "deepObject", "explode": True, "schema": either}
    api = {"openapi": "3.0.3", "paths": {"/a": {"get": {"parameters": [created], "responses": {"200": {"description": ""}}}}}}

    with MockServer(api) as server:
        assert requests.get(f"{server.url}/a?{query}", timeout=5).status_code == 200


# --- faults --------------------------------------------------------------------------------------


def test_a_fault_is_answered_whatever_is_asked(contract: Contract) -> None:
    with MockServer(contract, faults={"createOrder": 429, "getOrder": 503}) as server:
        refused = fetch(server, "POST", "/orders", json={"item": "tea"})
        failed = fetch(server, "GET", "/orders/7")
        untouched = fetch(server, "GET", "/orders/latest")

    assert [refused.status_code, failed.status_code, untouched.status_code] == [429, 503, 200]
    assert fault(refused)["type"] == "rate_limit_error"
    assert fault(failed)["type"] == "server_error"
    assert fault(refused)["message"] == "createOrder answers 429 because this mock server was told so (faults)"


def test_a_fault_reaches_the_clients_user_as_the_error_of_its_status() -> None:
    with MockServer(API, faults={"createOrder": 429}) as server:
        client = Client(API, base_url=server.url, api_key="sk-mock", max_retries=0)
        with client, pytest.raises(RateLimitError, match="createOrder answers 429") as caught:
            client.createOrder(item="tea")

    assert caught.value.request_id == "req_mock_1"


def test_a_fault_of_no_operation_is_refused_with_the_near_one(contract: Contract) -> None:
    with pytest.raises(UnknownOperationError, match="did you mean createOrder"):
        MockServer(contract, faults={"creatOrder": 500})


@pytest.mark.parametrize("status", [0, 199, 600])
def test_a_fault_with_a_status_that_is_none_is_refused(contract: Contract, status: int) -> None:
    with pytest.raises(ValueError, match=f"faults: createOrder: found {status}, expected a status from 200 to 599"):
        MockServer(contract, faults={"createOrder": status})


# --- records -------------------------------------------------------------------------------------


def test_every_request_is_remembered_as_it_was_seen(server: MockServer) -> None:
    fetch(server, "GET", "/orders/7?secret=1")
    fetch(server, "GET", "/nothing")
    fetch(server, "POST", "/orders", json={})

    assert server.requests == [
        Record("GET", "/v1/orders/7", "getOrder", (), 200, "req_mock_1"),
        Record("GET", "/v1/nothing", None, (), 404, "req_mock_2"),
        Record("POST", "/v1/orders", "createOrder", ("item: missing, expected since it is required",), 400, "req_mock_3"),
    ]


def test_every_answer_has_a_request_id_of_its_own(server: MockServer) -> None:
    answers = [fetch(server, "GET", path) for path in ("/health", "/nothing", "/orders/7", "/broken")]

    assert [response.headers["x-request-id"] for response in answers] == [f"req_mock_{number}" for number in (1, 2, 3, 4)]


def test_on_request_is_called_before_the_answer_is_sent(contract: Contract) -> None:
    seen: list[Record] = []
    with MockServer(contract, on_request=seen.append) as server:
        fetch(server, "GET", "/health")

        assert seen == server.requests
        assert [record.operation_id for record in seen] == ["health"]


def test_an_on_request_that_fails_is_a_500_and_is_logged(contract: Contract, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_record: Record) -> None:
        raise AssertionError("not this one")

    with MockServer(contract, on_request=fail) as server:
        response = fetch(server, "GET", "/health")

    assert response.status_code == 500
    assert fault(response)["message"] == 'on_request failed: AssertionError: "not this one"'
    assert [record.status for record in server.requests] == [500]
    assert "not this one" in caplog.text


# --- HTTP ----------------------------------------------------------------------------------------


def test_one_connection_carries_many_requests_of_every_kind(server: MockServer) -> None:
    connection = http.client.HTTPConnection(*address(server), timeout=10)
    connection.connect()
    assert connection.sock is not None
    before = connection.sock.getsockname()
    statuses = []
    body = json.dumps({"item": "tea", "stream": True})
    kinds: list[tuple[Any, ...]] = [
        ("GET", "/v1/health"),
        ("HEAD", "/v1/health"),
        ("POST", "/v1/orders", body, {**KEY, "Content-Type": "application/json"}),
        ("POST", "/v1/orders/7/ping"),
        ("GET", "/v1/nothing"),
        ("POST", "/v1/nothing", "left unread?"),
        ("POST", "/v1/broken", "left unread?"),
        ("OPTIONS", "/v1/orders", "left unread?"),
        ("GET", "/v1/orders"),
    ]
    for kind in kinds * 10:
        connection.request(*kind)
        with connection.getresponse() as response:
            response.read()
            statuses.append(response.status)
    after = connection.sock.getsockname() if connection.sock is not None else None
    connection.close()

    assert statuses == [200, 200, 201, 204, 404, 404, 500, 204, 401] * 10
    assert after == before


def test_small_chunks_do_not_wait_for_acknowledgements() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [str(environ["werkzeug.socket"].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0).encode()]

    with serving(app) as server:
        assert requests.get(f"http://127.0.0.1:{server.port}/", timeout=10).text == "True"


def test_requests_may_be_sent_before_the_answers_came(server: MockServer) -> None:
    received = raw(
        server,
        b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )

    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.count(b"Connection: close") == 1


def test_head_is_get_without_the_body(server: MockServer) -> None:
    got, head = fetch(server, "GET", "/orders"), fetch(server, "HEAD", "/orders")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.content))
    assert server.requests[1] == Record("HEAD", "/v1/orders", "listOrders", (), 200, "req_mock_2")


def test_a_browsers_page_may_call_it(server: MockServer) -> None:
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    wanted = "authorization, content-type"
    preflight = requests.options(
        f"{server.url}/orders", headers={**asked, "Access-Control-Request-Headers": wanted}, timeout=10
    )
    called = fetch(server, "POST", "/orders", json={"item": "tea"}, headers={"Origin": "https://page.example"})

    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"].split(", ")
    assert preflight.headers["Access-Control-Allow-Headers"] == wanted
    assert called.headers["Access-Control-Allow-Origin"] == "*"


def test_an_unknown_path_may_be_asked_for_by_a_page_too(server: MockServer) -> None:
    assert requests.options(f"{server.url}/nothing", timeout=10).status_code == 204


def test_chunked_bodies_are_read(server: MockServer) -> None:
    pieces = iter([b'{"item": "te', b'a", "no', b'te": "in pieces"}'])
    response = fetch(server, "POST", "/orders", data=pieces, headers={"Content-Type": "application/json"})

    assert response.json()["note"] == "in pieces"


def test_a_chunks_extensions_and_the_trailers_are_passed_over(server: MockServer) -> None:
    head = b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\n"
    body = b'7;a="b"\r\n{"item"\r\n007\r\n: "tea"\r\n1\r\n}\r\n0\r\nChecksum: x\r\n\r\n'
    after = b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = raw(server, head + b"Transfer-Encoding: chunked\r\n\r\n" + body + after)

    assert received.startswith(b"HTTP/1.1 201 Created\r\n")
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 1


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (b"zz\r\n{}\r\n0\r\n\r\n", b"a chunk has no size"),
        (b"-2\r\n{}\r\n0\r\n\r\n", b"a chunk has no size"),
        (b"2\r\n{}xx\r\n0\r\n\r\n", b"a chunk is longer than its size"),
    ],
)
def test_broken_chunks_are_a_400_and_end_the_connection(server: MockServer, body: bytes, trouble: bytes) -> None:
    received = raw(server, b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body)

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert trouble in received


@pytest.mark.parametrize("length", [b"-1", b"many", b"+5"])
def test_where_a_request_ends_unclearly_the_connection_ends_too(server: MockServer, length: bytes) -> None:
    head = b"POST /v1/orders/7/ping HTTP/1.1\r\nHost: x\r\nContent-Length: "
    received = raw(server, head + length + b"\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"Connection: close" in received


def test_a_client_that_waits_to_be_asked_for_the_body_is_asked(server: MockServer) -> None:
    head = b"POST /v1/orders/7/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with socket.create_connection(address(server), timeout=10) as connection:
        connection.sendall(head)
        asked = connection.recv(65536)
        connection.sendall(b"{}")
        received = b"".join(iter(lambda: connection.recv(65536), b""))

    assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert received.startswith(b"HTTP/1.1 204 ")


@pytest.mark.parametrize("garbage", [b"GARBAGE\r\n\r\n", b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_what_is_no_http_is_a_quiet_400(server: MockServer, capfd: pytest.CaptureFixture[str], garbage: bytes) -> None:
    assert b"400" in raw(server, garbage).partition(b"\r\n")[0]
    assert capfd.readouterr() == ("", "")


def test_sixteen_threads_never_get_each_others_answers(server: MockServer) -> None:
    def work(number: int) -> list[tuple[str, str, str]]:
        found = []
        with requests.Session() as session:
            session.headers.update(KEY)
            for turn in range(20):
                note = f"{number}-{turn}"
                if turn % 2:
                    response = session.post(f"{server.url}/orders", json={"item": "tea", "note": note}, timeout=30)
                    said = response.json()["note"]
                else:
                    parts = {"file": ("a", note.encode()), "title": (None, note)}
                    response = session.post(f"{server.url}/orders/7/files", files=parts, timeout=30)
                    said = response.json()["title"]
                found.append((note, said, response.headers["x-request-id"]))
        return found

    with ThreadPoolExecutor(16) as pool:
        found = [item for items in pool.map(work, range(16)) for item in items]

    assert [note for note, said, _ in found if note != said] == []
    assert len({request_id for _, _, request_id in found}) == 320
    assert {record.verdict for record in server.requests} == {()}
    assert len(server.requests) == 320


# --- life ----------------------------------------------------------------------------------------


class serving:  # noqa: N801 - reads like the function that it is
    """An application on a server of its own, without a document."""

    def __init__(self, app: Any, grace: float = 5.0) -> None:
        self.server = _serving.Server("127.0.0.1", 0, app, "dynaopenai-mock")
        self.grace = grace

    def __enter__(self) -> _serving.Server:
        self.server.start()
        return self.server

    def __exit__(self, *_: object) -> None:
        self.server.stop(self.grace)


def threads(port: int) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(f"dynaopenai-mock-{port}")]


FILES = Path("/proc/self/fd")


def sockets() -> set[str]:
    links = [str(link.readlink()) for link in FILES.iterdir() if link.is_symlink()]
    return {link for link in links if link.startswith("socket:")}


def test_after_the_stop_nobody_listens_and_no_thread_is_left(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynaopenai._mock.server.GRACE", 3600.0)
    with MockServer(contract) as server, requests.Session() as session:
        where = address(server)
        session.get(f"{server.url}/health", timeout=10)
        assert len(threads(where[1])) == 2  # one listens, one keeps the session's connection
        stopping = threading.Thread(target=server.stop, daemon=True)
        stopping.start()
        stopping.join(60)

        assert not stopping.is_alive()  # an idle connection is not waited for
    assert threads(where[1]) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where, timeout=10)


@pytest.mark.skipif(not FILES.is_dir(), reason="counts sockets by /proc")
def test_after_the_stop_no_socket_is_left(contract: Contract) -> None:
    before = sockets()
    with MockServer(contract) as server:
        fetch(server, "GET", "/health")
        raw(server, b"GARBAGE\r\n\r\n")
        assert sockets() - before
    assert sockets() - before == set()


def test_a_server_can_be_started_again_and_remembers(contract: Contract) -> None:
    server = MockServer(contract)
    with server:
        fetch(server, "GET", "/health")
    with server:
        assert server.start() is server
        fetch(server, "GET", "/health")
    server.stop()

    assert [record.request_id for record in server.requests] == ["req_mock_1", "req_mock_2"]


def test_answers_in_progress_are_finished_before_the_stop(contract: Contract) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def wait(_record: Record) -> None:
        arrived.set()
        go_on.wait(10)

    with MockServer(contract, on_request=wait) as server, ThreadPoolExecutor(1) as pool:
        future = pool.submit(fetch, server, "GET", "/health")
        assert arrived.wait(10)
        threading.Timer(0.2, go_on.set).start()
        server.stop()

        assert future.result(10).status_code == 200


def test_answers_without_an_end_are_cut_off_when_the_grace_is_over() -> None:
    def app(_environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        while True:
            yield b"more"
            time.sleep(0.01)

    with serving(app, grace=0.2) as server:
        response = requests.get(f"http://127.0.0.1:{server.port}/", stream=True, timeout=10)
        pieces = response.iter_content(4)
        next(pieces)
    assert threads(server.port) == []
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        list(pieces)
    response.close()


def test_a_client_that_goes_away_in_mid_stream_is_nobodys_mistake(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    is_closed = threading.Event()

    def app(_environ: Any, start_response: Any) -> Iterator[bytes]:
        try:
            start_response("200 OK", [])
            while True:
                yield b"x" * 65536
        finally:
            is_closed.set()

    with serving(app) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, no goodbye
        assert is_closed.wait(10)
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelname != "DEBUG"] == []


def test_a_client_that_goes_away_in_mid_request_is_quiet(
    server: MockServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
    for data in (b"", b"POST /v1/or", head):
        with socket.create_connection(address(server), timeout=10) as connection:
            connection.sendall(data)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert fetch(server, "GET", "/health").status_code == 200
    server.stop()

    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_an_application_that_fails_is_logged_and_its_answer_does_not_look_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        if environ["PATH_INFO"] == "/late":
            start_response("200 OK", [])
            yield b"so far so good"
        raise RuntimeError("surprise")

    with serving(app) as server:
        url = f"http://127.0.0.1:{server.port}"
        early = requests.get(f"{url}/early", timeout=10)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{url}/late", timeout=10)

    assert early.status_code == 500
    assert caplog.text.count("RuntimeError: surprise") == 2


def test_a_port_in_use_is_told_in_words(contract: Contract, capfd: pytest.CaptureFixture[str]) -> None:
    with MockServer(contract) as first:
        port = address(first)[1]
        with pytest.raises(DynaOpenAIError, match=f"cannot listen on 127.0.0.1:{port}: Address already in use") as caught:
            MockServer(contract, port=port).start()

    assert "port=0 takes a free one" in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("port", [-1, 65536, "80", None])
def test_a_port_that_is_none_is_refused(contract: Contract, port: Any) -> None:
    with pytest.raises(ValueError, match=f"port: found {port!r}, expected a number from 0"):
        MockServer(contract, port=port)


def test_a_server_that_does_not_run_has_no_url(contract: Contract) -> None:
    server = MockServer(contract)

    assert repr(server) == "<MockServer of Shop, not running>"
    with pytest.raises(DynaOpenAIError, match="it is not running"):
        server.url  # noqa: B018 - to ask for it is the test


def test_a_document_that_is_none_is_refused() -> None:
    with pytest.raises(SpecError, match="this is no OpenAPI document"):
        MockServer({"hello": "world"})


def test_werkzeug_and_openapi_core_are_not_imported_before_a_server_is_made() -> None:
    code = "import sys, dynaopenai._mock; print(sorted({'werkzeug', 'openapi_core'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


# --- the document that comes with the package ----------------------------------------------------


@pytest.fixture(scope="module")
def bundled() -> Iterator[MockServer]:
    with MockServer() as server:
        yield server


@pytest.mark.filterwarnings("ignore:.*is deprecated by the API's document:DeprecationWarning")
def test_every_bundled_operation_can_be_called_with_its_example(bundled: MockServer) -> None:
    with Client(base_url=bundled.url, api_key="sk-mock", max_retries=0) as client:
        assert client.operations
        for operation in client.operations.values():
            response = operation.send(**operation.example())
            response.close()

            assert response.status_code < 300
            assert bundled.requests[-1].operation_id == operation.id
            assert bundled.requests[-1].verdict == ()


def test_every_bundled_operation_wants_a_key(bundled: MockServer) -> None:
    response = requests.get(f"{bundled.url}/models", timeout=10)

    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication_error"
