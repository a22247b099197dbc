"""The test bench answers calls under asyncio as it answers all others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import responses
from fault_server import FaultServer, answer, stream
from small_api import API, KEY

from dynaopenai import AsyncClient, RateLimitError
from dynaopenai.testing import InvalidCallError, Mock, UnmockedCallError, record, replay


def test_a_mock_answers_calls_streams_and_uploads() -> None:
    async def halves() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async def main(client: AsyncClient) -> None:
        assert await client.getThing("a") == {"id": "a"}
        assert [item.n async for item in await client.streamItems()] == [1, 2]
        assert await client.sendFile(file=halves()) == {"id": "f"}
        with pytest.raises(RateLimitError):
            await client.getThing("a")
        with pytest.raises(UnmockedCallError):
            await client.getFile()

    with pytest.raises(UnmockedCallError), Mock(API) as mock:  # noqa: PT012 - it is raised on leaving
        mock.getThing.returns({"id": "a"}).raises(429)
        mock.streamItems.streams([{"n": 1}, {"n": 2}])
        mock.sendFile.returns({"id": "f"})
        asyncio.run(main(mock.async_client))
    assert mock.sendFile.calls[0].arguments["file"] == b"one two"


def test_what_is_sent_is_checked() -> None:
    with pytest.raises(InvalidCallError), Mock(API) as mock:  # noqa: PT012 - it is raised on leaving
        mock.sendFile.returns({"id": "f"})
        asyncio.run(mock.async_client.with_options(validate_requests="off").sendFile(purpose="x"))


def test_exchanges_are_recorded_and_replayed(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"

    async def main(url: str) -> list[Any]:
        async with AsyncClient(API, base_url=url, api_key=KEY) as client:
            return [await client.getThing("a"), *[item async for item in await client.streamItems()]]

    with FaultServer(answer({"id": "a"}), stream({"n": 1}, "[DONE]")) as server:
        with record(path, API):
            first = asyncio.run(main(server.url))
        assert len(server.received) == 2
        assert KEY not in path.read_text()
        with replay(path, API):
            assert asyncio.run(main(server.url)) == first == [{"id": "a"}, {"n": 1}]
        assert len(server.received) == 2


def test_when_the_mock_is_left_the_network_is_back() -> None:
    with FaultServer(answer({"id": "real"})) as server:
        with Mock(API, assert_all_used=False):
            pass

        async def main() -> Any:
            async with AsyncClient(API, base_url=server.url, api_key=KEY) as client:
                return await client.getThing("a")

        assert asyncio.run(main()) == {"id": "real"}
        with responses.RequestsMock():  # somebody else's, of which calls under asyncio know nothing
            assert asyncio.run(main()) == {"id": "real"}


def test_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio

        def test_it(openapi_mock, openapi_async_client):
            openapi_mock.listModels.returns()
            assert asyncio.run(openapi_async_client.listModels()).object == "list"
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:asyncio", "-p", "no:cacheprovider", "-W", "error").assert_outcomes(passed=1)


pytest_plugins = "pytester"
