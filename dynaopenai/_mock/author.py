"""Made-up answers: the document's own examples where they are valid, else values that its schemas allow.

Rules of this file:
1. What is answered is valid by our reading of the document.
2. The only conventions: ``[DONE]`` ends a stream; what the request says comes back under the same name; an error object
   says ``message``, ``type``, ``param`` and ``code``.
3. An error has the shape declared for its status, else the one that the API declares elsewhere, else that of
   Problem Details (RFC 9457) with the facts beside them, as clients of such APIs look for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any

from .._checking import json as _json
from .._checking.contract import Contract
from .._checking.example import example
from .._checking.schema import Schema
from .._client.sample import SAMPLE_FILE
from .._document import openapi
from .._request import media_type as _media_type
from .._response.response import Reader
from ..errors import SpecError
from .asked import Choice, media_type, represented

EVENTS = 4  # how often an event is repeated where the document has a single example
BODILESS = frozenset({204, 205, 304})
TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
CONCRETE = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}

Shape = tuple[openapi.MediaType, Schema]


@dataclass(frozen=True)
class Answer:
    """What is sent back. A body of several pieces is sent piece by piece."""

    status: int
    content_type: str = ""
    body: bytes | Sequence[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Author:
    """Makes up the answers to a document's operations. Thread-safe."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._made: dict[tuple[str, str, str], list[Any]] = {}

    def success(self, operation: openapi.Operation) -> int:
        """The lowest success status that is declared, 200 where none is."""
        declared = [status.replace("XX", "00") for status in operation.responses]
        return min((int(status) for status in declared if status.isdecimal() and status[0] == "2"), default=200)

    def answer(
        self,
        operation: openapi.Operation,
        status: int,
        wants_events: bool,
        known: Mapping[str, Any],
        chosen: Sequence[Choice] = (),
        settle: Callable[[Any, Schema | None], Any] = lambda value, _: value,
    ) -> Answer:
        """An answer with the declared body.

        Args:
            operation, status: what is answered.
            wants_events: whether a stream was asked for.
            known: what the request said, to be said again.
            chosen: the representation that it asked for.
            settle: what a JSON value becomes that was made up.

        Raises:
            SpecError: no valid body can be made up.
        """
        reader = Reader(self._contract, operation)
        declared = reader.declared(status)
        if declared is None or not declared.content or status in BODILESS:
            return Answer(status)
        kind, media = _chosen(list(declared.content.values()), wants_events, chosen)
        schema = reader.schema(media)
        key = (operation.id, declared.status, media.name)
        if key not in self._made:
            self._made[key] = _values(media, schema, kind)
        values = [represented(_echoed(value, schema, known), schema, chosen) for value in self._made[key]]
        if kind == "json":
            values = [settle(values[0], schema)]
        return Answer(status, _concrete(media.name), _BODY.get(kind, _as_file)(values))

    def error(
        self, operation: openapi.Operation | None, status: int, message: str, param: str | None = None, **headers: str
    ) -> Answer:
        """An error in the API's own shape; headers are named ``Retry_After``."""
        kind = TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
        facts = {"message": message, "type": kind, "param": param, "code": None}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        problem = {"title": _phrase(status), "status": status, "detail": message}
        for media, schema in self._shapes(operation, status) if status not in BODILESS else ():
            with suppress(SpecError):  # a shape that no example can be made of is no help here
                told = _told(_values(media, schema, "json")[0], schema, {**problem, **facts})
                if schema.is_valid(told):
                    return Answer(status, media.name, _json.encode(told), named)
        body = _json.encode({"type": "about:blank", **problem, "error": facts})
        return Answer(status, "application/problem+json", body, named)

    def _shapes(self, operation: openapi.Operation | None, status: int) -> Iterator[Shape]:
        if operation is not None:
            declared = Reader(self._contract, operation).declared(status)
            yield from self._json_of(operation, [declared] if declared is not None else [])
            yield from self._json_of(operation, _failures(operation))
        yield from self._usual

    @cached_property
    def _usual(self) -> list[Shape]:
        """The first error shape that the document declares anywhere and that has a place for a message."""
        for operation_id in self._contract.openapi.entries:
            with suppress(SpecError):  # a broken operation tells nothing of the others
                operation = self._contract.operation(operation_id)
                for media, schema in self._json_of(operation, _failures(operation)):
                    if "message" in schema.declared_names | schema.properties.keys():
                        return [(media, schema)]
        return []

    def _json_of(self, operation: openapi.Operation, responses: Sequence[openapi.Response]) -> Iterator[Shape]:
        reader = Reader(self._contract, operation)
        for media in (media for response in responses for media in response.content.values()):
            schema = reader.schema(media) if _media_type.kind_of(media.name) == "json" else None
            if schema is not None:
                yield media, schema


