"""A body that is neither JSON nor text, in the caller's hands: `Binary`, read on demand, and `AsyncBinary`."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._request.settings import Progress
from .._transport.progress import Report, shown
from .._transport.reply import Reply
from .._transport.step import Steps
from .download import CHUNK, save

if TYPE_CHECKING:
    from .response import Response

__all__ = ["AsyncBinary", "Binary"]


class Unread:
    """A body that has not been read yet, and the steps by which it is.

    Attributes:
        response: the `Response` it came with, without the ``data`` that this is.
        content_type: as the server says.
    """

    def __init__(self, response: Response, reply: Reply, content_type: str, run: Callable[[Steps[Any]], Any]) -> None:
        self.response = response
        self.content_type = content_type
        self._reply = reply
        self._run = run
        self._content: bytes | None = None
        self._taken = False

    def __repr__(self) -> str:
        length = self.response.headers.get("content-length")
        size = f"{int(length):,} bytes" if length and length.isdecimal() and len(length) < 20 else "size unknown"
        return f"<{type(self).__name__} {self.content_type or 'without content type'}, {size}>"

    @property
    def content(self) -> bytes:
        """All of it, where it has been read.

        Raises:
            ValueError: it has not.
        """
        if self._content is None:
            raise ValueError("this body has not been read yet: await response.data.read()")
        return self._content

    def _all(self) -> Steps[bytes]:
        if self._content is None:
            self._take()
            self._content = yield from self._reply.read()
        return self._content

    def _next(self, done: int, report: Report | None) -> Steps[bytes]:
        piece = yield from self._reply.piece(CHUNK)
        if piece and report is not None:
            report(done + len(piece), self._reply.length)
        return piece

    def _saved(self, path: str | os.PathLike[str], progress: Progress) -> Steps[Path]:
        target = Path(path)
        if self._content is not None:
            target.write_bytes(self._content)
            return target
        self._take()
        with shown(self._reply.settings.progress if progress is None else progress, target.name) as report:
            yield from save(self._reply, target, report)
        return target

    def _take(self) -> None:
        if self._taken:
            msg = "this body was read piece by piece already; read() keeps it, save() writes it"
            raise ValueError(msg)
        self._taken = True

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # a connection does not travel


class Binary(Unread):
    """A body that is neither JSON nor text, read on demand. A context manager.

    Attributes:
        response: the `Response` it came with, without the ``data`` that this is.
        content_type: as the server says.
    """

    @property
    def content(self) -> bytes:
        """All of it, as `read` gives it."""
        return self.read()

    def read(self) -> bytes:
        """All of it. Kept, so that it can be read again.

        Raises:
            APIConnectionError: the connection was lost before the end.
        """
        content: bytes = self._run(self._all())
        return content

    def __iter__(self) -> Iterator[bytes]:
        """Piece by piece, as it arrives; once, unless it was `read`."""
        return iter([self._content]) if self._content is not None else self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        self._take()
        done = 0
        with self, shown(self._reply.settings.progress, "receiving") as report:
            while piece := self._run(self._next(done, report)):
                done += len(piece)
                yield piece

    def save(self, path: str | os.PathLike[str], *, progress: Progress = None) -> Path:
        """Write it to ``path``, all or nothing: a temporary file beside it takes its place at the end.

        Where the connection breaks, it is asked for the rest, or for all of it again.

        Args:
            path: where to.
            progress: called with (bytes done, bytes in all or None); True for a bar in a terminal.

        Raises:
            APIConnectionError: it could not be had whole; ``path`` is as it was.
            OSError: it cannot be written there.
        """
        target: Path = self._run(self._saved(path, progress))
        return target

    def close(self) -> None:
        """Give the connection back without reading the rest."""
        self._reply.close()

    def __enter__(self) -> Binary:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncBinary(Unread):
    """The same under asyncio: `read` and `save` are awaited, its pieces iterated by ``async for``."""

    async def read(self) -> bytes:
        """All of it. Kept, so that it can be read again.

        Raises:
            APIConnectionError: the connection was lost before the end.
        """
        content: bytes = await self._run(self._all())
        return content

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Piece by piece, as it arrives; once, unless it was `read`."""
        return self._pieces()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        if self._content is not None:
            yield self._content
            return
        self._take()
        done = 0
        async with self:
            with shown(self._reply.settings.progress, "receiving") as report:
                while piece := await self._run(self._next(done, report)):
                    done += len(piece)
                    yield piece

    async def save(self, path: str | os.PathLike[str], *, progress: Progress = None) -> Path:
        """Write it to ``path``, as `Binary.save` does.

        Raises:
            APIConnectionError: it could not be had whole; ``path`` is as it was.
            OSError: it cannot be written there.
        """
        target: Path = await self._run(self._saved(path, progress))
        return target

    async def close(self) -> None:
        """Give the connection back without reading the rest."""
        self._reply.close()

    aclose = close

    async def __aenter__(self) -> AsyncBinary:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
