"""Connections of our own, where aiohttp's lose an answer, wait for ever, or take interim answers without end."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import _EXC_SENTINEL as NO_CAUSE

__all__ = ["Connection", "Octets"]

MAX_INTERIM = 32  # interim answers before the true one
_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n")


class Connection(ResponseHandler):
    """A connection that takes an answer for what it is, whatever stands before and after it.

    What follows the answer and is none does not take it along; interim answers come to an end.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._interim = 0

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"HTTP/"):
            cut = data.find(b"\r\n\r\n") + 4
            length = _LENGTH.search(data, 0, cut)
            if 4 <= cut < len(data) and (length is None or len(data) - cut > int(length[1])):
                super().data_received(data[:cut])
                data = data[cut:]
        super().data_received(data)

    def set_exception(self, exc: BaseException, exc_cause: BaseException = NO_CAUSE) -> None:
        """What breaks off the answers breaks off the body that is read: its reader would wait for ever."""
        super().set_exception(exc, exc_cause)
        body = self._payload
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(exc, exc_cause)

    def feed_data(self, data: Any, size: int = 0) -> None:
        self._interim = self._interim + 1 if 100 <= data[0].code < 200 else 0
        if self._interim <= MAX_INTERIM:
            super().feed_data(data, size)
        elif self.transport is not None:
            self.set_exception(aiohttp.ClientPayloadError("interim answers without an end"))
            self.transport.close()


class Octets(aiohttp.BytesPayload):
    """A body in memory, however large: aiohttp's own warns of one that is, and what is read in pieces stops at an early answer."""

    def __init__(self, octets: bytes) -> None:
        super().__init__(b"")
        self._value, self._size = octets, len(octets)