def _chosen(
    declared: Sequence[openapi.MediaType], wants_events: bool, chosen: Sequence[Choice]
) -> tuple[str, openapi.MediaType]:
    """The media type to answer in, with its kind: as it was asked for, else JSON, else the first."""
    kinds: dict[str, openapi.MediaType] = {}
    exact = [media for media in declared if "*" not in media.name]
    for media in exact or declared:
        kinds.setdefault(_media_type.kind_of(_concrete(media.name)), media)
    asked = media_type(declared, chosen)
    if wants_events and "events" in kinds:
        return "events", kinds["events"]
    if asked is not None:
        return _media_type.kind_of(_concrete(asked.name)), asked
    kind = "json" if "json" in kinds else next(iter(kinds))
    return kind, kinds[kind]


def _failures(operation: openapi.Operation) -> list[openapi.Response]:
    declared = operation.responses.values()
    return [response for response in declared if response.status.startswith(("4", "5", "default"))]


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unassigned Status"


def _concrete(name: str) -> str:
    """A media type that a range such as ``image/*`` allows."""
    return CONCRETE.get(_media_type.essence(name), name.replace("*", "x-example"))


# --- values --------------------------------------------------------------------------------------


def _values(media: openapi.MediaType, schema: Schema | None, kind: str) -> list[Any]:
    """The valid examples of a media type; made up where there are none."""
    written = [value for value in media.examples if schema is None or _is_valid(schema, value)]
    if not written and kind in ("binary", "multipart"):
        return [SAMPLE_FILE.decode()]
    return written or [example(schema) if schema is not None else {}]


def _is_valid(schema: Schema, value: Any) -> bool:
    with suppress(_json.NotJSONError):
        _json.survey(value)
        return schema.is_valid(value)
    return False


def _echoed(value: Any, schema: Schema | None, known: Mapping[str, Any]) -> Any:
    """``value`` with what the request said under the same names, as far as it stays valid."""
    for name in known if isinstance(value, dict) and schema is not None else ():
        changed = {**value, name: known[name]}
        if name in value and schema is not None and schema.is_valid(changed):
            value = changed
    return value


def _told(value: Any, schema: Schema, facts: Mapping[str, Any]) -> Any:
    """An example of an error, made to say these facts wherever it has names for them."""
    if not isinstance(value, dict):
        return value
    told = dict(value)
    for name, declared in schema.properties.items():
        if name in facts and declared.is_valid(facts[name]):
            told[name] = facts[name]
        elif name in facts and not {"object", "array"} & declared.types:
            if name not in schema.required:
                told.pop(name, None)
        elif name in told:
            told[name] = _told(told[name], declared, facts)
    return told


# --- bodies --------------------------------------------------------------------------------------


def _as_json(values: Sequence[Any]) -> bytes:
    return _json.encode(values[0])


def _as_lines(values: Sequence[Any]) -> bytes:
    items = values[0] if isinstance(values[0], list) else values
    return b"".join(_json.encode(item) + b"\n" for item in items)


def _as_file(values: Sequence[Any]) -> bytes:
    return values[0].encode() if isinstance(values[0], str) else _json.encode(values[0])


def _as_events(values: Sequence[Any]) -> Sequence[bytes]:
    texts = [value.encode() if isinstance(value, str) else _json.encode(value) for value in values]
    texts = [*(texts if len(texts) > 1 else texts * EVENTS), b"[DONE]"]
    return [b"".join(b"data: " + line + b"\n" for line in text.split(b"\n")) + b"\n" for text in texts]


_BODY: Mapping[str, Callable[[Sequence[Any]], bytes | Sequence[bytes]]] = {
    "json": _as_json,
    "lines": _as_lines,
    "events": _as_events,
}
