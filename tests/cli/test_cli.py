"""The command line's verbs that look: ls, show, check; its settings, its exit statuses, its completion."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from shop import SHOP

from dynaopenai._cli import cli as _cli

LISTING = """\
Shop 7: 6 operations

Orders
  listOrders    GET    /orders                   List the orders
  createOrder   POST   /orders                   Place an order
  cancel-order  DELETE /orders/{order_id}        (deprecated) Cancel an order

Files
  upload        POST   /files
  download      GET    /files/{file_id}/content

(no tag)
  close         POST   /close
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "DYNAOPENAI_SPEC"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(SHOP), "utf-8")
    return str(path)


def shell(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "dynaopenai", *words],
        capture_output=True, text=True, encoding="utf-8", timeout=60, env={**os.environ, **environment}, check=False,
    )  # fmt: skip


# --- ls ------------------------------------------------------------------------------------------


def test_ls_lists_the_operations_by_tag(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["ls", "--spec", shop]) == 0
    assert capsys.readouterr() == (LISTING, "")


def test_ls_with_words_finds(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["ls", "discount", "--spec", shop]) == 0
    assert capsys.readouterr().out == "  createOrder  POST   /orders  Place an order\n  schemas: Order\n"
    assert _cli.run(["ls", "zzzz", "--spec", shop]) == 1
    assert capsys.readouterr() == ("", "nothing fits 'zzzz'\n")


