"""A body that is a sequence: `Stream`, an iterator of checked items.

An item is delivered as soon as it is complete. What came before a break has been delivered when the break is raised.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from . import _json, _sse
from ._data import wrap
from ._schema import Schema
from .errors import APIConnectionError, Violation, short, stream_error

if TYPE_CHECKING:
    from ._reply import Reply
    from ._response import Response

__all__ = ["Stream"]

END = b"[DONE]"

Judge = Callable[[list[Violation], Any], None]


class Stream:
    """The items of a ``text/event-stream`` answer, each checked. An iterator and a context manager.

    Attributes:
        response: the `Response` it came with, without the ``data`` that this is.
    """

    def __init__(self, response: Response, reply: Reply, schema: Schema | None, judge: Judge | None) -> None:
        self.response = response
        self._reply = reply
        self._items = _items(response, reply, schema, judge)

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


def _items(response: Response, reply: Reply, schema: Schema | None, judge: Judge | None) -> Any:
    is_text = schema is not None and schema.types == {"string"}
    is_valid = schema.is_valid if schema is not None and judge is not None else None
    limits = reply.settings.limits
    try:
        for event in _sse.events(reply.chunks(), max_event_size=limits.event or sys.maxsize):
            if event.data == END:
                reply.finish()
                return
            value = event.text if is_text else _value(event, limits.depth, judge)
            if event.event == "error" or (type(value) is dict and "error" in value and is_error(value, schema)):
                raise stream_error(response.operation_id, value, response)
            if is_valid is not None:
                try:
                    passes = is_valid(value)
                except UnicodeEncodeError:  # a lone surrogate: half of a character that another event completes
                    passes = False
                if not passes:
                    assert schema is not None
                    assert judge is not None
                    _refuse(schema, value, judge)
            yield wrap(value)
    except _sse.EventTooLarge as error:
        message = f"{response.operation_id}: {error}; see Limits(event=...)"
        raise APIConnectionError(message, attempts=reply.attempts, retryable=False, response=response) from None
    except APIConnectionError as error:
        error.response = response
        raise
    finally:
        reply.close()


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
    from ._violation import violations

    found = violations(schema, value)
    if found:
        judge(found, wrap(value))
