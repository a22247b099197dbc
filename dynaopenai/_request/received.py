"""A request on the wire -> the arguments that it says: `request` read in the other direction. No I/O.

Rules of this file:
1. Texts become the JSON types that the document gives them; a text that is none of them stays a string, for the check.
2. What cannot be read is a `Violation`, never an exception.
3. The keywords are those that the operation is called with, so ``operation(**arguments)`` sends the same again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import pairwise
from typing import Any
from urllib.parse import quote, unquote_plus

from .._checking import json as _json
from .._checking.schema import Schema
from .._display.words import not_declared, short
from .._document.openapi import MediaType, Parameter
from ..errors import Violation
from . import media_type as _media_type
from . import style as _style
from .arguments import Argument, Arguments, Bound
from .form import fields_of as _form_fields
from .multipart import Upload
from .style import MISSING
from .writer import Writer

CONTENT_TYPE = "Content-Type"  # the place of a problem with the type of a body
UNKNOWN = "application/octet-stream"  # what a sender says who knows no better (RFC 9110 §8.3)
DELIMITERS = ",;=.*"
EMPTY_IS_NONE = frozenset({"json", "lines", "multipart"})  # kinds of which no body is empty
_NESTED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")  # a[b][]: how some write what is inside a form's field


class File(bytes):
    """The content of a file that was sent, with the name and type that were sent with it."""

    filename: str | None = None
    content_type: str | None = None

    @classmethod
    def of(cls, content: bytes, filename: str | None = None, content_type: str | None = None) -> File:
        file = cls(content)
        file.filename, file.content_type = filename, content_type
        return file

    @property
    def size(self) -> int:
        return len(self)

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
    received = decode(writer, wire)
    if received.violations:
        return received
    checked = writer.checker.passed((), received.arguments)
    undeclared = _undeclared_type(writer, _lower(wire.headers).get("content-type", ""), wire.body)
    return Received(received.arguments, (*undeclared, *checked.fatal, *checked.broken))


def decode(writer: Writer, wire: Wire) -> Received:
    """What a request says, and what of it cannot be read."""
    bound = bind(writer, wire)
    parameters = {argument.spelled: value for argument, value in bound.parameters.items()}
    return Received({**parameters, **spread(writer.arguments, bound.body)}, tuple(bound.violations))


def judge(writer: Writer, wire: Wire, mend: Callable[[Any, Schema], Any] | None = None) -> list[Violation]:
    """What is wrong with a request as a server sees it, which lets names pass that no schema forbids.

    Args:
        mend: what a body is taken for before it is judged.
    """
    content_type = _lower(wire.headers).get("content-type", "")
    undeclared = _undeclared_type(writer, content_type, wire.body)
    if undeclared:
        return list(undeclared)
    bound = bind(writer, wire)
    if bound.violations:
        return bound.violations
    if bound.body is MISSING and writer.arguments.body_required:
        return [Violation("", "found no body, expected one")]
    media = _media_type.match(writer.content, content_type) if mend is not None else None
    if mend is not None and media is not None:
        bound.body = mend(bound.body, writer.body_schema(media))
    checked = writer.checker.sent(bound, content_type)
    return [*checked.fatal, *checked.broken]


def bind(writer: Writer, wire: Wire) -> Bound:
    """What a request says at the places where it belongs, and what of it cannot be read."""
    headers = _lower(wire.headers)
    wire = replace(wire, query=_without_credentials(writer, _without_own(writer.operation.path, wire.query)))
    bound = Bound()
    for argument in writer.arguments.all:
        if argument.place != "body":
            try:
                value = _parameter(argument, wire, headers, writer.arguments)
            except _style.StyleError as error:
                bound.violations.append(Violation(f"{argument.spelled}{error.path}", error.message))
                continue
            if value is not _style.MISSING:
                bound.parameters[argument] = value
    content_type = headers.get("content-type", "")
    try:
        bound.body = _body(writer, content_type, wire.body)
    except ValueError as error:
        expected = _media_type.essence(content_type)
        bound.violations.append(Violation("body", f"found a body that cannot be read as {expected}: {error}"))
    return bound


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
    parameters = {argument.spelled: value for argument, value in bound.parameters.items()}
    return Received({**parameters, **_contents(spread(arguments, bound.body))}, tuple(bound.violations))


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
        head = f";{argument.name}=" if argument.parameter.style == "matrix" else ""  # which is no part of a text
        own = head if value is not None and value.startswith(head) else ""
        raw = own + quote(value.removeprefix(own), safe=kept) if value is not None else None
    elif argument.place == "query":
        others = {other.name for other in arguments.all if other.place == "query"} - {argument.name} - argument.schema.properties.keys()
        raw = [pair for pair in _pairs(wire.query) if not _is_anothers(unquote_plus(pair[0]), argument.name, others)]
    elif argument.place == "querystring":
        raw = wire.query or None
    else:
        raw = headers.get("cookie" if argument.place == "cookie" else argument.name.lower())
    value = _style.parse(argument.parameter, raw, argument.schema.types, _inner(argument.schema))
    is_object = argument.place == "query" and argument.schema.types <= {"object", "null"}
    if value is _style.MISSING and argument.required and is_object and argument.schema.is_valid({}):
        return {}  # nothing is written of an empty object
    return value


def _is_anothers(name: str, own: str, others: AbstractSet[str]) -> bool:
    """Whether a pair of a query is one that another parameter is written as, ``other`` or ``other[a]``."""
    head = name.partition("[")[0]
    return name in others or (head in others and own not in (name, head))


def _without_credentials(writer: Writer, query: str) -> str:
    """The query without the keys that it shows, which are no members of an object that takes any name."""
    declared = {argument.name for argument in writer.arguments.all if argument.place == "query"}
    schemes = writer.contract.openapi.security_schemes.values()
    keys = {scheme.name for scheme in schemes if scheme.in_ == "query"} - declared
    return "&".join(pair for pair in query.split("&") if pair.partition("=")[0] not in keys) if keys else query


def _without_own(path: str, query: str) -> str:
    """The query without what the path's key says in it (``/find?word={word}``), where it is said again."""
    own = {name for name, _ in _pairs(path.partition("?")[2].partition("#")[0])}
    pairs = query.split("&") if own else []
    names = [pair.partition("=")[0] for pair in pairs]
    kept = [pair for index, pair in enumerate(pairs) if names[index] not in own or names[index] in names[:index] or names.count(names[index]) == 1]
    return "&".join(kept) if own else query


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    for part in filter(None, query.split("&")):
        name, _, text = part.partition("=")
        yield name, text


