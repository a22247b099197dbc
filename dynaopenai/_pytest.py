"""Fixtures of the document in use, for pytest: an entry point that costs nothing until a fixture is asked for.

Rules of this file:
1. Nothing but pytest is imported when it is loaded; a fixture imports what it needs.
2. Every name begins with ``openapi_``, so that no other plugin's fixture is hidden.
3. A document is read once, however many fixtures ask for it; another one is another client.
4. What went wrong in a mock is told in the report of the test that fails for it; a test that did not pass owes nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from ._bench.in_process import Mock
    from ._client.async_client import AsyncClient
    from ._client.client import Client
    from ._mock.script import Scripted
    from ._mock.server import MockServer

Scope = Literal["function", "class", "module", "session"]

_DONE = pytest.StashKey[bool]()  # whether the test ran to its end, and passed
_MOCKS = pytest.StashKey["list[tuple[str, Scripted]]"]()
_CLIENTS = pytest.StashKey["dict[Any, tuple[Any, Client]]"]()
_CASSETTES = pytest.StashKey["dict[Path, str]"]()

# --- the report ----------------------------------------------------------------------------------


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
    """Remember whether a test passed, and tell what went wrong in its mocks where it did not."""
    if call.excinfo is not None:
        _hide_our_frames()
    report = yield
    if call.when == "setup":
        item.stash[_DONE] = False  # a test may run again
    elif call.when == "call":
        item.stash[_DONE] = report.passed
        if report.failed:
            for name, mock in _mocks_of(item):
                troubles = "\n\n".join(map(str, mock._script.troubles))  # noqa: SLF001 - for the report alone
                if troubles:
                    report.sections.append((f"{name}: what went wrong there", troubles))
    return report


def _hide_our_frames() -> None:
    """Show the test's own lines of an error of ours, and not the way down to it; of any other error all."""
    for name, module in list(sys.modules.items()):
        if name.startswith("dynaopenai.") and module is not None:  # None: a test that says it cannot be imported
            vars(module).setdefault("__tracebackhide__", _is_meant)


def _is_meant(info: pytest.ExceptionInfo[BaseException]) -> bool:
    from .errors import DynaOpenAIError

    return info.errisinstance((DynaOpenAIError, AssertionError)) or _is_raised_by_us(info)


