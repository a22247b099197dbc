"""The pace, against simulated servers: no clock, no network, every second of it computed."""

import heapq
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaopenai._bulk.pace import Pace, limits_of, seconds


class TokenBucket:
    """Lets ``rate`` calls a second through, ``burst`` at once; refuses with or without a word about when."""

    def __init__(self, rate, burst=1.0, retry_after=None, headers=False):
        self.rate, self.burst, self.retry_after, self.tells = rate, burst, retry_after, headers
        self.level, self.at, self.accepted, self.refused = burst, 0.0, [], 0

    def answer(self, now):
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            self.accepted.append(now)
            return True, self.headers()
        self.refused += 1
        return False, self.headers()

    def headers(self):
        if not self.tells:
            return {}
        return {
            "x-ratelimit-remaining-requests": str(int(self.level)),
            "x-ratelimit-reset-requests": f"{1 / self.rate:.3f}s",
        }


def run(pace, server, calls, latency=0.2):
    """Simulates one run; returns the seconds that it took."""
    now, waiting, order, done = 0.0, calls, itertools.count(), 0
    under_way = []
    while done < calls:
        while waiting and not pace.is_full and pace.wait(now) == 0:
            set_aside = pace.start(now)
            heapq.heappush(under_way, (now + latency, next(order), set_aside))
            waiting -= 1
        soonest = under_way[0][0] if under_way else float("inf")
        if waiting and not pace.is_full:
            soonest = min(soonest, now + max(pace.wait(now), 1e-6))
        now = soonest
        while under_way and under_way[0][0] <= now:
            _, _, set_aside = heapq.heappop(under_way)
            accepted, headers = server.answer(now)
            if accepted:
                pace.answered(now, headers, set_aside)
                done += 1
            else:
                pace.refused(now, headers, server.retry_after)
                waiting += 1
    return now


@pytest.mark.parametrize("rpm", [60, 600, 6000])
def test_a_given_rate_is_kept_and_used(rpm):
    server = TokenBucket(rpm / 60 * 1.02, burst=rpm / 60 + 2)
    took = run(Pace(64, rpm=rpm), server, calls := rpm * 2)
    assert server.refused == 0
    assert calls / took * 60 == pytest.approx(rpm, rel=0.05)


@given(rpm=st.integers(30, 3000), latency=st.floats(0.01, 5))
@settings(max_examples=25)
def test_no_minute_ever_sees_more_than_the_given_rate(rpm, latency):
    server = TokenBucket(1e9, burst=1e9)
    run(Pace(1000, rpm=rpm), server, min(rpm * 3, 3000), latency)
    starts = server.accepted
    for first, at in enumerate(starts):
        until = sum(1 for later in starts[first:] if later < at + 60)
        assert until <= rpm + rpm / 60 + 1


@pytest.mark.parametrize(
    ("server", "share"),
    [
        (TokenBucket(50, burst=50, retry_after=1.0), 0.95),
        (TokenBucket(50, burst=50), 0.95),
        (TokenBucket(50, burst=50, headers=True), 0.95),
        (TokenBucket(50, burst=5, retry_after=0.1), 0.93),
        (TokenBucket(50, burst=5), 0.92),
    ],
    ids=["retry-after", "no word", "headers", "small bucket", "small bucket, no word"],
)
def test_a_limit_that_nobody_told_is_found_and_used(server, share):
    calls = 20_000
    took = run(Pace(200), server, calls)
    assert calls / took >= share * 50
    assert server.refused < calls * 0.1


def test_a_cool_down_holds_for_all_calls():
    pace = Pace(8)
    for _ in range(3):
        pace.start(0.0)
    assert pace.refused(1.0, {}, 30.0) == 30.0
    assert pace.wait(2.0) == 29.0
    assert pace.refused(2.0, {}, 5.0) == 29.0
    assert pace.limits == 1  # one cool-down, however many calls it met
    assert pace.reason == "the server's cool-down"


def test_tokens_are_set_aside_by_what_answers_took():
    pace = Pace(8, tpm=6000)
    set_aside = pace.start(0.0)
    assert set_aside == 0
    pace.answered(0.5, {}, set_aside, used=500)
    assert pace.expected == 500
    assert pace.wait(0.5) > 3  # 500 of the 100 a second were taken
    assert pace.reason == "tokens a minute"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", 30.0), ("1.5", 1.5), ("6m0s", 360.0), ("120ms", 0.12), ("1h2m3s", 3723.0), ("1d", 86400.0), ("2m59.56s", 179.56),
        ("", None), ("soon", None), ("-1", None), ("m", None), ("1" * 40, None),
    ],
)  # fmt: skip
def test_durations_as_servers_write_them(text, value):
    assert seconds(text) == pytest.approx(value) if value is not None else seconds(text) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "30s"},
        {"ratelimit": '"default";r=0;t=30'},
        {"ratelimit": "limit=100, remaining=0, reset=30"},
        {"ratelimit-limit": "100", "ratelimit-remaining": "0", "ratelimit-reset": "30"},
    ],
)
def test_what_is_left_of_a_limit_is_read_from_headers(headers):
    found = limits_of(100.0, headers)
    assert (found["requests"].remaining, found["requests"].reset) == (0.0, 130.0)
    pace = Pace(8)
    pace.start(99.0)
    pace.answered(100.0, headers)
    assert pace.wait(100.0) == 30.0
    assert pace.reason == "the server's calls"
    assert pace.wait(130.0) == 0.0


@pytest.mark.parametrize("headers", [{}, {"ratelimit": "nonsense"}, {"x-ratelimit-remaining-requests": "many"}])
def test_headers_that_say_nothing_are_passed_over(headers):
    assert limits_of(0.0, headers) == {}
