"""One contender in a process of its own: does the work it is told, and says what it took.

One JSON object a line: ``{"work": "chat", "count": 100}`` is answered by ``{"cpu": ..., "wall": ..., "units": ...}``,
times in seconds for all of it. Standard input at its end ends it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .contenders import CONTENDERS

THREADS = 32


def _threaded(work: Callable[[], Any], count: int) -> int:
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work) for _ in range(count)]:
            done.result()
    return count


def _repeated(work: Callable[[], Any], count: int) -> int:
    for _ in range(count):
        work()
    return count


def _task(contender: Any, order: dict[str, Any]) -> Callable[[], int]:
    """What an order means; it returns how many units (calls, events) were done."""
    name, count = order["work"], order["count"]
    if name == "threads":
        return lambda: _threaded(contender.chat, count)
    if name.startswith("stream"):
        cut = name.removeprefix("stream")
        return lambda: sum(contender.stream(cut) for _ in range(count))
    if name == "many":
        return lambda: sum(contender.many() for _ in range(count))
    return lambda: _repeated(getattr(contender, name), count)


def main() -> None:
    name, *arguments = sys.argv[1:]
    contender = CONTENDERS[name](*arguments)
    for line in sys.stdin:
        order = json.loads(line)
        task = _task(contender, order)
        cpu, wall = time.process_time(), time.perf_counter()
        units = task()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        sys.stdout.write(json.dumps({"cpu": cpu, "wall": wall, "units": units}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
