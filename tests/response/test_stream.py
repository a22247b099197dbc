"""A stream delivers checked items as they come, and whatever ends it is told with what came before delivered."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import awaited
import pytest
from fault_server import CLOSE, DRIP, RESET, FaultServer, answer, chunked, drained, gzip, stream
from small_api import client as plain_client

from dynaopenai import (
    APIConnectionError,
    APIStatusError,
    Data,
    DynaOpenAIWarning,
    InternalServerError,
    RateLimitError,
    ResponseValidationError,
    Stream,
)
from dynaopenai._transport.chunked import LAST_CHUNK, chunk

EVENTS = "text/event-stream"


@pytest.mark.parametrize(
    "script",
    [
        stream({"n": 1}, {"n": 2}, "[DONE]"),
        stream({"n": 1}, {"n": 2}),
        [DRIP, stream({"n": 1}, {"n": 2}, "[DONE]")],
        answer(b'data: {"n": 1}\r\n\r\n: ping\r\n\r\ndata: {"n":\r\ndata: 2}\r\n\r\ndata: {"n": 3}', content_type=EVENTS),
        answer(b'\xef\xbb\xbfdata:{"n":1}\r\rdata:{"n":2}\r\rdata: [DONE]\r\r', content_type=f"{EVENTS}; charset=utf-8"),
        chunked(b"da", b'ta: {"n": 1}\n', b'\nid: 7\nevent: x\ndata: {"n": 2}\n\n', content_type=EVENTS),
        [b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", b'data: {"n": 1}\n\ndata: {"n": 2}\n\n', CLOSE],
        answer(gzip(b'data: {"n": 1}\n\ndata: {"n": 2}\n\n'), 200, "Content-Encoding: gzip", content_type=EVENTS),
        stream({"n": 1}, {"n": 2}, "[DONE]", {"n": 3}),
    ],
)  # fmt: skip
def test_items_come_however_they_are_sent(client: Any, script: Any) -> None:
    with FaultServer(script) as server, client(server.url) as api:
        items = api.streamItems()
        assert isinstance(items, Stream)
        came, error = drained(items)

    assert error is None
    assert came == [{"n": 1}, {"n": 2}]
    assert all(isinstance(item, Data) for item in came)


@pytest.mark.parametrize(
    ("script", "error", "says"),
    [
        ([stream({"n": 1}, end=False), CLOSE], APIConnectionError, "streamItems: the answer broke off after 16 bytes"),
        ([stream({"n": 1}, end=False), 0.05, RESET], APIConnectionError, "connection reset by peer"),
        ([answer(b'data: {"n": 1}\n\n', content_type=EVENTS, length=99), CLOSE], APIConnectionError, "before the announced end"),
        (stream({"n": 1}, {"n": "two"}), ResponseValidationError, 'n: found "two"'),
        (stream({"n": 1}, {"m": 2}), ResponseValidationError, "n: missing"),
        (stream({"n": 1}, '{"n": '), ResponseValidationError, "found an event that is no JSON: Expecting value"),
        (stream({"n": 1}, '{"n": NaN}'), ResponseValidationError, "found NaN, which JSON does not know"),
        (stream({"n": 1}, {"error": {"message": "out of luck", "type": "server_error"}}), InternalServerError, "500 Internal Server Error: out of luck"),
        (stream({"n": 1}, {"error": {"message": "slow", "code": "rate_limit_exceeded"}}), RateLimitError, "429 Too Many Requests: slow"),
        (stream({"n": 1}, {"error": "plain words"}), InternalServerError, "plain words"),
        (answer(b'data: {"n": 1}\n\nevent: error\ndata: {"message": "named", "code": 403}\n\n', content_type=EVENTS), APIStatusError, "403 Forbidden: named"),
        (answer(b'data: {"n": 1}\n\nevent: error\ndata: just text\n\n', content_type=EVENTS), APIStatusError, "just text"),
    ],
)
def test_what_ends_it_is_told_after_what_came_before(client: Any, script: Any, error: type[Exception], says: str) -> None:
    with FaultServer(script) as server, client(server.url) as api:
        came, raised = drained(api.streamItems())
        assert len(server.received) == 1

    assert came == [{"n": 1}]
    assert isinstance(raised, error)
    assert says in str(raised)
    assert raised.response.status_code == 200  # type: ignore[attr-defined]


def test_half_a_character_is_passed_on_as_it_came(client: Any) -> None:
    with FaultServer(answer(b'data: {"n": 1, "t": "\\ud83d"}\n\n', content_type=EVENTS)) as server, client(server.url) as api:
        assert list(api.streamItems()) == [{"n": 1, "t": "\ud83d"}]


def test_an_item_that_breaks_the_document_is_kept(client: Any) -> None:
    with FaultServer(stream({"n": "two"})) as server, client(server.url) as api:
        with pytest.raises(ResponseValidationError) as caught:
            list(api.streamItems())

    assert caught.value.data == {"n": "two"}
    assert [violation.path for violation in caught.value.violations] == ["n"]


@pytest.mark.parametrize("policy", ["warn", "off"])
def test_other_policies_go_on(client: Any, policy: str) -> None:
    with FaultServer(stream({"n": "one"}, {"n": 2})) as server, client(server.url, validate_responses=policy) as api:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            came = list(api.streamItems())

    assert came == [{"n": "one"}, {"n": 2}]
    assert [warning.category for warning in told] == ([DynaOpenAIWarning] if policy == "warn" else [])
    assert {warning.filename for warning in told} <= {__file__, awaited.__file__}


def test_it_tells_what_it_is_and_where_it_is_from(client: Any) -> None:
    with FaultServer(answer(b"", 200, "x-request-id: r1", content_type=EVENTS)) as server, client(server.url) as api:
        response = api.streamItems.send()

        assert repr(response.data) == "<Stream of streamItems, status 200>"
        assert response.data.response.request_id == response.request_id == "r1"
        assert list(response.data) == []
        assert response.content == b""


def test_a_refusal_is_no_stream(client: Any) -> None:
    with FaultServer(answer({"error": {"message": "no"}}, 400)) as server, client(server.url) as api:
        with pytest.raises(APIStatusError, match="400 Bad Request: no"):
            api.streamItems()


def test_closing_ends_the_iteration(client: Any) -> None:
    with FaultServer(stream({"n": 1}, {"n": 2})) as server, client(server.url) as api:
        with api.streamItems() as items:
            assert next(items) == {"n": 1}
        assert list(items) == []


def test_what_is_drawn_by_several_threads_is_drawn_once_and_all_of_it() -> None:
    """A stream that is waited for by one thread is refused to none, and does not end for it."""
    numbers = list(range(60))
    pieces = [chunk("".join(f'data: {{"n": {n}}}\n\n' for n in numbers[begin : begin + 3]).encode()) for begin in range(0, 60, 3)]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    script = [head, *(step for piece in pieces for step in (0.005, piece)), chunk(b"data: [DONE]\n\n") + LAST_CHUNK]
    drawn: list[int] = []

    def draw(items: Stream) -> None:
        drawn.extend(item.n for item in items)

    with FaultServer(script) as server, plain_client(server.url) as api:
        items = api.streamItems()
        threads = [threading.Thread(target=draw, args=(items,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert sorted(drawn) == numbers
    assert items.complete
