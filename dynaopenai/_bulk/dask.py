"""Tries made on the workers of a Dask cluster: rows that start together travel together, and their outcomes come back.

Rules of this file:
1. The run stays where it was begun: one pace, one ledger, whatever the number of workers.
2. A worker makes tries and keeps nothing. One that is lost loses tries, not answers: its rows go to others, with the
   same Idempotency-Keys.
3. No key travels: a worker's sender is made there, and takes its credential from the worker's environment.
"""

from __future__ import annotations

import asyncio
import math
import pickle
import threading
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import APIConnectionError, DynaOpenAIError
from .outcome import Failed, Outcome
from .run import Send

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
Try = tuple[Mapping[str, Any], str]
Close = Callable[[], Coroutine[Any, Any, None]]
Make = Callable[[], tuple[Send, Close]]
GATHER = 0.005  # seconds that the first row of a chunk waits for others


class EngineError(DynaOpenAIError):
    """An engine that cannot be had."""


async def connected(engine: str) -> Client:
    """The cluster that ``engine`` names: ``dask`` for one on this machine, or a scheduler's address.

    Raises:
        EngineError: Dask is not installed, or nobody answers there.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise EngineError("the engine dask needs more packages: pip install 'dynaopenai[dask]'") from None
    try:
        if engine != "dask":
            return await Client(engine, asynchronous=True, timeout=5)
        cluster = await LocalCluster(asynchronous=True, processes=True, dashboard_address=None)
        return await Client(cluster, asynchronous=True)
    except (OSError, TimeoutError, ValueError) as error:
        raise EngineError(f"no Dask scheduler answers at {engine}: {error}") from None


class Cluster:
    """A `Send` over a cluster. ``make``: makes a worker's own sender there; it is pickled, and must hold no secret."""

    def __init__(self, client: Client, make: Make, concurrency: int) -> None:
        self._client, self._make = client, make
        threads = sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
        self._size = max(1, math.ceil(concurrency / max(threads, 1)))
        self._chunk: list[tuple[Try, asyncio.Future[Outcome]]] = []
        self._due: asyncio.TimerHandle | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def send(self, keywords: Mapping[str, Any], key: str) -> Outcome:
        """One try, on some worker."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._chunk.append(((keywords, key), future))
        if len(self._chunk) >= self._size:
            self._depart()
        elif self._due is None:
            self._due = loop.call_later(GATHER, self._depart)
        return await future

    def _depart(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        chunk, self._chunk = self._chunk, []
        if chunk:
            task = asyncio.get_running_loop().create_task(self._travel(chunk))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _travel(self, chunk: list[tuple[Try, asyncio.Future[Outcome]]]) -> None:
        tries = [one for one, _ in chunk]
        try:
            outcomes = await self._client.submit(_tried, self._make, tries, pure=False)
        except Exception as error:  # noqa: BLE001 - whatever a cluster raises, the rows go on
            lost = APIConnectionError(f"the worker was lost: {type(error).__name__}: {error}", attempts=1)
            outcomes = [Failed(lost, again=True, is_common=True)] * len(chunk)
        for (_, future), outcome in zip(chunk, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)

    async def close(self) -> None:
        """Let go of the cluster, and stop it where it was started here."""
        for task in self._under_way:
            task.cancel()
        cluster = self._client.cluster
        with suppress(Exception):  # a worker that is gone has nothing to let go of
            await self._client.run(_forgotten, self._make)
        with suppress(OSError, TimeoutError):
            await self._client.close()
            if cluster is not None:
                await cluster.close()


# --- on a worker ---------------------------------------------------------------------------------

_LOCK = threading.Lock()
_SENDERS: dict[bytes, tuple[Send, Close]] = {}
_LOOP: list[asyncio.AbstractEventLoop] = []


def _tried(make: Make, tries: list[Try]) -> list[Outcome]:
    """The outcomes of these tries, all made at once by this process's one sender for the run."""
    name = pickle.dumps(make)
    with _LOCK:
        if name not in _SENDERS:
            _SENDERS[name] = _result(_made(make))
        send, _ = _SENDERS[name]

    async def all_of_them() -> list[Outcome]:
        return list(await asyncio.gather(*(send(keywords, key) for keywords, key in tries)))

    return _result(all_of_them())


def _forgotten(make: Make) -> None:
    """The run is over: its sender lets go of its connections."""
    found = _SENDERS.pop(pickle.dumps(make), None)
    if found is not None:
        _result(found[1]())


async def _made(make: Make) -> tuple[Send, Close]:
    return make()  # in the loop that it will send from


def _result(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine comes to, in this process's event loop."""
    if not _LOOP:
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True, name="dynaopenai-bulk").start()
        _LOOP.append(loop)
    return asyncio.run_coroutine_threadsafe(coroutine, _LOOP[0]).result()
