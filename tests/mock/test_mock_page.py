"""The mock server's page: what it is given over HTTP always; what a person sees of it, in headless Chromium."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from browser import IS_HERE, Browser
from small_api import API, KEY

from dynaopenai._mock.server import MockServer
from dynaopenai.testing import ValidatingProxy

HTML = {"Accept": "text/html"}


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer({**API, "servers": [{"url": "/v1"}]}) as server:
        yield server


def root(server: MockServer) -> str:
    return server.url.removesuffix("/v1")


def test_the_page_is_whole_and_asks_nobody_else_for_anything(server: MockServer) -> None:
    page = requests.get(f"{root(server)}/", headers=HTML, timeout=5)

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "http" not in page.text.replace("http-equiv", "")
    assert server.requests == []


def test_it_lists_the_operations_each_with_a_request_to_begin_with(server: MockServer) -> None:
    told = requests.get(f"{root(server)}/_mock/operations", timeout=5).json()

    assert (told["title"], told["prefix"]) == ("Small", "/v1")
    listed = {operation["id"]: operation for operation in told["operations"]}
    assert list(listed) == [*(entry for path in API["paths"].values() for entry in (item["operationId"] for item in path.values() if isinstance(item, dict)))]  # fmt: skip
    assert listed["createThing"]["path"] == "/v1/things"


def test_an_operation_is_told_with_tree_answers_examples_and_a_request_to_begin_with(server: MockServer) -> None:
    def told(name: str) -> Any:
        return requests.get(f"{root(server)}/_mock/operation/{name}", timeout=5).json()

    thing, upload = told("getThing"), told("sendFile")
    assert thing["takes"][0] | {"description": ""} == {
        "name": "id", "kind": "string", "is_required": True, "default": "", "description": "", "branches": [],
    }  # fmt: skip
    assert [branch["name"] for branch in thing["answers"][0]["bodies"][0]["tree"]["branches"]] == ["id", "size"]
    assert set(thing["examples"]) == {"Python", "Async", "curl", "Command line"}
    assert "await client.getThing(" in thing["examples"]["Async"]
    assert set(thing["answers"][0]["bodies"][0]["example"]) >= {"id"}
    assert thing["request"]["url"].startswith("/v1/things/")
    assert "Authorization: Bearer sk-mock" in thing["request"]["headers"]
    assert told("createThing")["request"]["json"] == {}
    assert upload["request"]["parts"][0]["filename"] == "file.bin"
    assert next(field for field in upload["fields"] if field["name"] == "file")["kind"] == "file"


def test_the_examples_run(server: MockServer, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(API))
    told = requests.get(f"{root(server)}/_mock/operation/getThing", timeout=5).json()["examples"]
    environment = {**os.environ, "OPENAI_API_KEY": "sk-mock"}
    for name in ("Python", "Async"):
        code = told[name].replace("Client(", f"Client({str(tmp_path / 'openapi.json')!r}, ")
        subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, check=True)
    if shutil.which("curl"):
        said = subprocess.run(told["curl"], shell=True, env=environment, capture_output=True, timeout=60, check=True)
        assert "id" in json.loads(said.stdout)
    line = told["Command line"].replace("dynaopenai ", f"{sys.executable} -m dynaopenai ") + f" --spec {tmp_path / 'openapi.json'}"
    subprocess.run(line, shell=True, env=environment, capture_output=True, timeout=60, check=True)
    assert {record.verdict for record in server.requests} == {()}


def test_the_form_is_written_as_a_request_and_judged(server: MockServer) -> None:
    def written(name: str, values: Any) -> Any:
        return requests.post(f"{root(server)}/_mock/request/{name}", json=values, timeout=5).json()

    assert written("getThing", {"id": "a/b"})["url"] == "/v1/things/a%2Fb"
    assert written("listThings", {"q": "x y"})["url"] == "/v1/things?q=x%20y"
    assert "id" in written("getThing", {})["problems"][0]["message"]
    assert server.requests == []


def test_search_finds_as_find_does(server: MockServer) -> None:
    def found(query: str) -> Any:
        return requests.get(f"{root(server)}/_mock/search", params={"q": query}, timeout=5).json()

    assert found("create")[0] == "createThing"
    assert found("zzzz") == []


def test_a_request_opens_to_both_sides_without_its_credentials(server: MockServer) -> None:
    requests.post(f"{server.url}/things", json=[1], headers={"Authorization": "Bearer sk-very-secret"}, timeout=5)
    told = requests.get(f"{root(server)}/_mock/exchange/{server.requests[0].request_id}", timeout=5)

    assert "sk-very-secret" not in told.text
    assert (told.json()["body"], told.json()["status"]) == ("[1]", 400)
    assert told.json()["problems"][0]["path"] == "body"
    assert "expected an object" in told.json()["answer"]
    assert requests.get(f"{root(server)}/_mock/exchange/none", timeout=5).status_code == 404


def test_requests_come_as_events_those_before_and_those_to_come(server: MockServer) -> None:
    def get(path: str) -> None:
        requests.get(f"{server.url}{path}", headers={"Authorization": f"Bearer {KEY}"}, timeout=5)

    get("/things")
    with requests.get(f"{root(server)}/_mock/requests", stream=True, timeout=5) as feed:
        lines = (json.loads(line[6:]) for line in feed.iter_lines() if line.startswith(b"data: "))
        assert next(lines)["operation_id"] == "listThings"
        get("/text")
        assert next(lines)["operation_id"] == "getText"


def test_stopping_does_not_wait_for_pages_that_are_open() -> None:
    with MockServer(API) as server, requests.get(f"{root(server)}/_mock/requests", stream=True, timeout=5) as feed:
        server.stop()
        assert [line for line in feed.iter_lines() if line.startswith(b"data:")] == [], "the page's stream has an end"


def test_a_document_that_has_such_a_path_keeps_it() -> None:
    operation = {
        "get": {
            "operationId": "home",
            "responses": {"200": {"description": "", "content": {"text/plain": {"example": "mine"}}}},
        }
    }
    with MockServer({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {"/": operation}}) as server:
        assert requests.get(f"{server.url}/", headers=HTML, timeout=5).text == "mine"


def test_those_who_want_no_page_are_told_where_they_are(server: MockServer) -> None:
    told = requests.get(f"{root(server)}/", timeout=5)

    assert (told.status_code, told.json()["base_path"]) == (200, server.app.prefix or "/")
    assert server.requests == []


# --- in a browser --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.mark.browser
@pytest.mark.skipif(not IS_HERE, reason="no chromium with its chromedriver on this machine")
class TestInChromium:
    @pytest.fixture
    def page(self, browser: Browser, server: MockServer) -> Browser:
        browser.ask("POST", "/url", {"url": f"{root(server)}/"})
        browser.until("document.querySelectorAll('#operations button').length")
        browser.until("document.getElementById('state').textContent === 'live'")
        return browser

    def test_it_shows_the_operations_and_finds_them(self, page: Browser) -> None:
        assert page.run("document.title") == "Small 1: mock server"
        assert page.run("document.querySelectorAll('#operations button').length") == 9

        page.fill("#filter", "zzzz")
        page.until("document.querySelectorAll('#operations button').length === 0")
        page.fill("#filter", "stream")
        page.until("document.querySelectorAll('#operations button').length === 1")

    def test_requests_appear_as_they_come_with_verdict_and_violations(self, page: Browser, server: MockServer) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        requests.get(f"{server.url}/things", headers=headers, timeout=5)
        requests.post(f"{server.url}/things", json=["<b>"], headers=headers, timeout=5)

        page.until("document.getElementById('requests').rows.length === 2")
        refused, served = page.run("[...document.getElementById('requests').rows].map(row => row.innerText)")
        assert served.split()[:5] == ["200", "GET", "/v1/things", "listThings", "valid"]
        assert 'found ["<b>"] (an array), expected an object' in refused
        assert page.run("document.querySelectorAll('#requests b').length") == 0

    @pytest.mark.parametrize(
        ("operation", "status", "answer"),
        [("createThing", "200 OK", '"id"'), ("streamItems", "200 OK", "data: {"), ("sendFile", "200 OK", '"id"'), ("getFile", "200 OK", "bytes of application/octet-stream")],
    )  # fmt: skip
    def test_the_form_sends_a_request(
        self, operation: str, status: str, answer: str, page: Browser, server: MockServer
    ) -> None:
        page.click(f"[data-operation={operation}]")
        page.until(f"document.querySelector('#about code')?.textContent === {operation!r}")
        page.click("#send")

        page.until(f"document.getElementById('status').textContent === {status!r}")
        page.until(f"document.getElementById('answer').textContent.includes({answer!r})")
        assert [(record.operation_id, record.verdict) for record in server.requests] == [(operation, ())]

    def test_a_refusal_is_shown(self, page: Browser) -> None:
        page.click("[data-operation=createThing]")
        page.until("document.querySelector('#about code')?.textContent === 'createThing'")
        page.click("#raw > summary")
        page.fill("#body", "[1]")
        page.click("#send")

        page.until("document.getElementById('status').textContent === '400 Bad Request'")
        page.until("document.getElementById('answer').textContent.includes('expected an object')")

    def test_a_field_writes_the_request(self, page: Browser, server: MockServer) -> None:
        page.click("[data-operation=getThing]")
        page.until("document.querySelector('[data-field=id]')")
        page.fill("[data-field=id]", "a/b")
        page.until("document.getElementById('url').value === '/v1/things/a%2Fb'")
        page.click("#send")

        page.until("document.getElementById('status').textContent === '200 OK'")
        assert server.requests[-1].path == "/v1/things/a%2Fb"

    def test_a_file_that_is_picked_is_sent_byte_by_byte(self, page: Browser, server: MockServer, tmp_path: Path) -> None:
        (tmp_path / "tides ü.bin").write_bytes(bytes(range(256)))
        page.click("[data-operation=sendFile]")
        page.until("document.querySelector('[data-field=file]')")
        page.pick("[data-field=file]", tmp_path / "tides ü.bin")
        page.until("document.getElementById('body').value.includes('tides')")
        page.click("#send")

        page.until("document.getElementById('status').textContent === '200 OK'")
        file = server.sendFile.calls[-1].arguments["file"]
        assert (bytes(file), file.filename) == (bytes(range(256)), "tides ü.bin")

    def test_events_are_shown_as_they_come(self, browser: Browser) -> None:
        with MockServer(API, stream_faults={"stall": 1.0}) as server:  # which says no more after a few
            browser.ask("POST", "/url", {"url": f"{root(server)}/#/operation/streamItems"})
            browser.until("document.querySelector('#about code')?.textContent === 'streamItems'")
            browser.click("#send")
            browser.until("document.querySelectorAll('#answer .event').length")

            assert re.match(r"\d+ ms  data: \{", browser.run("document.querySelector('#answer .event').textContent"))

    def test_a_row_opens_with_what_is_wrong_marked_in_place(self, page: Browser, server: MockServer) -> None:
        requests.post(f"{server.url}/things", json=[{"a": 1}], headers={"Authorization": f"Bearer {KEY}"}, timeout=5)
        page.until("document.querySelector('.opener')")
        page.click(".opener")

        page.until("document.querySelector('.opened pre')")
        assert "expected an object" in page.run("document.querySelector('.opened').innerText")
        assert page.run("document.querySelector('.opener').getAttribute('aria-expanded')") == "true"

    def test_a_link_leads_to_an_operation(self, page: Browser, server: MockServer) -> None:
        page.ask("POST", "/url", {"url": f"{root(server)}/?again#/operation/getText"})

        page.until("document.querySelector('#about code')?.textContent === 'getText'")
        assert page.run("document.querySelector('#operations [aria-current]').dataset.operation") == "getText"

    def test_the_keyboard_is_enough(self, page: Browser) -> None:
        keys = {"/": "/", "down": "\ue015", "enter": "\ue007"}
        page.press(keys["/"])
        page.until("document.activeElement.id === 'filter'")
        for key in ("stream", keys["enter"]):
            page.press(key)
            page.until("document.querySelectorAll('#operations button').length === 1")
        page.until("document.querySelector('#about code')?.textContent === 'streamItems'")

    @pytest.mark.parametrize("width", [390, 1280, 1920])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_nothing_collapses_or_runs_out_of_the_window(
        self, width: int, scheme: str, page: Browser, server: MockServer, tmp_path: Path
    ) -> None:
        requests.post(f"{server.url}/things", json=[{"a": 1}], headers={"Authorization": f"Bearer {KEY}"}, timeout=5)
        page.window(width, 1000, scheme)
        page.until("document.querySelector('.opener') && document.querySelector('#more pre')")
        picture = Path(os.environ.get("DYNAOPENAI_SCREENSHOTS", tmp_path)) / f"page-{width}-{scheme}.png"
        page.screenshot(picture)

        assert page.run("document.documentElement.scrollWidth <= innerWidth")
        assert page.run("[...document.querySelectorAll('nav, section, td:not(.opened), .opener')].filter(it => it.offsetWidth < 40).map(it => it.outerHTML)") == []
        is_dark = page.run("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
        assert is_dark is (scheme == "dark")
        assert picture.stat().st_size > 10_000

    def test_operations_stand_under_their_tags_and_words_of_code_as_code(self, browser: Browser) -> None:
        with MockServer() as server:
            browser.ask("POST", "/url", {"url": f"{root(server)}/#/operation/createEmbedding"})
            browser.until("document.querySelector('#about code')?.textContent === 'createEmbedding'")
            browser.until("document.getElementById('field-model')?.list?.options.length")

            groups = browser.run("[...document.querySelectorAll('#operations summary')].map(it => it.textContent)")
            assert groups[0] == "Chat"
            assert len(groups) == len(set(groups)) > 5
            assert browser.run("document.querySelector('#operations [aria-current]').closest('details').open")
            assert browser.run("document.querySelectorAll('#more .faint code').length") > 0
            assert "`" not in browser.run("document.getElementById('more').innerText.split('Example')[0]")

    def test_a_proxy_has_the_same_page(self, browser: Browser, server: MockServer) -> None:
        with ValidatingProxy(server.url, {**API, "servers": [{"url": "/v1"}]}) as proxy:
            browser.ask("POST", "/url", {"url": f"{proxy.url.removesuffix('/v1')}/"})
            browser.until("document.getElementById('state').textContent === 'live'")
            requests.post(f"{proxy.url}/things", json=[{"a": 1}], headers={"Authorization": f"Bearer {KEY}"}, timeout=5)
            browser.until("document.querySelector('.opener')")
            browser.click(".opener")
            browser.until("document.querySelector('.opened pre')")

            assert browser.run("document.title") == "Small 1: validating proxy"
            assert "expected an object" in browser.run("document.querySelector('.opened').innerText")

    def test_nothing_goes_wrong_behind_the_scenes(self, page: Browser) -> None:
        logged = page.ask("POST", "/se/log", {"type": "browser"})

        assert [
            entry["message"] for entry in logged if entry["level"] == "SEVERE" and "40" not in entry["message"]
        ] == []
