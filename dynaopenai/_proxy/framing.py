"""A message's head -> where its body ends (RFC 9112 §6.3), told piece by piece. No I/O."""

from __future__ import annotations

from typing import Protocol

from .._transport.chunked import Chunked
from .head import Head, Refusal, RequestHead, StatusHead


class Framing(Protocol):
    """Takes the pieces of a body as they come. ``ended``: it is complete; ``rest``: what came after it."""

    ended: bool
    rest: bytes

    def feed(self, piece: bytes) -> bytes:
        """The content in a piece.

        Raises:
            ChunkError: it is not framed as its head says.
        """


class Length:
    """A body of so many bytes."""

    def __init__(self, length: int) -> None:
        self._left = length
        self.ended, self.rest = not length, b""

    def feed(self, piece: bytes) -> bytes:
        content, self.rest = piece[: self._left], piece[self._left :]
        self._left -= len(content)
        self.ended = not self._left
        return content


class UntilClose:
    """A body that ends with the connection."""

    ended, rest = False, b""

    def feed(self, piece: bytes) -> bytes:
        return piece


def request_framing(head: RequestHead) -> Framing:
    """How the body of a request ends.

    Raises:
        Refusal: that is not clear.
    """
    coding = head.words(b"transfer-encoding")
    if coding and (not head.minor or head.values(b"content-length")):
        raise Refusal(400, "found Transfer-Encoding where another length is meant (RFC 9112 §6.1)")
    if coding:
        if coding != [b"chunked"]:
            raise Refusal(501, "found a Transfer-Encoding that is not chunked")
        return Chunked()
    return Length(_length(head, 400) or 0)


def answer_framing(head: StatusHead, method: str) -> Framing:
    """How the body of an answer ends.

    Raises:
        Refusal: that is not clear.
    """
    if method == "HEAD" or head.status < 200 or head.status in (204, 304):
        return Length(0)
    coding = head.words(b"transfer-encoding")
    if coding and head.values(b"content-length"):
        raise Refusal(502, "the upstream server gave its answer two lengths")
    if coding:
        return Chunked() if coding[-1] == b"chunked" else UntilClose()
    length = _length(head, 502)
    return UntilClose() if length is None else Length(length)


def _length(head: Head, status: int) -> int | None:
    values = head.values(b"content-length")
    if not values:
        return None
    if len(values) > 1 or not values[0].isdigit() or len(values[0]) > 18:
        raise Refusal(status, "found a Content-Length that is none, or several")
    return int(values[0])
