"""Whether and when a request is tried again. Pure: no clock but the caller's, no I/O.

The rules are those that users of the official package know: 408, 409, 429 and 5xx are tried again, unless the server
says otherwise; a wait that the server asks for is kept up to a limit (`Settings.max_retry_after`), and is else 0.5 s, 1 s, 2 s ... up to 8 s,
less up to a quarter at random.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..errors import APIConnectionError

__all__ = ["Retry"]

RETRIED = frozenset({408, 409, 429})
FIRST_DELAY = 0.5
LONGEST_DELAY = 8.0
LONGEST_KNOWN = 366 * 86400.0  # what asks for more names no time


@dataclass(frozen=True)
class Retry:
    """A try that failed and will be followed by another.

    Attributes:
        operation_id: the operation that was called.
        attempt: which try it was, from 1.
        delay: seconds until the next.
        error: what went wrong on the wire, None where there was an answer.
        status_code, headers: of the answer, where there was one.
    """

    operation_id: str
    attempt: int
    delay: float
    error: APIConnectionError | None = None
    status_code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        reason = f"status {self.status_code}" if self.status_code else str(self.error).partition(": ")[2]
        return f"{self.operation_id}: try {self.attempt} failed ({reason}), the next in {self.delay:.2f} s"


def is_retried(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer of this status is worth another try; the server's own word counts first."""
    if status < 400:
        return False
    should_retry = headers.get("x-should-retry", "").lower()
    if should_retry in ("true", "false"):
        return should_retry == "true"
    return status in RETRIED or status >= 500


def after_answer(operation_id: str, attempt: int, status: int, headers: Mapping[str, str]) -> Retry | None:
    """The try that an answer is worth; None where it is the answer."""
    if not is_retried(status, headers):
        return None
    return Retry(operation_id, attempt, delay(attempt, headers), None, status, headers)


def after_failure(operation_id: str, attempt: int, error: APIConnectionError) -> Retry:
    """The try that follows where there was no answer."""
    return Retry(operation_id, attempt, delay(attempt, {}), error)


def delay(attempt: int, headers: Mapping[str, str]) -> float:
    """Seconds to wait after the ``attempt``-th try (1-based): what the server asks for, else backoff with jitter."""
    asked_for = retry_after(headers)
    if asked_for is not None:
        return asked_for
    import random

    backoff = min(FIRST_DELAY * 2.0 ** min(attempt - 1, 1000), LONGEST_DELAY)
    return backoff * (1 - 0.25 * random.random())  # noqa: S311 - spreads load, hides nothing


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server asks for: ``retry-after-ms``, or ``Retry-After`` as a number or a date (RFC 9110 §10.2.3)."""
    found = _named(headers)
    return found if found is not None and 0 < found <= LONGEST_KNOWN else None


def _named(headers: Mapping[str, str]) -> float | None:
    try:
        return float(headers["retry-after-ms"]) / 1000
    except (KeyError, ValueError):
        pass
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry as Reader

    try:
        return Reader().parse_retry_after(value)
    except (InvalidHeader, ValueError, OverflowError):
        return None
