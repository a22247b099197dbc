"""A body that is a sequence: `Stream`, an iterator of checked items.

An item is delivered as soon as it is complete. What came before a break has been delivered when the break is raised.
Items that came together are decoded and checked together, and one by one only where one of them is wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import repeat
from operator import contains
from typing import TYPE_CHECKING, Any

from .._checking import json as _json
from .._checking.schema import Schema
from .._request.media_type import kind_of
from ..errors import APIConnectionError, Violation, short, stream_error
from . import lines as _lines
from . import sse as _sse
from .data import Data, wrap

if TYPE_CHECKING:
    from .._transport.reply import Reply
    from .response import Response

__all__ = ["Stream"]

END = b"[DONE]"

Judge = Callable[[list[Violation], Any], None]


class Stream:
    """The items of an answer that is a sequence, each checked. An iterator and a context manager.

    Such are ``text/event-stream``, and JSON Lines and JSON text sequences whose ``itemSchema`` the document declares.

    Attributes:
        response: the `Response` it came with, without the ``data`` that this is.
    """

    def __init__(
        self, response: Response, reply: Reply, content_type: str, schema: Schema | None, judge: Judge | None
    ) -> None:
        self.response = response
        self._reply = reply
        most = reply.settings.limits.event or sys.maxsize
        self._items = _items(response, reply, _regions(content_type, reply.chunks(), most), schema, judge)

    def __repr__(self) -> str:
        return f"<Stream of {self.response.operation_id}, status {self.response.status_code}>"

    def __iter__(self) -> Iterator[Any]:
        items: Iterator[Any] = self._items
        return items

    def __next__(self) -> Any:
        return next(self._items)

    def close(self) -> None:
        """Stop; the connection is freed at once."""
        self._items.close()
        self._reply.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # a connection does not travel

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _items(
    response: Response, reply: Reply, regions: Iterator[list[_sse.Event]], schema: Schema | None, judge: Judge | None
) -> Any:
    reader = _Reader(response, schema, judge, reply.settings.limits.depth)
    try:
        for region in regions:
            texts = [event.data.strip() for event in region]
            is_last = END in texts
            events = region[: texts.index(END)] if is_last else region
            if b"" in texts and not reader.is_text:  # it keeps the connection open, and says nothing
                events = [event for event in events if event.event == "error" or event.data.strip()]
            together = reader.together(events)
            yield from reader.each(events) if together is None else map(Data, together)
            if is_last:
                reply.finish()
                return
    except _sse.EventTooLarge as error:
        message = f"{response.operation_id}: {error}; see Limits(event=...)"
        raise APIConnectionError(message, attempts=reply.attempts, retryable=False, response=response) from None
    except APIConnectionError as error:
        error.response = response
        raise
    finally:
        reply.close()


def _regions(content_type: str, chunks: Iterator[bytes], most: int) -> Iterator[list[_sse.Event]]:
    if kind_of(content_type) == "lines":
        return _lines.regions(chunks, _lines.separator(content_type), most)
    return _sse.regions(chunks, max_event_size=most)


class _Reader:
    """Events -> checked items."""

    def __init__(self, response: Response, schema: Schema | None, judge: Judge | None, depth: int | None) -> None:
        self.response, self.schema, self.judge, self.depth = response, schema, judge, depth
        self.is_text = schema is not None and schema.types == {"string"}
        self.is_valid = schema.is_valid if schema is not None and judge is not None else None

    def together(self, events: list[_sse.Event]) -> list[dict[str, Any]] | None:
        """The items of events that came together; None where something is to be said of one, and each must be looked at."""
        if len(events) < 2 or self.is_text or self.depth != _json.MAX_DEPTH:
            return None
        texts, names, _, _ = zip(*events, strict=True)
        values = _json.decode_each(texts) if "error" not in names else None
        if values is None or set(map(type, values)) != {dict} or any(map(contains, values, repeat("error"))):
            return None
        return values if self.is_valid is None or all(map(self.is_valid, values)) else None

    def each(self, events: list[_sse.Event]) -> Iterator[Any]:
        """The items of events, one by one."""
        for event in events:
            value = event.text if self.is_text else _value(event, self.depth, self.judge)
            has_error = type(value) is dict and "error" in value and is_error(value, self.schema)
            if has_error or event.event == "error":
                raise stream_error(self.response.operation_id, self.response.seal(value), self.response)
            if not self._passes(value):
                assert self.schema is not None
                assert self.judge is not None
                _refuse(self.schema, value, self.judge)
            yield wrap(value)

    def _passes(self, value: Any) -> bool:
        try:
            return self.is_valid is None or self.is_valid(value)
        except UnicodeEncodeError:  # a lone surrogate: half of a character that another event completes
            return False


def _value(event: _sse.Event, max_depth: int | None, judge: Judge | None) -> Any:
    try:
        return _json.decode(event.data, max_depth)
    except _json.DecodeError as error:
        if judge is not None and event.event != "error":
            judge([Violation("", f"found an event that is no JSON: {error}", short(event.text))], event.text)
        return event.text


def is_error(value: dict[str, Any], schema: Schema | None) -> bool:
    """Whether an item is the API's error object rather than an item that has a field of that name."""
    return value["error"] is not None and (schema is None or "error" not in schema.properties)


def _refuse(schema: Schema, value: Any, judge: Judge) -> None:
    from .._checking.violation import violations

    found = violations(schema, value)
    if found:
        judge(found, wrap(value))
