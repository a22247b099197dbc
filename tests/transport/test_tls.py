"""TLS: a private authority is trusted by configuration, and a deadline holds inside an encrypted connection too."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fault_server import FaultServer, answer
from small_api import API, KEY, client

from dynaopenai import APIConnectionError, APITimeoutError, Client

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate with")


class SecureServer(FaultServer):
    """A `FaultServer` behind TLS."""

    def __init__(self, certificate: Path, *script: Any) -> None:
        super().__init__(*script)
        self.url = self.url.replace("http:", "https:")
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate, certificate.with_name("key.pem"))

    def _serve(self, connection: Any, number: int) -> None:
        try:
            secured = self._context.wrap_socket(connection, server_side=True)
        except OSError:  # the client did not trust it
            connection.close()
            return
        with secured:
            super()._serve(secured, number)


@pytest.fixture
def server(certificate: Path) -> Iterator[SecureServer]:
    with SecureServer(certificate, answer({"id": "a"})) as running:
        yield running


def test_an_unknown_certificate_is_told_once(server: SecureServer) -> None:
    with client(server.url) as api, pytest.raises(APIConnectionError) as caught:
        api.getThing("a")

    assert str(caught.value) == (
        f"getThing: no answer from {server.url}: the server's certificate cannot be verified; see REQUESTS_CA_BUNDLE"
    )
    assert caught.value.attempts == 1


def test_a_bundle_of_the_environment_is_trusted(server: SecureServer, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    with client(server.url) as api:
        assert [api.getThing("a").id, api.getThing("a").id] == ["a", "a"]
    assert server.connections == 1


def test_a_session_may_trust_what_it_likes(server: SecureServer, certificate: Path) -> None:
    with requests.Session() as session:
        session.verify = str(certificate)
        assert Client(API, base_url=server.url, api_key=KEY, session=session).getThing("a").id == "a"


def test_a_total_holds_inside(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    before = threading.active_count()
    drip = [answer({"id": "a"}, length=500), *[b" ", 0.05] * 200]
    with SecureServer(certificate, drip) as server, client(server.url, timeout=(5, 5, 0.4)) as api:
        with pytest.raises(APITimeoutError, match="timed out"):
            api.getThing("a")
    assert threading.active_count() <= before


def test_a_deadline_holds_for_all_addresses_and_the_handshake_together(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    genuine, waits = socket.getaddrinfo, []

    def twice(host: str, port: Any, *args: Any, **options: Any) -> list[Any]:
        found = genuine("127.0.0.1", port, *args, **options)
        if host == "127.0.0.1":
            return found
        time.sleep(0.1)
        return [(*entry[:4], (address, port)) for address in ("127.0.0.2", "127.0.0.1") for entry in found]

    def slow(_: ssl.SSLContext, sock: Any, **__: Any) -> Any:
        waits.append(sock.gettimeout())
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", twice)
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", slow)
    with socket.create_server(("127.0.0.1", 0)) as listener, client(
        f"https://two.test:{listener.getsockname()[1]}", timeout=(5, 5, 5), max_retries=0
    ) as api:
        with pytest.raises(APITimeoutError):
            api.getThing("a")

    assert len(waits) == 1
    assert waits[0] <= 4.9
