"""A proxy passes on what comes as it comes, judges it beside the traffic, and keeps no credential."""

import gzip
import http.client
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from dynaopenai import APIConnectionError, BadRequestError, Client, InternalServerError
from dynaopenai._learn.recording import read
from dynaopenai._proxy.kept import LIMIT
from dynaopenai.errors import DynaOpenAIError
from dynaopenai.testing import MockServer, ValidatingProxy, check_cassette

KEY = "sk-secret-27182818"
ASK: dict[str, Any] = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hello!"}]}
WRONG: dict[str, Any] = {"model": "gpt-4", "messages": [{"role": "usr", "content": "Hello!"}]}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/items": {
            "get": {
                "operationId": "listItems",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "",
                        "content": {
                            "application/json": {
                                "schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
                            },
                            "text/event-stream": {
                                "schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
                            },
                            "application/octet-stream": {},
                        },
                    }
                },
            },
            "post": {
                "operationId": "addItem",
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"type": "object", "required": ["name"]}},
                        "application/octet-stream": {},
                    }
                },
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}},
            },
        }
    },
}
GOOD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"id":1}'
BAD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"id":""}'
GET = b"GET /items HTTP/1.1\r\nHost: x\r\n\r\n"


class Upstream:
    """A server that notes what it gets and answers in bytes; a function is given the connection and what came so far."""

    def __init__(self, *answers: bytes | Callable[[socket.socket, bytes], Any]) -> None:
        self._answers, self.got = answers, list[bytes]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.gone = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            for answer in self._answers:
                data = b""
                while b"\r\n\r\n" not in data:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    data += piece
                self.got.append(data)
                if callable(answer):
                    answer(connection, data)
                    continue
                while b"chunked" in data and not data.endswith(b"0\r\n\r\n"):
                    data += connection.recv(65536)
                length = re.search(rb"Content-Length: (\d+)", data)
                while length and len(data.partition(b"\r\n\r\n")[2]) < int(length[1]):
                    data += connection.recv(65536)
                self.got[-1] = data
                connection.sendall(answer)
            connection.settimeout(10)
            if not connection.recv(1):
                self.gone.set()

    def __enter__(self) -> "Upstream":
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()


@contextmanager
def before(*answers: Any, **options: Any) -> Iterator[tuple[Upstream, ValidatingProxy]]:
    with Upstream(*answers) as upstream, ValidatingProxy(upstream.url, DOCUMENT, **options) as proxy:
        yield upstream, proxy


