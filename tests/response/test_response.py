"""An answer is decoded as what it is, checked, and never lost."""

from __future__ import annotations

import os
import pickle
import time
import warnings
from pathlib import Path
from typing import Any

import awaited
import pytest
from fault_server import CLOSE, FaultServer, Received, answer, gzip
from small_api import API, KEY
from small_api import client as plain_client

from dynaopenai import (
    APIConnectionError,
    APIStatusError,
    BadRequestError,
    Binary,
    Client,
    DynaOpenAIWarning,
    InternalServerError,
    NotFoundError,
    RateLimitError,
    RequestValidationError,
    ResponseValidationError,
)
from dynaopenai._transport import retry as _retry

OCTETS = "application/octet-stream"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "FIRST_DELAY", 0.0)


class TestStatuses:
    def test_no_content_is_none(self, client: Any) -> None:
        with FaultServer(b"HTTP/1.1 204 No Content\r\n\r\n") as server, client(server.url) as api:
            response = api.createThing.send(id="a")
        assert (response.status_code, response.data, response.content) == (204, None, b"")

    def test_a_head_has_headers_and_no_body(self, client: Any) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
        with FaultServer(head) as server, client(server.url) as api:
            first, second = api.headThing.send("a"), api.headThing.send("a")
            assert (first.data, second.headers["content-length"], server.connections) == (None, "99", 1)

    def test_an_undeclared_status_breaks_the_document(self, client: Any) -> None:
        with FaultServer(answer({"id": "a"}, 201)) as server, client(server.url) as api:
            with pytest.raises(ResponseValidationError, match='status: found 201, which is not declared, expected "200"') as caught:
                api.getThing("a")
        assert caught.value.data == {"id": "a"}

    @pytest.mark.parametrize(
        ("status", "headers", "data"),
        [(304, {"If-None-Match": '"x"'}, None), (304, {"If-Modified-Since": "now"}, None), (206, {"Range": "bytes=0-1"}, b"ab")],
    )
    def test_what_was_asked_for_in_http_is_no_deviation(self, client: Any, status: int, headers: dict[str, str], data: Any) -> None:
        reply = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n" if status == 304 else answer(b"ab", 206, content_type=OCTETS)
        with FaultServer(reply) as server, client(server.url, validate_responses="strict" if status == 304 else "off") as api:
            response = api.getFile.with_options(headers=headers).send()
            assert response.status_code == status
            assert (response.data.read() if isinstance(response.data, Binary) else response.data) == data

    def test_a_304_that_nobody_asked_for_is_one(self, client: Any) -> None:
        with FaultServer(b"HTTP/1.1 304 Not Modified\r\n\r\n") as server, client(server.url) as api:
            with pytest.raises(ResponseValidationError, match="found 304, which is not declared"):
                api.getThing("a")

    @pytest.mark.parametrize(
        ("body", "error", "says"),
        [
            ({"error": {"message": "no luck", "type": "server_error"}}, InternalServerError, "500 Internal Server Error: no luck"),
            ({"error": {"message": "slow", "code": "rate_limit_exceeded"}}, RateLimitError, "429 Too Many Requests: slow"),
            ({"error": {"message": "bad", "type": "invalid_request_error"}, "object": "error"}, BadRequestError, "400 Bad Request: bad"),
            ({"error": "plain"}, InternalServerError, "plain"),
        ],
    )
    def test_an_error_object_under_200_is_the_error_that_it_is(self, client: Any, body: Any, error: type[APIStatusError], says: str) -> None:
        with FaultServer(answer(body)) as server, client(server.url) as api:
            with pytest.raises(error) as caught:
                api.getThing("a")
        assert says in str(caught.value)
        assert "although the status is 200" in str(caught.value)
        assert caught.value.body == body
        assert caught.value.response is not None
        assert caught.value.response.status_code == 200

    def test_an_answer_that_merely_has_such_a_field_is_an_answer(self, client: Any) -> None:
        with FaultServer(answer({"id": "a", "error": {"message": "later"}})) as server, client(server.url) as api:
            assert api.getThing("a").id == "a"


