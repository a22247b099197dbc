"""The interactive session, typed into on a real terminal: with IPython and without."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import SHOP
from terminal import Terminal

needs_ipython = pytest.mark.skipif(importlib.util.find_spec("IPython") is None, reason="IPython is not installed")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), "utf-8")
    return tmp_path


@pytest.fixture
def plain(home: Path) -> Iterator[Terminal]:
    with Terminal("repl", "shop.json", "--mock", "--plain", home=home) as terminal:
        terminal.read_until(">>> ")
        yield terminal


def test_the_client_is_ready_and_told(home: Path) -> None:
    with Terminal("repl", "shop.json", "--mock", "--plain", home=home) as terminal:
        banner = terminal.read_until(">>> ")

    assert "<Client Shop 7 at http://127.0.0.1:" in banner
    assert "Orders 3  Files 2" in banner


def test_a_call_is_answered(plain: Terminal) -> None:
    plain.type("client.createOrder(items=[dict(product='tea', count=1)], speed='fast').speed\n")

    assert "'fast'" in plain.read_until("\n>>> ")


def test_a_client_that_is_made_there_calls_the_mock_too(home: Path) -> None:
    with Terminal("repl", "--mock", "--plain", home=home) as terminal:
        terminal.read_until(">>> ")
        terminal.type("client = Client(); len(client.listModels().data) > 0, client\n")
        shown = terminal.read_until("\n>>> ")

    assert "True, <Client OpenAI API 2.0.0 at http://127.0.0.1:" in shown


def test_what_is_shown_is_in_colour_where_it_is_wanted(home: Path) -> None:
    shown = []
    for environment in ({}, {"NO_COLOR": "1"}):
        with Terminal("repl", "shop.json", "--plain", home=home, **environment) as terminal:
            terminal.read_until(">>> ")
            terminal.text = ""
            terminal.type("client.createOrder; _.id\n")
            terminal.read_until("'createOrder'\n>>> ")
            shown.append(terminal)

    assert [("\x1b[1" in terminal.text or "\x1b[3" in terminal.text) for terminal in shown] == [True, False]
    assert all("items     array of Item (at least 1 item)" in terminal.plain for terminal in shown)


def test_an_error_is_its_message(plain: Terminal) -> None:
    plain.type("client.createOrder(itms=[])\n")
    shown = plain.read_until("\n>>> ")
    plain.type("client.creatOrder\n")
    other = plain.read_until("\n>>> ")
    plain.type("1 / 0\n")
    foreign = plain.read_until("\n>>> ")

    assert "RequestValidationError: createOrder was not sent: 2 problems" in shown
    assert 'did you mean "items"?' in shown
    assert "did you mean createOrder" in other
    assert "Traceback" not in shown + other
    assert "Traceback" in foreign


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("client.createO\t", "client.createOrder("),
        ("client.createOrder(spe\t", "client.createOrder(speed="),
        ('client.createOrder(speed="fa\t', 'client.createOrder(speed="fast"'),
        ("client.createOrder(speed='sl\t", "client.createOrder(speed='slow'"),
        ('client.createOrder(items=[{"pro\t', 'client.createOrder(items=[{"product": '),
        ("client.with_options(tim\t", "client.with_options(timeout="),
        ("client['createO\t", "client['createOrder'"),
    ],
)
def test_tab_completes_what_the_document_has(plain: Terminal, typed: str, completed: str) -> None:
    plain.type(typed)

    assert completed in plain.read_until(completed)


def test_tab_completes_the_members_of_an_answer(home: Path) -> None:
    with Terminal("repl", "--mock", "--plain", home=home) as terminal:
        terminal.read_until(">>> ")
        terminal.type("models = client.listModels(); 6 * 7\n")
        terminal.read_until("42\n>>> ")
        terminal.type("models.data[0].own\t\n")

        assert "'openai'" in terminal.read_until("\n>>> ")


def test_it_is_left_by_end_of_file(plain: Terminal) -> None:
    plain.type("\x04")

    assert plain.wait() == 0
    assert "Traceback" not in plain.plain


def test_an_interrupt_does_not_end_it(plain: Terminal) -> None:
    plain.type("import time; time.sleep(60)\n")
    plain.read_until("sleep(60)")
    plain.type("\x03")
    assert "KeyboardInterrupt" in plain.read_until("\n>>> ")
    plain.type("6 * 7\n")

    assert "42" in plain.read_until("\n>>> ")


@needs_ipython
def test_ipython_is_used_where_it_is(home: Path) -> None:
    with Terminal("repl", "shop.json", "--mock", home=home) as terminal:
        banner = terminal.read_until("In [1]: ")
        terminal.type("client.createOrder(itms=[])\r")
        shown = terminal.read_until("In [2]: ", 60)

    assert "WARNING" not in banner
    assert "RequestValidationError: createOrder was not sent" in shown
    assert "Traceback" not in shown
