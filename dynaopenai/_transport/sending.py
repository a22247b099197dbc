"""A streamed body on its way: counted, kept to the deadline, and its own failures told from the wire's."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from .progress import Report


class Sending:
    """An iterable for the wire. ``failure``: what went wrong on the body's own side, ``sent``: bytes given out."""

    def __init__(self, body: Iterable[bytes], length: int | None, deadline: float | None, report: Report | None) -> None:
        self._body = body
        self._length = length
        self._deadline = deadline
        self._report = report
        self.sent = 0
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._body)
        while True:
            try:
                piece = next(pieces, None)
            except Exception as error:
                self.failure = error
                raise
            if piece is None:
                return
            if self._deadline is not None and time.monotonic() > self._deadline:
                raise TimeoutError
            yield piece
            self.sent += len(piece)
            if self._report is not None:
                self._report(self.sent, self._length)
