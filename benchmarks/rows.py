"""The rows of the table: what is done, by whom, what is compared, and the ratio that is aimed at."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from . import cold, instructions
from .environment import BUILD, PYTHON, ROOT, upload_file
from .measure import Series, Worker, in_turn, work_in_turn

BUNDLED = str(ROOT / "openapi.yaml")
LARGE = "openai-2.3.0.yaml"
LARGE_DOCUMENTS = {"resources": (400, 1_000), "entities": (3_000, 4_000)}  # paths and schemas
US, OFFICIAL = "dynaopenai", "openai"
ASYNC_US, ASYNC_OFFICIAL, ASYNC_FLOOR = "async dynaopenai", "AsyncOpenAI", "aiohttp"


@dataclass(frozen=True)
class Goal:
    """A ratio to reach: our ``fact`` over ``against``'s; ``most`` (or ``least``, where it is a rate)."""

    against: str
    fact: str
    most: float
    rate: bool = False
    said: str = ""

    def ratio(self, row: Row) -> float | None:
        ours = row.series.get(US) or row.series.get(ASYNC_US)
        theirs = row.series.get(self.against)
        if ours is None or theirs is None:
            return None
        value = ours.median(self.fact) / theirs.median(self.fact)
        return 1 / value if self.rate else value

    def is_met(self, ratio: float) -> bool:
        return ratio >= self.most if self.rate else ratio <= self.most

    @property
    def words(self) -> str:
        return f"≥ {self.most:g} x" if self.rate else f"≤ {self.most:g}"


@dataclass
class Row:
    """One kind of work, measured."""

    name: str
    unit: str
    fact: str
    series: dict[str, Series]
    goals: list[Goal] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    calls: int
    starts: int
    sizes: tuple[int, ...]
    mebibytes: int
    counts: bool
    most: int  # the largest size in a curve


FULL = Plan(rounds=15, calls=200, starts=9, sizes=(1, 10, 100, 1_000, 4_000), mebibytes=200, counts=True, most=100_000_000)
QUICK = Plan(rounds=3, calls=100, starts=3, sizes=(1, 10, 100, 400), mebibytes=200, counts=False, most=1_000)


def large_document() -> Path | None:
    """The published document of 288 operations, where it is at hand."""
    folder = os.environ.get("DYNAOPENAI_CORPUS")
    path = Path(folder) / LARGE if folder else None
    return path if path is not None and path.is_file() else None


# --- from the start of the process -----------------------------------------------------------------


def starts(url: str, plan: Plan) -> Iterator[Row]:
    """Import, first answer and memory, with the bundled document and with the large one."""
    take = partial(cold.sample, PYTHON, url=url, root=ROOT)
    names = (US, OFFICIAL, "aiopenapi3")
    importers = {name: partial(take, name, "import") for name in names}
    in_turn(1, importers)  # so that every module is compiled
    imports = in_turn(plan.starts, importers)
    yield Row("import", "ms", "cpu", imports, [Goal(OFFICIAL, "cpu", 0.3)])
    takers = {
        US: partial(take, US, "first"),
        OFFICIAL: partial(take, OFFICIAL, "first"),
        "aiopenapi3": partial(take, "aiopenapi3", "first", document=BUNDLED),
        "requests": partial(take, "requests", "first"),
    }
    yield from _first_answers("28 operations", plan, takers, 0.22, 0.65)
    large = large_document()
    if large is not None:
        takers[US] = partial(take, US, "first", document=str(large))
        del takers["aiopenapi3"]  # it cannot read this document, or needs more than a minute for it
        yield from _first_answers("288 operations", plan, takers, 0.28, 1.0)


def _first_answers(
    size: str, plan: Plan, takers: dict[str, Callable[[], Any]], time_goal: float, memory_goal: float
) -> Iterator[Row]:
    takers[US]()  # so that the cache of parsed documents is warm
    found = in_turn(plan.starts, takers)
    yield Row(f"process start to first answer, {size}", "ms", "cpu", found, [Goal(OFFICIAL, "cpu", time_goal)])
    memory = [Goal(OFFICIAL, "resident", memory_goal)]
    yield Row(f"memory of a ready client, {size}", "MiB", "resident", found, memory)


def uploads(url: str, plan: Plan) -> Iterator[Row]:
    """A large file from disk."""
    path = str(upload_file(plan.mebibytes))
    take = partial(cold.sample, PYTHON, url=url, root=ROOT, path=path)
    found = in_turn(min(plan.starts, 5), {name: partial(take, name, "upload") for name in (US, OFFICIAL)})
    goals = [Goal(OFFICIAL, "wall", 1.0), Goal(OFFICIAL, "peak", 0.3)]
    name = f"upload of {plan.mebibytes} MB"
    yield Row(f"{name}, time", "ms", "wall", found, goals[:1])
    yield Row(f"{name}, peak memory", "MiB", "peak", found, goals[1:])


# --- call after call -------------------------------------------------------------------------------


