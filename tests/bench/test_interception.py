"""A mock stands beside other mocks, whoever came first, and tells clients that it cannot answer who can."""

import asyncio
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from dynaopenai import APIConnectionError, Client
from dynaopenai.testing import Mock, MockServer, UnmockedCallError, record, replay

CLIENT = Client()
HOME = "https://api.openai.com/v1"
OTHER = "https://other.example/thing"


def _responses(stack: ExitStack) -> None:
    responses = pytest.importorskip("responses")
    mock = stack.enter_context(responses.RequestsMock())
    mock.get(OTHER, json={"from": "the other"})


def _requests_mock(stack: ExitStack) -> None:
    requests_mock = pytest.importorskip("requests_mock")
    stack.enter_context(requests_mock.Mocker()).get(OTHER, json={"from": "the other"})


@pytest.mark.parametrize("other", [_responses, _requests_mock])
@pytest.mark.parametrize("is_first", [True, False])
def test_another_mock_keeps_what_is_its_own(other: Callable[[ExitStack], None], is_first: bool) -> None:
    with ExitStack() as stack:
        if is_first:
            other(stack)
        mock = stack.enter_context(Mock(CLIENT))
        if not is_first:
            other(stack)
        mock.retrieveModel.returns({"id": "ours"})

        assert requests.get(OTHER, timeout=5).json() == {"from": "the other"}
        assert requests.get(f"{HOME}/models/x", headers={"Authorization": "Bearer x"}, timeout=5).json()["id"] == "ours"
        assert mock.client.retrieveModel("x").id == "ours"
        with requests.Session() as session:
            assert session.get(f"{HOME}/models/x", headers={"Authorization": "Bearer x"}, timeout=5).json()["id"] == "ours"
        assert mock.retrieveModel.call_count == 3


@pytest.mark.parametrize("other", [_responses, _requests_mock])
def test_a_mock_that_is_stopped_only_passes_on(other: Callable[[ExitStack], None]) -> None:
    with ExitStack() as stack:
        mock = Mock(CLIENT, assert_all_used=False).start()
        other(stack)
        mock.stop()  # not in the order of the book
        assert requests.get(OTHER, timeout=5).json() == {"from": "the other"}
        with Mock(CLIENT):
            pass

    with MockServer() as server:
        assert requests.get(f"{server.url}/models", headers={"Authorization": "Bearer x"}, timeout=5).ok


def test_mocks_of_several_documents_answer_each_its_own() -> None:
    document: Any = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example"}],
        "paths": {"/a": {"get": {"operationId": "getA", "responses": {"200": {"description": "", "content": {"application/json": {}}}}}}},
    }
    with Mock(document) as shop, Mock(CLIENT) as mock:
        shop.getA.returns({"a": 1})
        mock.listModels.returns()
        assert requests.get("https://shop.example/a", timeout=5).json() == {"a": 1}
        assert mock.client.listModels().object == "list"
        assert shop.client.getA() == {"a": 1}


def test_the_inner_of_two_mocks_of_one_document_answers() -> None:
    with Mock(CLIENT), Mock(CLIENT) as inner:
        inner.retrieveModel.returns({"id": "inner"})
        assert Client(api_key="sk-x").retrieveModel("x").id == "inner"


def test_what_leads_elsewhere_is_refused_where_no_other_mock_is() -> None:
    mock = Mock(CLIENT).start()
    with pytest.raises(UnmockedCallError, match="leads elsewhere"):
        requests.get(OTHER, timeout=5)
    with pytest.raises(UnmockedCallError, match="leads elsewhere"):
        mock.stop()


def _mounted_adapter(stack: ExitStack) -> requests.Session:
    adapter = pytest.importorskip("requests_mock").Adapter()
    adapter.register_uri("GET", OTHER, json={})
    session = stack.enter_context(requests.Session())
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _vcrpy(stack: ExitStack) -> None:
    vcr = pytest.importorskip("vcr")
    stack.enter_context(vcr.use_cassette("no-such-cassette.yaml", record_mode="none"))


REFUSALS = [
    (_responses, "doesn't match any registered mock", 1),
    (_requests_mock, "No mock address: GET http://third.example/models", 0),
    (_mounted_adapter, "No mock address: GET http://third.example/models", 0),
    (_vcrpy, "no-such-cassette.yaml", 0),
]


