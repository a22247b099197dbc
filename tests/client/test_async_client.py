"""AsyncClient: calls are awaited, and who forgets to, or to close, is told where."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fault_server import STALL, FaultServer, Received, answer, stream
from small_api import API, KEY

from dynaopenai import (
    APIConnectionError,
    AsyncBinary,
    AsyncClient,
    AsyncOperation,
    AsyncStream,
    Data,
    RequestValidationError,
    Response,
)

GOOD = answer({"id": "a"})


def client(url: str, **options: Any) -> AsyncClient:
    return AsyncClient(API, base_url=url, api_key=KEY, **{"timeout": 5, **options})


async def until(condition: Any) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came true")


def test_calls_files_streams_and_responses_are_awaited(tmp_path: Path) -> None:
    file = answer(b"x" * 100_000, content_type="application/octet-stream")

    async def main() -> None:
        with FaultServer(GOOD, GOOD, stream({"n": 1}, {"n": 2}, "[DONE]"), stream({"n": 1}, "[DONE]"), file, file) as server:
            async with client(server.url) as api:
                assert isinstance(await api.getThing("a"), Data)
                assert isinstance(await api.createThing.send(id="b"), Response)
                async with await api.streamItems() as items:
                    assert isinstance(items, AsyncStream)
                    assert [item.n async for item in items] == [1, 2]
                async with api.streamItems() as items:
                    assert [item.n async for item in items] == [1]
                binary = await api.getFile()
                assert isinstance(binary, AsyncBinary)
                assert (await binary.save(tmp_path / "f")).read_bytes() == b"x" * 100_000
                assert len(b"".join([piece async for piece in await api.getFile()])) == 100_000
            assert server.connections == 1

    asyncio.run(main())


def test_what_sends_nothing_is_called_as_ever() -> None:
    api = client("http://127.0.0.1:1")
    operation = api.createThing
    assert isinstance(operation, AsyncOperation)
    assert operation is api["createThing"] is api.create_thing
    assert operation.prepare(id="a").method == "POST"
    assert operation.curl(id="a").startswith("curl ")
    assert api.sendFile.validate_request(file=1) != []
    assert api.find("thing")[0].id
    assert "AsyncClient" in repr(api)
    assert pickle.loads(pickle.dumps(api)).base_url == api.base_url
    assert pickle.loads(pickle.dumps(operation)).id == "createThing"


def test_a_call_is_a_coroutine_that_says_what_is_missing() -> None:
    api = client("http://127.0.0.1:1")
    call = api.getThing("a")
    assert isinstance(call, Coroutine)
    assert inspect.isawaitable(call)
    assert repr(call) == "<Call of getThing, not sent yet: await client.getThing(...)>"
    with pytest.raises(AttributeError, match=r"getThing was called and not awaited: \(await client.getThing\(...\)\).id"):
        _ = call.id
    with pytest.raises(TypeError, match=r"\(await client.getThing\(...\)\)\['id'\]"):
        call["id"]
    with pytest.raises(TypeError, match="not awaited"):
        list(call)
    forgotten = api.getThing("a")
    with pytest.warns(RuntimeWarning, match="getThing was never awaited, so nothing was sent") as told:
        del forgotten
    assert told[0].filename == __file__


def test_arguments_are_refused_where_it_is_awaited() -> None:
    async def main() -> None:
        call = client("http://127.0.0.1:1").sendFile(file=1)
        with pytest.raises(RequestValidationError, match="file: found 1"):
            await call

    asyncio.run(main())


def test_forgetting_to_close_warns_once_at_the_line_that_opened_it() -> None:
    async def main() -> None:
        with FaultServer(GOOD) as server:
            api = client(server.url)
            await asyncio.gather(*(api.getThing("a") for _ in range(3)))

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        asyncio.run(main())
        gc.collect()
    assert [(each.category, each.filename) for each in told] == [(ResourceWarning, __file__)]
    assert "AsyncClient was not closed" in str(told[0].message)


def test_it_is_used_in_one_event_loop_after_another() -> None:
    with FaultServer(GOOD) as server:
        api = client(server.url)

        async def once() -> Any:
            return (await api.getThing("a")).id

        assert [asyncio.run(once()) for _ in range(3)] == ["a"] * 3
        assert server.connections == 3

        async def last() -> None:
            await once()
            await api.close()

        asyncio.run(last())


@pytest.mark.parametrize("script", [[STALL], [stream({"n": 1}, end=False), STALL]], ids=["call", "stream"])
def test_cancelling_frees_the_connection_at_once_and_leaves_no_task(script: Any) -> None:
    came: list[Any] = []

    async def read(api: AsyncClient) -> None:
        async for item in await api.streamItems():
            came.append(item.n)  # noqa: PERF401 - what came before it was cancelled counts

    async def main() -> None:
        with FaultServer(script) as server:
            async with client(server.url, timeout=60) as api:
                task = asyncio.create_task(read(api))
                await asyncio.sleep(0.2)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await until(lambda: server.open == 0)
                assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert came == ([1] if len(script) == 2 else [])


def test_no_more_connections_than_allowed_are_open_and_everyone_gets_one() -> None:
    async def main() -> None:
        with FaultServer(GOOD) as server:
            async with client(server.url, max_connections=5) as api:
                assert [each.id for each in await asyncio.gather(*(api.getThing("a") for _ in range(300)))] == ["a"] * 300
            assert server.connections == server.most_open == 5

    asyncio.run(main())


def test_uploads_are_read_while_they_are_sent(tmp_path: Path) -> None:
    path = tmp_path / "f.bin"
    path.write_bytes(b"x" * 600_000)
    done: list[Any] = []

    async def pieces(*given: Any) -> AsyncIterator[Any]:
        for piece in given:
            await asyncio.sleep(0)
            yield piece

    async def main() -> None:
        with FaultServer(GOOD) as server, path.open("rb") as file:
            async with client(server.url) as opened:
                api = opened.with_options(progress=lambda *report: done.append(report))
                for source in (path, file, b"x" * 600_000, pieces(b"x" * 300_000, b"", bytearray(300_000))):
                    await api.putFile(source)
                await api.sendFile(file=("name.txt", pieces(b"one ", b"two")), purpose="p")
                with pytest.raises(APIConnectionError, match="the body broke off after 3 bytes: found 5, expected bytes"):
                    await api.putFile(pieces(b"one", 5))
            assert [len(each.body) for each in server.received[:4]] == [600_000] * 4
            assert [each.header("Transfer-Encoding") for each in server.received[:5]] == [None] * 3 + ["chunked"] * 2
            assert b'filename="name.txt"' in server.received[4].body
            assert b"one two" in server.received[4].body

    asyncio.run(main())
    assert done[2] == (600_000, 600_000)


def test_hooks_may_be_coroutine_functions() -> None:
    seen: list[Any] = []

    async def on_request(request: Any) -> None:
        await asyncio.sleep(0)
        request.headers["X-Signature"] = "s"
        seen.append(request.method)

    async def on_response(response: Any) -> None:
        seen.append(response.status_code)

    async def on_retry(retry: Any) -> None:
        seen.append(retry.status_code)

    async def main() -> None:
        with FaultServer(answer({}, 503, "retry-after-ms: 1"), GOOD) as server:
            async with client(server.url, on_request=on_request, on_response=on_response, on_retry=on_retry) as api:
                await api.getThing("a")
            assert server.received[0].header("X-Signature") == "s"

    asyncio.run(main())
    assert seen == ["GET", 503, "GET", 200]


def test_a_session_of_the_user_is_used_as_it_is_and_left_open() -> None:
    async def main() -> None:
        with FaultServer(GOOD) as other, FaultServer(GOOD, answer(b"", 302, f"Location: {other.url}/x")) as server:
            async with aiohttp.ClientSession(headers={"X-Api-Key": "k"}) as session:
                async with client(server.url, session=session) as api:
                    await api.getThing("a")
                    await api.getThing("a")
                assert not session.closed
            assert server.received[0].header("X-Api-Key") == "k"
            assert server.received[0].header("Authorization") == f"Bearer {KEY}"
            assert (other.received[0].header("X-Api-Key"), other.received[0].header("Authorization")) == (None, None)

    asyncio.run(main())


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        with FaultServer(GOOD) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "http://me:pw@"))
            monkeypatch.setenv("no_proxy", "")
            async with client("http://far.example/v1") as api:
                await api.getThing("a")
        assert proxy.received[0].line == b"GET http://far.example/v1/things/a HTTP/1.1"
        assert proxy.received[0].header("Proxy-Authorization") == "Basic bWU6cHc="

    asyncio.run(main())


@pytest.mark.parametrize("most", [0, -1, True, "5"])
def test_how_many_connections_is_a_count(most: Any) -> None:
    with pytest.raises(ValueError, match="max_connections: found"):
        client("http://127.0.0.1:1", max_connections=most)


def test_pages_and_items_are_fetched_as_they_are_asked_for() -> None:
    def serve(request: Received) -> bytes:
        number = int(request.target.partition("page=")[2] or 1)
        return answer({"data": [{"n": number * 10}, {"n": number * 10 + 1}], "total_pages": 3})

    parameters = [{"name": "page", "in": "query", "schema": {"type": "integer"}}]
    content = {"application/json": {"schema": {"type": "object"}}}
    operation = {"operationId": "listAll", "parameters": parameters, "responses": {"200": {"description": "", "content": content}}}
    document = {"openapi": "3.1.0", "info": {"title": "Pages", "version": "1"}, "paths": {"/all": {"get": operation}}}

    async def main() -> None:
        with FaultServer(serve) as server:
            async with AsyncClient(document, base_url=server.url) as api:
                assert [item["n"] async for item in api.listAll.items()] == [10, 11, 20, 21, 30, 31]
                assert [len(page.data) async for page in api.listAll.pages()] == [2, 2, 2]
                asked = len(server.received)
                async for _ in api.listAll.items():
                    break
                assert len(server.received) == asked + 1
                with pytest.raises(RequestValidationError):
                    await anext(api.listAll.items(page="one"))

    asyncio.run(main())


def test_a_timeout_around_a_call_ends_it() -> None:
    async def main() -> None:
        with FaultServer([STALL]) as server:
            async with client(server.url, timeout=60) as api:
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(api.getThing("a"), 0.2)
                await until(lambda: server.open == 0)

    asyncio.run(main())


PROMPT = """
import sys
sys.path[:0] = ["tests/shared", "."]
from fault_server import FaultServer, answer
from small_api import API, KEY
from dynaopenai import AsyncClient
server = FaultServer(answer({"id": "a"})).__enter__()
client = AsyncClient(API, base_url=server.url, api_key=KEY)
"""
IPYTHON = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in ({PROMPT!r}, "print((await client.getThing('a')).id)", "client.getThing('a')", "await client.close()"):
    shell.run_cell(cell).raise_error()
"""


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-c", IPYTHON], ""),
        (["-m", "asyncio"], f"{PROMPT}print((await client.getThing('a')).id)\nclient.getThing('a')\nawait client.close()\n"),
    ],
    ids=["IPython", "python -m asyncio"],
)
def test_calls_are_awaited_at_the_prompt(words: list[str], text: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, *words], input=text, capture_output=True, text=True, check=False, timeout=60, cwd=root, env=environment
    )

    assert "a\n" in run.stdout, run.stderr
    assert "<Call of getThing, not sent yet: await client.getThing(...)>" in run.stdout
    assert "Traceback" not in run.stderr
