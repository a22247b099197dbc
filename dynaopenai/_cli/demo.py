"""The tour of a document: the calls that its ``x-tour`` lists, made through a real client, shown as a user types them.

A step of ``x-tour`` is a mapping: ``title``; ``operation``, an operationId; ``arguments``, by name, where file content
is ``{filename: ..., content: ...}``; and ``expect``: ``answer`` (the default), ``refused`` (nothing is sent), or the
error status that the server is to answer with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .._checking.contract import Contract
from .._client.client import Client
from .._client.describe import expression
from .._display.pretty import pretty
from .._display.width import columns
from .._display.words import short
from .._request.options import Options
from .._response.binary import Binary
from .._response.stream import Stream
from ..errors import APIStatusError, DynaOpenAIError, RequestValidationError, SpecError

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One call of the tour; ``expect``: answer, refused, or an error status."""

    title: str
    operation: str
    arguments: dict[str, Any] = field(default_factory=dict)
    expect: str | int = "answer"


def steps(contract: Contract) -> list[Step]:
    """The document's tour.

    Raises:
        SpecError: it has none, or one that cannot be followed.
    """
    declared = contract.document.node.get("x-tour")
    if declared is None or not isinstance(declared.value, list):
        raise SpecError(
            "the document has no tour",
            source=contract.document.name,
            expected='a list "x-tour" of steps with title, operation and arguments',
            remedy="leave the document out to see the tour of the one that comes with this package",
        )
    found = []
    for _, node in declared.children():
        facts = node.value if isinstance(node.value, dict) else {}
        if facts.get("operation") not in contract.openapi.entries:
            raise node.error("a step of the tour names no operation", found=short(facts.get("operation")))
        operation, arguments = facts["operation"], facts.get("arguments") or {}
        found.append(Step(str(facts.get("title", operation)), operation, arguments, facts.get("expect", "answer")))
    return found


def faults(tour: list[Step]) -> dict[str, int]:
    """The operations that a server has to fail for the tour, with the status."""
    return {step.operation: step.expect for step in tour if isinstance(step.expect, int)}


def follow(client: Client, tour: list[Step], say: Say, *, pause: float = 0.0) -> None:
    """Make every call of the tour and show it with what came of it.

    Raises:
        DynaOpenAIError: a call did not end as the tour says it does.
    """
    for number, step in enumerate(tour, 1):
        if number > 1:
            time.sleep(pause)
        say(f"\n{number}. {step.title}")
        for line in take(client, step):
            say(line)


def take(client: Client, step: Step) -> Iterator[str]:
    """One call, as lines: what a user types, and what comes of it."""
    options: Options = {"max_retries": 0} if isinstance(step.expect, int) else {}
    operation = client[step.operation].with_options(**options)
    arguments = {name: _argument(value) for name, value in step.arguments.items()}
    yield from _typed(step, arguments)
    try:
        answer = operation(**arguments)
    except RequestValidationError as error:
        if step.expect != "refused":
            raise
        yield from _raised(error)
        return
    except APIStatusError as error:
        if step.expect != error.status_code:
            raise
        yield from _raised(error)
        return
    if step.expect != "answer":
        raise DynaOpenAIError(f"{step.operation}: found an answer, expected it to end as {step.expect!r}")
    yield from _shown(answer)


def _argument(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"filename", "content"}:
        return value["filename"], str(value["content"]).encode()
    return value


def _typed(step: Step, arguments: dict[str, Any]) -> Iterator[str]:
    """The call as a user types it, on one line where it fits."""
    options = ".with_options(max_retries=0)" if isinstance(step.expect, int) else ""
    head = f">>> {expression(step.operation)}{options}("
    texts = [f"{name}={value!r}" for name, value in arguments.items()]
    if len(head) + len(", ".join(texts)) < columns():
        yield f"{head}{', '.join(texts)})"
        return
    yield head
    yield from (f"...     {text}," for text in texts)
    yield "... )"


def _raised(error: DynaOpenAIError) -> Iterator[str]:
    first, *rest = str(error).splitlines()
    yield f"{type(error).__name__}: {first}"
    yield from rest


def _shown(answer: Any) -> Iterator[str]:
    if isinstance(answer, Stream):
        yield repr(answer)
        yield ">>> for item in _: print(item)"
        with answer:
            yield from (pretty(item, columns() * 3) for item in answer)
    elif isinstance(answer, Binary):
        yield repr(answer.read())
    else:
        yield from pretty(answer).splitlines()