@contextmanager
def connected(proxy: ValidatingProxy) -> Iterator[socket.socket]:
    parts = urlsplit(proxy.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as connection:
        yield connection


def talk(proxy: ValidatingProxy, data: bytes, end: bytes = b"") -> bytes:
    """What a client gets that sends these bytes, until the end."""
    with connected(proxy) as connection:
        connection.sendall(data)
        got = b""
        while not (end and got.endswith(end)):
            piece = connection.recv(65536)
            if not piece:
                break
            got += piece
        return got


# --- passing on ----------------------------------------------------------------------------------


def test_bytes_pass_as_they_are_both_ways() -> None:
    sent = b'POST /items?a=%2F&a=b HTTP/1.1\r\nhOST: {}\r\nX-One: 1\r\nx-one:  2 \r\nAccept:\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"name":""}'
    answer = b"HTTP/1.1 200 Very Well\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nX-Odd:\xe9\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{ }"
    with before(answer) as (upstream, proxy):
        got = talk(proxy, sent.replace(b"{}", b"localhost"), b"{ }")
        (passed,) = proxy.exchanges

    assert got == answer
    assert upstream.got == [sent.replace(b"{}", urlsplit(upstream.url).netloc.encode())]
    assert (passed.operation_id, passed.verdict) == ("addItem", ())


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("target", ["/items/../items", "/a/./b", "/%2e%2e/%7Ea", "/a//b", "/a/..", "/a;b?q=%7E&q=../c"])
def test_a_target_passes_as_it_is(target: str) -> None:
    with before(GOOD) as (upstream, proxy):
        talk(proxy, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert upstream.got[0].split(b" ")[1] == target.encode()


def test_chunks_their_extensions_and_trailers_pass_as_they_are() -> None:
    answer = CHUNKED + b'3;x=y\r\n{"i\r\n5\r\nd":1}\r\n0\r\nX-Sum: 3\r\n\r\n'
    sent = b'POST /items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"na\r\n7\r\nme":""}\r\n0\r\n\r\n'
    with before(answer) as (upstream, proxy):
        assert talk(proxy, sent, b"X-Sum: 3\r\n\r\n") == answer
        (passed,) = proxy.exchanges

    assert upstream.got[0].partition(b"\r\n\r\n")[2] == sent.partition(b"\r\n\r\n")[2]
    assert (passed.exchange.request.body, passed.exchange.response.body) == (b'{"name":""}', b'{"id":1}')


def test_connections_stay_open_and_pipelined_requests_are_answered_in_turn() -> None:
    other = GOOD.replace(b'"id":1', b'"id":2')
    with before(GOOD, other) as (upstream, proxy):
        got = talk(proxy, GET + GET, b'"id":2}')

    assert got == GOOD + other
    assert len(upstream.got) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 X\r\n\r\n",
    ],
)
def test_answers_without_a_body_and_interim_ones_pass(answer: bytes) -> None:
    with before(answer, GOOD) as (_, proxy):
        assert talk(proxy, GET + GET, b'"id":1}').startswith(answer.removesuffix(b"\r\n"))


def test_an_answer_to_head_has_no_body_whatever_its_length_says() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"
    with before(answer, GOOD) as (_, proxy):
        assert talk(proxy, GET.replace(b"GET", b"HEAD") + GET, b'"id":1}') == answer + GOOD
        assert [passed.verdict for passed in proxy.exchanges] == [(), ()]


def test_an_answer_until_the_end_of_the_connection_passes() -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"id":1}')
        connection.shutdown(socket.SHUT_RDWR)

    with before(answer) as (_, proxy):
        assert talk(proxy, GET).endswith(b'\r\n\r\n{"id":1}')


def test_an_old_client_gets_no_chunks_and_no_interim_answers() -> None:
    with before(b"HTTP/1.1 103 Early\r\n\r\n" + CHUNKED + b'8\r\n{"id":1}\r\n0\r\n\r\n') as (upstream, proxy):
        got = talk(proxy, b"GET /items HTTP/1.0\r\n\r\n")

    assert got == b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"id":1}'
    assert b"\r\nConnection: close\r\n" in upstream.got[0]


def test_a_client_that_waits_for_a_word_gets_the_upstreams() -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 100 Go On\r\n\r\n")
        connection.recv(100)
        connection.sendall(GOOD)

    with before(answer) as (_, proxy), connected(proxy) as connection:
        connection.sendall(b"POST /items HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Go On\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /items HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 501),
        (b"CONNECT a:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"POST /items HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /items HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET /items HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
    ],
)
def test_what_must_not_be_passed_on_is_refused_and_the_connection_closed(sent: bytes, status: int) -> None:
    with before(GOOD) as (upstream, proxy):
        got = talk(proxy, sent)

    assert got.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nConnection: close\r\n" in got
    assert upstream.got == []


