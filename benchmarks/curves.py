"""How cost grows with the work: each curve is measured in a process of its own, ``python -m benchmarks.curves NAME URL MOST``.

A point is the least processor time of several runs, so that a machine that is busy for a moment changes little. The exponent is the
slope between the last points in a plot whose axes are both logarithmic: 0 where cost does not grow, 1 where it grows with the work.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import growth
from .environment import BUILD, PYTHON, ROOT

KEY = "sk-benchmark"
ENOUGH, RUNS = 0.15, 12  # seconds, and runs, after which a point is known well enough
LAST = 3  # points between which the exponent is taken
LIMIT = 120  # seconds for one curve

Work = Callable[[], Any]
Curve = Callable[[int, str], Work]  # a size and the server's URL -> what is measured


@dataclass(frozen=True)
class Growing:
    """What grows, what is measured as it does, and at which sizes."""

    grows: str
    cost: str
    sizes: tuple[int, ...]
    curve: Curve


@dataclass(frozen=True)
class Points:
    """A measured curve: sizes, and seconds for each."""

    growing: Growing
    points: Sequence[tuple[int, float]]

    @property
    def exponent(self) -> float:
        """The slope of the least squares through the last points, both axes logarithmic."""
        found = [(math.log(size), math.log(seconds)) for size, seconds in self.points if size > 0 and seconds > 0][-LAST:]
        if len(found) < 2:
            return 0.0
        x, y = (sum(values) / len(found) for values in zip(*found, strict=True))
        return sum((a - x) * (b - y) for a, b in found) / sum((a - x) ** 2 for a, _ in found)


# --- documents -----------------------------------------------------------------------------------


def _client(schema: Any, url: str, schemas: Any = None, **options: Any) -> Any:
    """A client of one operation, ``ask``, whose answer is described by this schema; not remembered on disk."""
    from dynaopenai import Client

    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/ask": {"get": {"operationId": "ask", "responses": {"200": answer}}}},
        "components": {"schemas": schemas or {}},
    }
    return Client(document, base_url=url, api_key=KEY, **options)


ITEMS = {"type": "array", "items": {"type": "object", "required": ["id", "text"], "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}}


# --- curves --------------------------------------------------------------------------------------


def loading(size: int, _: str) -> Work:
    from dynaopenai import Client

    path = BUILD / "bench-growth" / f"synthetic-{size}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(growth.document(size), "utf-8")
    return lambda: Client(path, api_key=KEY)


def calling(size: int, url: str) -> Work:
    client = loading(size, url)().with_options(base_url=f"{url}/v1")
    client.ask(model="m")
    return lambda: client.ask(model="m")


def nested(size: int, url: str) -> Work:
    schemas = {f"S{n}": {"type": "object", "properties": {"next": {"$ref": f"#/components/schemas/S{n + 1}"}, "n": {"type": "integer"}}} for n in range(size)}
    schemas[f"S{size}"] = {"type": "string"}
    return lambda: _client({"$ref": "#/components/schemas/S0"}, url, schemas).ask.validate_response({"n": 1})


def branches(size: int, url: str) -> Work:
    kinds = [{"type": "object", "required": [f"k{n}"], "properties": {f"k{n}": {"type": "integer"}, "n": {"type": "integer"}}} for n in range(size)]
    ask = _client({"anyOf": kinds}, url).ask
    return lambda: ask.validate_response({f"k{size - 1}": 1, "n": 2})


def broken_branches(size: int, url: str) -> Work:
    kinds = [{"type": "object", "required": [f"k{n}"], "properties": {f"k{n}": {"type": "integer"}, "n": {"type": "integer"}}} for n in range(size)]
    return lambda: str(_client({"anyOf": kinds}, url).ask.validate_response({f"k{size - 1}": "1", "n": 2}))


def answering(size: int, url: str) -> Work:
    from dynaopenai import Limits

    return _client(ITEMS, f"{url}/answer-{size}", limits=Limits(answer=None)).ask


def streaming(size: int, url: str) -> Work:
    from dynaopenai import Client

    from .answers import CHAT_REQUEST

    client = Client(base_url=f"{url}/events-{size}/v1", api_key=KEY)
    return lambda: sum(event.choices[0].delta.content is not None for event in client.createChatCompletion(**CHAT_REQUEST, stream=True))


def threads(size: int, url: str) -> Work:
    from concurrent.futures import ThreadPoolExecutor

    client = _client(ITEMS, f"{url}/answer-1000")

    def work() -> None:
        with ThreadPoolExecutor(size) as pool:
            for done in [pool.submit(client.ask) for _ in range(640)]:
                done.result()

    return work


def in_flight(size: int, url: str) -> Work:
    import asyncio

    from dynaopenai import AsyncClient

    from .answers import CHAT_REQUEST

    loop = asyncio.new_event_loop()
    client = AsyncClient(base_url=f"{url}/v1", api_key=KEY)

    async def together() -> None:
        await asyncio.gather(*(client.createChatCompletion(**CHAT_REQUEST) for _ in range(size)))

    loop.run_until_complete(together())
    return lambda: loop.run_until_complete(together())


def deviating(size: int, url: str) -> Work:
    ask = _client(ITEMS, f"{url}/deviant-{size}", validate_responses="warn").ask
    ask()
    return ask


def deviating_first(size: int, url: str) -> Work:
    return lambda: _client(ITEMS, f"{url}/deviant-{size}", validate_responses="warn").ask()


CURVES = {
    "operations": Growing("operations of the document", "loading it for the first time", (1, 10, 100, 1_000, 4_000, 20_000), loading),
    "calls": Growing("operations of the document", "one call", (1, 100, 1_000, 4_000, 20_000), calling),
    "nested": Growing("schemas, each within the one before it", "the first look at a value", (1, 10, 100, 300, 1_000), nested),
    "branches": Growing("branches of a union", "checking a value of the last one", (1, 10, 50, 100, 500), branches),
    "broken": Growing("branches of a union", "explaining a value of none, for the first time", (1, 10, 50, 100, 500), broken_branches),
    "answers": Growing("bytes of an answer", "one call", (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000), answering),
    "events": Growing("events of a stream", "reading it", (10, 100, 1_000, 10_000, 100_000), streaming),
    "threads": Growing("threads", "640 calls, together", (1, 2, 4, 8, 16, 32, 64), threads),
    "flight": Growing("calls in flight under asyncio", "all of them", (1, 10, 100, 1_000), in_flight),
    "deviations": Growing("deviations in an answer", "one call under `warn`, the first", (0, 1, 10, 100, 1_000, 10_000), deviating_first),
    "again": Growing("deviations in an answer", "one call under `warn`, each later one", (0, 1, 10, 100, 1_000, 10_000), deviating),
}


# --- measuring -----------------------------------------------------------------------------------


def measured(url: str, names: Iterable[str], most: int) -> list[Points]:
    """These curves, up to sizes of ``most``; one that takes too long ends where it is."""
    found = []
    for name in names:
        sys.stderr.write(f"curve: {name}\n")
        command = [str(PYTHON), "-m", "benchmarks.curves", name, url, str(most)]
        try:
            output = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=LIMIT, check=True).stdout
        except subprocess.TimeoutExpired as late:
            output = (late.stdout or b"").decode()
        found.append(Points(CURVES[name], [tuple(json.loads(line)) for line in output.splitlines()]))
    return found


def _least(work: Work) -> float:
    """The processor time of one run, the least of several."""
    least, spent = math.inf, 0.0
    for _ in range(RUNS):
        begin = time.process_time()
        work()
        taken = time.process_time() - begin
        least, spent = min(least, taken), spent + taken
        if spent > ENOUGH:
            break
    return least


def main() -> None:
    name, url, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.environ["DYNAOPENAI_CACHE"] = "off"
    warnings.simplefilter("ignore")
    growing = CURVES[name]
    for size in growing.sizes:
        if size <= most:
            sys.stdout.write(json.dumps([size, _least(growing.curve(size, url))]) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
