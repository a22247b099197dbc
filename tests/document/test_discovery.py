"""A server's address is enough where its document stands at one of the usual places; which one was taken is told."""

from __future__ import annotations

import json

import pytest
from served_site import Page, Site

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


class Host(Site):
    """Answers by path, ``*`` for all others; a 302's text is where it leads. `asked` has the paths."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.asked = answers, list[str]()
        super().__init__(Root)


class Root(Page):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, text = self.server.answers.get(self.path) or self.server.answers.get("*", (404, ""))
        body = text if isinstance(text, bytes) else text.encode()
        self.answer(status, body, Location=body.decode() if status == 302 else "")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("otherwise", [(404, ""), (401, ""), (200, PAGE), (200, '{"title": "an API"}')])
def test_the_document_of_a_server_is_found_and_told(name: str, otherwise: tuple[int, str], capsys: pytest.CaptureFixture[str]) -> None:
    text = SMALL if name.endswith(("yaml", "yml")) else AS_JSON
    with Host({f"/{name}": (200, text), "*": otherwise}) as server:
        client = Client(server.url)

        assert capsys.readouterr().err == f"dynaopenai: {server.url} is no document; {server.url}/{name} is one, and is taken\n"
        assert client.listThings.prepare().url == f"{server.url}/things", "a server that is not named is the document's own"


def test_below_the_path_that_was_given_goes_first() -> None:
    with Host({"/shop/openapi.json": (200, AS_JSON), "/openapi.json": (200, PAGE)}) as server:
        assert load(f"{server.url}/shop/").uri == f"{server.url}/shop/openapi.json"
    with Host({"/swagger.json": (200, AS_JSON)}) as server:
        assert load(f"{server.url}/shop").uri == f"{server.url}/swagger.json"


def test_a_document_at_the_address_itself_is_the_one() -> None:
    with Host({"/": (200, SMALL), "*": (200, AS_JSON)}) as server:
        assert load(server.url).uri == server.url
        assert server.asked == ["/"]


@pytest.mark.parametrize("text", [SMALL, AS_JSON, json.dumps(load(SMALL).root, indent=2), SMALL.replace("openapi", "'openapi'")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_is_known_in_any_spelling(text: str, encoding: str) -> None:
    with Host({"/": (200, text.encode(encoding))}) as server:
        assert list(load(server.url).root["paths"]) == ["/things"]
        assert server.asked == ["/"]


def test_an_error_names_all_that_were_tried() -> None:
    with Host({}) as server, pytest.raises(SpecError, match="404") as caught:
        Client(server.url)

    assert server.asked[1:] == [f"/{name}" for name in NAMES]
    assert all(f"/{name}" in str(caught.value) for name in NAMES)


@pytest.mark.parametrize("path", ["/api.yaml", "/api.json", "/?version=2"])
def test_an_address_that_names_a_file_is_taken_at_its_word(path: str) -> None:
    with Host({"/openapi.json": (200, AS_JSON)}) as server, pytest.raises(SpecError, match="404"):
        Client(server.url + path)
    assert server.asked == [path]


def test_a_server_that_is_down_is_not_asked_for_more() -> None:
    with Host({"*": (503, "")}) as server, pytest.raises(SpecError, match="503"):
        Client(server.url)
    assert server.asked == ["/"]


def test_another_host_is_not_asked() -> None:
    with Host({"*": (200, AS_JSON)}) as other, Host({}) as server:
        server.answers["/openapi.json"] = (302, other.url.replace("127.0.0.1", "localhost") + "/openapi.json")
        server.answers["/swagger.json"] = (200, AS_JSON)
        assert load(server.url).uri == f"{server.url}/swagger.json"
    assert other.asked == []


def test_a_document_that_was_found_is_looked_for_only_there() -> None:
    with Host({"/v3/api-docs": (200, AS_JSON)}) as server:
        client = Client(server.url)
        del server.asked[:]
        server.answers["/v3/api-docs"] = (404, "")
        server.answers["/openapi.json"] = (200, AS_JSON)
        with pytest.warns(match="404"):
            client.reload()
    assert server.asked == ["/v3/api-docs"]
    assert list(client.operations) == ["listThings"]
