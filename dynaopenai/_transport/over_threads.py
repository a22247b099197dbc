"""The steps of calls carried out over `requests`, each call in a thread of its own: awaited, where aiohttp is missing."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from .._request.request import Request
from .over_requests import Transport
from .step import Steps

if TYPE_CHECKING:
    import requests

T = TypeVar("T")


class ThreadedTransport:
    """Carries out calls in ``max_connections`` threads at most."""

    def __init__(self, max_connections: int) -> None:
        self._transport = Transport(None, max_connections)
        self._threads = ThreadPoolExecutor(max_connections, "dynaopenai-call")

    async def run(self, steps: Steps[T]) -> T:
        """The result of these steps, carried out in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._transport.run, steps)

    def prepare(self, request: Request) -> requests.PreparedRequest:
        """The request as `requests` sends it."""
        return self._transport.prepare(request)

    async def close(self) -> None:
        """Close the connections, once the calls under way have ended."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._transport.close()
