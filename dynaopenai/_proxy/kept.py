"""What of a body is kept while it passes: all of a small one, decompressed when it is looked at; of a large one its size."""

from __future__ import annotations

from .._transport.coding import CodingError, Decoder, decoded

LIMIT = 8 << 20  # bytes of a body, as it was sent and as it is decompressed


class Kept:
    """The content of one body."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    @property
    def is_whole(self) -> bool:
        return self.size <= LIMIT

    def take(self, content: bytes) -> None:
        self.size += len(content)
        if self.is_whole:
            self._pieces.append(content)
        else:
            self._pieces.clear()

    def body(self, coding: str) -> bytes | None:
        """The body without its Content-Encoding; None where it is too large, or coded as nobody here reads it."""
        if not self.is_whole:
            return None
        raw = b"".join(self._pieces)
        return _decompressed(raw, coding) if raw and coding.strip().lower() not in ("", "identity") else raw


def _decompressed(raw: bytes, codings: str) -> bytes | None:
    if not Decoder(codings).is_known:
        return None
    try:
        body = decoded(raw, codings, LIMIT)
    except CodingError:
        return None
    return body if len(body) <= LIMIT else None
