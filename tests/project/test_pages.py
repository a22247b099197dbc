"""What the pages show is what happens: every block of every page is run here or by the test that is named here, and every link leads somewhere.

Python blocks of a page are one program, run against the mock with warnings as errors, in a folder with the files that their reader has. Lines
for the shell that begin with ``dynaopenai`` are run in this process; what serves until it is stopped is read to its last option.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from pages import PAGES, ROOT, Block, blocks, commands, text_of
from session import agree

from dynaopenai import Client
from dynaopenai._cli.cli import cli, run
from dynaopenai._document import api, source
from dynaopenai._mock.server import MockServer
from dynaopenai.testing import record

ELSEWHERE = {
    ("README.md", "pycon"): "tests/project/test_readme.py",
    ("README.md", "python"): "tests/bench/test_testing.py and tests/project/test_servers_docs.py",
    ("docs/servers.md", "python"): "tests/project/test_servers_docs.py",
    ("docs/testing.md", "python"): "tests/bench/test_testing.py and tests/clients/test_docs.py",
    ("docs/testing.md", "js"): "tests/clients/test_docs.py",
    ("docs/editor.md", "text"): "tests/stubs/test_stubs.py",
    ("docs/names.md", "pycon"): "tests/project/test_names_docs.py",
    ("docs/prompt.md", "pycon"): "tests/project/test_prompt_docs.py",
    ("ARCHITECTURE.md", "text"): "tests/project/test_layers.py",
}
ENDLESS = {"mock", "proxy", "repl"}
STATUS = {"--engine tcp://scheduler:8786": 2, "--fail-on breaking": 1, "modle=": 1}  # of lines that hold this; 0 of all others


def shown(page: str, *languages: str) -> list[Block]:
    return [block for block in blocks(page, *languages) if (page, block.language) not in ELSEWHERE]


# --- every block has its test --------------------------------------------------------------------


def test_every_block_is_run() -> None:
    known = {"python", "console", "sh", "yaml", "toml"}

    assert [str(block) for page in PAGES for block in shown(page) if block.language not in known] == []


@pytest.mark.parametrize(("page", "files"), [(page, files) for (page, _), files in ELSEWHERE.items()])
def test_what_is_run_elsewhere_is_run_there(page: str, files: str) -> None:
    for file in files.split(" and "):
        assert Path(page).name in (ROOT / file).read_text("utf-8")


# --- what the reader of a page has ---------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MockServer]:
    with MockServer() as running:
        for name, value in {"OPENAI_BASE_URL": running.url, "OPENAI_API_KEY": "sk-mock", "COLUMNS": "100", "NO_COLOR": "1"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("DYNAOPENAI_SPEC", raising=False)
        monkeypatch.setenv("DYNAOPENAI_CONFIG", str(tmp_path / "config"))
        monkeypatch.setattr(api, "_shipped", lambda: {"openai": api.Api("openai", "https://publisher.example/openapi.yaml", pin="")})
        monkeypatch.setattr(source, "fetch_newer", lambda _url, _marks: SimpleNamespace(data=(ROOT / "openapi.yaml").read_bytes(), marks={}))
        monkeypatch.chdir(tmp_path)
        yield running


def rows(_: MockServer) -> None:
    Path("rows.jsonl").write_text(json.dumps({"prompt": "Why?"}) + "\n")
    Path("texts.jsonl").write_text(json.dumps({"input": "Why?"}) + "\n")


def recordings(server: MockServer) -> None:
    Path("tests/cassettes").mkdir(parents=True)
    shutil.copy(ROOT / "openapi.yaml", "openai.yaml")
    for name in ("a", "b", "drift"):
        with Client(base_url=server.url, api_key="k", validate_responses="warn", drift=f"{name}.json") as client:
            client.listModels()
    with Client(base_url=server.url, api_key="k") as client, record(Path("tests/cassettes/models.yaml"), client):
        client.listModels()
    models = {"object": "list", "data": []}
    Path("more.jsonl").write_text(json.dumps({"method": "GET", "path": "/models", "status": 200, "content_type": "application/json", "answers": [models]}) + "\n")
    entry = {
        "request": {"method": "GET", "url": "https://api.openai.com/v1/models", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"text": json.dumps(models), "mimeType": "application/json"}},
    }
    Path("traffic.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))


def following(server: MockServer) -> None:
    checkout(server)
    [overlay] = blocks("docs/following.md", "yaml")
    Path("corrections.yaml").write_text(overlay.text)


def checkout(server: MockServer) -> None:
    shutil.copytree(ROOT / "examples", "examples", ignore=shutil.ignore_patterns("__pycache__"))
    call = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hi"}]}
    Path("training.jsonl").write_text(json.dumps(call) + "\n")
    rows(server)


def project(_: MockServer) -> None:
    [settings] = blocks("docs/apis.md", "toml")
    Path("pyproject.toml").write_text(settings.text)
    Path("api").mkdir()
    shutil.copy(ROOT / "openapi.yaml", "api/shop.yaml")
    Path("corrections.yaml").write_text(blocks("docs/following.md", "yaml")[0].text)


FOLDERS = {
    "docs/apis.md": project,
    "README.md": checkout,
    "docs/bulk.md": rows,
    "docs/following.md": following,
    "docs/learning.md": recordings,
    "docs/testing.md": lambda _: Path("answers.yaml").write_text(blocks("docs/testing.md", "yaml")[0].text),
}


def prepare(page: str, server: MockServer) -> None:
    FOLDERS.get(page, lambda _: None)(server)


# --- Python --------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [page for page in PAGES if shown(page, "python")])
def test_the_python_of_a_page_is_a_program_that_runs(page: str, server: MockServer) -> None:
    prepare(page, server)
    first = Client()  # README's reader has one
    names: dict[str, Any] = {"client": first}
    for block in shown(page, "python"):
        if block.package and importlib.util.find_spec(block.package) is None:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(compile("\n" * (block.line - 1) + block.text, str(ROOT / page), "exec"), names)
    for made in {first, *(value for value in names.values() if isinstance(value, Client))}:
        made.close()


# --- the shell -----------------------------------------------------------------------------------


def options_are_known(words: list[str]) -> None:
    """Of a verb that serves until it is stopped: its line is read as the verb would read it."""
    context = cli.make_context("dynaopenai", [words[0]], resilient_parsing=True)
    verb = cli.get_command(context, words[0])
    assert verb is not None
    with verb.make_context(words[0], words[1:], parent=context):
        pass


def installs(words: list[str]) -> None:
    """``pip install`` of a checkout, or of the package with extras that it has."""
    assert all(re.fullmatch(r"\.(\[[\w,]+\])?|dynaopenai(\[[\w,]+\])?", word) for word in words if not word.startswith("-")), words


def is_a_target(words: list[str]) -> None:
    assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE), words


@cache
def usage(*words: str) -> str:
    return subprocess.run([sys.executable, *words, "--help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def is_a_module_with_these_options(words: list[str]) -> None:
    assert set(re.findall(r"--[a-z-]+", " ".join(words))) <= set(re.findall(r"--[a-z-]+", usage(*words[:2])))


def in_a_shell(line: str) -> str:
    """A line that is more than one command: pipes, files and conditions are the shell's."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(["bash", "-ec", line], capture_output=True, text=True, env={**os.environ, "PATH": path}, check=False)
    assert ended.returncode == 0, (line, ended.stdout, ended.stderr)
    return ended.stdout + ended.stderr


