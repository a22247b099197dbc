"""Connections of our own, where aiohttp's lose an answer, wait for ever, take interim answers without end, or are read in two ways.

Heads are read by `http1`, as everywhere else. One that leaves nothing in doubt goes on to aiohttp as it came; of any other, aiohttp
gets what was read, said plainly.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import _EXC_SENTINEL as NO_CAUSE

from .http1 import FRAMING, MAX_INTERIM, AnswerHead, NoHTTPError, TooManyHeadersError, answer_head, end_of_head

__all__ = ["Connection", "Octets"]

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PLAIN = re.compile(rf"HTTP/1\.([01]) \d\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:{_TOKEN}:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n")
_NAME = re.compile(_TOKEN)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Connection(ResponseHandler):
    """A connection that takes an answer for what it is, whatever stands before and after it.

    What follows the answer is no other's: it is let go of, with the connection.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._method, self._most = "", 0
        self._head: bytearray | None = None  # what came of the next head, while one is waited for
        self._left: int | None = None  # bytes of the body that are to come, where its length is known
        self._interim = 0

    def set_response_params(self, *, skip_payload: bool = False, max_headers: int = 1 << 30, **options: Any) -> None:
        self._method, self._most = "HEAD" if skip_payload else "", max_headers
        self._head, self._left, self._interim = bytearray(), None, 0
        super().set_response_params(skip_payload=skip_payload, max_headers=max_headers, **options)

    def data_received(self, data: bytes) -> None:
        if self._head is not None and data:
            self._reschedule_timeout()
            self._head += data
            try:
                self._read_heads(len(self._head) - len(data))
            except ConnectionError as error:
                self._give_up(error)
            return
        if self._left is not None and data:
            if len(data) > self._left:
                self.force_close()
                data = data[: self._left]
            self._left -= len(data)
            if not data:
                return
        super().data_received(data)

    def _read_heads(self, known: int) -> None:
        """Read the heads that have come, until one is the answer's; then what came of its body.

        Raises:
            NoHTTPError, LineTooLong, TooManyHeadersError: it is none, or none that is taken.
        """
        while self._head and (end := end_of_head(self._head, known)):
            octets, rest = bytes(self._head[:end]), bytes(self._head[end:])
            head, known = answer_head(octets, self._method), 0
            if head.lines > self._most:
                raise TooManyHeadersError(f"more than {self._most} headers")
            is_interim = head.status < 200 and head.status != 101
            self._interim += is_interim
            if self._interim >= MAX_INTERIM:
                raise NoHTTPError("interim answers without an end")
            self._head, self._left = (bytearray(rest), None) if is_interim else (None, head.length)
            if not (head.stays or is_interim or head.status == 101):
                self.force_close()
            super().data_received(octets if _is_plain(octets, head) else _rewritten(head, self._method))
            if self._head is None and rest:
                self.data_received(rest)
        if self._head and self._head.count(b"\n") > self._most:
            raise TooManyHeadersError(f"more than {self._most} headers")

    def _give_up(self, error: ConnectionError) -> None:
        self._head = None
        self.set_exception(error)
        if self.transport is not None:
            self.transport.close()

    def set_exception(self, exc: BaseException, exc_cause: BaseException = NO_CAUSE) -> None:
        """What breaks off the answers breaks off the body that is read: its reader would wait for ever."""
        super().set_exception(exc, exc_cause)
        body = self._payload
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(exc, exc_cause)


def _is_plain(octets: bytes, head: AnswerHead) -> bool:
    """Whether a head is read in one way by everybody."""
    found = _PLAIN.fullmatch(octets.decode("latin-1"))
    length, coding = (head.headers.get(name) for name in FRAMING)
    if coding is not None:
        return found is not None and length is None and coding.lower() == "chunked" and found[1] == "1"
    return found is not None and (length is None or (length.isascii() and length.isdecimal()))


def _rewritten(head: AnswerHead, method: str) -> bytes:
    """A head as it was read: what nobody could name is left out, and how its body ends is said once."""
    lines = [
        f"{name}: {_CONTROL.sub(' ', value)}" for name, value in head.headers.items() if name.lower() not in FRAMING and _NAME.fullmatch(name)
    ]
    if head.is_chunked:
        lines.append("Transfer-Encoding: chunked")
    elif head.length is not None and method != "HEAD" and head.status >= 200 and head.status not in (204, 304):
        lines.append(f"Content-Length: {head.length}")
    return "\r\n".join([f"HTTP/1.1 {head.status} ", *lines, "", ""]).encode("latin-1")


class Octets(aiohttp.BytesPayload):
    """A body in memory, however large: aiohttp's own warns of one that is, and what is read in pieces stops at an early answer."""

    def __init__(self, octets: bytes) -> None:
        super().__init__(b"")
        self._value, self._size = octets, len(octets)
