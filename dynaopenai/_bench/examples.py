"""Valid values by name, the same on every run: of a schema, a request, an answer."""

from __future__ import annotations

from typing import Any

from .._checking import json as _json
from .._checking.example import example as of_schema
from .._checking.schema import Schema
from .._client.client import Client
from .._client.inside import contract_of
from .._client.operation import Operation
from .._mock.author import Author
from .._request import media_type as _media_type
from .._response import sse as _sse
from .._response.response import Reader
from .assertions import named_operation, named_schema

__all__ = ["example", "example_request", "example_response"]

MOMENT = 1_700_000_000  # at which every example was made


def example(schema: str | Schema, *, client: Client | None = None) -> Any:
    """A valid value of a component schema, by its name.

    Raises:
        SpecError: no schema has that name, or no value is valid.
    """
    return of_schema(named_schema(schema, client))


def example_request(operation: Operation | str, *, client: Client | None = None) -> dict[str, Any]:
    """Valid arguments: ``operation(**example_request(operation))``."""
    return named_operation(operation, client).example()


def example_response(operation: Operation | str, *, status: int | None = None, client: Client | None = None) -> Any:
    """A valid answer: JSON values, text or bytes; of a stream its items.

    Raises:
        SpecError: no value is valid.
    """
    operation = named_operation(operation, client)
    contract = contract_of(operation)
    author, declared = Author(contract, lambda: MOMENT), contract.operation(operation.id)
    answer = author.answer(declared, author.success(declared) if status is None else status)
    if not isinstance(answer.body, bytes):
        return [_json.decode(event.data) for event in _sse.events(answer.body) if event.data != _sse.DONE]
    reader = Reader(contract, declared)
    response = reader.declared(answer.status)
    media = _media_type.match(response.content, answer.content_type) if response is not None else None
    return _media_type.decode(answer.content_type, answer.body, schema=reader.schema(media)) if answer.body else None
