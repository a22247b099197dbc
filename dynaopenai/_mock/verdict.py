"""A request -> what is wrong with it, by two readings of the document that know nothing of each other.

Rules of this file:
1. Our own reading refuses. What it lets pass is shown to openapi-core, whose objections are told as doubts: of what it alone
   objects to, more is its own limit than anybody's mistake.
2. The status says which kind of mistake it is: 401 no credential, 415 a media type that is not declared, else 400.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._document import openapi
from .._request import received
from .._request.received import Wire
from .._request.request import Writer
from ..errors import SpecError, Violation
from . import credentials
from .judge import Judge

if TYPE_CHECKING:
    from werkzeug.wrappers import Request


@dataclass(frozen=True)
class Verdict:
    """The status to answer with, 200 where nothing is wrong; the problems; and what openapi-core alone objects to."""

    status: int = 200
    problems: tuple[Violation, ...] = ()
    doubts: tuple[Violation, ...] = ()


def refusal(writer: Writer, schemes: Mapping[str, openapi.SecurityScheme], wire: Wire) -> Verdict:
    """What our own reading says of a request."""
    missing = credentials.missing(writer.operation, schemes, wire)
    if missing is not None:
        return Verdict(401, (missing,))
    problems = tuple(received.judge(writer, wire))
    if not problems:
        return Verdict()
    return Verdict(415 if problems[0].path == received.CONTENT_TYPE else 400, problems)


def doubts(judge: Judge, request: Request, operation: openapi.Operation, variables: dict[str, str]) -> tuple[Violation, ...]:
    """What openapi-core says of a request that our own reading lets pass."""
    try:
        _, problems = judge.judge(request, operation, variables)
    except SpecError as error:
        return (Violation("", f"not judged: {error}"),)
    return tuple(problems)
