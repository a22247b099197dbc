"""What is generated from a document is valid, and what just misses is not, by the document's own verdict."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dynaopenai import Client, SpecError
from dynaopenai.testing import (
    assert_valid,
    assert_valid_request,
    assert_valid_response,
    example,
    example_request,
    example_response,
    strategies,
)

CLIENT = Client()
OPERATIONS = list(CLIENT.operations)
JSON_ANSWERS = [name for name in OPERATIONS if "application/json" in CLIENT[name].responses["200"].content]
NODE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Trees", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "Tree": {
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": {"enum": ["leaf", "branch"]},
                    "size": {"type": "integer", "minimum": 3, "maximum": 5},
                    "name": {"type": "string", "minLength": 2, "maxLength": 4},
                    "code": {"type": "string", "pattern": "^[a-z]{2}-[0-9]+$"},
                    "day": {"type": "string", "format": "date"},
                    "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}, "maxItems": 2},
                    "either": {"oneOf": [{"type": "integer"}, {"type": "object", "required": ["a"], "properties": {"a": {"type": "null"}}}]},
                },
            }
        }
    },
}  # fmt: skip
TREES = Client(NODE)
quick = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


REQUESTS = (strategies.requests, strategies.invalid_requests, assert_valid_request)
ANSWERS = (strategies.answers, strategies.invalid_answers, assert_valid_response)


@quick
@given(st.data())
@pytest.mark.parametrize(("operation_id", "kind"), [*((each, REQUESTS) for each in OPERATIONS), *((each, ANSWERS) for each in JSON_ANSWERS)])
def test_what_is_drawn_is_valid_and_near_misses_are_not(operation_id: str, kind: Any, data: st.DataObject) -> None:
    operation, (valid, invalid, check) = CLIENT[operation_id], kind

    check(operation, data.draw(valid(operation)))
    with pytest.raises(AssertionError):
        check(operation, data.draw(invalid(operation)))


def as_a_tolerant_server_reads(value: Any) -> Any:
    """Without what it does not know; null is nothing to it, and true is text."""
    if isinstance(value, dict):
        known = {name: item for name, item in value.items() if item is not None and name not in ("no", "no_such_argument")}
        return {name: as_a_tolerant_server_reads(item) for name, item in known.items()}
    if isinstance(value, list):
        return [as_a_tolerant_server_reads(item) for item in value]
    return "true" if value is True else value


@quick
@given(st.data())
@pytest.mark.parametrize("operation_id", [name for name in OPERATIONS if CLIENT[name].example()])
def test_a_tolerant_server_refuses_near_misses_too(operation_id: str, data: st.DataObject) -> None:
    operation = CLIENT[operation_id]
    drawn = data.draw(strategies.invalid_requests(operation))

    assert operation.validate_request(**as_a_tolerant_server_reads(drawn)), drawn


KINDS: dict[str, Any] = {
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "closed": {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    "map of objects": {"type": "object", "additionalProperties": {"type": ["object", "null"], "additionalProperties": False}},
    "list of objects": {"type": "array", "items": {"type": ["object", "null"], "additionalProperties": False}},
    "either": {"anyOf": [{"type": "integer"}, {"type": "object", "additionalProperties": {"type": "integer"}}]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_in_the_place_of_null_is_what_a_tolerant_server_may_take(kind: str) -> None:
    declared = KINDS[kind]
    member = {"anyOf": [declared, {"type": "null"}]} if "anyOf" in declared else {**declared, "type": [declared["type"], "null"]}
    content = {"application/json": {"schema": {"type": "object", "required": ["it"], "properties": {"it": member}}}}
    operation = {"operationId": "put", "requestBody": {"required": True, "content": content}, "responses": {}}
    put = Client({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/it": {"put": operation}}}).put

    @settings(max_examples=60, database=None)
    @given(strategies.invalid_requests(put))
    def draw(drawn: Any) -> None:
        assert put.validate_request(**as_a_tolerant_server_reads(drawn)), drawn

    draw()


LOOSE = Client(
    {
        "openapi": "3.1.0",
        "info": {"title": "Loose", "version": "1"},
        "paths": {
            "/none": {"get": {"operationId": "none", "responses": {}}},
            "/some": {"get": {"operationId": "some", "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}], "responses": {}}},
        },
    }
)


@quick
@given(strategies.invalid_requests(LOOSE.none), strategies.invalid_requests(LOOSE.some))
def test_what_is_left_is_drawn_where_nothing_else_is_invalid(none: Any, some: Any) -> None:
    assert none == {"no_such_argument": 1}
    assert LOOSE.some.validate_request(**some)
    assert some.keys() <= {"q", "no_such_argument"}


@given(strategies.values("Tree", TREES), strategies.invalid_values("Tree", TREES))
def test_an_independent_judge_agrees(valid: Any, invalid: Any) -> None:
    judge = Draft202012Validator(TREES.schema("Tree").bundle, format_checker=Draft202012Validator.FORMAT_CHECKER)

    assert judge.is_valid(valid)
    assert not judge.is_valid(invalid)


def test_values_are_many_and_reach_every_branch() -> None:
    seen: list[Any] = []

    @settings(max_examples=200, database=None)
    @given(strategies.values("Tree", TREES))
    def draw(value: Any) -> None:
        seen.append(value)

    draw()

    assert {tree["kind"] for tree in seen} == {"leaf", "branch"}
    assert {tree["size"] for tree in seen if "size" in tree} == {3, 4, 5}
    assert {type(tree["either"]) for tree in seen if "either" in tree} == {int, dict}
    assert any(tree.get("children") for tree in seen)
    assert len({repr(tree) for tree in seen}) > 50


def test_an_answer_that_is_not_declared_is_refused() -> None:
    with pytest.raises(ValueError, match="found no schema for 200 text/csv"):
        strategies.answers(CLIENT.listModels, content_type="text/csv")


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_examples_are_valid_and_the_same_on_every_run(operation_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request, answer = example_request(operation_id), example_response(operation_id)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)

    assert_valid_request(operation_id, request)
    if operation_id in JSON_ANSWERS:
        assert_valid_response(operation_id, answer)
    assert (example_request(operation_id), example_response(operation_id)) == (request, answer)


@pytest.mark.parametrize("name", CLIENT._engine.contract.openapi.schema_names())
def test_examples_of_the_bundled_schemas_are_valid(name: str) -> None:
    assert_valid(name, example(name))


CORPUS = sorted(Path(os.environ.get("DYNAOPENAI_CORPUS", "/nowhere")).glob("*.yaml"))


@pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder with documents")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_examples_of_all_schemas_of_published_documents_are_valid(path: Path) -> None:
    client = Client(path)
    none_exists, wrong = [], []
    for name in client._engine.contract.openapi.schema_names():
        try:
            wrong += [name] if client.validate(name, example(name, client=client)) else []
        except SpecError:  # its document contradicts itself
            none_exists.append(name)

    assert wrong == []
    assert len(none_exists) <= 2, none_exists
