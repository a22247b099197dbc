"""Connections of our own, where urllib3's leave something open.

1. A deadline holds for all of an answer, its headers included, however slowly its bytes drip.
2. Interim answers (RFC 9110 §15.2, 103 for instance) are passed over; taken for the answer, they would leave the true
   one behind for the next request on the connection.
"""

from __future__ import annotations

import http.client
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

__all__ = ["POOLS", "allow_headers", "within"]

_this_thread = threading.local()


@contextmanager
def within(deadline: float | None) -> Iterator[None]:
    """Answers that begin in this context, in this thread, end before ``deadline`` (of `time.monotonic`) or fail."""
    _this_thread.deadline = deadline
    try:
        yield
    finally:
        _this_thread.deadline = None


def allow_headers(number: int) -> None:
    """Let answers have this many header lines; `http.client` knows only one limit, for the whole process."""
    http.client._MAXHEADERS = max(http.client._MAXHEADERS, number)  # type: ignore[attr-defined]  # noqa: SLF001


class _Timed(io.RawIOBase):
    """A socket's bytes, as long as there is time."""

    def __init__(self, raw: Any, sock: Any, deadline: float) -> None:
        self._raw, self._sock, self._deadline = raw, sock, deadline
        self._patience: float | None = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left if self._patience is None else min(left, self._patience))
        got: int | None = self._raw.readinto(buffer)
        return got

    def close(self) -> None:
        if not self.closed:
            if self._sock.fileno() >= 0:
                self._sock.settimeout(self._patience)
            self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline = getattr(_this_thread, "deadline", None)
        if deadline is not None:
            self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock, deadline))

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            line: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not 102 <= line[1] <= 199:
                return line
            http.client.parse_headers(self.fp)


class _Connection(HTTPConnection):
    response_class = _Answer


class _SecureConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