class TestWhatIsNoDeviation:
    @pytest.mark.parametrize("status", [204, 205])
    def test_a_content_type_without_a_body(self, status: int) -> None:
        document = {"paths": {"/a": {"get": {"operationId": "get", "responses": {str(status): {"description": ""}}}}}}
        with FaultServer(answer(b"", status, content_type="application/json")) as server, of(document, server.url) as api:
            assert api.get() is None

    @pytest.mark.parametrize("declared", ["302", "101", "404", "5XX"])
    def test_a_success_where_the_document_tells_of_none(self, declared: str) -> None:
        document = {"paths": {"/a": {"get": {"operationId": "get", "responses": {declared: {"description": ""}}}}}}
        with FaultServer(answer({"a": 1})) as server, of(document, server.url) as api:
            assert api.get() == {"a": 1}


def of(document: dict[str, Any], url: str) -> Client:
    return Client({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, **document}, base_url=url, max_retries=0)


def test_a_redirect_that_leads_nowhere_is_told_as_that(client: Any) -> None:
    with FaultServer(b"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n\r\n") as server, client(server.url) as api:
        with pytest.raises(ResponseValidationError, match=r'headers\["Location"\]: missing, expected the URL that a 307 redirects to'):
            api.getThing("a")


@pytest.mark.parametrize(("asked", "told"), [({"stream": True}, True), ({"stream": False}, False), ({"text": '"stream": true'}, False), ({}, False)])
def test_json_in_answer_to_a_call_for_a_stream_is_told_when_it_comes(asked: dict[str, Any], told: bool) -> None:
    content = {"application/json": {"schema": {"type": "object"}}, "text/event-stream": {"schema": {"type": "object"}}}
    schema = {"type": "object", "properties": {"stream": {"type": "boolean"}, "text": {"type": "string"}}}
    post = {
        "operationId": "chat",
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "", "content": content}},
    }
    with FaultServer(answer({"a": 1})) as server, of({"paths": {"/a": {"post": post}}}, server.url) as api:
        if not told:
            assert api.chat(**asked) == {"a": 1}
            return
        with pytest.raises(ResponseValidationError, match="in answer to a call with stream=True, expected text/event-stream") as caught:
            api.chat(**asked)

    assert caught.value.data == {"a": 1}


def test_a_response_reads_as_users_of_requests_know_it(client: Any) -> None:
    with FaultServer(answer({"id": "a", "more": [{"b": 1}]})) as server, client(server.url) as api:
        response = api.getThing.send("a")

    assert (response.ok, response.json()) == (True, {"id": "a", "more": [{"b": 1}]})
    assert type(response.json()) is dict


class TestContentTypes:
    @pytest.mark.parametrize(
        ("reply", "data"),
        [
            (answer(b"<p>hi</p>", content_type="text/html; charset=utf-8"), "<p>hi</p>"),
            (answer("grüß".encode("latin-1"), content_type="text/plain; charset=iso-8859-1"), "grüß"),
            (answer(b"a=1&b=2", content_type="application/x-www-form-urlencoded"), {"a": "1", "b": "2"}),
            (answer({"id": "x"}, content_type="application/problem+json"), {"id": "x"}),
        ],
    )
    def test_an_undeclared_one_is_told_and_decoded_all_the_same(self, client: Any, reply: bytes, data: Any) -> None:
        with FaultServer(reply) as server, client(server.url) as api:
            with pytest.raises(ResponseValidationError, match='which is not declared, expected "application/json"') as caught:
                api.getThing("a")
            assert caught.value.data == data
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                assert api.getThing.with_options(validate_responses="warn")("a") == data
            assert [warning.category for warning in told] == [DynaOpenAIWarning]
            assert told[0].filename in (__file__, awaited.__file__)
            assert api.getThing.with_options(validate_responses="off")("a") == data

    def test_an_answer_without_one_is_what_was_declared(self, client: Any) -> None:
        with FaultServer(answer(b'{"id": "a"}', content_type=None)) as server, client(server.url) as api:
            assert api.getThing("a").id == "a"

    @pytest.mark.parametrize(("body", "charset", "text"), [("ü".encode(), "", "ü"), (b"\xfc", "; charset=latin-1", "ü"), (b"\xff", "", "\ufffd"), (b"", "", "")])
    def test_text_is_str_in_its_charset(self, client: Any, body: bytes, charset: str, text: str) -> None:
        with FaultServer(answer(body, content_type=f"text/plain{charset}")) as server, client(server.url) as api:
            response = api.getText.send()
        assert (response.data, response.content) == (text, body)


