"""Rows and shared words: what each call is made with."""

from pathlib import Path

import pytest
from documents import OK, body, document, parameter
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import Client
from dynaopenai._bulk.rows import Row
from dynaopenai._bulk.template import Template, words_of
from dynaopenai._request.words import WordError

NOTE = {"type": "object", "properties": {"by": {"type": "string"}, "text": {"type": "string"}}}
TEA = {
    "type": "object",
    "properties": {"cups": {"type": "integer"}, "notes": {"type": "array", "items": NOTE}, "extra": {"type": "object"}},
}
BREW = {"operationId": "brew", "parameters": [parameter("kind", "path")], **body(TEA, required=False), **OK}
DOCUMENT = document({"/brew/{kind}": {"post": BREW}}, "3.1.0")
ARGUMENTS = Client(DOCUMENT).brew._plan.writer.arguments


def fill(columns, *words, is_text=False, shared=(), **options):
    return Template(ARGUMENTS, dict(shared), words_of(words), **options).fill(Row(1, columns, is_text))


@pytest.mark.parametrize(
    ("columns", "words", "expected"),
    [
        ({"kind": "green", "cups": 2}, [], {"kind": "green", "cups": 2}),
        ({"cups": 2}, ["kind=green"], {"kind": "green", "cups": 2}),
        ({"kind": "black"}, ["kind=green"], {"kind": "black"}),
        ({"prompt": "hot"}, ["notes.0.text={prompt}"], {"notes": [{"text": "hot"}]}),
        ({"prompt": "42"}, ["notes.0.text={prompt}", "notes.0.by=me"], {"notes": [{"text": "42", "by": "me"}]}),
        ({"who": "you"}, ["notes.0.text=for {who}, please"], {"notes": [{"text": "for you, please"}]}),
        ({"count": 3}, ["cups={count}"], {"cups": 3}),
        ({"count": "three"}, ["cups={count}"], {"cups": "three"}),  # for the check to refuse
        ({"a": 'say "hi"\n', "n": 2}, ['extra:={"t": "<{a}>", "n": {n}}'], {"extra": {"t": '<say "hi"\n>', "n": 2}}),
        ({"a": {"b": 1}}, ["extra={a}"], {"extra": {"b": 1}}),
        ({"p": "x.txt"}, ['extra:={"a": 1}', "kind={p}"], {"extra": {"a": 1}, "kind": "x.txt"}),
    ],
)
def test_words_and_columns_become_arguments(columns, words, expected):
    assert fill(columns, *words) == expected


def test_text_columns_are_typed_by_the_schema_and_may_lead_inwards():
    row = {"kind": "7", "cups": "2", "notes.0.text": "3", "notes.1.by": "me"}
    assert fill(row, is_text=True) == {"kind": "7", "cups": 2, "notes": [{"text": "3"}, {"by": "me"}]}


def test_a_column_that_names_the_row_or_is_ignored_is_no_argument():
    assert fill({"id": 7, "remark": "x", "cups": 1}, identity="id", ignored=frozenset({"remark"})) == {"cups": 1}


def test_a_column_that_fills_a_word_and_is_an_argument_stays_one():
    assert fill({"kind": "oolong"}, "notes.0.text=some {kind}") == {"kind": "oolong", "notes": [{"text": "some oolong"}]}


def test_a_file_by_a_column(tmp_path):
    (tmp_path / "note.txt").write_text("hello")
    assert fill({"path": str(tmp_path / "note.txt")}, "notes.0.text@{path}") == {"notes": [{"text": "hello"}]}


def test_shared_values_are_the_defaults():
    assert fill({"cups": 1}, shared={"cups": 2, "kind": Path("x")}) == {"cups": 1, "kind": Path("x")}


def test_a_word_without_its_column_says_which_one_was_meant():
    with pytest.raises(WordError, match=r'notes.0.text: the row has no column "promt"; did you mean "prompt"\?'):
        fill({"prompt": "x"}, "notes.0.text={promt}")


def test_a_word_without_a_name_is_refused():
    with pytest.raises(WordError, match=r'found "green", expected name=value'):
        words_of(["green"])


@given(st.text())
def test_any_text_arrives_as_it_is(text):
    assert fill({"prompt": text}, "notes.0.text={prompt}", 'extra:={"a": "{prompt}"}') == {
        "notes": [{"text": text}],
        "extra": {"a": text},
    }


def test_rows_do_not_share_what_they_are_made_of():
    template = Template(ARGUMENTS, {}, words_of(["notes.0.by=me", "notes.0.text={prompt}"]))
    first, second = (template.fill(Row(1, {"prompt": text})) for text in ("a", "b"))
    assert (first["notes"][0]["text"], second["notes"][0]["text"]) == ("a", "b")
