"""A request on the wire -> the arguments that it says: `request` read in the other direction. No I/O.

Rules of this file:
1. Texts become the JSON types that the document gives them; a text that is none of them stays a string, for the check.
2. What cannot be read is a `Violation`, never an exception.
3. The keywords are those that the operation is called with, so ``operation(**arguments)`` sends the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote

from .._checking import json as _json
from .._checking.schema import Schema
from ..errors import Violation, one_of, short
from . import media_type as _media_type
from . import style as _style
from .arguments import MISSING, Argument, Arguments
from .multipart import Upload
from .request import Writer

DELIMITERS = ",;=.*"


class File(bytes):
    """The content of a file that was sent, with the name and type that were sent with it."""

    filename: str | None = None
    content_type: str | None = None

    @classmethod
    def of(cls, content: bytes, filename: str | None = None, content_type: str | None = None) -> File:
        file = cls(content)
        file.filename, file.content_type = filename, content_type
        return file

    def __repr__(self) -> str:
        named = f" {self.filename!r}" if self.filename else ""
        return f"<File{named}, {len(self)} bytes>"


@dataclass(frozen=True)
class Wire:
    """A request as it was sent. ``query``: still encoded; ``variables``: the values of the path's template."""

    method: str
    variables: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Received:
    """The arguments of a call, by keyword, and what is wrong with them."""

    arguments: dict[str, Any] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()


def read(writer: Writer, wire: Wire) -> Received:
    """What a request says to an operation, and what is wrong with it."""
    told = decode(writer, wire)
    if told.violations:
        return told
    checked = writer.check((), told.arguments)
    undeclared = _undeclared_type(writer, _lower(wire.headers).get("content-type", ""), wire.body)
    return Received(told.arguments, (*undeclared, *checked.fatal, *checked.broken))


def decode(writer: Writer, wire: Wire) -> Received:
    """What a request says, and what of it cannot be read."""
    headers = _lower(wire.headers)
    arguments: dict[str, Any] = {}
    troubles: list[Violation] = []
    for argument in writer.arguments.all:
        if argument.place != "body":
            try:
                value = _parameter(argument, wire, headers, writer.arguments)
            except _style.StyleError as error:
                troubles.append(Violation(f"{argument.spelled}{error.path}", error.message))
                continue
            if value is not _style.MISSING:
                arguments[argument.spelled] = value
    try:
        body = _body(writer, headers.get("content-type", ""), wire.body)
    except ValueError as error:
        troubles.append(Violation("body", f"found a body that cannot be read: {error}"))
    else:
        arguments |= spread(writer.arguments, body)
    return Received(arguments, tuple(troubles))


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def spread(arguments: Arguments, body: Any) -> dict[str, Any]:
    """A body as keywords: its members where the operation takes them, else the whole as one."""
    if body is MISSING:
        return {}
    if not isinstance(body, dict) or not (arguments.takes_properties or arguments.is_open):
        return {arguments.body_name: body}
    spelled: dict[Any, str] = {
        argument.name: argument.spelled for argument in arguments.all if argument.place == "body"
    }
    if any(name not in spelled and name in arguments.by_name for name in body):
        return {arguments.body_name: body}
    return {spelled.get(name) or name: value for name, value in body.items()}


