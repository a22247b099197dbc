"""What the README shows is what happens: its sessions are typed in and its commands are run, against the mock.

``pycon`` blocks are one session, from the first to the last. In ``console`` blocks, lines that begin with ``$ dynaopenai``
are run. Ports are masked, and ``...`` stands for anything.
"""

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from dynaopenai import Client
from dynaopenai._cli.repl import _Prompt
from dynaopenai._mock.server import MockServer

README = Path(__file__).parents[2] / "README.md"
ENDLESS = {"mock", "repl"}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def masked(text: str) -> str:
    kept = [line for line in text.splitlines() if line.strip()]  # a blank line would end what doctest expects
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:N", "\n".join(kept)) + "\n"


def agree(wanted: str, found: str) -> bool:
    return doctest.OutputChecker().check_output(masked(wanted), masked(found), doctest.ELLIPSIS)


def commands() -> Iterator[tuple[str, str]]:
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            while line.endswith("\\"):
                more, _, output = output.partition("\n")
                line = line[:-1] + more.strip()
            if line.startswith("dynaopenai ") and line.split()[1] not in ENDLESS:
                yield line, output


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
@pytest.mark.skipif(not blocks("pycon"), reason="the README shows no session")
def test_the_session_is_what_happens() -> None:
    prompt, differences = Prompt({"Client": Client}), []
    for block in blocks("pycon"):
        for example in doctest.DocTestParser().get_examples(block):
            with redirect_stdout(StringIO()) as shown:
                for line in [*example.source.splitlines(), *([""] if "\n" in example.source.strip() else [])]:
                    prompt.push(line)
            if not agree(example.want, shown.getvalue()):
                differences.append(f">>> {example.source}{shown.getvalue()}")

    assert differences == []


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(("line", "output"), list(commands()))
def test_a_command_prints_what_is_shown(line: str, output: str) -> None:
    words = shlex.split(line)[1:]
    environment = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "dynaopenai", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environment, timeout=60, check=False,
    )  # fmt: skip

    assert agree(output, done.stdout), done.stdout
