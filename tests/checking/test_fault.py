"""Faults are searched for once: bounded where there are many, known again where they come again, worded when read."""

from __future__ import annotations

from typing import Any

import pytest

from dynaopenai import Client, Violation
from dynaopenai._checking import fault, violation
from dynaopenai._checking.check import violations
from dynaopenai._checking.known import MOST_MARKS, recall
from dynaopenai._checking.schema import Schema
from dynaopenai._document.lines import Lines

CLIENT = Client(api_key="k")


def schema(declared: Any) -> Schema:
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": {"It": declared}}}
    return Client(document).schema("It")


def told(found: list[Violation]) -> list[tuple[str, str]]:
    return sorted((each.path, each.message) for each in found)


VECTOR = {"type": "array", "items": {"type": "number"}}
PERSON = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}}}
CLOSED = {**PERSON, "additionalProperties": False}
PET = {"oneOf": [{"type": "object", "required": ["kind"], "properties": {"kind": {"const": each}}} for each in ("cat", "dog")]}
SCHEMAS: dict[str, Any] = {"vector": {"anyOf": [VECTOR, {"type": "string"}]}, "person": PERSON, "closed": CLOSED, "pet": PET}


def test_many_faults_in_a_branch_are_not_all_looked_for() -> None:
    made = 0
    original = fault.Spot.fault

    def counted(*args: Any, **more: Any) -> Any:
        nonlocal made
        made += 1
        return original(*args, **more)

    nested: Any = VECTOR
    for _ in range(3):
        nested = {"anyOf": [{"type": "array", "items": nested}, {"type": "object"}, VECTOR]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fault.Spot, "fault", counted)
        found = violations(schema(nested), [[[[None] * 1_536] * 3] * 3] * 3)

    assert 0 < len(found) <= fault.MOST
    assert made < 3 * fault.MOST_IN_BRANCHES


@pytest.mark.parametrize("number", [10_000, 100_000])
def test_undeclared_keys_are_told_as_far_as_anybody_reads(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for: list[Any] = []
    monkeypatch.setattr(violation, "did_you_mean", lambda *words: looked_for.append(words) or "")
    found = violations(schema(CLOSED), {"name": "a", **{f"nama{index}": 1 for index in range(number)}})

    assert len(found) == fault.MOST
    assert str(found[0]) == "nama0: not declared, and nothing undeclared is allowed here"
    assert len(looked_for) == 1


def test_a_line_is_looked_for_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    at = Lines.at
    monkeypatch.setattr(Lines, "at", lambda self, pointer: asked.append(pointer) or at(self, pointer))
    (found,) = violations(CLIENT.schema("CreateEmbeddingRequest"), {"model": "m"})

    assert (str(found), asked) == ("input: missing, expected since it is required", [])
    assert found.source.startswith("openapi.yaml:")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("name", "first", "again"),
    [
        ("vector", [None] * 1_536, [None] * 3),
        ("vector", [1.0, None], [None, 2.0, None]),
        ("person", {}, {"age": 3}),
        ("person", {"age": -1, "name": "a"}, {"age": -2, "name": "b"}),
        ("person", {"age": -1}, {"age": -2}),
        ("person", {"age": -1}, {"age": 5}),
        ("person", {"age": None, "name": "a"}, {"age": None}),
        ("closed", {"name": "a", "x": 1}, {"name": "b", "x": 2}),
        ("closed", {"name": "a", "x": 1, "y": 1}, {"name": "b", "y": 2, "x": 0}),
        ("pet", {"kind": "cow"}, {"kind": "cow", "size": 3}),
    ],
)
def test_what_is_known_again_is_what_a_search_finds(name: str, first: Any, again: Any) -> None:
    knowing, searching = schema(SCHEMAS[name]), schema(SCHEMAS[name])
    violations(knowing, first)
    expected = told(violations(searching, again))

    assert recall(knowing, again) is not None or name == "person"
    assert told(violations(knowing, again)) == expected


@pytest.mark.parametrize(
    ("name", "first", "again"),
    [
        ("person", {"age": -1, "name": "a"}, {"age": 5}),
        ("closed", {"name": "a", "x": 1}, {"name": "b", "z": 1}),
        ("pet", {"kind": "cow"}, {"kind": "pig"}),
        ("vector", [None], {}),
    ],
)
def test_another_fault_is_searched_for(name: str, first: Any, again: Any) -> None:
    knowing = schema(SCHEMAS[name])
    violations(knowing, first)

    assert recall(knowing, again) is None
    assert told(violations(knowing, again)) == told(violations(schema(SCHEMAS[name]), again))


def test_marks_are_few() -> None:
    knowing = schema({"type": "object", "properties": {"kind": {"enum": ["a"]}}})
    for index in range(MOST_MARKS * 3):
        assert violations(knowing, {"kind": f"x{index}"})

    assert len(knowing.marks) <= MOST_MARKS