def _inner(schema: Schema) -> Callable[[tuple[str | int, ...]], frozenset[str]]:
    def types(way: tuple[str | int, ...]) -> frozenset[str]:
        current: Schema | None = schema
        for key in way:
            above = current
            current = current.items if isinstance(key, int) else current.properties.get(key)  # type: ignore[union-attr]  # not None here
            if current is None:
                return _style.ALL_TYPES if isinstance(key, int) or (above and above.is_open) else frozenset()
        return current.types if current is not None else frozenset()

    return types


# --- bodies --------------------------------------------------------------------------------------


def _body(writer: Writer, content_type: str, body: bytes) -> Any:
    kind = _media_type.kind_of(content_type)
    if not body and (not content_type or kind in EMPTY_IS_NONE):
        return MISSING
    media = _media_type.match(writer.content, content_type)
    return body_of(content_type, body, media, writer.body_schema(media) if media is not None else None)


def body_of(content_type: str, body: bytes, media: MediaType | None, schema: Schema | None) -> Any:
    """What a body says that came as ``content_type``, typed as what is declared of it has it. `ValueError`: it is not what it says."""
    kind = _media_type.kind_of(content_type)
    if kind == "multipart":
        return _form(content_type, body, schema)
    if kind == "form" and (schema is None or schema.types != {"string"}):
        return _urlencoded(body.decode("utf-8", "replace"), media, schema)
    if kind == "form":  # the document takes it as one text
        return _media_type.text_of(body, content_type)
    value = _media_type.decode(content_type, body, schema=schema)
    if kind == "lines" and schema is not None and "array" not in schema.types and len(value) == 1:
        return value[0]  # the one item that was sent
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
    if None in form or None in files:
        raise ValueError("a part's Content-Disposition names no field (RFC 7578 §4.2)")
    for name, text in form.items(multi=True):
        yield name, text.encode(), None, None
    for field_name, file in files.items(multi=True):
        yield field_name, file.read(), file.filename or None, file.mimetype or None


