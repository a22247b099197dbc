"""What comes next is proposed: names and values, by rlcompleter, by jedi and by our own matcher."""

import inspect
import rlcompleter
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
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


REPLY = wrap({"choices": [{"message": {"content": "Hi", "items": 1}, "end": 1}], "usage": {"n": 1}, "a b": {"c": 1}})
TALK = Client(
    {
        **SHOP,
        "paths": {
            "/talk": {"post": {"operationId": "talk", "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Talk"}}}}, "responses": {}}}
        },
        "components": {
            "schemas": {
                "Talk": {"type": "object", "properties": {
                    "turns": {"type": "array", "items": {"oneOf": [{"$ref": "#/components/schemas/Asked"}, {"$ref": "#/components/schemas/Tool"}]}},
                    "loud": {"type": "boolean"}, "how": {"$ref": "#/components/schemas/How"},
                    "names": {"type": "array", "items": {"enum": ["ebb", "flow", "it's"]}},
                }},
                "Asked": {"type": "object", "properties": {"role": {"const": "user"}, "content": {"type": "string"}}},
                "Tool": {"type": "object", "properties": {"role": {"const": "tool"}, "call_id": {"type": "string"}}},
                "How": {"type": "object", "properties": {"format": {"type": "object", "properties": {"type": {"enum": ["text", "json"]}}}}},
            }
        },
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "begun", "proposed"),
    [
        ("client.createOrder(", "", ["items=", "speed=", "gift=", "discount=", "labels=", "codes=", "note=", "stream="]),
        ("client.createOrder(sp", "sp", ["speed="]),
        ("client.createOrder(speed='fast', sp", "sp", []),
        ("client.createOrder(speed=", "", ['"fast"', '"slow"']),
        ("client.createOrder(speed=f", "f", ['"fast"']),
        ("client.createOrder(speed='f", "'f", ["'fast'"]),
        ('client.createOrder(speed="', '"', ['"fast"', '"slow"']),
        ('x = client.createOrder(items=[], speed="s', '"s', ['"slow"']),
        ('client["createOrder"](speed="s', '"s', ['"slow"']),
        ("client.orders.create_order(speed='f", "'f", ["'fast'"]),
        ("client.operations['createOrder'](speed='f", "'f", ["'fast'"]),
        ("print(client.createOrder(speed='f", "'f", ["'fast'"]),
        ("for x in y:\n    client.createOrder(\n        speed='f", "'f", ["'fast'"]),
        ("client.createOrder.send(speed='f", "'f", ["'fast'"]),
        ("client.createOrder.curl(sp", "sp", ["speed="]),
        ("client.createOrder(gift=", "", ["True", "False"]),
        ("client.createOrder(items=[{'product': 'tea', 'c", "'c", ["'count': "]),
        ("client.createOrder(items=[dict(product='tea', c", "c", ["count="]),
        ("client.createOrder(items=[f(1, {2: [3]}), {'product': 'tea', 'c", "'c", ["'count': "]),
        ("client.createOrder(speed='fast')", "", []),
        ("client.createOrder(note='a' + f", "f", []),
        ("client.createOrder(note=f'", "f'", []),
        ("client.createOrder(note='''a", "", []),
        ("client.createOrder(  # speed=", "", []),
        ("client.createOrder(items=x[", "", []),
        ("client.createOrder(f(sp", "sp", []),
        ("other.createOrder(speed='f", "'f", []),
        ("client.noSuch(speed='f", "'f", []),
        ("client.createOrder", "createOrder", []),
        ("'client.createOrder(speed=", "", []),
        ("", "", []),
        # keys and values at any depth
        ("talk.talk(turns=[{", "", ['"role": ', '"content": ', '"call_id": ']),
        ("talk.talk(turns=[{'ro", "'ro", ["'role': "]),
        ('talk.talk(turns=[{"role": "', '"', ['"tool"', '"user"']),
        ('talk.talk(turns=[{"role": "tool", "', '"', ['"call_id": ']),
        ('talk.talk(turns=[{"role": "user", "content": "x"}, {"role": "tool", "', '"', ['"call_id": ']),
        ("talk.talk(turns=[dict(role='user', ", "", ["content="]),
        ("talk.talk(how={'format': {'type': 'j", "'j", ["'json'"]),
        ("talk.talk(names=['", "'", ["'ebb'", "'flow'"]),
        ('talk.talk(names=["ebb", "i', '"i', ['"it\'s"']),
        ("talk.talk(loud=T", "T", ["True"]),
        # options, schemas, items
        ("client.with_options(tim", "tim", ["timeout="]),
        ("client.createOrder.with_options(timeout=3, max_ret", "max_ret", ["max_retries=", "max_retry_after="]),
        ("client.with_options(validate_responses='w", "'w", ["'warn'"]),
        ("client.schema('Pl", "'Pl", ["'Placed'"]),
        ("client.validate('Pl", "'Pl", ["'Placed'"]),
        ("client['createO", "'createO", ["'createOrder'"]),
        # answers
        ("reply.choices[0].me", "me", ["message"]),
        ("print(reply.choices[0].", "", ["message", "end", *(name for name in dir(dict) if not name.startswith("_")), "to_dict"]),
        ("reply.choices[-1].message.cont", "cont", ["content"]),
        ("reply['choices'][0]['m", "'m", ["'message'"]),
        ("reply['a b'].c", "c", ["c", "clear", "copy"]),
        ("reply.usage.n", "n", ["n"]),
        ("reply.nothing[0].x", "x", []),
        ("reply.choices[9].x", "x", []),
    ],
)
def test_what_fits_is_proposed(source: str, begun: str, proposed: list[str]) -> None:
    found = at(source, {"client": CLIENT, "talk": TALK, "reply": REPLY, "print": print})

    assert sorted(found.texts) == sorted(proposed)
    assert found.begun == begun or not proposed


