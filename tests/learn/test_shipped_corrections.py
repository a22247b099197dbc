"""The corrections that the package ships, held against recorded traffic: what the API does is taken, what is wrong is not.

``DYNAOPENAI_CORPUS`` names the folder with ``openai-2.3.0.yaml``, ``DYNAOPENAI_TRAFFIC`` one with recordings; what needs
them is skipped without.
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from dynaopenai import Client, learn
from dynaopenai._checking.contract import Contract
from dynaopenai._document.document import Document, load
from dynaopenai._document.overlay import apply
from dynaopenai._document.syntax import parse
from dynaopenai._learn.deviation import schema_of
from dynaopenai._learn.recording import read
from dynaopenai._learn.sample import Routes, Sample, samples

CORRECTIONS = Path(str(resources.files("dynaopenai").joinpath("apis/openai.corrections.yaml")))
ACTIONS: list[dict[str, Any]] = parse(CORRECTIONS.read_bytes(), CORRECTIONS.name).value["actions"]
CORPUS, TRAFFIC = os.environ.get("DYNAOPENAI_CORPUS", ""), os.environ.get("DYNAOPENAI_TRAFFIC", "")
PUBLISHED = Path(CORPUS, "openai-2.3.0.yaml")
HELD = pytest.mark.skipif(not (CORPUS and TRAFFIC), reason="needs DYNAOPENAI_CORPUS and DYNAOPENAI_TRAFFIC")
MUTATIONS = 2_000


@cache
def published() -> Document:
    return load(PUBLISHED)


@cache
def corrected() -> Document:
    return apply(published(), [CORRECTIONS])


@cache
def exchanges() -> list[Any]:
    return [exchange for path in sorted(Path(TRAFFIC).glob("*.jsonl")) for exchange in read(path)]


def shown(contract: Contract) -> list[Sample]:
    routes = Routes(contract)
    ids = [(routes.operation_of(exchange), exchange) for exchange in exchanges()]
    return [sample for operation_id, exchange in ids if operation_id for sample in samples(exchange, operation_id)]


def test_every_correction_says_what_it_rests_on() -> None:
    for action in ACTIONS:
        for evidence in action["x-evidence"]:
            assert evidence.keys() == {"reading"} or (evidence["seen"] > 0 and evidence["first"] and evidence["message"])


def test_no_correction_holds_more_of_a_payload_than_a_short_example() -> None:
    assert max(len(str(each.get("example", ""))) for action in ACTIONS for each in action["x-evidence"]) <= 60


@HELD
def test_every_correction_meets_its_place() -> None:
    assert [str(each) for each in corrected().diagnostics if each.code == "overlay-matches-nothing"] == []


@HELD
def test_what_the_api_answered_and_took_is_taken() -> None:
    client = Client(corrected(), api_key="k")
    routes = Routes(Contract(corrected()))
    refused: dict[str, list[str]] = {"answer": [], "request": []}
    judged = {"answer": 0, "request": 0}
    for exchange in exchanges():
        operation = client[routes.operation_of(exchange) or ""]
        wrong: dict[str, list[str]] = {}
        for sample in samples(exchange, operation.id):
            found = operation.validate_response(sample.body, sample.status, sample.content_type) if sample.side == "answer" else []
            if sample.side == "request":
                found = [each for each in operation.validate_request(**sample.body) if "." in each.path or each.path in sample.body]
            wrong.setdefault(sample.side, []).extend(map(str, found))
        for side, problems in wrong.items():
            judged[side] += 1
            refused[side] += [f"{exchange.where} {problems[0]}"] if problems else []

    assert len(refused["answer"]) <= judged["answer"] * 0.01, refused["answer"]
    assert len(refused["request"]) <= judged["request"] * 0.005, refused["request"]
    assert judged["answer"] > 300


# --- not by going blind --------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key), item
        yield from places(item, (*path, key))


def mutated(body: Any, chance: random.Random) -> Any:
    """A copy with one thing wrong: another type, a member less, a text misspelt."""
    path, value = chance.choice(list(places(body)))
    made = copy.deepcopy(body)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    way = chance.choice(["type", "drop", "misspell"])
    if way == "drop" and isinstance(holder, dict):
        del holder[path[-1]]
    elif way == "misspell" and isinstance(value, str) and 0 < len(value) < 40:
        holder[path[-1]] = value[:-1] + "~"
    else:
        others = [None, True, 7, 0.5, "text", [], {}]
        holder[path[-1]] = chance.choice([other for other in others if type(other) is not type(value)])
    return made


@HELD
def test_what_is_wrong_is_still_refused() -> None:
    before, after = Contract(published()), Contract(corrected())
    known = [(sample, schema_of(before, sample), schema_of(after, sample)) for sample in shown(before)]
    taken = [each for each in known if each[1] and each[2] and isinstance(each[0].body, dict) and each[0].body and each[1].is_valid(each[0].body)]
    chance, refused, still = random.Random(20), 0, 0
    while refused < MUTATIONS:
        sample, plain, mended = chance.choice(taken)
        assert plain is not None
        assert mended is not None
        wrong = mutated(sample.body, chance)
        if not plain.is_valid(wrong):
            refused += 1
            still += not mended.is_valid(wrong)

    assert still / refused >= 0.97


@HELD
def test_the_order_of_recordings_makes_no_difference_and_nothing_is_left() -> None:
    shuffled = random.Random(7).sample(exchanges(), len(exchanges()))

    overlay = learn(published(), exchanges(), everywhere=True)

    assert overlay.left == []
    assert learn(published(), shuffled, everywhere=True) == overlay
