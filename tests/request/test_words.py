"""Words of a command line become what the schema means; what fits nothing is passed on as it was typed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import SHOP

from dynaopenai import Client
from dynaopenai._request.words import WordError, arguments_of, typed_value

CLIENT = Client(SHOP)


def typed(operation: str, *words: str, stdin: bytes = b"", is_file: bool = False) -> tuple[list[Any], dict[str, Any]]:
    found = arguments_of(words, CLIENT[operation]._plan.writer.arguments, lambda: stdin, is_file)
    return found.positional, found.keywords


@pytest.mark.parametrize(
    ("words", "keywords"),
    [
        (["note=3"], {"note": "3"}),
        (["note="], {"note": ""}),
        (["note=null"], {"note": "null"}),
        (["note:=null"], {"note": None}),
        (["note=a=b@c:=d"], {"note": "a=b@c:=d"}),
        (["gift=true"], {"gift": True}),
        (["gift=yes"], {"gift": "yes"}),
        (["discount=0.5"], {"discount": 0.5}),
        (["discount=much"], {"discount": "much"}),
        (["speed=fast"], {"speed": "fast"}),
        (["labels=a"], {"labels": ["a"]}),
        (["labels=a", "labels=b,c"], {"labels": ["a", "b,c"]}),
        (["codes=1", "codes=2", "codes=3"], {"codes": [1, 2, 3]}),
        (["codes=[1, 2]"], {"codes": [1, 2]}),
        (["codes:=[1]"], {"codes": [1]}),
        (["items[0].product=tea", "items[0].count=2"], {"items": [{"product": "tea", "count": 2}]}),
        (["items[].product=tea", "items[].product=milk"], {"items": [{"product": "tea"}, {"product": "milk"}]}),
        (["items[0][product]=tea", "items[1].count=2"], {"items": [{"product": "tea"}, {"count": 2}]}),
        (["items.0.product=tea", "items.1.count=2"], {"items": [{"product": "tea"}, {"count": 2}]}),
        (["items[0].parts[0].count=2"], {"items": [{"parts": [{"count": 2}]}]}),
        (["unknown=3"], {"unknown": "3"}),
        (["unknown.inner=3"], {"unknown": {"inner": "3"}}),
        (['items:=[{"product":"tea"}]'], {"items": [{"product": "tea"}]}),
    ],
)
def test_a_word_is_typed_by_the_schema(words: list[str], keywords: dict[str, Any]) -> None:
    assert typed("createOrder", *words) == ([], keywords)


def test_words_without_a_name_fill_the_path() -> None:
    assert typed("cancel-order", "7") == (["7"], {})
    assert typed("download", "7") == ([7], {})


def test_other_spellings_of_a_name_are_known() -> None:
    assert typed("listOrders", "X-Region=eu", "limit=3") == ([], {"X_Region": "eu", "limit": 3})


def test_the_whole_body_comes_from_a_file_or_standard_input(tmp_path: Path) -> None:
    as_json, as_yaml = tmp_path / "a.json", tmp_path / "a.yaml"
    as_json.write_text('{"gift": true}', "utf-8")
    as_yaml.write_text("gift: true\n", "utf-8")

    assert typed("createOrder", f"@{as_json}", "note=x") == ([], {"body": {"gift": True}, "note": "x"})
    assert typed("createOrder", f"@{as_yaml}") == ([], {"body": {"gift": True}})
    assert typed("createOrder", "-", stdin=b'{"gift": true}') == ([], {"body": {"gift": True}})
    assert typed("createOrder", "-", stdin=b"\xff", is_file=True) == ([], {"body": b"\xff"})
    assert typed("createOrder", f"@{as_json}", is_file=True) == ([], {"body": as_json})


def test_a_files_content_is_what_the_argument_takes(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"a": [1]}', "utf-8")

    assert typed("upload", f"file@{path}") == ([], {"file": path})
    assert typed("upload", f"meta@{path}") == ([], {"meta": {"a": [1]}})
    assert typed("upload", f"title@{path}") == ([], {"title": '{"a": [1]}'})


@pytest.mark.parametrize(
    ("operation", "words", "said"),
    [
        ("createOrder", ["hello"], 'found "hello", expected name=value'),
        ("download", ["7", "8"], 'found "8", expected name=value'),
        ("createOrder", ["=x"], "expected name=value"),
        ("createOrder", ["note=a", "note=b"], "note is given twice, expected once"),
        ("createOrder", ["codes:=[1"], "after := is no JSON"),
        ("createOrder", ["items[3].count=1"], "found the index 3, expected 0, the next one"),
        ("createOrder", ["items[0]=x", "items[0].count=1"], "found both a value and members"),
        ("createOrder", ["items[0.count=1"], "found the name"),
        ("createOrder", ["-"], "standard input: found a body that is no JSON"),
        ("upload", ["meta@/none"], 'cannot read "/none": No such file or directory'),
    ],
)
def test_a_word_that_cannot_be_understood_is_told(operation: str, words: list[str], said: str) -> None:
    with pytest.raises(WordError) as caught:
        typed(operation, *words)

    assert said in str(caught.value)


@given(st.text())
def test_a_text_stays_itself_where_texts_are_taken(text: str) -> None:
    assert typed_value(text, CLIENT.schema("Problem").properties["message"]) == text


@given(st.integers(min_value=1) | st.booleans() | st.none())
def test_other_values_are_read_back_from_their_json(value: Any) -> None:
    schema = CLIENT.schema("Order").sub({"type": ["integer", "boolean", "null"]})

    assert typed_value(json.dumps(value), schema) == value


@given(st.text(max_size=20))
def test_no_text_breaks_the_typing_of_a_number(text: str) -> None:
    value = typed_value(text, CLIENT.schema("Item").properties["count"])

    assert value == text or isinstance(value, (int, float))
