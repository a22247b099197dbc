"""Whatever a text from elsewhere holds, a terminal that shows it is told nothing, and its letters stand in the order they came."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._display.visible import visible, visible_line

SPELLED = [
    ("\x1b[2J\x1b[1;31mred", r"\x1b[2J\x1b[1;31mred"),
    ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
    ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", r"\x1b]8;;http://evil\x1b\link\x1b]8;;\x1b\ ".rstrip()),
    ("\x9b31m\x90q\x9c", r"\x9b31m\x90q\x9c"),
    ("50\r100", r"50\r100"),
    ("ab\x08\x7f", r"ab\x08\x7f"),
    ("\u202egnp.exe", r"\u202egnp.exe"),
    ("\u2066a\u2069\u200f\u061c", r"\u2066a\u2069\u200f\u061c"),
    ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
    ("line\u2028line", r"line\u2028line"),
    ("\U000e0041\U000e0042", r"\U000e0041\U000e0042"),
    ("\ud800", r"\ud800"),
]
AS_IT_IS = ["", "plain", "Grüße, 日本語, עברית, العربية", "👩\u200d🚀 क\u094d\u200dष", "a\\x1b", "e\u0301"]


@pytest.mark.parametrize(("text", "spelled"), SPELLED)
def test_a_control_character_is_spelled(text: str, spelled: str) -> None:
    assert (visible(text), visible_line(text)) == (spelled, spelled)


@pytest.mark.parametrize("text", AS_IT_IS)
def test_what_is_to_be_read_stays_as_it_is(text: str) -> None:
    assert (visible(text), visible_line(text)) == (text, text)


def test_lines_and_tabs_stay_in_a_text_and_are_spelled_on_a_line() -> None:
    assert visible("a\r\nb\n\tc") == "a\r\nb\n\tc"
    assert visible_line("a\r\nb\n\tc") == r"a\r\nb\n\tc"


@given(st.text(st.characters(codec=None)))
def test_no_control_character_is_left_in_any_text(text: str) -> None:
    shown = visible_line(text)

    assert [letter for letter in shown if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")] == []
    assert [letter for letter in shown if unicodedata.bidirectional(letter) in BIDIRECTIONAL] == []
    assert visible_line(shown) == shown == visible(shown)
    shown.encode("utf-8")


BIDIRECTIONAL = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
