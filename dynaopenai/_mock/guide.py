"""An operation as the page tells it, as plain data: what it takes, what it answers, examples, a form, a request to begin with."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from .._checking import json as _json
from .._checking import outline as _outline
from .._checking.contract import Contract
from .._checking.example import example
from .._checking.schema import Schema
from .._client import curl, describe, find
from .._client.example import example_arguments
from .._display.prose import brief
from .._document import openapi
from .._request import media_type as _media_type
from .._request.arguments import Argument
from .._request.multipart import Multipart, Upload
from .._request.request import Request
from .._request.security import Proof, prove
from .._request.settings import Settings
from .._request.style import MISSING
from .._request.writer import Writer
from .._response.response import Reader
from ..errors import DynaOpenAIError, RequestValidationError, SpecError

HERE = "http://localhost"
LEVELS = 4  # of a tree
KEY = "sk-mock"


def listing(contract: Contract, prefix: str) -> dict[str, Any]:
    """All operations, a line each."""
    api = contract.openapi
    listed = [
        {
            "id": entry.id,
            "method": entry.method,
            "path": prefix + entry.path,
            "summary": entry.summary,
            "tags": entry.tags,
            "deprecated": entry.deprecated,
        }
        for entry in api.entries.values()
    ]
    return {"title": api.title, "version": api.api_version, "prefix": prefix, "operations": listed}


def found(contract: Contract, query: str) -> list[str]:
    """The operations that a search finds, best first."""
    pages = [page for page in find.pages(contract.openapi) if page.kind == "operation"]
    return [page.name for page in find.search(pages, query)]


def facts(contract: Contract, prefix: str, operation_id: str, root: str) -> dict[str, Any]:
    """All that the page tells of an operation; ``root``: where the page is."""
    try:
        operation = contract.operation(operation_id)
        writer, reader = Writer(contract, operation), Reader(contract, operation)
        return {
            "id": operation.id,
            "description": operation.description,
            "takes": [asdict(branch) for branch in describe.branches(writer)],
            "answers": [_answer(reader, status, response) for status, response in operation.responses.items()],
            "security": [list(alternative) for alternative in operation.security],
            "fields": [_field(argument) for argument in describe.listed(writer)],
            "media": list(writer.content),
            "examples": _examples(writer, prefix, root),
            "request": prepared(contract, prefix, operation_id),
        }
    except SpecError as error:
        return {"id": operation_id, "trouble": str(error)}


def prepared(contract: Contract, prefix: str, operation_id: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The request for these arguments, those of the example where they are left out; a file is its name."""
    writer = Writer(contract, contract.operation(operation_id))
    settings = Settings(validate_requests="off")
    try:
        arguments = example_arguments(writer) if values is None else _with_files(writer, values)
        checked = writer.check((), arguments)
        request = writer.write(writer.standing(settings, HERE + prefix, Proof()), (), arguments)
    except RequestValidationError as error:
        return {"problems": [{"path": one.path, "message": str(one)} for one in error.violations]}
    except DynaOpenAIError as error:
        return {"problems": [{"path": "", "message": str(error)}]}
    problems = [{"path": one.path, "message": str(one)} for one in (*checked.fatal, *checked.broken)]
    shown = {key: _json_or_name(value) for key, value in arguments.items()}
    headers = [f"{name}: {value}" for name, value in request.headers.items() if name not in ("User-Agent", "Accept")]
    credentials = [f"{name}: {value}" for name, value in _proof(writer).headers.items()]
    is_form = isinstance(request.body, Multipart)
    lines = [line for line in headers if not (is_form and line.lower().startswith("content-type"))]
    return {"url": request.url.removeprefix(HERE), "headers": [*credentials, *lines], "values": shown, "problems": problems, **_body(request)}


def _with_files(writer: Writer, values: Mapping[str, Any]) -> dict[str, Any]:
    """Names of files as files, whose content the browser has."""
    named: dict[str, Any] = {}
    for name, value in values.items():
        argument = next((one for one in describe.listed(writer) if one.spelled == name), None)
        is_file = argument is not None and _is_file(argument)
        if is_file and isinstance(value, list):
            named[name] = [(str(one), b"") for one in value]
        else:
            named[name] = (str(value), b"") if is_file else value
    return named


def _json_or_name(value: Any) -> Any:
    """A value for a form; a file as its name."""
    if isinstance(value, tuple):
        return str(value[0])
    if isinstance(value, bytes):
        return "example.bin"
    return [_json_or_name(item) for item in value] if isinstance(value, list) else value


