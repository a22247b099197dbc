"""Two sets of arguments are told apart where they differ, and nowhere else."""

from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._mock.difference import differences

LONG = "The Moon raises a bulge of water on the near side, and another one on the far side of the Earth, twice a day."


@pytest.mark.parametrize(
    ("expected", "found", "lines"),
    [
        ({"m": [1, 2, 3]}, {"m": [1, 9, 2, 3]}, ["m[1]: expected nothing, found 9"]),
        ({"m": [1, 2, 3]}, {"m": [2, 3]}, ["m[0]: expected 1, found nothing"]),
        ({"m": [1, 2, 3]}, {"m": [1, 4, 3]}, ["m[1]: expected 2, found 4"]),
        ({"m": [1, 2, 3, 4]}, {"m": [9, 1, 3, 4]}, ["m[0]: expected 1, found 9", "m[1]: expected 2, found 1"]),
        ({"m": [1, 2, 3, 4, 5]}, {"m": [0, 1, 2, 4, 5, 6, 7]}, None),
        ({"m": [{"a": 1}, {"b": ANY}]}, {"m": [{"a": 1}, {"c": 1}, {"b": 7}]}, ['m[1]: expected nothing, found {"c": 1}']),
        ({"m": []}, {"m": [1]}, ["m[0]: expected nothing, found 1"]),
        ({"a": True}, {"a": 1}, ["a: expected true, found 1"]),
    ],
)
def test_one_change_is_one_difference(expected: Any, found: Any, lines: list[str] | None) -> None:
    told = list(differences(expected, found))

    assert told == lines if lines is not None else len(told) == 4


def test_long_texts_are_shown_where_they_differ() -> None:
    (line,) = differences({"content": LONG}, {"content": LONG.replace("twice", "thrice")})

    assert line == 'content: expected "…side of the Earth, twice a day.", found "…side of the Earth, thrice a day.", from character 100 on'.replace(
        "100", str(LONG.index("wice") + 1)
    )


@given(st.lists(st.integers(0, 3), max_size=8), st.lists(st.integers(0, 3), max_size=8))
def test_there_are_differences_where_and_only_where_two_lists_differ(one: list[int], other: list[int]) -> None:
    told = list(differences(one, other))

    assert bool(told) is (one != other)
    assert len(told) <= len(one) + len(other)
