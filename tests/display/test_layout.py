"""Lines keep to their width, whatever letters and colours are in them."""

import os
import re
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._display import width as _width
from dynaopenai._display.colour import coloured, plain
from dynaopenai._display.line import cut_line, painted, width_of
from dynaopenai._display.pretty import pretty
from dynaopenai._display.table import Column, lines
from dynaopenai._display.tree import Branch, drawn
from dynaopenai._display.width import LEAST, MOST, USUAL, columns, cut, folded, padded, width

COLUMNS = (Column("id", 8), Column("", 6, least=6), Column("summary", 10, is_cut=True))
PIECES = st.lists(st.tuples(st.text(st.characters(exclude_categories=["C", "Z", "M"])), st.sampled_from(["key", "string", ""])))
VALUE = {"a long name": [1, 2.5, True, None, "text " * 30], "b": {"c": ["x" * 30] * 5, "d": "日本語" * 20}}


def without_colour(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [("tea", 3, "tea"), ("teas", 3, "te…"), ("日本", 4, "日本"), ("日本語", 4, "日…"), ("日本語", 5, "日本…"), ("e\u0301e\u0301", 2, "e\u0301e\u0301")],
)
def test_a_text_is_cut_by_what_it_takes_on_a_screen(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown
    assert width(padded(shown, columns)) == columns


@given(PIECES, st.integers(1, 40))
def test_a_line_is_cut_as_its_text_is(line: list[tuple[str, str]], most: int) -> None:
    shown = cut_line(line, most)

    assert width_of(shown) <= most
    assert (painted(shown, plain).endswith("…") or shown == line) is True
    assert without_colour(painted(shown, coloured)) == painted(shown, plain)


def test_colour_takes_no_room() -> None:
    tree = Branch("Order", "object", branches=(Branch("items", "array of object", True, "", "What is bought. " * 20),))
    rows = [("createOrder", "POST", "Buy something, anything"), ("list", "GET", "")]

    for shown in (
        lambda paint: pretty(VALUE, 60, paint=paint),
        lambda paint: drawn(tree, 60, paint),
        lambda paint: "\n".join(lines(rows, COLUMNS, paint)),
    ):
        assert "\x1b[" in shown(coloured)
        assert without_colour(shown(coloured)) == shown(plain)


def test_a_table_is_as_wide_as_it_must_be() -> None:
    rows = [("createOrder", "POST", "Buy something, anything"), ("見る", "GET", "\x1b[2J"), ("list", "DELETE", "")]

    assert list(lines(rows, COLUMNS)) == [
        "  createOrder  POST    Buy somet…",
        "  見る      GET     \\x1b[2J",
        "  list      DELETE",
    ]


class Screen:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("there", "used"), [(20, LEAST), (72, 72), (300, MOST)])
def test_the_width_is_the_terminals_where_there_is_one(monkeypatch: pytest.MonkeyPatch, there: int, used: int) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((there, 24)))
    assert columns() == USUAL

    monkeypatch.setattr(_width.sys, "stdout", Screen())
    assert columns() == used


def test_a_long_line_is_broken_between_words_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'createOrder was not sent:\n  speed: found "no", expected "slow" or "fast"\n    declared at #/components/schemas/Order (shop.json:12)\n'
    assert folded(text) == text

    monkeypatch.setattr(_width, "terminal", lambda: 40)
    assert folded(text).splitlines() == [
        "createOrder was not sent:",
        '  speed: found "no", expected "slow" or',
        '    "fast"',
        "    declared at",
        "      #/components/schemas/Order",
        "      (shop.json:12)",
    ]
    assert folded(text).endswith("\n")
