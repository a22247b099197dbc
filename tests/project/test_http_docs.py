"""docs/http.md names every option, and its code runs against the mock."""

import dataclasses
import re
from pathlib import Path

import pytest

from dynaopenai import Limits, Retry
from dynaopenai._client.environment import HEADERS
from dynaopenai._mock.server import MockServer
from dynaopenai._request.settings import HOOKS, Settings
from dynaopenai._transport.log import VARIABLE

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")
ELSEWHERE = {"environment", "servers", "uri", "query", "validate_requests", "credentials", "server", "server_variables"}


@pytest.mark.parametrize(
    "name",
    [
        *(item.name for item in dataclasses.fields(Settings) if item.name not in ELSEWHERE),
        *(item.name for item in dataclasses.fields(Limits)),
        *(item.name for item in dataclasses.fields(Retry) if item.name != "headers"),
        *HOOKS,
        *HEADERS,
        *HEADERS.values(),
        VARIABLE,
    ],
)
def test_every_option_is_named(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE)


def test_the_defaults_are_those_of_the_code() -> None:
    assert "| `answer` | 1 GiB |" in PAGE
    assert "The default is `(10, 600)`" in PAGE
    assert (Limits(), Settings().timeout, Settings().max_retries) == (Limits(1 << 30, 64 << 20, 100, 200), (10, 600), 2)


def test_its_code_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    with MockServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-mock")
        for block in re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
            exec(compile(block, "docs/http.md", "exec"), names)
        names["client"].close()  # type: ignore[attr-defined]
    assert len(capsys.readouterr().out.splitlines()) >= 4
