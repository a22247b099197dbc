"""Values are shown readably, and never flood a screen."""

import ast
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._display.pretty import FOLDS, MOST_LINES, pretty
from dynaopenai._response.data import wrap

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=2500),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=12), inner, max_size=30),
    max_leaves=60,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({}, "{}"),
        ([], "[]"),
        ("a'b\n", '"a\'b\\n"'),
        ({"a": 1, "b": [True, None]}, "{'a': 1, 'b': [True, None]}"),
        ([0.5] * 9, "[0.5, 0.5, 0.5, 0.5, … 5 more]"),
        (["x"] * 9, "['x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x']"),
        ({"long": "x" * 30, "also": "y" * 30}, "{\n  'long': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',\n  'also': 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'\n}"),
    ],
)
def test_values_are_python_literals(value: Any, shown: str) -> None:
    assert pretty(value, 60) == shown


def test_a_vector_is_folded_and_counted() -> None:
    answer = wrap({"data": [{"embedding": [0.001 * n for n in range(1536)], "index": i} for i in range(64)]})

    shown = repr(answer)
    assert len(shown.splitlines()) <= MOST_LINES
    assert "… 1,532 more]" in shown
    assert len(repr(answer.data[0].embedding)) < 80


def test_a_long_text_says_how_much_is_not_shown() -> None:
    assert pretty({"text": "x" * 100_000}).endswith("… 98,000 more characters\n}")


def test_other_ways_to_spell_are_possible() -> None:
    assert pretty({"a": None, "b": "ü"}, 60, lambda value: json.dumps(value, ensure_ascii=False)) == '{"a": null, "b": "ü"}'


def test_showing_an_answer_changes_nothing_in_it() -> None:
    raw = {"a": [{"b": {"c": [1]}}]}
    answer = wrap(copy.deepcopy(raw))

    repr(answer)

    assert type(dict.__getitem__(answer, "a")) is list
    assert answer == raw
    assert json.dumps(answer) == json.dumps(raw)


@given(JSON)
def test_a_screen_is_never_flooded(value: Any) -> None:
    lines = pretty(value, 80).splitlines()

    assert len(lines) <= max(MOST_LINES, 2 + FOLDS[-1].members * 3)


@given(JSON)
def test_what_is_not_folded_reads_back(value: Any) -> None:
    shown = pretty(value, 80)

    if "…" not in shown:
        assert ast.literal_eval(shown) == value
