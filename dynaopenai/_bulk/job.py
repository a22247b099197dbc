"""Rows in, answers out: the survey and the run of one bulk, for whoever can make one try of one call."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .._checking import json as _json
from .._request.arguments import Arguments
from .._request.words import WordError
from ..errors import DynaOpenAIError
from .ledger import Ledger, facts_of
from .options import Options
from .outcome import failure_line
from .pace import Pace
from .plan import Check, Plan, Surveyed, known
from .result import Bulk, Estimate
from .rows import rows
from .run import Run, Send, Tally
from .template import Template, words_of
from .tokens import counter
from .watch import watched

SHOWN = 20  # bad rows that an error tells; all of them are in the file of failures
EVERY = 100_000  # rows between two words about a survey


class RefusedRowsError(DynaOpenAIError, ValueError):
    """Rows that break the document: nothing was sent.

    Attributes:
        refused: how many.
        failures: the file that has all of them.
    """

    def __init__(self, words: list[str], refused: int, total: int, failures: Path) -> None:
        self.refused, self.failures = refused, failures
        more = [f"  and {refused - len(words):,} more, all of them in {failures}"] if refused > len(words) else []
        lines = [f"nothing was sent: {refused:,} of {total:,} rows break the document", *words, *more]
        super().__init__("\n".join([*lines, '  to go on without them: invalid="skip" (--invalid skip)']))


@dataclass(frozen=True)
class Calls:
    """What a bulk needs of an operation.

    Attributes:
        document: the hash of its document.
        check: what is wrong with a call's arguments.
        size: bytes of the body that they are sent as.
        senders: makes what sends, for as long as it is entered: here, or on an engine.
    """

    operation_id: str
    document: str
    arguments: Arguments
    check: Check
    size: Callable[[Mapping[str, Any]], int]
    senders: Callable[[Options], AbstractAsyncContextManager[Send]]


@dataclass
class Job:
    """One bulk, from its survey to its result: `survey`, then `run`."""

    calls: Calls
    options: Options
    ledger: Ledger
    plan: Plan
    failures: Path
    tally: Tally = field(default_factory=lambda: Tally(0))
    running: Run | None = None
    loop: asyncio.AbstractEventLoop | None = None

    def interrupt(self) -> str:
        """Stop when what is in flight has come, or at once where that was said before; returns what to tell. From any thread."""
        if self.tally.stopped and self.running is not None and self.loop is not None:
            self.loop.call_soon_threadsafe(self.running.cancel)
            return "stopped; the same line again goes on from here"
        self.tally.stopped = self.tally.stopped or "interrupted"
        if self.running is not None and self.loop is not None:
            self.loop.call_soon_threadsafe(self.running.stop, "interrupted")
        return "waiting for what is in flight; once more to stop at once; the same line again goes on from here"

    def survey(self) -> None:
        """Check every row.

        Raises:
            RefusedRowsError: rows break the document, and the policy is to stop; nothing was sent.
        """
        words: list[str] = []
        self.failures.unlink(missing_ok=True)
        for surveyed in self.plan.survey():
            if self.tally.stopped:
                return
            self.tally.total += 1
            self.tally.earlier += surveyed.is_answered
            if surveyed.error is not None:
                self._refuse(surveyed, surveyed.error, words)
            if self.tally.total % EVERY == 0 and self.options.show:
                sys.stderr.write(f"{self.tally.total:,} rows checked\n")
        self.ledger.commit()
        if self.tally.refused and self.options.invalid == "stop":
            raise RefusedRowsError(words, self.tally.refused, self.tally.total, self.failures)

    def _refuse(self, surveyed: Surveyed, error: Exception, words: list[str]) -> None:
        self.tally.refused += 1
        if len(words) < SHOWN:
            words.append(f"  {self.plan.rows.place(surveyed.row)}: {surveyed.words}")
        self.note(failure_line(surveyed.row.number, surveyed.identity, error, 0))

    def note(self, line: bytes) -> None:
        """A line for the file of failures, which is the user's alone, as the output is: it quotes rows."""
        with open(self.failures, "ab", opener=_private) as file:
            file.write(line)

    async def run(self) -> None:
        """Send what is pending."""
        options, self.loop = self.options, asyncio.get_running_loop()
        pace = Pace(options.concurrency, options.rpm, options.tpm)
        async with self.calls.senders(options) as send:
            self.running = Run(self.plan.tasks(), send, self.ledger, pace, options.bounds, self.tally, self.note)
            await (watched(self.running) if options.show else self.running.run())
        if options.ordered and not self.tally.stopped:
            self.ledger.sort()

    @property
    def result(self) -> Bulk:
        tally = self.tally
        seconds = time.monotonic() - tally.started
        counts = (tally.total, tally.earlier, tally.done, tally.invalid, tally.refused, tally.failed, tally.tokens)
        return Bulk(self.ledger.output, self.failures, *counts, seconds, tally.stopped)


@contextmanager
def job(calls: Calls, source: Any, out: Any, shared: Mapping[str, Any], options: Options) -> Iterator[Job]:
    """A bulk with its files open.

    Raises:
        RowsError, LedgerError, WordError: the rows, the output or the words cannot serve.
    """
    output = Path(out)
    template = _template(calls, shared, options)
    facts = facts_of(calls.document, calls.operation_id, known([dict(shared), options.words]), options.id)
    salt = blake2b(_json.encode({**facts, "document": ""}), digest_size=16).digest()
    with rows(source) as found, Ledger(output, facts, anew=options.anew) as ledger:
        plan = Plan(calls.operation_id, found, template, calls.check, ledger, salt)
        yield Job(calls, options, ledger, plan, output.with_name(f"{output.stem}.failed{output.suffix}"))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def estimate(calls: Calls, source: Any, shared: Mapping[str, Any], options: Options) -> Estimate:
    """What a run would send, all rows taken; nothing is written, and nothing sent."""
    template, tokens_of = _template(calls, shared, options), counter()
    number = refused = size = tokens = 0
    with rows(source) as found:
        for row in found.read():
            try:
                keywords = template.fill(row)
            except WordError:
                refused += 1
                continue
            if row.problem or calls.check(keywords):
                refused += 1
                continue
            number += 1
            size += calls.size(keywords)
            tokens += tokens_of(keywords) if tokens_of is not None else 0
    return Estimate(number, refused, size, tokens if tokens_of is not None else None)


def _template(calls: Calls, shared: Mapping[str, Any], options: Options) -> Template:
    return Template(calls.arguments, dict(shared), words_of(options.words), options.id, frozenset(options.ignore))