def done(line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What a line of the shell prints, where it is one that is run."""
    if re.search(r"[|<>;$]", re.sub(r"'[^']*'|#.*", "", line)):
        return in_a_shell(line)
    words = shlex.split(line, comments=True)
    match words[0], words[1:]:
        case "export", [assignment]:
            monkeypatch.setenv(*assignment.split("=", 1))
        case "make", rest:
            is_a_target(rest)
        case "pip", ["install", *rest]:
            installs(rest)
        case "python3", rest:
            is_a_module_with_these_options(rest)
        case "dynaopenai", [verb, *rest] if verb in ENDLESS:
            options_are_known([verb, *rest])
        case "dynaopenai", rest:
            named = [str(path) for word in rest for path in (sorted(Path().glob(word)) if "*" in word else [word])]
            status = run(named)
            assert status == next((wanted for part, wanted in STATUS.items() if part in line), 0), (line, *capsys.readouterr())
        case "curl", _:
            pass  # tests/clients/test_docs.py
        case other:
            raise AssertionError(f"nothing here runs {other}")
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.mark.parametrize("page", [page for page in PAGES if shown(page, "sh", "console")])
def test_the_lines_for_the_shell_do_what_is_shown(
    page: str, server: MockServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prepare(page, server)
    differences = []
    for block in shown(page, "sh", "console"):
        for line, output in commands(block):
            printed = done(line, capsys, monkeypatch)
            if output.strip() and not agree(output, printed):
                differences.append(f"$ {line}\n{printed}")
    assert differences == []


# --- data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [block for page in PAGES for block in shown(page, "yaml", "toml")], ids=str)
def test_data_can_be_read(block: Block) -> None:
    if block.language == "yaml":
        assert yaml.safe_load(block.text)
    else:
        toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
        assert toml.loads(block.text)


# --- links ---------------------------------------------------------------------------------------


ABROAD = re.compile(r"https://(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[\w.~-]+)*/?(?:#[\w.-]+)?")  # without a port, a query, a key: what a reader may follow


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    plain = [re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
    targets, broken = re.findall(r"\]\(([^)\s]+)\)", text), []
    assert len(targets) == text.count("](")
    for target in targets:
        path, _, anchor = target.partition("#")
        if ":" in target:
            broken += [] if ABROAD.fullmatch(target) else [target]
            continue
        found = (ROOT / page).parent / path if path else ROOT / page
        if not found.exists() or (anchor and anchor not in anchors(found.resolve().relative_to(ROOT).as_posix())):
            broken.append(target)
    assert broken == []


def test_every_page_can_be_reached_from_the_first() -> None:
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        targets = {target.partition("#")[0] for target in re.findall(r"\]\(([^)\s:]+)\)", text_of(page))}
        linked = {((ROOT / page).parent / target).resolve() for target in targets if target.endswith(".md")}
        waiting += [name for path in linked if (name := path.relative_to(ROOT).as_posix()) not in reached]
    assert set(PAGES) - reached == set()