@pytest.mark.parametrize(
    "answer",
    [b"ICY 200 OK\r\n\r\n", b"HTTP/1.1 101 Switching\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
)
def test_an_answer_that_could_be_read_in_two_ways_is_a_502(answer: bytes) -> None:
    with before(answer) as (_, proxy):
        assert talk(proxy, GET).startswith(b"HTTP/1.1 502 ")
        assert len(proxy.exchanges[0].notes) == 1


# --- as it comes ---------------------------------------------------------------------------------


def test_each_event_passes_before_the_next_is_there() -> None:
    go_on = threading.Event()

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(CHUNKED.replace(b"application/json", b"text/event-stream"))
        for number in range(3):
            connection.sendall(b'11\r\ndata: {"id":%d}\n\n\n\r\n' % number)
            assert go_on.wait(10)
            go_on.clear()
        connection.sendall(b"0\r\n\r\n")

    with before(answer) as (_, proxy), connected(proxy) as connection:
        connection.sendall(GET)
        reply = http.client.HTTPResponse(connection)
        reply.begin()
        for number in range(3):
            assert reply.read1(100) == b'data: {"id":%d}\n\n\n' % number
            go_on.set()
        assert reply.read() == b""
        assert proxy.exchanges[0].verdict == ()


def test_a_request_passes_while_it_is_being_sent_and_an_early_answer_ends_it() -> None:
    def answer(connection: socket.socket, data: bytes) -> None:
        while not data.endswith(b"{"):
            data += connection.recv(100)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with before(answer) as (_, proxy):
        head = b"POST /items HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
        assert talk(proxy, head).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_goes_away_takes_the_upstreams_work_with_it() -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        return None

    with before(answer) as (upstream, proxy):
        with connected(proxy) as connection:
            connection.sendall(GET)
            while not upstream.got:
                time.sleep(0.001)
        assert upstream.gone.wait(10)
        while not proxy.exchanges:
            time.sleep(0.001)
        assert proxy.exchanges[0].notes == ("the client went away before the end",)


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 80\r\n\r\n", CHUNKED + b"50\r\n"]
)
def test_an_answer_that_breaks_off_breaks_off(head: bytes) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head + b'{"id":1')
        connection.shutdown(socket.SHUT_RDWR)

    with before(answer) as (_, proxy):
        assert talk(proxy, GET) == head + b'{"id":1'
        (passed,) = proxy.exchanges
    assert passed.notes == ("the answer broke off after 7 bytes",)


def test_a_server_that_does_not_answer_is_a_closed_connection() -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    with before(answer) as (_, proxy):
        assert talk(proxy, GET) == b""
        assert proxy.exchanges[0].notes == ("the upstream server closed the connection without an answer",)


def test_an_upstream_that_is_not_there_is_a_502_that_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with ValidatingProxy(url, DOCUMENT) as proxy:
        got = talk(proxy, GET.replace(b"Host", b"Connection: close\r\nHost"))

    assert got.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert b"cannot be reached" in got


# --- judging -------------------------------------------------------------------------------------


def test_an_invalid_request_passes_and_is_told_everywhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dynaopenai.proxy")
    with before(GOOD) as (upstream, proxy):
        answer = requests.get(f"{proxy.url}/items?limit=many", timeout=5)
        (passed,) = proxy.exchanges
        told = json.loads(answer.headers["X-Dynaopenai-Violations"])

    assert (answer.status_code, answer.json(), len(upstream.got)) == (200, {"id": 1}, 1)
    assert told == ['request: limit: found "many" (a string), expected an integer']
    assert passed.verdict == tuple(told)
    assert [violation.path for violation in proxy.violations] == ["limit"]
    assert str(passed).startswith('GET /items (listItems): 200\n  request: limit: found "many"')
    assert str(passed) in caplog.text


def test_an_invalid_answer_passes_and_is_told_in_its_header() -> None:
    with before(BAD) as (_, proxy):
        answer = requests.get(f"{proxy.url}/items", timeout=5)
        (passed,) = proxy.exchanges

    assert answer.content == b'{"id":""}'
    assert answer.headers["X-Dynaopenai-Violations"].startswith('["answer: ')
    assert passed.response
    assert not passed.request


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n", 'status: found 201, which is not declared, expected "200"'),
        (b"HTTP/1.1 200 X\r\nContent-Type: text/csv\r\nContent-Length: 0\r\n\r\n", 'Content-Type: found "text/csv", which is not'),
        (b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n{", "found a body that is no application/json"),
    ],
)
def test_what_is_wrong_with_an_answer(answer: bytes, told: str) -> None:
    with before(answer) as (_, proxy):
        requests.get(f"{proxy.url}/items", timeout=5)
        (passed,) = proxy.exchanges

    assert [str(violation)[: len(told)] for violation in passed.response] == [told]


