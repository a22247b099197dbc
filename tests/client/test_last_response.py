"""What came last is told where it came: to a thread and to a task its own, without the data."""

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest
from fault_server import FaultServer, answer, stream
from small_api import API, KEY

from dynaopenai import AsyncClient, Client, NotFoundError, Response


def named(name: str, status: int = 200) -> bytes:
    return answer({"id": name}, status, f"x-request-id: {name}")


def facts_of(client: Client) -> Any:
    last = client.last_response
    return last and (last.request_id, last.status_code, last.data)


def test_it_is_the_last_answer_of_this_client() -> None:
    with FaultServer(named("one"), named("two", 404), named("three")) as server, Client(API, base_url=server.url, api_key=KEY) as api:
        assert api.last_response is None
        api.getThing("a")
        assert facts_of(api) == ("one", 200, None)
        with pytest.raises(NotFoundError):
            api.getThing("a")
        assert facts_of(api) == ("two", 404, None)
        other = api.with_options(max_retries=0)
        other.getThing("a")
        assert facts_of(api) == facts_of(other) == ("three", 200, None)


def test_another_client_changes_nothing() -> None:
    with FaultServer(named("one"), named("two")) as server:
        with Client(API, base_url=server.url, api_key=KEY) as first, Client(API, base_url=server.url, api_key=KEY) as second:
            first.getThing("a")
            second.getThing("a")
            found = first.last_response, second.last_response

    assert [isinstance(each, Response) and each.request_id for each in found] == ["one", "two"]


def test_a_stream_is_told_and_not_held() -> None:
    with FaultServer(stream({"n": 1}, "[DONE]")) as server, Client(API, base_url=server.url, api_key=KEY) as api:
        items = api.streamItems()
        held = weakref.ref(items)
        assert api.last_response is not None
        assert api.last_response.operation_id == "streamItems"
        items.close()
        del items
        gc.collect()

        assert held() is None


def test_each_thread_has_its_own() -> None:
    found: dict[str, Any] = {}

    def call(name: str) -> None:
        found[f"before {name}"] = api.last_response
        api.getThing(name)
        barrier.wait(5)
        found[name] = api.last_response

    barrier = threading.Barrier(2)
    answers = lambda request: named(request.target.rpartition("/")[2])  # noqa: E731 - a script of one line
    with FaultServer(answers, answers) as server, Client(API, base_url=server.url, api_key=KEY) as api:
        threads = [threading.Thread(target=call, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert api.last_response is None
    assert (found["before a"], found["before b"]) == (None, None)
    assert (found["a"].request_id, found["b"].request_id) == ("a", "b")


def test_each_task_has_its_own() -> None:
    async def call(api: AsyncClient, name: str) -> Any:
        await api.getThing(name)
        await asyncio.sleep(0.05)
        return api.last_response

    async def main(url: str) -> None:
        async with AsyncClient(API, base_url=url, api_key=KEY) as api:
            found = await asyncio.gather(*(call(api, name) for name in "abc"))
            assert [each.request_id for each in found] == ["a", "b", "c"]
            assert api.last_response is None
            await api.getThing("d")
            assert api.last_response is not None
            assert api.last_response.request_id == "d"

    answers = lambda request: named(request.target.rpartition("/")[2])  # noqa: E731 - a script of one line
    with FaultServer(answers, answers, answers, answers) as server:
        asyncio.run(main(server.url))


def test_clients_that_are_gone_leave_nothing() -> None:
    with FaultServer(*[named("x")] * 30) as server:
        gone = []
        for _ in range(30):
            with Client(API, base_url=server.url, api_key=KEY) as api:
                api.getThing("a")
                gone.append(weakref.ref(api._engine))
        from dynaopenai._client.last_response import _LAST

        del api
        gc.collect()
        assert sum(each() is not None for each in gone) == 0
        assert len(_LAST.get()) <= 30
