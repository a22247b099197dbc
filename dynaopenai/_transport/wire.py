"""urllib3's connections with an answer's head read by us: within a deadline, past interim answers, of so many lines.

1. A deadline holds for all of an answer, its headers included, however slowly its bytes drip.
2. Interim answers (RFC 9110 §15.2, 103 for instance) are passed over; taken for the answer, they would leave the true
   one behind for the next request on the connection.
3. An answer may come before its request was sent whole, and be all that the server has to say: it is heard while a body is sent.
4. How many header lines an answer may have is each call's own affair; `http.client` has one number for the process.
"""

from __future__ import annotations

import http.client
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from socket import SHUT_RDWR, SocketType  # what a test puts in the place of sockets is none
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from .fields import Headers
from .genuine import own_class
from .http1 import BEYOND, MAX_INTERIM, MAX_LINE, fields_of, framing_of
from .over_socket import remaining, write_all
from .receiving import Receiving

__all__ = ["POOLS", "brief", "within"]


class _Bounds(threading.local):
    """What holds for the answers that begin in this thread."""

    deadline: float | None = None
    headers: int | None = None
    patience: float | None = None


_this_thread = _Bounds()


@contextmanager
def within(deadline: float | None, headers: int | None) -> Iterator[None]:
    """Answers that begin in this context, in this thread, end before ``deadline`` (of `time.monotonic`) or fail.

    Args:
        deadline: None for none.
        headers: how many header lines an answer may have, None for any number.
    """
    _this_thread.deadline, _this_thread.headers = deadline, headers
    try:
        yield
    finally:
        _this_thread.deadline = _this_thread.headers = None


@contextmanager
def brief(sock: Any, seconds: float) -> Iterator[None]:
    """Wait no longer for bytes of this socket, in this context, in this thread."""
    usual = sock.gettimeout()
    sock.settimeout(seconds)
    _this_thread.patience = seconds
    try:
        yield
    finally:
        _this_thread.patience = None
        if sock.fileno() >= 0:
            sock.settimeout(usual)


class _Heard(Receiving):
    """What came while a body was sent, all of it kept for `http.client` to read.

    Attributes:
        is_cut: the body was not sent whole.
    """

    def __init__(self, method: str, most: int | None) -> None:
        super().__init__(method, most)
        self.octets = bytearray()
        self.is_cut = False

    def refuses(self, piece: bytes) -> bool:
        self.octets += piece
        try:
            return super().refuses(piece)
        except ConnectionError:  # it is told where the answer is read
            return True


class _Incoming(io.RawIOBase):
    """A socket's bytes, those before them that were read already, as long as there is time.

    Attributes:
        is_over: no more of them are wanted.
    """

    def __init__(self, octets: bytes, raw: Any, sock: Any, deadline: float | None) -> None:
        self._octets, self._raw, self._sock, self._deadline = octets, raw, sock, deadline
        self._usual: float | None = sock.gettimeout() if deadline is not None else None
        self.is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.is_over:
            return 0
        if self._octets:
            number = min(len(buffer), len(self._octets))
            buffer[:number], self._octets = self._octets[:number], self._octets[number:]
            return number
        if self._deadline is not None:
            patience = self._usual if _this_thread.patience is None else _this_thread.patience
            self._sock.settimeout(remaining(patience, self._deadline))
        got: int | None = self._raw.readinto(buffer)
        return got

    def close(self) -> None:
        if not self.closed:
            if self._deadline is not None and self._sock.fileno() >= 0:
                self._sock.settimeout(self._usual)
            self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, heard: _Heard | None = None, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._is_cut, octets = (heard.is_cut, bytes(heard.octets)) if heard is not None else (False, b"")
        self._wire, self._sock = _Incoming(octets, self.fp.detach(), sock, _this_thread.deadline), sock
        self.fp = io.BufferedReader(self._wire)

    def begin(self) -> None:
        """Read the answer's head (RFC 9112 §4, §5, and §6.3 for what ends its body)."""
        if self.headers is not None:
            return
        for _ in range(MAX_INTERIM):
            version, status, reason = self._read_status()
            headers = _header_lines(self.fp, _this_thread.headers)
            if not 100 <= status <= 199 or status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                break
        else:
            raise http.client.HTTPException("interim answers without an end")
        if not version.startswith(("HTTP/1.", "HTTP/0.9")):
            raise http.client.UnknownProtocol(version)
        self.code = self.status = status
        self.reason = reason.strip()
        self.version = 10 if version in ("HTTP/1.0", "HTTP/0.9") else 11
        self.headers = self.msg = headers
        self.chunk_left = None
        self.length, self.chunked, stays = framing_of(version[5:], status, self._method, Headers(headers.items()))
        self.will_close = not stays or self._is_cut  # the rest would be read as another request

    def _close_conn(self) -> None:
        """The body is over, or given up; what came after it is no other's, and the last of its connection."""
        self._wire.is_over = True
        if self.fp.peek(1):
            spoil(self._sock)
        super()._close_conn()  # type: ignore[misc]  # http.client's


def spoil(sock: Any) -> None:
    """See to it that nobody uses a connection again; None for one that is closed."""
    with suppress(OSError):
        if sock is not None:
            sock.shutdown(SHUT_RDWR)


def _header_lines(file: Any, most: int | None) -> http.client.HTTPMessage:
    lines: list[bytes] = []
    while not lines or lines[-1] not in (b"\r\n", b"\n"):
        lines.append(file.readline(MAX_LINE + 1))
        if not lines[-1]:  # half of a head is no answer, whatever it says
            raise http.client.RemoteDisconnected("closed in the headers")
        if len(lines[-1]) > MAX_LINE:
            raise http.client.LineTooLong("header line")
        if most is not None and len(lines) > most + BEYOND:
            raise http.client.HTTPException(f"got more than {most + BEYOND} headers")
    message = http.client.HTTPMessage()
    for name, value in fields_of([line.decode("latin-1").rstrip("\r\n") for line in lines]):
        message[name] = value
    return message


class _Hearing:
    """A connection that hears what the server says while a body is sent to it."""

    response_class: Any = _Answer
    sock: Any
    _method: str
    _heard: _Heard | None = None

    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        self._heard = None
        super().endheaders(*args, **kwargs)  # type: ignore[misc]  # http.client's
        self._heard = _Heard(self._method, _this_thread.headers)

    def send(self, data: Any) -> None:
        heard, sock = self._heard, self.sock
        if heard is None or not isinstance(sock, SocketType) or not isinstance(data, bytes):
            return super().send(data)  # type: ignore[misc,no-any-return]  # as above
        usual, deadline = sock.gettimeout(), _this_thread.deadline

        def wait() -> float | None:
            patience = remaining(usual, deadline)
            sock.settimeout(patience)
            return patience

        heard.is_cut = not write_all(sock, data, heard, wait)
        sock.settimeout(usual)
        if heard.is_cut:
            raise BrokenPipeError  # at which urllib3 reads the answer
        return None

    def getresponse(self) -> Any:
        self.response_class = partial(_Answer, heard=self._heard)
        self._heard = None
        try:
            return super().getresponse()  # type: ignore[misc]  # as above
        finally:
            del self.response_class


class _Connection(_Hearing, own_class(HTTPConnection)):  # type: ignore[misc]  # it is the class itself, but in a test
    pass


class _SecureConnection(_Hearing, own_class(HTTPSConnection)):  # type: ignore[misc]  # as above
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
