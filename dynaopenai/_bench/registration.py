"""The answers that a mock was told to give, and the calls that it got, operation by operation. No I/O.

Rules of this file:
1. An answer is checked when it is given (`given`).
2. Answers are given in the order of their registration; the last one stays. Those with `when` go first.
3. A failed assertion tells every difference at its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isclass
from typing import TYPE_CHECKING, Any

from .._client.operation import Operation
from .._mock.author import Answer
from .._request.received import called_with
from .._request.request import Writer
from ..errors import Violation, count, short, violations_text
from .difference import differences, listed
from .given import MISSING, Giver, RegistrationError

if TYPE_CHECKING:
    from requests import PreparedRequest

Answering = Callable[["Call"], Any]


@dataclass(frozen=True)
class Call:
    """One request as the mock received it.

    Attributes:
        arguments: what it says, by keyword, files as bytes with a ``filename`` and a ``content_type``.
        request: the `requests.PreparedRequest`.
        violations: what is wrong with it.
    """

    operation_id: str
    arguments: dict[str, Any]
    request: PreparedRequest = field(repr=False)
    violations: tuple[Violation, ...] = ()


@dataclass(eq=False)
class Registration:
    """Answers for the calls that say certain things: `returns`, `raises`, `streams`, `answers`."""

    operation: MockOperation
    wanted: Mapping[str, Any]
    steps: list[Answer | BaseException | Answering] = field(default_factory=list)
    used: int = 0

    def returns(
        self,
        body: Any = MISSING,
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
        headers: Mapping[str, str] | None = None,
    ) -> Registration:
        """Answer with an error status, in the API's own shape, or fail with an exception of `requests`.

        Raises:
            RegistrationError: that is no error status, or the body breaks the document.
        """
        if isinstance(error, BaseException):
            return self._add(error)
        if isclass(error):
            return self._add(error())
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
        """Answer with what ``function`` makes of the `Call`: a body, completed and checked as in `returns`."""
        return self._add(function)

    def _add(self, step: Answer | BaseException | Answering) -> Registration:
        self.steps.append(step)
        self.operation.keep(self)
        return self

    def fits(self, arguments: Mapping[str, Any]) -> bool:
        wanted = self.wanted
        return all(name in arguments and not any(differences(wanted[name], arguments[name])) for name in wanted)

    def next_answer(self, call: Call) -> Answer:
        step = self.steps[min(self.used, len(self.steps) - 1)]
        self.used += 1
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
        said = ", ".join(f"{name}={short(value, 40)}" for name, value in self.wanted.items())
        return f"{self.operation.id}({said or '...'})"


class MockOperation:
    """One operation of a `Mock`: the answers that it gives and the calls that it got."""

    def __init__(self, operation: Operation, writer: Writer, giver: Giver) -> None:
        self.id, self.giver, self.writer = operation.id, giver, writer
        self.operation = operation
        self.calls: list[Call] = []
        self.registrations: list[Registration] = []
        self._always = Registration(self, {})
        self.returns, self.raises = self._always.returns, self._always.raises
        self.streams, self.answers = self._always.streams, self._always.answers

    def __repr__(self) -> str:
        return f"<MockOperation {self.id}, {count(len(self.calls), 'call')}>"

    def when(self, *args: Any, **kwargs: Any) -> Registration:
        """Answers for the calls that have these arguments, whatever else they have.

        Raises:
            RegistrationError: the operation takes no such argument.
        """
        said = called_with(self.writer.arguments, args, kwargs)
        broken = list(said.violations)
        for violation in self.operation.validate_request(**said.arguments):
            is_given = any(
                violation.path == name or violation.path.startswith((f"{name}.", f"{name}[")) for name in said.arguments
            )
            broken += [violation] * (is_given and violation.path not in {other.path for other in broken})
        if broken:
            raise RegistrationError(self.id, broken)
        return Registration(self, said.arguments)

    def keep(self, registration: Registration) -> None:
        if registration not in self.registrations:
            self.registrations.append(registration)

    def answer(self, call: Call) -> Answer | None:
        """What the first registration that fits says, those with `when` before those without."""
        fitting = [registration for registration in self.registrations if registration.fits(call.arguments)]
        fitting.sort(key=lambda registration: (not registration.wanted, not registration.unused))
        if not fitting:
            return None
        answer, may_ask = fitting[0].next_answer(call), any(one.spelled == "stream" for one in self.writer.arguments.all)
        return self.giver.as_asked(answer, call.arguments.get("stream") in (True, "true")) if may_ask else answer

    def reset(self) -> None:
        """Forget the answers and the calls."""
        self.calls.clear()
        self.registrations.clear()
        self._always.steps.clear()
        self._always.used = 0

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
        said = called_with(self.writer.arguments, args, kwargs)
        if said.violations:
            raise AssertionError(f"{self.id} cannot be called so\n{violations_text(said.violations)}")
        return said.arguments

    def _seen(self) -> str:
        return "".join(f"\n  {short(call.arguments, 100)}" for call in self.calls[:5])


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
