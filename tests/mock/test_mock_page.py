"""The mock server's page: what it is given over HTTP always; what a person sees of it, in headless Chromium."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from small_api import API, KEY

from dynaopenai._mock.server import MockServer

HTML = {"Accept": "text/html"}
DRIVER, BROWSER = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that WebDriver gives a reference to an element
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


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
    assert listed["createThing"]["url"] == "/v1/things"
    assert listed["createThing"]["json"] == {}
    assert listed["sendFile"]["parts"][0]["filename"] == "file.bin"


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
    server = MockServer(API).start()
    with requests.get(f"{root(server)}/_mock/requests", stream=True, timeout=5) as feed:
        server.stop()
        assert feed.raw.read() is not None


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


class Browser:
    """A headless Chromium, by the WebDriver protocol (W3C WebDriver)."""

    def __init__(self, profile: Path) -> None:
        self.process = subprocess.Popen(
            [str(DRIVER), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        line = next(line for line in self.process.stdout if "started successfully on port" in line)
        self.url = "http://127.0.0.1:" + line.rstrip(".\n").rpartition(" ")[2]
        options = {"binary": BROWSER, "args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {
            "capabilities": {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
        }
        self.session = ""
        self.session = f"/session/{self.ask('POST', '/session', wanted)['sessionId']}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        reply = requests.request(method, self.url + self.session + path, json=body, timeout=60)
        value = reply.json()["value"]
        assert reply.ok, value
        return value

    def run(self, script: str) -> Any:
        return self.ask("POST", "/execute/sync", {"script": f"return {script}", "args": []})

    def until(self, script: str) -> Any:
        for _ in range(400):
            found = self.run(script)
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{script} never came true; the page says: {self.run('document.body.innerText')}")

    def click(self, selector: str) -> None:
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        self.ask("POST", f"/element/{found[ELEMENT]}/click", {})

    def fill(self, selector: str, text: str) -> None:
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        self.ask("POST", f"/element/{found[ELEMENT]}/clear", {})
        self.ask("POST", f"/element/{found[ELEMENT]}/value", {"text": text})

    def close(self) -> None:
        try:
            self.ask("DELETE", "")
        finally:
            self.process.terminate()
            self.process.communicate(timeout=20)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


needs_browser = pytest.mark.skipif(not (DRIVER and BROWSER), reason="no chromium with its chromedriver on this machine")


@pytest.mark.browser
@needs_browser
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

        page.fill("#filter", "upload nothing")
        page.until("document.querySelectorAll('#operations button').length === 0")
        page.fill("#filter", "stream")
        page.until("document.querySelectorAll('#operations button').length === 1")

    def test_requests_appear_as_they_come_with_verdict_and_violations(self, page: Browser, server: MockServer) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        requests.get(f"{server.url}/things", headers=headers, timeout=5)
        requests.post(f"{server.url}/things", json=["<b>"], headers=headers, timeout=5)

        page.until("document.getElementById('requests').rows.length === 2")
        refused, served = page.run("[...document.getElementById('requests').rows].map(row => row.innerText)")
        assert served.split("\t") == ["200", "GET /v1/things", "listThings", "valid"]
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
        page.click("#send")

        page.until(f"document.getElementById('status').textContent === {status!r}")
        page.until(f"document.getElementById('answer').textContent.includes({answer!r})")
        assert [(record.operation_id, record.verdict) for record in server.requests] == [(operation, ())]

    def test_a_refusal_is_shown(self, page: Browser) -> None:
        page.click("[data-operation=createThing]")
        page.fill("#body", "[1]")
        page.click("#send")

        page.until("document.getElementById('status').textContent === '400 Bad Request'")
        page.until("document.getElementById('answer').textContent.includes('expected an object')")

    def test_nothing_goes_wrong_behind_the_scenes(self, page: Browser) -> None:
        logged = page.ask("POST", "/se/log", {"type": "browser"})

        assert [
            entry["message"] for entry in logged if entry["level"] == "SEVERE" and "40" not in entry["message"]
        ] == []