def _proof(writer: Writer) -> Proof:
    with suppress(LookupError, ValueError):
        return prove(writer.operation.security, writer.contract.openapi.security_schemes, KEY)
    return Proof()


# --- what it takes and answers -------------------------------------------------------------------


def _answer(reader: Reader, status: str, response: openapi.Response) -> dict[str, Any]:
    bodies = []
    for media in response.content.values():
        schema = reader.schema(media)
        tree = asdict(_outline.grow(schema, "", LEVELS)) if schema is not None else None
        bodies.append({"type": media.name, "tree": tree, "example": _example(media, schema)})
    return {"status": status, "description": response.description, "headers": list(response.headers), "bodies": bodies}


def _example(media: openapi.MediaType, schema: Schema | None) -> Any:
    """A JSON value that may come so: the document's own where it holds, else one that is made up; else none."""
    if schema is None or _media_type.kind_of(media.name) not in ("json", "events", "lines"):
        return None
    with suppress(SpecError):
        written = [value for value in media.examples if schema.is_valid(value)]
        return written[0] if written else example(schema)
    return None


def _field(argument: Argument) -> dict[str, Any]:
    schema = argument.schema
    listed = [value for part in schema.in_place() for value in part.get("enum", ()) if isinstance(value, (str, int, float))]
    types = schema.types - {"null"}
    plain = next((kind for kind in ("boolean", "integer", "number", "string") if types <= {kind, "integer"} and kind in types), "json")
    kind = "file" if _is_file(argument) else "choice" if listed and "object" not in types and "array" not in types else plain
    limits = {key: part[key] for part in schema.in_place() for key in ("minimum", "maximum", "minLength", "maxLength") if key in part}
    return {
        "name": argument.spelled,
        "kind": kind,
        "is_list": "array" in types,
        "listed": list(dict.fromkeys(listed)),
        "is_open": "string" in types and any(part.get("type") == "string" and "enum" not in part for part in schema.in_place()),
        "required": argument.required,
        "default": None if argument.default is MISSING else argument.default,
        "description": brief(argument.description),
        "in": argument.place,
        "takes": _outline.words(schema, 6),
        "limits": limits,
    }


def _is_file(argument: Argument) -> bool:
    items = argument.schema.items
    return argument.schema.is_binary or (items is not None and items.is_binary)


# --- examples ------------------------------------------------------------------------------------


def _examples(writer: Writer, prefix: str, root: str) -> dict[str, str]:
    call = describe.example_call(writer, ())
    if not call:
        return {}
    base = root.rstrip("/") + prefix
    options = f'base_url="{base}", api_key="{KEY}"'
    arguments = example_arguments(writer)
    request = writer.write(writer.standing(Settings(validate_requests="off"), base, _named_proof(writer)), (), arguments)
    return {
        "Python": f"from dynaopenai import Client\n\nclient = Client({options})\nanswer = {call}",
        "Async": "import asyncio\n\nfrom dynaopenai import AsyncClient\n\n\nasync def main():\n"
        f"    async with AsyncClient({options}) as client:\n"
        + textwrap.indent(f"answer = await {call}\n", " " * 8)
        + "\n\nasyncio.run(main())",
        "curl": curl.command(request),
        "Command line": f"OPENAI_BASE_URL={base} {describe.call_line(writer, arguments)}",
    }


def _named_proof(writer: Writer) -> Proof:
    with suppress(LookupError, ValueError):
        return prove(writer.operation.security, writer.contract.openapi.security_schemes, curl.KEY)
    return Proof()


# --- a request -----------------------------------------------------------------------------------


def _body(request: Request) -> dict[str, Any]:
    content_type = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    if isinstance(request.body, bytes):
        text = request.body.decode("utf-8", "replace")
        if _media_type.kind_of(content_type) == "json":
            return {"type": content_type, "json": _json.decode(request.body)}
        return {"type": content_type, "text": text}
    if isinstance(request.body, Multipart):
        parts = [
            {"name": part.name, "filename": part.filename, "text": _octets(part.content).decode("utf-8", "replace")}
            for part in request.body.parts
        ]
        return {"type": "multipart/form-data", "parts": parts}
    if isinstance(request.body, Upload):
        return {"type": content_type, "text": _octets(request.body).decode("utf-8", "replace")}
    return {"type": ""}


def _octets(content: bytes | Upload) -> bytes:
    return content if isinstance(content, bytes) else b"".join(content)
