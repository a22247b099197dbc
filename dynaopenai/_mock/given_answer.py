"""An answer that a test gives -> an `Answer` that the document allows, or a refusal that says why not.

Rules of this file:
1. What is left out is completed from the document; what is given is checked as an answer would be.
2. A name that is nearly a declared one is a slip, and refused, even where the document lets any name pass.
3. An error status needs no declaration where the operation declares no errors of its own: any API may answer 429.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._checking import json as _json
from .._checking.contract import Contract
from .._checking.schema import Schema
from .._checking.slip import near_misses
from .._checking.violation import explain
from .._display.words import count, not_declared, one_of, short
from .._document import openapi
from .._problem import violations_text
from .._request import media_type as _media_type
from .._response import sse as _sse
from .._response.response import Reader
from ..errors import DynaOpenAIError, Violation
from .author import Answer, Author
from .failure import written_as
from .fill import fill

EXAMPLE: Any = type("_Example", (), {"__repr__": lambda _: "<an example>"})()
ANYONES = frozenset({401, 403, 408, 429})  # what anything on the way to an API may answer


class RegistrationError(DynaOpenAIError, ValueError):
    """An answer was given to a mock that the document does not allow.

    Attributes:
        operation_id: the operation that should have answered so.
        violations: every problem, each a `Violation`.
    """

    def __init__(self, operation_id: str, violations: Sequence[Violation]) -> None:
        self.operation_id, self.violations = operation_id, list(violations)
        problems = count(len(self.violations), "problem")
        super().__init__(f"{operation_id} never answers so: {problems}\n{violations_text(self.violations)}")


class Giver:
    """Makes the answers of one operation out of what a test gives."""

    def __init__(self, contract: Contract, operation: openapi.Operation, author: Author) -> None:
        self._operation, self._author = operation, author
        self._reader = Reader(contract, operation)

    def answer(
        self,
        body: Any,
        status: int | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        completed: bool = True,
    ) -> Answer:
        """An answer with this body.

        Raises:
            RegistrationError: the document does not allow it.
        """
        status = self._author.success(self._operation) if status is None else status
        declared = self._declared(status)
        headers = self._headers(declared, headers)
        if not declared.content and body in (EXAMPLE, None, b"", ""):
            return Answer(status, headers=headers)
        media = self._media(declared, body, content_type)
        if body is EXAMPLE:
            body = self._example(status, media)
        schema = self._reader.schema(media)
        kind = _media_type.kind_of(media.name)
        if isinstance(body, (bytes, bytearray)):
            return Answer(
                status, content_type or _concrete(media.name), self._octets(bytes(body), schema, media.name), headers
            )
        whole = self._whole(schema, body, media, completed=completed)
        if kind == "xml":
            is_written = _media_type.is_xml_text(body)
            text = written_as(media, body if is_written else whole, None if is_written else schema)
        else:
            text = whole.encode() if isinstance(whole, str) and kind != "json" else _json.encode(whole)
        return Answer(status, content_type or _concrete(media.name), text, headers)

    def error(
        self, status: int, error: str | Mapping[str, Any], facts: Mapping[str, Any], headers: Mapping[str, str] | None
    ) -> Answer:
        """An error in the API's own shape.

        Raises:
            RegistrationError: the status is no error's, or the body breaks the document.
        """
        if not _is_status(status) or status < 400:
            raise self._refusal(_status(status, "an error status from 400 to 599"))
        self._check_error_status(status)
        if not isinstance(error, str):
            return self.answer(dict(error), status, None, headers)
        made = self._author.error(self._operation, status, error, **dict(headers or {}))
        assert isinstance(made.body, bytes)
        declared = self._reader.declared(status)
        media = _media_type.match(declared.content, made.content_type) if declared is not None else None
        schema = self._reader.schema(media)
        body = _media_type.decode(made.content_type, made.body, schema=schema)
        holder = body["error"] if isinstance(body, dict) and isinstance(body.get("error"), dict) else body
        if isinstance(holder, dict):
            holder.update({name: value for name, value in facts.items() if value is not None})
        if media is not None:
            body = self._whole(schema, body, media)
        content = made.body if isinstance(body, str) else written_as(media or openapi.MediaType(made.content_type), body, schema)
        return Answer(status, made.content_type, content, {**made.headers, **(headers or {})})

    def events(self, items: Sequence[Any], status: int | None, headers: Mapping[str, str] | None) -> Answer:
        """A stream of events with these items, each completed.

        Raises:
            RegistrationError: the operation declares no stream, or an item breaks the document.
        """
        status = self._author.success(self._operation) if status is None else status
        declared = self._declared(status)
        found = {_media_type.kind_of(media.name): media for media in declared.content.values()}
        if "events" not in found:
            names = [media.name for media in declared.content.values()]
            raise self._refusal(Violation("Content-Type", not_declared("text/event-stream", names)))
        if isinstance(items, (str, bytes, Mapping)):
            raise self._refusal(Violation("", f"found {short(items)}, expected a list of items"))
        media = found["events"]
        schema, broken, texts = self._reader.schema(media), list[Violation](), list[bytes]()
        for index, item in enumerate(items):
            try:
                whole = self._whole(schema, item, media, f"[{index}]")
            except RegistrationError as error:
                broken += error.violations
                continue
            texts.append(whole.encode() if isinstance(whole, str) else _json.encode(whole))
        if broken:
            raise self._refusal(*broken)
        if self._author.says_done(self._operation):
            texts.append(_sse.DONE)
        return Answer(status, media.name, _sse.framed(texts), dict(headers or {}))

    def as_asked(self, answer: Answer, wants_events: bool) -> Answer:
        """The answer, where it is a stream if one was asked for and none if not, as far as the document has both.

        Raises:
            RegistrationError: a server would have answered the other way.
        """
        declared = self._reader.declared(answer.status) if answer.status < 400 else None
        kinds = {_media_type.kind_of(media.name) for media in declared.content.values()} if declared else set()
        if {"events", "json"} <= kinds and wants_events is not (_media_type.kind_of(answer.content_type) == "events"):
            wanted, remedy = ("a stream", "streams([...])") if wants_events else ("no stream", "returns(...)")
            message = f"found {answer.content_type}, and the call asks for {wanted}"
            raise self._refusal(Violation("Content-Type", message, answer.content_type, "", f"answer it with .{remedy}"))
        return answer

    # --- what is declared ------------------------------------------------------------------------

    def _declared(self, status: int) -> openapi.Response:
        codes = list(self._operation.responses)
        if not _is_status(status):
            raise self._refusal(_status(status, one_of(codes)))
        declared = self._reader.declared(status)
        is_success_by_default = declared is not None and declared.status == "default" and status < 400
        if declared is None or (is_success_by_default and any(code[0] in "123" for code in codes)):
            raise self._refusal(_status(status, one_of([code for code in codes if code != "default"] or codes)))
        return declared

    def _check_error_status(self, status: int) -> None:
        declared = [code for code in self._operation.responses if code[0] in "45"]
        if declared and status < 500 and status not in ANYONES and self._reader.declared(status) is None:
            raise self._refusal(_status(status, one_of(declared)))

    def _media(self, declared: openapi.Response, body: Any, content_type: str | None) -> openapi.MediaType:
        names = [media.name for media in declared.content.values()]
        if not declared.content:
            raise self._refusal(Violation("", f"found {short(body)}, expected no body for {declared.status}", body))
        if content_type is not None:
            media = _media_type.match(declared.content, content_type)
            if media is None:
                raise self._refusal(Violation("Content-Type", not_declared(short(content_type), names), content_type))
            return media
        kinds: dict[str, openapi.MediaType] = {}
        for media in declared.content.values():
            kinds.setdefault(
                "json" if media.name in ("*/*", "application/*") else _media_type.kind_of(media.name), media
            )
        wanted = ["json"]
        if isinstance(body, (bytes, bytearray)):
            wanted = ["binary", "text", "xml", "json"]
        elif isinstance(body, str):
            wanted = ["text", "xml", "json"]
        return next((kinds[kind] for kind in wanted if kind in kinds), None) or next(iter(declared.content.values()))

    def _headers(self, declared: openapi.Response, headers: Mapping[str, str] | None) -> dict[str, str]:
        given = dict(headers or {})
        wrong = [Violation(f"headers[{name!r}]", f"found {short(value)}, expected a string", value)
                 for name, value in given.items() if not isinstance(value, str)]  # fmt: skip
        slips = _header_slips(declared, given)
        if wrong or slips:
            raise self._refusal(*wrong, *slips)
        return given

    # --- the body --------------------------------------------------------------------------------

    def _example(self, status: int, media: openapi.MediaType) -> Any:
        made = self._author.answer(self._operation, status)
        if isinstance(made.body, bytes) and _media_type.kind_of(media.name) == "json":
            return _json.decode(made.body)
        return made.body if isinstance(made.body, bytes) else b"".join(made.body)

    def _whole(
        self, schema: Schema | None, body: Any, media: openapi.MediaType, path: str = "", *, completed: bool = True
    ) -> Any:
        """The body completed and checked."""
        try:
            body = _json.taken(body).value
        except _json.NotJSONError as error:
            raise self._refusal(*error.violations(path)) from None
        if schema is None:
            return body
        if _media_type.kind_of(media.name) == "xml" and _media_type.is_xml_text(body):
            body, completed = self._decoded(body.encode(), schema, media.name), False  # since it is sent as it is
        donor = next((value for value in _media_type.examples_of(media, schema) if schema.is_valid(value)), None)
        whole = fill(schema, body, donor) if completed else body
        broken = [] if schema.is_valid(whole) else explain(schema, whole, path)
        broken += near_misses(schema, body, path, broken)
        if broken:
            raise self._refusal(*broken)
        return whole

    def _octets(self, body: bytes, schema: Schema | None, name: str) -> bytes:
        if _media_type.kind_of(name) in ("json", "xml"):
            value = self._decoded(body, schema, name)
            if schema is not None and not isinstance(value, str) and not schema.is_valid(value):
                raise self._refusal(*explain(schema, value))
        return body

    def _decoded(self, body: bytes, schema: Schema | None, name: str) -> Any:
        try:
            return _media_type.decode(name, body, schema=schema)
        except _json.DecodeError as error:
            kind = _media_type.kind_of(name).upper()
            raise self._refusal(Violation("", f"found bytes that are no {kind}: {error}")) from None

    def _refusal(self, *violations: Violation) -> RegistrationError:
        return RegistrationError(self._operation.id, violations)


def _is_status(status: Any) -> bool:
    return isinstance(status, int) and not isinstance(status, bool) and 200 <= status <= 599


def _status(status: Any, expected: str) -> Violation:
    return Violation("status", f"found {short(status)}, expected {expected}", status)


def _concrete(name: str) -> str:
    return {"*/*": "application/octet-stream"}.get(name, name.replace("*", "x-example"))


def _header_slips(declared: openapi.Response, given: Mapping[str, str]) -> list[Violation]:
    """Declared headers whose values break their schemas."""
    found = []
    for name, parameter in declared.headers.items():
        text = next((value for key, value in given.items() if key.lower() == name.lower()), None)
        if text is not None and parameter.schema is not None:
            found += _header_violations(parameter, name, text)
    return found


def _header_violations(parameter: openapi.Parameter, name: str, text: str) -> list[Violation]:
    from .._request.style import StyleError, parse

    types = (
        parameter.schema.value.get("type")
        if parameter.schema is not None and isinstance(parameter.schema.value, dict)
        else None
    )
    if types not in ("integer", "number", "boolean"):
        return []
    try:
        value = parse(parameter, text, frozenset({types}))
    except StyleError as error:
        return [Violation(f"headers[{name!r}]", error.message, text)]
    return (
        [Violation(f"headers[{name!r}]", f"found {short(text)}, expected {types}", text)]
        if isinstance(value, str)
        else []
    )
