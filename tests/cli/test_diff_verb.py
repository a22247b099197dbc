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


USED = [
    ("a.py", "client.close_()", "close"),
    ("a.py", "A = 'get'\nclient[A + 'Pet']()", "getPet"),
    ("a.py", "A = 'get'\ngetattr(client, f'{A}Pet')()", "getPet"),
    ("a.py", "client['search']()", "search"),
    ("a.py", "run(['dynaopenai', 'call', 'search'])", "search"),
    ("go", "#!/bin/sh\ndynaopenai call getPet id=1", "getPet"),
    ("go", "#!/usr/bin/env python3\nclient.getPet()", "getPet"),
    ("Makefile", "all:\n\t.venv/bin/dynaopenai call --json getPet", "getPet"),
    ("ci.yml", "steps:\n- run: dynaopenai call getPet", "getPet"),
    ("ci.yml", "command:\n  - dynaopenai\n  - call\n  - getPet", "getPet"),
    ("a.sh", "dynaopenai call \\\n  getPet", "getPet"),
    ("a.sh", "OP=getPet\ndynaopenai call $OP", "getPet"),
    ("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": ["client.getPet()"]}]}), "getPet"),
    ("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": ["!dynaopenai call getPet"]}]}), "getPet"),
]
UNUSED = [
    ("a.py", "import re\nre.search('x', 'y')"),
    ("a.py", "import subprocess\np = subprocess.Popen('x')\np.close()"),
    ("a.py", "with open('x') as file:\n    file.close()"),
    ("a.py", "found = {'search': 1}"),
    ("a.py", "# client.getPet()"),
    ("a.sh", "# dynaopenai call getPet"),
    ("a.sh", "dynaopenai ls  # then call getPet"),
    ("a.sh", "echo getPet"),
    ("api.yaml", "paths:\n  /pet:\n    get:\n      operationId: getPet"),
    ("a.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": [], "outputs": [{"text": ["client.getPet()"]}]}]})),
    ("a.ipynb", json.dumps({"cells": [{"cell_type": "markdown", "source": ["client.getPet()"]}]})),
]


