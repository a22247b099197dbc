"""A request -> what is wrong with it, by two readings of the document that know nothing of each other.

Rules of this file:
1. Our own reading refuses. What it lets pass is shown to openapi-core, whose objections are told as doubts: of what it alone
   objects to, more is its own limit than anybody's mistake.
2. A switch that is required, may be null and is left out, is taken for null: servers do, and clients of many APIs rely on it.
3. The status says which kind of mistake it is: 401 no credential, 415 a media type that is not declared, else 400.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._checking.schema import Schema
from .._document import openapi
from .._request import received
from .._request.received import Wire
from .._request.writer import Writer
from ..errors import SpecError, Violation
from . import credentials
from .judge import Judge
from .shape import Shape

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


@dataclass(frozen=True)
class Verdict:
    """The status to answer with, 200 where nothing is wrong; the problems; what openapi-core alone objects to; what the client
    made of what went wrong before.
    """

    status: int = 200
    problems: tuple[Violation, ...] = ()
    doubts: tuple[Violation, ...] = ()
    conduct: tuple[str, ...] = ()


def refusal(writer: Writer, schemes: Mapping[str, openapi.SecurityScheme], wire: Wire, key: str | None = None) -> Verdict:
    """What our own reading says of a request; ``key``: the only credential that is known, any where None."""
    missing = credentials.missing(writer.operation, schemes, wire, key)
    if missing is not None:
        return Verdict(401, (missing,))
    problems = tuple(received.judge(writer, wire))
    if not problems:
        return Verdict()
    if any(problem.message.startswith("missing") for problem in problems) and not received.judge(writer, wire, _with_nulls):
        return Verdict(doubts=problems)
    return Verdict(415 if problems[0].path == received.CONTENT_TYPE else 400, problems)


def _with_nulls(body: Any, schema: Schema) -> Any:
    """A body with null for each switch that is required, may be null and is left out."""
    return _nulled(body, Shape(schema))


def _nulled(value: Any, shape: Shape) -> Any:
    if isinstance(value, list):
        inside = shape.items(value)
        return [_nulled(item, inside) for item in value] if inside is not None else value
    if not isinstance(value, dict):
        return value
    members = shape.members(value)
    left_out = [name for name in shape.required(value) if name not in value and name in members]
    nulls = dict.fromkeys(name for name in left_out if members[name].schema.types == {"boolean", "null"})
    return {**{name: _nulled(item, members[name]) if name in members else item for name, item in value.items()}, **nulls}


def doubts(judge: Judge, request: Request, operation: openapi.Operation, variables: dict[str, str]) -> tuple[Violation, ...]:
    """What openapi-core says of a request that our own reading lets pass."""
    try:
        _, problems = judge.judge(request, operation, variables)
    except SpecError as error:
        return (Violation("", f"not judged: {error}"),)
    return tuple(problems)
