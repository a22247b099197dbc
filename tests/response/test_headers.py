"""The headers of an answer are read as the document declares them, and checked."""

from typing import Any

import pytest
from documents import document

from dynaopenai._checking.contract import Contract
from dynaopenai._document.document import load
from dynaopenai._response.headers import header_violations

HEADERS: dict[str, Any] = {
    "X-Rate": {"required": True, "schema": {"type": "integer", "minimum": 0}},
    "X-Tags": {"schema": {"type": "array", "items": {"type": "integer"}}},
    "X-Pair": {"explode": True, "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}},
    "X-Json": {"content": {"application/json": {"schema": {"type": "object", "required": ["k"]}}}},
    "X-Free": {},
    "X-Gone": {"$ref": "#/components/headers/Gone"},
    "Content-Type": {"schema": {"type": "integer"}},
}


def found(headers: dict[str, str]) -> list[tuple[str, str]]:
    responses = {"200": {"description": "", "headers": HEADERS}}
    contract = Contract(load(document({"/a": {"get": {"operationId": "it", "responses": responses}}})))
    problems = header_violations(contract, contract.operation("it").responses["200"], headers)
    return [(problem.path, problem.message) for problem in problems]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Rate": "5"},
        {"x-rate": "0", "X-TAGS": "1,2, 3", "x-pair": "a=1", "x-json": '{"k": 1}', "X-Free": "anything", "X-Other": "x"},
        {"X-Rate": "1", "X-Tags": "7", "X-Gone": "x", "Content-Type": "text/plain"},
    ],
)
def test_headers_as_declared_are_fine(headers: dict[str, str]) -> None:
    assert found(headers) == []


@pytest.mark.parametrize(
    ("headers", "path", "message"),
    [
        ({}, 'headers["X-Rate"]', "missing, expected since it is required"),
        ({"X-Rate": "many"}, 'headers["X-Rate"]', 'found "many" (a string), expected an integer'),
        ({"X-Rate": "-1"}, 'headers["X-Rate"]', "found -1, expected at least 0"),
        ({"X-Rate": "1", "X-Tags": "1,x"}, 'headers["X-Tags"][1]', 'found "x" (a string), expected an integer'),
        ({"X-Rate": "1", "X-Pair": "a=x"}, 'headers["X-Pair"].a', 'found "x" (a string), expected an integer'),
        ({"X-Rate": "1", "X-Json": "{}"}, 'headers["X-Json"].k', "missing, expected since it is required"),
    ],
)
def test_a_header_that_breaks_its_schema_is_named(headers: dict[str, str], path: str, message: str) -> None:
    assert found(headers) == [(path, message)]
