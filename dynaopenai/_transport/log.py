"""What is said in the log: under ``dynaopenai``, one line a message, never a credential, never a body.

DEBUG tells each request and answer, INFO each retry. ``DYNAOPENAI_LOG=debug`` writes them to standard error.
Nobody listens before `logging` is there, and it is not imported for that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging

    from .._request.request import Request
    from .._secrecy.values import Scrubber
    from .retry import Retry

VARIABLE = "DYNAOPENAI_LOG"
DEBUG, INFO = 10, 20  # as in `logging`
BELOW = ("urllib3.connectionpool", "urllib3.connection", "urllib3.response")  # they log URLs


def set_up() -> None:
    """Write to standard error what ``DYNAOPENAI_LOG`` asks for; once.

    Raises:
        ValueError: it names no level.
    """
    level = os.environ.get(VARIABLE, "").strip().upper()
    if not level or any(getattr(handler, "is_ours", False) for handler in logger().handlers):
        return
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        msg = f"{VARIABLE}: found {level.lower()!r}, expected debug, info, warning or error"
        raise ValueError(msg)
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    handler.is_ours = True  # type: ignore[attr-defined]  # a mark to know it by
    logger().addHandler(handler)
    logger().setLevel(level)


@cache
def logger() -> logging.Logger:
    import logging

    made = logging.getLogger("dynaopenai")
    made.addHandler(logging.NullHandler())
    return made


def sent(request: Request) -> None:
    """A request that is about to be sent."""
    if "logging" in sys.modules and logger().isEnabledFor(DEBUG):
        from .._secrecy.redaction import redacted_headers, redacted_url

        size = "no body" if request.body is None else _size(request.body)
        url, headers = redacted_url(request.url, request.secrets), redacted_headers(request.headers, request.secrets)
        known = request.scrubber
        logger().debug("%s > %s %s, %s, %s", request.operation_id, request.method, known.text(url), size, _clean(headers, known))


def received(request: Request, status: int, elapsed: timedelta, headers: Mapping[str, str], sent: Any) -> None:
    """An answer to what was ``sent``, whose body has not been read yet."""
    if "logging" in sys.modules and logger().isEnabledFor(DEBUG):
        from .._secrecy.redaction import redacted_headers
        from .._secrecy.values import Scrubber

        shown = _clean(redacted_headers(headers, request.secrets), Scrubber(request.shown(sent)))
        logger().debug("%s < %d in %.3f s, %s", request.operation_id, status, elapsed.total_seconds(), shown)


def waits(retry: Retry) -> None:
    """A try that is waited for."""
    if "logging" in sys.modules and logger().isEnabledFor(INFO):
        logger().info("%s", retry)


def _clean(headers: Mapping[str, str], known: Scrubber) -> dict[str, str]:
    return {name: known.text(value) for name, value in headers.items()}


def _size(body: Any) -> str:
    length = len(body) if isinstance(body, bytes) else body.length
    return "unknown length" if length is None else f"{length:,} bytes"


# --- the libraries below -------------------------------------------------------------------------


class _Guard:
    """Takes credentials out of the URLs that urllib3 logs."""

    def __init__(self) -> None:
        self.secrets: frozenset[str] = frozenset()

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(self._clean(item) if isinstance(item, (str, Exception)) else item for item in record.args)
        return True

    def _clean(self, item: Any) -> Any:
        from .._secrecy.redaction import redacted_text

        text = str(item)
        return redacted_text(text, self.secrets) if "=" in text else item


_GUARD = _Guard()


def guard(secrets: frozenset[str]) -> None:
    """Keep these query parameters out of urllib3's log, which tells every URL."""
    import logging

    if not secrets <= _GUARD.secrets:
        _GUARD.secrets |= secrets
    for name in BELOW:
        logging.getLogger(name).addFilter(_GUARD)  # adding it again changes nothing
