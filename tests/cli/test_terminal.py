"""On a real terminal: colour where it may be, folding, bars, and an end without a traceback."""

import json
import re
from pathlib import Path

import pytest
from shop import SHOP
from terminal import Terminal

from dynaopenai import Client


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), "utf-8")
    return tmp_path


def shown(home: Path, *words: str, columns: int = 100, **environment: str) -> Terminal:
    with Terminal(*words, home=home, columns=columns, **environment) as terminal:
        terminal.wait()
    return terminal


def test_colour_is_for_terminals_that_want_it(home: Path) -> None:
    coloured = shown(home, "ls", "--spec", "shop.json")
    plain = [shown(home, "ls", "--spec", "shop.json", NO_COLOR="1"), shown(home, "ls", "--spec", "shop.json", TERM="dumb")]

    assert "\x1b[" in coloured.text
    assert [terminal.text for terminal in plain if "\x1b" in terminal.text] == []
    assert {coloured.plain} == {terminal.plain for terminal in plain}


def test_an_answer_is_folded_on_a_terminal_and_whole_in_json(home: Path) -> None:
    vectors = {"type": "array", "items": {"type": "number"}, "example": [0.25] * 1536}
    schema = {"type": "object", "properties": {"vector": vectors}, "required": ["vector"], "example": {"vector": [0.25] * 1536}}
    answer = {"200": {"description": "", "content": {"application/json": {"schema": schema, "example": {"vector": [0.25] * 1536}}}}}
    document = {"openapi": "3.1.0", "info": {"title": "V", "version": "1"}, "paths": {"/v": {"get": {"operationId": "v", "responses": answer}}}}
    (home / "v.json").write_text(json.dumps(document), "utf-8")

    folded = shown(home, "call", "v", "--mock", "--spec", "v.json")
    whole = shown(home, "call", "v", "--mock", "--spec", "v.json", "--json")

    assert folded.plain == '{"vector": [0.25, 0.25, 0.25, 0.25, … 1,532 more]}\n'
    assert json.loads(whole.plain)["vector"] == [0.25] * 1536


@pytest.mark.parametrize("columns", [60, 100])
def test_an_answer_fits_the_terminal(home: Path, columns: int) -> None:
    terminal = shown(home, "call", "createOrder", "items[0].product=tea", "items[0].count=1", "--mock", "--spec", "shop.json", columns=columns)

    assert terminal.status == 0
    assert max(map(len, terminal.plain.splitlines())) <= columns


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize(
    "words",
    [("ls",), ("ls", "embed"), ("show", "CreateEmbeddingRequest"), ("show", "createEmbedding"), ("show", "files"), ("call", "listModels", "--mock", "--output", "table")],
)
def test_a_screen_fits_the_terminal_and_says_what_is_required(home: Path, words: tuple[str, ...], columns: int) -> None:
    terminal = shown(home, *words, columns=columns)

    assert terminal.status == 0
    assert max(map(len, terminal.plain.splitlines())) <= columns
    if words[-1].endswith(("Request", "Embedding")):
        assert len(re.findall(r"\brequired\b", terminal.plain)) >= 2


def test_a_banner_fits_the_terminal(home: Path) -> None:
    with Terminal("repl", "--mock", "--plain", home=home, columns=80) as terminal:
        banner = terminal.read_until(">>> ")

    assert max(map(len, banner.splitlines())) <= 80
    assert 'client.find("words")   client.OPERATION' in banner


def test_a_file_is_not_thrown_at_the_screen(home: Path) -> None:
    terminal = shown(home, "call", "download", "7", "--mock", "--spec", "shop.json")

    assert terminal.plain == "application/octet-stream, 8 bytes; --save FILE keeps it\n"


def test_a_bar_shows_how_far_a_long_check_is(home: Path) -> None:
    line = json.dumps({"items": [{"product": "tea", "count": 1}], "labels": ["x" * 10_000]}) + "\n"
    (home / "long.jsonl").write_text(line * 2_000, "utf-8")

    terminal = shown(home, "validate", "createOrder", "long.jsonl", "--spec", "shop.json")

    assert terminal.status == 0
    assert "long.jsonl" in terminal.plain
    assert "MB" in terminal.plain
    assert terminal.plain.splitlines()[-1].endswith("long.jsonl: valid, 2,000 values")


def test_a_saved_file_is_told(home: Path) -> None:
    terminal = shown(home, "call", "download", "7", "--mock", "--spec", "shop.json", "--save", "out.bin")

    assert terminal.status == 0
    assert terminal.plain.splitlines()[-1].endswith("saved out.bin, 8 bytes")
    assert (home / "out.bin").read_bytes() == b"example\n"


def test_a_server_tells_its_requests_as_json(home: Path) -> None:
    with Terminal("mock", "shop.json", "--port", "0", "--json", home=home) as terminal:
        url = json.loads(terminal.read_until("}\n"))["url"]
        with Client(str(home / "shop.json"), base_url=url) as client:
            client.listOrders()
        record = json.loads(terminal.read_until("}\n"))

    assert (record["operation_id"], record["status"], record["verdict"]) == ("listOrders", 200, [])


def test_a_server_is_stopped_by_an_interrupt(home: Path) -> None:
    with Terminal("mock", "shop.json", "--port", "0", home=home) as terminal:
        terminal.read_until("Ctrl-C stops")
        terminal.type("\x03")

        assert terminal.wait() in (0, 130)
        assert "Traceback" not in terminal.plain