@pytest.mark.parametrize(("other", "words", "retries"), REFUSALS)
def test_why_another_mock_refused_is_kept(other: Callable[[ExitStack], Any], words: str, retries: int) -> None:
    told: list[Any] = []
    options = {"api_key": "sk-secret-27182818", "max_retries": 1, "on_retry": told.append}
    with ExitStack() as stack:
        session = other(stack)
        client = Client(base_url="http://third.example", session=session, **options)
        with pytest.raises(APIConnectionError, match=words) as caught:
            client.listModels()
        if other is not _vcrpy:
            (session or requests).get(OTHER, timeout=5)
        client.close()

    assert "27182818" not in str(caught.value)
    assert len(told) == retries, "a mock of this kind refuses for good, where its error does not pass for the network's"


class OfAHookError(Exception):
    """Of the user's own."""


def test_an_error_of_the_users_own_hook_stays_what_it_is_beside_another_mock() -> None:
    def hook(*_args: Any, **_kwargs: Any) -> None:
        raise OfAHookError

    with ExitStack() as stack, requests.Session() as session:
        session.hooks["response"].append(hook)
        requests_mock = pytest.importorskip("requests_mock")
        stack.enter_context(requests_mock.Mocker()).get("http://third.example/models", json={})
        with pytest.raises(OfAHookError):
            Client(base_url="http://third.example", session=session, api_key="sk-x").listModels()


def test_cookies_of_an_answer_are_kept_by_a_session() -> None:
    with Mock(CLIENT) as mock, requests.Session() as session:
        mock.listModels.returns(headers={"Set-Cookie": "a=1; Path=/"})
        session.get(f"{HOME}/models", headers={"Authorization": "Bearer x"}, timeout=5)
        assert session.cookies["a"] == "1"


def _httpx(url: str) -> None:
    pytest.importorskip("httpx").get(url)


def _httpx_async(url: str) -> None:
    httpx = pytest.importorskip("httpx")

    async def ask() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(url)

    asyncio.run(ask())


def _aiohttp(url: str) -> None:
    aiohttp = pytest.importorskip("aiohttp")

    async def ask() -> None:
        async with aiohttp.ClientSession() as session, session.get(url):
            pass

    asyncio.run(ask())


def _urllib(url: str) -> None:
    urllib.request.urlopen(url)


@pytest.mark.parametrize(("ask", "name"), [(_httpx, "httpx"), (_httpx_async, "httpx"), (_aiohttp, "aiohttp"), (_urllib, "urllib")])
def test_a_client_that_cannot_be_answered_is_told_who_can(ask: Callable[[str], None], name: str) -> None:
    pytest.importorskip(name)  # before the mock begins, which a skip would leave in force
    mock = Mock(CLIENT).start()
    with pytest.raises(Exception, match=r"which this mock answers for code that uses requests(.|\n)*openapi_server"):
        ask(f"{HOME}/models")
    with pytest.raises(UnmockedCallError, match=rf"{name}.* calls? api\.openai\.com"):
        mock.stop()


@pytest.mark.filterwarnings("ignore")
def test_the_official_package_under_the_mock_in_process_is_told_too() -> None:
    openai = pytest.importorskip("openai")
    mock = Mock(CLIENT).start()
    try:
        with pytest.raises((openai.APIConnectionError, UnmockedCallError)) as caught:  # its client's own errors, or ours as it is
            openai.OpenAI(api_key="sk-x", max_retries=0, base_url=HOME).models.list()
        assert "openapi_server" in f"{caught.value}{caught.value.__cause__!r}"
    except BaseException:
        with suppress(UnmockedCallError):
            mock.stop()
        raise
    with pytest.raises(UnmockedCallError, match="openapi_server"):
        mock.stop()


def test_other_hosts_and_servers_of_this_machine_are_left_alone() -> None:
    with MockServer() as server, Mock(CLIENT, assert_all_used=False):
        url = f"{server.url}/models"
        answer = urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": "Bearer x"}))
        assert answer.status == 200
        answer.close()


def test_a_cassette_is_recorded_and_replayed_beside_another_mock(tmp_path: Path) -> None:
    with MockServer() as server:
        client = Client(base_url=server.url, api_key="sk-secret-27182818")
        with record(tmp_path / "a.yaml", client) as cassette:
            client.listModels()
            with ExitStack() as stack:
                _responses(stack)
                assert requests.get(OTHER, timeout=5).json() == {"from": "the other"}
        assert len(cassette.exchanges) == 1
    with ExitStack() as stack, replay(tmp_path / "a.yaml", client):
        _responses(stack)
        assert client.listModels().object == "list"
        assert requests.get(OTHER, timeout=5).json() == {"from": "the other"}


def test_nothing_but_requests_is_needed() -> None:
    script = (
        "import sys; sys.modules['responses'] = None; sys.modules['requests_mock'] = None\n"
        "from dynaopenai.testing import Mock\n"
        "with Mock() as mock: mock.listModels.returns(); print(mock.client.listModels().object)"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "list\n"
