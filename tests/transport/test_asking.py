"""A credential that is asked for: before each try, one at a time, and told as such where it fails."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from fault_server import CLOSE, FaultServer, answer
from small_api import API, KEY

from dynaopenai import APITimeoutError, AsyncClient, Client, CredentialError

OK = answer({"id": "a"})
AGAIN = answer({}, 503, "Retry-After: 0")


class Keys:
    """Gives another key each time, and notes how many asked at once."""

    def __init__(self, pause: float = 0.0) -> None:
        self.asked, self.most, self._now, self._pause = 0, 0, 0, pause

    def begin(self) -> str:
        self._now += 1
        self.most = max(self.most, self._now)
        self.asked += 1
        return f"key-{self.asked}"

    def end(self) -> None:
        self._now -= 1

    def get(self) -> str:
        key = self.begin()
        time.sleep(self._pause)
        self.end()
        return key

    async def get_soon(self) -> str:
        key = self.begin()
        try:
            await asyncio.sleep(self._pause)
        finally:
            self.end()
        return key


def schemes(**declared: dict[str, str]) -> dict[str, Any]:
    """The small document with these security schemes, all of them asked for."""
    return {**API, "security": [{key: [] for key in declared}], "components": {"securitySchemes": declared}}


def shown(server: FaultServer) -> list[str | None]:
    return [received.header("Authorization") for received in server.received]


def test_it_is_asked_before_each_try(a_client: Any) -> None:
    keys = Keys()
    with FaultServer(AGAIN, (CLOSE,), OK, OK) as server:
        client = a_client(API, base_url=server.url, api_key=keys.get, max_retries=2, timeout=5)
        client.getThing("a")
        client.getThing("b")
        assert shown(server) == ["Bearer key-1", "Bearer key-2", "Bearer key-3", "Bearer key-4"]


def test_a_redirect_takes_it_along_where_a_redirect_may(a_client: Any) -> None:
    keys = Keys()
    with FaultServer(OK) as far, FaultServer(answer(b"", 307, "Location: /things/b"), answer(b"", 307, f"Location: {far.url}/x")) as near:
        a_client(API, base_url=near.url, api_key=keys.get).getThing("a")
        assert shown(near) == ["Bearer key-1", "Bearer key-1"]
        assert (shown(far), keys.asked) == ([None], 1)


def test_each_page_is_a_try_of_its_own(a_client: Any) -> None:
    with FaultServer(answer([{"id": "a"}], 200, 'Link: </things?page=2>; rel="next"'), answer([{"id": "b"}])) as server:
        client = a_client(API, base_url=server.url, api_key=Keys().get)
        assert [thing.id for thing in client.listThings.items()] == ["a", "b"]
        assert shown(server) == ["Bearer key-1", "Bearer key-2"]


def test_each_scheme_asks_its_own(a_client: Any) -> None:
    declared = {
        "token": {"type": "http", "scheme": "bearer"},
        "app": {"type": "apiKey", "in": "header", "name": "X-App"},
        "sig": {"type": "apiKey", "in": "query", "name": "sig"},
        "seat": {"type": "apiKey", "in": "cookie", "name": "seat"},
    }
    credentials = {"token": Keys().get, "app": "plain", "sig": Keys().get, "seat": Keys().get}
    with FaultServer(AGAIN, answer([])) as server:
        a_client(schemes(**declared), base_url=server.url, api_key=credentials).listThings(q="1")
        for number, received in enumerate(server.received, 1):
            assert received.target == f"/things?q=1&sig=key-{number}"
            found = [received.header(name) for name in ("Authorization", "X-App", "Cookie")]
            assert found == [f"Bearer key-{number}", "plain", f"seat=key-{number}"]


def test_a_pair_may_be_returned(a_client: Any) -> None:
    with FaultServer(OK) as server:
        a_client(schemes(basic={"type": "http", "scheme": "basic"}), base_url=server.url, api_key=lambda: ("u", "p")).getThing("a")
        assert shown(server) == ["Basic dTpw"]


def test_a_header_that_the_caller_gives_stays(a_client: Any) -> None:
    with FaultServer(OK) as server:
        a_client(API, base_url=server.url, api_key=Keys().get, headers={"authorization": "Mine"}).getThing("a")
        assert shown(server) == ["Mine"]


def test_an_empty_one_means_that_none_is_sent(a_client: Any) -> None:
    with FaultServer(OK) as server:
        a_client(API, base_url=server.url, api_key=lambda: "").getThing("a")
        assert shown(server) == [None]


# --- failures ------------------------------------------------------------------------------------


def refuse() -> str:
    raise ValueError(f"no key but {KEY}")


async def refuse_soon() -> str:
    raise ValueError(f"no key but {KEY}")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (refuse, r"getThing was not sent: the credential: refuse \(test_asking.py:\d+\) raised ValueError$"),
        (partial(refuse), r"refuse \(test_asking.py:\d+\) raised ValueError$"),
        (lambda: None, r"returned a value of type NoneType, expected a string or a pair \(user, password\)$"),
        (lambda: b"sk-canary-27182818", "returned a value of type bytes, expected a string or a pair"),
        (lambda: f"{KEY}\n", "has characters that no header can carry"),
    ],
)
def test_its_failure_is_told_as_such(a_client: Any, source: Any, message: str) -> None:
    with FaultServer(OK) as server:
        client = a_client(API, base_url=server.url, api_key=source)
        with pytest.raises(CredentialError, match=message) as caught:
            client.getThing("a")
        assert (server.received, caught.value.operation_id) == ([], "getThing")
    assert "canary" not in str(caught.value)
    assert (type(caught.value.__cause__) is ValueError) == ("raised" in message)


def test_what_has_to_be_awaited_is_for_an_async_client() -> None:
    with pytest.raises(CredentialError, match=r"refuse_soon .* has to be awaited, as AsyncClient does"):
        Client(API, base_url="http://127.0.0.1:1", api_key=refuse_soon).getThing("a")
    assert "Authorization" not in Client(API, base_url="http://127.0.0.1:1", api_key=refuse_soon).getThing.prepare("a").headers


def test_what_is_awaited_fails_as_what_is_called() -> None:
    async def main() -> None:
        async with AsyncClient(API, base_url="http://127.0.0.1:1", api_key=refuse_soon) as client:
            await client.getThing("a")

    with pytest.raises(CredentialError, match=r"refuse_soon .* raised ValueError") as caught:
        asyncio.run(main())
    assert isinstance(caught.value.__cause__, ValueError)


def test_no_key_is_shown_or_written_down() -> None:
    client = Client(API, base_url="http://127.0.0.1:1", api_key=lambda: KEY)
    request = client.getThing._request(("a",), {})
    for text in (repr(client), repr(request), repr(request.pending), repr(client._settings), client.getThing.curl("a")):
        assert "canary" not in text
    assert b"canary" not in pickle.dumps((client, client.getThing, request))


def test_it_goes_where_a_credential_may_go() -> None:
    document = {**API, "paths": {"/things/{id}": {"get": {**API["paths"]["/things/{id}"]["get"], "servers": [{"url": "https://evil.example"}]}}}}
    keys = Keys()
    with pytest.raises(ValueError, match=r"is not sent to https://evil\.example"):
        Client({**document, "servers": [{"url": "https://home.example"}]}, api_key=keys.get).getThing("a")
    assert keys.asked == 0


# --- one at a time -------------------------------------------------------------------------------


def test_threads_ask_one_after_the_other() -> None:
    keys = Keys(0.002)
    with FaultServer(lambda _: OK) as server, ThreadPoolExecutor(8) as pool:
        clients = [Client(API, base_url=server.url, api_key=keys.get) for _ in range(2)]
        list(pool.map(lambda number: clients[number % 2].with_options(api_key=keys.get).getThing("a"), range(24)))
        assert (keys.most, sorted(shown(server))) == (1, sorted(f"Bearer key-{number}" for number in range(1, 25)))


@pytest.mark.parametrize("name", ["get", "get_soon"])
def test_tasks_ask_one_after_the_other(name: str) -> None:
    keys = Keys(0.002)

    async def main(url: str) -> None:
        async with AsyncClient(API, base_url=url, api_key=getattr(keys, name)) as client:
            await asyncio.gather(*(client.getThing("a") for _ in range(16)))

    with FaultServer(lambda _: OK) as server:
        asyncio.run(main(server.url))
        assert (keys.most, keys.asked, len(set(shown(server)))) == (1, 16, 16)


@pytest.mark.parametrize("name", ["get", "get_soon"])
def test_who_gives_up_leaves_the_turn_to_the_next(name: str) -> None:
    keys = Keys(0.05)

    async def main(url: str) -> None:
        async with AsyncClient(API, base_url=url, api_key=getattr(keys, name)) as client:
            first = asyncio.ensure_future(client.getThing("a"))
            while not keys.asked:  # noqa: ASYNC110 - by another thread, where it is no coroutine function
                await asyncio.sleep(0.001)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            await asyncio.wait_for(client.getThing("b"), 5)

    with FaultServer(lambda _: OK) as server:
        asyncio.run(main(server.url))
        assert (keys.most, shown(server)) == (1, ["Bearer key-2"])


def test_waiting_for_the_turn_has_an_end() -> None:
    begun, free = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        free.wait(5)
        return "k"

    with FaultServer(lambda _: OK) as server:
        client = Client(API, base_url=server.url, api_key=slow, max_retries=0)
        holder = threading.Thread(target=client.getThing, args=("a",))
        holder.start()
        begun.wait(5)
        with pytest.raises(APITimeoutError, match=r"timed out while .*slow.* was asked"):
            client.with_options(timeout=(1, 1, 0.05)).getThing("b")
        free.set()
        holder.join()
