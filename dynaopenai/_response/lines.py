"""Bytes -> the items of a sequence that is no event stream, no I/O: JSON Lines, and JSON texts after RS (RFC 7464).

A line is an item as soon as its end has come; what stands after the last line's end is one too. A text after RS may
have line ends within, so it is complete when the next begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .sse import Event, too_large

LF, RS = b"\n", b"\x1e"


def separator(content_type: str) -> bytes:
    """What stands between the items of a media type."""
    return RS if content_type.partition(";")[0].strip().lower().endswith("json-seq") else LF


def regions(chunks: Iterable[bytes], end: bytes, max_item_size: int) -> Iterator[list[Event]]:
    """The items that are complete at hand, together, as events that have nothing but data.

    Raises:
        EventTooLarge: after all items before the one that is too large.
    """
    pending = bytearray()
    for chunk in chunks:
        cut = chunk.rfind(end) + 1
        if cut:
            region = bytes(pending) + chunk[:cut]
            pending[:] = chunk[cut:]
            yield from _items(region.split(end), max_item_size)
        else:
            pending += chunk
        if len(pending) > max_item_size:
            raise too_large(max_item_size)
    yield from _items([bytes(pending)], max_item_size)


def _items(texts: list[bytes], max_item_size: int) -> Iterator[list[Event]]:
    items: list[Event] = []
    for text in texts:
        if len(text) > max_item_size:
            if items:
                yield items
            raise too_large(max_item_size)
        if text.strip():
            items.append(Event(text.strip()))
    if items:
        yield items
