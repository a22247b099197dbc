"""What the caller holds reads as attributes, and is a plain dict to everything else."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import Data
from dynaopenai._response.data import wrap

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture
def data() -> Data:
    return wrap({"id": "a", "choices": [{"message": {"content": "hi"}}, [{"deep": 1}]], "items": [1], "x-y": 2})


def test_attributes_at_any_depth(data: Data) -> None:
    assert data.choices[0].message.content == "hi"
    assert data["choices"][1][0].deep == 1
    assert data["items"] == [1]
    assert data["x-y"] == 2


@pytest.mark.parametrize(
    "reach",
    [
        lambda data: data["choices"][0],
        lambda data: data.get("choices")[0],
        lambda data: data.pop("choices")[0],
        lambda data: data.setdefault("choices", None)[0],
        lambda data: dict(data.items())["choices"][0],
        lambda data: list(data.values())[1][0],
        lambda data: data.copy().choices[0],
        lambda data: next(iter(data.choices)),
        lambda data: copy.deepcopy(data).choices[0],
        lambda data: pickle.loads(pickle.dumps(data)).choices[0],
    ],
)
def test_every_way_in_leads_to_data(data: Data, reach: Any) -> None:
    assert isinstance(reach(data), Data)
    assert reach(wrap({"choices": [{"message": 1}], "a": [{"message": 1}]})).message == 1


@given(st.dictionaries(st.text(max_size=5), VALUES))
def test_it_equals_the_dict_that_it_is(value: dict[str, Any]) -> None:
    data = wrap(value)

    assert data == value
    assert json.loads(json.dumps(data)) == json.loads(json.dumps(value))
    assert {**data} == value
    assert pickle.loads(pickle.dumps(data)) == value


def test_it_can_be_changed(data: Data) -> None:
    data.id = "b"
    data.choices[0].message.content = "ho"
    del data.items  # type: ignore[attr-defined]

    assert data["id"] == "b"
    assert json.loads(json.dumps(data))["choices"][0]["message"]["content"] == "ho"
    assert "items" not in data


def test_a_missing_attribute_gets_a_suggestion(data: Data) -> None:
    with pytest.raises(AttributeError) as caught:
        _ = data.choice

    assert str(caught.value) == 'the answer has no "choice"; did you mean "choices"?'
    assert not hasattr(data, "nothing_like_it")
    assert getattr(data, "nothing_like_it", 1) == 1


def test_keys_are_listed_as_attributes(data: Data) -> None:
    assert {"id", "choices", "keys"} <= set(dir(data))
    assert "x-y" not in dir(data)


def test_a_subclass_keeps_what_it_declares() -> None:
    class Answer(Data):
        limit = 3

        @property
        def first(self) -> Any:
            return self.choices[0]

        def helper(self) -> str:
            return self.id

    data = Answer(id="a", choices=[{"n": 1}])

    assert (data.limit, data.first.n, data.helper()) == (3, 1, "a")


def test_a_key_that_is_a_method_does_not_hide_the_method() -> None:
    data = wrap({"keys": 1, "get": 2, "update": {"a": 1}})

    assert list(data.keys()) == ["keys", "get", "update"]
    assert data.get("get") == 2
    assert data["update"].a == 1


def test_text_has_everything_and_plain_values_are_exactly_that() -> None:
    whole = {"text": "x" * 5000, "vector": list(range(500)), "nested": [{"a": {"b": [1]}}]}
    data = wrap(json.loads(json.dumps(whole)))

    assert ast.literal_eval(str(data)) == whole
    assert ast.literal_eval(str(data.vector)) == whole["vector"]
    assert len(repr(data)) < len(str(data))
    plain = data.to_dict()
    assert (plain, type(plain), type(plain["nested"]), type(plain["nested"][0])) == (whole, dict, list, dict)
    assert yaml.safe_load(yaml.safe_dump(plain)) == whole