def _is_raised_by_us(info: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether an error of Python's own was raised here on purpose, as for an option that does not exist."""
    last = info.traceback[-1]
    is_ours = str(last.frame.f_globals.get("__name__")).startswith("dynaopenai.")
    return is_ours and str(last.statement).lstrip().startswith("raise ")


def _mocks_of(item: pytest.Item) -> Iterator[tuple[str, Scripted]]:
    for node in item.listchain():
        yield from node.stash.get(_MOCKS, ())


def _owes(node: Any) -> bool:
    """Whether what is left over is news: not where the test failed, was skipped, or is expected to fail."""
    return bool(node.stash.get(_DONE, not isinstance(node, pytest.Item)))


def _told_of(request: pytest.FixtureRequest, mock: Scripted) -> None:
    request.node.stash.setdefault(_MOCKS, []).append((str(request.fixturename), mock))


# --- the document --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def openapi_document(pytestconfig: pytest.Config) -> Any:
    """What the other fixtures are about: ``openapi_document`` of the ini file, the bundled document where it says nothing.

    Override it in a conftest.py or a module to give a path, a URL or a mapping, for all tests below it.
    """
    option = pytestconfig.getoption("openapi_document")
    if option:
        return option if _is_url(option) else pytestconfig.invocation_params.dir / os.path.expanduser(option)  # noqa: PTH111 - a Path has no "~" of its own
    setting = pytestconfig.getini("openapi_document")
    if not setting or _is_url(setting):
        return setting or None
    return pytestconfig.rootpath / os.path.expanduser(setting)  # noqa: PTH111 - as above


def _is_url(text: str) -> bool:
    return re.match(r"https?://", text) is not None


def _client(config: pytest.Config, document: Any) -> Client:
    """The client of a document, read once in a run."""
    from ._client.client import Client

    clients = config.stash.setdefault(_CLIENTS, {})
    is_named = document is None or isinstance(document, (str, Path))
    key = str(document) if is_named else id(document)
    if key not in clients:
        clients[key] = (document, document if isinstance(document, Client) else Client(document))  # kept: an id is reused
    return clients[key][1]


# --- mocks and servers ---------------------------------------------------------------------------


def _mock(request: pytest.FixtureRequest, openapi_document: Any) -> Iterator[Mock]:
    from .testing import Mock

    mock = Mock(_client(request.config, openapi_document)).start()
    _told_of(request, mock)
    yield mock
    mock.stop(check=_owes(request.node))


def _server(request: pytest.FixtureRequest, openapi_document: Any) -> Iterator[MockServer]:
    from ._client.inside import contract_of
    from .testing import MockServer

    with pytest.MonkeyPatch.context() as patch:
        server = MockServer(contract_of(_client(request.config, openapi_document))).start()
        _told_of(request, server)
        patch.setenv("OPENAI_BASE_URL", server.url)
        patch.setenv("OPENAI_API_KEY", "sk-mock")
        yield server
        server.stop(check=_owes(request.node))


def _fixture(make: Callable[..., Any], what: str, scope: Scope, doc: str) -> Any:
    name = f"openapi_{what}" if scope == "function" else f"openapi_{scope}_{what}"

    def fixture(request: pytest.FixtureRequest, openapi_document: Any) -> Iterator[Any]:
        yield from make(request, openapi_document)

    fixture.__doc__ = doc
    return pytest.fixture(fixture, scope=scope, name=name)


_MOCK = "A `dynaopenai.testing.Mock` of the document, in force during the {}."
_SERVER = """A `dynaopenai.testing.MockServer` of the document, running during the {}; ``.url``.

``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` lead to it, so that clients that the code under test makes find it."""

openapi_mock = _fixture(_mock, "mock", "function", _MOCK.format("test"))
openapi_class_mock = _fixture(_mock, "mock", "class", _MOCK.format("class"))
openapi_module_mock = _fixture(_mock, "mock", "module", _MOCK.format("module"))
openapi_session_mock = _fixture(_mock, "mock", "session", _MOCK.format("session"))
openapi_server = _fixture(_server, "server", "function", _SERVER.format("test"))
openapi_class_server = _fixture(_server, "server", "class", _SERVER.format("class"))
openapi_module_server = _fixture(_server, "server", "module", _SERVER.format("module"))
openapi_session_server = _fixture(_server, "server", "session", _SERVER.format("session"))


@pytest.fixture
def openapi_client(openapi_mock: Mock) -> Client:
    """A client whose calls `openapi_mock` answers."""
    return openapi_mock.client


@pytest.fixture
def openapi_async_client(openapi_mock: Mock) -> AsyncClient:
    """An AsyncClient whose calls `openapi_mock` answers."""
    return openapi_mock.async_client


# --- cassettes -----------------------------------------------------------------------------------


@pytest.fixture
def openapi_cassette(request: pytest.FixtureRequest, openapi_document: Any) -> Iterator[Path]:
    """The test's requests answered from ``cassettes/MODULE/TEST.yaml`` beside its file; ``--openapi-record`` records it.

    A test of a class is ``CLASS.TEST.yaml``.
    """
    from .testing import record, replay

    path, client = _cassette_path(request), _client(request.config, openapi_document)
    if request.config.getoption("openapi_record"):
        with record(path, client):
            yield path
    elif path.exists():
        with replay(path, client) as cassette:
            yield path
            cassette.assert_all_used = cassette.assert_all_used and _owes(request.node)
    else:
        pytest.fail(f"{path} is not there\n  remedy    pytest --openapi-record {request.node.nodeid}", pytrace=False)


def _cassette_path(request: pytest.FixtureRequest) -> Path:
    """Where a test's cassette is; no two tests have one."""
    inside = request.node.nodeid.partition("::")[2]
    test, bracket, parameters = inside.partition("[")
    full_name = test.replace("::", ".") + bracket + parameters
    name = re.sub(r"[^\w.-]+", "-", full_name).strip("-")
    if re.search(r"[^\w.-]", parameters.removesuffix("]")):  # another one may differ in what was left out
        name += f"-{hashlib.sha256(full_name.encode()).hexdigest()[:8]}"
    path = request.path.parent / "cassettes" / request.path.stem / f"{name}.yaml"
    taken = request.config.stash.setdefault(_CASSETTES, {}).setdefault(path, request.node.nodeid)
    if taken != request.node.nodeid:
        pytest.fail(
            f"{path} is the cassette of two tests\n  {taken}\n  {request.node.nodeid}\n"
            "  remedy    give their parameters ids that differ in letters: pytest.param(..., id=...)",
            pytrace=False,
        )
    return path
