"""Every operation of the bundled document: called over real HTTP, and refused before anything is sent when it is wrong."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from dynaopenai import Binary, Client, Operation, RequestValidationError, Stream
from dynaopenai._mock.server import MockServer

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated by the API:DeprecationWarning")
CLIENT = Client(api_key="sk-mock")
IDS = list(CLIENT.operations)


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


def sampled(operation: Operation) -> dict[str, Any]:
    return copy.deepcopy(operation.example())


def test_the_document_has_all_its_operations() -> None:
    assert len(IDS) == 28


@pytest.mark.parametrize("operation_id", IDS)
def test_an_example_is_sent_accepted_and_its_answer_is_what_was_declared(server: MockServer, operation_id: str) -> None:
    operation = Client(base_url=server.url, api_key="sk-mock", max_retries=0).operations[operation_id]
    arguments = sampled(operation)

    answer = operation.send(**arguments)

    assert answer.status_code == 200
    if isinstance(answer.data, Stream):
        assert len(list(answer.data)) > 0
    elif isinstance(answer.data, Binary):
        assert answer.data.read() is not None
    else:
        assert operation.validate_response(answer.data, 200, answer.content_type.partition(";")[0]) == []


def required(operation: Operation) -> list[str]:
    return [argument.spelled for argument in operation.arguments if argument.required]


def broken_types(operation: Operation) -> list[tuple[str, Any]]:
    """For each argument a value of a type that it does not take."""
    found = []
    for argument in operation.arguments:
        if argument.schema.is_binary:
            found.append((argument.spelled, 5))
        else:
            values: list[tuple[str, Any]] = [("object", {"no": "way"}), ("array", [[{}]]), ("boolean", True), ("string", "no way"), ("null", None)]
            wrong = [value for kind, value in values if kind not in argument.schema.types]
            found += [(argument.spelled, value) for value in wrong[:1]]
    return found


def enums(operation: Operation) -> list[str]:
    """The arguments that take certain strings and no others."""
    closed = []
    for argument in operation.arguments:
        strings = [part for part in argument.schema.in_place() if "string" in str(part.get("type", ""))]
        if strings and all("enum" in part for part in strings) and not argument.schema.is_valid("no such value"):
            closed.append(argument.spelled)
    return closed


def named(error: RequestValidationError) -> set[str]:
    return {violation.path.replace("[", ".").split(".")[0] for violation in error.violations}


WITHOUT = [(operation_id, name) for operation_id in IDS for name in required(CLIENT[operation_id])]
TYPES = [(operation_id, *one) for operation_id in IDS for one in broken_types(CLIENT[operation_id])]
ENUMS = [(operation_id, name) for operation_id in IDS for name in enums(CLIENT[operation_id])]


def test_there_is_something_to_break() -> None:
    assert len(WITHOUT) > 30
    assert len(TYPES) > 80
    assert len(ENUMS) > 5


@pytest.mark.parametrize("operation_id", IDS)
def test_nothing_is_sent_when_something_is_wrong(server: MockServer, operation_id: str) -> None:
    operation = Client(base_url=server.url, api_key="sk-mock", max_retries=0).operations[operation_id]
    sample, before = sampled(operation), server.requests[-1:]
    broken = [{key: value for key, value in sample.items() if key != name} for name in required(operation)]
    broken += [{**sample, name: value} for name, value in broken_types(operation)]
    broken += [{**sample, name: "no such value"} for name in enums(operation)] or [{**sample, "no_such_name": 1}]

    for arguments in broken:
        with pytest.raises(RequestValidationError):
            operation(**arguments)

    assert server.requests[-1:] == before


@pytest.mark.parametrize(("operation_id", "name"), WITHOUT)
def test_a_required_field_that_is_missing_is_named(operation_id: str, name: str) -> None:
    operation = CLIENT[operation_id]
    arguments = {key: value for key, value in sampled(operation).items() if key != name}

    with pytest.raises(RequestValidationError) as caught:
        operation.prepare(**arguments)

    assert named(caught.value) == {name}
    assert name in str(caught.value)


@pytest.mark.parametrize(("operation_id", "name", "value"), TYPES, ids=[f"{case[0]}-{case[1]}" for case in TYPES])
def test_a_wrong_type_is_named(operation_id: str, name: str, value: Any) -> None:
    operation = CLIENT[operation_id]

    with pytest.raises(RequestValidationError) as caught:
        operation.prepare(**{**sampled(operation), name: value})

    assert name in named(caught.value)


@pytest.mark.parametrize(("operation_id", "name"), ENUMS)
def test_an_unknown_enum_value_is_named(operation_id: str, name: str) -> None:
    operation = CLIENT[operation_id]

    with pytest.raises(RequestValidationError) as caught:
        operation.prepare(**{**sampled(operation), name: "no such value"})

    assert named(caught.value) == {name}
    assert "no such value" in str(caught.value)


@pytest.mark.parametrize("operation_id", IDS)
def test_the_signature_takes_the_example(operation_id: str) -> None:
    operation = CLIENT[operation_id]

    bound = inspect.signature(operation).bind(**sampled(operation))

    assert set(bound.arguments) <= set(inspect.signature(operation).parameters)
