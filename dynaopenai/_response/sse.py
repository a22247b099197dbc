"""Bytes -> server-sent events, no I/O (WHATWG HTML §9.2.5 "Parsing" and §9.2.6 "Interpreting an event stream").

Rules of this file:
1. One UTF-8 byte order mark at the start is dropped. A line ends in CR, LF or CRLF; every chunk is brought to LF as it
   comes, a CR at its end included, so that an event is delivered with the very byte that completes it.
2. A blank line ends an event. What has not met its blank line when the stream ends is dropped.
3. Lines before the first colon name the field; one space after the colon is dropped. ``data`` lines are joined by LF,
   ``event`` names the event, ``id`` without NUL stays in force for the events that follow, ``retry`` counts when it is
   digits only (and no more than 18 of them); everything else, and a line that begins with a colon, is passed over.
4. An event without a ``data`` line is not delivered; its ``id`` still counts.
5. What is not UTF-8 becomes U+FFFD, so ``data`` is UTF-8 always. Bytes, since that is what a JSON decoder takes.
6. An event's size is that of its block: all lines between two blank lines, comments too. More than ``max_event_size``
   bytes without a blank line are never kept.

How it is fast: events are interpreted by the region, which is all complete events at hand. A region of nothing but
one-line ``data``, or of that after a name, is split by its separators with no Python code per event; any other goes block by block.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import NamedTuple, cast

__all__ = ["DONE", "Event", "EventTooLarge", "Parser", "Region", "events", "framed"]

DONE = b"[DONE]"  # the data by which many an API says that nothing follows
BOM = b"\xef\xbb\xbf"
MAX_RETRY_DIGITS = 18


class Event(NamedTuple):
    """One event. ``data``: valid UTF-8; ``id``: the last event id so far; ``retry``: milliseconds, where given."""

    data: bytes
    event: str = "message"
    id: str = ""
    retry: int | None = None

    @property
    def text(self) -> str:
        """``data`` as text."""
        return self.data.decode("utf-8", "replace")  # of a line, of which nobody has looked at the bytes


_make = cast(
    "Callable[[type[Event], tuple[bytes, str, str, int | None]], Event]", tuple.__new__
)  # Event(...) without a Python frame


_NOTHING_MORE = Event(b"")[1:]


class Region(NamedTuple):
    """Events that are complete together. ``texts``: the data of each; ``full``: each, where one says more than its data."""

    texts: list[bytes]
    full: list[Event] | None = None

    def events(self) -> Iterable[Event]:
        return map(Event, self.texts) if self.full is None else self.full

    def part(self, begin: int, end: int) -> Region:
        return Region(self.texts[begin:end], self.full and self.full[begin:end])

    def copy(self) -> Region:
        return self.part(0, len(self.texts))

    def take(self, more: Region) -> bool:
        """Add the events of another one, where both say no more than data, or both do; whether they do."""
        if (self.full is None) != (more.full is None):
            return False
        self.texts.extend(more.texts)
        if self.full is not None:
            self.full.extend(more.full or ())
        return True

    def parts(self, size: int) -> Iterable[Region]:
        """Parts of so many events at most."""
        return [self] if len(self.texts) <= size else (self.part(begin, begin + size) for begin in range(0, len(self.texts), size))


def region_of(events: list[Event]) -> Region:
    """These events, together."""
    is_full = any(event[1:] != _NOTHING_MORE for event in events)
    return Region([event.data for event in events], events if is_full else None)


class EventTooLarge(ValueError):  # noqa: N818 - the brief name says it all
    """More than ``max_event_size`` bytes without a blank line."""


def events(chunks: Iterable[bytes], *, max_event_size: int = sys.maxsize) -> Iterator[Event]:
    """The events of a stream, each as soon as its blank line has come, however the stream is cut into chunks.

    Raises:
        EventTooLarge: after all events before the one that is too large.
    """
    parser = Parser(max_event_size)
    return chain.from_iterable(map(Region.events, chain.from_iterable(map(parser.feed, chunks))))


def framed(texts: Iterable[bytes]) -> list[bytes]:
    """Each text as an event that has nothing but data."""
    return [b"".join(b"data: " + line + b"\n" for line in text.split(b"\n")) + b"\n" for text in texts]


class Parser:
    """Takes the pieces of a stream as they come, and gives those events together that are complete together."""

    __slots__ = ("_after_cr", "_last_id", "_most", "_pending", "_start")

    def __init__(self, max_event_size: int = sys.maxsize) -> None:
        self._most = max_event_size
        self._pending = bytearray()  # the beginning of an event; never begins with LF, never holds a blank line
        self._last_id = ""
        self._start: bytes | None = b""  # of the stream, as long as it may be a byte order mark
        self._after_cr = False

    def feed(self, piece: bytes) -> Iterator[Region]:
        """The events that this piece completes.

        Raises:
            EventTooLarge: after all events before the one that is too large.
        """
        chunk = self._with_lf(piece)
        pending = self._pending
        end = chunk.rfind(b"\n\n") + 2
        if end == 1 and not (chunk.startswith(b"\n") and pending.endswith(b"\n")):
            pending += chunk if pending else chunk.lstrip(b"\n")
        else:
            region = chunk[: max(end - 2, 0)]
            if pending:
                region = b"".join((pending, region))
            pending[:] = chunk[end:]
            region = region.strip(b"\n")  # copied only where it has more line ends
            excess = _excess(region, self._most)
            delivered, self._last_id = _interpret(_utf8(region[:excess]), self._last_id)
            yield delivered
            if excess is not None:
                raise too_large(self._most)
        if len(pending) > self._most and len(pending) - pending.endswith(b"\n") > self._most:
            raise too_large(self._most)

    def end(self) -> Iterator[Region]:
        """What has not met its blank line is dropped."""
        return iter(())

    def _with_lf(self, chunk: bytes) -> bytes:
        """The chunk without a byte order mark, every line ended by LF."""
        if self._start is not None:
            chunk = self._start + chunk
            if BOM.startswith(chunk):
                self._start = chunk
                return b""
            self._start, chunk = None, chunk.removeprefix(BOM)
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # the second half of a CRLF
            self._after_cr = False
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk


# --- a region of complete events -----------------------------------------------------------------


def _excess(region: bytes, max_event_size: int) -> int | None:
    """Where the first event that is too large begins; None where there is none."""
    if len(region) <= max_event_size:
        return None
    start = 0
    for block in region.split(b"\n\n"):
        if len(block) - block.startswith(b"\n") > max_event_size:
            return start
        start += len(block) + 2
    return None


def too_large(max_event_size: int) -> EventTooLarge:
    return EventTooLarge(f"found an event of more than {max_event_size:,} bytes, expected its end before that")


def _utf8(region: bytes) -> bytes:
    """The region with U+FFFD for what is not UTF-8. No byte of a sequence is LF, so no line is changed by it."""
    if region.isascii():
        return region
    try:
        region.decode("utf-8")
    except UnicodeDecodeError:
        return region.decode("utf-8", "replace").encode("utf-8")
    return region


# --- its events --------------------------------------------------------------------------


def _interpret(region: bytes, last_id: str) -> tuple[Region, str]:
    """The events of a region, and the last event id after it."""
    field = b"data: " if region.startswith(b"data: ") else b"data:"
    if region.startswith(field) and not last_id:
        data = region.split(b"\n\n" + field)
        data[0] = data[0][len(field) :]
        if b"\n" not in b"".join(data) and (field == b"data: " or b"\n\ndata: " not in region):
            return Region(data), last_id
    if region.startswith(b"event: "):
        named = _named(region, last_id)
        if named:
            return named, last_id
    delivered: list[Event] = []
    for block in region.split(b"\n\n"):
        event, last_id = _interpret_block(block, last_id)
        if event is not None:
            delivered.append(event)
    return region_of(delivered), last_id


def _named(region: bytes, last_id: str) -> Region | None:
    """The events of a region where each has a name and one line of data; None where they are otherwise."""
    blocks = region.split(b"\n\nevent: ")
    blocks[0] = blocks[0][7:]
    names, marks, data = zip(*map(bytes.partition, blocks, repeat(b"\ndata: ")), strict=True)
    if b"" in marks or region.count(b"\n") != 3 * len(blocks) - 2:
        return None
    text_of = {name: name.decode("utf-8") or "message" for name in set(names)}
    return Region(list(data), list(map(_make, repeat(Event), zip(data, map(text_of.__getitem__, names), repeat(last_id), repeat(None)))))


def _interpret_block(block: bytes, last_id: str) -> tuple[Event | None, str]:
    """The event of one block, None where it has no data; the last event id after it."""
    data: list[bytes] = []
    event = b""
    retry = None
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            event = value
        elif field == b"id" and b"\0" not in value:
            last_id = value.decode("utf-8")
        elif field == b"retry" and value.isdigit() and len(value) <= MAX_RETRY_DIGITS:
            retry = int(value)
    if not data:
        return None, last_id
    return Event(b"\n".join(data), event.decode("utf-8") or "message", last_id, retry), last_id
