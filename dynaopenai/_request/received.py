"""A request on the wire -> the arguments that it says: `request` read in the other direction. No I/O.

Rules of this file:
1. Texts become the JSON types that the document gives them; a text that is none of them stays a string, for the check.
2. What cannot be read is a `Violation`, never an exception.
3. The keywords are those that the operation is called with, so ``operation(**arguments)`` sends the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote_plus

from .._checking.schema import Schema
from .._display.words import not_declared, short
from ..errors import Violation
from . import media_type as _media_type
from . import style as _style
from .arguments import Argument, Arguments, Bound
from .body_reading import File, body_of, pairs_of, types_in
from .multipart import Upload
from .style import MISSING
from .writer import Writer

CONTENT_TYPE = "Content-Type"  # the place of a problem with the type of a body
UNKNOWN = "application/octet-stream"  # what a sender says who knows no better (RFC 9110 §8.3)
DELIMITERS = ",;=.*"
EMPTY_IS_NONE = frozenset({"json", "lines", "multipart"})  # kinds of which no body is empty


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
        raw = [pair for pair in pairs_of(wire.query) if not _is_anothers(unquote_plus(pair[0]), argument.name, others)]
    elif argument.place == "querystring":
        raw = wire.query or None
    else:
        raw = headers.get("cookie" if argument.place == "cookie" else argument.name.lower())
    value = _style.parse(argument.parameter, raw, argument.schema.types, types_in(argument.schema))
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
    own = {name for name, _ in pairs_of(path.partition("?")[2].partition("#")[0])}
    pairs = query.split("&") if own else []
    names = [pair.partition("=")[0] for pair in pairs]
    kept = [pair for index, pair in enumerate(pairs) if names[index] not in own or names[index] in names[:index] or names.count(names[index]) == 1]
    return "&".join(kept) if own else query


# --- bodies --------------------------------------------------------------------------------------


def _body(writer: Writer, content_type: str, body: bytes) -> Any:
    kind = _media_type.kind_of(content_type)
    if not body and (not content_type or kind in EMPTY_IS_NONE):
        return MISSING
    media = _media_type.match(writer.content, content_type)
    return body_of(content_type, body, media, writer.body_schema(media) if media is not None else None)


def _undeclared_type(writer: Writer, content_type: str, body: bytes) -> tuple[Violation, ...]:
    if not body or not writer.content or _media_type.match(writer.content, content_type) is not None:
        return ()
    if _media_type.essence(content_type) == UNKNOWN and any("*" in name for name in writer.content):
        return ()
    found = short(content_type) if content_type else "no content type"
    return (Violation(CONTENT_TYPE, not_declared(found, (media.name for media in writer.content.values())), content_type),)
