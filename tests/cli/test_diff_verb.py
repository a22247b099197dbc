"""`dynaopenai diff`: text, Markdown and JSON, what CI asks, git revisions, and what a code base uses."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dynaopenai._cli.usage import used_in
from dynaopenai._cli.verbs.diff import command

CONTENT = "application/json"


def document(maximum: int, operations: tuple[str, ...] = ("getPet", "listPets")) -> dict[str, Any]:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": maximum}}
    paths = {f"/{name}": {"get": {"operationId": name, "parameters": [limit], "responses": {}}} for name in operations}
    return {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths}


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    found = []
    for name, root in (("old.json", document(100)), ("new.json", document(50, ("getPet", "listPets", "addPet")))):
        (tmp_path / name).write_text(json.dumps(root), "utf-8")
        found.append(str(tmp_path / name))
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_text_says_what_breaks_and_sums_what_is_safe(pair: list[str]) -> None:
    assert run(*pair).output.splitlines() == [
        "old.json → new.json: 1 breaking, 1 safe",
        "",
        "getPet, listPets",
        "  breaking  query.limit: maximum 100 → 50  [maximum-lowered]",
        "            was valid: 51",
        "",
        "safe (all of them: --all)",
        "     1 operation-added: a new operation (addPet)",
    ]


def test_all_lists_safe_changes_too(pair: list[str]) -> None:
    assert "  safe      GET /addPet is new  [operation-added]" in run("--all", *pair).output.splitlines()


def test_markdown_folds_what_is_safe(pair: list[str]) -> None:
    assert run("--format", "markdown", *pair).output.splitlines() == [
        "### old.json → new.json: 1 breaking, 1 safe",
        "",
        "**breaking**",
        "",
        "- `getPet`, `listPets`",
        "  - `query.limit`: maximum 100 → 50 (`maximum-lowered`)",
        "    was valid: `51`",
        "",
        "<details><summary>1 safe change</summary>",
        "",
        "- `addPet`",
        "  - GET /addPet is new (`operation-added`)",
        "",
        "</details>",
    ]


def test_json_holds_all_of_it(pair: list[str]) -> None:
    told = json.loads(run("--json", *pair).output)

    assert told["summary"] == {"breaking": 1, "dangerous": 0, "safe": 1}
    assert told["changes"][0] == {
        "code": "maximum-lowered", "severity": "breaking", "direction": "request", "operations": ["getPet", "listPets"],
        "path": "query.limit", "message": "maximum 100 → 50", "pointer": "#/paths/~1getPet/get/parameters/0/schema",
        "source": "new.json:1", "old": 100, "new": 50, "witness": 51,
    }  # fmt: skip


@pytest.mark.parametrize(("level", "status"), [("breaking", 1), ("dangerous", 1), ("safe", 1)])
def test_fail_on_that_or_worse(pair: list[str], level: str, status: int) -> None:
    assert run("--fail-on", level, *pair).exit_code == status
    assert run("--fail-on", level, pair[0], pair[0]).exit_code == 0


def test_fail_on_breaking_lets_safe_pass(pair: list[str]) -> None:
    assert run("--fail-on", "breaking", "--only", "addPet", *pair).exit_code == 0


def test_only_names_operations(pair: list[str]) -> None:
    assert run("--only", "get*", *pair).output.splitlines()[2] == "getPet"


def test_only_an_operation_that_is_nowhere_is_wrong_usage(pair: list[str]) -> None:
    result = run("--only", "getPets", *pair)

    assert result.exit_code == 2
    assert "did you mean getPet?" in result.output


def test_used_in_reports_what_the_code_calls(pair: list[str], tmp_path: Path) -> None:
    source = tmp_path / "app"
    source.mkdir()
    (source / "main.py").write_text("client.list_pets(limit=3)\nclient['getOther']()\n", "utf-8")

    assert run("--used-in", str(source), *pair).output.splitlines()[:3] == [
        "old.json → new.json: 1 breaking",
        "",
        "listPets",
    ]


def test_usage_tells_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(c):\n    return c.list_pets(), c['getPet'], c.pets.addPet\n", "utf-8")
    (tmp_path / "b.sh").write_text("dynaopenai call getPet id=1\n", "utf-8")
    (tmp_path / "broken.py").write_text("def (:\n  getPet\n", "utf-8")

    assert used_in(tmp_path, ["getPet", "listPets", "addPet", "other"]) == {
        "listPets": ["a.py:2"], "addPet": ["a.py:2"], "getPet": ["a.py:2", "b.sh:1", "broken.py:2"],
    }  # fmt: skip


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_git_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    for maximum in (100, 50):
        (tmp_path / "api.json").write_text(json.dumps(document(maximum)), "utf-8")
        git("add", "api.json")
        git("commit", "-q", "-m", "x")
    monkeypatch.chdir(tmp_path)

    assert (
        run("HEAD~1:api.json", "HEAD:api.json").output.splitlines()[0] == "HEAD~1:api.json → HEAD:api.json: 1 breaking"
    )
    assert "unknown revision" in str(run("NEVER:api.json", "api.json").exception) or "invalid object" in str(
        run("NEVER:api.json", "api.json").exception
    )