def test_a_response_tells_all_of_the_exchange(client: Any) -> None:
    with FaultServer(answer({"id": "a"}, 200, "X-Request-Id: r1")) as server, client(server.url) as api:
        response = api.getThing.send("a")

    assert (response.request_id, response.attempts, response.operation_id) == ("r1", 1, "getThing")
    assert (response.request.method, response.request.url) == ("GET", f"{server.url}/things/a")
    assert repr(response) == "<Response 200 of getThing>"
    assert (response.text, response.content_type) == ('{"id": "a"}', "application/json")


def test_errors_and_responses_travel_without_secrets(client: Any) -> None:
    refusal = answer({"error": {"message": f"wrong key {KEY}"}}, 404, f"Set-Cookie: session={KEY}")
    with FaultServer(refusal) as server, client(server.url) as api:
        with pytest.raises(NotFoundError) as caught:
            api.getThing("a")

    travelled = pickle.dumps(caught.value)
    revived = pickle.loads(travelled)
    assert KEY.encode() not in travelled
    assert KEY not in str(caught.value) + repr(caught.value.body) + repr(caught.value.response)
    assert (revived.status_code, revived.body, str(revived)) == (404, caught.value.body, str(caught.value))


class TestFiles:
    def test_a_body_is_read_when_it_is_asked_for(self, client: Any) -> None:
        with FaultServer(answer(b"0123456789", content_type=OCTETS)) as server, client(server.url) as api:
            with api.getFile() as file:
                assert repr(file) == f"<Binary {OCTETS}, 10 bytes>"
                assert (file.read(), file.read(), list(file)) == (b"0123456789", b"0123456789", [b"0123456789"])
            pieces = api.getFile()
            assert b"".join(pieces) == b"0123456789"
            with pytest.raises(ValueError, match="this body was read piece by piece already"):
                pieces.read()
            response = api.getFile.send()
            response.data.read()
            assert response.content == b"0123456789"

    def test_the_content_of_a_response_reads_an_unread_body(self) -> None:
        with FaultServer(answer(b"0123456789", content_type=OCTETS)) as server, plain_client(server.url) as api:
            assert api.getFile.send().content == b"0123456789"

    def test_an_empty_file_is_a_file(self, client: Any) -> None:
        with FaultServer(answer(b"", content_type=OCTETS)) as server, client(server.url) as api:
            assert api.getFile().read() == b""

    def test_it_is_saved_whole(self, client: Any, tmp_path: Path) -> None:
        target = tmp_path / "out.bin"
        target.write_bytes(b"before")
        target.chmod(0o600)
        told: list[Any] = []
        with FaultServer(answer(b"x" * 700_000, content_type=OCTETS)) as server, client(server.url) as api:
            saved = api.getFile().save(target, progress=lambda done, total: told.append((done, total)))
        assert (saved, target.read_bytes()) == (target, b"x" * 700_000)
        assert target.stat().st_mode & 0o777 == 0o600
        assert told[-1] == (700_000, 700_000)
        assert [done for done, _ in told] == sorted({done for done, _ in told})
        assert list(tmp_path.iterdir()) == [target]

    def test_a_new_file_has_the_usual_permissions(self, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = os.umask(0o027)
        try:
            with monkeypatch.context() as held, FaultServer(answer(b"abc", content_type=OCTETS)) as server:
                held.setattr(os, "umask", lambda _: pytest.fail("it is the whole process's: another thread would see it"))
                with client(server.url) as api:
                    api.getFile().save(tmp_path / "f")
        finally:
            os.umask(before)
        assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640

    @pytest.mark.parametrize("kind", [OCTETS, "text/event-stream"])
    def test_a_hook_that_fails_leaves_no_body_open(self, client: Any, kind: str) -> None:
        seen: list[Any] = []

        def hook(response: Any) -> None:
            seen.append(response)
            raise KeyError(kind)

        with FaultServer(answer(b"x" * 700_000, content_type=kind)) as server, client(server.url, on_response=hook) as api:
            with pytest.raises(KeyError):
                api.getFile()
            for _ in range(500):
                if not server.open:
                    break
                time.sleep(0.01)
            assert server.open == 0

    def test_a_body_that_was_read_can_still_be_saved(self, client: Any, tmp_path: Path) -> None:
        with FaultServer(answer(b"abc", content_type=OCTETS)) as server, client(server.url) as api:
            file = api.getFile()
            assert file.read() == b"abc"
            assert file.save(tmp_path / "f").read_bytes() == b"abc"

    @pytest.mark.parametrize(
        ("more", "ranges", "says"),
        [
            (['ETag: "v1"'], [None, "bytes=400-"], "resumed"),
            (["Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT"], [None, "bytes=400-"], "resumed"),
            (['ETag: W/"v1"'], [None, None], "anew"),
            ([], [None, None], "anew"),
        ],
    )
    def test_a_broken_download_goes_on_or_begins_anew(self, client: Any, tmp_path: Path, more: list[str], ranges: Any, says: str) -> None:
        content = bytes(range(256)) * 4

        def rest(request: Received) -> Any:
            start = request.header("Range")
            if start:
                assert request.header("If-Range") == more[0].partition(": ")[2]
                return answer(content[400:], 206, "Content-Range: bytes 400-1023/1024", content_type=OCTETS)
            return answer(content, content_type=OCTETS)

        broken = [answer(content[:400], 200, *more, content_type=OCTETS, length=1024), CLOSE]
        with FaultServer(broken, rest) as server, client(server.url) as api:
            assert api.getFile().save(tmp_path / "f").read_bytes() == content
        assert [request.header("Range") for request in server.received] == ranges

    @pytest.mark.parametrize("reply", [answer(b"changed", content_type=OCTETS), answer(b"no", 416, content_type=OCTETS), answer(b"?", 206, "Content-Range: bytes 9-9/10", content_type=OCTETS)])
    def test_a_server_that_changed_its_mind(self, client: Any, tmp_path: Path, reply: bytes) -> None:
        broken = [answer(b"old", 200, 'ETag: "v1"', content_type=OCTETS, length=10), CLOSE]
        with FaultServer(broken, reply) as server, client(server.url) as api:
            if b"changed" in reply:
                assert api.getFile().save(tmp_path / "f").read_bytes() == b"changed"
            else:
                with pytest.raises(APIConnectionError, match="the answer broke off after 3 bytes"):
                    api.getFile().save(tmp_path / "f")
                assert list(tmp_path.iterdir()) == []

    def test_a_resumed_part_is_held_to_the_state_and_the_bytes_that_it_claims(self, client: Any, tmp_path: Path) -> None:
        old, new = b"o" * 1000, b"n" * 1200

        def part(content: bytes, start: int, end: int, etag: str) -> bytes:
            place = f"Content-Range: bytes {start}-{end - 1}/{len(content)}"
            return answer(content[start:end], 206, place, f"ETag: {etag}", content_type=OCTETS)

        broken = [answer(old[:400], 200, 'ETag: "v1"', content_type=OCTETS, length=1000), CLOSE]
        busy = answer({}, 503)
        scripts: list[tuple[list[Any], bytes, list[str | None]]] = [
            ([broken, part(old, 400, 600, '"v1"'), part(old, 600, 1000, '"v1"')], old, [None, "bytes=400-", "bytes=600-"]),
            ([broken, part(new, 400, 1200, '"v2"'), answer(new, content_type=OCTETS)], new, [None, "bytes=400-", None]),
            ([broken, busy, part(old, 400, 1000, '"v1"')], old, [None, "bytes=400-", "bytes=400-"]),
            ([broken, [CLOSE], part(old, 400, 1000, '"v1"')], old, [None, "bytes=400-", "bytes=400-"]),
            ([broken, part(old, 500, 1000, '"v1"'), answer(old, content_type=OCTETS)], old, [None, "bytes=400-", None]),
        ]
        for script, content, ranges in scripts:
            with FaultServer(*script) as server, client(server.url) as api:
                assert api.getFile().save(tmp_path / "f").read_bytes() == content
            assert [request.header("Range") for request in server.received] == ranges

    def test_a_body_cut_short_inside_its_compression_is_not_whole(self, client: Any, tmp_path: Path) -> None:
        import gzip

        cut = gzip.compress(bytes(range(256)) * 99)[:-20]
        with FaultServer(answer(cut, 200, "Content-Encoding: gzip", content_type=OCTETS)) as server, client(server.url) as api:
            for read in (lambda: api.getFile().read(), lambda: api.getFile().save(tmp_path / "f")):
                with pytest.raises(APIConnectionError, match="the compressed body ended before its end"):
                    read()
        assert not (tmp_path / "f").exists()

    def test_what_cannot_be_had_whole_leaves_all_as_it_was(self, client: Any, tmp_path: Path) -> None:
        target = tmp_path / "f"
        target.write_bytes(b"before")
        broken = [answer(b"abc", content_type=OCTETS, length=10), CLOSE]
        with FaultServer(broken) as server, client(server.url) as api:
            with pytest.raises(APIConnectionError) as caught:
                api.getFile().save(target)
            assert len(server.received) == 3
        assert caught.value.received == 3
        assert target.read_bytes() == b"before"
        assert list(tmp_path.iterdir()) == [target]

    def test_a_compressed_file_is_saved_as_what_it_is(self, client: Any, tmp_path: Path) -> None:
        with FaultServer(answer(gzip(b"plain" * 1000), 200, "Content-Encoding: gzip", content_type=OCTETS)) as server:
            with client(server.url) as api:
                assert api.getFile().save(tmp_path / "f").read_bytes() == b"plain" * 1000


class TestAnotherServersWays:
    def test_a_key_in_a_header_and_a_version_in_the_query(self) -> None:
        with FaultServer(answer({"id": "a"})) as server:
            azure = Client(
                API,
                base_url=f"{server.url}/openai/deployments/d1?api-version=2024-10-21",
                api_key=KEY,
                security={"type": "apiKey", "in": "header", "name": "api-key"},
            )
            with azure:
                assert azure.getThing("a").id == "a"
                line = azure.getThing.curl("a")
        sent = server.received[0]
        assert sent.target == "/openai/deployments/d1/things/a?api-version=2024-10-21"
        assert (sent.header("api-key"), sent.header("Authorization")) == (KEY, None)
        assert '-H "api-key: $OPENAI_API_KEY"' in line
        assert KEY not in line

    def test_organisation_and_project_come_from_the_environment(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
        with FaultServer(answer({"id": "a"})) as server:
            with client(server.url) as api:
                api.getThing("a")
            with client(server.url, headers={"openai-organization": "mine", "OpenAI-Project": None}) as api:
                api.getThing("a")
        first, second = server.received
        assert (first.header("OpenAI-Organization"), first.header("OpenAI-Project")) == ("org-1", "proj-1")
        assert (second.header("OpenAI-Organization"), second.header("OpenAI-Project")) == ("mine", None)

    def test_one_that_no_header_can_carry_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_ORG_ID", "org-1\r\nX-Evil: y")
        api = Client(API, base_url="http://127.0.0.1:9", api_key=KEY)

        with pytest.raises(RequestValidationError, match=r"OpenAI-Organization.*found characters that no header can carry"):
            api.getThing.prepare("a")

    def test_they_are_not_told_to_somebody_elses_api(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
        api = Client({**API, "servers": [{"url": "https://shop.example/v1"}]}, api_key=KEY)

        assert "OpenAI-Organization" not in api.getThing.prepare("a").headers


def test_off_asks_no_schema_of_an_answer(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_schema: object) -> None:
        pytest.fail("a schema was compiled")

    monkeypatch.setattr("dynaopenai._checking.verdict.compiled", refuse)
    with FaultServer(answer(b'{"id": 1}')) as server:
        with client(server.url, validate_requests="off", validate_responses="off") as api:
            assert api.getThing("a") == {"id": 1}


@pytest.mark.parametrize(("media", "declared"), [("application/xml", "object"), ("text/csv", "array"), ("text/plain", "integer")])
def test_text_that_writes_a_value_in_a_way_of_its_own_is_handed_over_as_it_is(client: Any, media: str, declared: str) -> None:
    answer = {"description": "", "content": {media: {"schema": {"type": declared}}}}
    operation = {"operationId": "fetch", "responses": {"200": answer}}
    client = Client({"openapi": "3.0.3", "servers": [{"url": "https://a.example"}], "paths": {"/a": {"get": operation}}})

    assert client.fetch.validate_response("text", content_type=media) == []


@pytest.mark.parametrize("responses", [{}, {"401": {"description": ""}, "5XX": {"description": ""}}])
def test_a_document_that_tells_of_no_success_does_not_forbid_it(client: Any, responses: dict[str, Any]) -> None:
    operation = {"operationId": "fetch", "responses": responses}
    client = Client({"openapi": "3.0.3", "servers": [{"url": "https://a.example"}], "paths": {"/a": {"get": operation}}})

    assert client.fetch.validate_response(None, status=200) == []
    assert client.fetch.validate_response(None, status=302)[0].path == "status"


NO_BODY = {
    "in chunks": (b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    "until the end": (b"Connection: close\r\n", b""),
    "of no length": (b"Content-Length: 0\r\n", b""),
}


NOTHING = {**API, "security": [], "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "nothing"}}}}}}


@pytest.mark.parametrize("framing", NO_BODY)
def test_an_empty_body_is_none_however_it_comes(a_client: Any, framing: str) -> None:
    head, body = NO_BODY[framing]
    with FaultServer([b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body, CLOSE]) as server:
        with a_client(NOTHING, base_url=server.url) as api:
            assert api.a() is None


def test_a_body_of_which_nothing_is_declared_is_told_and_not_lost(a_client: Any) -> None:
    whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
    with FaultServer(whole) as server, a_client(NOTHING, base_url=server.url) as api:
        with pytest.raises(ResponseValidationError, match="found no content type"):
            api.a()
        assert api.a.with_options(validate_responses="off")().read() == b"abcdef"


@pytest.mark.parametrize("policy", ["strict", "warn", "off"])
def test_an_error_object_beside_other_keys_is_an_error_under_every_policy(client: Any, policy: Any) -> None:
    with FaultServer(answer({"error": {"message": "No."}, "status": "failed"})) as server:
        with client(server.url, validate_responses=policy) as api, pytest.raises(APIStatusError, match=r"No\."):
            api.getThing("a")
