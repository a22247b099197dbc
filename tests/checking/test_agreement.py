"""The verdict (jsonschema-rs) and the search for faults never disagree, on anything the document's schemas describe.

For every schema of the bundled document: payloads made to fit, the same with something broken, and things made up.
``DYNAOPENAI_PAYLOADS`` sets how many (200 by default).
"""

from __future__ import annotations

import copy
import os
import random
from typing import Any

import pytest
from json_places import places

from dynaopenai import Client
from dynaopenai._checking.cause import causes
from dynaopenai._checking.check import violations
from dynaopenai._checking.example import example
from dynaopenai._checking.fault import faults
from dynaopenai._checking.known import recall, remember
from dynaopenai._checking.schema import Schema

PAYLOADS = int(os.environ.get("DYNAOPENAI_PAYLOADS", "200"))
CLIENT = Client(api_key="k")
NAMES = CLIENT._engine.contract.openapi.schema_names()
MADE_UP: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.0, 0.5, 2.0**70, 2**70, "", "a", "user", "gpt-4", "2024-01-31", "\u00e9" * 3, [], {}, [[]], [{}]),
    *([1, 1.0], [None], {"a": None}, {"type": "text"}, {"object": "list", "data": []}, "a" * 600, list(range(40)), {"": {}}),
]


def members(schema: Schema) -> list[Any]:
    """Values to put in: what the schema itself names, and what it surely does not."""
    named = [value for part in schema.in_place() for value in part.get("enum", ())]
    return [*MADE_UP, *named[:20]]


def broken(value: Any, chance: random.Random, spare: list[Any]) -> Any:
    """A copy with up to three things in it changed, taken out or put in."""
    root = {"value": copy.deepcopy(value)}
    for _ in range(chance.randint(1, 3)):
        container, key = chance.choice(places(root))
        action = chance.randrange(4)
        if action == 0 and container is not root:
            del container[key]
        elif action == 1 and isinstance(container, dict) and container is not root:
            container[chance.choice(["type", "role", "zzz", "name", key + "x"])] = copy.deepcopy(chance.choice(spare))
        else:
            container[key] = copy.deepcopy(chance.choice(spare))
    return root["value"]


def payloads(schema: Schema, seed: str) -> list[Any]:
    chance, spare = random.Random(seed), members(schema)
    fitting = [example(schema), *(given for part in schema.in_place() for given in part.get("examples", ()))]
    made = [*fitting, *spare]
    while len(made) < PAYLOADS:
        made.append(broken(chance.choice(fitting), chance, spare))
    return made


@pytest.mark.parametrize("name", NAMES)
def test_verdict_and_explanation_agree(name: str) -> None:
    schema = CLIENT.schema(name)
    made = payloads(schema, name)
    verdicts = [schema.is_valid(value) for value in made]

    assert [value for value, verdict in zip(made, verdicts, strict=True) if verdict != (next(faults(schema, value), None) is None)] == []
    assert len(made) >= PAYLOADS
    assert any(verdicts)


@pytest.mark.parametrize("name", NAMES[::4])
def test_the_verdict_on_many_is_that_on_each(name: str) -> None:
    schema = CLIENT.schema(name)
    made = payloads(schema, name)[:60]
    valid = [value for value in made if schema.is_valid(value)]

    assert [schema.are_valid([value]) for value in made] == [schema.is_valid(value) for value in made]
    assert schema.are_valid(valid)
    assert len(valid) == len(made) or not schema.are_valid(made)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_refused_has_a_reason_with_a_place(name: str) -> None:
    schema = CLIENT.schema(name)
    refused = [value for value in payloads(schema, name)[:60] if not schema.is_valid(value)]

    for value in refused:
        found = violations(schema, value)
        assert found
        assert all(violation.message and violation.schema_path.startswith("#/") for violation in found)


@pytest.mark.parametrize("name", NAMES[::5])
def test_known_faults_never_hide_nor_make_up_others(name: str) -> None:
    """Every payload is told the same by a schema that has seen all the others as by one that has seen none."""
    knowing = CLIENT._engine.contract.passing_schema(CLIENT.schema(name).places[""], "any")
    refused = [value for value in payloads(knowing, name)[:80] if not knowing.is_valid(value)]
    for value in refused:
        remember(knowing, value, causes(knowing, value))

    for value in refused:
        found = recall(knowing, value)
        if found is not None:
            searched = {(each.path, each.missing) for each in causes(knowing, value)}
            assert {(each.path, each.missing) for each in found} == searched
