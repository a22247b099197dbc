"""A body that is a sequence, in the caller's hands: `Stream`, an iterator of checked items, and `AsyncStream`."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from threading import RLock
from typing import TYPE_CHECKING, Any, cast

from .._transport.step import Steps
from ..errors import DynaOpenAIError, Interrupted
from .sequence import Sequence
from .texts import Texts

if TYPE_CHECKING:
    from .response import Response

__all__ = ["AsyncStream", "Stream"]


Parts = Iterator[Iterable[Any]] | None


class Drawn:
    """What is drawn from an answer that is a sequence.

    Attributes:
        response: the `Response` it came with, without the ``data`` that this is.
    """

    def __init__(self, sequence: Sequence) -> None:
        self.response: Response = sequence.response
        self._reply = sequence.reply
        self._sequence = sequence

    @property
    def complete(self) -> bool | None:
        """Whether it has ended with what its document's convention ends it with: ``[DONE]``, an event with a reason to finish.

        None as long as it has not been read to its end, and where there is no convention.
        """
        return self._sequence.complete

    def new_texts(self) -> Texts:
        """What finds the words of each item, for those who want items and words alike: ``texts.of(item)``."""
        return self._sequence.new_texts()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.response.operation_id}, status {self.response.status_code}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # a connection does not travel


class Stream(Drawn, chain[Any]):
    """The items of an answer that is a sequence, each checked. An iterator and a context manager.

    Such are ``text/event-stream``, and JSON Lines and JSON text sequences whose ``itemSchema`` the document declares.

    >>> for words in stream.texts():
    ...     print(words, end="")
    >>> answer = stream.final()

    Attributes:
        response: the `Response` it came with, without the ``data`` that this is.
    """

    _parts: Generator[Iterable[Any], None, None]

    def __new__(cls, sequence: Sequence, run: Callable[[Steps[Parts]], Parts]) -> Stream:
        parts = _parts(sequence, run)
        stream = cast("Stream", cls.from_iterable(_Shared(parts)))  # so that no code in Python stands between a caller and the next item
        stream._parts = parts  # noqa: SLF001 - its own
        return stream

    def __init__(self, sequence: Sequence, _run: Any) -> None:
        super().__init__(sequence)

    def final(self) -> Any:
        """The whole answer, put together from all items, those that were drawn before included: what the call gives unstreamed.

        Raises:
            DynaOpenAIError: what the stream broke off with; its ``partial`` is what came, and its message says what is missing.
        """
        with suppress(DynaOpenAIError):  # which `whole` raises, with what came
            deque(self, maxlen=0)
        return self._sequence.whole()

    @property
    def text(self) -> str:
        """The words of the whole answer; empty where its items carry none.

        Raises:
            DynaOpenAIError: as for `final`.
        """
        self.final()
        return self._sequence.text()

    def texts(self) -> Iterator[str]:
        """The words as they come, from the next item on."""
        texts = self._sequence.new_texts()
        return (words for item in self if (words := texts.of(item)))

    def close(self) -> None:
        """Stop; the connection is freed at once."""
        self._parts.close()
        self._sequence.drop()
        self._reply.close()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncStream(Drawn):
    """The same under asyncio: an asynchronous iterator and context manager."""

    def __init__(self, sequence: Sequence, run: Callable[[Steps[Parts]], Awaitable[Parts]]) -> None:
        super().__init__(sequence)
        self._items = _async_items(sequence, run)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._items

    def __anext__(self) -> Awaitable[Any]:
        return self._items.__anext__()

    async def final(self) -> Any:
        """`Stream.final`, awaited."""
        with suppress(DynaOpenAIError):  # which `whole` raises, with what came
            async for _ in self:
                pass
        return self._sequence.whole()

    @property
    async def text(self) -> str:
        """`Stream.text`: ``await stream.text``."""
        await self.final()
        return self._sequence.text()

    async def texts(self) -> AsyncGenerator[str, None]:
        """The words as they come, from the next item on."""
        texts = self._sequence.new_texts()
        async for item in self:
            if words := texts.of(item):
                yield words

    async def close(self) -> None:
        """Stop; the connection is freed at once."""
        self._reply.close()
        await self._items.aclose()

    aclose = close

    async def __aenter__(self) -> AsyncStream:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Shared:
    """Parts, for any number of threads: those that ask while one is waited for have the same one.

    A chain ends, without a word, with the first error of what it is made of; that of a generator which another thread runs is such.
    """

    __slots__ = ("_lock", "_part", "_parts")

    def __init__(self, parts: Iterator[Iterable[Any]]) -> None:
        self._parts, self._lock = parts, RLock()
        self._part: Iterator[Any] = iter(())

    def __iter__(self) -> Iterator[Iterable[Any]]:
        return self

    def __next__(self) -> Iterable[Any]:
        if self._lock.acquire(blocking=False):
            try:
                self._part = iter(next(self._parts))
            finally:
                self._lock.release()
        else:
            with self._lock:
                pass
        return self._part


# No methods of theirs, or they and the streams would keep each other, and the connection, alive.


def _parts(sequence: Sequence, run: Callable[[Steps[Parts]], Parts]) -> Generator[Iterable[Any], None, None]:
    try:
        while (parts := run(sequence.following())) is not None:
            yield from parts
    except DynaOpenAIError as error:  # the way down from here shows what came, as it came
        sequence.broken = error
        raise error.with_traceback(None) from error.__cause__
    except KeyboardInterrupt:
        raise Interrupted(sequence.response.operation_id) from None
    finally:
        sequence.reply.close()


async def _async_items(sequence: Sequence, run: Callable[[Steps[Parts]], Awaitable[Parts]]) -> AsyncGenerator[Any, None]:
    try:
        while (parts := await run(sequence.following())) is not None:
            for part in parts:
                for item in part:
                    yield item
    except DynaOpenAIError as error:
        sequence.broken = error
        raise error.with_traceback(None) from error.__cause__
    finally:
        sequence.reply.close()
