"""A server's address is enough where its document stands at one of the usual places; which one was taken is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dynaopenai import Client, SpecError
from dynaopenai._document.discovery import NAMES
from dynaopenai._document.document import load

SMALL = """\
openapi: 3.0.3
info: {title: Small, version: "1"}
paths: {/things: {get: {operationId: listThings, responses: {"200": {description: all}}}}}
"""
AS_JSON = json.dumps(load(SMALL).root)
PAGE = "<!doctype html><title>An app that answers every path</title><script>const x = {openapi: 3}</script>"
Answers = dict[str, tuple[int, "str | bytes"]]


class Site(ThreadingHTTPServer):
    """Answers by path, ``*`` for all others; a 302's text is where it leads. `asked` has the paths."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.asked = answers, list[str]()
        super().__init__(("127.0.0.1", 0), Page)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, text = self.server.answers.get(self.path) or self.server.answers.get("*", (404, ""))
        body = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", body.decode())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def site(answers: Answers) -> Iterator[Site]:
    with Site(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("otherwise", [(404, ""), (401, ""), (200, PAGE), (200, '{"title": "an API"}')])
def test_the_document_of_a_server_is_found_and_told(name: str, otherwise: tuple[int, str], capsys: pytest.CaptureFixture[str]) -> None:
    text = SMALL if name.endswith(("yaml", "yml")) else AS_JSON
    with site({f"/{name}": (200, text), "*": otherwise}) as server:
        client = Client(server.url)

        assert capsys.readouterr().err == f"dynaopenai: {server.url} is no document; {server.url}/{name} is one, and is taken\n"
        assert client.listThings.prepare().url == f"{server.url}/things", "a server that is not named is the document's own"


def test_below_the_path_that_was_given_goes_first() -> None:
    with site({"/shop/openapi.json": (200, AS_JSON), "/openapi.json": (200, PAGE)}) as server:
        assert load(f"{server.url}/shop/").uri == f"{server.url}/shop/openapi.json"
    with site({"/swagger.json": (200, AS_JSON)}) as server:
        assert load(f"{server.url}/shop").uri == f"{server.url}/swagger.json"


def test_a_document_at_the_address_itself_is_the_one() -> None:
    with site({"/": (200, SMALL), "*": (200, AS_JSON)}) as server:
        assert load(server.url).uri == server.url
        assert server.asked == ["/"]


@pytest.mark.parametrize("text", [SMALL, AS_JSON, json.dumps(load(SMALL).root, indent=2), SMALL.replace("openapi", "'openapi'")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_is_known_in_any_spelling(text: str, encoding: str) -> None:
    with site({"/": (200, text.encode(encoding))}) as server:
        assert list(load(server.url).root["paths"]) == ["/things"]
        assert server.asked == ["/"]


def test_an_error_names_all_that_were_tried() -> None:
    with site({}) as server, pytest.raises(SpecError, match="404") as caught:
        Client(server.url)

    assert server.asked[1:] == [f"/{name}" for name in NAMES]
    assert all(f"/{name}" in str(caught.value) for name in NAMES)


@pytest.mark.parametrize("path", ["/api.yaml", "/api.json", "/?version=2"])
def test_an_address_that_names_a_file_is_taken_at_its_word(path: str) -> None:
    with site({"/openapi.json": (200, AS_JSON)}) as server, pytest.raises(SpecError, match="404"):
        Client(server.url + path)
    assert server.asked == [path]


def test_a_server_that_is_down_is_not_asked_for_more() -> None:
    with site({"*": (503, "")}) as server, pytest.raises(SpecError, match="503"):
        Client(server.url)
    assert server.asked == ["/"]


def test_another_host_is_not_asked() -> None:
    with site({"*": (200, AS_JSON)}) as other, site({}) as server:
        server.answers["/openapi.json"] = (302, other.url.replace("127.0.0.1", "localhost") + "/openapi.json")
        server.answers["/swagger.json"] = (200, AS_JSON)
        assert load(server.url).uri == f"{server.url}/swagger.json"
    assert other.asked == []


def test_a_document_that_was_found_is_looked_for_only_there() -> None:
    with site({"/v3/api-docs": (200, AS_JSON)}) as server:
        client = Client(server.url)
        del server.asked[:]
        server.answers["/v3/api-docs"] = (404, "")
        server.answers["/openapi.json"] = (200, AS_JSON)
        with pytest.warns(match="404"):
            client.reload()
    assert server.asked == ["/v3/api-docs"]
    assert list(client.operations) == ["listThings"]
