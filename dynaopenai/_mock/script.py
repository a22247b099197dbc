"""What a test told a document's operations to answer, and what they were asked: one for the mock in process and the server.

Rules of this file:
1. Operations are found by the names that they have on a client.
2. What goes wrong is kept, since the code under test may swallow it: whoever owns the script tells it at the end.
3. Thread-safe: answers are taken in turn, and what a test's own function makes of a call is made outside the lock.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._client.group import Group
from .._client.operation import Operation
from .._client.operations import Operations
from .._display.words import count, short
from .._problem import violations_text
from .._request.received import Wire, read
from ..errors import DynaOpenAIError, UnknownOperationError, Violation
from .author import Answer, Author
from .difference import differences, listed
from .given_answer import Giver
from .registration import Call, MockOperation, SentRequest

if TYPE_CHECKING:
    from typing_extensions import Self

MOST_CALLS = 10_000
MOST_BYTES = 1 << 28  # of bodies in the calls that are remembered


class UnmockedCallError(DynaOpenAIError, AssertionError):
    """A request was sent for which the mock has no answer."""


class InvalidCallError(DynaOpenAIError, AssertionError):
    """A request was sent that breaks the document.

    Attributes:
        violations: every problem, each a `Violation`.
    """

    def __init__(self, operation_id: str, violations: Sequence[Violation]) -> None:
        self.operation_id, self.violations = operation_id, list(violations)
        super().__init__(
            f"{operation_id} was sent with {count(len(violations), 'problem')}\n{violations_text(violations)}\n"
            '  To go on: Mock(validate="warn")'
        )


class UnusedAnswersError(DynaOpenAIError, AssertionError):
    """Answers were given to a mock and never asked for."""


class Script:
    """The answers that were given to a document's operations, the calls that they got, and what went wrong.

    Args:
        owner: what a test calls it that has the operations: ``mock``, ``server``.
    """

    def __init__(self, operations: Operations[Operation], author: Author, owner: str) -> None:
        self.operations, self._author, self._owner = operations, author, owner
        self._made: dict[str, MockOperation] = {}
        self._held = 0  # bytes of bodies
        self.calls: list[Call] = []
        self.troubles: list[DynaOpenAIError] = []

    def of(self, operation_id: str) -> MockOperation:
        """The operation's registrations and calls.

        Raises:
            UnknownOperationError: the document has no such operation.
        """
        made = self._made.get(operation_id)
        if made is None:
            operation = self.operations[operation_id]
            engine = self.operations.engine
            plan = engine.plan(operation.id)
            giver = Giver(engine.contract, plan.writer.operation, self._author)
            made = self._made.setdefault(operation.id, MockOperation(operation, plan.writer, giver))
        return made

    def received(self, operation_id: str, wire: Wire, request: Any) -> Call:
        """Remember a request to an operation, as the call that it is."""
        operation = self.of(operation_id)
        found = read(operation.writer, wire)
        call = Call(operation.id, found.arguments, request, found.violations)
        operation.calls.append(call)
        self.calls.append(call)
        self._held += len(wire.body)
        while len(self.calls) > MOST_CALLS or (self._held > MOST_BYTES and len(self.calls) > 1):
            self._forget()
        return call

    def _forget(self) -> None:
        oldest = self.calls.pop(0)
        del self.of(oldest.operation_id).calls[:1]
        if isinstance(oldest.request, SentRequest):
            self._held -= len(oldest.request.body)

    def answer(self, call: Call) -> Answer | None:
        """What the test said that this call is answered with; None where it said nothing.

        Raises:
            RegistrationError: a function of the test's answers what the document does not allow.
            BaseException: the test said so.
        """
        return self.of(call.operation_id).answer(call)

    def unmocked(self, call: Call) -> UnmockedCallError:
        """That no answer fits a call, and why."""
        operation = self.of(call.operation_id)
        lines = [
            f"{operation.id} was called, and the {self._owner} has no answer for it",
            f"  found     {short(call.arguments)}",
        ]
        for registration in operation.registrations:
            lines.append(f"  {registration} does not fit")
            found = {name: value for name, value in call.arguments.items() if name in registration.wanted}
            lines.append(listed(differences(dict(registration.wanted), found)))
        return UnmockedCallError(
            "\n".join([*lines, f"  remedy    {self._owner}[{operation.id!r}].returns(...)"])
        )

    def reset(self) -> None:
        """Forget every answer, every call and every trouble."""
        for operation in self._made.values():
            operation.reset()
        self.calls.clear()
        self.troubles.clear()
        self._held = 0

    # --- the end ---------------------------------------------------------------------------------

    def assert_no_trouble(self) -> None:
        """Nothing went wrong; the first of the troubles tells of all.

        Raises:
            UnmockedCallError, InvalidCallError, RegistrationError: a call failed, and the failure was swallowed.
        """
        if not self.troubles:
            return
        first, *others = self.troubles
        if others:
            first = copy.copy(first)
            first.args = ("\n".join([str(first), f"and {count(len(others), 'trouble')} more", *map(str, others)]),)
        raise first

    def assert_all_used_up(self) -> None:
        """Every answer that was given was asked for.

        Raises:
            UnusedAnswersError: some were not.
        """
        unused = [item for operation in self._made.values() for item in operation.registrations if item.unused]
        if unused:
            lines = [
                f"  {item}: {count(item.unused, 'answer')} of {len(item.steps)} never asked for" for item in unused
            ]
            called = ", ".join(sorted({call.operation_id for call in self.calls})) or "nothing"
            raise UnusedAnswersError(
                "\n".join(["answers were given that nothing asked for", *lines, f"  called: {called}"])
            )


class Scripted:
    """What a test speaks to: the operations of a document by their names, each a `MockOperation`.

    A ``with`` block starts it and stops it; trouble is told on leaving, but where an exception is on its way already.
    """

    _script: Script
    _all_used: bool  # whether answers that nothing asked for are trouble

    def start(self) -> Self:
        """Answer from now on."""
        raise NotImplementedError

    def stop(self, *, check: bool = True) -> None:
        """Answer no more."""
        raise NotImplementedError

    def _assert_all_well(self) -> None:
        self._script.assert_no_trouble()
        if self._all_used:
            self._script.assert_all_used_up()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: object, *_: object) -> None:
        self.stop(check=kind is None)

    def __getitem__(self, operation_id: str) -> MockOperation:
        return self._script.of(operation_id)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._script.operations.find(name)
        if found is None:
            operations = self._script.operations
            raise UnknownOperationError(name, operations.names(), operations.engine.contract.openapi.title)
        return _ScriptedGroup(self._script, found) if isinstance(found, Group) else self._script.of(found.id)

    def __setattr__(self, name: str, value: Any) -> None:
        script = self.__dict__.get("_script")
        if script is not None and not hasattr(type(self), name) and script.operations.find(name) is not None:
            raise AttributeError(f"{name} cannot be replaced\n  remedy    .{name}.returns(...), or .{name}.answers(function)")
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._script.operations.attributes.listed]

    @property
    def calls(self) -> list[Call]:
        """The calls that any operation got, the oldest first."""
        return self._script.calls

    def reset(self) -> None:
        """Forget every answer and every call."""
        self._script.reset()

    def assert_all_used_up(self) -> None:
        """Every answer that was given was asked for.

        Raises:
            UnusedAnswersError: some were not.
        """
        self._script.assert_all_used_up()


class _ScriptedGroup:
    """The operations of one group, and the groups below."""

    def __init__(self, script: Script, group: Group[Operation]) -> None:
        self._script, self._group = script, group

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._group, name)
        return _ScriptedGroup(self._script, found) if isinstance(found, Group) else self._script.of(found.id)

    def __dir__(self) -> list[str]:
        return dir(self._group)
