"""Bytes -> the items of a sequence that is no event stream, no I/O: JSON Lines, and JSON texts after RS (RFC 7464).

A line is an item as soon as its end has come; what stands after the last line's end is one too. A text after RS may
have line ends within, so it is complete when the next begins.
"""

from __future__ import annotations

from collections.abc import Iterator

from .sse import Region, too_large

LF, RS = b"\n", b"\x1e"


def separator(content_type: str) -> bytes:
    """What stands between the items of a media type."""
    return RS if content_type.partition(";")[0].strip().lower().endswith("json-seq") else LF


class Splitter:
    """Takes the pieces of a sequence as they come, and gives those items together that are complete together.

    An item is an event that has nothing but data.
    """

    def __init__(self, end: bytes, max_item_size: int) -> None:
        self._end, self._most = end, max_item_size
        self._pending = bytearray()

    def feed(self, piece: bytes) -> Iterator[Region]:
        """The items that this piece completes.

        Raises:
            EventTooLarge: after all items before the one that is too large.
        """
        pending = self._pending
        cut = piece.rfind(self._end) + 1
        if cut:
            region = bytes(pending) + piece[:cut]
            pending[:] = piece[cut:]
            yield from _items(region.split(self._end), self._most)
        else:
            pending += piece
        if len(pending) > self._most:
            raise too_large(self._most)

    def end(self) -> Iterator[Region]:
        """What stands after the last line's end."""
        return _items([bytes(self._pending)], self._most)


def _items(texts: list[bytes], max_item_size: int) -> Iterator[Region]:
    items: list[bytes] = []
    for text in texts:
        if len(text) > max_item_size:
            if items:
                yield Region(items)
            raise too_large(max_item_size)
        if text.strip():
            items.append(text.strip())
    if items:
        yield Region(items)
