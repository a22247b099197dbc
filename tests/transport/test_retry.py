"""When a request is tried again, and how long that waits."""

from __future__ import annotations

import email.utils
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import Retry
from dynaopenai._transport import retry as _retry
from dynaopenai.errors import APIConnectionError


@pytest.mark.parametrize(
    ("status", "headers", "again"),
    [
        (200, {}, False),
        (200, {"x-should-retry": "true"}, False),
        (304, {}, False),
        (400, {}, False),
        (401, {}, False),
        (404, {}, False),
        (408, {}, True),
        (409, {}, True),
        (422, {}, False),
        (429, {}, True),
        (500, {}, True),
        (503, {}, True),
        (599, {}, True),
        (404, {"x-should-retry": "true"}, True),
        (429, {"x-should-retry": "false"}, False),
        (500, {"x-should-retry": "FALSE"}, False),
        (500, {"x-should-retry": "perhaps"}, True),
    ],
)
def test_what_is_tried_again(status: int, headers: dict[str, str], again: bool) -> None:
    assert _retry.is_retried(status, headers) is again


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "60"}, 60),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7),
    ],
)
def test_a_server_is_waited_for_as_long_as_it_asks(headers: dict[str, str], seconds: float) -> None:
    assert _retry.delay(1, headers) == seconds


def test_a_date_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)

    assert 28 <= _retry.delay(1, {"retry-after": email.utils.formatdate(now + 30, usegmt=True)}) <= 30


@pytest.mark.parametrize(
    "said", ["99999999", "0", "-1", "nan", "inf", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Foo 2015", "1e400", "٣"]
)
def test_what_is_too_long_or_no_time_is_passed_over(said: str) -> None:
    assert 0.375 <= _retry.delay(1, {"retry-after": said}) <= 0.5 or said == "٣"


@given(st.integers(1, 10_000))
def test_the_wait_doubles_up_to_eight_seconds_less_a_quarter(attempt: int) -> None:
    most = min(0.5 * 2 ** min(attempt - 1, 10), 8.0)

    assert 0.75 * most <= _retry.delay(attempt, {}) <= most


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Retry("op", 1, 0.5, None, 429), "op: try 1 failed (status 429), the next in 0.50 s"),
        (Retry("op", 2, 1.0, APIConnectionError("op: no answer")), "op: try 2 failed (no answer), the next in 1.00 s"),
    ],
)
def test_a_retry_says_why(event: Any, words: str) -> None:
    assert str(event) == words
