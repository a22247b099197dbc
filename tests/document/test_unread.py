"""A mapping that is read member by member is a dict to whoever reads it, and reads no more than is looked at."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jiter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._document.document import load
from dynaopenai._document.unread import Unread

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
WAYS: list[Callable[[Any], Any]] = [
    dict, list, len, repr, str, sorted, copy.copy, copy.deepcopy, json.dumps, bool,
    lambda it: {**it}, lambda it: dict(**it), lambda it: list(it.items()), lambda it: list(it.values()), lambda it: list(it.keys()),
    lambda it: it | {"more": 1}, lambda it: {"more": 1} | it, lambda it: it.copy(), lambda it: list(reversed(it)),
    lambda it: json.dumps(it, sort_keys=True), lambda it: [it[key] for key in it], lambda it: [it.get(key) for key in [*it, "none"]],
    lambda it: ("none" in it, it.get("none", 7)), lambda it: pickle.loads(pickle.dumps(it)), lambda it: {"within": it} == {"within": dict(it)},
    lambda it: dict(it) == it == dict(it), lambda it: it != dict(it), lambda it: it == {**it, "more": 1}, lambda it: isinstance(it, dict),
    dict.fromkeys, lambda it: {"less": 1, **it}, "{}".format,
]  # fmt: skip


def unread(value: dict[str, Any]) -> Unread:
    places, text = {}, b""
    for name, member in value.items():
        written = json.dumps(member).encode()
        places[name] = slice(len(text), len(text) + len(written))
        text += written
    return Unread(memoryview(text), places)


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=4))
def test_it_is_a_dict_to_whoever_reads_it(value: dict[str, Any]) -> None:
    for way in WAYS:
        assert way(unread(value)) == way(value)


def test_a_key_that_is_missing_is_missing() -> None:
    with pytest.raises(KeyError, match="none"):
        unread({"one": 1})["none"]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The texts that were read."""
    texts: list[bytes] = []
    from_json = jiter.from_json
    monkeypatch.setattr(jiter, "from_json", lambda text, **options: texts.append(text) or from_json(text, **options))
    return texts


def test_what_is_looked_at_is_read_once_and_nothing_else(read: list[bytes]) -> None:
    found = unread({"one": {"a": 1}, "two": 2})

    assert (found["one"], found["one"] is found.get("one"), list(found), "two" in found) == ({"a": 1}, True, ["one", "two"], True)
    assert read == [b'{"a": 1}']


@pytest.mark.parametrize(
    ("document", "way"),
    [
        ({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "components": {"schemas": {"A": {"type": "string"}, "B": {}}}}, ("components", "schemas")),
        ({"swagger": "2.0", "info": {"title": "T", "version": "1"}, "definitions": {"A": {"type": "string"}, "B": {}}}, ("definitions",)),
    ],
)  # fmt: skip
def test_a_remembered_document_reads_the_schemas_that_are_looked_at(
    document: dict[str, Any], way: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: list[bytes]
) -> None:
    monkeypatch.setenv("DYNAOPENAI_CACHE", str(tmp_path))
    text = json.dumps({**document, "x-large": "x" * 20_000})
    first = load(text).root
    read.clear()

    again = load(text).root
    assert len(read) == 1
    schemas = again
    for key in way:
        schemas = schemas[key]
    assert schemas["A"] == {"type": "string"}
    assert len(read) == 2
    assert again == first


@pytest.mark.parametrize("components", [None, [], "text", {"schemas": None}, {"schemas": []}, {"schemas": {"A": None, "": [[]]}, "x": {}}])
def test_whatever_stands_in_its_place_is_remembered_as_it_is(components: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNAOPENAI_CACHE", str(tmp_path))
    text = json.dumps({"openapi": "3.1.0", "components": components, "definitions": components, "x-large": "x" * 20_000})
    first = load(text)

    assert load(text).root == first.root
    assert json.dumps(load(text).root) == json.dumps(first.root)
