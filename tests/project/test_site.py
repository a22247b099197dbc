"""The site has every page, every public name and every verb, is built strictly, and asks nobody for anything when it is read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import IS_HERE, Browser
from pages import PAGES, ROOT

import dynaopenai
from dynaopenai import testing
from dynaopenai._cli.cli import VERBS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytest.importorskip("zensical")

from website import docstrings, pages, reference

LOADS = {"src", "data-src", "srcset", "poster", "data"}


class Page(HTMLParser):
    """What a page of the site loads, where its links lead, and which anchors it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self.anchors |= {facts[name] for name in ("id", "name") if name in facts}
        self.loaded += [value for name, value in facts.items() if name in LOADS]
        if tag == "link" and facts.get("rel") not in ("canonical", "next", "prev", "alternate"):
            self.loaded.append(facts["href"])
        if tag == "a" and "href" in facts:
            self.links.append(facts["href"])


# --- what it is made of --------------------------------------------------------------------------


def test_it_has_every_page() -> None:
    settings = (ROOT / "website" / "zensical.toml").read_text("utf-8")
    in_order = re.findall(r'= "([\w/-]+\.md)" \}', settings)

    assert set(pages.PAGES.values()) == set(PAGES)
    assert set(in_order) == set(pages.PAGES) | {f"reference/{page}.md" for page, _ in reference.NAMES.values()} | {"reference/command-line.md"}
    assert len(in_order) == len(set(in_order))
    assert tomllib.loads(settings)["project"]["theme"]["font"] is False


def test_the_reference_has_every_public_name_once() -> None:
    names = [name for _, names in reference.NAMES.values() for name in names]

    assert sorted(names) == sorted([*dynaopenai.__all__, *(f"testing.{name}" for name in testing.__all__)])


def test_the_command_line_s_page_has_every_verb_and_option() -> None:
    page = reference.command_line()

    assert [verb for verb in VERBS if f"## dynaopenai {verb}\n" not in page] == []
    assert "## dynaopenai overlay make\n" in page
    assert len(set(re.findall(r"^ +(--[a-z-]+)", page, re.MULTILINE))) > 40


def test_a_link_that_leads_nowhere_ends_the_build() -> None:
    with pytest.raises(LookupError, match=r"docs/chat.md: found a link to docs/none.md, expected a file that is there"):
        pages.linked("[x](none.md)", "docs/chat.md")
    assert pages.linked("[a](../README.md#files), [code](../examples/chat.py), [b](chat.md)", "docs/http.md") == "[a](index.md#files), code, [b](chat.md)"


def test_a_picture_that_could_not_be_taken_is_left_out() -> None:
    text = "<!-- picture: page: The `mock` -->"

    assert pages.illustrated(text, {"page"}) == "![The mock](pictures/page.png)\n\n*The `mock`*"
    assert pages.illustrated(text, set()) == ""


def test_docstrings_are_shown_as_the_prompt_shows_them() -> None:
    text = "What it is.\n\n    >>> one()\n    1\n\nArgs:\n    a, b: of both,\n        and more.\n    c: alone."

    assert docstrings.shown(text) == (
        "What it is.\n\n    ```pycon\n    >>> one()\n    1\n    ```\n\n"
        "Args:\n    a: of both,\n        and more.\n    b: of both,\n        and more.\n    c: alone."
    )


# --- as it is built ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it is, once it is built."""
    folder = tmp_path_factory.mktemp("built")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DYNAOPENAI_")}
    built = subprocess.run([sys.executable, "-m", "website", str(folder)], cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "griffe" not in built.stdout + built.stderr, built.stdout + built.stderr  # which is how it tells of a docstring that it cannot read
    return folder / "site"


@pytest.fixture(scope="module")
def site(folder: Path) -> dict[str, Page]:
    return {path.relative_to(folder).as_posix(): Page(path) for path in folder.rglob("*.html")}


def test_it_loads_nothing_from_elsewhere(folder: Path, site: dict[str, Page]) -> None:
    assert [(name, target) for name, page in site.items() for target in page.loaded if urlsplit(target).netloc] == []
    styles = "".join(path.read_text("utf-8") for path in folder.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)]*", styles) == []


def test_its_links_and_anchors_lead_somewhere(folder: Path, site: dict[str, Page]) -> None:
    broken = []
    for name, page in site.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or name == "404.html":
                continue
            target = os.path.normpath(Path(name).parent / unquote(parts.path)) if parts.path else name
            there = site.get(target)
            if (there is None and not (folder / target).is_file()) or (there is not None and parts.fragment and unquote(parts.fragment) not in there.anchors | {"__codelineno"}):
                broken.append((name, link))
    assert [each for each in broken if "__codelineno" not in each[1]] == []


def test_docstrings_came_into_it(folder: Path, site: dict[str, Page]) -> None:
    assert {"dynaopenai.Client.with_options", "dynaopenai.Client.find"} <= site["reference/client.html"].anchors
    text = (folder / "reference" / "client.html").read_text("utf-8")
    assert "An API, as its OpenAPI document describes it" in text
    assert "max_retries" in text


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    browser.window(1280, 900)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.browser
@pytest.mark.skipif(not IS_HERE, reason="no chromium with its chromedriver on this machine")
class TestInChromium:
    def test_it_is_read_and_searched_with_no_network(self, served: str, browser: Browser) -> None:
        browser.ask("POST", "/url", {"url": f"{served}/index.html"})
        browser.until("[...document.querySelectorAll('*')].some(each => each.shadowRoot)")
        browser.click(".md-search__button")
        browser.press("cassette")
        browser.until("[...document.querySelectorAll('*')].some(each => each.shadowRoot?.textContent.includes('CassetteError'))")

        fetched = browser.run("performance.getEntriesByType('resource').map(entry => entry.name)")
        assert {f"{served}/search.json"} <= set(fetched)
        assert [url for url in fetched if not url.startswith((served, "data:", "blob:"))] == []

    @pytest.mark.parametrize(("name", "picture"), [("testing.html", "mock-page"), ("following.html", "diff-report")])
    def test_it_shows_the_mock_s_page_and_a_report(self, name: str, picture: str, served: str, browser: Browser) -> None:
        browser.ask("POST", "/url", {"url": f"{served}/{name}"})

        browser.until(f"document.querySelector('img[src$=\"{picture}.png\"]')?.naturalWidth === 1280")
