"""Whatever goes wrong on the wire has a stated outcome: nothing hangs, nothing is lost, and the error says what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from both import WAYS
from fault_server import CLOSE, DRIP, RESET, STALL, Answer, FaultServer, answer, chunked, gzip
from small_api import KEY

from dynaopenai._transport import retry as _retry
from dynaopenai.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    DynaOpenAIError,
    InternalServerError,
    NotFoundError,
    RateLimitError,
    ResponseValidationError,
)

GOOD = answer({"id": "a"})
ERROR = {"error": {"message": "too fast", "type": "rate_limit_error", "code": "slow_down"}}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@dataclass(frozen=True)
class Fault:
    """What a server does to one call, and what comes of it: a value, or an error that says ``says``."""

    name: str
    script: list[Answer]
    value: Any = None
    error: type[DynaOpenAIError] | None = None
    says: str = ""
    tries: int = 1
    received: int | None = None
    timeout: Any = 5


THING_FAULTS = [
    # the connection
    Fault("closed without an answer", [[CLOSE]], error=APIConnectionError, says="closed the connection without answering (3 tries)", tries=3),
    Fault("reset without an answer", [[RESET]], error=APIConnectionError, says="connection reset by peer (3 tries)", tries=3),
    Fault("closed, then an answer", [[CLOSE], GOOD], {"id": "a"}, tries=2),
    Fault("reset, then an answer", [[RESET], [RESET], GOOD], {"id": "a"}, tries=3),
    Fault("stalls before the answer", [[STALL]], error=APITimeoutError, says="timed out (3 tries)", tries=3, timeout=0.1),
    Fault("stalls, then an answer", [[STALL], GOOD], {"id": "a"}, tries=2, timeout=0.3),
    Fault("stalls in the status line", [[b"HTTP/1.", STALL]], error=APITimeoutError, says="timed out", tries=3, timeout=0.1),
    Fault("stalls in the headers", [[HEAD, STALL]], error=APITimeoutError, says="timed out", tries=3, timeout=0.1),
    Fault("closed in the headers", [[HEAD, CLOSE]], error=APIConnectionError, says="closed the connection without answering", tries=3),
    # the status line and headers
    Fault("speaks no HTTP", [[b"220 smtp.example ESMTP\r\n", CLOSE]], error=APIConnectionError, says="does not speak HTTP", tries=3),
    Fault("a status that is no number", [[b"HTTP/1.1 abc OK\r\n\r\n", CLOSE]], error=APIConnectionError, says="does not speak HTTP", tries=3),
    Fault("a header too long", [[HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n", CLOSE]], error=APIConnectionError, says="a header of the answer is too long", tries=3),
    Fault("too many headers", [[HEAD + b"X: a\r\n" * 150 + b"\r\n", CLOSE]], error=APIConnectionError, says="headers"),
    # statuses that are worth another try
    *[Fault(f"{status}, then an answer", [answer(ERROR, status), GOOD], {"id": "a"}, tries=2) for status in (408, 409, 429, 500, 502, 503, 504, 599)],
    Fault("a storm of 429", [answer(ERROR, 429)], error=RateLimitError, says="429 Too Many Requests: too fast", tries=3),
    Fault("500 for ever", [answer(ERROR, 500)], error=InternalServerError, says="500 Internal Server Error: too fast", tries=3),
    Fault("429 and close, then an answer", [[answer(ERROR, 429, "Connection: close"), CLOSE], GOOD], {"id": "a"}, tries=2),
    Fault("404 is final", [answer({"error": {"message": "none"}}, 404), GOOD], error=NotFoundError, says="404 Not Found: none"),
    Fault("the server says to try again", [answer({}, 404, "X-Should-Retry: true"), GOOD], {"id": "a"}, tries=2),
    Fault("the server says not to try again", [answer(ERROR, 500, "X-Should-Retry: false"), GOOD], error=InternalServerError, says="500"),
    Fault("an error without a body", [answer(b"", 404, content_type=None)], error=NotFoundError, says="no message"),
    Fault("an error in HTML", [answer(b"<h1>Not here</h1>", 404, content_type="text/html")], error=NotFoundError, says="Not here"),
    Fault("an error whose JSON is broken", [answer(b'{"error": ', 404)], error=NotFoundError, says='{"error":'),
    Fault("an unknown status", [answer(ERROR, 499)], error=APIStatusError, says="499 Unassigned Status: too fast"),
    # the body
    Fault("the body dripped", [[DRIP, GOOD]], {"id": "a"}),
    Fault("chunks dripped", [[DRIP, chunked(b'{"id"', b': "a"}')]], {"id": "a"}),
    Fault("the body shorter than announced", [[answer({"id": "a"}, length=50), CLOSE]], error=APIConnectionError, says="broke off after 11 bytes", received=11, tries=3),
    Fault("the body shorter, then whole", [[answer({"id": "a"}, length=50), CLOSE], GOOD], {"id": "a"}, tries=2),
    Fault("the body stalls", [[answer({"id": "a"}, length=50), STALL]], error=APITimeoutError, says="broke off after 11 bytes: timed out", received=11, timeout=0.1, tries=3),
    Fault("reset in the body", [[answer({"id": "a"}, length=50), 0.05, RESET]], error=APIConnectionError, says="broke off", tries=3),
    Fault("the body longer than announced", [answer({"id": "a"}) + b"more", GOOD], {"id": "a"}),
    Fault("a chunk cut short", [[chunked(b'{"id": "a"', end=False), CLOSE]], error=APIConnectionError, says="broke off after 10 bytes", received=10, tries=3),
    Fault("a chunk length that is no number", [[HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", CLOSE]], error=APIConnectionError, says="before the announced end", tries=3),
    Fault("no length, closed at the end", [[HEAD + b'\r\n{"id": "a"}', CLOSE]], {"id": "a"}),
    Fault("truncated JSON", [answer(b'{"id": "a')], error=ResponseValidationError, says="found a body that is no application/json"),
    Fault("an empty body", [answer(b"")], error=ResponseValidationError, says="found nothing, expected JSON"),
    Fault("NaN", [answer(b'{"id": "a", "size": NaN}')], error=ResponseValidationError, says="found NaN, which JSON does not know"),
    Fault("the wrong type", [answer({"id": 1})], error=ResponseValidationError, says="id: found 1 (an integer), expected a string"),
    Fault("HTML where JSON was declared", [answer(b"<p>hi</p>", content_type="text/html")], error=ResponseValidationError, says='found "text/html"'),
    Fault("not compressed as it says", [answer(b"plain", 200, "Content-Encoding: gzip")], error=APIConnectionError, says="not compressed as its Content-Encoding says", tries=3),
    Fault("compressed", [answer(gzip(b'{"id": "a"}'), 200, "Content-Encoding: gzip")], {"id": "a"}),
    Fault("a byte order mark", [answer(b'\xef\xbb\xbf{"id": "a"}')], {"id": "a"}),
    Fault("a repeated key", [answer(b'{"id": "b", "id": "a"}')], {"id": "a"}),
    Fault("an integer beyond 64 bits", [answer(b'{"id": "a", "size": 123456789012345678901234567890}')], {"id": "a", "size": 123456789012345678901234567890}),
    Fault("not UTF-8", [answer(b'{"id": "\xff"}')], error=ResponseValidationError, says="is not UTF-8"),
    # redirects
    Fault("a redirect that never ends", [answer(b"", 302, "Location: /things/a")], error=APIConnectionError, says="more than 10 redirects", tries=11),
    Fault("a redirect", [answer(b"", 307, "Location: /elsewhere"), GOOD], {"id": "a"}, tries=2),
    Fault("a redirect to no web address", [answer(b"", 302, "Location: file:///etc/passwd")], error=APIConnectionError, says="redirected to file:"),
    Fault("a redirect to a port that no host has", [answer(b"", 302, "Location: http://a:99999/")], error=APIConnectionError, says="redirected to what is no URL"),
]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "FIRST_DELAY", 0.0)


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
@pytest.mark.parametrize("fault", THING_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_its_outcome(client: Any, fault: Fault) -> None:
    with FaultServer(*fault.script) as server, client(server.url, timeout=fault.timeout) as api:
        if fault.error is None:
            assert api.getThing("a") == fault.value
        else:
            with pytest.raises(fault.error) as caught:
                api.getThing("a")
            _says(fault, caught.value)
    assert len(server.received) == fault.tries


def _says(fault: Fault, error: DynaOpenAIError) -> None:
    text = str(error)
    assert fault.says in text
    assert text.startswith("getThing: ")
    assert KEY not in text
    assert len(text) < 1000
    if isinstance(error, APIConnectionError):
        assert fault.received is None or error.received == fault.received
    else:
        assert error.response is not None  # type: ignore[attr-defined]
        assert error.response.attempts == fault.tries  # type: ignore[attr-defined]