@pytest.mark.parametrize(("name", "text", "used"), USED)
def test_what_calls_an_operation_is_found(tmp_path: Path, name: str, text: str, used: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    assert list(used_in(tmp_path, ["getPet", "search", "close"])) == [used]


@pytest.mark.parametrize(("name", "text"), UNUSED)
def test_what_only_sounds_like_an_operation_is_not(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    assert used_in(tmp_path, ["getPet", "search", "close"]) == {}


def test_code_that_calls_nothing_is_wrong_usage_and_not_unchanged(pair: list[str], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print()", "utf-8")

    result = run("--used-in", str(tmp_path / "app.py"), *pair)

    assert result.exit_code == 2
    assert "no use of any of the 3 operations was found" in result.output


NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def committed(folder: Path, files: dict[str, Any]) -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    for name, root in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(root), "utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "x")


@NEEDS_GIT
def test_a_git_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for maximum in (100, 50):
        committed(tmp_path, {"api.json": document(maximum)})
    monkeypatch.chdir(tmp_path)

    assert (
        run("HEAD~1:api.json", "HEAD:api.json").output.splitlines()[0] == "HEAD~1:api.json → HEAD:api.json: 1 breaking"
    )
    told = str(run("NEVER:api.json", "api.json").exception)
    assert "unknown revision" in told or "invalid object" in told


def split(maximum: int) -> dict[str, Any]:
    """A document in three files: an operation, and the schema that it asks by."""
    limit = {"name": "limit", "in": "query", "schema": {"$ref": "schemas/limit.json"}}
    return {
        "api.json": {**document(0), "paths": {"/pets": {"get": {"$ref": "paths/pets.json"}}}},
        "paths/pets.json": {"operationId": "listPets", "parameters": [{**limit, "schema": {"$ref": "../schemas/limit.json"}}], "responses": {}},
        "schemas/limit.json": {"type": "integer", "maximum": maximum},
    }


@NEEDS_GIT
def test_each_revision_is_read_with_its_own_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for maximum in (100, 50, 10):
        committed(tmp_path, {f"spec/{name}": root for name, root in split(maximum).items()})
    monkeypatch.chdir(tmp_path)

    for old, new, told in (("HEAD~2", "HEAD~1", "100 → 50"), ("HEAD~1", "HEAD", "50 → 10"), ("HEAD", "HEAD~2", "10 → 100")):
        assert f"maximum {told}" in run("--all", f"{old}:spec/api.json", f"{new}:spec/api.json").output
    monkeypatch.chdir(tmp_path / "spec")
    assert "maximum 100 → 10" in run("HEAD~2:api.json", "api.json").output


@NEEDS_GIT
def test_a_neighbour_that_a_revision_lacks_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"spec/{name}": root for name, root in split(100).items()}
    committed(tmp_path, {name: root for name, root in files.items() if "limit" not in name})
    committed(tmp_path, files)
    monkeypatch.chdir(tmp_path)

    for pair in (("HEAD~1:spec/api.json", "HEAD:spec/api.json"), ("HEAD:spec/api.json", "HEAD~1:spec/api.json")):
        result = run(*pair)
        assert result.exit_code == 2
        assert "cannot be read" in result.output


def test_a_path_that_leads_nowhere_is_no_success(tmp_path: Path, pair: list[str]) -> None:
    (tmp_path / "broken.json").write_text(json.dumps({**document(9), "paths": {"/pets": {"$ref": "gone.json"}}}), "utf-8")

    assert run(pair[0], str(tmp_path / "broken.json")).exit_code == 2
    assert run(str(tmp_path / "broken.json"), pair[0]).exit_code == 2


GROUPED = {"pets.list": "listPets", "shop.pets.retrieve": "getPet", "pets.retrieve": "oldPet"}
USED_IN_GROUPS = [
    ("a.py", "client.pets.list(limit=3)", ["listPets"]),
    ("a.py", "self.api.client.pets.list.send()", ["listPets"]),
    ("a.py", "pets = client.pets\npets.list()", ["listPets"]),
    ("a.py", "p = client.pets\np.list()", ["listPets"]),
    ("a.py", "s = client.shop\np = s.pets\np.retrieve(1)", ["getPet"]),
    ("a.py", "client.with_options(timeout=1).pets.list()", ["listPets"]),
    ("a.py", "client.shop.pets.retrieve(1)", ["getPet"]),
    ("a.py", "client.pets.retrieve(1)", ["oldPet"]),
    ("a.py", "def (:\n  client.pets.list()", ["listPets"]),
    ("a.sh", "dynaopenai call pets.list limit=1", ["listPets"]),
    ("a.py", "client.dogs.list()", []),
    ("a.py", "pets = []\npets.list()", []),
    ("a.py", "import json as pets\npets.list()", []),
    ("a.sh", "echo pets.list", []),
]


@pytest.mark.parametrize(("name", "text", "used"), USED_IN_GROUPS)
def test_names_in_groups_count_as_uses(tmp_path: Path, name: str, text: str, used: list[str]) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    assert list(used_in(tmp_path, GROUPED.values(), GROUPED)) == used


def test_used_in_knows_the_groups_of_both_documents(tmp_path: Path) -> None:
    answers = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array"}}}}}
    for name, path, maximum in (("old", "/pets", 9), ("new", "/v2/animals", 8)):
        limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": maximum}}
        get = {"operationId": "listPets", "parameters": [limit], "responses": answers}
        written = {**document(0), "paths": {path: {"get": get}}}
        (tmp_path / f"{name}.json").write_text(json.dumps(written), "utf-8")
    for line in ("client.pets.list()", "client.animals.list()"):
        (tmp_path / "app.py").write_text(line, "utf-8")

        result = run("--used-in", str(tmp_path / "app.py"), str(tmp_path / "old.json"), str(tmp_path / "new.json"))

        assert "maximum 9 → 8" in result.output
