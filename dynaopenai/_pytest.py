"""Fixtures of the document in use, for pytest: an entry point that costs nothing until a fixture is asked for.

Rules of this file:
1. Nothing but pytest is imported when it is loaded; a fixture imports what it needs.
2. Every name begins with ``openapi_``, so that no other plugin's fixture is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ._bench.in_process import Mock
    from ._client.async_client import AsyncClient
    from ._client.client import Client
    from ._mock.server import MockServer


_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("openapi_document", "path or URL of the OpenAPI document of the openapi_ fixtures", default="")
    group = parser.getgroup("dynaopenai")
    group.addoption(
        "--openapi-document",
        metavar="PATH",
        help="the OpenAPI document of the openapi_ fixtures, in place of the ini file's",
    )
    group.addoption(
        "--openapi-record",
        action="store_true",
        help="send the requests of openapi_cassette for real, and record them anew",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Remember that a test failed: what it then left unused is no news."""
    report = yield
    if call.when == "call" and report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def openapi_document(pytestconfig: pytest.Config) -> Any:
    """What the other fixtures are about: ``openapi_document`` of the ini file, the bundled document where it says nothing.

    Override it in a conftest.py to give a path, a URL or a mapping.
    """
    told = pytestconfig.getoption("openapi_document") or pytestconfig.getini("openapi_document")
    if not told or re.match(r"https?://", told):
        return told or None
    return pytestconfig.rootpath / told


@pytest.fixture(scope="session")
def _openapi_bench(openapi_document: Any) -> Client:
    """The document read once for the whole session."""
    from ._client.client import Client

    return Client(openapi_document)


@pytest.fixture
def openapi_mock(request: pytest.FixtureRequest, _openapi_bench: Client) -> Iterator[Mock]:
    """A `dynaopenai.testing.Mock` of the document, in force during the test."""
    from .testing import Mock

    mock = Mock(_openapi_bench).start()
    yield mock
    mock.stop(check=not request.node.stash.get(_FAILED, False))


@pytest.fixture
def openapi_client(openapi_mock: Mock) -> Client:
    """A client whose calls `openapi_mock` answers."""
    return openapi_mock.client


@pytest.fixture
def openapi_async_client(openapi_mock: Mock) -> AsyncClient:
    """An AsyncClient whose calls `openapi_mock` answers."""
    return openapi_mock.async_client


@pytest.fixture
def openapi_server(
    request: pytest.FixtureRequest, _openapi_bench: Client, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MockServer]:
    """A `dynaopenai.testing.MockServer` of the document, running during the test; ``openapi_server.url``.

    ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` lead to it, so that clients that the code under test makes find it.
    """
    from ._client.inside import contract_of
    from .testing import MockServer

    server = MockServer(contract_of(_openapi_bench)).start()
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mock")
    yield server
    server.stop(check=not request.node.stash.get(_FAILED, False))


@pytest.fixture
def openapi_cassette(request: pytest.FixtureRequest, _openapi_bench: Client) -> Iterator[Path]:
    """The test's requests answered from ``cassettes/MODULE/TEST.yaml`` beside its file; ``--openapi-record`` records it."""
    from .testing import record, replay

    name = re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    path = request.path.parent / "cassettes" / request.path.stem / f"{name}.yaml"
    if request.config.getoption("openapi_record"):
        with record(path, _openapi_bench):
            yield path
    elif path.exists():
        with replay(path, _openapi_bench) as cassette:
            yield path
            cassette.assert_all_used = cassette.assert_all_used and not request.node.stash.get(_FAILED, False)
    else:
        pytest.fail(f"{path} is not there\n  remedy    pytest --openapi-record {request.node.nodeid}", pytrace=False)
