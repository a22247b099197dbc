"""`client.request`: a path that the document does not have, with all that a client has beside its document."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from fault_server import CLOSE, FaultServer, answer, stream
from hypothesis import given, settings
from hypothesis import strategies as st
from small_api import API, KEY

from dynaopenai import APIStatusError, Binary, Client, Data, RequestValidationError, ResponseValidationError, Stream
from dynaopenai._request.origin import origin

OK = answer({"id": "t", "new": {"deep": 1}})


def test_it_goes_where_operations_go_with_what_they_show(client: Any) -> None:
    with FaultServer(OK) as server:
        response = client(f"{server.url}/v1?api-version=3", headers={"X-Team": "a"}).request("post", "/new/thing", json={"a": 1})
        received = server.received[0]
        assert (received.line, received.json) == (b"POST /v1/new/thing?api-version=3 HTTP/1.1", {"a": 1})
        assert (received.header("Authorization"), received.header("X-Team")) == (f"Bearer {KEY}", "a")
        assert isinstance(response.data, Data)
        assert response.data.new.deep == 1


@pytest.mark.parametrize(
    ("method", "path", "note"),
    [
        ("POST", "/new/thing?secret=1", "unchecked: the document has no POST /new/thing"),
        ("GET", "/things/7", "unchecked: the document has it as getThing"),
        ("PUT", "things/7", "unchecked: the document has no PUT /things/7"),
    ],
)
def test_it_says_that_nothing_was_checked(client: Any, method: str, path: str, note: str) -> None:
    with FaultServer(OK) as server:
        response = client(server.url).request(method, path)
    assert response.note == note
    assert note in repr(response)


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({"q": "a b", "n": 3, "left": None}, "q=a%20b&n=3"),
        ({"is": True, "ids": [1, 2]}, "is=true&ids=1&ids=2"),
        ({"filter": {"kind": "dog"}}, "filter%5Bkind%5D=dog"),
        ({"timeout": 1, "headers": "x", "body": "y"}, "timeout=1&headers=x&body=y"),
    ],
)
def test_parameters_go_into_the_query(client: Any, params: Any, query: str) -> None:
    with FaultServer(OK) as server:
        client(server.url).request("GET", "/new?v=1", params=params)
        assert server.received[0].target == f"/new?v=1&{query}"


def test_files_and_fields_are_a_form(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"from a path")
    files = {"one": path, "many": [("b.bin", b"first"), io.BytesIO(b"second")]}
    with FaultServer(OK) as server:
        client(server.url).request("POST", "/new", files=files, data={"model": "m", "n": 2})
        body = server.received[0].body
        assert server.received[0].header("Content-Type").startswith("multipart/form-data; boundary=")
    for part in (b'name="one"; filename="a.txt"', b"from a path", b'name="many"; filename="b.bin"', b"second", b'name="model"\r\n\r\nm', b'name="n"\r\n\r\n2'):
        assert part in body


@pytest.mark.parametrize(
    ("data", "kind", "body"),
    [({"a": "b c", "n": 1}, "application/x-www-form-urlencoded", b"a=b+c&n=1"), (b"\x00raw", "application/octet-stream", b"\x00raw")],
)
def test_a_form_or_bytes_are_a_body(client: Any, data: Any, kind: str, body: bytes) -> None:
    with FaultServer(OK) as server:
        client(server.url).request("POST", "/new", data=data)
        assert (server.received[0].header("Content-Type"), server.received[0].body) == (kind, body)


def test_a_stream_is_a_stream_of_plain_data(client: Any) -> None:
    with FaultServer(stream({"n": 1, "odd": "x"}, {"n": "two"}, "[DONE]")) as server:
        events = client(server.url).request("POST", "/new", json={"model": "m"}, stream=True).data
        assert isinstance(events, Stream)
        assert [event.n for event in events] == [1, "two"]
        received = server.received[0]
        assert (received.json, received.header("Accept")) == ({"stream": True, "model": "m"}, "text/event-stream")


def test_an_answer_that_is_no_stream_is_refused_where_one_was_asked_for(client: Any) -> None:
    with FaultServer(OK) as server, pytest.raises(ResponseValidationError, match="expected text/event-stream") as caught:
        client(server.url).request("POST", "/new", json={}, stream=True)
    assert caught.value.data == {"id": "t", "new": {"deep": 1}}


def test_other_types_are_binary_or_text(client: Any) -> None:
    with FaultServer(answer(b"\x89PNG", content_type="image/png"), answer(b"plain", content_type="text/plain")) as server:
        made = client(server.url)
        image = made.request("GET", "/new").data
        assert isinstance(image, Binary)
        assert image.read() == b"\x89PNG"
        assert made.request("GET", "/new").data == "plain"


def test_it_is_tried_again_and_its_errors_are_known(client: Any) -> None:
    script = [(CLOSE,), answer({}, 503, "Retry-After: 0"), answer({"error": {"message": "no such", "code": "x"}}, 404)]
    with FaultServer(*script) as server:
        made = client(server.url, max_retries=2)
        with pytest.raises(APIStatusError, match=r"POST /new: 404 Not Found: no such") as caught:
            made.request("POST", "/new", json={})
        assert (caught.value.attempts, len(server.received)) == (3, 3)
        assert "unchecked: the document has no POST /new" in str(caught.value)
        assert len({received.header("Idempotency-Key") for received in server.received}) == 1


def test_options_are_those_of_the_copy(client: Any) -> None:
    with FaultServer(OK) as server:
        options = {"headers": {"X-A": "b"}, "query": {"q": 1}, "extra": {"top_k": 5}}
        client(server.url).with_options(**options).request("POST", "/new", json={"a": 1})
        received = server.received[0]
        assert (received.header("X-A"), received.target, received.json) == ("b", "/new?q=1", {"a": 1, "top_k": 5})


def test_a_credential_is_shown_where_only_operations_ask_for_one(a_client: Any) -> None:
    document = {**API, "paths": {"/things": {"get": {**API["paths"]["/things"]["get"], "security": [{"bearer": []}]}}}}
    del document["security"]
    with FaultServer(OK) as server:
        a_client(document, base_url=server.url, api_key=KEY).request("GET", "/new")
        a_client(document, base_url=server.url).request("GET", "/new")
        assert [received.header("Authorization") for received in server.received] == [f"Bearer {KEY}", None]


def test_the_key_stays_with_the_origins_that_it_is_for() -> None:
    document = {**API, "servers": [{"url": "https://{region}.example", "variables": {"region": {"default": "eu"}}}]}
    with FaultServer(answer(b"", 302, "Location: /elsewhere"), OK) as server:
        Client(document, base_url=server.url, api_key=KEY).request("GET", "/new")
        assert server.received[1].header("Authorization") == f"Bearer {KEY}"
    with FaultServer(OK) as far, FaultServer(answer(b"", 307, f"Location: {far.url}/x")) as near:
        Client(document, base_url=near.url, api_key=KEY).request("GET", "/new")
        assert far.received[0].header("Authorization") is None


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("https://evil.example/x", "found what may lead to another origin"),
        ("//evil.example/x", "found what may lead to another origin"),
        (" //evil.example", "found what may lead to another origin"),
        ("\\\\evil.example", "found what may lead to another origin"),
        ("javascript:1", "found what may lead to another origin"),
        (None, "found what may lead to another origin"),
        ("/a/../../b", 'found "." or ".." in it'),
        ("/a/%2E%2e/b", 'found "." or ".." in it'),
        ("/a\\..\\b", 'found "." or ".." in it'),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: Any, message: str) -> None:
    with pytest.raises(RequestValidationError, match=message.replace(".", r"\.")):
        Client(API, base_url="http://127.0.0.1:1", api_key=KEY).request("GET", path)


@settings(max_examples=200)
@given(path=st.text(alphabet="/\\@:.?#%2e{} \t\nab[]", max_size=12), base=st.sampled_from(["http://127.0.0.1:1", "http://127.0.0.1:1/v1?a=b"]))
def test_no_path_leads_to_another_origin(path: str, base: str) -> None:
    client = Client(API, base_url=base, api_key=KEY)
    from dynaopenai._client.unlisted import Unlisted

    try:
        said = Unlisted("GET", path)
    except RequestValidationError:
        return
    request = client._beside(said)._request(said.body, said.keywords)
    assert origin(request.url) == origin(base)
    assert request.url.startswith(base.partition("?")[0])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"method": "GE T"}, "method: found what is no method of HTTP"),
        ({"params": ["a"]}, "params: found what is no mapping"),
        ({"json": {}, "data": {}}, "json: found a second body"),
        ({"json": {}, "files": {}}, "json: found a second body"),
        ({"files": {"f": "name.txt"}}, "files.f: found"),
        ({"files": {"f": Path("/nowhere/x")}}, "files.f: cannot read"),
        ({"files": 3}, "files: found 3, expected files by name"),
        ({"files": {"f": b""}, "data": b"x"}, "data: found"),
        ({"json": object()}, "JSON does not know"),
    ],
)
def test_what_cannot_be_sent_says_so(said: Any, message: str) -> None:
    with pytest.raises(RequestValidationError, match=message):
        Client(API, base_url="http://127.0.0.1:1", api_key=KEY).request(**{"method": "POST", "path": "/new", **said})