def test_every_event_is_judged_though_none_is_held() -> None:
    events = b'data: {"id":1}\n\ndata: {"id":"x"}\n\ndata: {"id":3}\n\ndata: [DONE]\n\n'
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(events) + events
    with before(answer) as (_, proxy):
        assert requests.get(f"{proxy.url}/items", timeout=5).content == events
        (passed,) = proxy.exchanges

    assert [violation.path for violation in passed.response] == ["[1].id"]
    assert passed.exchange.response.body == events


def test_what_is_compressed_is_judged_and_passes_compressed() -> None:
    body = gzip.compress(b'{"id": "x"}', mtime=0)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with before(answer) as (_, proxy):
        assert talk(proxy, GET, body).endswith(body)
        (passed,) = proxy.exchanges

    assert [violation.path for violation in passed.response] == ["id"]
    assert passed.exchange.response.body == b'{"id": "x"}'


def test_what_is_no_operation_of_the_document_passes_and_is_told() -> None:
    with before(GOOD) as (_, proxy):
        assert requests.get(f"{proxy.url}/itms", timeout=5).json() == {"id": 1}
        (passed,) = proxy.exchanges

    assert (passed.operation_id, passed.verdict) == (None, ("request: GET /itms is no operation of the document",))


def test_a_browsers_own_question_is_not_judged() -> None:
    with before(b"HTTP/1.1 204 X\r\n\r\n") as (_, proxy):
        requests.options(f"{proxy.url}/items", headers={"Access-Control-Request-Method": "GET"}, timeout=5)
        assert proxy.exchanges[0].verdict == ()


def test_large_bodies_pass_and_are_neither_kept_nor_held_against_anybody() -> None:
    size = LIMIT + (1 << 20)

    def answer(connection: socket.socket, data: bytes) -> None:
        left = size - len(data.partition(b"\r\n\r\n")[2])
        while left:
            left -= len(connection.recv(min(left, 1 << 20)))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size)
        connection.sendall(b'"' + b"x" * (size - 2) + b'"')

    with before(answer) as (_, proxy):
        got = requests.post(f"{proxy.url}/items", b"x" * size, headers={"Content-Type": "application/octet-stream"}, timeout=30)
        (passed,) = proxy.exchanges

    assert len(got.content) == size
    assert [note.partition(" was not judged")[0] for note in passed.notes] == ["the request", "the answer"]
    assert (passed.exchange.request.body, passed.is_whole, passed.violations) == (b"", False, [])


def test_credentials_reach_the_upstream_and_are_kept_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with MockServer() as server, ValidatingProxy(server.url) as proxy:
        server.listModels.answers(lambda call: {"data": [{"id": call.request.headers["Authorization"]}]})
        client = Client(base_url=proxy.url, api_key=KEY, max_retries=0)
        echoed = client.listModels().data[0].id
        url = f"{proxy.url}/models?api_key={KEY}"
        answer = requests.get(url, headers={"Authorization": f"Bearer {KEY}", "Cookie": f"session={KEY}"}, timeout=5)
        kept = repr(proxy.exchanges) + repr(proxy.violations) + repr(proxy)

    assert echoed == f"Bearer {KEY}"
    assert KEY not in kept
    assert KEY not in answer.headers.get("X-Dynaopenai-Violations", "")
    assert KEY not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("dynaopenai.proxy"))


# --- strict --------------------------------------------------------------------------------------


