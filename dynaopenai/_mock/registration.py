"""The answers that a mock was told to give, and the calls that it got, operation by operation. No I/O.

Rules of this file:
1. An answer is checked when it is given (`given_answer`).
2. Answers are given in the order of their registration; the last one stays. Those with `when` go first.
3. A failed assertion tells every difference at its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isclass
from typing import TYPE_CHECKING, Any

from .._client.operation import Operation
from .._display.words import count, did_you_mean, first_few, short
from .._problem import violations_text
from .._request.received import called_with
from .._request.writer import Writer
from ..errors import Violation
from .author import Answer
from .difference import differences, listed
from .given_answer import EXAMPLE, Giver, RegistrationError

if TYPE_CHECKING:
    from requests import PreparedRequest

WORDS = {  # what unittest.mock calls what is said otherwise here
    "return_value": ".returns(...)",
    "side_effect": ".answers(function), .raises(...), or several .returns(...)",
    "call_args": ".calls[-1].arguments",
    "call_args_list": ".calls",
    "mock_calls": ".calls",
    "reset_mock": ".reset()",
}

SHOWN_CALLS = 5

Answering = Callable[["Call"], Any]


@dataclass(frozen=True)
class SentRequest:
    """A request as a server received it. ``headers``: with the names as they were sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Call:
    """One request as the mock received it.

    Attributes:
        arguments: what it says, by keyword, files as bytes with a ``filename`` and a ``content_type``.
        request: the `requests.PreparedRequest`, or the `SentRequest` that a server received.
        violations: what is wrong with it.
    """

    operation_id: str
    arguments: dict[str, Any]
    request: PreparedRequest | SentRequest = field(repr=False)
    violations: tuple[Violation, ...] = ()


