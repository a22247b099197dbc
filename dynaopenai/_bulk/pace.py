"""How fast to go: how many calls at once, when the next may start, and what answers teach about limits. No I/O, no clock.

Rules of this file:
1. All times are seconds of the caller's clock, which only rises.
2. One pace for everybody: a cool-down that one answer asks for holds for all calls.
3. Limits that were given are never passed; limits that a server tells of are taken for its word; where it says
   nothing, the pace grows while things go well and gives way when they do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

FIRST = 8  # calls at once, to begin with
GROWTH = 0.03  # of the learned rate, per second without a refusal
LONGEST = 120.0  # seconds of a cool-down that nobody asked for by number
BURST = 1.0  # seconds' worth of calls that may start at once, under a limit that was given
SMOOTH = 0.03  # and under one that was found out, since it is not known how much the server bears at once
HORIZON = 20.0  # seconds of answers that a rate is measured over
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d*)?)s)?(?:(\d+(?:\.\d*)?)ms)?")


@dataclass
class Bucket:
    """A rate limit: ``rate`` units a second, ``burst`` seconds' worth at once (GCRA: one number says how full it is)."""

    rate: float
    burst: float = BURST
    next: float = 0.0  # when the bucket has let through all that was taken from it

    def wait(self, now: float, units: float) -> float:
        """Seconds until ``units`` more may go."""
        return max(0.0, self.next + min(units / self.rate, self.burst) - self.burst - now) if self.rate else 0.0

    def take(self, now: float, units: float) -> None:
        if self.rate:
            self.next = max(self.next, now) + units / self.rate


@dataclass
class Window:
    """What a server's headers said: so many units are left, and all of them are back at ``reset``."""

    remaining: float
    reset: float

    def wait(self, now: float, units: float) -> float:
        return max(0.0, self.reset - now) if self.remaining < units else 0.0


