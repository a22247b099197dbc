"""docs/bulk.md names every option of a bulk, in both spellings, and its code runs."""

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dynaopenai import Client
from dynaopenai._bulk.options import Options
from dynaopenai._cli.verbs.bulk import command
from dynaopenai._mock.server import MockServer

PAGE = (Path(__file__).parents[2] / "docs" / "bulk.md").read_text("utf-8")
ELSEWHERE = {"--base-url", "--spec", "--json", "--quiet", "--output", "--overlay"}


@pytest.mark.parametrize("name", sorted({option for parameter in command.params for option in parameter.opts if option.startswith("--")} - ELSEWHERE))
def test_every_option_of_the_verb_is_named(name):
    assert re.search(rf"{name}\b", PAGE)


def test_every_option_of_map_is_one_of_the_verb_s():
    spelled = {name.replace("_", "-") for name in (field.name for field in dataclasses.fields(Options))}
    of_the_verb = {option.removeprefix("--") for parameter in command.params for option in parameter.opts}
    assert spelled - of_the_verb == {"anew", "show"}  # --continue, --quiet


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text(json.dumps({"prompt": "Why?"}) + "\n")
    return tmp_path


def test_the_line_for_the_shell_runs(folder, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mock")
    [line] = re.findall(r"^dynaopenai bulk createChat\S+ (.*)$", PAGE, re.MULTILINE)
    with MockServer() as server:
        words = ["bulk", "createChatCompletion", *line.split(), "--base-url", server.url]
        ended = subprocess.run([sys.executable, "-m", "dynaopenai", *words], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("1 done; ")


def test_the_code_runs(folder, capsys):
    (folder / "rows.jsonl").write_text(json.dumps({"input": "Why?"}) + "\n")
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with MockServer() as server, Client(base_url=server.url, api_key="k") as client:
        exec(code[0], {"client": client})
    assert capsys.readouterr().out.startswith("1 done; ")


def test_rows_of_ray_are_rows(folder):
    pytest.importorskip("ray")
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    with MockServer() as server, Client(base_url=server.url, api_key="k") as client:
        names = {"client": client}
        exec(code, names)
    assert names["answers"].count() == 3