def called_with(arguments: Arguments, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Received:
    """What `read` finds when an operation is called so; files as their content."""
    bound = arguments.bind(args, kwargs)
    said = {argument.spelled: value for argument, value in bound.parameters.items()}
    return Received({**said, **_contents(spread(arguments, bound.body))}, tuple(bound.violations))


def _contents(values: Any) -> Any:
    if _media_type.is_upload(values):
        upload = Upload.of(values)
        return File.of(b"".join(upload), upload.filename, upload.content_type)
    if isinstance(values, dict):
        return {name: _contents(value) for name, value in values.items()}
    return [_contents(value) for value in values] if isinstance(values, list) else values


# --- parameters ----------------------------------------------------------------------------------


def _parameter(argument: Argument, wire: Wire, headers: Mapping[str, str], arguments: Arguments) -> Any:
    assert argument.parameter is not None
    raw: Any
    if argument.place == "path":
        kept = DELIMITERS if "string" not in argument.schema.types else ""
        value = wire.variables.get(argument.name)
        raw = quote(value, safe=kept) if value is not None else None
    elif argument.place == "query":
        others = {other.name for other in arguments.all if other.place == "query"} - {argument.name}
        raw = [(name, text) for name, text in _pairs(wire.query) if name not in others]
    elif argument.place == "querystring":
        raw = wire.query or None
    else:
        raw = headers.get("cookie" if argument.place == "cookie" else argument.name.lower())
    return _style.parse(argument.parameter, raw, argument.schema.types, _inner(argument.schema))


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    for part in filter(None, query.split("&")):
        name, _, text = part.partition("=")
        yield name, text


def _inner(schema: Schema) -> Callable[[tuple[str | int, ...]], frozenset[str]]:
    def types(way: tuple[str | int, ...]) -> frozenset[str]:
        current: Schema | None = schema
        for key in way:
            above = current
            current = current.items if isinstance(key, int) else current.properties.get(key)  # type: ignore[union-attr]
            if current is None:
                return _style.ALL_TYPES if isinstance(key, int) or (above and above.is_open) else frozenset()
        return current.types if current is not None else frozenset()

    return types


# --- bodies --------------------------------------------------------------------------------------


def _body(writer: Writer, content_type: str, body: bytes) -> Any:
    if not body and not content_type:
        return MISSING
    media = _media_type.match(writer.content, content_type)
    schema = writer.body_schema(media) if media is not None else None
    kind = _media_type.kind_of(content_type)
    if kind == "multipart":
        return _form(content_type, body, schema)
    value = _media_type.decode(content_type, body)
    if kind == "form":
        return {name: _typed(text, schema.properties.get(name) if schema else None) for name, text in value.items()}
    return File.of(value, None, content_type) if isinstance(value, bytes) else value


def fields(content_type: str, body: bytes) -> Iterator[tuple[str, bytes, str | None, str | None]]:
    """The parts of a form: name, content, and for files their name and type.

    Raises:
        ValueError: it is no form.
    """
    from werkzeug.formparser import FormDataParser

    parser = FormDataParser(stream_factory=lambda *_, **__: BytesIO(), silent=False)
    mimetype, _, options = content_type.partition(";")
    boundary = {"boundary": options.partition("boundary=")[2].split(";")[0].strip().strip('"')}
    _, form, files = parser.parse(BytesIO(body), mimetype.strip().lower(), len(body), boundary)
    for name, text in form.items(multi=True):
        yield name, text.encode(), None, None
    for field_name, file in files.items(multi=True):
        yield field_name or "", file.read(), file.filename or None, file.mimetype or None


def _form(content_type: str, body: bytes, schema: Schema | None) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    declared = schema.properties if schema is not None else {}
    for name, content, filename, media in fields(content_type, body):
        is_file = filename is not None or media is not None
        value = File.of(content, filename, media) if is_file else content.decode()
        found.setdefault(_plain(name, declared), []).append(value)
    return {name: _gathered(values, declared.get(name)) for name, values in found.items()}


def _plain(name: str, declared: Mapping[str, Schema]) -> str:
    """``image[]``, as some write a list, is ``image``, unless the document says otherwise."""
    return name if name in declared else name.removesuffix("[]")


def _gathered(values: list[Any], schema: Schema | None) -> Any:
    """One value or several of the same name, as the document types them."""
    takes_list = schema is not None and "array" in schema.types and "string" not in schema.types
    if len(values) > 1 or takes_list:
        if takes_list and len(values) == 1 and isinstance(values[0], str) and values[0].startswith("["):
            return _typed(values[0], schema)
        items = schema.items if schema is not None else None
        return [_typed(value, items) for value in values]
    return _typed(values[0], schema)


def _typed(value: Any, schema: Schema | None) -> Any:
    if isinstance(value, str) and schema is not None and "string" not in schema.types:
        with suppress(_json.DecodeError):
            return _json.decode(value.encode())
    return value


def _undeclared_type(writer: Writer, content_type: str, body: bytes) -> tuple[Violation, ...]:
    if not body or not writer.content or _media_type.match(writer.content, content_type) is not None:
        return ()
    expected = one_of([media.name for media in writer.content.values()])
    found = short(content_type) if content_type else "no content type"
    return (Violation("Content-Type", f"found {found}, which is not declared, expected {expected}", content_type),)
