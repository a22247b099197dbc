"""AsyncClient: the same client under asyncio, over aiohttp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._display.frames import outside
from .._response.response import Response
from .any_client import AnyClient, twin
from .async_operation import AsyncOperation
from .awaitable import Call

if TYPE_CHECKING:
    from typing_extensions import Self

    from .async_operation import AsyncOperationOrGroup
    from .engine import Driver

__all__ = ["AsyncClient"]


class AsyncClient(AnyClient[AsyncOperation, Call[Response]]):
    """`Client` under asyncio: the same names, options and errors; calls, streams, pages and files are awaited.

    >>> async with AsyncClient("pets.yaml") as client:
    ...     await client.findPets(kind="dog", limit=3)

    ``session`` takes an `aiohttp.ClientSession`; hooks may be coroutine functions. One client may be used from event loops
    one after the other, and has connections of its own in each. For all options see `Client`.

    Raises:
        ImportError: aiohttp is missing: ``pip install 'dynaopenai[async]'``.
        SpecError: the document cannot be read.
        ValueError: an option has a value that makes no sense.
    """

    _operation = AsyncOperation

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> AsyncOperationOrGroup: ...

    @classmethod
    def _driver(cls, session: Any, max_connections: int) -> Driver:
        from .._transport.over_aiohttp import AsyncTransport

        return AsyncTransport(session, max_connections, outside())

    async def close(self) -> None:
        """Close the connections that are of the running event loop. The next call opens new ones."""
        self._engine.drift.save()
        await self._engine.transport.close()

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __enter__(self) -> Self:
        raise TypeError("an AsyncClient is entered by `async with`")

    def __exit__(self, *_: object) -> None: ...


def as_async(client: AnyClient[Any, Any]) -> AsyncClient:
    """The same document and settings under asyncio; what was set for the other's own connections is not taken along."""
    return twin(client, AsyncClient)
