"""The run: rows go out as the pace allows, answers go to the ledger as they come, what failed comes again or is noted.

Rules of this file:
1. An answer is in the output before its place is given to another row: what is lost at a kill was in flight.
2. A refusal for a limit is nobody's fault: it holds everybody for a while, and costs no row a try.
3. A row has ``tries`` tries. What fails for all rows alike (a wrong key, a server that is gone) fails none of them:
   it stops the run, which goes on where it stopped when it is started again.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from .._transport import retry as _retry
from ..errors import DynaOpenAIError
from .ledger import Ledger, LedgerError
from .outcome import Answered, Failed, Limited, Outcome, answer_line, failure_line
from .pace import Pace

SYNC_EVERY = 0.5  # seconds between two moments at which all that came is on the disk
HOPELESS = 25  # rows or cool-downs in a row without one answer: it is not the rows
COOL_DOWNS = 12
LONGEST_WAIT = 24 * 3600.0  # seconds of a cool-down; who asks for more is not waited for

Send = Callable[[Mapping[str, Any], str], Awaitable[Outcome]]


@dataclass(slots=True)
class Task:
    """A row on its way. ``identity`` names it in the output, ``key`` in the ledger, ``idempotency_key`` to the server."""

    number: int
    identity: str
    key: bytes
    idempotency_key: str
    keywords: Mapping[str, Any]
    attempts: int = 0


@dataclass(frozen=True)
class Bounds:
    """Where a run stops by itself; None for nowhere.

    Attributes:
        tries: of one row.
        errors: failed rows.
        tokens: that the answers say they took, all in all.
        until: seconds of `time.time`.
    """

    tries: int = 5
    errors: int | None = None
    tokens: int | None = None
    until: float | None = None


@dataclass
class Tally:
    """How far a run has come; read by whoever shows it."""

    total: int
    done: int = 0
    refused: int = 0
    failed: int = 0
    invalid: int = 0
    tokens: int = 0
    stopped: str = ""
    started: float = field(default_factory=time.monotonic)
    earlier: int = 0


class Run:
    """One run, in one event loop.

    Args:
        send: makes one try of one row; the second argument is the Idempotency-Key.
        note: takes a line for the file of failures.
    """

    def __init__(
        self, tasks: Iterator[Task], send: Send, ledger: Ledger, pace: Pace, bounds: Bounds, tally: Tally, note: Callable[[bytes], None]
    ) -> None:
        self._tasks, self._send, self._ledger, self._note = tasks, send, ledger, note
        self._pace, self._bounds, self.tally = pace, bounds, tally
        self._again: list[tuple[float, int, Task]] = []  # tried, and due again at a time
        self._order = count()
        self._moved = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._hopeless = 0
        self._doubted: list[tuple[Task, DynaOpenAIError]] = []  # failed by what may fail all rows: the next answer tells
        self._trouble: BaseException | None = None

    @property
    def in_flight(self) -> int:
        return len(self._running)

    @property
    def waiting_for(self) -> str:
        """What the next row waits for, empty where it waits for nothing but an answer."""
        return self._pace.reason

    def stop(self, reason: str) -> None:
        """Send nothing more; what is in flight is waited for."""
        self.tally.stopped = self.tally.stopped or reason
        self._moved.set()

    def cancel(self) -> None:
        """Wait for nothing."""
        self.stop("interrupted")
        for task in self._running:
            task.cancel()

    async def run(self) -> None:
        """Until every row is answered or noted, or the run stops.

        Raises:
            LedgerError: the disk is full; all that was written before is kept.
        """
        syncing = asyncio.create_task(self._sync())
        try:
            await self._dispatch()
            while self._running:
                await asyncio.wait(self._running)
        finally:
            for task in self._running:
                task.cancel()
            if self._hopeless < HOPELESS:
                self._settle()
            syncing.cancel()
            with suppress(asyncio.CancelledError):
                await syncing
        if self._trouble is not None:
            raise self._trouble

    async def _sync(self) -> None:
        try:
            while True:
                await asyncio.sleep(SYNC_EVERY)
                await asyncio.shield(asyncio.to_thread(self._ledger.commit))
        except LedgerError as error:
            self._trouble = self._trouble or error
            self.stop(str(error))

    # --- sending ---------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        while not self._is_over():
            now = time.monotonic()
            wait = 0.0 if self._pace.is_full else self._pace.wait(now)
            if self._pace.is_full or wait:
                await self._until_moved(wait or None)
                continue
            task = self._next(now)
            if task is not None:
                self._start(task, now)
            elif self._again:
                await self._until_moved(self._again[0][0] - now)
            elif self._running:
                await self._until_moved(None)
            else:
                return

    def _is_over(self) -> bool:
        bounds, tally = self._bounds, self.tally
        failed = tally.failed + len(self._doubted)
        if bounds.errors is not None and failed >= max(bounds.errors, 1):
            self.stop(f"{failed:,} rows failed, which is as many as may")
        elif bounds.tokens is not None and tally.tokens >= bounds.tokens:
            self.stop(f"{tally.tokens:,} tokens are spent, of {bounds.tokens:,}")
        elif bounds.until is not None and time.time() >= bounds.until:
            self.stop("the time is up")
        return bool(tally.stopped)

    async def _until_moved(self, seconds: float | None) -> None:
        """Until an answer comes, or the run is stopped, or that long."""
        until = self._bounds.until
        if until is not None:
            left = max(until - time.time(), 0.0)
            seconds = left if seconds is None else min(seconds, left)
        self._moved.clear()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._moved.wait(), seconds)

    def _next(self, now: float) -> Task | None:
        """A row that is due again, or else the next new one; none while as many are due later as may be in flight."""
        if self._again and self._again[0][0] <= now:
            return heapq.heappop(self._again)[2]
        if len(self._again) >= self._pace.concurrency:
            return None
        return next(self._tasks, None)

    def _start(self, task: Task, now: float) -> None:
        running = asyncio.create_task(self._try(task, self._pace.start(now)))
        self._running.add(running)
        running.add_done_callback(self._ended)

    def _ended(self, running: asyncio.Task[None]) -> None:
        self._running.discard(running)
        self._moved.set()
        if not running.cancelled() and (error := running.exception()) is not None:
            self._trouble = self._trouble or error
            self.stop(str(error))

    # --- what comes of it ------------------------------------------------------------------------

    async def _try(self, task: Task, set_aside: float) -> None:
        task.attempts += 1
        try:
            outcome = await self._send(task.keywords, task.idempotency_key)
        except BaseException:
            self._pace.failed()
            raise
        now = time.monotonic()
        if isinstance(outcome, Answered):
            self._pace.answered(now, outcome.headers, set_aside, outcome.tokens)
            self._keep(task, outcome)
        elif isinstance(outcome, Limited):
            self._limited(task, outcome, now)
        else:
            self._pace.failed()
            self._fail(task, outcome, now)

    def _keep(self, task: Task, answer: Answered) -> None:
        self._hopeless = 0
        self._settle()
        line = answer_line(task.number, task.identity, answer, task.attempts)
        try:
            self._ledger.write(task.key, task.number, line)
        except LedgerError as error:
            self._trouble = self._trouble or error
            self.stop(str(error))  # at once: what is sent from here on could not be kept
            raise
        self.tally.done += 1
        self.tally.tokens += answer.tokens
        self.tally.invalid += bool(answer.violations)

    def _limited(self, task: Task, outcome: Limited, now: float) -> None:
        task.attempts -= 1
        wait = self._pace.refused(now, outcome.headers, outcome.retry_after)
        if wait > LONGEST_WAIT:
            self.stop(f"the server asks to wait {wait:,.0f} s; the last word was: {_first_line(outcome.error)}")
        heapq.heappush(self._again, (now, next(self._order), task))
        if self._pace.limits >= COOL_DOWNS:
            self.stop(f"{self._pace.limits} cool-downs in a row without an answer; the last word was: {_first_line(outcome.error)}")

    def _fail(self, task: Task, outcome: Failed, now: float) -> None:
        self._hopeless += outcome.is_common
        if self._hopeless >= HOPELESS and not self.tally.stopped:
            self.stop(f"{self._hopeless} tries in a row came to nothing; the last: {_first_line(outcome.error)}")
        if self._hopeless >= HOPELESS and outcome.is_common:
            return  # the row is not to blame: it stays to be asked
        if outcome.again and task.attempts < self._bounds.tries:
            due = now + _retry.delay(task.attempts, outcome.headers)
            heapq.heappush(self._again, (due, next(self._order), task))
            return
        if outcome.is_common:
            self._doubted.append((task, outcome.error))
        else:
            self._blame((task, outcome.error))

    def _blame(self, *failed: tuple[Task, DynaOpenAIError]) -> None:
        for task, error in failed:
            self.tally.failed += 1
            self._note(failure_line(task.number, task.identity, error, task.attempts))

    def _settle(self) -> None:
        """Others are answered, or none are left: it was the rows."""
        doubted, self._doubted = self._doubted, []
        self._blame(*doubted)


def _first_line(error: DynaOpenAIError) -> str:
    return str(error).partition("\n")[0]
