"""Parameters as text: the specification's tables, read both ways; round trips; hostile text; outside readers."""

from __future__ import annotations

import copy
import json
import math
import pickle
import re
import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
import requests
from hypothesis import assume, example, given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from dynaopenai._document import openapi
from dynaopenai._request import style as _style
from dynaopenai._request.style import MISSING, StyleError, parse, serialize

CASES = json.loads(Path(__file__).with_name("style.json").read_text("utf-8"))
NOTHING = frozenset()
KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


def cases(group):
    return [pytest.param(case, id=case["id"]) for case in CASES[group]]


def parameter_of(case):
    facts = case["parameter"]
    return openapi.Parameter(
        name=facts["name"],
        in_=facts["in"],
        style=facts["style"],
        explode=facts["explode"],
        allow_reserved=facts.get("allowReserved", False),
        allow_empty_value=facts.get("allowEmptyValue", False),
        content=openapi.MediaType(facts["content"]) if "content" in facts else None,
    )


def parameter(style, in_, explode, name="color", **more):
    return openapi.Parameter(name, in_, style=style, explode=explode, **more)


def types_at(value):
    return frozenset({"null" if value is None else KINDS[type(value)]})


def admits(value):
    """The types that the narrowest schema for ``value`` admits, as `parse` takes them."""

    def inner(place):
        found = value
        for key in place:
            if isinstance(found, dict) != isinstance(key, str) or not isinstance(found, (dict, list)):
                return NOTHING
            if key not in (found if isinstance(found, dict) else range(len(found))):
                return NOTHING
            found = found[key]
        return types_at(found)

    return types_at(value), inner


def same(left, right):
    """Equal, and of the same JSON types: 1 is not True; it is 1.0, while -0.0 is not 0."""
    return repr(whole(left)) == repr(whole(right)) if not isinstance(left, dict) else json.dumps(whole(left)) == json.dumps(whole(right))


