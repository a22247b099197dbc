"""So many requests and tokens a minute: who asks for more is told when to come again, and all are told what is left.

A bucket for each credential, full at first, which refills evenly. A token is four bytes of a request's body, which is what a
server can know of before it answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil

MINUTE = 60.0
BYTES = 4  # in a token
MOST_CALLERS = 10_000


@dataclass
class Bucket:
    """What is left of one limit, at a moment."""

    most: int
    left: float
    moment: float

    def refill(self, now: float) -> None:
        self.left = min(self.most, self.left + (now - self.moment) * self.most / MINUTE)
        self.moment = now

    def wait_for(self, wanted: float) -> float:
        """Seconds until so much is there."""
        return max(0.0, (min(wanted, self.most) - self.left) * MINUTE / self.most)


@dataclass(frozen=True)
class Allowance:
    """Whether a request may pass, when it may where it may not, and the headers that tell what is left."""

    wait: float
    headers: Mapping[str, str]
    reason: str = ""


@dataclass
class Quota:
    """The limits, by credential. Thread-safe.

    Args:
        rpm, tpm: requests and tokens a minute; 0 is without limit.
        clock: seconds that only rise.
    """

    rpm: int = 0
    tpm: int = 0
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, caller: str, size: int) -> Allowance:
        """Count a request with a body of so many bytes, or refuse it."""
        wanted = {"requests": 1.0, "tokens": float(max(1, size // BYTES))}
        limits = {name: most for name, most in (("requests", self.rpm), ("tokens", self.tpm)) if most}
        if not limits:
            return Allowance(0.0, {})
        with self._lock:
            now = self.clock()
            if len(self._buckets) > MOST_CALLERS:
                self._buckets.clear()
            found = {name: self._buckets.setdefault((caller, name), Bucket(most, most, now)) for name, most in limits.items()}
            for bucket in found.values():
                bucket.refill(now)
            waits = {name: bucket.wait_for(wanted[name]) for name, bucket in found.items()}
            worst = max(waits, key=lambda name: waits[name])
            if not waits[worst]:
                for name, bucket in found.items():
                    bucket.left -= wanted[name]
            headers = {key: text for name, bucket in found.items() for key, text in _headers(name, bucket).items()}
        if not waits[worst]:
            return Allowance(0.0, headers)
        reason = f"{limits[worst]:,} {worst} a minute are allowed, try again in {waits[worst]:.2f} s"
        later = {"Retry-After": str(ceil(waits[worst])), "retry-after-ms": str(ceil(waits[worst] * 1000))}
        return Allowance(waits[worst], {**headers, **later}, reason)


def _headers(name: str, bucket: Bucket) -> dict[str, str]:
    return {
        f"x-ratelimit-limit-{name}": str(bucket.most),
        f"x-ratelimit-remaining-{name}": str(max(0, int(bucket.left))),
        f"x-ratelimit-reset-{name}": f"{bucket.wait_for(bucket.most):.3f}s",
    }