@dataclass
class Pace:
    """The pace of one run.

    Args:
        concurrency: calls at once, at most.
        rpm: calls a minute, at most; 0 for no limit.
        tpm: tokens a minute, at most; 0 for no limit.
    """

    concurrency: int
    rpm: float = 0
    tpm: float = 0
    running: int = 0
    held_until: float = 0.0
    reason: str = ""
    limits: int = 0  # refusals in a row, with no answer between them
    window: float = 0.0
    calls: Bucket = field(init=False)
    tokens: Bucket = field(init=False)
    learned: Bucket = field(default_factory=lambda: Bucket(0.0, SMOOTH))
    quotas: dict[str, Window] = field(default_factory=dict)
    expected: float = 0.0  # tokens of a call, by the answers so far
    _answered: list[float] = field(default_factory=list)
    _grown: float = 0.0

    def __post_init__(self) -> None:
        self.calls = Bucket(self.rpm / 60)
        self.tokens = Bucket(self.tpm / 60)
        self.window = float(min(FIRST, self.concurrency))

    def wait(self, now: float, tokens: float = 0.0) -> float:
        """Seconds until one more call may start, by all limits but the number of calls at once."""
        if now < self.held_until:
            return self.held_until - now
        units = tokens or self.expected
        waits = (
            (self.calls.wait(now, 1), "calls a minute"),
            (self.tokens.wait(now, units), "tokens a minute"),
            (self.learned.wait(now, 1), "the server's pace"),
            (self._quota_wait("requests", now, 1), "the server's calls"),
            (self._quota_wait("tokens", now, units), "the server's tokens"),
        )
        longest, reason = max(waits)
        self.reason = reason if longest else ""
        return longest

    def _quota_wait(self, kind: str, now: float, units: float) -> float:
        found = self.quotas.get(kind)
        if found is None:
            return 0.0
        if now >= found.reset:
            del self.quotas[kind]
            return 0.0
        return found.wait(now, units)

    @property
    def is_full(self) -> bool:
        """Whether as many calls are under way as may be."""
        return self.running >= int(self.window)

    def start(self, now: float, tokens: float = 0.0) -> float:
        """One call starts; the tokens that were set aside for it."""
        units = tokens or self.expected
        self.running += 1
        self.calls.take(now, 1)
        self.tokens.take(now, units)
        self.learned.take(now, 1)
        for kind, amount in (("requests", 1.0), ("tokens", units)):
            if kind in self.quotas:
                self.quotas[kind].remaining -= amount
        return units

    def answered(self, now: float, headers: Mapping[str, str], set_aside: float = 0.0, used: float = 0.0) -> None:
        """A call was answered; ``used``: the tokens that the answer says it took, 0 where it says nothing."""
        self.running -= 1
        self.limits = 0
        self._answered.append(now)
        if used:
            self.expected = used if not self.expected else 0.95 * self.expected + 0.05 * used
            if self.tokens.rate:
                self.tokens.next += (used - set_aside) / self.tokens.rate
        full = self.running + 1 >= int(self.window)
        if full and self.window < self.concurrency:
            self.window = min(float(self.concurrency), self.window + 1)
        if self.learned.rate and now > self._grown:
            self.learned.rate *= (1 + GROWTH) ** min(now - self._grown, 5.0)
            self._grown = now
        self._learn(now, headers)
        if len(self._answered) > 4096:
            del self._answered[:2048]

    def failed(self) -> None:
        """A call came to nothing, by no limit of the server's."""
        self.running -= 1

    def refused(self, now: float, headers: Mapping[str, str], retry_after: float | None) -> float:
        """The server said that it was too much; how long all calls wait from now.

        ``retry_after``: seconds that it asked for, None where it named no number.
        """
        self.running -= 1
        fresh = now >= self.held_until
        if fresh:
            self.limits += 1
            self._give_way(now)
            if not self.learned.rate:
                self.window = max(1.0, self.window / 2)
        pause = retry_after if retry_after is not None else min(self._first_pause * 2 ** (self.limits - 1), LONGEST)
        self._learn(now, headers)
        if retry_after is None and (window := self.quotas.get("requests")) is not None and window.remaining < 1:
            pause = max(window.reset - now, 0.05)
        self.held_until = max(self.held_until, now + pause)
        self.reason = "the server's cool-down"
        return self.held_until - now

    @property
    def _first_pause(self) -> float:
        """Where the server's rate is known, a refusal means that it was passed by a little."""
        return min(0.5, 5 / self.learned.rate) if self.learned.rate else 0.5

    def _give_way(self, now: float) -> None:
        """The rate that was answered of late is what the server bears."""
        if self.calls.rate or "requests" in self.quotas:
            return
        recent = [at for at in self._answered if at > now - HORIZON]
        if len(recent) < 8:
            return
        measured = len(recent) / max(min(HORIZON, now - self._answered[0]), 1.0)
        known = self.learned.rate
        self.learned.rate = max(measured, known * 0.5 + measured * 0.5, known * 0.8) if known else measured
        self._grown = now

    def _learn(self, now: float, headers: Mapping[str, str]) -> None:
        for kind, window in limits_of(now, headers).items():
            before = self.quotas.get(kind)
            if before is None or now >= before.reset or window.remaining < before.remaining or window.remaining > before.remaining + self.running:
                self.quotas[kind] = window


# --- what headers say ----------------------------------------------------------------------------


def limits_of(now: float, headers: Mapping[str, str]) -> dict[str, Window]:
    """What is left of a server's limits, by ``requests`` and ``tokens``.

    Read are ``x-ratelimit-remaining-requests`` and its kin, and the IETF's ``RateLimit`` fields, both the one of
    draft-ietf-httpapi-ratelimit-headers-10 (``"default";r=50;t=30``) and the three of its earlier drafts.
    """
    found: dict[str, Window] = {}
    for kind in ("requests", "tokens"):
        remaining = headers.get(f"x-ratelimit-remaining-{kind}")
        reset = seconds(headers.get(f"x-ratelimit-reset-{kind}", ""))
        if remaining is not None and remaining.strip().isdecimal() and reset is not None:
            found[kind] = Window(float(remaining), now + reset)
    if found:
        return found
    field_value = headers.get("ratelimit", "")
    parameters = dict(re.findall(r"\b([rt]|remaining|reset)=(\d+)", field_value))
    left = parameters.get("r") or parameters.get("remaining") or headers.get("ratelimit-remaining", "")
    reset = seconds(parameters.get("t") or parameters.get("reset") or headers.get("ratelimit-reset", ""))
    if left.strip().isdecimal() and reset is not None:
        found["requests"] = Window(float(left), now + reset)
    return found


def seconds(text: str) -> float | None:
    """A duration as servers write it, in seconds: ``30``, ``1.5``, ``6m0s``, ``120ms``; None where it is none."""
    text = text.strip()
    if not text or len(text) > 32:
        return None
    if re.fullmatch(r"\d+(\.\d*)?", text):
        return float(text)
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, whole, thousandths = (float(part or 0) for part in match.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + whole + thousandths / 1000
