"""What a test has put in the place of `requests` or urllib3 sees our calls, whenever it was put there, and only then."""

import subprocess
import sys
from functools import partialmethod
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from dynaopenai import APIConnectionError, Client
from dynaopenai._transport.genuine import AIOHTTP, Watch, is_genuine, nobody_looks, stranger
from dynaopenai.testing import MockServer


@pytest.fixture
def vcr() -> Any:
    return pytest.importorskip("vcr")


@pytest.mark.parametrize("is_used_before", [True, False])
def test_a_recorder_sees_calls_and_leaves_no_trace(is_used_before: bool, vcr: Any, tmp_path: Path) -> None:
    with MockServer() as server, Client(base_url=server.url, api_key="sk-mock", max_retries=0) as client:
        if is_used_before:
            client.listModels()
        with vcr.use_cassette(str(tmp_path / "a.yaml")) as cassette:
            recorded = client.listModels()
        assert len(cassette) == 1
        sent = len(server.requests)
        with vcr.use_cassette(str(tmp_path / "a.yaml"), record_mode="none") as cassette:
            assert client.listModels() == recorded
            assert cassette.play_count == 1
        assert len(server.requests) == sent
        client.listModels()
        assert len(server.requests) == sent + 1


def test_a_recorder_that_came_before_the_first_call_of_a_process_leaves_no_trace(vcr: Any, tmp_path: Path) -> None:
    script = f"""
import vcr
from dynaopenai import APIConnectionError, Client
from dynaopenai.testing import MockServer
with MockServer() as server:
    client = Client(base_url=server.url, api_key="sk-mock", max_retries=0)
    with vcr.use_cassette({str(tmp_path / "a.yaml")!r}) as cassette:
        client.listModels()
    client.listModels()
    client.close()
    print(len(cassette), len(server.requests))
"""
    assert subprocess.check_output([sys.executable, "-W", "ignore", "-c", script], text=True).split() == ["1", "2"]


def test_tracing_sees_each_call_once() -> None:
    instrumentation = pytest.importorskip("opentelemetry.instrumentation.requests")
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter").InMemorySpanExporter()
    provider = trace.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(memory))
    instrumentor = instrumentation.RequestsInstrumentor()
    with MockServer() as server, Client(base_url=server.url, api_key="sk-mock", max_retries=0) as client:
        client.listModels()
        instrumentor.instrument(tracer_provider=provider)
        try:
            client.listModels()
        finally:
            instrumentor.uninstrument()
        client.listModels()

    assert len(memory.get_finished_spans()) == 1


