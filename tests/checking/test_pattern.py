"""Regular expressions are read as their authors mean them, and told only where that is not ECMA-262."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dynaopenai import Client
from dynaopenai._checking import pattern as _pattern
from dynaopenai._checking.schema import Schema
from dynaopenai._checking.verdict import is_pattern
from dynaopenai.testing import example


def matches(pattern: str, text: str) -> bool:
    reading = _pattern.read(pattern)
    return bool(Schema({"pattern": reading.pattern, **reading.limits}, {}, {}).is_valid(text))


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (r"^[\w- ]+$", ["a-b c"], ["a.b"]),
        (r"^[\w-.]+$", ["a-b.c"], ["a b"]),
        (r"^[a-z\d-_]+$", ["a1-_"], ["A"]),
        (r"^[+-\d]+$", ["+-1"], [","]),
        (r"^[0-9A-F]+$", ["0F"], ["-"]),
        (r"^[a-c-e]+$", ["a-e"], ["d"]),
        (r"^[^]$", ["a", "\n"], ["", "ab"]),
        (r"^[]?$", [""], ["a"]),
        (r"[]", [], ["", "a"]),
        (r"^(?<q>['\"]).*\k<q>$", ["'a'", '"a"'], ["'a\""]),
        (r"^(a)(?<q>b)\k<q>1$", ["abb1"], ["abb"]),
        (r"^.{0,262144}$", ["", "x" * 262144], ["x" * 262145, "\n"]),
        (r"^[ab]{3,4096}$", ["aba"], ["ab", "abc", "a" * 4097]),
        (r"^\w{5000}$", ["a" * 5000], ["a" * 4999]),
        (r"^.{1,2097152}", ["a"], [""]),
        (r"^\0$", ["\0"], ["0"]),
        (r"^[\b]$", ["\b"], ["b"]),
        (r"^a{b}$", ["a{b}"], ["ab"]),
        (r"^{a}$", ["{a}"], ["a"]),
        (r"^[[]$", ["["], ["]"]),
        (r"^[\uD83D\uDE00]$", ["\U0001f600"], ["a"]),
        (r"^[^\ud800-\udfff]+$", ["a\U0001f600"], [""]),
        (r"^[a-z]+\.(?i)(jpeg|pdf)$", ["a.PDF"], ["A.pdf"]),
    ],
)
def test_what_authors_write_for_the_web_is_read_in_silence(pattern: str, right: list[str], wrong: list[str]) -> None:
    assert [text for text in right if not matches(pattern, text)] == []
    assert [text for text in wrong if matches(pattern, text)] == []
    assert _pattern.read(pattern).remark == ""


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (r"^[[:alpha:]_]+$", ["a_Z"], ["1", ":"]),
        (r"^[[:digit:][:punct:]]+$", ["1-./"], ["a"]),
        (r"\A\d+\z", ["12"], ["a"]),
        (r"\A\d+\Z", ["12"], ["a"]),
        (r"^a{,2}$", ["", "aa"], ["aaa", "a{,2}"]),
        (r"^(?P<q>a|b)(?P=q)$", ["aa", "bb"], ["ab"]),
        (r"^(?>a|b)c$", ["ac"], ["c"]),
        (r"^a++b*+$", ["aab"], ["b"]),
        (r"^\Qa.b\E$", ["a.b"], ["axb"]),
        (r"^a\hb$", ["a\tb"], ["ab"]),
        (r"^a(?#why)b$", ["ab"], ["a"]),
        (r"/^ab$/i", ["AB"], ["/ab/i"]),
    ],
)
def test_what_comes_from_another_language_is_read_as_meant_there_and_told(pattern: str, right: list[str], wrong: list[str]) -> None:
    assert [text for text in right if not matches(pattern, text)] == []
    assert [text for text in wrong if matches(pattern, text)] == []
    assert _pattern.read(pattern).remark == "foreign"


@pytest.mark.parametrize("pattern", ["(", "(?:a", "*a", "a**", "[z-a]", "[a", r"\1(", r"\G"])
def test_what_is_no_regular_expression_stays_as_it_is(pattern: str) -> None:
    assert not is_pattern(_pattern.read(pattern).pattern)


def document(*schemas: dict[str, Any]) -> dict[str, Any]:
    named = {f"S{index}": schema for index, schema in enumerate(schemas)}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": named}}


def test_diagnostics_tell_what_is_foreign_loosened_or_broken() -> None:
    told = Client(
        document(
            {"pattern": r"[\w- ]"},
            {"pattern": "[[:alpha:]]"},
            {"pattern": "a{2000}b"},
            {"pattern": "("},
            {"patternProperties": {"[[:digit:]]": {"type": "string"}}},
        )
    ).diagnostics

    assert sorted(((one.code, one.pointer.split("/")[3]) for one in told), key=lambda pair: pair[1]) == [
        ("foreign-pattern", "S1"),
        ("loosened-pattern", "S2"),
        ("broken-pattern", "S3"),
        ("foreign-pattern", "S4"),
    ]


@pytest.mark.parametrize("pattern", [r"[a-z]+\.(?i)(jpeg|pdf)$", r"^[\w- ]{3}$", r"^.{0,262144}$", r"^\w{2000}$", "[[:upper:]]{2}", r"^a{,2}b$"])
def test_an_example_can_be_made_up_for_it(pattern: str) -> None:
    client = Client(document({"type": "string", "pattern": pattern}))

    assert client.validate("S0", example("S0", client=client)) == []


@pytest.mark.parametrize(
    ("kind", "pattern"), [("date", "^2020-"), ("date-time", "^20[0-9]{2}-.*Z$"), ("uuid", "^0{8}-"), ("email", "@example\\.org$"), ("uri", "^ftp://")]
)
def test_an_example_keeps_to_its_format_and_its_pattern(kind: str, pattern: str) -> None:
    client = Client(document({"type": "string", "format": kind, "pattern": pattern}))

    assert client.validate("S0", example("S0", client=client)) == []


def test_limits_of_length_hold_beside_the_schemas_own() -> None:
    for schema in ({"maxLength": 2000, "pattern": "^.{5,4000}$"}, {"pattern": "^.{5,4000}$", "maxLength": 2000}):
        client = Client(document(schema))
        assert [client.validate("S0", "x" * length) == [] for length in (4, 5, 2000, 2001)] == [False, True, True, False]


@given(st.text("ab1-^$.*+?()[]{}|\\,wdsb:", max_size=12), st.lists(st.text("ab1-.[]{},\n", max_size=6), max_size=8))
def test_what_the_engine_reads_already_is_read_no_differently(pattern: str, texts: list[str]) -> None:
    assume("[]" not in pattern and "[^]" not in pattern)  # ECMA-262's empty class, which the engine reads as POSIX does
    reading = _pattern.read(pattern)
    if is_pattern(pattern) and not reading.remark:
        with contextlib.suppress(ValueError):  # backtracking that is given up
            own = Schema({"pattern": pattern}, {}, {}).is_valid
            assert [matches(pattern, text) for text in texts] == list(map(own, texts))


def test_large_limits_are_not_left_to_the_engine() -> None:
    reading = _pattern.read("^[^x]{1,2097152}$")

    assert (reading.pattern, reading.limits) == ("^[^x]*$", {"minLength": 1, "maxLength": 2097152})
