"""What was asked of a mock server is for its own page alone: no page of another site, by whatever name, may read it."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from click.testing import CliRunner
from small_api import API

from dynaopenai._cli.verbs import mock as _verb
from dynaopenai._mock.server import MockServer


@pytest.fixture(scope="module")
def server() -> Any:
    with MockServer({**API, "security": []}, assert_all_used=False) as running:
        yield running


def asked(server: MockServer, path: str, host: str, *headers: str, method: str = "GET") -> tuple[int, str]:
    port = int(server.url.split(":")[2].partition("/")[0])
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host.format(port=port)}", "Connection: close", *(line.format(port=port) for line in headers), "", ""]
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall("\r\n".join(lines).encode())
        text = b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8", "replace")
    return int(text.split(" ")[1]), text.partition("\r\n\r\n")[0].lower()


OWN = ("127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "192.168.1.7:8080")
FOREIGN = ("evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example:{port}", "evil.example", "", "a@b")


@pytest.mark.parametrize("host", OWN)
def test_its_page_may_ask(server: MockServer, host: str) -> None:
    status, head = asked(server, "/_mock/operations", host, f"Origin: http://{host}")

    assert status == 200
    assert "access-control" not in head


@pytest.mark.parametrize("path", ["/_mock/operations", "/_mock/requests", "/_mock/exchange/req_mock_1", "/_mock/nothing"])
@pytest.mark.parametrize("host", FOREIGN)
def test_a_name_that_may_lead_anywhere_is_refused(server: MockServer, path: str, host: str) -> None:
    status, head = asked(server, path, host)

    assert status == 403
    assert "access-control" not in head


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", "http://127.0.0.1:{port}.evil.example"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_site_is_refused(server: MockServer, origin: str, method: str) -> None:
    status, _ = asked(server, "/_mock/request/getThing", "127.0.0.1:{port}", f"Origin: {origin}", "Content-Length: 0", method=method)

    assert status == 403


def test_the_api_itself_is_open_to_pages(server: MockServer) -> None:
    status, head = asked(server, "/things", "evil.example", "Origin: https://evil.example")

    assert status == 200
    assert "access-control-allow-origin: *" in head


@pytest.mark.parametrize("length", ["9" * 5_000, "-1", "1_0", "\u00b2"])
def test_a_length_that_is_none_is_a_400(server: MockServer, length: str) -> None:
    status, head = asked(server, "/things", "127.0.0.1:{port}", f"Content-Length: {length}", "Content-Type: application/json", method="POST")

    assert status == 400
    assert "connection: close" in head


def test_two_lengths_end_the_connection(server: MockServer) -> None:
    """What follows the body would be a request for one reader and a part of the body for another (RFC 9112 §6.3)."""
    status, head = asked(server, "/things", "127.0.0.1:{port}", "Content-Length: 5", "Transfer-Encoding: chunked", method="POST")

    assert status == 400
    assert "connection: close" in head


@pytest.mark.parametrize(("host", "says"), [("0.0.0.0", True), ("127.0.0.1", False), ("localhost", False)])
def test_listening_beyond_this_machine_is_told(host: str, says: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_verb.threading.Event, "wait", lambda *_: True)
    monkeypatch.setattr(_verb.signal, "signal", lambda *_: None)
    done = CliRunner().invoke(_verb.command, ["--host", host, "--port", "0", "--json"], standalone_mode=False)

    assert json.loads(done.stdout.splitlines()[0])["url"]
    assert ("whoever reaches this machine can call it" in done.stderr) is says
