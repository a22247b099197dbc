"""Reply: an answer whose body has not been read yet, and the ways to read it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .._request.request import Request
from .._request.settings import Settings
from ..errors import APIConnectionError
from .chunked import Chunked, ChunkError
from .failure import failure

if TYPE_CHECKING:
    import requests

    from .transport import Transport

CHUNK = 1 << 16
GRACE = 0.05  # seconds for the end of a body of which no more is wanted


@dataclass
class Reply:
    """
    Attributes:
        attempts: how many times the request was sent.
        deadline: of `time.monotonic`, when all of it must have come.
        note: what else a user should know of how it came.
        held: whether somebody else now has the body, and closes it.
    """

    request: Request
    raw: requests.Response
    attempts: int
    settings: Settings
    deadline: float | None = None
    transport: Transport | None = None
    note: str = ""
    held: bool = False
    _coming: Iterator[bytes] = field(default_factory=lambda: iter(()), repr=False)

    @property
    def status(self) -> int:
        return self.raw.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self.raw.headers

    @property
    def elapsed(self) -> timedelta:
        """From the last try's first byte out to the end of the answer's headers."""
        return self.raw.elapsed

    @property
    def length(self) -> int | None:
        """Bytes of the body, None where they are not announced, or counted compressed."""
        said = self.headers.get("content-length", "")
        return int(said) if said.isdecimal() and "content-encoding" not in self.headers else None

    def read(self) -> bytes:
        """The whole body; the connection goes back to the pool.

        Raises:
            APIConnectionError: it broke off, or is larger than ``limits.answer``.
        """
        limit = self.settings.limits.answer
        pieces: list[bytes] = []
        received = 0
        for piece in self.chunks():
            received += len(piece)
            if limit is not None and received > limit:
                self.close()
                message = f"{self._name}: the answer is larger than {limit:,} bytes; see Limits(answer=...)"
                raise APIConnectionError(message, attempts=self.attempts, received=received, retryable=False)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """The body as it arrives, decompressed, in pieces of at most about ``size`` bytes.

        Raises:
            APIConnectionError: the connection was lost before the end.
        """
        received = 0
        known = None
        try:
            self._coming = _pieces(self.raw, size)
            for piece in self._coming:
                received += len(piece)
                yield piece
                if self.deadline is not None and time.monotonic() > self.deadline:
                    raise TimeoutError  # noqa: TRY301 - told below like a socket's
        except Exception as error:
            known = failure(error, self._broke(received), self.attempts, received)
            if known is None:
                raise
        finally:
            self.raw.close()
        if known is not None:
            raise known

    def close(self) -> None:
        """Let go of the connection: back to the pool if the body was read, closed if not."""
        self.raw.close()

    def finish(self) -> None:
        """Let go of the connection when all that matters was read: to the pool, if the rest is there already."""
        sock = getattr(getattr(self.raw.raw, "_connection", None), "sock", None)
        if sock is not None:
            patience = sock.gettimeout()
            sock.settimeout(GRACE)
            with contextlib.suppress(Exception):
                next(self._coming, None)
            if sock.fileno() >= 0:
                sock.settimeout(patience)
        self.close()

    def _broke(self, received: int) -> str:
        return f"{self._name}: the answer broke off after {received:,} bytes"

    @property
    def _name(self) -> str:
        return self.request.operation_id


def _pieces(response: requests.Response, size: int) -> Iterator[bytes]:
    raw = response.raw
    if response._content_consumed:  # type: ignore[attr-defined]  # noqa: SLF001 - by a hook of the user's session
        yield response.content
    elif not hasattr(raw, "read1") or not hasattr(raw, "decode_content"):  # an adapter's own idea of a body
        yield from response.iter_content(size)
    elif raw.chunked and raw.supports_chunked_reads() and "content-encoding" not in raw.headers:
        yield from _contents(raw, size)
    else:
        while True:
            piece = raw.read1(size, decode_content=True)
            if piece:
                yield piece
            elif _is_at_end(raw):
                return


def _contents(raw: Any, size: int) -> Iterator[bytes]:
    """A chunked body as it arrives. The connection is given back before the last of it is passed on."""
    from http.client import IncompleteRead

    chunked = Chunked()
    while not chunked.ended:
        piece = raw._fp.fp.read1(size)  # noqa: SLF001 - urllib3's own readers pass on one chunk at a time
        try:
            content = chunked.feed(piece)
        except ChunkError:
            raise IncompleteRead(b"") from None
        if not piece:
            raise IncompleteRead(b"")
        if chunked.ended:
            raw._original_response.close()  # noqa: SLF001
            raw.release_conn()
        if content:
            yield content


def _is_at_end(raw: Any) -> bool:
    """Whether an empty read means the end, rather than a piece that decompressed to nothing yet."""
    fp = getattr(raw, "_fp", None)
    return fp is None or raw.closed or getattr(fp, "closed", True) or getattr(fp, "fp", None) is None
