"""A streamed body on its way: counted, kept to the deadline, and its own failures told from the wire's."""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager

from .._display.words import short
from .._request.multipart import Multipart, Upload, UploadError
from .progress import Report


class Sending:
    """What goes out piece by piece. ``failure``: what went wrong on the body's own side, ``sent``: bytes given out."""

    def __init__(self, body: Multipart | Upload, length: int | None, deadline: float | None, report: Report | None) -> None:
        self.body = body
        self.length = length
        self.sent = 0
        self.failure: Exception | None = None
        self._deadline = deadline
        self._report = report

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self.body)
        while True:
            with self._its_own_failures():
                piece = next(pieces, None)
            if piece is None:
                return
            self.check()
            yield piece
            self.gave(piece)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = _awaited(self.body)
        while True:
            with self._its_own_failures():
                piece = await anext(pieces, None)
            if piece is None:
                return
            self.check()
            yield piece
            self.gave(piece)

    @contextmanager
    def _its_own_failures(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.failure = error
            raise

    def check(self) -> None:
        """See that there is time for another piece.

        Raises:
            TimeoutError: there is not.
        """
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise TimeoutError

    def gave(self, piece: bytes) -> None:
        """A piece is on the wire."""
        self.sent += len(piece)
        if self._report is not None:
            self._report(self.sent, self.length)


async def _awaited(body: Multipart | Upload) -> AsyncIterator[bytes]:
    """A body's bytes, files read beside the event loop."""
    import asyncio

    for part in body.flat():
        if isinstance(part, bytes):
            yield part
        elif isinstance(part.source, AsyncIterable):
            async for piece in part.source:
                if not isinstance(piece, (bytes, bytearray, memoryview)):
                    raise UploadError(f"found {short(piece)}, expected bytes")
                if piece:  # none would be the end
                    yield bytes(piece)
        elif isinstance(part.source, bytes):
            for piece in part:
                yield piece
        else:
            pieces = iter(part)
            while (read := await asyncio.to_thread(next, pieces, None)) is not None:
                yield read
