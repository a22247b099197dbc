"""What the README's sessions show is what happens: they are typed in, one session from the first to the last, against the mock."""

import doctest
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from pages import blocks
from session import agree

from dynaopenai import Client
from dynaopenai._cli.repl import _Prompt
from dynaopenai._mock.server import MockServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MockServer]:
    with MockServer() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-mock")
        monkeypatch.delenv("DYNAOPENAI_SPEC", raising=False)
        monkeypatch.chdir(tmp_path)
        yield running


class Prompt(_Prompt):
    def write(self, data: str) -> None:
        sys.stdout.write(data)


@pytest.mark.usefixtures("server")
def test_the_session_is_what_happens() -> None:
    prompt, differences = Prompt({"Client": Client}), []
    for block in blocks("README.md", "pycon"):
        for example in doctest.DocTestParser().get_examples(block.text):
            with redirect_stdout(StringIO()) as shown:
                for line in [*example.source.splitlines(), *([""] if "\n" in example.source.strip() else [])]:
                    prompt.push(line)
            if not agree(example.want, shown.getvalue()):
                differences.append(f">>> {example.source}{shown.getvalue()}")

    assert differences == []
