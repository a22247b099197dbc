"""Large synthetic documents, made the way that large APIs are: what they have many of, how it refers to one another.

``resources``: a REST API whose objects refer to each other, expanded or by their id, and whose requests are nested forms.
``entities``: an entity model: types that extend each other, told apart by a discriminator, each reached by many paths.

What is measured of one runs in a process of its own: ``python -m benchmarks.documents KIND [PATHS SCHEMAS]``.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from typing import Any

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
WORDS = ["account", "balance", "charge", "customer", "device", "event", "folder", "group", "invoice", "item", "list", "message", "note", "order", "plan", "price", "rule", "task", "team", "user"]


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(schema: Any) -> dict[str, Any]:
    return {"description": "The answer.", "content": {JSON: {"schema": schema}}}


def _document(title: str, paths: dict[str, Any], schemas: dict[str, Any], version: str = "3.0.3") -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": title, "version": "1"},
        "servers": [{"url": "https://api.test/v1"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def resources(paths: int = 400, schemas: int = 1_000) -> dict[str, Any]:
    """Objects of some twenty members, a third of which are another object or its id."""
    chance = random.Random(7)
    names = [f"{chance.choice(WORDS)}_{number}" for number in range(schemas)]
    made = {name: _resource(chance, name, names) for name in names}
    made["error"] = {"type": "object", "properties": {"message": {"type": "string"}, "code": {"type": "string"}}}
    found: dict[str, Any] = {}
    for number in range(paths):
        name = names[number % schemas]
        answers = {"200": _answer(_ref(name)), "default": _answer(_ref("error"))}
        body = {"content": {FORM: {"schema": _form(chance, 3)}}}
        found[f"/v1/{name}/{number}"] = {
            "get": {
                "operationId": f"List{name}{number}",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {"name": "expand", "in": "query", "style": "deepObject", "explode": True, "schema": {"type": "array", "items": {"type": "string", "maxLength": 5000}}},
                ],
                "responses": {"200": _answer(_page(name, number)), "default": _answer(_ref("error"))},
            },
            "post": {"operationId": f"Create{name}{number}", "requestBody": body, "responses": answers},
        }
    return _document("Resources", found, made)


def _resource(chance: random.Random, name: str, names: list[str]) -> dict[str, Any]:
    members: dict[str, Any] = {"id": {"type": "string", "maxLength": 5000}, "object": {"type": "string", "enum": [name]}}
    for number in range(18):
        member = f"{chance.choice(WORDS)}_{number}"
        members[member] = chance.choice(
            [
                {"type": "string", "maxLength": 5000, "description": f"The {member}, as it is shown."},
                {"type": "integer", "format": "unix-time"},
                {"type": "boolean"},
                {"type": "string", "enum": [f"{word}_{number}" for word in WORDS[:6]]},
                {"anyOf": [{"type": "string", "maxLength": 5000}, _ref(chance.choice(names))], "nullable": True},
                {"type": "array", "items": _ref(chance.choice(names))},
                {"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}},
                {"anyOf": [_ref(chance.choice(names)), _ref(chance.choice(names))], "nullable": True},
            ]
        )
    return {"type": "object", "required": ["id", "object"], "properties": members, "description": f"One {name}."}


def _form(chance: random.Random, depth: int) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for number in range(8):
        member = f"{chance.choice(WORDS)}_{number}"
        leaf = {"type": "string", "maxLength": 5000, "description": f"The new {member}."}
        members[member] = leaf if not depth or number % 4 else {"anyOf": [_form(chance, depth - 1), {"type": "string", "enum": [""]}]}
    return {"type": "object", "properties": members}


def _page(name: str, number: int) -> dict[str, Any]:
    properties = {
        "data": {"type": "array", "items": _ref(name)},
        "has_more": {"type": "boolean"},
        "url": {"type": "string", "maxLength": 5000, "pattern": f"^/v1/{name}/{number}"},
    }
    return {"type": "object", "required": ["data", "has_more"], "properties": properties}


def entities(paths: int = 3_000, schemas: int = 4_000) -> dict[str, Any]:
    """Types in families of eight, each of which extends the one before it and names its kind."""
    chance = random.Random(11)
    names = [f"api.{chance.choice(WORDS)}{number}" for number in range(schemas)]
    made = {name: _entity(chance, number, names) for number, name in enumerate(names)}
    made["api.problem"] = {"type": "object", "properties": {"error": {"type": "object", "additionalProperties": True}}}
    found = {}
    for number in range(paths):
        name = names[number % schemas]
        key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        select = {"name": "$select", "in": "query", "style": "form", "explode": False, "schema": {"type": "array", "uniqueItems": True, "items": {"enum": WORDS, "type": "string"}}}
        answers = {"2XX": _answer(_ref(name)), "4XX": _answer(_ref("api.problem"))}
        found[f"/{name}/{number}/{{id}}"] = {
            "get": {"operationId": f"{name}.Get{number}", "parameters": [key, select], "responses": answers},
            "patch": {
                "operationId": f"{name}.Update{number}",
                "parameters": [key],
                "requestBody": {"required": True, "content": {JSON: {"schema": _ref(name)}}},
                "responses": answers,
            },
        }
    return _document("Entities", found, made, "3.0.4")


def _entity(chance: random.Random, number: int, names: list[str]) -> dict[str, Any]:
    members: dict[str, Any] = {"@odata.type": {"type": "string"}}
    for place in range(8):
        members[f"{chance.choice(WORDS)}{place}"] = chance.choice(
            [
                {"type": "string", "nullable": True, "description": "As it is shown."},
                {"type": "string", "format": "date-time", "pattern": r"^[0-9]{4,}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])T"},
                {"type": "number", "format": "double", "nullable": True},
                {"type": "array", "items": _ref(chance.choice(names))},
                {"anyOf": [_ref(chance.choice(names)), {"type": "object", "nullable": True}]},
            ]
        )
    own: dict[str, Any] = {"type": "object", "title": names[number], "required": ["@odata.type"], "properties": members}
    if number % 8 < 2:
        family = names[number + 1 : number - number % 8 + 8]
        own["discriminator"] = {"propertyName": "@odata.type", "mapping": {f"#{name}": f"#/components/schemas/{name}" for name in family}}
    return own if number % 8 == 0 else {"allOf": [_ref(names[number - 1]), own]}


KINDS = {"resources": resources, "entities": entities}

# --- what is measured ----------------------------------------------------------------------------

USED = 10  # operations, spread over the document


def _first_use(operation: Any) -> float:
    """Processor seconds until it is known what the operation takes and answers, and one value of each was looked at."""
    start = time.process_time()
    plan = operation._plan  # noqa: SLF001 - what a call begins with
    schemas = [alternative.schema for alternative in plan.writer.bodies]
    schemas += [plan.reader.schema(media) for answer in operation.responses.values() for media in answer.content.values()]
    for schema in schemas:
        schema.is_valid({})
    return time.process_time() - start


def main() -> None:
    from dynaopenai import Client

    kind, *size = sys.argv[1:]
    os.environ["DYNAOPENAI_CACHE"] = "off"
    text = json.dumps(KINDS[kind](*map(int, size)))
    start = time.process_time()
    client = Client(text, api_key="x")
    load = time.process_time() - start
    operations = list(client.operations.values())
    uses = [_first_use(operation) for operation in operations[:: max(1, len(operations) // USED)]]
    start = time.process_time()
    found = len(Client(text, api_key="x").diagnostics)
    facts = {"load": load, "first": uses[0], "others": statistics.median(uses[1:]), "diagnostics": time.process_time() - start - load}
    sys.stdout.write(json.dumps({"kind": kind, "operations": len(operations), "bytes": len(text), "found": found, **facts}))


if __name__ == "__main__":
    main()
