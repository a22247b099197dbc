"""Connections of our own: one for many calls, none used again that might not be at its beginning, none left behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from fault_server import CLOSE, STALL, FaultServer, answer, chunked, stream
from small_api import client as plain_client

from dynaopenai import APITimeoutError
from dynaopenai._transport.over_socket import SITES

GOOD = answer({"id": "a"})
CHUNKED = chunked(b'{"id"', b': "a"}')


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.002)
    assert holds()


def test_a_first_answer_needs_neither_requests_nor_urllib3() -> None:
    code = """
import sys
from fault_server import FaultServer, answer
from small_api import client
with FaultServer(answer({"id": "a"})) as server, client(server.url) as api:
    api.getThing("a")
    print(*{"requests", "urllib3", "http.client", "ssl"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=_environment())

    assert done.stdout.split() == []


def _environment() -> dict[str, str]:
    import os
    from pathlib import Path

    plain = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**plain, "PYTHONPATH": str(Path(__file__).parents[1] / "shared")}


@pytest.mark.parametrize(
    ("reply", "connections"),
    [
        (GOOD, 1),
        (CHUNKED, 1),
        (answer(b"", 204), 1),
        (answer({"id": "a"}, 200, "Connection: close"), 3),
        (GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"), 3),
        (GOOD + b"HTTP/1.1 200 OK\r\n\r\n", 3),  # whose answer would that be?
        (CHUNKED + b"HTTP/1.1 200 OK\r\n\r\n", 3),
        (answer(b"", 204) + b"more", 3),
        (b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + GOOD, 1),
        ([GOOD, CLOSE], 3),
    ],
)
def test_a_connection_is_used_again_where_it_is_at_its_beginning(client: Any, reply: Any, connections: int) -> None:
    with FaultServer(reply) as server, client(server.url) as api:
        for _ in range(3):
            assert api.createThing(body={}) in ({"id": "a"}, None)
            if connections == 3:
                until(lambda: server.open == 0)

        assert (len(server.received), server.connections) == (3, connections)


def test_of_many_sites_few_keep_their_connections(client: Any) -> None:
    servers = [FaultServer(GOOD).__enter__() for _ in range(SITES + 2)]
    api = client(servers[0].url)
    try:
        for server in servers:
            api.with_options(base_url=server.url).getThing("a")
        until(lambda: sum(server.open for server in servers) == SITES)
        assert [server.open for server in servers] == [0, 0] + [1] * SITES
    finally:
        api.close()
        for server in servers:
            server.__exit__()


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("leave", ["close", "forget"])
def test_nothing_is_left_open(leave: str) -> None:
    with FaultServer(GOOD) as server:
        api = plain_client(server.url)
        api.getThing("a")
        until(lambda: server.open == 1)
        if leave == "close":
            api.close()
        del api
        gc.collect()
        until(lambda: server.open == 0)


def test_as_many_are_open_as_may_be_and_each_place_is_free_again_once() -> None:
    open_end = [stream({"n": 1}, end=False), STALL]
    with FaultServer(lambda request: open_end if request.target.endswith("stream") else GOOD) as server:
        with plain_client(server.url, max_connections=2, timeout=(0.05, 5), max_retries=0) as api:
            for _ in range(5):
                api.getThing("a")
            held = [api.streamItems(), api.streamItems()]
            with pytest.raises(APITimeoutError, match=r"no connection came free within 0\.05 s, all 2 are in use"):
                api.getThing("a")
            held[0].close()
            held[0].close()
            held[0] = api.streamItems()
            with pytest.raises(APITimeoutError):
                api.getThing("a")
            held.clear()
            gc.collect()  # which gives places back, too
            held = [api.streamItems(), api.streamItems()]
            for each in held:
                each.close()
