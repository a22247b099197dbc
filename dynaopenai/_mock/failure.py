"""A status and a message -> an error answer in the API's own shape.

Rules of this file:
1. The shape is the one declared for the status, else the one that the API declares elsewhere, else that of Problem Details
   (RFC 9457) with the facts beside them, as clients of such APIs look for them.
2. An error says its message. Where a shape has no place for it, it stands beside what is declared, else the next shape is
   taken.
3. What is told, by the names that APIs have for it: the message (`MESSAGES`), a kind (``type``, or ``error`` beside a
   message), ``code``, ``status``, ``param``. A list of errors has one item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from http import HTTPStatus
from typing import Any

from .._checking import json as _json
from .._checking.contract import Contract
from .._checking.example import example
from .._checking.schema import Schema
from .._document import openapi
from .._request import media_type as _media_type
from .._request.encoding import encode
from .._response.response import Reader
from ..errors import SpecError

TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
MESSAGES = ("message", "detail", "msg", "error_message", "errormessage", "error_description", "description", "reason", "errors")
WRAPPERS = ("error", "errors", "detail", "details")  # what may hold an error, or be its message

Shape = tuple[openapi.MediaType, Schema]


class Failures:
    """The bodies of a document's errors. Thread-safe."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def body(self, operation: openapi.Operation | None, status: int, message: str, param: str | None) -> tuple[str, bytes]:
        """A content type and what is written in it."""
        kind = TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
        facts = {"message": message, "type": kind, "param": param, "code": None}
        problem = {"title": phrase(status), "status": status, "detail": message}
        for media, schema in self._shapes(operation, status):
            with suppress(SpecError, _json.NotJSONError):  # a shape that no example can be made of, or written, is no help here
                shown = _filled(_example(media, schema), schema, {**problem, **facts})
                if not _says(shown, message) and isinstance(shown, dict):
                    shown = {**shown, "message": message}
                if _says(shown, message) and schema.is_valid(shown):
                    return media.name, written_as(media, shown, schema)
        return "application/problem+json", _json.encode({"type": "about:blank", **problem, "error": facts})

    def _shapes(self, operation: openapi.Operation | None, status: int) -> Iterator[Shape]:
        if operation is not None:
            declared = Reader(self._contract, operation).declared(status)
            yield from self._shapes_of(operation, [declared] if declared is not None else [])
            yield from self._shapes_of(operation, _failures(operation))
        yield from self._usual

    @cached_property
    def _usual(self) -> list[Shape]:
        """The first error shape that the document declares anywhere and that has a place for a message."""
        for operation_id in self._contract.openapi.entries:
            with suppress(SpecError):  # a broken operation tells nothing of the others
                operation = self._contract.operation(operation_id)
                for media, schema in self._shapes_of(operation, _failures(operation)):
                    if _media_type.kind_of(media.name) == "json" and schema.declares({"message"}):
                        return [(media, schema)]
        return []

    def _shapes_of(self, operation: openapi.Operation, responses: Sequence[openapi.Response]) -> Iterator[Shape]:
        """What is declared in JSON, then what is in XML."""
        reader = Reader(self._contract, operation)
        declared = [media for response in responses for media in response.content.values()]
        for kind in ("json", "xml"):
            for media in (media for media in declared if _media_type.kind_of(media.name) == kind):
                schema = reader.schema(media)
                if schema is not None and (kind == "json" or _media_type.is_structured(schema)):
                    yield media, schema


def written_as(media: openapi.MediaType, value: Any, schema: Schema | None) -> bytes:
    """A value in a media type of JSON or XML.

    Raises:
        NotJSONError: it cannot be written.
    """
    if _media_type.kind_of(media.name) != "xml":
        return _json.encode(value)
    return bytes(encode(media, value, schema).content)  # type: ignore[arg-type]  # of XML it is bytes


def phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unassigned Status"


def _failures(operation: openapi.Operation) -> list[openapi.Response]:
    declared = operation.responses.values()
    return [response for response in declared if response.status.startswith(("4", "5", "default"))]


def _example(media: openapi.MediaType, schema: Schema) -> Any:
    written = next((value for value in media.examples if schema.is_valid(value)), None)
    return written if written is not None else example(schema)


def _says(value: Any, message: str) -> bool:
    if isinstance(value, dict):
        return any(_says(item, message) for item in value.values())
    return any(_says(item, message) for item in value) if isinstance(value, list) else value == message


def _filled(value: Any, schema: Schema, facts: Mapping[str, Any]) -> Any:
    """An example of an error, made to say these facts wherever it has names for them."""
    if isinstance(value, list):
        items = schema.items
        return [_filled(item, items, facts) for item in value[:1]] if items is not None else value
    if not isinstance(value, dict):
        return facts["message"] if isinstance(value, str) and schema.is_valid(facts["message"]) else value
    filled = dict(value)
    has_message = any(_plain(name) in MESSAGES[:-1] for name in schema.properties)
    for name, declared in schema.properties.items():
        fact = _fact(_plain(name), has_message, facts)
        if fact is not _NONE and declared.is_valid(fact):
            filled[name] = fact
        elif _plain(name) in WRAPPERS and {"object", "array"} & declared.types:
            with suppress(SpecError):
                filled[name] = _filled(filled.get(name) or example(declared), declared, facts)
        elif fact is not _NONE and not {"object", "array"} & declared.types:
            if name not in schema.required:
                filled.pop(name, None)
        elif name in filled and isinstance(filled[name], (dict, list)):
            filled[name] = _filled(filled[name], declared, facts)
    return filled


_NONE: Any = object()


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _fact(name: str, has_message: bool, facts: Mapping[str, Any]) -> Any:
    if name in facts:
        return facts[name]
    if name in MESSAGES:
        return facts["message"]
    if name == "error":
        return facts["type"] if has_message else facts["message"]
    return facts["status"] if name in ("status_code", "statuscode", "http_status") else _NONE