SIGNS = st.text(st.sampled_from("client.createOrder(items=[{'\"\\#,:=)]} \n1"))


@given(SIGNS, SIGNS)
def test_any_source_may_be_typed(before: str, after: str) -> None:
    for source in (before, f"client.createOrder({before}", f"client.createOrder(items=[{{{before}, 'product': {after}"):
        assert source.endswith(at(source, {"client": CLIENT}).begun)


def test_nothing_of_the_users_is_evaluated() -> None:
    class Trap:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was asked for")

    for source in ("trap.method(x='", "trap['method'](x='", "trap.a.b", "trap.a[0].b", "trap['a']['b"):
        assert list(at(source, {"trap": Trap()}).texts) == []


@pytest.fixture
def shell() -> Iterator[Any]:
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = interactive.InteractiveShell()
        made.push({"client": CLIENT, "reply": REPLY})
        made.run_line_magic("load_ext", "dynaopenai")
        yield made
        made.history_manager.end_session()
        interactive.InteractiveShell.clear_instance()


@pytest.mark.parametrize("use_jedi", [True, False])
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("client.createOrder(spe", "client.createOrder(speed="),
        ("client.createOrder(speed='f", "client.createOrder(speed='fast'"),
        ('client.createOrder(speed="f', 'client.createOrder(speed="fast"'),
        ('client.createOrder(speed="', 'client.createOrder(speed="slow"'),
        ("client.createOrder(speed=", 'client.createOrder(speed="slow"'),
        ("client.createOrder(items=[{'", "client.createOrder(items=[{'product': "),
        ("x = 1\nclient.createOrder(\n    speed='f", "x = 1\nclient.createOrder(\n    speed='fast'"),
        ("client.createO", "client.createOrder"),
        ("reply.choices[0].", "reply.choices[0].message"),
        ("reply.choices[0].message.c", "reply.choices[0].message.content"),
        ("reply['cho", "reply['choices'"),
        ("client.with_options(tim", "client.with_options(timeout="),
    ],
)
def test_ipython_completes_to_what_python_takes(shell: Any, use_jedi: bool, typed: str, completed: str) -> None:
    completer = pytest.importorskip("IPython.core.completer")
    shell.Completer.use_jedi = use_jedi

    with completer.provisionalcompleter():
        found = list(shell.Completer.completions(typed, len(typed)))
        rectified = list(completer.rectify_completions(typed, found))  # as Jupyter has them

    for proposals in (found, rectified):
        assert completed in [typed[: each.start] + each.text + typed[each.end :] for each in proposals]


def test_ipython_shows_an_error_as_its_message(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("x = 1\nclient.createOrder(itms=x)")

    shown = capsys.readouterr().out
    assert "line 2: client.createOrder(itms=x)\nRequestValidationError: createOrder was not sent: 2 problems" in shown
    assert "_operation.py" not in shown


def test_ipython_shows_an_interrupt_in_two_lines(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("from dynaopenai.errors import Interrupted\nfor _ in range(3):\n    raise Interrupted('createOrder')")

    shown = capsys.readouterr().out.strip().splitlines()
    assert shown == ["line 3: raise Interrupted('createOrder')", "KeyboardInterrupt: createOrder was interrupted"]


def test_an_error_starts_at_the_callers_line() -> None:
    with pytest.raises(ValueError, match="createOrder was not sent") as caught:
        CLIENT.createOrder(itms=1)

    assert len(caught.traceback) <= 3
