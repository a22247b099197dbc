"""A table of documents: what is in each, what is wrong with it, and what loading it costs.

    python examples/documents.py openapi.yaml other.json https://host/api.yaml

Each document is loaded in a fresh process, once without a cache, then with one that knows it. For every operation
an example is made up and prepared; "examples" says for how many that works.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run from anywhere, and where the package is not installed
BUNDLED = ROOT / "openapi.yaml"
COLUMNS = ("document", "version", "operations", "examples", "schemas", "errors", "warnings", "cold ms", "warm ms")
LOAD = """
import sys, time
from dynaopenai import Client
start = time.perf_counter()
client = Client(sys.argv[1], api_key="x")
len(client.operations)
print(time.perf_counter() - start)
"""


def load_ms(source: str, cache: str) -> float:
    """Milliseconds from a path to a client, in a process of its own that has imported the package already."""
    environment = {**os.environ, "DYNAOPENAI_CACHE": cache, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LOAD, source], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout) * 1000


def facts(source: str) -> dict[str, Any]:
    """What there is to say about one document, without the times."""
    from dynaopenai import Client, DynaOpenAIError

    client = Client(source, api_key="x", base_url="http://127.0.0.1:1")
    severities = Counter(item.severity for item in client.diagnostics)
    prepared = 0
    for operation in client.operations.values():
        try:
            operation.prepare(**operation.example())
            prepared += 1
        except DynaOpenAIError as error:  # noqa: PERF203
            print(f"{source}: {operation.id}: {error}", file=sys.stderr)
    api = client._engine.contract.openapi  # noqa: SLF001
    return {
        "document": api.document.name,
        "version": ".".join(map(str, api.version)),
        "operations": len(client.operations),
        "examples": prepared,
        "schemas": len(api.schema_names()),
        "errors": severities["error"],
        "warnings": severities["warning"],
    }


def rows(sources: list[str]) -> list[dict[str, Any]]:
    """The table, a row for each document."""
    found = []
    with tempfile.TemporaryDirectory() as cache:
        for source in sources:
            cold = load_ms(source, "off")
            load_ms(source, cache)  # fills it
            found.append({**facts(source), "cold ms": round(cold), "warm ms": round(load_ms(source, cache))})
    return found


def main(arguments: list[str]) -> None:
    as_json = "--json" in arguments
    table = rows([argument for argument in arguments if argument != "--json"] or [str(BUNDLED)])
    if as_json:
        print(json.dumps(table, indent=2))
        return
    widths = [max(len(name), *(len(str(row[name])) for row in table)) for name in COLUMNS]
    for cells in [COLUMNS, tuple("-" * width for width in widths), *([str(row[name]) for name in COLUMNS] for row in table)]:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