def test_strict_does_not_send_an_invalid_request() -> None:
    with MockServer() as server, ValidatingProxy(server.url, validate="strict") as proxy:
        client = Client(base_url=proxy.url, api_key=KEY, max_retries=0, validate_requests="off")
        with pytest.raises(BadRequestError, match=r"was not sent\s+messages\[0\].role: found \"usr\"") as caught:
            client.createChatCompletion(**WRONG)
        assert client.createChatCompletion(**ASK).object == "chat.completion"
        assert [(passed.status, passed.exchange.status) for passed in proxy.exchanges] == [(400, 0), (200, 200)]
        assert [record.status for record in server.requests] == [200]

    assert caught.value.param == "messages[0].role"


def test_strict_does_not_pass_an_invalid_answer() -> None:
    with before(BAD, GOOD, validate="strict") as (_, proxy):
        with requests.Session() as session:
            refused = session.get(f"{proxy.url}/items", timeout=5)
            good = session.get(f"{proxy.url}/items", timeout=5)
        passed, _ = proxy.exchanges

    assert refused.status_code == 502
    assert "the upstream server's answer breaks the document" in refused.text
    assert json.loads(refused.headers["X-Dynaopenai-Violations"])[0].startswith("answer: ")
    assert (good.status_code, passed.status, passed.exchange.status) == (200, 502, 200)


@pytest.mark.parametrize("size", [7, 30, 1000])
def test_strict_passes_the_good_events_of_a_stream_and_ends_with_an_error(size: int) -> None:
    events = b'data: {"id":1}\n\ndata: {"id":"x"}\n\ndata: {"id":3}\n\n'
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(events) + events

    def slowly(connection: socket.socket, _: bytes) -> None:
        for index in range(0, len(answer), size):
            connection.sendall(answer[index : index + size])
            time.sleep(0.001)

    with before(slowly, validate="strict") as (_, proxy):
        got = talk(proxy, GET)

    head, _, body = got.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert body.startswith(b'10\r\ndata: {"id":1}\n\n\r\n')
    assert b"event: error\ndata: " in body
    assert b'"id":3' not in body
    assert not body.endswith(b"0\r\n\r\n")


def test_strict_passes_a_valid_stream_whole() -> None:
    with MockServer() as server, ValidatingProxy(server.url, validate="strict") as proxy:
        client = Client(base_url=proxy.url, api_key=KEY, max_retries=0)
        direct = Client(base_url=server.url, api_key=KEY, max_retries=0)
        streams = [list(one.createChatCompletion(**ASK, stream=True)) for one in (client, direct)]

    assert [item.choices for item in streams[0]] == [item.choices for item in streams[1]]


