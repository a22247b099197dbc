"""A body that is a sequence, in the caller's hands: `Stream`, an iterator of checked items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .._transport.step import Steps
from .sequence import Sequence

if TYPE_CHECKING:
    from .response import Response

__all__ = ["Stream"]


class Stream:
    """The items of an answer that is a sequence, each checked. An iterator and a context manager.

    Such are ``text/event-stream``, and JSON Lines and JSON text sequences whose ``itemSchema`` the document declares.

    Attributes:
        response: the `Response` it came with, without the ``data`` that this is.
    """

    def __init__(self, sequence: Sequence, run: Callable[[Steps[Any]], Any]) -> None:
        self.response: Response = sequence.response
        self._reply = sequence.reply
        self._items = _items(sequence, run)

    def __repr__(self) -> str:
        return f"<Stream of {self.response.operation_id}, status {self.response.status_code}>"

    def __iter__(self) -> Stream:
        return self

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


def _items(sequence: Sequence, run: Callable[[Steps[Any]], Any]) -> Any:
    """No method of the stream, or the two would keep each other, and the connection, alive."""
    items: Iterator[Any] | None
    try:
        while (items := run(sequence.following())) is not None:
            yield from items
    finally:
        sequence.reply.close()
