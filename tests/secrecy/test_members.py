"""What the names in JSON say is secret is found in its text, whole or cut off, well-formed or not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._secrecy.members import redacted, values
from dynaopenai._secrecy.names import SECRET_HEADERS
from dynaopenai._secrecy.values import secret_members, without_members


@pytest.mark.parametrize(
    ("text", "clean", "secrets"),
    [
        ('{"a": "b", "api_key": "sk-canary', '{"a": "b", "api_key": "***', ["sk-canary"]),
        ('{"api_key": "sk-canary"', '{"api_key": "***"', ["sk-canary"]),
        ('{"api_key": "sk-can\\"ary", "a": "b"', '{"api_key": "***", "a": "b"', ['sk-can"ary']),
        ('{"api_key": "sk-canary\\', '{"api_key": "***', ["sk-canary\\"]),
        ('{"api_key": "sk-canary\\"', '{"api_key": "***', ['sk-canary"']),
        ('{"api\\u005fkey" : "sk-canary', '{"api\\u005fkey" : "***', ["sk-canary"]),
        ('{"password": {"a": "canary-1", "b": ["canary-2", 3, {"c": "canary-3"', '{"password": {"a": "***", "b": ["***", 3, {"c": "***"', ["canary-1", "canary-2", "canary-3"]),
        ('{"password": ["canary-1"], "a": "b", ', '{"password": ["***"], "a": "b", ', ["canary-1"]),
        ('{"session": {"id": "a", "secret": "canary-1', '{"session": {"id": "a", "secret": "***', ["canary-1"]),
        ('{"page_token": "abcdefgh1"', '{"page_token": "abcdefgh1"', []),
        ('[{"token": "Hello"}, {"token": "abcdefgh1"}, {"token": "He', '[{"token": "Hello"}, {"token": "***"}, {"token": "***', ["abcdefgh1", "He"]),
        ('r", "password": "canary-1"}', 'r", "password": "***"}', ["canary-1"]),
        ('": "b", "password": "canary-1", "a": ": b"}', '": "b", "password": "***", "a": ": b"}', ["canary-1"]),
        ('{"password": "canary-1"}{"password": "canary-2"}', '{"password": "***"}{"password": "***"}', ["canary-1", "canary-2"]),
        ('{"password": "canary-1", "n": NaN, }', '{"password": "***", "n": NaN, }', ["canary-1"]),
        ('{"password": canary-1, "pin": 1}', '{"password": ***, "pin": 1}', ["canary-1"]),
        ('{"password": 12, "secret": null, "pwd": tr', '{"password": 12, "secret": null, "pwd": ***', ["tr"]),
        ("{'password': 'canary-1', 'a': \"it's\"}", "{'password': '***', 'a': \"it's\"}", ["canary-1"]),
        ('{"a": "it\'s", "password": "canary-1", "b": "it\'s"', '{"a": "it\'s", "password": "***", "b": "it\'s"', ["canary-1"]),
        ('{"password": ', '{"password": ', []),
        ('{"password": }', '{"password": }', []),
        ("no JSON: at all", "no JSON: at all", []),
        ("", "", []),
    ],
)  # fmt: skip
def test_texts_are_secret_by_the_names_before_them(text: str, clean: str, secrets: list[str]) -> None:
    assert redacted(text, SECRET_HEADERS) == clean
    assert list(values(text, SECRET_HEADERS)) == secrets  # of one that is cut off, its beginning


SECRETS = json.dumps({"x": [1, {"password": "canary-1"}], "b": "c\\", "secret": {"d": ["canary-2", {"e": "canary-3"}]}, "api_key": 'canary"-4'})


@pytest.mark.parametrize("end", range(1, len(SECRETS)))
def test_wherever_it_is_cut_off_nothing_secret_is_left(end: int) -> None:
    assert "canary" not in redacted(SECRETS[:end], SECRET_HEADERS)


@pytest.mark.parametrize("start", range(SECRETS.index('"password')))
def test_nor_where_its_beginning_is_missing(start: int) -> None:
    assert "canary" not in redacted(SECRETS[start:], SECRET_HEADERS)


@pytest.mark.parametrize("text", ['{"secret":' * 50_000 + '"canary-1', '{"secret":' * 50_000 + "1", '{"a":"' + '\\"' * 200_000 + '","secret":"canary-1', '"' * 100_000 + '"secret":"canary-1'])
def test_depth_and_quotes_are_no_hiding_place(text: str) -> None:
    assert "canary" not in redacted(text, SECRET_HEADERS)


MEMBERS = st.sampled_from(["a", "password", "token", "session", "api_key", "key", 'se"cret', "x-secret\\"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12) | st.just("canary-12"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.booleans())
def test_of_json_that_is_whole_the_same_is_secret_as_of_its_value(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)

    assert json.loads(redacted(text, SECRET_HEADERS)) == without_members(value, SECRET_HEADERS)
    assert {each for each in values(text, SECRET_HEADERS) if len(each) >= 8} == set(secret_members(value, SECRET_HEADERS))


@given(st.text("{}[]:,\"'\\ ab1", max_size=60))
def test_what_has_no_secret_name_is_the_same_whatever_it_is(text: str) -> None:
    assert redacted(text, SECRET_HEADERS) == text
