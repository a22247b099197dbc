"""Calls and streams under asyncio, cancelled at random points: no answer is crossed, and nothing is left behind.

Set DYNAOPENAI_SOAK=1 for the full size: 20,000 calls and 500 streams.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, Received, answer, stream
from small_api import API, KEY

from dynaopenai import AsyncClient

FULL = os.environ.get("DYNAOPENAI_SOAK") == "1"
CALLS, STREAMS = (20_000, 500) if FULL else (600, 30)
AT_ONCE = 200

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")


def resident() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def called(api: AsyncClient, number: int) -> int:
    return int((await api.getThing(f"n{number}")).id == f"n{number}")


async def streamed(api: AsyncClient, number: int) -> int:
    """1 where it came as it should, however little of it was wanted."""
    wanted, came = number % 60, 0
    async with await api.streamItems() as items:
        async for item in items:
            assert item.n == came
            came += 1
            if came == wanted:
                break
    return int(came == min(wanted or 50, 50))


async def cancelled(work: Any, chance: random.Random) -> int | None:
    """What came of it; None where it was cancelled in time."""
    task = asyncio.create_task(work)
    if chance.random() < 0.3:
        await asyncio.sleep(chance.random() * 0.02)
        task.cancel()
    try:
        return int(await task)
    except asyncio.CancelledError:
        return None


def test_nothing_is_crossed_and_nothing_is_left() -> None:
    chance = random.Random(7)

    def serve(request: Received) -> bytes:
        server.received.clear()
        if request.target == "/stream":
            return stream(*({"n": index} for index in range(50)), "[DONE]")
        return answer({"id": request.target.rpartition("/")[2]})

    async def main(calls: int, streams: int) -> list[int | None]:
        found: list[int | None] = []
        async with AsyncClient(API, base_url=server.url, api_key=KEY, timeout=60, max_connections=50) as api:
            works = [partial(called, api, number) for number in range(calls)] + [partial(streamed, api, number) for number in range(streams)]
            chance.shuffle(works)
            for start in range(0, len(works), AT_ONCE):
                found += await asyncio.gather(*(cancelled(work(), chance) for work in works[start : start + AT_ONCE]))
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return found

    with FaultServer(serve) as server:
        asyncio.run(main(300, 20))
        gc.collect()
        before = resident(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        found = asyncio.run(main(CALLS, STREAMS))
        gc.collect()
        for _ in range(500):
            if not server.open:
                break
            server._stopped.wait(0.01)
        assert server.open == 0
        assert server.most_open <= 50 + AT_ONCE  # the closing of one that was cancelled takes the server a moment to see
    after = resident(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    assert 0 not in found
    assert len(found) - found.count(None) > (CALLS + STREAMS) // 2
    assert after[0] - before[0] < 16 << 20
    assert after[1] <= before[1] + 2
