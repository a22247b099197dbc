"""A request over a connection of our own under asyncio, where nobody stands between a call and its socket: `over_socket`, awaited.

Connections belong to the event loop that opened them.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .chunked import LAST_CHUNK, chunk
from .environment import Way, tls_context
from .failure import no_connection
from .http1 import Message, Site
from .over_socket import AT_ONCE, SITES, remaining
from .receiving import Arriving, Receiving
from .sending import Sending
from .step import Head

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

MOST_WAITING = 1 << 18  # bytes that may lie here unread, before the server is kept waiting


class Connection(asyncio.Protocol):
    """An open connection, used by one exchange at a time.

    Attributes:
        patience: seconds to wait for bytes; None for any number.
        deadline: of `time.monotonic`, when all of an answer must have come.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.patience: float | None = None
        self.deadline: float | None = None
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._received: deque[bytes] = deque()
        self._waiting = 0  # bytes of those
        self._is_over = self._is_paused = self._is_full = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None  # whoever waits for bytes, or for room

    # --- what the event loop tells ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received.append(data)
        self._waiting += len(data)
        if self._waiting > MOST_WAITING and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._is_over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_over, self._error = True, self._error or exc
        self._wake()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # --- what an exchange does -------------------------------------------------------------------

    @property
    def is_fresh(self) -> bool:
        """Whether the server has left it open, and said nothing, since it was used."""
        return not (self._received or self._is_over or self._transport.is_closing())

    async def _wait(self, patience: float | None) -> None:
        """Wait until something happens, but no longer than that, or than the deadline leaves."""
        patience = remaining(patience, self.deadline)
        waiter = self._waiter = self._loop.create_future()
        late = None if patience is None else self._loop.call_later(patience, _too_late, waiter)
        try:
            await waiter
        finally:
            self._waiter = None
            if late is not None:
                late.cancel()

    async def send(self, octets: bytes, answer: Receiving) -> bool:
        """Write all of it, while there is room, for as long as the server reads, and no answer refuses it; whether it was written whole."""
        if not (self._is_over or self._transport.is_closing()):
            self._transport.write(octets)
        while self._is_full and not self._is_over:
            if self._received and answer.early is None:
                if answer.refuses(await self.receive()):
                    return False
                continue
            try:
                await self._wait(self.patience)
            except TimeoutError:
                if answer.early is None:
                    raise
                return False
        return not self._is_over

    async def receive(self, size: int = AT_ONCE, patience: float | None = None) -> bytes:
        """The next bytes; none where the server has closed it. ``patience``: seconds to wait for them, where less than usual."""
        while not (self._received or self._is_over):
            await self._wait(self.patience if patience is None else patience)
        if not self._received:
            if self._error is not None:
                raise self._error
            return b""
        piece = self._received.popleft()
        if len(piece) > size:
            self._received.appendleft(piece[size:])
            piece = piece[:size]
        self._waiting -= len(piece)
        if self._is_paused and self._waiting < MOST_WAITING // 2:
            self._is_paused = False
            with suppress(RuntimeError):  # it is closed
                self._transport.resume_reading()
        return piece

    def close(self) -> None:
        if not self._loop.is_closed():
            self._transport.abort()


def _too_late(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


class Pool:
    """The connections of one event loop, those that rest, and a place for each that may be open at a time."""

    def __init__(self, most: int) -> None:
        self._most = self._free = most
        self._queue: deque[asyncio.Future[None]] = deque()
        self._resting: dict[Site, list[Connection]] = {}
        self.is_closed = False

    async def place(self, patience: float | None, operation_id: str) -> None:
        """Wait for a place, in turn.

        Raises:
            APITimeoutError: none came free within ``patience``.
        """
        if self._free:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._queue.append(waiter)
        late = None if patience is None else loop.call_later(patience, _too_late, waiter)
        try:
            await waiter
        except TimeoutError:
            raise no_connection(operation_id, self._most, patience) from None
        except BaseException:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.leave()  # it had come, and nobody wants it any more
            raise
        finally:
            if late is not None:
                late.cancel()

    def leave(self) -> None:
        """Let another one have the place."""
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    async def taken(self, site: Site, way: Way, patience: float | None) -> Connection:
        """A connection that leads there, for one exchange."""
        resting = self._resting.get(site)
        while resting:
            connection = resting.pop()
            if connection.is_fresh:
                return connection
            connection.close()
        async with timeout(patience):
            return await _opened(site, way)

    def give_back(self, connection: Connection) -> None:
        if self.is_closed:
            connection.close()
            return
        if connection.site not in self._resting and len(self._resting) >= SITES:
            _close(self._resting.pop(next(iter(self._resting))))
        self._resting.setdefault(connection.site, []).append(connection)

    def close(self) -> None:
        self.is_closed = True
        resting, self._resting = self._resting, {}
        for connections in resting.values():
            _close(connections)


def _close(connections: list[Connection]) -> None:
    for connection in connections:
        connection.close()


async def _opened(site: Site, way: Way) -> Connection:
    """A new connection, to the first of the host's addresses that takes one."""
    context = tls_context(way.verify, way.cert) if site.scheme == "https" else None
    found = await asyncio.get_running_loop().getaddrinfo(site.host, site.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    while len(addresses) > 1:
        with suppress(OSError):
            return await _connected(site, addresses[0], context)
        del addresses[0]
    return await _connected(site, addresses[0], context)


async def _connected(site: Site, address: str, context: Any) -> Connection:
    name = site.host if context is not None else None
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(site), address, site.port, ssl=context, server_hostname=name)
    return connection


async def exchange(
    connection: Connection, message: Message, body: Sending | None, method: str, most: int | None, done: Callable[[Connection, bool], None]
) -> Head:
    """Send a request, and read the head of its answer; the arguments are those of `over_socket.exchange`."""
    try:
        answer = Receiving(method, most)
        is_whole = await connection.send(message.octets, answer) and (not message.body or await connection.send(message.body, answer))
        if is_whole and body is not None:
            is_whole = await _stream(connection, body, answer)
        head = answer.early
        while head is None:
            head = answer.take(await connection.receive())
    except BaseException:
        connection.close()
        raise
    if not is_whole:  # the rest of it would be read as another request
        head = head._replace(stays=False)
    return Head(head.status, head.headers, head.lines, Body(connection, head, answer.rest, done))


async def _stream(connection: Connection, body: Sending, answer: Receiving) -> bool:
    """Write a body as it comes, chunked where its length is not known (RFC 9112 §7.1); whether it was written whole."""
    is_chunked = body.length is None
    async for piece in body:
        if not await connection.send(chunk(piece) if is_chunked and piece else piece, answer):
            return False
    return not is_chunked or await connection.send(LAST_CHUNK, answer)


class Body(Arriving[Connection]):
    __slots__ = ()

    async def read(self, size: int, patience: float | None) -> bytes:
        """The next bytes; none at the end. ``patience``: seconds to wait for them at most."""
        connection, content, found = self._own(), self._content, b""
        while connection is not None and not (found or content.is_over):
            piece, self._rest = self._rest or await connection.receive(size, patience), b""
            found = content.take(piece)
            if content.is_over:
                self._end()
        return found
