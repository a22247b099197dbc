"""A request over a connection of our own, where nobody stands between a call and its socket: as few steps as there can be.

Rules of this file:
1. A deadline holds for all of an answer, its headers included, however slowly its bytes drip.
2. A connection is used again only where its answer was read to its very end, and nothing came after it.
3. Whoever lets go of a connection without a word has closed it.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from .environment import Way, tls_context
from .http1 import Message, Site
from .receiving import Arriving, Receiving
from .sending import Sending
from .step import Head

AT_ONCE = 1 << 16  # bytes that are asked of a socket
SITES = 8  # whose connections are kept


class Connection:
    """An open connection, used by one exchange at a time.

    Args:
        patience: seconds to wait for it to open; None for any number.
    """

    __slots__ = ("_patience", "_ready", "_sock", "deadline", "patience", "site")

    def __init__(self, site: Site, way: Way, patience: float | None) -> None:
        self.site = site
        self.deadline: float | None = None
        self._sock: Any = None
        context = tls_context(way.verify, way.cert) if site.scheme == "https" else None
        self._sock = socket.create_connection((site.host, site.port), patience)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            self._sock = context.wrap_socket(self._sock, server_hostname=site.host)
        self._patience = self.patience = patience
        self._ready = _readiness(self._sock)

    @property
    def is_fresh(self) -> bool:
        """Whether the server has left it open, and said nothing, since it was used."""
        return not (self._ready() or (self.site.scheme == "https" and self._sock.pending()))

    def _wait(self, patience: float | None) -> None:
        """Let the next bytes take so long, or as long as the deadline leaves."""
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            patience = left if patience is None else min(left, patience)
        if patience != self._patience:
            self._sock.settimeout(patience)
            self._patience = patience

    def send(self, octets: bytes) -> bool:
        """Write all of it; whether the server still reads. One that does not may have answered already, which is seen when it is read."""
        self._wait(self.patience)
        with suppress(BrokenPipeError, ConnectionResetError):
            self._sock.sendall(octets)
            return True
        return False

    def receive(self, size: int = AT_ONCE, patience: float | None = None) -> bytes:
        """The next bytes; none where the server has closed it. ``patience``: seconds to wait for them, where less than usual."""
        self._wait(self.patience if patience is None else patience)
        received: bytes = self._sock.recv(size)
        return received

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()

    __del__ = close


def _readiness(sock: Any) -> Callable[[], Any]:
    """Asks whether there is something to be read, without waiting."""
    if not hasattr(select, "poll"):  # on Windows
        return lambda: select.select([sock], [], [], 0)[0]
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return partial(poll.poll, 0)


class Connections:
    """Those that rest, by where they lead. Thread-safe: each step is one of a dict's or a list's own."""

    def __init__(self) -> None:
        self._resting: dict[Site, list[Connection]] = {}
        self._lock = threading.RLock()  # a body that nobody holds any more may give its connection back at any point

    def taken(self, site: Site, way: Way, patience: float | None) -> Connection:
        """One that leads there, for one exchange."""
        resting = self._resting.get(site)
        while resting:
            try:
                connection = resting.pop()
            except IndexError:  # another thread was faster
                break
            if connection.is_fresh:
                return connection
            connection.close()
        return Connection(site, way, patience)

    def give_back(self, connection: Connection) -> None:
        resting = self._resting.get(connection.site)
        if resting is None:
            with self._lock:
                while len(self._resting) >= SITES:
                    _close(self._resting.pop(next(iter(self._resting))))
                resting = self._resting.setdefault(connection.site, [])
        resting.append(connection)

    def close(self) -> None:
        with self._lock:
            resting, self._resting = self._resting, {}
        for connections in resting.values():
            _close(connections)


def _close(connections: list[Connection]) -> None:
    for connection in connections:
        connection.close()


def exchange(
    connection: Connection, message: Message, body: Sending | None, method: str, most: int | None, done: Callable[[Connection, bool], None]
) -> Head:
    """Send a request, and read the head of its answer.

    Args:
        body: where it is streamed.
        most: how many header lines an answer may have, None for any number.
        done: told when the body has come to its end, or is given up, and whether the connection can be used again.
    """
    try:
        reads = connection.send(message.octets) and (not message.body or connection.send(message.body))
        if reads and body is not None:
            _stream(connection, body)
        answer = Receiving(method, most)
        while (head := answer.take(connection.receive())) is None:
            pass
    except BaseException:
        connection.close()
        raise
    return Head(head.status, head.headers, head.lines, Body(connection, head, answer.rest, done))


def _stream(connection: Connection, body: Sending) -> None:
    """Write a body as it comes, chunked where its length is not known (RFC 9112 §7.1), for as long as the server reads."""
    is_chunked = body.length is None
    for piece in body:
        if not connection.send(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked and piece else piece):
            return
    if is_chunked:
        connection.send(b"0\r\n\r\n")


class Body(Arriving[Connection]):
    __slots__ = ()

    def read(self, size: int, patience: float | None) -> bytes:
        """The next bytes; none at the end. ``patience``: seconds to wait for them at most."""
        connection, content, found = self._own(), self._content, b""
        while connection is not None and not (found or content.is_over):
            piece, self._rest = self._rest or connection.receive(size, patience), b""
            found = content.take(piece)
            if content.is_over:
                self._end()
        return found