def test_ls_as_json(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["ls", "cancel", "--spec", shop, "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["operations"][0] == {
        "id": "cancel-order", "method": "DELETE", "path": "/orders/{order_id}", "tags": ["Orders"], "summary": "Cancel an order", "deprecated": True,
    }  # fmt: skip


def test_ls_imports_nothing_heavy(shop: str) -> None:
    source = (
        "import sys; from dynaopenai._cli.cli import run; run(['ls', '--spec', sys.argv[1]]); "
        "print([name for name in ('requests', 'openapi_core', 'werkzeug', 'IPython', 'rich', 'jsonschema', 'jsonschema_rs') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", source, shop], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.splitlines()[-1] == "[]"


# --- show ----------------------------------------------------------------------------------------


def test_show_describes_an_operation(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["show", "createOrder", "--spec", shop]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith("createOrder   POST /orders\n\nPlace an order\n")
    assert "    dynaopenai call createOrder items.0.product=product" in shown


def test_show_describes_a_schema(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["show", "Placed", "--spec", shop]) == 0
    assert capsys.readouterr().out == "Placed: object\n├─ id     string  required\n└─ speed  string\n"
    assert _cli.run(["show", "Placed", "--spec", shop, "--depth", "0"]) == 0
    assert capsys.readouterr().out == "Placed: object\n"


def test_show_as_json(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["show", "listOrders", "--spec", shop, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["arguments"][0] == {
        "name": "limit", "api_name": "limit", "in": "query", "required": False, "type": "integer at least 1",
        "description": "", "deprecated": False, "default": 20,
    }  # fmt: skip
    assert _cli.run(["show", "Placed", "--spec", shop, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["required"] == ["id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "creatOrder"], "did you mean createOrder"),
        (["show", "Plced"], "did you mean Placed"),
        (["show", "zzzzzz"], "try: dynaopenai ls zzzzzz"),
        (["shw", "createOrder"], "Did you mean 'show'?"),
        (["show", "createOrder", "--dept", "3"], "--depth"),
        (["show"], "Missing argument 'OPERATION|SCHEMA|TAG'"),
        (["call", "creatOrder"], "did you mean createOrder"),
        (["call", "createOrder", "items@/none"], 'cannot read "/none": No such file or directory'),
        (["call", "createOrder", "codes:=1,"], "is no JSON"),
        (["call", "listOrders", "--timeout", "0"], "timeout: found 0.0, expected seconds"),
        (["call", "listOrders", "--header", "x"], "--header: found 'x', expected NAME:VALUE"),
        (["call", "listOrders", "--key-env", "NO_SUCH_KEY"], "--key-env: the environment has no NO_SUCH_KEY"),
        (["call", "listOrders", "--save", "/none/x"], "--save: there is no folder /none"),
        (["call", "listOrders", "--stream"], "listOrders does not answer piece by piece"),
        (["validate"], "expected an operation, or --schema NAME"),
        (["validate", "createOrder"], "expected the files to check"),
        (["validate", "listOrders", "x.json"], "listOrders takes no body"),
        (["validate", "createOrder", "none.json"], "cannot read none.json: No such file or directory"),
        (["validate", "--schema", "Plced", "x.json"], "did you mean Placed"),
    ],
)
def test_what_cannot_be_done_as_asked_says_what_can(shop: str, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert _cli.run([*words, "--spec", shop]) == 2

    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("document", ["none.json", "http://127.0.0.1:1/none.json"])
@pytest.mark.parametrize("verb", [["ls"], ["show", "x"], ["call", "x"], ["check"], ["validate", "x", "y"], ["repl"]])
def test_a_document_that_cannot_be_read_is_told(shop: str, capsys: pytest.CaptureFixture[str], verb: list[str], document: str) -> None:
    assert _cli.run([*verb, "--spec", document]) == 2
    assert capsys.readouterr().err.startswith("SpecError: cannot ")


# --- check ---------------------------------------------------------------------------------------


def test_check_finds_nothing_in_a_sound_document(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    sound = {**SHOP, "paths": {"/orders": {"get": SHOP["paths"]["/orders"]["get"]}}}
    Path(shop).write_text(json.dumps(sound), "utf-8")

    assert _cli.run(["check", shop]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("shop.json: 1 operation, ")


def test_check_says_no_where_a_part_cannot_be_used(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    broken: dict[str, Any] = json.loads(json.dumps(SHOP))
    broken["components"]["schemas"]["Order"]["properties"]["items"]["items"] = {"$ref": "#/components/schemas/Itm"}
    Path(shop).write_text(json.dumps(broken, indent=1), "utf-8")

    assert _cli.run(["check", shop]) == 1
    shown = capsys.readouterr().out
    assert "error: " in shown
    assert "#/components/schemas/Item" in shown
    assert _cli.run(["check", "--spec", shop, "--json"]) == 1
    assert {item["severity"] for item in json.loads(capsys.readouterr().out)} >= {"error"}


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dynaopenai.toml", 'spec = "shop.json"\ntimeout = 5\n'),
        ("pyproject.toml", '[tool.dynaopenai]\nspec = "shop.json"\n'),
    ],
)
def test_settings_come_from_the_nearest_file(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert _cli.run(["ls"]) == 0
    assert capsys.readouterr().out == LISTING


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('spek = "x"', 'there is no setting "spek"'),
        ("timeout = true", "timeout cannot be used"),
        ("spec = ", "this is no TOML"),
        ('validate_requests = "never"', "validate_requests: found 'never', expected"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    (tmp_path / "dynaopenai.toml").write_text(text, "utf-8")

    assert _cli.run(["ls"]) == 2
    assert said in capsys.readouterr().err


def test_a_key_does_not_follow_a_settings_file_elsewhere(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = {**SHOP, "security": [{"key": []}], "components": {**SHOP["components"], "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}}
    Path(shop).write_text(json.dumps(spec), "utf-8")
    (tmp_path / "dynaopenai.toml").write_text('spec = "shop.json"\nbase_url = "http://elsewhere.example"\n', "utf-8")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-2718")
    monkeypatch.setattr("dynaopenai._cli.verbs.call._show_request", lambda request, _secrets, _json: click.echo(f"{request.headers.get('Authorization')} {request.url}"))

    assert _cli.run(["call", "listOrders", "--dry-run"]) == 0
    assert capsys.readouterr().out == "None http://elsewhere.example/orders\n"
    assert _cli.run(["call", "listOrders", "--dry-run", "--key-env", "OPENAI_API_KEY"]) == 0
    assert capsys.readouterr().out == "Bearer sk-canary-2718 http://elsewhere.example/orders\n"


# --- completion ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        (["c"], ["call", "check"]),
        (["show", "cr"], ["createOrder"]),
        (["show", "Pla"], ["Placed"]),
        (["call", "create_o"], ["create_order"]),
        (["call", "orders.c"], ["orders.create"]),
        (["call", "createOrder", ""], ["items.0.", "speed=", "gift=", "discount=", "labels=", "codes=", "note=", "stream="]),
        (["call", "createOrder", "gift=true", "g"], []),
        (["call", "createOrder", "speed=f"], ["speed=fast"]),
        (["call", "createOrder", "speed="], ["speed=slow", "speed=fast"]),
        (["call", "createOrder", "gift="], ["gift=true", "gift=false"]),
        (["call", "upload", "f"], ["file@"]),
        (["call", "noSuchThing", "x"], []),
    ],
)
def test_the_shell_is_offered_what_the_document_has(shop: str, words: list[str], proposed: list[str]) -> None:
    typed = " ".join(["dynaopenai", *words])
    line = {"_DYNAOPENAI_COMPLETE": "bash_complete", "COMP_LINE": typed, "COMP_POINT": str(len(typed)), "COMP_WORD": words[-1]}
    source = "from dynaopenai.__main__ import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", source], env={**os.environ, **line, "DYNAOPENAI_SPEC": shop}, capture_output=True, text=True, check=False, timeout=60
    )

    assert [found.partition(",")[2] for found in done.stdout.splitlines() if found] == proposed
    assert done.stderr == ""


def test_completion_is_silent_where_nothing_can_be_read(shop: str) -> None:
    line = {"_DYNAOPENAI_COMPLETE": "bash_complete", "COMP_LINE": "dynaopenai show x", "COMP_POINT": "17", "COMP_WORD": "x"}

    done = shell(**line, DYNAOPENAI_SPEC="/none.json")

    assert (done.stdout.strip(), done.stderr) == ("", "")


# --- the whole -----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", sorted(_cli.VERBS))
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run([verb, "--help"]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: dynaopenai {verb}")
    assert len(shown.splitlines()) > 5


@pytest.mark.parametrize("verb", ["ls", "show", "call", "validate", "check", "diff"])
def test_what_answers_answers_in_json_too(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run([verb, "--help"]) == 0
    assert "--json" in capsys.readouterr().out


def test_the_overview_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["--help"]) == 0

    shown = capsys.readouterr().out
    assert [verb for verb in _cli.VERBS if f"\n  {verb} " not in shown] == []


def test_a_closed_pipe_ends_it_quietly(shop: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-m", "dynaopenai", "ls", "--spec", shop], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")
