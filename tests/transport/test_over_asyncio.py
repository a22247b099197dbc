"""Connections of our own under asyncio: as many as may be, waited for in turn, given back whatever becomes of who had them."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Any

import pytest
from fault_server import STALL, FaultServer, answer
from small_api import API, KEY

from dynaopenai import APITimeoutError, AsyncClient

aiohttp = pytest.importorskip("aiohttp")

GOOD = answer({"id": "a"})


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    assert holds()


def client(url: str, **options: Any) -> AsyncClient:
    return AsyncClient(API, base_url=url, api_key=KEY, **{"timeout": 5, "max_retries": 0, **options})


def test_no_session_is_made_where_none_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    genuine = aiohttp.TCPConnector.__init__

    async def work(url: str, **options: Any) -> None:
        async with client(url, **options) as api:
            await api.getThing("a")

    with FaultServer(GOOD) as server:
        asyncio.run(work(server.url))
        monkeypatch.setattr(aiohttp.TCPConnector, "__init__", lambda *args, **options: made.append(1) or genuine(*args, **options))
        asyncio.run(work(server.url))  # somebody looks

    assert made == [1]


def test_whoever_stands_in_aiohttp_s_place_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: Any, **__: Any) -> Any:
        raise aiohttp.ClientError("stood in")

    async def work(url: str) -> None:
        async with client(url) as api:
            await api.getThing("a")
            monkeypatch.setattr(aiohttp.ClientSession, "_request", refuse)
            with pytest.raises(Exception, match="getThing"):
                await api.getThing("a")

    with FaultServer(GOOD) as server:
        asyncio.run(work(server.url))
        assert len(server.received) == 1


def test_as_many_as_may_be_are_open() -> None:
    async def work(url: str) -> None:
        async with client(url, max_connections=3) as api:
            await asyncio.gather(*(api.getThing("a") for _ in range(20)))

    with FaultServer([0.01, GOOD]) as server:
        asyncio.run(work(server.url))
        assert (len(server.received), server.connections) == (20, 3)


def test_who_gets_no_connection_in_time_is_told() -> None:
    async def work(url: str) -> None:
        async with client(url, max_connections=1, timeout=(0.1, 5)) as api:
            first = asyncio.ensure_future(api.getThing("a"))
            await asyncio.sleep(0.01)
            with pytest.raises(APITimeoutError, match=r"no connection came free within 0\.1 s, all 1 are in use"):
                await api.getThing("a")
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)

    with FaultServer([STALL]) as server:
        asyncio.run(work(server.url))


@pytest.mark.parametrize("waits_for", ["an answer", "a place"])
def test_a_call_that_is_cancelled_gives_its_place_back(waits_for: str) -> None:
    async def work(url: str, server: FaultServer) -> None:
        async with client(url, max_connections=1) as api:
            calls = [asyncio.ensure_future(api.getThing("a")) for _ in range(1 if waits_for == "an answer" else 2)]
            await asyncio.to_thread(until, lambda: len(server.received) == 1)
            for call in reversed(calls):
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)
            assert await api.getThing("a") == {"id": "a"}

    with FaultServer([STALL], GOOD) as server:
        asyncio.run(work(server.url, server))


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_an_answer_that_nobody_reads_closes_its_connection() -> None:
    async def work(url: str, server: FaultServer) -> None:
        async with client(url) as api:
            file = await api.getFile()
            assert server.open == 1
            del file
            gc.collect()
            await asyncio.to_thread(until, lambda: server.open == 0)

    content = b"a" * 1_000
    with FaultServer([answer(content, content_type="application/octet-stream", length=2_000), STALL]) as server:
        asyncio.run(work(server.url, server))


def test_a_reader_that_is_slow_keeps_the_server_waiting() -> None:
    size = 64 << 20

    async def work(url: str) -> int:
        async with client(url) as api:
            file = await api.getFile()
            await asyncio.sleep(0.1)
            waiting = file._reply.head.incoming._connection._waiting  # the bytes that lie here
            return int(waiting)

    with FaultServer(answer(b"a" * size, content_type="application/octet-stream")) as server:
        assert 0 < asyncio.run(work(server.url)) < 1 << 20