def test_strict_says_to_go_on_and_swallows_the_upstreams_word() -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(GOOD)

    with before(answer, validate="strict") as (_, proxy), connected(proxy) as connection:
        connection.sendall(b"POST /items HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b'{"name":""}')
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


# --- life ----------------------------------------------------------------------------------------


def test_the_page_is_the_proxys_where_the_api_has_none() -> None:
    with before(GOOD) as (upstream, proxy):
        page = requests.get(f"{proxy.url}/", headers={"Accept": "text/html"}, timeout=5)
        listed = requests.get(f"{proxy.url}/_mock/operations", timeout=5).json()
        assert proxy.exchanges == []

    assert "<html" in page.text
    assert [operation["id"] for operation in listed["operations"]] == ["listItems", "addItem"]
    assert upstream.got == []


def test_the_page_opens_an_exchange_to_both_sides() -> None:
    with before(GOOD) as (_, proxy):
        requests.post(f"{proxy.url}/items", json={"size": 7}, headers={"Authorization": "Bearer sk-secret"}, timeout=5)
        with requests.get(f"{proxy.url}/_mock/requests", stream=True, timeout=5) as feed:
            line = next(line for line in feed.iter_lines() if line.startswith(b"data: "))
        record = json.loads(line[6:])
        opened = requests.get(f"{proxy.url}/_mock/exchange/{record['request_id']}", timeout=5)

    assert record["seconds"] > 0
    assert (json.loads(opened.json()["body"]), opened.json()["status"]) == ({"size": 7}, 200)
    assert opened.json()["problems"][0]["path"] == "name"
    assert "sk-secret" not in opened.text


def test_the_base_url_has_the_path_that_operations_stand_below() -> None:
    with MockServer() as server:
        root = server.url.removesuffix("/v1")
        for upstream in (root, server.url):
            with ValidatingProxy(upstream) as proxy:
                assert proxy.url.endswith("/v1")
                assert Client(base_url=proxy.url, api_key=KEY).listModels().object == "list"
                assert proxy.exchanges[0].operation_id == "listModels"


def test_nothing_is_left_behind() -> None:
    threads = threading.active_count()
    with before(GOOD) as (_, proxy), connected(proxy) as idle:
        requests.get(f"{proxy.url}/items", timeout=5)
        proxy.stop()
        assert idle.recv(1) == b""
        with pytest.raises(DynaOpenAIError, match="it is not running"):
            _ = proxy.url
        proxy.start().stop()
    while threading.active_count() > threads + 1:  # the upstream's own
        time.sleep(0.01)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DynaOpenAIError, match=f"cannot listen on 127.0.0.1:{port}"):
            ValidatingProxy("http://127.0.0.1:1", DOCUMENT, port=port).start()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"upstream": "api.example"}, "expected the URL of an API"),
        ({"upstream": "https://user:sk-pass@api.example"}, "expected one without credentials"),
        ({"upstream": "https://api.example", "validate": "loud"}, 'expected "strict" or "warn"'),
        ({"upstream": "https://api.example", "port": 70000}, "expected a number from 0"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        ValidatingProxy(document=DOCUMENT, **options)

    assert "sk-pass" not in str(caught.value)


def test_many_clients_at_once_are_kept_apart() -> None:
    with MockServer() as server, ValidatingProxy(server.url) as proxy:
        server.retrieveModel.answers(lambda call: {"id": call.arguments["model"]})
        client, wrong = Client(base_url=proxy.url, api_key=KEY), list[str]()

        def ask(number: int) -> None:
            for index in range(10):
                name = f"m-{number}-{index}"
                wrong.extend([name] * (client.retrieveModel(name).id != name))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(proxy.exchanges) == 80
        assert [passed for passed in proxy.exchanges if passed.verdict] == []

    assert wrong == []


def test_errors_and_failures_of_the_upstream_are_the_clients() -> None:
    with MockServer() as server, ValidatingProxy(server.url) as proxy:
        client = Client(base_url=proxy.url, api_key=KEY, max_retries=0)
        server.listModels.raises(500).raises(ConnectionError)
        with pytest.raises(InternalServerError):
            client.listModels()
        with pytest.raises(APIConnectionError):
            client.listModels()


def test_what_passed_is_recorded_and_learned_from_at_the_end(tmp_path: Path) -> None:
    cassette, overlay = tmp_path / "out" / "passed.yaml", tmp_path / "truth.yaml"
    echo = GOOD.replace(b"Content-Type", b"X-Echo: " + KEY.encode() + b"\r\nContent-Type")
    with before(BAD, echo, GOOD, record=cassette, learn=overlay) as (_, proxy), requests.Session() as session:
        for _ in range(3):
            session.get(f"{proxy.url}/items", headers={"Authorization": f"Bearer {KEY}"}, timeout=5)
        assert not cassette.exists()

    assert [exchange.status for exchange in read(cassette)] == [200, 200, 200]
    assert list(check_cassette(cassette, Client(DOCUMENT, base_url=proxy.upstream))) == ["passed.yaml#1"]
    assert KEY not in cassette.read_text()
    client = Client(DOCUMENT, overlays=[overlay])
    assert client.listItems.validate_response({"id": ""}) == []
    assert client.listItems.validate_response({"id": 1}) == []
