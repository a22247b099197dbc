"""A run, for those who watch it: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from .run import Run, Tally

if TYPE_CHECKING:
    from rich.progress import Progress

EVERY = 30.0  # seconds between two lines, where there is no terminal
REFRESH = 0.25


async def watched(run: Run, file: TextIO | None = None) -> None:
    """Run it, shown on ``file`` (standard error)."""
    file = sys.stderr if file is None else file
    show = _bar if file.isatty() else _lines
    showing = asyncio.create_task(show(run, file))
    try:
        await run.run()
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing


async def _lines(run: Run, file: TextIO) -> None:
    rate = Rate(run.tally)
    while True:
        await asyncio.sleep(EVERY)
        file.write(line(run.tally, run.in_flight, run.waiting_for, rate.per_second(time.monotonic())) + "\n")
        file.flush()


async def _bar(run: Run, file: TextIO) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    tally, rate = run.tally, Rate(run.tally)
    columns = (BarColumn(bar_width=None), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.description}"))
    console = Console(file=file)
    console.width = max(console.width - len("^C"), 20)  # room for what the terminal echoes: a line more would stay
    with Progress(*columns, console=console, transient=True, expand=True, refresh_per_second=4) as bar:
        _start(bar, tally)
        while True:
            words = line(tally, run.in_flight, run.waiting_for, rate.per_second(time.monotonic()))
            bar.update(bar.task_ids[0], completed=ended(tally), description=words)
            await asyncio.sleep(REFRESH)


def _start(bar: Progress, tally: Tally) -> None:
    bar.add_task("", total=max(tally.total, 1), completed=ended(tally))


class Rate:
    """Rows a second, over the last half minute or so."""

    def __init__(self, tally: Tally, clock: Callable[[], float] = time.monotonic) -> None:
        self._tally = tally
        self._seen = [(clock(), ended(tally))]

    def per_second(self, now: float) -> float:
        self._seen.append((now, ended(self._tally)))
        while len(self._seen) > 2 and self._seen[1][0] < now - 30:
            del self._seen[0]
        then, before = self._seen[0]
        return (ended(self._tally) - before) / (now - then) if now > then else 0.0


def ended(tally: Tally) -> int:
    """Rows that nothing more is done about."""
    return tally.earlier + tally.done + tally.failed + tally.refused


def line(tally: Tally, in_flight: int, waiting_for: str, rate: float) -> str:
    """How far it is, in one line."""
    parts = [f"{ended(tally):,} of {tally.total:,}", f"{rate:,.1f}/s", f"{in_flight:,} in flight"]
    if tally.failed:
        parts.append(f"{tally.failed:,} failed")
    if waiting_for:
        parts.append(f"waiting for {waiting_for}")
    if rate > 0 and tally.total > ended(tally):
        parts.append(f"{duration((tally.total - ended(tally)) / rate)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """``12 m 4 s``: the two greatest units that say something."""
    whole = round(seconds)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "m"), (whole % 60, "s")]
    first = next((index for index, (number, _) in enumerate(parts) if number), 3)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number) or "0 s"


def amount(number: int) -> str:
    """``41 M``: a large number at two digits or three."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            short = number / size
            return f"{short:.1f} {unit}" if short < 10 else f"{short:.0f} {unit}"
    return str(number)
