"""An answer out of the pieces that a connection brings, no I/O: its head, interim answers passed over, then its body."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

from .chunked import Chunked, ChunkError
from .http1 import BEYOND, MAX_INTERIM, AnswerHead, NoHTTPError, TooManyHeadersError, answer_head, end_of_head


class RemoteDisconnected(ConnectionResetError):  # noqa: N818 - as http.client has it
    """The server closed the connection instead of answering."""


class IncompleteRead(ConnectionError):  # noqa: N818 - as http.client has it
    """The server closed the connection before the end of its answer."""


class ForeignProcessError(ConnectionError):
    """The answer belongs to the process that sent the request."""


class Receiving:
    """The head of an answer to a request of this method.

    Args:
        most: how many header lines it may have, None for any number.

    Attributes:
        rest: what came after it.
        early: the head, where it came while the request was sent.
    """

    __slots__ = ("_interim", "_lines", "_method", "_most", "_octets", "early", "rest")

    def __init__(self, method: str, most: int | None) -> None:
        self._method, self._most = method, most
        self._octets = bytearray()
        self._lines = self._interim = 0
        self.rest = b""
        self.early: AnswerHead | None = None

    def refuses(self, piece: bytes) -> bool:
        """Whether no more of the request is wanted, by this piece that came while it is sent (RFC 9112 §9.3).

        Raises:
            RemoteDisconnected, NoHTTPError, LineTooLong, TooManyHeadersError: as `take`.
        """
        self.early = self.take(piece)
        return self.early is not None and self.early.status >= 300

    def take(self, piece: bytes) -> AnswerHead | None:
        """The head, where this piece ends it.

        Raises:
            RemoteDisconnected: there is no piece any more; half of a head is no answer, whatever it says.
            NoHTTPError, LineTooLong, TooManyHeadersError: it is none, or none that is taken.
        """
        if not piece:
            raise RemoteDisconnected("closed before the end of the headers")
        known = len(self._octets)
        octets: bytes | bytearray = piece
        if known:
            self._octets += piece
            octets = self._octets
        while end := end_of_head(octets, known) if octets else 0:
            head = answer_head(bytes(octets[:end]), self._method)
            if self._most is not None and head.lines > self._most + BEYOND:
                raise TooManyHeadersError(f"more than {self._most + BEYOND} headers")
            if head.status >= 200 or head.status == 101:
                self.rest = bytes(octets[end:])
                return head
            self._interim += 1
            if self._interim >= MAX_INTERIM:
                raise NoHTTPError("interim answers without an end")
            octets, known, self._lines = octets[end:], 0, 0
        self._lines += piece.count(b"\n")
        if self._most is not None and self._lines > self._most + BEYOND:
            raise TooManyHeadersError(f"more than {self._most + BEYOND} headers")
        self._octets = bytearray(octets)
        return None


class Content:
    """The body of an answer.

    Args:
        rest: what came with the head.

    Attributes:
        is_over: all of it has come.
        stays: then, whether the connection is at the beginning of another exchange.
    """

    __slots__ = ("_chunked", "_left", "_stays", "is_over", "stays")

    def __init__(self, head: AnswerHead, rest: bytes) -> None:
        self._chunked = Chunked() if head.is_chunked else None
        self._left = head.length
        self._stays = head.stays
        self.is_over = head.length == 0
        self.stays = self.is_over and head.stays and not rest

    def take(self, piece: bytes) -> bytes:
        """What a piece holds of it; empty where that is nothing.

        Raises:
            IncompleteRead: there is no piece any more, and should be.
        """
        if self._chunked is not None:
            return self._unchunked(self._chunked, piece)
        if self._left is None:
            self.is_over = not piece
            return piece
        if not piece:
            raise IncompleteRead
        left = self._left - len(piece)
        if left > 0:
            self._left = left
            return piece
        self.is_over, self.stays = True, self._stays and not left
        return piece[: self._left] if left else piece

    def _unchunked(self, chunked: Chunked, piece: bytes) -> bytes:
        if not piece:
            raise IncompleteRead
        try:
            content = chunked.feed(piece)
        except ChunkError:
            raise IncompleteRead from None
        if chunked.ended:
            self.is_over, self.stays = True, self._stays and not chunked.rest
        return content


ConnectionT = TypeVar("ConnectionT")


class Arriving(Generic[ConnectionT]):
    """The body of an answer on its way. Its connection is given back before the last of it is passed on.

    Args:
        rest: what came with the head.
        done: told when it is over or given up, and whether the connection is at the beginning of another exchange.
    """

    __slots__ = ("_connection", "_content", "_done", "_process", "_rest", "is_over")
    is_decoded = False

    def __init__(self, connection: ConnectionT, head: AnswerHead, rest: bytes, done: Callable[[ConnectionT, bool], None]) -> None:
        self._connection: ConnectionT | None = connection
        self._content, self._rest, self._done = Content(head, rest), rest, done
        self._process = os.getpid()
        self.is_over = False
        if self._content.is_over:
            self._end()

    def _own(self) -> ConnectionT | None:
        """The connection, where there is one still.

        Raises:
            ForeignProcessError: it is another process's.
        """
        if self._process != os.getpid():
            raise ForeignProcessError
        return self._connection

    def at_hand(self) -> bytes:
        """What of it came with the head."""
        piece, self._rest = self._rest, b""
        if not piece or self._own() is None:
            return b""
        found = self._content.take(piece)
        if self._content.is_over:
            self._end()
        return found

    def _end(self) -> None:
        connection, self._connection, self.is_over = self._connection, None, True
        if connection is not None:
            self._done(connection, self._content.stays)

    def close(self) -> None:
        """Let go of the connection: at rest if the body was read, closed if not."""
        if not self.is_over:
            self._end()

    __del__ = close