@dataclass(eq=False)
class Registration:
    """Answers for the calls that say certain things: `returns`, `raises`, `streams`, `answers`."""

    operation: MockOperation
    wanted: Mapping[str, Any]
    steps: list[Answer | BaseException | Answering] = field(default_factory=list, repr=False)
    used: int = 0

    def returns(
        self,
        body: Any = EXAMPLE,
        *,
        status: int | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
        completed: bool = True,
    ) -> Registration:
        """Answer with ``body``, completed from the document; wholly from it where left out.

        Args:
            body: JSON values, text or bytes; of an object, as much as the test is about.
            status: the lowest success status that is declared where left out.
            content_type: the declared one that fits ``body`` where left out.
            headers: sent with it.
            completed: False takes the body as it stands, for an answer that is given whole.

        Raises:
            RegistrationError: the document does not allow that answer.
        """
        return self._add(self.operation.giver.answer(body, status, content_type, headers, completed=completed))

    def raises(
        self,
        error: int | BaseException | type[BaseException],
        message: str | Mapping[str, Any] = "the mock was told to fail",
        *,
        code: str | None = None,
        type: str | None = None,  # noqa: A002 - the error object's name for it
        param: str | None = None,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Registration:
        """Answer with an error status, in the API's own shape, or fail with an exception.

        In process the exception is raised where `requests` would raise it. Over HTTP the connection is closed without an
        answer, or stays silent where the exception is a timeout.

        Args:
            error: a status from 400 to 599, or an exception.
            message: what the error says, or its whole body.
            code, type, param: what it says besides.
            retry_after: seconds that the client is asked to wait.
            headers: sent with it.

        Raises:
            RegistrationError: that is no error status, or the body breaks the document.
        """
        if isinstance(error, BaseException):
            return self._add(error)
        if isclass(error):
            return self._add(error())
        if retry_after is not None:
            if not isinstance(retry_after, (int, float)) or not retry_after >= 0:
                problem = Violation("retry_after", f"found {short(retry_after)}, expected seconds", retry_after)
                raise RegistrationError(self.operation.id, [problem])
            headers = {"Retry-After": f"{retry_after:g}", **(headers or {})}
        facts = {"code": code, "type": type, "param": param}
        return self._add(self.operation.giver.error(error, message, facts, headers))

    def streams(
        self, items: Sequence[Any], *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> Registration:
        """Answer with a stream of events, each item completed from the document.

        Raises:
            RegistrationError: the operation declares no stream, or an item breaks the document.
        """
        return self._add(self.operation.giver.events(items, status, headers))

    def answers(self, function: Answering) -> Registration:
        """Answer with what ``function`` makes of the `Call`: a body, completed and checked as in `returns`.

        Raises:
            TypeError: it is no function.
        """
        if not callable(function):
            raise TypeError(f"found {short(function)}, expected a function of the call; .returns(...) gives a body")
        return self._add(function)

    def _add(self, step: Answer | BaseException | Answering) -> Registration:
        self.steps.append(step)
        self.operation.keep(self)
        return self

    def fits(self, arguments: Mapping[str, Any]) -> bool:
        wanted = self.wanted
        return all(name in arguments and not any(differences(wanted[name], arguments[name])) for name in wanted)

    def next_step(self) -> Answer | BaseException | Answering:
        step = self.steps[min(self.used, len(self.steps) - 1)]
        self.used += 1
        return step

    def made(self, step: Answer | BaseException | Answering, call: Call) -> Answer:
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, Answer):
            return step
        given = step(call)
        return given if isinstance(given, Answer) else self.operation.giver.answer(given)

    @property
    def unused(self) -> int:
        return max(len(self.steps) - self.used, 0)

    def __str__(self) -> str:
        wanted = ", ".join(f"{name}={short(value, 40)}" for name, value in self.wanted.items())
        return f"{self.operation.id}({wanted or '...'})"


PARTS = frozenset(
    {"id", "giver", "writer", "operation", "calls", "registrations", "returns", "raises", "streams", "answers"}
    | {"always", "_lock"}
)


class MockOperation:
    """One operation of a `Mock`: the answers that it gives and the calls that it got."""

    def __init__(self, operation: Operation, writer: Writer, giver: Giver) -> None:
        self.id, self.giver, self.writer = operation.id, giver, writer
        self.operation, self._lock = operation, threading.Lock()
        self.calls: list[Call] = []
        self.registrations: list[Registration] = []
        self.always = Registration(self, {})
        self.returns, self.raises = self.always.returns, self.always.raises
        self.streams, self.answers = self.always.streams, self.always.answers

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(self._other_words(name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in PARTS:
            raise AttributeError(self._other_words(name))
        super().__setattr__(name, value)

    def _other_words(self, name: str) -> str:
        """That there is no such thing, and what is there in its place."""
        remedy = WORDS.get(name, "")
        hint = f"say {remedy}" if remedy else did_you_mean(name, [one for one in dir(self) if one[0] != "_"])
        return f"a MockOperation has no {name}" + (f"\n  remedy    {hint}" if hint else "")

    def __repr__(self) -> str:
        return f"<MockOperation {self.id}, {count(len(self.calls), 'call')}>"

    def when(self, *args: Any, **kwargs: Any) -> Registration:
        """Answers for the calls that have these arguments, whatever else they have.

        Raises:
            RegistrationError: the operation takes no such argument.
        """
        received = called_with(self.writer.arguments, args, kwargs)
        broken = list(received.violations)
        for violation in self.operation.validate_request(**received.arguments):
            is_given = any(
                violation.path == name or violation.path.startswith((f"{name}.", f"{name}[")) for name in received.arguments
            )
            broken += [violation] * (is_given and violation.path not in {other.path for other in broken})
        if broken:
            raise RegistrationError(self.id, broken)
        return Registration(self, received.arguments)

    def keep(self, registration: Registration) -> None:
        if registration not in self.registrations:
            self.registrations.append(registration)

    def answer(self, call: Call) -> Answer | None:
        """What the first registration that fits says, those with `when` before those without."""
        with self._lock:
            fitting = [registration for registration in self.registrations if registration.fits(call.arguments)]
            if not fitting:
                return None
            chosen = min(fitting, key=lambda registration: (not registration.wanted, not registration.unused))
            step = chosen.next_step()
        answer, may_ask = chosen.made(step, call), any(one.spelled == "stream" for one in self.writer.arguments.all)
        return self.giver.as_asked(answer, call.arguments.get("stream") in (True, "true")) if may_ask else answer

    def reset(self) -> None:
        """Forget the answers and the calls."""
        self.calls.clear()
        self.registrations.clear()
        self.always.steps.clear()
        self.always.used = 0

    # --- assertions ------------------------------------------------------------------------------

    @property
    def call_count(self) -> int:
        return len(self.calls)

    @property
    def called(self) -> bool:
        return bool(self.calls)

    def assert_called(self) -> None:
        """It was called at least once."""
        if not self.calls:
            raise AssertionError(f"{self.id} was never called")

    def assert_called_once(self) -> None:
        """It was called exactly once."""
        if len(self.calls) != 1:
            raise AssertionError(f"{self.id} was called {_times(len(self.calls))}, expected once{self._seen()}")

    def assert_not_called(self) -> None:
        """It was never called."""
        if self.calls:
            raise AssertionError(f"{self.id} was called {_times(len(self.calls))}, expected never{self._seen()}")

    def assert_called_with(self, /, *args: Any, **kwargs: Any) -> None:
        """The last call had exactly these arguments; the differences are told, each at its place."""
        expected = self._expected(args, kwargs)
        self.assert_called()
        last = self.calls[-1].arguments
        if any(differences(expected, last)):
            which = (
                f"the last of {len(self.calls)} calls of {self.id}" if len(self.calls) > 1 else f"the call of {self.id}"
            )
            raise AssertionError(f"{which} differs from what was expected\n{listed(differences(expected, last))}")

    def assert_called_once_with(self, /, *args: Any, **kwargs: Any) -> None:
        """It was called once, with exactly these arguments."""
        self.assert_called_once()
        self.assert_called_with(*args, **kwargs)

    def assert_any_call(self, /, *args: Any, **kwargs: Any) -> None:
        """One of the calls had exactly these arguments; the differences to the nearest are told."""
        expected = self._expected(args, kwargs)
        self.assert_called()
        tried = [list(differences(expected, call.arguments)) for call in self.calls]
        if all(tried):
            nearest = min(tried, key=len)
            raise AssertionError(f"no call of {self.id} is as expected; the nearest differs\n{listed(iter(nearest))}")

    def _expected(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        received = called_with(self.writer.arguments, args, kwargs)
        if received.violations:
            raise AssertionError(f"{self.id} cannot be called so\n{violations_text(received.violations)}")
        return received.arguments

    def _seen(self) -> str:
        return "".join(f"\n  {line}" for line in first_few((short(call.arguments, 100) for call in self.calls), SHOWN_CALLS))


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
