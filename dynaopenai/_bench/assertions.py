"""A payload -> nothing, or an AssertionError with every violation: plain functions for any test framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from .._checking.check import violations
from .._checking.schema import Schema
from .._client.client import Client
from .._client.inside import plan_of
from .._client.operation import Operation
from .._display.words import count
from ..errors import DynaOpenAIError, Violation

__all__ = ["InvalidPayloadError", "assert_valid", "assert_valid_request", "assert_valid_response"]


class InvalidPayloadError(DynaOpenAIError, AssertionError):
    """A payload breaks the document.

    Attributes:
        violations: every problem, each a `Violation`.
    """

    def __init__(self, what: str, violations: Sequence[Violation]) -> None:
        self.violations = list(violations)
        lines = [f"{what} is invalid: {count(len(self.violations), 'problem')}"]
        for violation in self.violations:
            lines.append(f"  {violation}")
            if violation.schema_path:
                lines.append(
                    f"    declared at {violation.schema_path}" + (f" ({violation.source})" if violation.source else "")
                )
        super().__init__("\n".join(lines))


def assert_valid_request(
    operation: Operation | str, payload: Any = None, /, *, client: Client | None = None, **parameters: Any
) -> None:
    """The operation can be called with ``payload``: its body, or all of its arguments in one mapping.

    Args:
        operation: ``client.createThing``, or an operationId of ``client``'s document.
        payload: the body, or arguments by keyword.
        client: whose document is meant by an operationId; the bundled one's where left out.
        **parameters: further arguments.

    Raises:
        InvalidPayloadError: it cannot; every violation is told.
    """
    operation = named_operation(operation, client)
    if isinstance(payload, Mapping):
        found = operation.validate_request(**{**payload, **parameters})
    elif payload is None:
        found = operation.validate_request(**parameters)
    else:
        found = operation.validate_request(**{**parameters, _body_name(operation): payload})
    _expect_none(f"the request of {operation.id}", found)


def assert_valid_response(
    operation: Operation | str,
    payload: Any,
    /,
    *,
    status: int = 200,
    content_type: str = "application/json",
    client: Client | None = None,
) -> None:
    """The operation may answer with ``payload`` (one item of a stream, for ``text/event-stream``).

    Raises:
        InvalidPayloadError: it may not; every violation is told.
    """
    operation = named_operation(operation, client)
    _expect_none(f"the answer ({status}) of {operation.id}", operation.validate_response(payload, status, content_type))


def assert_valid(schema: str | Schema, payload: Any, /, *, client: Client | None = None) -> None:
    """``payload`` is valid as a schema of the document.

    Args:
        schema: the name of a component schema, or ``client.schema(name)``.
        payload: JSON values.
        client: whose document is meant by a name; the bundled one's where left out.

    Raises:
        InvalidPayloadError: it is not; every violation is told.
        SpecError: no schema has that name.
    """
    if isinstance(schema, str):
        _expect_none(f"the {schema}", (client or _bundled()).validate(schema, payload))
    else:
        _expect_none("the value", violations(schema, payload))


@cache
def _bundled() -> Client:
    return Client()


def named_operation(operation: Operation | str, client: Client | None) -> Operation:
    """The operation that is meant: of the bundled document where no client is given."""
    return operation if isinstance(operation, Operation) else (client or _bundled()).operations[operation]


def named_schema(schema: Schema | str, client: Client | None) -> Schema:
    """The component schema that is meant: of the bundled document where no client is given."""
    return (client or _bundled()).schema(schema) if isinstance(schema, str) else schema


def _body_name(operation: Operation) -> str:
    return plan_of(operation).writer.arguments.body_name


def _expect_none(what: str, found: Sequence[Violation]) -> None:
    if found:
        raise InvalidPayloadError(what, found)
