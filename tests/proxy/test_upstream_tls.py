"""A proxy before an https upstream: its certificate is verified, by the authority that is named, or the client is told."""

from __future__ import annotations

import json
import shutil
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from dynaopenai.testing import ValidatingProxy

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate with")

ANSWER = {"object": "list", "data": []}


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


class Site(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that does not trust the certificate hangs up."""


@pytest.fixture
def upstream(certificate: Path) -> Iterator[str]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with Site(("127.0.0.1", 0), Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ask(proxy: ValidatingProxy) -> requests.Response:
    return requests.get(f"{proxy.url}/models", headers={"Authorization": "Bearer sk-x"}, timeout=10)


@pytest.mark.parametrize("way", ["named", "environment", "unverified"])
def test_an_authority_that_is_known_is_trusted(way: str, upstream: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody is there: the upstream is reached directly
    if way == "environment":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    verify = {"named": certificate, "environment": True, "unverified": False}[way]
    with ValidatingProxy(upstream, verify=verify) as proxy:
        answers = [ask(proxy), ask(proxy)]
        assert [answer.json() for answer in answers] == [ANSWER, ANSWER]
        assert [passed.status for passed in proxy.exchanges] == [200, 200]


def test_an_unknown_authority_is_told_and_nothing_is_sent(upstream: str) -> None:
    with ValidatingProxy(upstream) as proxy:
        answer = ask(proxy)

    assert answer.status_code == 502
    assert "certificate" in answer.text
