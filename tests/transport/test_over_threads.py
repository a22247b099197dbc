"""Calls awaited in threads: a thread that waits for the next keeps nothing of its last, and what nobody awaits is closed."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Any

import pytest
from fault_server import STALL, FaultServer, answer, stream
from small_api import API, KEY

from dynaopenai import AsyncClient, NotFoundError
from dynaopenai._transport.over_threads import ThreadedTransport

pytest.importorskip("aiohttp")

OPEN = [stream({"n": 1}, end=False), STALL]


def client(url: str) -> AsyncClient:
    api = AsyncClient(API, base_url=url, api_key=KEY, max_retries=0, timeout=5)
    api._engine.transport = ThreadedTransport(1)
    return api


async def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        gc.collect()
        await asyncio.sleep(0.005)
    assert holds()


def test_an_answer_that_is_let_go_is_closed() -> None:
    async def work(server: FaultServer) -> None:
        async with client(server.url) as api:
            found = await api.streamItems()
            assert server.open == 1
            del found
            await until(lambda: server.open == 0)

    with FaultServer(OPEN) as server:
        asyncio.run(work(server))


def test_an_answer_that_nobody_awaits_any_more_is_closed() -> None:
    kept: list[Any] = []

    async def work(server: FaultServer) -> None:
        async with client(server.url) as api:
            settle = api._engine.transport._transport.run
            api._engine.transport._transport.run = lambda steps: kept.append(settle(steps)) or kept[-1]
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(api.streamItems(), 0.1)
            await until(lambda: bool(kept) and server.open == 0)

    with FaultServer([0.3, *OPEN]) as server:
        asyncio.run(work(server))


def test_an_error_is_raised_where_it_is_awaited() -> None:
    async def work(server: FaultServer) -> None:
        async with client(server.url) as api:
            with pytest.raises(NotFoundError):
                await api.getThing("a")
            assert (await api.getThing("a")).id == "a"

    with FaultServer(answer({}, 404), answer({"id": "a"})) as server:
        asyncio.run(work(server))