def calls(url: str, plan: Plan) -> Iterator[Row]:
    """What a running process does again and again."""
    with ExitStack() as stack:
        workers = {
            name: stack.enter_context(Worker(name, url)) for name in (US, OFFICIAL, "requests", "http.client")
        }
        workers["aiopenapi3"] = stack.enter_context(Worker("aiopenapi3", url, BUNDLED, share=20))
        take = partial(work_in_turn, plan.rounds, workers.values())
        some = {name: workers[name] for name in (US, OFFICIAL, "http.client")}
        chat = [Goal(OFFICIAL, "cpu", 0.22), Goal("http.client", "cpu", 1.6)]
        yield Row("one chat call", "ms", "cpu", take("chat", plan.calls), chat)
        yield _checks(workers[US], plan)
        floor = "of raw split and decode"
        events = [Goal(OFFICIAL, "cpu", 20, rate=True), Goal("http.client", "cpu", 0.5, rate=True, said=floor)]
        for cut, words in (("/bulk", "64 events to an HTTP chunk"), ("/apart", "each an HTTP chunk of its own")):
            streams = work_in_turn(min(plan.rounds, 7), some.values(), f"stream{cut}", 1)
            yield Row(f"stream of 20,000 events, {words}, for each", "µs", "cpu", streams, events)
        yield _deviations(workers[US], plan)
        vectors = [Goal(OFFICIAL, "cpu", 0.06), Goal("requests", "cpu", 1.3)]
        yield Row("64 embeddings of 1,536 floats", "ms", "cpu", take("embeddings", 1), vectors)
        threaded = work_in_turn(
            min(plan.rounds, 7), [workers[name] for name in (US, OFFICIAL)], "threads", plan.calls * 3
        )
        yield Row("32 threads, for each call", "ms", "wall", threaded, [Goal(OFFICIAL, "wall", 2, rate=True)])


def _checks(ours: Worker, plan: Plan) -> Row:
    """The same calls with the checks on and off, in one process."""
    takers = {
        US: partial(ours.do, "chat", plan.calls),
        "unchecked": partial(ours.do, "chat_unchecked", plan.calls),
    }
    found = in_turn(plan.rounds * 2, takers)
    return Row("cost of the checks: checked over unchecked", "ms", "cpu", found, [Goal("unchecked", "cpu", 1.05)])


def _deviations(ours: Worker, plan: Plan) -> Row:
    """A stream whose every event breaks the document in the same way, beside one whose events do not."""
    takers = {
        US: partial(ours.do, "stream/deviant under warn", 1),
        "valid": partial(ours.do, "stream/bulk under warn", 1),
    }
    goal = Goal("valid", "cpu", 1.5, said="of a valid one")
    return Row("stream of 20,000 deviating events, for each", "µs", "cpu", in_turn(min(plan.rounds, 7), takers), [goal])


def async_calls(url: str, plan: Plan) -> Iterator[Row]:
    """The same under asyncio."""
    with ExitStack() as stack:
        names = (ASYNC_US, ASYNC_OFFICIAL, ASYNC_FLOOR, "http.client")
        workers = {name: stack.enter_context(Worker(name, url)) for name in names}
        all_three = [workers[name] for name in names[:3]]
        rounds = min(plan.rounds, 7)
        one = [Goal(ASYNC_OFFICIAL, "cpu", 0.2), Goal(ASYNC_FLOOR, "cpu", 1.4)]
        yield Row("asyncio: one chat call", "ms", "cpu", work_in_turn(plan.rounds, all_three, "chat", plan.calls), one)
        many = [Goal(ASYNC_OFFICIAL, "cpu", 10, rate=True), Goal(ASYNC_FLOOR, "cpu", 0.65, rate=True)]
        yield Row("asyncio: 1,000 calls in flight, for each", "ms", "cpu", work_in_turn(rounds, all_three, "many", 1), many)
        floor = "of raw split and decode"
        events = [Goal(ASYNC_OFFICIAL, "cpu", 15, rate=True), Goal("http.client", "cpu", 0.35, rate=True, said=floor)]
        some = [workers[name] for name in (ASYNC_US, ASYNC_OFFICIAL, "http.client")]
        for cut, words in (("/bulk", "64 events to an HTTP chunk"), ("/apart", "each an HTTP chunk of its own")):
            streams = work_in_turn(rounds, some, f"stream{cut}", 1)
            yield Row(f"asyncio: stream of 20,000 events, {words}, for each", "µs", "cpu", streams, events)
        vectors = work_in_turn(rounds, some[:2], "embeddings", 1)
        yield Row("asyncio: 64 embeddings of 1,536 floats", "ms", "cpu", vectors, [Goal(ASYNC_OFFICIAL, "cpu", 0.05)])


# --- growth and counts -----------------------------------------------------------------------------


def growth(url: str, plan: Plan) -> list[dict[str, float]]:
    """Loading synthetic documents of growing size."""
    folder = BUILD / "bench-growth"
    folder.mkdir(exist_ok=True)
    found = []
    for size in plan.sizes:
        command = [str(PYTHON), "-m", "benchmarks.growth", url, str(size), str(folder)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        found.append({"operations": size, **json.loads(said)})
    return found


def documents(plan: Plan) -> list[dict[str, Any]]:
    """Large documents, each in a process of its own; a tenth of them where it has to be quick."""
    found = []
    for kind, size in LARGE_DOCUMENTS.items():
        sizes = [str(number if plan.counts else number // 10) for number in size]
        command = [str(PYTHON), "-m", "benchmarks.documents", kind, *sizes]
        output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        found.append({"paths": int(sizes[0]), "schemas": int(sizes[1]), **json.loads(output)})
    return found


def counts(url: str, plan: Plan) -> dict[str, float]:
    """Instructions for one chat call, where callgrind is installed."""
    return instructions.per_call(url) if plan.counts else {}
