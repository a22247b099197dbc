"""An AsyncClient as if it were a Client: what is awaited is waited for, in an event loop of its own. One test then holds both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import Any

from dynaopenai import AsyncBinary, AsyncClient, AsyncOperation, AsyncStream, Binary, Response, Stream

HELD = (AsyncBinary, AsyncClient, AsyncOperation, AsyncStream, AsyncGenerator)
TWINS: dict[type, type] = {AsyncStream: Stream, AsyncBinary: Binary}


class Awaited:
    """One of the client's things. It has the class of its twin, and its manners."""

    def __init__(self, held: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._held, self._loop = held, loop

    @property
    def __class__(self) -> Any:
        return TWINS.get(type(self._held), Awaited)

    def __repr__(self) -> str:
        return repr(self._held).replace("<Async", "<")

    def _waited(self, value: Any) -> Any:
        if isinstance(value, Coroutine):
            return self._waited(self._loop.run_until_complete(value))
        if isinstance(value, Response):
            value.data = self._waited(value.data)
        return Awaited(value, self._loop) if isinstance(value, HELD) else value

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._held, name)
        if not callable(value) or isinstance(value, (*HELD, type)):
            return self._waited(value)
        return lambda *args, **kwargs: self._waited(value(*args, **kwargs))

    def __getitem__(self, name: str) -> Any:
        return self._waited(self._held[name])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._waited(self._held(*args, **kwargs))

    def __iter__(self) -> Iterator[Any]:
        return self if isinstance(self._held, AsyncStream) else Awaited(self._held.__aiter__(), self._loop)

    def __next__(self) -> Any:
        async def following() -> Any:
            return await self._held.__anext__()

        try:
            return self._waited(self._loop.run_until_complete(following()))
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Awaited:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._held.close())


class Loop:
    """Makes such clients, and ends their event loop as `asyncio.run` does, with nothing left in it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._made: list[AsyncClient] = []

    def client(self, make: Callable[..., AsyncClient], *args: Any, **options: Any) -> Awaited:
        self._made.append(make(*args, **options))
        return Awaited(self._made[-1], self._loop)

    def end(self) -> None:
        async def close() -> set[Any]:
            for made in self._made:
                await made.close()
            await asyncio.sleep(0)
            return asyncio.all_tasks() - {asyncio.current_task()}

        left = self._loop.run_until_complete(close())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        assert not left, left
