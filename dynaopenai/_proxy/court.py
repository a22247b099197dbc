"""An exchange that passes -> what the document says of it: the request, the events of a stream one by one, the answer.

Rules of this file:
1. It runs beside the traffic, in a thread of its own, and holds up nothing that is valid.
2. What cannot be judged (too large, coded in a way that nobody here reads) is told as that, and not held against anybody.
3. What is kept of an exchange is without its secrets: they go before anything is shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .._checking.contract import Contract
from .._client.engine import Plan
from .._display.words import count
from .._learn.exchange import FRAMING, Exchange, Message
from .._learn.scrub import Scrubber
from .._mock.inspection import Inspector, answer_violations, event_violations
from .._request import media_type as _media_type
from .._request.received import Wire
from .._request.received import read as read_arguments
from .._request.security import concealed, secret_names
from .._response import sse as _sse
from .._response.headers import header_violations
from .._secrecy.values import Scrubber as Known
from .._secrecy.values import secret_values
from ..errors import Violation
from .kept import LIMIT, Kept

MOST_PROBLEMS = 20  # of the events of one stream: to find words for each would take longer than the stream
TOO_LARGE = f"a body of more than {LIMIT >> 20} MiB, or in a coding that is not read here"

_BLANK = re.compile(rb"\r\n\r\n|\n\n|\r\r")


@dataclass(frozen=True)
class Passed:
    """An exchange that passed through the proxy.

    Attributes:
        exchange: the request and the answer, without their secrets; bodies that were too large to be kept are empty.
        operation_id: None where the document has no such operation.
        request, response: what is wrong with each; empty where nothing is.
        notes: what else is to be known: what was not judged, what broke off.
        status: what the client was answered with; not the exchange's where the proxy refused it.
        seconds: from the request's first byte to the answer's last.
        is_whole: whether the bodies were kept.
    """

    exchange: Exchange
    operation_id: str | None
    request: tuple[Violation, ...] = ()
    response: tuple[Violation, ...] = ()
    notes: tuple[str, ...] = ()
    status: int = 0
    seconds: float = 0.0
    is_whole: bool = True

    def __str__(self) -> str:
        it = self.exchange
        line = f"{it.method} {ascii(urlsplit(it.url).path)[1:-1]} ({self.operation_id}): {self.status}"
        return "\n  ".join([line, *self.verdict])

    @property
    def violations(self) -> list[Violation]:
        """The request's and the answer's."""
        return [*self.request, *self.response]

    @property
    def verdict(self) -> tuple[str, ...]:
        """Everything that is to be said of it, each as a text."""
        return (
            *(f"request: {violation}" for violation in self.request),
            *(f"answer: {violation}" for violation in self.response),
            *self.notes,
        )


@dataclass(eq=False)
class Passing:
    """An exchange on its way."""

    method: str
    url: str
    headers: Mapping[str, str]
    is_judged: bool = True  # False for what a browser asks on its own
    request: Kept = field(default_factory=Kept)
    status: int = 0
    refused: int = 0  # the status of an answer of the proxy's own
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: Kept = field(default_factory=Kept)
    request_problems: list[Violation] = field(default_factory=list)
    answer_problems: list[Violation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    plan: Plan | None = None
    started: float = field(default_factory=time.monotonic)
    unread: bytearray = field(default_factory=bytearray)  # the beginning of an event
    events: int = 0
    good: int = 0  # bytes of the events that came last, up to the first of them that breaks the document

    @property
    def content_type(self) -> str:
        return _value(self.answer_headers, "content-type")

    @property
    def is_stream(self) -> bool:
        """Whether the answer is a stream whose events can be judged as they come."""
        is_plain = _value(self.answer_headers, "content-encoding").lower() in ("", "identity")
        return is_plain and _media_type.kind_of(self.content_type) == "events" if self.content_type else False


class Court:
    """Judges exchanges. One thread at a time."""

    def __init__(self, contract: Contract, inspector: Inspector) -> None:
        self._contract, self._inspector = contract, inspector
        self._names = secret_names(contract.openapi.security_schemes.values())

    def judge_request(self, passing: Passing) -> list[Violation]:
        """What is wrong with a request that has come to its end."""
        if not passing.is_judged:
            return []
        found = list(self._request(passing))
        passing.request_problems = self._without_secrets(passing, found)
        return passing.request_problems

    def _request(self, passing: Passing) -> Iterator[Violation]:
        method = passing.method
        plan, variables = self._inspector.plan(method, passing.url)
        if plan is None and method == "HEAD":
            plan, variables = self._inspector.plan("GET", passing.url)
        passing.plan = plan
        parts = urlsplit(passing.url)
        if plan is None:
            yield Violation("", f"{method} {parts.path} is no operation of the document")
            return
        body = passing.request.body(_value(passing.headers, "content-encoding"))
        if body is None:
            passing.notes.append(f"the request was not judged: {TOO_LARGE}")
            return
        wire = Wire(plan.writer.operation.method, variables, parts.query, passing.headers, body)
        yield from read_arguments(plan.writer, wire).violations

    def judge_events(self, passing: Passing, content: bytes) -> list[Violation]:
        """What is wrong with the events that these bytes complete."""
        passing.unread += content
        ends = [match.end() for match in _BLANK.finditer(passing.unread)]
        if not ends or passing.plan is None or len(passing.answer_problems) >= MOST_PROBLEMS:
            if len(passing.unread) > LIMIT or passing.plan is None:
                passing.unread.clear()
            return []
        complete = bytes(passing.unread[: ends[-1]])
        del passing.unread[: ends[-1]]
        found: list[Violation] = []
        first: int | None = None
        for index, event in enumerate(_sse.events([complete])):
            if len(passing.answer_problems) + len(found) < MOST_PROBLEMS:
                found += event_violations(passing.plan, passing.status, passing.content_type, passing.events, event)
                first = index if found and first is None else first
            passing.events += 1
        passing.good = len(complete) if first is None else _begin_of(first, complete, ends)
        found = self._without_secrets(passing, found)
        passing.answer_problems += found
        return found

    def judge_head(self, passing: Passing) -> list[Violation]:
        """What is wrong with an answer that can be told from its head, for one whose body is not waited for."""
        if passing.plan is None or not self._is_judged(passing):
            return []
        declared = passing.plan.reader.declared(passing.status)
        if declared is None:
            return [] if passing.status >= 400 else passing.plan.reader.check(None, passing.status, passing.content_type)
        found = header_violations(passing.plan.reader.contract, declared, passing.answer_headers)
        if declared.content and passing.content_type and _media_type.match(declared.content, passing.content_type) is None:
            found += passing.plan.reader.check(b"", passing.status, passing.content_type)
        return found

    def judge_answer(self, passing: Passing) -> list[Violation]:
        """What is wrong with an answer that has come to its end; with a stream, what its head says."""
        found = self.judge_head(passing)
        if passing.plan is not None and not passing.is_stream and self._is_judged(passing):
            body = passing.answer.body(_value(passing.answer_headers, "content-encoding"))
            if body is None:
                if _media_type.kind_of(passing.content_type) != "binary":
                    passing.notes.append(f"the answer was not judged: {TOO_LARGE}")
            else:
                found += self._body(passing, passing.plan, body, {violation.path for violation in found})
        found = self._without_secrets(passing, found)
        passing.answer_problems[:0] = found
        return found

    def _body(self, passing: Passing, plan: Plan, body: bytes, known: set[str]) -> list[Violation]:
        message = Message(passing.answer_headers, body)
        exchange = Exchange(passing.method, passing.url, Message(), passing.status, message)
        return [violation for violation in answer_violations(plan, exchange) if violation.path not in known]

    def _is_judged(self, passing: Passing) -> bool:
        """Not what has no body by HTTP's own rules, or a part of one (RFC 9110 §15.4.5, §15.3.7)."""
        return passing.is_judged and passing.method != "HEAD" and passing.status not in (0, 206, 304)

    def closed(self, passing: Passing) -> Passed:
        """What is left of an exchange when it is over."""
        bodies = (
            passing.request.body(_value(passing.headers, "content-encoding")),
            passing.answer.body(_value(passing.answer_headers, "content-encoding")),
        )
        if passing.answer_problems and passing.is_stream and len(passing.answer_problems) >= MOST_PROBLEMS:
            passing.notes.append(f"further events were not judged, after {count(MOST_PROBLEMS, 'problem')}")
        exchange = Exchange(
            passing.method,
            passing.url,
            Message(_unframed(passing.headers), bodies[0] or b""),
            passing.status,
            Message(_unframed(passing.answer_headers), bodies[1] or b""),
        )
        return Passed(
            Scrubber(self._contract).scrub(exchange),
            passing.plan.writer.operation.id if passing.plan is not None else None,
            tuple(passing.request_problems),
            tuple(passing.answer_problems),
            tuple(passing.notes),
            passing.refused or passing.status,
            time.monotonic() - passing.started,
            None not in bodies,
        )

    def _without_secrets(self, passing: Passing, found: list[Violation]) -> list[Violation]:
        if not found:
            return found
        known = [*secret_values(passing.headers, passing.url, self._names), *secret_values(passing.answer_headers, "", self._names)]
        return concealed(found, self._names, Known(known))


def _begin_of(number: int, events: bytes, ends: Sequence[int]) -> int:
    """Where the event of this number begins; not every blank line ends one."""
    begin = 0
    for end in ends:
        number -= sum(1 for _ in _sse.events([events[begin:end]]))
        if number < 0:
            break
        begin = end
    return begin


def _value(headers: Mapping[str, str], key: str) -> str:
    return next((value for name, value in headers.items() if name.lower() == key), "")


def _unframed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in FRAMING}