def test_a_patched_send_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    import requests

    seen, genuine = [], requests.Session.send

    def send(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        seen.append(request.url)
        return genuine(self, request, **options)

    send.__module__ = genuine.__module__  # as functools.wraps has it
    with MockServer() as server, Client(base_url=server.url, api_key="sk-mock", max_retries=0) as client:
        monkeypatch.setattr(requests.Session, "send", send)
        client.listModels()
        assert seen == [f"{server.url}/models"]


def test_nothing_stands_there_by_itself() -> None:
    import requests

    assert stranger() is None
    assert is_genuine(requests.Session.send, "requests.sessions")
    assert not is_genuine(print, "requests.sessions")


def _replaced(*_: Any, **__: Any) -> Any:
    raise AssertionError("is not called here")


@pytest.mark.parametrize(
    ("module", "owner", "name", "value"),
    [
        ("requests", "", "Session", type("Session", (), {"send": _replaced, "get_adapter": _replaced})),  # requests-cache
        ("requests", "Session", "send", _replaced),  # OpenTelemetry
        ("requests", "Session", "get_adapter", _replaced),  # requests-mock
        ("requests.adapters", "HTTPAdapter", "send", _replaced),  # responses
        ("requests.adapters", "HTTPAdapter", "init_poolmanager", _replaced),  # whoever needs other ciphers
        ("requests", "Session", "merge_environment_settings", _replaced),
        ("requests", "Session", "__init__", _replaced),
        ("requests.adapters", "HTTPAdapter", "__init__", _replaced),
        ("requests.adapters", "HTTPAdapter", "get_connection_with_tls_context", _replaced),
        ("urllib3.poolmanager", "PoolManager", "connection_from_host", _replaced),
        ("urllib3.connectionpool", "HTTPConnectionPool", "_new_conn", _replaced),
        ("urllib3.connectionpool", "HTTPSConnectionPool", "_prepare_proxy", partialmethod(_replaced)),
        ("urllib3.connection", "HTTPConnection", "_new_conn", _replaced),  # whoever keeps calls out of a network, or binds their source
        ("urllib3.connection", "HTTPConnection", "host", property(_replaced)),
        ("urllib3.connection", "HTTPSConnection", "__init__", _replaced),
        ("urllib3.connection", "", "ssl_wrap_socket", _replaced),
        ("urllib3.util.ssl_", "", "ssl_wrap_socket", _replaced),
        ("http.client", "HTTPResponse", "read", Mock()),
        ("urllib3.connectionpool", "HTTPConnectionPool", "urlopen", _replaced),  # pook
        ("urllib3.connectionpool", "HTTPSConnectionPool", "ConnectionCls", type("Connection", (), {})),  # vcrpy
        ("urllib3.connection", "HTTPConnection", "default_socket_options", [(6, 1, 1), (1, 9, 1)]),  # whoever keeps them alive
        ("urllib3.util.connection", "", "allowed_gai_family", _replaced),  # whoever has no IPv6
        ("urllib3.util.connection", "", "create_connection", _replaced),  # whoever resolves names
        ("http.client", "HTTPConnection", "putrequest", _replaced),  # Sentry
        ("http.client", "HTTPConnection", "debuglevel", 1),
        ("socket", "", "socket", type("socket", (), {})),  # pytest-socket, mocket
    ],
)
def test_whoever_steps_in_is_seen(module: str, owner: str, name: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    home = importlib.import_module(module)
    assert nobody_looks()
    with monkeypatch.context() as patch:
        patch.setattr(getattr(home, owner) if owner else home, name, value, raising=False)
        assert not nobody_looks()
    assert nobody_looks()


def test_who_keeps_calls_out_of_a_network_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import urllib3.connection

    def refuse(_: Any) -> Any:
        raise OSError("not into this network")

    with MockServer() as server, Client(base_url=server.url, api_key="sk-mock", max_retries=0) as client:
        client.listModels()
        monkeypatch.setattr(urllib3.connection.HTTPConnection, "_new_conn", refuse)
        with pytest.raises(APIConnectionError):
            client.listModels()
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("module", "owner", "name"),
    [
        ("aiohttp.client", "ClientSession", "_request"),
        ("aiohttp.connector", "TCPConnector", "_resolve_host"),
        ("aiohttp.connector", "BaseConnector", "_get"),
        ("aiohttp.connector", "", "DefaultResolver"),
        ("aiohttp.resolver", "ThreadedResolver", "resolve"),
        ("asyncio.base_events", "BaseEventLoop", "getaddrinfo"),
    ],
)
def test_whoever_steps_in_on_the_way_through_aiohttp_is_seen(module: str, owner: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiohttp")
    import importlib

    home, watch = importlib.import_module(module), Watch(AIOHTTP)
    assert watch.is_clear()
    with monkeypatch.context() as patch:
        patch.setattr(getattr(home, owner) if owner else home, name, _replaced)
        assert not watch.is_clear()
    assert watch.is_clear()


def test_who_follows_the_log_of_urllib3_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with MockServer() as server, Client(base_url=server.url, api_key="sk-mock", max_retries=0) as client:
        client.listModels()
        assert "urllib3.connectionpool" not in {record.name for record in caplog.records}
        with caplog.at_level("DEBUG", "urllib3.connectionpool"):
            client.listModels()

    assert "urllib3.connectionpool" in {record.name for record in caplog.records}
