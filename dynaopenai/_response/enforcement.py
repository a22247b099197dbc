"""What is done about an answer that breaks the document: it is refused, or told once and let pass; and who is shown it."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from .._checking.schema import Schema
from .._problem import SHOWN_VIOLATIONS
from .._request.security import concealed
from .._request.settings import Policy
from ..errors import DynaOpenAIWarning, ResponseValidationError, Violation

if TYPE_CHECKING:
    from .._checking.known import Mark
    from .._secrecy.values import Scrubber
    from .response import Response


class Observer(Protocol):
    """Who is shown what came under ``warn``, as it came: what is kept of it must be without the request's secrets."""

    def saw(self, response: Response, body: Any) -> None:
        """A body, or an item of a stream."""

    def saw_each(self, response: Response, items: Sequence[Any], marks: Sequence[Sequence[Mark]]) -> None:
        """Items that came together, each with what is known to be wrong with it."""


class Enforcement:
    """What is done about one answer, or about the items of one stream."""

    def __init__(self, response: Response, policy: Policy, observer: Observer | None) -> None:
        self._response, self._policy = response, policy
        self._observer = observer if policy == "warn" else None
        self._reported: set[Hashable] = set()
        self._told: dict[int, Mark] = {}  # whose kind was reported
        self._were_valid = True  # the last items that were asked about

    @cached_property
    def _known(self) -> Scrubber:
        return self._response.scrubber

    @property
    def is_wanted(self) -> bool:
        """Whether anything is done at all."""
        return self._policy != "off"

    def observe(self, data: Any) -> None:
        """What ``warn`` does beside warning."""
        if self._observer is not None:
            self._observer.saw(self._response, data)

    def passes(self, schema: Schema | None, items: Sequence[Any]) -> bool:
        """Whether nothing is to be said of items that came together; then they have been shown to who observes."""
        if schema is None or self._policy == "off":
            return True
        marks: Sequence[Sequence[Mark]] | None
        if self._were_valid and schema.are_valid(items):
            marks = [()] * len(items)
        else:
            marks = self._marks_if_known(schema, items)
            self._were_valid = marks is not None and not any(marks)
        if marks is not None and self._observer is not None:
            self._observer.saw_each(self._response, items, marks)
        return marks is not None

    def pronounce(self, problems: Sequence[Violation], data: Any) -> None:
        """Refuse what breaks the document, or tell what was not told before.

        Raises:
            ResponseValidationError: the policy is ``strict``.
        """
        from .._checking.violation import kind
        from .._display.frames import caller

        response, operation_id = self._response, self._response.operation_id
        if self._policy == "strict":
            shown = concealed(problems, response.request.secrets, self._known)
            raise ResponseValidationError(operation_id, shown, response, response.seal(data))
        fresh = [problem for problem in problems if kind(problem) not in self._reported]
        if self._policy == "warn" and fresh:
            self._reported.update(map(kind, fresh))
            shown = concealed(fresh[:SHOWN_VIOLATIONS], response.request.secrets, self._known)
            text = "\n".join(f"  {violation}" for violation in shown)
            message = f"{operation_id}: the server's answer breaks the document:\n{text}"
            warnings.warn(message, DynaOpenAIWarning, stacklevel=caller())

    def _marks_if_known(self, schema: Schema, items: Sequence[Any]) -> list[Sequence[Mark]] | None:
        """What is wrong with each of some items, where all of it has been told."""
        if not self._reported:
            return [()] * len(items) if all(map(schema.is_valid, items)) else None
        from .._checking.known import recalled

        marks: list[Sequence[Mark]] = []
        for item in items:
            found = () if schema.is_valid(item) else recalled(schema, item)
            if found is None:
                return None
            marks.append([mark for mark, _ in found])
        return marks if all(map(self._is_told, chain.from_iterable(marks))) else None

    def _is_told(self, mark: Mark) -> bool:
        if id(mark) not in self._told and mark.kind in self._reported:  # of which the hash takes long
            self._told[id(mark)] = mark
        return id(mark) in self._told


class Noted(Enforcement):
    """Lets everything pass, and keeps what is wrong: for who must have the whole of an answer and be told as well."""

    def __init__(self, response: Response) -> None:
        super().__init__(response, "strict", None)
        self.violations: list[Violation] = []

    def pronounce(self, problems: Sequence[Violation], _data: Any) -> None:
        """Keep it, up to as many as are shown of one answer."""
        room = max(SHOWN_VIOLATIONS - len(self.violations), 0)
        self.violations += concealed(problems[:room], self._response.request.secrets, self._known)