def whole(value):
    """The value with each whole float as the integer that it is to JSON Schema."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and str(value) != "-0.0" else value


# --- the tables ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases("rows"))
def test_a_value_is_written_as_the_table_says(case):
    assert serialize(parameter_of(case), case["value"]) == case["text"]


@pytest.mark.parametrize("case", cases("rows"))
def test_what_the_table_says_is_read_back(case):
    expected = case.get("reads_as", case["value"])
    types, inner = admits(case["value"] if expected == "MISSING" else expected)
    types = frozenset(case.get("types", types))

    found = parse(parameter_of(case), case["text"], types, inner)

    assert found is MISSING if expected == "MISSING" else same(expected, found)


def test_a_row_that_reads_back_differently_says_why():
    assert [case["id"] for case in CASES["rows"] if ("reads_as" in case) != ("why" in case)] == []


def test_the_tables_reach_every_row_of_the_styles():
    seen = {(case["parameter"]["style"], case["parameter"]["in"]) for case in CASES["rows"] if case["value"]}

    assert {row for row in _style.STYLES if row[0] != "content"} <= seen
    assert any(in_ == "querystring" for _, in_ in seen)


@pytest.mark.parametrize("case", cases("refused"))
def test_what_could_not_be_read_back_is_refused(case):
    with pytest.raises(StyleError) as caught:
        serialize(parameter_of(case), case["value"])

    assert case["says"] in caught.value.message
    assert case["path"] == caught.value.path


@pytest.mark.parametrize("case", cases("read"))
def test_texts_of_other_writers_are_read(case):
    declared = case.get("inner")

    def inner(place):
        return _style.ALL_TYPES if declared is None else frozenset(declared.get(place[0], ()))

    arguments = (parameter_of(case), case["text"], frozenset(case["types"]), inner)
    if "says" in case:
        with pytest.raises(StyleError, match=case["says"]) as caught:
            parse(*arguments)
        assert case.get("path", "") == caught.value.path
    else:
        found = parse(*arguments)
        assert found is MISSING if case["value"] == "MISSING" else same(case["value"], found)


def test_a_query_is_read_from_pairs_as_from_text():
    pairs = [("color", "a%20b"), ("x", "1"), ("color", "c+d")]

    assert parse(parameter("form", "query", True), pairs, frozenset({"array"})) == ["a b", "c d"]


def test_what_is_not_given_is_missing():
    assert MISSING is parse(parameter("form", "query", True), [], frozenset({"string"}))
    assert MISSING is parse(parameter("simple", "header", False), None, frozenset({"string"}))
    assert MISSING is parse(parameter("form", "cookie", True), None, frozenset({"object"}))
    assert MISSING is copy.deepcopy(MISSING)


def test_undefined_is_told_from_empty():
    header = parameter("simple", "header", False)

    assert [_style.is_undefined(header, value) for value in (None, [], {}, {"a": None})] == [True] * 4
    assert [_style.is_undefined(header, value) for value in ("", [None], {"a": ""}, 0, False)] == [False] * 5
    assert not _style.is_undefined(parameter("form", "query", True, content=openapi.MediaType("text/json")), None)


# --- values that no style can write --------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"x", "bytes"),
        ({1, 2}, "send a list"),
        (datetime(2026, 1, 2), "send value.astimezone()"),  # noqa: DTZ001 - it has no zone, which is the point
        (Decimal("NaN"), "NaN"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "inf"),
        (object(), "object"),
        ("\ud800", "surrogate"),
    ],
    ids=lambda value: ascii(value)[:20],
)
@pytest.mark.parametrize("style", [*_style.STYLES])
def test_a_value_that_has_no_text_is_refused_with_its_place(style, value, says):
    content = openapi.MediaType("application/json") if style[0] == "content" else None
    target = parameter(*style, explode=False, content=content)

    for given_value, path in ((value, ""), ([1, value], "[1]"), ({"a": value}, ".a")):
        with pytest.raises(StyleError) as caught:
            serialize(target, given_value)
        assert says in caught.value.message
        assert caught.value.path in (path, "" if content else path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 1, 2, tzinfo=timezone.utc), "2026-01-02T00%3A00%3A00%2B00%3A00"),
        (date(2026, 1, 2), "2026-01-02"),
        (Decimal("1.5"), "1.5"),
        (Decimal("0.12345678901234567890123"), "0.12345678901234567890123"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_what_is_a_json_value_under_another_name_is_written_as_that(value, text):
    assert serialize(parameter("form", "query", True), value) == f"color={text}"


@pytest.mark.skipif(not hasattr(sys, "get_int_max_str_digits"), reason="this Python writes integers of any length")
def test_an_integer_longer_than_python_writes_is_refused():
    with pytest.raises(StyleError, match="an integer of 16610 bits") as caught:
        serialize(parameter("form", "query", False), [1, 10**5000])

    assert caught.value.path == "[1]"
    assert parse(parameter("form", "query", True), "color=" + "1" * 5000, frozenset({"integer"})) == "1" * 5000


def test_a_key_that_is_no_string_is_refused():
    with pytest.raises(StyleError, match=re.escape("use str(key)")):
        serialize(parameter("form", "query", True), {1: "a"})


def test_an_error_says_the_place_and_the_hint():
    with pytest.raises(StyleError) as caught:
        serialize(parameter("form", "query", True), ["a", {1}])

    expected = "[1]: found a value of type set, which JSON does not know; send a list"
    assert expected == str(caught.value)
    assert expected == str(pickle.loads(pickle.dumps(caught.value)))


def test_an_error_shows_little_of_a_long_value():
    with pytest.raises(StyleError) as caught:
        serialize(parameter("deepObject", "query", True), {"x" * 10_000 + "[": {"y": 1}})

    assert len(str(caught.value)) < 300


def test_tuples_and_subclasses_are_what_they_stand_for():
    class Kind(str):
        __slots__ = ()

        def __str__(self):
            return "Kind.member"

    assert serialize(parameter("form", "query", False), ("a", Kind("b"))) == "color=a,b"


# --- what holds for all values -------------------------------------------------------------------

scalars = st.one_of(
    st.text(),
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "."]),
)
delimiters = st.text(st.sampled_from('ab ,;.|&=+%[]{}#?/2C\t"\\é€\xa0\r\n'))
flat = st.one_of(
    scalars,
    delimiters,
    st.lists(scalars | delimiters, max_size=5),
    st.dictionaries(st.text() | delimiters, scalars | delimiters, max_size=5),
)
ENCODING = [  # where every text without a lone surrogate can be written
    ("matrix", "path", False),
    ("matrix", "path", True),
    ("form", "query", False),
    ("form", "query", True),
    ("form", "cookie", False),
    ("form", "cookie", True),
    ("spaceDelimited", "query", True),
    ("pipeDelimited", "query", True),
]
ALL = [(style, in_, explode) for style, in_ in _style.STYLES if style != "content" for explode in (False, True)]
PATH = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-F]{2})*")


def reads_back(target, value):
    """``value`` reads back equal from the text it was written as; an undefined one is not there."""
    text = serialize(target, value)
    if _style.is_undefined(target, value):
        assert text == ""
    else:
        assert same(value, parse(target, text, *admits(value)))
    return text


@pytest.mark.parametrize("style", ENCODING)
@given(value=flat)
@example(value={"": ""})
@example(value=[""])
@example(value={"color": "x"})
def test_every_value_reads_back_where_text_is_encoded(style, value):
    reads_back(parameter(*style), value)


@pytest.mark.parametrize("style", ALL)
@given(value=flat)
@example(value="..")
@example(value=["a", "b c|d,e.f;g"])
@example(value={"a=b": "c=d"})
def test_a_value_reads_back_or_is_refused(style, value):
    try:
        reads_back(parameter(*style), value)
    except StyleError:
        assert style not in ENCODING


@given(value=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1))
def test_a_header_takes_every_printable_text(value):
    assume(value == value.strip())

    assert value == reads_back(parameter("simple", "header", True), value)


@given(value=st.text(min_size=1) | delimiters.filter(bool))
def test_a_path_takes_every_text_but_dots(value):
    assume(value not in (".", ".."))

    text = reads_back(parameter("simple", "path", False), value)

    assert PATH.fullmatch(text)


deep_keys = st.text(min_size=1).filter(lambda key: not set("[]") & set(key))
deep = st.recursive(
    scalars | st.lists(scalars, min_size=1, max_size=3),
    lambda inside: st.dictionaries(deep_keys, inside, min_size=1, max_size=3),
    max_leaves=8,
)


@given(value=st.dictionaries(deep_keys, deep, min_size=1, max_size=3))
def test_deep_objects_read_back(value):
    reads_back(parameter("deepObject", "query", True, "f[x]"), value)


json_values = st.recursive(
    st.none() | scalars, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3)
)


@pytest.mark.parametrize("in_", ["path", "query", "header", "cookie", "querystring"])
@given(value=json_values)
def test_json_content_reads_back_anywhere(in_, value):
    target = parameter("form", in_, False, content=openapi.MediaType("application/json"))

    assert same(value, parse(target, serialize(target, value), types_at(value)))


@given(value=st.dictionaries(st.text(), scalars | st.lists(scalars, min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_form_as_the_query_string_reads_back(value):
    reads_back(
        parameter("form", "querystring", True, content=openapi.MediaType("application/x-www-form-urlencoded")), value
    )


@given(value=st.text() | delimiters)
def test_allow_reserved_reads_back_what_holds_no_triples(value):
    assume(not re.search("%[0-9A-Fa-f]{2}", value))

    reads_back(parameter("form", "query", True, allow_reserved=True), value)
    reads_back(parameter("form", "query", False, allow_reserved=True), [value, "b"])
    reads_back(parameter("matrix", "path", True, allow_reserved=True), [value, "b"])


@pytest.mark.parametrize("style", [row for row in ALL if row[1] == "path"])
@pytest.mark.parametrize("reserved", [False, True])
@given(value=flat)
@example(value="a/b?c#d")
@example(value="%2e%2e")
@example(value="a%2Fb\r\n\0 [x]")
def test_a_path_holds_only_path_characters(style, reserved, value):
    try:
        text = serialize(parameter(*style, allow_reserved=reserved), value)
    except StyleError:
        return
    assert PATH.fullmatch(text) or (reserved and PATH.fullmatch(re.sub("%[0-9A-Fa-f]{2}", "%00", text)))
    assert text.replace("%2e", ".").replace("%2E", ".") != ".."


# --- hostile text --------------------------------------------------------------------------------

HOSTILE = [
    "a\r\nSet-Cookie: b=c",
    "\n",
    "\0",
    "../../x",
    "%2e%2e%2f",
    "%0d%0a",
    "a&b=c",
    "a;b=c",
    "#",
    "?x",
    "\x7f",
    "\u2028",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("style", ALL)
def test_hostile_text_is_held_in_its_place_or_refused(style, text):
    for value in (text, [text, "x"], {"a": text}, {text: "a"}):
        try:
            written = reads_back(parameter(*style), value)
        except StyleError:
            continue
        assert not re.search("[\0-\x1f\x7f]", written)
        if style[1] == "query":
            assert not re.search("[#\\s]", written)
            assert len(parse_qsl(written, keep_blank_values=True)) == written.count("&") + 1


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\udc0d\udc0a"])
@pytest.mark.parametrize("style", ALL)
def test_lone_surrogates_are_refused_everywhere(style, text):
    for value in (text, ["x", text], {"a": text}, {text: "a"}):
        with pytest.raises(StyleError, match="surrogate"):
            serialize(parameter(*style), value)


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "é/%2f" * 70_000, "%" * 330_000], ids=["plain", "mixed", "percent"]  # a megabyte when it is written
)
@pytest.mark.parametrize("style", ALL)
def test_a_megabyte_reads_back(style, text):
    target = parameter(*style)
    text = text.encode("ascii", "ignore").decode() if style[0] == "cookie" else text

    reads_back(target, text)
    reads_back(target, [text, "b"])


# --- outside readers -----------------------------------------------------------------------------


def arguments_seen_by_werkzeug(query):
    return Request(EnvironBuilder(path="/", query_string=query).get_environ()).args.to_dict(flat=False)


@given(items=st.lists(st.text() | delimiters, min_size=1), name=st.text(min_size=1))
def test_werkzeug_reads_the_items_that_were_given(items, name):
    query = serialize(parameter("form", "query", True, name), items)

    assert {name: items} == arguments_seen_by_werkzeug(query)
    assert [(name, item) for item in items] == parse_qsl(query, keep_blank_values=True)


@given(value=st.dictionaries(st.text() | delimiters, st.text() | delimiters, min_size=1))
def test_werkzeug_reads_the_properties_that_were_given(value):
    query = serialize(parameter("form", "query", True), value)

    assert {key: [text] for key, text in value.items()} == arguments_seen_by_werkzeug(query)


@given(value=st.text(min_size=1).filter(lambda text: text not in (".", "..")), query=st.text())
def test_requests_sends_it_as_it_was_written(value, query):
    path = serialize(parameter("simple", "path", False), value)
    query = serialize(parameter("form", "query", True), query)

    prepared = requests.Request("GET", f"http://127.0.0.1/{path}?{query}").prepare()

    assert f"/{path}?{query}" == prepared.path_url


ANY, NUMBERS = {"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "integer"}}
TEXT, FREE = {"type": "string"}, {"type": "object", "additionalProperties": {"type": "integer"}}
RGB = {"type": "object", "properties": {name: {"type": "integer"} for name in "RGB"}}
COLORS, LEVELS = ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}


def unsupported(*case, reason):
    return pytest.param(*case, marks=pytest.mark.xfail(reason=f"openapi-core 0.23: {reason}"))


@pytest.mark.parametrize(
    ("style", "in_", "explode", "schema", "value"),
    [
        ("simple", "path", False, TEXT, "light blue; é%"),
        ("simple", "path", False, ANY, COLORS),
        ("simple", "path", False, RGB, LEVELS),
        ("simple", "path", True, RGB, LEVELS),
        ("simple", "header", False, TEXT, "a, b; é"),
        ("simple", "header", False, NUMBERS, [12345678, 90099]),
        ("simple", "header", True, RGB, LEVELS),
        ("form", "query", False, ANY, COLORS),
        ("form", "query", False, RGB, LEVELS),
        ("form", "query", True, TEXT, "a b&c=d+é/%2f"),
        ("form", "query", True, ANY, ["a,b", "c&d", ""]),
        ("form", "cookie", False, NUMBERS, [1, 2]),
        ("form", "cookie", True, TEXT, "aGk+/w=="),
        ("form", "cookie", True, ANY, COLORS),
        ("pipeDelimited", "query", False, ANY, ["light blue", "a,b"]),
        ("pipeDelimited", "query", False, RGB, LEVELS),
        ("deepObject", "query", True, RGB, LEVELS),
        unsupported("deepObject", "query", True, FREE, LEVELS, reason="additionalProperties stay strings"),
        unsupported("form", "query", False, ANY, ["a,b", "c"], reason="splits after the query is decoded"),
        unsupported("form", "query", True, RGB, LEVELS, reason="looks for the object under its own name"),
        unsupported("form", "cookie", True, RGB, LEVELS, reason="looks for the object under its own name"),
        unsupported("form", "cookie", True, TEXT, "a b", reason="cookies are not percent-decoded"),
        unsupported("spaceDelimited", "query", False, ANY, COLORS, reason="looks for %20 in what is decoded"),
        unsupported("spaceDelimited", "query", True, ANY, COLORS, reason="delimited styles are not read exploded"),
        unsupported("pipeDelimited", "query", True, ANY, COLORS, reason="delimited styles are not read exploded"),
        unsupported("deepObject", "query", False, RGB, LEVELS, reason="deepObject is read only with explode: true"),
        unsupported("label", "path", False, ANY, COLORS, reason="wants {.color} in the template"),
        unsupported("matrix", "path", True, ANY, COLORS, reason="wants {;color*} in the template"),
    ],
)
def test_openapi_core_reads_the_value_that_was_given(style, in_, explode, schema, value):
    text = serialize(parameter(style, in_, explode), value)

    assert same({"color": value}, arguments_seen_by_openapi_core(style, in_, explode, schema, text))


def arguments_seen_by_openapi_core(style, in_, explode, schema, text):
    from openapi_core import OpenAPI
    from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest

    declared = {"name": "color", "in": in_, "required": True, "style": style, "explode": explode, "schema": schema}
    operation = {"parameters": [declared], "responses": {"200": {"description": "OK"}}}
    api = OpenAPI.from_dict(
        {
            "openapi": "3.1.0",
            "info": {"title": "Colors", "version": "1"},
            "servers": [{"url": "http://127.0.0.1"}],
            "paths": {"/c/{color}" if in_ == "path" else "/c": {"get": operation}},
        }
    )
    environ = EnvironBuilder(
        base_url="http://127.0.0.1",
        path=f"/c/{text}" if in_ == "path" else "/c",
        query_string=text if in_ == "query" else None,
        headers={"Cookie" if in_ == "cookie" else "color": text} if in_ in ("cookie", "header") else None,
    ).get_environ()
    found = api.unmarshal_request(WerkzeugOpenAPIRequest(Request(environ)))
    return getattr(found.parameters, in_)
