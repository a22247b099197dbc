"""One side of the proxy: a connection whose bytes are taken in heads and pieces, and given back where too many came."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress

from .head import END, MAX_HEAD, Refusal

PIECE = 1 << 16
LINGER = 2.0  # seconds


def too_long() -> Refusal:
    return Refusal(431, f"found headers of more than {MAX_HEAD:,} bytes")


class Side:
    """A connection, to a client or to the upstream."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._ahead = b""

    async def head(self) -> bytes:
        """The bytes up to the blank line; none where the connection ends before them.

        Raises:
            Refusal: they are too many.
            ConnectionError: it ends among them.
        """
        data = self._ahead.lstrip(b"\r\n")
        while END not in data:
            if len(data) > MAX_HEAD:
                raise too_long()
            piece = await self._reader.read(PIECE)
            if not piece:
                self._ahead = b""
                if data:
                    raise ConnectionResetError("the connection ended in the middle of a header")
                return b""
            data = data + piece if data else piece.lstrip(b"\r\n")  # a blank line before a request is passed over
        end = data.index(END) + len(END)
        if end > MAX_HEAD:
            raise too_long()
        self._ahead = data[end:]
        return data[:end]

    async def piece(self) -> bytes:
        """The next bytes, as soon as there are any; none at the end."""
        if self._ahead:
            piece, self._ahead = self._ahead, b""
            return piece
        return await self._reader.read(PIECE)

    def give_back(self, data: bytes) -> None:
        """What belongs to the next message."""
        self._ahead = data + self._ahead

    async def write(self, data: bytes) -> None:
        """Send, and wait where the other end is slow."""
        self._writer.write(data)
        await self._writer.drain()

    @property
    def is_open(self) -> bool:
        return not self._reader.at_eof() and not self._writer.is_closing()

    def close(self) -> None:
        self._writer.close()

    async def closed(self) -> None:
        """Close, and wait for it: under TLS both ends say that it ends (RFC 8446 §6.1), for as long as `LINGER` at most."""
        self._writer.close()
        try:
            with suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(self._writer.wait_closed(), LINGER)
        finally:
            self._writer.transport.abort()

    async def linger(self) -> None:
        """Let in what is still being sent, since to close over unread data resets the connection and loses the answer."""
        with suppress(OSError, RuntimeError, asyncio.TimeoutError):
            self._writer.write_eof()
            await asyncio.wait_for(self._read_to_end(), LINGER)

    async def _read_to_end(self) -> None:
        while await self._reader.read(PIECE):
            pass

    def abort(self) -> None:
        """Close with a reset: where the end of the connection is the end of a message, it must not look like one."""
        with suppress(OSError, RuntimeError):
            linger = struct.pack("ii", 1, 0)
            self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._writer.transport.abort()
