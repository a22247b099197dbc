"""What a person sees, as pictures: the page of a mock server, and the page that a diff writes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from dynaopenai import Client
from dynaopenai._cli.cli import cli
from dynaopenai.testing import MockServer

from .pages import ROOT

sys.path.insert(0, str(ROOT / "tests" / "shared"))
from browser import IS_HERE, Browser

SIZE = (1280, 800)


def taken(folder: Path) -> set[str]:
    """Take the pictures into a folder; the names of those that are there, none where there is no browser."""
    folder.mkdir()
    if not IS_HERE:
        return set()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(Path(profile))
        try:
            browser.window(*SIZE)
            for name, take in PICTURES.items():
                take(browser, folder / f"{name}.png")
        finally:
            browser.close()
    return set(PICTURES)


def mock_page(browser: Browser, picture: Path) -> None:
    """The mock's page with an operation open, and a log of requests, one of them refused."""
    with MockServer() as server, Client(base_url=server.url, api_key="sk-mock", validate_requests="off", max_retries=0) as client:
        question = [{"role": "user", "content": "Why are there two high tides a day?"}]
        list(client.createChatCompletion(model="gpt-4", messages=question, stream=True))
        client.listModels()
        browser.ask("POST", "/url", {"url": f"{server.url.removesuffix('/v1')}/#/operation/createChatCompletion"})
        browser.until("document.querySelector('#about code')?.textContent === 'createChatCompletion'")
        browser.until("document.getElementById('requests').rows.length === 2")
        browser.screenshot(picture)


def diff_report(browser: Browser, picture: Path) -> None:
    """The page of `dynaopenai diff --html` for the example of two documents."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        documents = [str(ROOT / "examples" / name) for name in ("harbour.yaml", "harbour-4.yaml")]
        CliRunner().invoke(cli, ["diff", *documents, "--html", str(report)], catch_exceptions=False)
        browser.ask("POST", "/url", {"url": report.as_uri()})
        browser.until("document.readyState === 'complete'")
        browser.screenshot(picture)


PICTURES: dict[str, Callable[[Browser, Path], None]] = {"mock-page": mock_page, "diff-report": diff_report}
