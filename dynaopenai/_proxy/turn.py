"""What one exchange on its way is made of: where it goes, who looks at it, and how far it has come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from .._document import openapi
from .._mock.author import Author
from .court import Court, Passed, Passing
from .framing import Framing
from .head import RequestHead, stays_open
from .own_answer import refusal
from .side import Side


class GoneError(ConnectionError):
    """The client went away."""


class BrokenError(ConnectionError):
    """The upstream went away."""


class CutError(ConnectionError):
    """The answer broke off, and must not look complete."""


@dataclass(frozen=True)
class Route:
    """Where requests go, and who looks at them.

    Attributes:
        connect: opens a connection to the upstream, or to the page.
        host: what the upstream is called in ``Host``.
        origin: what its URLs begin with.
        judged: runs a function of the court's beside the traffic.
        closed: is told of each exchange that is over.
        is_own: whether a request is for the proxy's own page.
        finishing: the exchanges whose client may have all of its answer, and which are not closed yet.
    """

    connect: Callable[[bool], Awaitable[Side]]
    host: str
    origin: str
    author: Author
    court: Court
    is_strict: bool
    judged: Callable[..., asyncio.Future[Any]]
    closed: Callable[[Passed], None]
    is_own: Callable[[RequestHead], bool]
    finishing: set[Passing]


@dataclass(eq=False)
class Turn:
    """One exchange.

    Attributes:
        framing: of the request's body.
        verdict: on the request, once that has ended.
        sent_continue: whether the proxy told the client to go on, so that the upstream need not.
        is_over: whether the client's connection ends with the answer.
    """

    client: Side
    route: Route
    head: RequestHead
    framing: Framing
    passing: Passing
    verdict: asyncio.Future[Any] | None = None
    sent_continue: bool = False
    is_over: bool = False

    def keeps_open(self) -> bool:
        """Whether another request may follow on the client's connection."""
        return stays_open(self.head) and self.framing.ended and not self.is_over

    def refusal(self, status: int, message: str, *, is_last: bool = False) -> bytes:
        """An answer of the proxy's own, with what is wrong."""
        self.route.finishing.add(self.passing)
        self.passing.refused = status
        plan, problems = self.passing.plan, (self.passing.request_problems, self.passing.answer_problems)
        operation: openapi.Operation | None = plan.writer.operation if plan is not None else None
        return refusal(
            self.route.author, operation, status, message, request=problems[0], answer=problems[1], is_last=is_last
        )
