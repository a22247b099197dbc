"""How long a message is, is said once and by us; an answer that leaves it in doubt is the last of its connection (RFC 9112 §6.3)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from both import WAYS
from fault_server import CLOSE, DRIP, FaultServer, answer, chunked

from dynaopenai import APIConnectionError

GOOD = answer({"id": "a"})
DOUBTFUL = {
    "two ends": chunked(b'{"id": "a"}').replace(b"\r\n", b"\r\nContent-Length: 11\r\n", 1),
    "chunks of HTTP/1.0": chunked(b'{"id": "a"}').replace(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"),
    "HTTP/0.9": GOOD.replace(b"HTTP/1.1", b"HTTP/0.9"),
}


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.002)
    assert holds()


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
@pytest.mark.parametrize("mine", [{"content-length": "100"}, {"CONTENT-LENGTH": "1"}, {"transfer-encoding": "chunked"}, {"Transfer-encoding": "gzip"}])
def test_the_length_of_a_request_is_said_once(client: Any, mine: dict[str, str]) -> None:
    with FaultServer(GOOD) as server, client(server.url) as api:
        for _ in range(2):
            api.createThing.with_options(headers=mine)(body={"a": 1})
            api.getThing.with_options(headers=mine)("a")

    framing = [[(name, request.header(name)) for name in ("content-length", "transfer-encoding")] for request in server.received]
    assert framing == [[("content-length", "7"), ("transfer-encoding", None)], [("content-length", None), ("transfer-encoding", None)]] * 2
    assert [request.body for request in server.received] == [b'{"a":1}', b""] * 2


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
def test_a_header_is_sent_once_however_it_is_spelled(client: Any) -> None:
    with FaultServer(GOOD) as server, client(server.url, headers={"X-Own": "1", "x-own": "2"}) as api:
        api.getThing("a")

    assert server.received[0].header("x-own") == "2"


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
@pytest.mark.parametrize("reply", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_connection_whose_answer_ends_in_doubt_is_not_used_again(client: Any, reply: bytes) -> None:
    with FaultServer(reply) as server, client(server.url) as api:
        for _ in range(2):
            assert api.getThing("a").id == "a"
            until(lambda: server.open == 0)

        assert server.connections == 2


HEAD, BODY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", b'{"id": "a"}'
LENGTH = b"Content-Length: 11\r\n"
CHUNKED = chunked(BODY)
ANOTHER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
KEPT = {
    "a length twice": HEAD + LENGTH * 2 + b"\r\n" + BODY,
    "a length twice in a line": HEAD + b"Content-Length: 11, 11\r\n\r\n" + BODY,
    "a folded line": HEAD + b"X: a\r\n b\r\n" + LENGTH + b"\r\n" + BODY,
    "a folded length": HEAD + b"Content-Length:\r\n 11\r\n\r\n" + BODY,
    "a folded coding": CHUNKED.replace(b"coding: ", b"coding:\r\n\t"),
    "a space before a colon": HEAD + b"Content-Length : 3\r\n" + LENGTH + b"\r\n" + BODY,
    "a space before a coding's colon": HEAD + b"Transfer-Encoding : chunked\r\n" + LENGTH + b"\r\n" + BODY,
    "a line without a colon": HEAD + b"nonsense\r\n" + LENGTH + b"\r\n" + BODY,
    "a CR in a line": HEAD + b"X: a\rContent-Length: 3\r\n" + LENGTH + b"\r\n" + BODY,
    "a NUL": HEAD + b"X: a\0b\r\n" + LENGTH + b"\r\n" + BODY,
    "lines without CR": GOOD.replace(b"\r\n", b"\n"),
    "chunked twice": CHUNKED.replace(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\n" * 2),
    "a version to come": GOOD.replace(b"HTTP/1.1", b"HTTP/1.2"),
    "byte by byte": [DRIP, GOOD],
    "byte by byte, in doubt": [DRIP, HEAD + b"X: a\r\n b\r\n" + LENGTH + b"\r\n" + BODY],
}
LET_GO = {
    **DOUBTFUL,
    "a shorter length beside chunks": CHUNKED.replace(b"\r\n", b"\r\nContent-Length: 3\r\n", 1),
    "an identity": HEAD + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n" + BODY,
    "more than the length": GOOD + ANOTHER,
    "more than the chunks": CHUNKED + ANOTHER,
}
REFUSED = {
    "two lengths": HEAD + LENGTH + b"Content-Length: 3\r\n\r\n" + BODY,
    "two lengths in a line": HEAD + b"Content-Length: 3, 11\r\n\r\n" + BODY,
    "another protocol": GOOD.replace(b"HTTP/1.1", b"HTTP/2.0"),
    "a status of four digits": GOOD.replace(b" 200 ", b" 2000 "),
}


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
@pytest.mark.parametrize(("reply", "connections"), [*((reply, 1) for reply in KEPT.values()), *((reply, 2) for reply in LET_GO.values())], ids=[*KEPT, *LET_GO])
def test_a_head_is_read_in_one_way_whoever_reads_it(client: Any, reply: Any, connections: int) -> None:
    with FaultServer(reply) as server, client(server.url, max_retries=0) as api:
        assert [api.getThing("a").id for _ in range(2)] == ["a", "a"]

        assert server.connections == connections


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
@pytest.mark.parametrize("reply", REFUSED.values(), ids=REFUSED)
def test_an_answer_with_two_ends_or_in_another_protocol_is_refused(client: Any, reply: bytes) -> None:
    with FaultServer(reply) as server, client(server.url, max_retries=0) as api:
        with pytest.raises(APIConnectionError, match="the server does not speak HTTP"):
            api.getThing("a")


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
def test_a_coding_that_is_not_the_chunked_one_ends_with_its_connection_whatever_length_is_said(client: Any) -> None:
    reply = answer({"id": "a"}, 200, "Transfer-Encoding: chunked, x-other", length=2)
    with FaultServer([reply, CLOSE]) as server, client(server.url) as api:
        assert api.getThing("a").id == "a"


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
def test_what_comes_after_a_change_of_protocols_is_nobody_s_answer(client: Any) -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n"
    with FaultServer(switched, GOOD) as server, client(server.url, max_retries=0) as api:
        with pytest.raises(Exception, match="101"):
            api.getThing("a")
        assert api.getThing("a").id == "a"

        assert [request.connection for request in server.received] == [1, 2]
