"""What comes next is proposed: names and values, by rlcompleter, by jedi and by our own matcher."""

import inspect
import rlcompleter
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from shop import SHOP

from dynaopenai import Client
from dynaopenai._cli.completion import at
from dynaopenai._response.data import wrap

CLIENT = Client(SHOP)


def test_a_client_lists_its_operations_groups_and_tags() -> None:
    assert {"createOrder", "cancel_order", "orders", "files", "find"} <= set(dir(CLIENT))
    assert "create_order" not in dir(CLIENT)


def test_an_answer_lists_its_keys() -> None:
    assert "speed" in dir(wrap({"speed": 1, "not a name": 2}))
    assert "not a name" not in dir(wrap({"not a name": 2}))


def test_rlcompleter_finds_operations() -> None:
    completer = rlcompleter.Completer({"client": CLIENT})

    found = [completer.complete("client.create", state) for state in range(2)]

    assert [str(text).rstrip("()") for text in found if text] == ["client.createOrder"]


def test_the_signature_is_true() -> None:
    parameters = inspect.signature(CLIENT.createOrder).parameters

    assert next(iter(parameters)) == "items"
    assert parameters["items"].default is inspect.Parameter.empty
    assert parameters["speed"].default == "slow"
    assert str(parameters["speed"].annotation) == "typing.Literal['slow', 'fast']"


@pytest.mark.parametrize(
    ("source", "proposed"),
    [
        ("client.createOrder(", ["items=", "speed=", "gift=", "discount=", "labels=", "codes=", "note=", "stream="]),
        ("client.createOrder(sp", ["speed="]),
        ("client.createOrder(speed='fast', sp", []),
        ("client.createOrder(speed=", ['"fast"', '"slow"']),
        ("client.createOrder(speed='f", ["'fast'"]),
        ('x = client.createOrder(items=[], speed="s', ['"slow"']),
        ('client["createOrder"](speed="s', ['"slow"']),
        ("client.orders.create_order(speed='f", ["'fast'"]),
        ("client.operations['createOrder'](speed='f", ["'fast'"]),
        ("print(client.createOrder(speed='f", ["'fast'"]),
        ("client.createOrder(speed='fast')", []),
        ("other.createOrder(speed='f", []),
        ("client.noSuch(speed='f", []),
        ("client.createOrder", []),
        ("'client.createOrder(speed=", []),
        ("", []),
    ],
)
def test_names_and_values_are_proposed_inside_a_call(source: str, proposed: list[str]) -> None:
    assert at(source, {"client": CLIENT, "print": print}) == proposed


def test_nothing_of_the_users_is_evaluated() -> None:
    class Trap:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was asked for")

    assert at("trap.method(x='", {"trap": Trap()}) == []
    assert at("trap['method'](x='", {"trap": Trap()}) == []


@pytest.fixture
def shell() -> Iterator[Any]:
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = interactive.InteractiveShell()
        made.push({"client": CLIENT})
        made.run_line_magic("load_ext", "dynaopenai")
        yield made
        made.history_manager.end_session()
        interactive.InteractiveShell.clear_instance()


@pytest.mark.parametrize("use_jedi", [True, False])
@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("client.createOrder(spe", "speed="),
        ("client.createOrder(speed='f", "'fast'"),
        ("client.createOrder(speed=", '"slow"'),
        ("client.createO", "createOrder"),
    ],
)
def test_ipython_proposes_names_and_values(shell: Any, use_jedi: bool, typed: str, proposed: str) -> None:
    completer = pytest.importorskip("IPython.core.completer")
    shell.Completer.use_jedi = use_jedi

    with completer.provisionalcompleter():
        found = [completion.text for completion in shell.Completer.completions(typed, len(typed))]

    assert proposed in [text.removeprefix(".") for text in found]


def test_ipython_shows_an_error_as_its_message(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("x = 1\nclient.createOrder(itms=x)")

    shown = capsys.readouterr().out
    assert "line 2: client.createOrder(itms=x)\nRequestValidationError: createOrder was not sent: 2 problems" in shown
    assert "_operation.py" not in shown


def test_an_error_starts_at_the_callers_line() -> None:
    with pytest.raises(ValueError, match="createOrder was not sent") as caught:
        CLIENT.createOrder(itms=1)

    assert len(caught.traceback) <= 3
