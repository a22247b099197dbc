"""What a prompt shows is no more than what happened: an interrupt, a command line, an error, a misspelled option."""

import asyncio
import inspect
import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_server import CLOSE, FaultServer, stream
from shop import SHOP
from small_api import API, KEY

from dynaopenai import AsyncClient, Client
from dynaopenai.errors import Interrupted


def interrupted(work: Callable[[], Any]) -> Interrupted:
    """What Ctrl-C makes of work that waits."""
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            work()
    finally:
        timer.cancel()
    assert isinstance(caught.value, Interrupted)
    return caught.value


@pytest.mark.skipif(os.name != "posix", reason="os.kill sends no Ctrl-C")
@pytest.mark.parametrize("operation", ["getThing", "streamItems"])
def test_an_interrupt_is_two_lines(operation: str) -> None:
    held = [stream({"n": 1}, end=False), 1.5, CLOSE] if operation == "streamItems" else [1.5, CLOSE]
    with FaultServer(held) as server, Client(API, base_url=server.url, api_key=KEY) as api:
        error = interrupted(lambda: list(api.streamItems()) if operation == "streamItems" else api.getThing("a"))

    echoed, *line, last = error._render_traceback_()
    assert echoed == ""
    assert len(line) <= 1
    assert last == f"KeyboardInterrupt: {operation} was interrupted"
    ours = [entry for entry in _frames(error) if "dynaopenai" in entry.f_code.co_filename]
    assert len(ours) <= 3


def _frames(error: BaseException) -> list[Any]:
    found, trace = [], error.__traceback__
    while trace is not None:
        found.append(trace.tb_frame)
        trace = trace.tb_next
    return found


def test_a_command_line_reads_as_one() -> None:
    command = Client(SHOP).download.curl(7)

    assert repr(command) == str(command)
    assert repr(command).startswith("curl ")
    assert isinstance(command, str)
    assert pickle.loads(pickle.dumps(command)) == command


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_misspelled_option_leads_to_the_right_one(kind: type) -> None:
    with pytest.raises(TypeError, match=rf"{kind.__name__}\(\) has no option 'tiemout'; did you mean \"timeout\"\?"):
        kind(SHOP, tiemout=1)
    with pytest.raises(TypeError, match="has no option 'zzz'; it has api_key, base_url"):
        kind(SHOP, zzz=1)

    assert list(inspect.signature(kind).parameters)[:2] == ["spec", "api_key"]


def test_a_misused_call_is_told_once() -> None:
    async def misuse() -> None:
        call = AsyncClient(SHOP).listOrders()
        with pytest.raises(AttributeError, match="was called and not awaited"):
            call.data  # noqa: B018 - the mistake
        with pytest.raises(TypeError, match="was called and not awaited"):
            call["data"]
        del call

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        asyncio.run(misuse())

    assert [str(warning.message) for warning in found] == []


TESTS = """
import pytest
from dynaopenai import Client

client = Client(api_key="x")

def test_arguments(): client.createChatCompletion(mesages=[])
def test_name(): client.nothing
def test_group(): client.chat.nope
def test_option(): client.with_options(tiemout=1)
def test_constructor(): Client(tiemout=1)
def test_schema(): client.schema("Nope")
def test_key(openapi_client, openapi_mock):
    openapi_mock.createEmbedding.returns({})
    openapi_client.createEmbedding(model="text-embedding-ada-002", input="x").dta
def test_lie(openapi_mock): openapi_mock.createEmbedding.returns({"data": 1})
"""


def test_in_pytest_no_frame_of_ours_is_shown(tmp_path: Path) -> None:
    (tmp_path / "test_them.py").write_text(TESTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path)]
    shown = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path).stdout

    assert "8 failed" in shown
    assert [line for line in shown.splitlines() if f"dynaopenai{os.sep}_" in line and ".py:" in line] == []
    assert "test_them.py:6: RequestValidationError" in shown or "test_them.py:7: RequestValidationError" in shown
