"""The steps of calls carried out over `requests`, each call in a thread of its own: awaited, where aiohttp is missing."""

from __future__ import annotations

import asyncio
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from .._request.request import Request
from .over_requests import Transport
from .step import Steps

if TYPE_CHECKING:
    import requests

T = TypeVar("T")
Job = tuple[Steps[Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class ThreadedTransport:
    """Carries out calls in ``max_connections`` threads at most.

    The threads are daemons, so that a call that is given up keeps nobody waiting: those of an executor are joined at exit.
    """

    def __init__(self, max_connections: int) -> None:
        self._transport = Transport(None, max_connections)
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._most = max_connections
        self._threads: list[threading.Thread] = []
        self._under_way = 0  # counted in the event loop alone

    async def run(self, steps: Steps[T]) -> T:
        """The result of these steps, carried out in a thread."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._under_way += 1
        if len(self._threads) < min(self._under_way, self._most):
            self._threads.append(threading.Thread(target=self._work, name="dynaopenai-call", daemon=True))
            self._threads[-1].start()
        self._jobs.put((steps, loop, done))
        try:
            return await done
        finally:
            self._under_way -= 1

    def prepare(self, request: Request) -> requests.PreparedRequest:
        """The request as `requests` sends it."""
        return self._transport.prepare(request)

    async def close(self) -> None:
        """Close the connections; a call that is still under way ends by itself, and nobody waits for it."""
        for _ in self._threads:
            self._jobs.put(None)
        self._threads.clear()
        self._transport.close()

    def _work(self) -> None:
        while self._next():
            pass

    def _next(self) -> bool:
        """Carry out a job, and keep nothing of it while the next is waited for; False where there is none any more."""
        job = self._jobs.get()
        if job is None:
            return False
        steps, loop, done = job
        result, error = None, None
        if not done.cancelled():
            try:
                result = self._transport.run(steps)
            except BaseException as raised:  # noqa: BLE001 - raised again where it is awaited
                error = raised
        try:
            loop.call_soon_threadsafe(_settle, done, result, error)
        except RuntimeError:  # the event loop has ended, and nobody waits
            _close(result)
        del job, steps, done, result, error  # or the error, whose traceback has this frame, and they would keep each other
        return True


def _settle(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.done():  # given up
        _close(result)
    elif error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)


def _close(result: Any) -> None:
    """Free the connection of an answer that nobody has asked for any more."""
    if hasattr(result, "close"):
        result.close()
