"""Samples, taken in turn: every round asks each contender once, so what disturbs the machine disturbs all of them."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .environment import PYTHON, ROOT

Sample = Mapping[str, float]


@dataclass
class Series:
    """The samples of one contender at one kind of work."""

    samples: list[Sample] = field(default_factory=list)

    def median(self, fact: str) -> float:
        return statistics.median(self._values(fact))

    def spread(self, fact: str) -> float:
        """Half the distance between the quartiles, as a share of the median."""
        values = sorted(self._values(fact))
        if len(values) < 3:
            return 0.0
        low, _, high = statistics.quantiles(values, n=4)
        return (high - low) / 2 / self.median(fact)

    def _values(self, fact: str) -> list[float]:
        return [sample[fact] for sample in self.samples]

    def summary(self) -> dict[str, Any]:
        names = self.samples[0].keys() if self.samples else ()
        return {name: {"median": self.median(name), "spread": self.spread(name)} for name in names}


def in_turn(rounds: int, takers: Mapping[str, Callable[[], Sample]]) -> dict[str, Series]:
    """``rounds`` samples of each; the order turns with every round. One that cannot do the work is left out."""
    found = {name: Series() for name in takers}
    order = list(takers)
    for number in range(rounds):
        for name in order[number % len(order) :] + order[: number % len(order)]:
            if name in found:
                try:
                    found[name].samples.append(takers[name]())
                except RuntimeError:
                    del found[name]
    return found


class Worker:
    """A contender in its own process. A context manager. A slow one does a ``share`` of the work for each sample."""

    def __init__(self, name: str, *arguments: str, share: int = 1) -> None:
        self.name = name
        self._share = share
        command = [str(PYTHON), "-m", "benchmarks.worker", name, *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def do(self, work: str, count: int) -> Sample:
        """``count`` times this work, or its share of that: seconds for each unit of it.

        Raises:
            RuntimeError: it cannot do that.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"work": work, "count": max(1, count // self._share)}) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (BrokenPipeError, ValueError):
            msg = f"{self.name} cannot do {work!r}"
            raise RuntimeError(msg) from None
        return {fact: answer[fact] / answer["units"] for fact in ("cpu", "wall")}


def work_in_turn(rounds: int, workers: Iterable[Worker], work: str, count: int) -> dict[str, Series]:
    """The same work by several workers, after one round that does not count."""
    takers: dict[str, Callable[[], Sample]] = {
        worker.name: lambda worker=worker: worker.do(work, count)  # type: ignore[misc]
        for worker in workers
    }
    warm = in_turn(1, takers)
    return in_turn(rounds, {name: takers[name] for name in warm})