def _form(content_type: str, body: bytes, schema: Schema | None) -> Any:
    found: dict[str, list[Any]] = {}
    declared = schema.properties if schema is not None else {}
    for name, content, filename, media in fields(content_type, body):
        is_file = filename is not None or media is not None
        value = _part(content, filename, media, declared.get(name)) if is_file else content.decode("utf-8", "replace")
        found.setdefault(name, []).append(value)
    if schema is not None and schema.types == {"string"} and len(found) == 1:  # the one part is the body
        return next(iter(found.values()))[0]
    return _named(found, declared)


def _part(content: bytes, filename: str | None, media: str | None, declared: Schema | None) -> Any:
    """A part that came as a file: what it says, where it is JSON and no file is meant (a browser's Blob)."""
    if declared is not None and not declared.is_binary and _media_type.kind_of(media or "") == "json":
        with suppress(_json.DecodeError):
            return _json.decode(content)
    return File.of(content, filename, media)


def _urlencoded(text: str, media: MediaType | None, schema: Schema | None) -> dict[str, Any]:
    """A form (WHATWG URL §5.1), each field as its Encoding Object has it written (OAS 3.1.1 §4.8.15)."""
    declared = schema.properties if schema is not None else {}
    pairs = [(unquote_plus(name), value) for name, value in _pairs(text)]
    found: dict[str, Any] = {}
    for name, parameter in _form_fields(media).items() if media is not None else ():
        inside = declared.get(name)
        mine = [(key, value) for key, value in pairs if _belongs(key, name, parameter, inside, declared)]
        if inside is not None and mine:
            with suppress(_style.StyleError):
                value = _style.parse(parameter, mine, inside.types, _inner(inside))
                if value is not _style.MISSING:
                    found[name] = value
                    pairs = [pair for pair in pairs if pair not in mine]
    texts: dict[str, list[Any]] = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(unquote_plus(value))
    return {**found, **_named(texts, declared)}


def _belongs(
    key: str, name: str, parameter: Parameter, inside: Schema | None, declared: Mapping[str, Schema]
) -> bool:
    """Whether a pair of a form is one of those that a field was written as."""
    if parameter.style == "deepObject":
        return key.startswith(f"{name}[")
    spread_out = parameter.explode and inside is not None and inside.types <= {"object", "null"}
    return key == name or (spread_out and inside is not None and key not in declared and key in inside.properties)


def _named(found: Mapping[str, list[Any]], declared: Mapping[str, Schema]) -> dict[str, Any]:
    """The fields of a form by name, lists and nested names put together, each as the document types it."""
    named: dict[str, list[Any]] = {}
    nested: dict[str, Any] = {}
    for name, values in found.items():
        parts = _NESTED.fullmatch(name) if name not in declared else None
        if parts is None or parts[2] == "[]":
            named.setdefault(_plain(name, declared), []).extend(values)
        else:
            way = [parts[1], *re.findall(r"\[([^\[\]]*)\]", parts[2])]
            for value in values:
                _put(nested, way, value, declared.get(parts[1]))
    return {**nested, **{name: _gathered(values, declared.get(name)) for name, values in named.items()}}


def _put(holder: dict[str, Any], way: Sequence[str], value: Any, schema: Schema | None) -> None:
    """Set ``a[b]`` or add to ``a[b][]``."""
    for key, below in pairwise(way):
        if below in ("", "0") and below == way[-1]:
            holder.setdefault(key, []).append(_typed(value, schema.items if schema is not None else None))
            return
        schema = schema.properties.get(below) if schema is not None else None
        holder = holder.setdefault(key, {})
    holder[way[-1]] = _typed(value, schema)


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
    if isinstance(value, str) and schema is not None and schema.is_binary and schema.types <= {"string", "null"}:
        return File.of(value.encode())  # a file's name may be left out (RFC 7578 §4.2)
    if isinstance(value, str) and schema is not None and "string" not in schema.types:
        with suppress(_json.DecodeError):
            return _json.decode(value.encode())
    is_null = value == "null" and schema is not None and schema.is_valid(None) and not schema.is_valid(value)
    return None if is_null else value  # a form has no other way to say it


def _undeclared_type(writer: Writer, content_type: str, body: bytes) -> tuple[Violation, ...]:
    if not body or not writer.content or _media_type.match(writer.content, content_type) is not None:
        return ()
    if _media_type.essence(content_type) == UNKNOWN and any("*" in name for name in writer.content):
        return ()
    found = short(content_type) if content_type else "no content type"
    return (Violation(CONTENT_TYPE, not_declared(found, (media.name for media in writer.content.values())), content_type),)
