"""Made-up answers: the document's own examples where they are valid, else values that its schemas allow.

Rules of this file:
1. What is answered is valid by our reading of the document.
2. What the request says comes back under the same name. ``[DONE]`` ends a stream where the document speaks of it.
3. The status is the lowest success that is declared, else the lowest redirect, else, where the document knows no other
   way to end, its lowest error. Headers that an answer must have are sent.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urljoin

from .._checking import json as _json
from .._checking.contract import Contract
from .._checking.example import example
from .._checking.schema import Schema
from .._client.example import SAMPLE_FILE, SAMPLE_XML
from .._document import openapi
from .._request import media_type as _media_type
from .._request.arguments import ANYTHING
from .._request.style import StyleError, serialize
from .._response import sse as _sse
from .._response.ending import says_done
from .._response.response import Reader
from . import life, offered
from .believable import Believable
from .failure import Failures, written_as
from .representation import NOTHING, Preferences, accepted, media_type, represented
from .shape import Shape

EVENTS = 4  # how often an event is repeated where the document has a single example
NOT_MODIFIED, LEAST_ERROR = 304, 400
BODILESS = frozenset({204, 205, 304})
FRAMING = frozenset({"content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "date"})
ELSEWHERE = "/_mock/elsewhere"  # where redirects lead
CONCRETE = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}


@dataclass(frozen=True)
class Answer:
    """What is sent back. A body of several pieces is sent piece by piece."""

    status: int
    content_type: str = ""
    body: bytes | Sequence[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Settle = Callable[[Any, Schema | None], Any]


_STATUS = re.compile(r"[1-5](?:[0-9]{2}|XX)")


def _as_it_is(value: Any, _: Schema | None) -> Any:
    return value


class Author:
    """Makes up the answers to a document's operations. Thread-safe. ``clock``: of what they say of when."""

    def __init__(self, contract: Contract, clock: Callable[[], float] = time.time) -> None:
        self._contract, self._failures, self._clock = contract, Failures(contract), clock
        self._made: dict[tuple[str, str, str], tuple[list[Any], Shape | None]] = {}
        self._done: dict[str, bool] = {}

    def success(self, operation: openapi.Operation) -> int:
        """The status of an answer to which nothing objects, 200 where the document leaves it open."""
        declared = sorted(int(status.replace("XX", "00")) for status in operation.responses if _STATUS.fullmatch(status))
        for kind in (2, 3):
            fitting = [status for status in declared if status // 100 == kind and status != NOT_MODIFIED]
            if fitting:
                return fitting[0]
        errors = [status for status in declared if status >= LEAST_ERROR]
        return errors[0] if errors and "default" not in operation.responses else 200

    def answer(
        self,
        operation: openapi.Operation,
        status: int,
        preferences: Preferences = NOTHING,
        settle: Settle = _as_it_is,
    ) -> Answer:
        """An answer with the declared body.

        Args:
            operation, status: what is answered.
            preferences: what the request asks of it.
            settle: what a JSON value becomes that was made up.

        Raises:
            SpecError: no valid body can be made up.
        """
        reader = Reader(self._contract, operation)
        declared = reader.declared(status)
        if declared is None or not declared.content or status in BODILESS:
            return Answer(status, headers=self._headers(declared, status, None, preferences))
        kind, media = _chosen(list(declared.content.values()), preferences)
        schema = reader.schema(media)
        is_value = kind == "json" or (kind == "xml" and schema is not None and _media_type.is_structured(schema))
        value = self._value(operation, declared, media, preferences, settle if is_value else _as_it_is)
        body: bytes | Sequence[bytes] = _as_xml(media, value, schema) if kind == "xml" else _BODY.get(kind, _as_file)(value)
        if kind == "events":
            body = [*_framed(self._events(operation, declared, media, value, preferences, settle), schema), *self._last(operation)]
        headers = self._headers(declared, status, value if is_value else None, preferences)
        return Answer(status, _concrete(media.name), body, headers)

    def _value(
        self, operation: openapi.Operation, declared: openapi.Response, media: openapi.MediaType, preferences: Preferences, settle: Settle
    ) -> Any:
        """A value in a media type: declared or made up, then as the request has it."""
        reader = Reader(self._contract, operation)
        schema = reader.schema(media)
        key = (operation.id, declared.status, media.name)
        if key not in self._made:
            values = _values(media, schema, _media_type.kind_of(_concrete(media.name)))
            self._made[key] = values, Shape(schema) if schema is not None else None
        values, shape = self._made[key]
        value = values[0]
        if shape is not None:
            is_made_up = value not in _media_type.examples_of(media, schema)
            value = Believable(preferences.inputs, is_made_up, int(self._clock())).of(value, shape)
            if _media_type.kind_of(media.name) == "json":
                value = offered.used(value, shape, preferences.inputs)
        return settle(represented(_echoed(value, schema, preferences.inputs), schema, preferences.chosen), schema)

    def _events(
        self,
        operation: openapi.Operation,
        declared: openapi.Response,
        media: openapi.MediaType,
        base: Any,
        preferences: Preferences,
        settle: Settle,
    ) -> list[Any]:
        """The items of a stream: the life of the answer that would come without it, else the document's own examples."""
        values, shape = self._made[operation.id, declared.status, media.name]
        plain = next((one for one in declared.content.values() if _media_type.kind_of(one.name) == "json"), None)
        whole = self._value(operation, declared, plain, preferences, settle) if plain is not None else None
        events = life.events(shape, whole, base, preferences.inputs, int(self._clock())) if shape is not None else None
        if events is not None:
            return events
        schema = shape.schema if shape is not None else None
        own = [_echoed(value, schema, preferences.inputs) for value in values]
        return own if len(own) > 1 else [base] * EVENTS

    def _last(self, operation: openapi.Operation) -> list[bytes]:
        return _sse.framed([_sse.DONE]) if self.says_done(operation) else []

    def says_done(self, operation: openapi.Operation) -> bool:
        """Whether the document says that ``[DONE]`` ends the streams of an operation."""
        if operation.id not in self._done:
            self._done[operation.id] = says_done(self._contract, operation)
        return self._done[operation.id]

    def _headers(self, declared: openapi.Response | None, status: int, value: Any, preferences: Preferences) -> dict[str, str]:
        """The headers that an answer must have, and where what was created is found."""
        found = {}
        for name, parameter in declared.headers.items() if declared is not None else ():
            is_place = name.lower() == "location" and status == HTTPStatus.CREATED
            if (parameter.required or is_place) and name.lower() not in FRAMING:
                node = parameter.content.schema if parameter.content is not None else parameter.schema
                schema = self._contract.schema(node, "response") if node is not None else ANYTHING
                place = _place(value, preferences.url, status) if name.lower() == "location" else ""
                is_fit = place and "string" in schema.types and schema.is_valid(place)
                header = place if is_fit else _first_valid(parameter.examples, schema)
                with suppress(StyleError):  # what no header can carry
                    found[name] = serialize(parameter, header)
        return found

    def error(
        self, operation: openapi.Operation | None, status: int, message: str, param: str | None = None, **headers: str
    ) -> Answer:
        """An error in the API's own shape; headers are named ``Retry_After``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if status in BODILESS:
            return Answer(status, headers=named)
        content_type, body = self._failures.body(operation, status, message, param)
        return Answer(status, content_type, body, named)


def _chosen(declared: Sequence[openapi.MediaType], preferences: Preferences) -> tuple[str, openapi.MediaType]:
    """The media type to answer in, with its kind: as it was asked for, else JSON, else the first."""
    exact = [media for media in declared if "*" not in media.name]
    by_kind = _kinds(exact or declared)
    if preferences.wants_events and "events" in by_kind:
        return "events", by_kind["events"]
    media = media_type(declared, preferences.chosen)
    if media is not None:
        return _media_type.kind_of(_concrete(media.name)), media
    plain = [media for media in exact or declared if _media_type.kind_of(media.name) != "events"]
    kinds = _kinds(accepted(plain or declared, preferences.accept))
    kind = "json" if "json" in kinds else next(iter(kinds))
    return kind, kinds[kind]


def _kinds(declared: Sequence[openapi.MediaType]) -> dict[str, openapi.MediaType]:
    kinds: dict[str, openapi.MediaType] = {}
    for media in declared:
        kinds.setdefault(_media_type.kind_of(_concrete(media.name)), media)
    return kinds


def _place(value: Any, url: str, status: int) -> str:
    """Where what was created is, or where a redirect leads: here, and to nothing."""
    if status != HTTPStatus.CREATED:
        return urljoin(url, ELSEWHERE)
    identity = value.get("id") if isinstance(value, dict) else None
    return f"{url.rstrip('/')}/{quote(str(identity), safe='')}" if url and identity is not None else url


def _first_valid(written: Sequence[Any], schema: Schema) -> Any:
    return next((value for value in written if schema.is_valid(value)), None) or example(schema)


def _concrete(name: str) -> str:
    """A media type that a range such as ``image/*`` allows."""
    return CONCRETE.get(_media_type.essence(name), name.replace("*", "x-example"))


# --- values --------------------------------------------------------------------------------------


def _values(media: openapi.MediaType, schema: Schema | None, kind: str) -> list[Any]:
    """The valid examples of a media type; made up where there are none."""
    written = [value for value in _media_type.examples_of(media, schema) if schema is None or _is_valid(schema, value)]
    if not written and kind == "xml" and (schema is None or not _media_type.is_structured(schema)):
        return [SAMPLE_XML]
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


# --- bodies --------------------------------------------------------------------------------------


def _as_lines(value: Any) -> bytes:
    return b"".join(_json.encode(item) + b"\n" for item in (value if isinstance(value, list) else [value]))


def _as_file(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else _json.encode(value)


def _as_xml(media: openapi.MediaType, value: Any, schema: Schema | None) -> bytes:
    try:
        return written_as(media, value, schema)
    except _json.NotJSONError as error:
        assert media.schema is not None  # a text can be written
        raise media.schema.error("no XML can be made up", found=str(error), remedy="give it a valid example") from None


_BODY: Mapping[str, Callable[[Any], bytes]] = {"json": _json.encode, "lines": _as_lines}


def _framed(values: Sequence[Any], schema: Schema | None) -> list[bytes]:
    """Events as they are sent (WHATWG HTML §9.2); a text is itself where nothing else may come."""
    is_text = schema is not None and schema.types == {"string"}
    texts = [value.encode() if is_text else _json.encode(value) for value in values]
    return _sse.framed(texts)
