"""Connections belong to the process that opened them: parent and children never get each other's answers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

START = """
import asyncio, os, sys
sys.path[:0] = ["tests/shared", "."]
import requests
from fault_server import FaultServer, answer, stream, STALL
from small_api import API, KEY
from dynaopenai import APIConnectionError, AsyncClient, Client

server = FaultServer(lambda request: answer({"id": request.target.rpartition("/")[2]}))
server.__enter__()
"""

CALLS = """
def right(call, name, count):
    return all(call(f"{name}{n}") == f"{name}{n}" for n in range(count))

children = []
for child in range(4):
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if right(call, f"child{child}x", 25) else 1)
        finally:
            os._exit(2)
    children.append(pid)
assert right(call, "parent", 50)
assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
print("ok")
"""

CLIENTS = {
    "own": "client = Client(API, base_url=server.url, api_key=KEY, max_retries=0)\ncall = lambda name: client.getThing(name).id",
    "session": "client = Client(API, base_url=server.url, api_key=KEY, max_retries=0, session=requests.Session())\n"
    "call = lambda name: client.getThing(name).id",
    "async": "client = AsyncClient(API, base_url=server.url, api_key=KEY, max_retries=0)\n"
    "call = lambda name: asyncio.new_event_loop().run_until_complete(client.getThing(name)).id",
}


def run(text: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", text]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("kind", CLIENTS)
def test_parent_and_children_get_their_own_answers(kind: str) -> None:
    done = run(f'{START}{CLIENTS[kind]}\nassert call("first") == "first"\n{CALLS}')

    assert done.stdout == "ok\n", done.stderr


def test_a_child_cannot_read_what_its_parent_has_open() -> None:
    done = run(f"""{START}
server.script = [[stream({{"n": 1}}, {{"n": 2}}, end=False), STALL]]
items = Client(API, base_url=server.url, api_key=KEY).streamItems()
assert next(items).n == 1
pid = os.fork()
if pid == 0:
    try:
        assert next(items).n == 2  # came with the first
        next(items)
    except APIConnectionError as error:
        os._exit(0 if "belongs to the process" in str(error) else 1)
    finally:
        os._exit(2)
assert os.waitpid(pid, 0)[1] == 0
assert next(items).n == 2
print("ok")
""")

    assert done.stdout == "ok\n", done.stderr


def test_no_thread_of_a_child_goes_on_with_a_connection_of_its_parent() -> None:
    done = run(f"""{START}
import threading
from dynaopenai._transport import over_requests
client = Client(API, base_url=server.url, api_key=KEY, max_retries=0)
client.getThing("parent")
pid = os.fork()
if pid == 0:
    class Slow(over_requests.Environment):
        def __init__(self):
            over_requests.Environment = Slow.__base__
            other = threading.Thread(target=client.getThing, args=["other"])  # comes by while this one begins anew
            other.start()
            other.join()
            super().__init__()
    over_requests.Environment = Slow
    client.getThing("child")
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
print(*[(request.target.rpartition("/")[2], request.connection == 1) for request in server.received])
""")

    assert done.stdout == "('parent', True) ('other', False) ('child', False)\n", done.stderr
