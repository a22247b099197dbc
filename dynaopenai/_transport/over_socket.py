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
from typing import TYPE_CHECKING, Any

from .environment import Way, tls_context
from .http1 import Message, Site
from .receiving import Arriving, Receiving
from .step import Head

if TYPE_CHECKING:
    from .sending import Sending

AT_ONCE = 1 << 16  # bytes that are asked of a socket
RECORD = 1 << 14  # bytes of TLS that a socket with room takes without waiting
SITES = 8  # whose connections are kept


class Connection:
    """An open connection, used by one exchange at a time.

    Args:
        patience: seconds to wait for each of the host's addresses, and for TLS; None for any number.
        deadline: of `time.monotonic`, for all of that and what it is used for first.
    """

    __slots__ = ("_patience", "_ready", "_sock", "deadline", "patience", "site")

    def __init__(self, site: Site, way: Way, patience: float | None, deadline: float | None = None) -> None:
        self.site = site
        self.deadline = deadline
        self._sock: Any = None
        context = tls_context(way.verify, way.cert) if site.scheme == "https" else None
        self._sock = _connected(site, patience, deadline)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            self._sock.settimeout(remaining(patience, deadline))
            self._sock = context.wrap_socket(self._sock, server_hostname=site.host)
        self._patience, self.patience = self._sock.gettimeout(), patience
        self._ready = _readiness(self._sock)

    @property
    def is_fresh(self) -> bool:
        """Whether the server has left it open, and said nothing, since it was used."""
        return not (self._ready() or (self.site.scheme == "https" and self._sock.pending()))

    def _wait(self, patience: float | None) -> None:
        """Let the next bytes take so long, or as long as the deadline leaves."""
        if self.deadline is not None:
            patience = remaining(patience, self.deadline)
        if patience != self._patience:
            self._sock.settimeout(patience)
            self._patience = patience

    def send(self, octets: bytes) -> bool:
        """Write all of it; whether the server still reads. One that does not may have answered already, which is seen when it is read."""
        self._wait(self.patience)
        try:
            self._sock.sendall(octets)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def send_all(self, octets: bytes, answer: Receiving) -> bool:
        """`write_all`, for as long as this connection waits."""

        def wait() -> float | None:
            self._wait(self.patience)
            patience: float | None = self._patience
            return patience

        return write_all(self._sock, octets, answer, wait)

    def receive(self, size: int = AT_ONCE, patience: float | None = None) -> bytes:
        """The next bytes; none where the server has closed it. ``patience``: seconds to wait for them, where less than usual."""
        self._wait(self.patience if patience is None else patience)
        received: bytes = self._sock.recv(size)
        return received

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()

    __del__ = close


def remaining(patience: float | None, deadline: float | None) -> float | None:
    """Seconds to wait for a next thing, no more than the deadline leaves.

    Raises:
        TimeoutError: it leaves none.
    """
    if deadline is None:
        return patience
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left if patience is None else min(left, patience)


def _connected(site: Site, patience: float | None, deadline: float | None) -> socket.socket:
    """A socket to the first of the host's addresses that takes one."""
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in socket.getaddrinfo(site.host, site.port, type=socket.SOCK_STREAM)))
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, site.port), remaining(patience, deadline))
    return socket.create_connection((addresses[-1], site.port), remaining(patience, deadline))


def write_all(sock: Any, octets: bytes, answer: Receiving, wait: Callable[[], float | None]) -> bool:
    """Write all of what may be much, for as long as the server reads, and no answer refuses it; whether it was written whole.

    Args:
        wait: lets the socket wait for as long as it may now, and says how long that is.
    """
    is_secure = hasattr(sock, "pending")
    rest, most = memoryview(octets), RECORD if is_secure else AT_ONCE
    while rest:
        patience = wait()
        readable, writable = _either(sock, patience, reads=answer.early is None)
        if readable and (piece := _arrived(sock, patience, is_secure)) is not None and (not piece or answer.refuses(piece)):
            return False
        if writable:
            try:
                rest = rest[sock.send(rest[:most]) :]
            except (BrokenPipeError, ConnectionResetError):
                return False
        elif not readable:
            if answer.early is None:
                raise TimeoutError
            return False
    return True


def _arrived(sock: Any, patience: float | None, is_secure: bool) -> bytes | None:
    """What has come; None where that is nothing yet, or nothing for us, as a ticket of TLS."""
    sock.settimeout(0)
    arrived: bytes | None = b""
    try:
        arrived = sock.recv(AT_ONCE)
    except _not_yet(is_secure):
        arrived = None
    except OSError:  # it is told where the answer is read
        pass
    sock.settimeout(patience)
    return arrived


def _not_yet(is_secure: bool) -> tuple[type[OSError], ...]:
    if not is_secure:
        return (BlockingIOError,)
    import ssl

    return (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def _either(sock: Any, patience: float | None, *, reads: bool) -> tuple[bool, bool]:
    """Waits until something can be read, where that ``reads``, or written; which of them it is."""
    if not hasattr(select, "poll"):  # on Windows
        readable, writable, _ = select.select([sock] if reads else [], [sock], [], patience)
        return bool(readable), bool(writable)
    poll = select.poll()
    poll.register(sock, select.POLLOUT | (select.POLLIN if reads else 0))
    event = dict(poll.poll(None if patience is None else patience * 1000)).get(sock.fileno(), 0)
    return reads and bool(event & ~select.POLLOUT), bool(event & select.POLLOUT) or (bool(event) and not reads)


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

    def taken(self, site: Site, way: Way, patience: float | None, deadline: float | None) -> Connection:
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
        return Connection(site, way, patience, deadline)

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
        answer = Receiving(method, most)
        is_whole = connection.send(message.octets) and (not message.body or connection.send_all(message.body, answer))
        if is_whole and body is not None:
            is_whole = _stream(connection, body, answer)
        head = answer.early
        while head is None:
            head = answer.take(connection.receive())
    except BaseException:
        connection.close()
        raise
    if not is_whole:  # the rest of it would be read as another request
        head = head._replace(stays=False)
    return Head(head.status, head.headers, head.lines, Body(connection, head, answer.rest, done))


def _stream(connection: Connection, body: Sending, answer: Receiving) -> bool:
    """Write a body as it comes, chunked where its length is not known (RFC 9112 §7.1); whether it was written whole."""
    from .chunked import LAST_CHUNK, chunk

    is_chunked = body.length is None
    for piece in body:
        if not connection.send_all(chunk(piece) if is_chunked and piece else piece, answer):
            return False
    return not is_chunked or connection.send_all(LAST_CHUNK, answer)


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
