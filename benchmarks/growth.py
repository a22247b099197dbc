"""How the cost of loading grows with the document, and that the cost of a call does not.

Runs in a process of its own: ``python -m benchmarks.growth URL OPERATIONS FOLDER``. The document is synthetic: every
operation has parameters, a body and an answer of its own; the first one is what the server really answers.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

CALLS = 200

OPERATION = """\
  /things{number}/{{id}}:
    post:
      operationId: changeThing{number}
      summary: Change thing number {number}.
      tags: [Group{group}]
      parameters:
        - {{name: id, in: path, required: true, schema: {{type: string, minLength: 1}}}}
        - {{name: limit, in: query, schema: {{type: integer, minimum: 1, maximum: 100, default: 20}}}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {{$ref: "#/components/schemas/Thing{number}"}}
      responses:
        "200":
          description: The thing as it is now.
          content:
            application/json:
              schema: {{$ref: "#/components/schemas/Thing{number}"}}
"""
SCHEMA = """\
    Thing{number}:
      type: object
      description: "What thing number {number} is: a name, a state and what belongs to it."
      required: [name, state]
      properties:
        name: {{type: string, maxLength: 200, description: What people call it.}}
        state: {{type: string, enum: [new, ready, done], description: How far it has come.}}
        weight: {{type: number, nullable: true, description: In kilograms.}}
        parts:
          type: array
          description: What it is made of.
          items: {{$ref: "#/components/schemas/Part"}}
"""
HEAD = """\
openapi: 3.0.3
info: {title: Things, version: "1"}
servers: [{url: "http://127.0.0.1/v1"}]
paths:
  /chat/completions:
    post:
      operationId: ask
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Question"}}}
      responses:
        "200":
          description: The answer.
          content: {application/json: {schema: {$ref: "#/components/schemas/Answer"}}}
"""
SCHEMAS = """\
components:
  schemas:
    Question:
      type: object
      required: [model]
      properties: {model: {type: string}}
    Answer:
      type: object
      required: [id, choices]
      properties: {id: {type: string}, choices: {type: array, items: {type: object}}}
    Part:
      type: object
      required: [name]
      properties: {name: {type: string}, count: {type: integer, minimum: 0}}
"""


def document(operations: int) -> str:
    """A document of so many operations."""
    others = range(1, operations)
    paths = "".join(OPERATION.format(number=number, group=number % 20) for number in others)
    return HEAD + paths + SCHEMAS + "".join(SCHEMA.format(number=number) for number in others)


def _timed(work: Any) -> tuple[float, Any]:
    start = time.process_time()
    value = work()
    return time.process_time() - start, value


def _measured(path: Path, url: str) -> dict[str, float]:
    """Processor seconds: to parse, to load what was parsed before, for the first call, for each later one."""
    from dynaopenai import Client

    def loaded() -> Client:
        return Client(path, base_url=f"{url}/v1", api_key="x")

    os.environ["DYNAOPENAI_CACHE"] = "off"
    parse, _ = _timed(loaded)
    os.environ["DYNAOPENAI_CACHE"] = str(path.parent / "cache")
    loaded()
    load, client = _timed(loaded)
    first, _ = _timed(lambda: client.ask(model="m"))
    calls, _ = _timed(lambda: [client.ask(model="m") for _ in range(CALLS)])
    return {"parse": parse, "load": load, "first": first, "call": calls / CALLS}


def main() -> None:
    url, operations, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    path = folder / f"synthetic-{operations}.yaml"
    path.write_text(document(operations), "utf-8")
    _measured_once_for_imports(folder, url)
    sys.stdout.write(json.dumps({"bytes": path.stat().st_size, **_measured(path, url)}))


def _measured_once_for_imports(folder: Path, url: str) -> None:
    path = folder / "synthetic-warm-up.yaml"
    path.write_text(document(2), "utf-8")
    _measured(path, url)


if __name__ == "__main__":
    main()
