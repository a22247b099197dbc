"""What a call asks of the world, as values: a driver carries each out and answers with what came of it. No I/O.

A piece of a call is a generator of steps: it yields one, is sent the answer, or has thrown into it what went wrong, and
returns its own result. All rules of a call are such generators; there is one driver for each way of waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from .._request.request import Request
from .._request.settings import Settings

if TYPE_CHECKING:
    from .sending import Sending

T = TypeVar("T")


class Incoming(Protocol):
    """The open end of an answer. ``is_decoded``: whether its bytes come without their content coding already."""

    is_decoded: bool

    @property
    def is_over(self) -> bool:
        """Whether all of it has been read, as far as is known without asking for more."""

    def at_hand(self) -> bytes:
        """The next of its bytes, where they have come; none where they have to be waited for."""

    def close(self) -> None:
        """Let go of the connection: back to the pool if the body was read, closed if not."""


class Head(NamedTuple):
    """An answer whose body has not been read.

    Attributes:
        lines: how many header lines it had.
        sent: the `requests.PreparedRequest`, with what a session added, where there is one.
    """

    status: int
    headers: Mapping[str, str]
    lines: int
    incoming: Incoming
    sent: Any = None


class Prepare(NamedTuple):
    """Answered by the `requests.PreparedRequest`; ``body`` goes in the place of the request's own."""

    request: Request
    body: Sending | None


class Send(NamedTuple):
    """Send it, once; answered by a `Head`. ``prepared``: what a hook may have changed. ``deadline``: of `time.monotonic`."""

    request: Request
    body: Sending | None
    prepared: Any
    settings: Settings
    deadline: float | None

    @property
    def patience(self) -> tuple[float | None, float | None]:
        """Seconds to wait for a connection, and for bytes, None for any number; no more than the deadline leaves."""
        steps = self.settings.steps
        connect, read = steps if isinstance(steps, tuple) else (steps, steps)
        if self.deadline is None:
            return connect, read
        left = max(self.deadline - time.monotonic(), 0.001)
        return (left if connect is None else min(connect, left), left if read is None else min(read, left))


class Piece(NamedTuple):
    """Answered by the next bytes of a body as they come, about ``size`` at most; by none at its end."""

    incoming: Incoming
    size: int
    deadline: float | None
    patience: float | None = None


class Pause(NamedTuple):
    """Wait."""

    seconds: float


class Tell(NamedTuple):
    """Call a user's hook."""

    hook: Callable[[Any], Any]
    value: Any


class Work(NamedTuple):
    """Do what may wait for a disk; answered by its result."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


Step = Prepare | Send | Piece | Pause | Tell | Work
Steps = Generator[Step, Any, T]
