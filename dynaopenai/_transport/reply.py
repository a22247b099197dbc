"""Reply: an answer whose body has not been read yet, and the steps by which it is read. No I/O."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from .._request.request import Request
from .._request.settings import Settings
from ..errors import APIConnectionError
from .coding import Decoder
from .step import Head, Piece, Steps

CHUNK = 1 << 16
GRACE = 0.05  # seconds for the end of a body of which no more is wanted


@dataclass(slots=True)
class Reply:
    """
    Attributes:
        attempts: how many times the request was sent.
        elapsed: from the last try's first byte out to the end of the answer's headers.
        deadline: of `time.monotonic`, when all of it must have come.
        note: what else a user should know of how it came.
        held: whether somebody else now has the body, and closes it.
    """

    request: Request
    head: Head
    attempts: int
    settings: Settings
    elapsed: timedelta = timedelta()
    deadline: float | None = None
    note: str = ""
    held: bool = False
    received: int = 0
    status: int = field(init=False)
    headers: Mapping[str, str] = field(init=False, repr=False)
    _decoder: Decoder | None = field(default=None, repr=False)
    _ahead: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        self.status, self.headers = self.head.status, self.head.headers
        codings = self.head.headers.get("content-encoding", "")
        if codings and not self.head.incoming.is_decoded:
            self._decoder = Decoder(codings)

    @property
    def length(self) -> int | None:
        """Bytes of the body, None where they are not announced, or counted compressed."""
        announced = self.headers.get("content-length", "")
        return int(announced) if announced.isdecimal() and len(announced) < 20 and "content-encoding" not in self.headers else None

    def close(self) -> None:
        """Let go of the connection: back to the pool if the body was read, closed if not."""
        self.head.incoming.close()

    # --- steps -----------------------------------------------------------------------------------

    def read(self) -> Steps[bytes]:
        """The whole body; the connection goes back to the pool.

        Raises:
            APIConnectionError: it broke off, or is larger than ``limits.answer``.
        """
        limit = self.settings.limits.answer
        pieces: list[bytes] = []
        while piece := (yield from self.piece()):
            if limit is not None and self.received > limit:
                self.close()
                message = f"{self._name}: the answer is larger than {limit:,} bytes; see Limits(answer=...)"
                raise APIConnectionError(message, attempts=self.attempts, received=self.received, retryable=False)
            pieces.append(piece)
            if self._decoder is None and self.head.incoming.is_over:
                self.close()
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def piece(self, size: int = CHUNK) -> Steps[bytes]:
        """The next of the body as it arrives, decoded, about ``size`` bytes at most; empty at its end, and closed then.

        Raises:
            APIConnectionError: the connection was lost before the end.
        """
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        known, content = None, b""
        try:
            if self.deadline is not None and time.monotonic() > self.deadline:
                raise TimeoutError  # noqa: TRY301 - told below like a socket's
            decoder, incoming = self._decoder, self.head.incoming
            if decoder is None:
                content = incoming.at_hand()
                if not content and not incoming.is_over:
                    content = yield Piece(incoming, size, self.deadline)
            else:
                content = yield from self._decoded(decoder, size)
        except Exception as error:
            from .failure import failure

            self.close()
            known = failure(error, f"{self._name}: the answer broke off after {self.received:,} bytes", self.attempts, self.received)
            if known is None:
                raise
        except BaseException:
            self.close()
            raise
        if known is not None:
            raise known
        if not content:
            self.close()
        self.received += len(content)
        return content

    def has_content(self) -> Steps[bool]:
        """Whether there is any body; what has come of it is kept for `piece`."""
        self._ahead = yield from self.piece()
        return bool(self._ahead)

    def _decoded(self, decoder: Decoder, size: int) -> Steps[bytes]:
        content = decoder.feed(b"", size) if decoder.has_more else b""
        while not content:
            coming: bytes = self.head.incoming.at_hand() or (yield Piece(self.head.incoming, size, self.deadline))
            if not coming:
                decoder.end()
                break
            content = decoder.feed(coming, size)
        return content

    def finish(self) -> Steps[None]:
        """Let go of the connection when all that matters was read: to the pool, if the rest is there already."""
        with contextlib.suppress(Exception):
            yield Piece(self.head.incoming, CHUNK, self.deadline, GRACE)
        self.close()

    @property
    def _name(self) -> str:
        return self.request.operation_id
