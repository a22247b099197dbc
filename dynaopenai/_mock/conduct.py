"""What a client made of what went wrong: retried sooner than it was told, went on as if a stream that was cut had been whole."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST = 1000
EARLY = 0.05  # of the seconds that a client was told to wait, what clocks may differ by


@dataclass(frozen=True)
class Attempt:
    """One request, as far as it is told from others: who sent it, and what."""

    caller: str
    what: str

    @classmethod
    def of(cls, caller: str, method: str, path: str, body: bytes) -> Attempt:
        return cls(caller, hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest())


@dataclass
class Conduct:
    """Looks at a client's next requests. Thread-safe."""

    clock: Callable[[], float] = time.monotonic
    _refused: OrderedDict[Attempt, tuple[float, float]] = field(default_factory=OrderedDict)
    _cut: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refused(self, attempt: Attempt, wait: float) -> None:
        """A request was told to come again after so many seconds."""
        with self._lock:
            self._refused[attempt] = self.clock(), wait
            _forget(self._refused)

    def cut(self, attempt: Attempt) -> None:
        """A stream ended early, and as if it were whole."""
        with self._lock:
            self._cut[attempt.caller] = attempt.what
            _forget(self._cut)

    def seen(self, attempt: Attempt) -> tuple[str, ...]:
        """What is to be said of a client that sends this now."""
        findings = []
        with self._lock:
            refused, wait = self._refused.pop(attempt, (0.0, 0.0))
            since = self.clock() - refused
            if wait and since < wait * (1 - EARLY):
                findings.append(f"retried too early: after {since:.2f} s, told to wait {wait:.2f} s")
            cut = self._cut.pop(attempt.caller, None)
            if cut is not None and cut != attempt.what:
                findings.append("took a truncated stream for whole: it went on, and did not ask again")
        return tuple(findings)


def _forget(kept: OrderedDict[str, str] | OrderedDict[Attempt, tuple[float, float]]) -> None:
    while len(kept) > MOST:
        kept.popitem(last=False)
