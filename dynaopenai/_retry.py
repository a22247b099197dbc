"""Whether and when a request is tried again. Pure: no clock but the caller's, no I/O."""

from __future__ import annotations

import random
from collections.abc import Mapping

RETRIED = frozenset({408, 409, 429})
FIRST_DELAY = 0.5
LONGEST_DELAY = 8.0
LONGEST_ASKED = 60.0


def is_retried(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer of this status is worth another try; the server's own word counts first."""
    said = headers.get("x-should-retry", "").lower()
    if said in ("true", "false"):
        return said == "true"
    return status in RETRIED or status >= 500


def delay(attempt: int, headers: Mapping[str, str]) -> float:
    """Seconds to wait after the ``attempt``-th try (1-based): what the server asks for, else backoff with jitter."""
    asked = _asked(headers)
    if asked is not None and 0 <= asked <= LONGEST_ASKED:
        return asked
    backoff = min(FIRST_DELAY * 2.0 ** (attempt - 1), LONGEST_DELAY)
    return backoff * (1 - 0.25 * random.random())  # noqa: S311 - spreads load, hides nothing


def _asked(headers: Mapping[str, str]) -> float | None:
    """``retry-after-ms``, or ``Retry-After`` in seconds or as a date (RFC 9110 §10.2.3)."""
    try:
        return float(headers["retry-after-ms"]) / 1000
    except (KeyError, ValueError):
        pass
    said = headers.get("retry-after")
    if said is None:
        return None
    try:
        return float(said)
    except ValueError:
        pass
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry

    try:
        return Retry().parse_retry_after(said)
    except InvalidHeader:
        return None
