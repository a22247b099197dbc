"""Many threads over one client: no answer is lost or crossed, connections are bounded."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote

from fault_server import CLOSE, FaultServer, Received, answer, stream
from small_api import client

from dynaopenai._transport import retry as _retry

THREADS = 32
CALLS = 25


def echo(request: Received) -> Any:
    return answer({"id": unquote(request.target.rpartition("/")[2])}, 200, f"X-Request-Id: {request.target}")


def test_answers_are_not_crossed() -> None:
    start = threading.Barrier(THREADS)

    def work(number: int) -> list[str]:
        start.wait()
        return [api.getThing(f"{number}-{index}").id for index in range(CALLS)]

    with FaultServer(echo) as server, client(server.url, timeout=30) as api:
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(work, range(THREADS)))

        assert found == [[f"{number}-{index}" for index in range(CALLS)] for number in range(THREADS)]
        assert len(server.received) == THREADS * CALLS
        assert server.connections <= THREADS


def test_an_operation_is_worked_out_once_however_many_use_it_first(monkeypatch: Any) -> None:
    api = client("http://127.0.0.1:9")
    contract, start = api._engine.contract, threading.Barrier(THREADS)
    read = contract.operation
    monkeypatch.setattr(contract, "operation", lambda name: time.sleep(0.01) or read(name))

    def plan(_: int) -> Any:
        start.wait()
        return api.with_options().getThing._plan

    with ThreadPoolExecutor(THREADS) as pool:
        assert len({id(plan) for plan in pool.map(plan, range(THREADS))}) == 1


def test_nor_when_the_server_drops_every_third_connection(monkeypatch: Any) -> None:
    monkeypatch.setattr(_retry, "FIRST_DELAY", 0.001)
    lock = threading.Lock()
    seen: set[str] = set()

    def flaky(request: Received) -> Any:
        with lock:
            first = request.target not in seen and len(seen) % 3 == 0
            seen.add(request.target)
        return [CLOSE] if first else echo(request)

    with FaultServer(flaky) as server, client(server.url, timeout=30, max_retries=5) as api:
        with ThreadPoolExecutor(16) as pool:
            names = [f"n{index}" for index in range(200)]
            assert [thing.id for thing in pool.map(api.getThing, names)] == names


def test_streams_side_by_side() -> None:
    def serve(request: Received) -> Any:
        first = int(request.header("X-First") or 0)
        return stream(*({"n": first + index} for index in range(20)), "[DONE]")

    def work(number: int) -> list[int]:
        return [item.n for item in api.streamItems.with_options(headers={"X-First": str(100 * number)})()]

    with FaultServer(serve) as server, client(server.url, timeout=30) as api:
        with ThreadPoolExecutor(16) as pool:
            found = list(pool.map(work, range(64)))

        assert found == [list(range(100 * number, 100 * number + 20)) for number in range(64)]
        assert server.most_open <= 16


def test_the_first_use_of_an_operation_by_all_at_once() -> None:
    with FaultServer(echo) as server:
        for _ in range(5):
            with client(server.url) as api, ThreadPoolExecutor(8) as pool:
                assert [thing.id for thing in pool.map(lambda _: api.getThing("x"), range(8))] == ["x"] * 8
