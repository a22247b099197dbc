"""A body that came -> what it says, typed as the document has it: a text becomes what it is in JSON. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus

from .._checking import json as _json
from .._checking.schema import Schema
from .._document.openapi import MediaType, Parameter
from . import media_type as _media_type
from . import style as _style
from .form import fields_of

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


def body_of(content_type: str, body: bytes, media: MediaType | None, schema: Schema | None) -> Any:
    """What a body says that came as ``content_type``, typed as the document has it.

    Args:
        media: what is declared of it, with its schema.

    Raises:
        ValueError: it is not what it says.
    """
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
    pairs = [(unquote_plus(name), value) for name, value in pairs_of(text)]
    found: dict[str, Any] = {}
    for name, parameter in fields_of(media).items() if media is not None else ():
        inside = declared.get(name)
        mine = [(key, value) for key, value in pairs if _belongs(key, name, parameter, inside, declared)]
        if inside is not None and mine:
            with suppress(_style.StyleError):
                value = _style.parse(parameter, mine, inside.types, types_in(inside))
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


def pairs_of(query: str) -> Iterable[tuple[str, str]]:
    for part in filter(None, query.split("&")):
        name, _, text = part.partition("=")
        yield name, text


def types_in(schema: Schema) -> Callable[[tuple[str | int, ...]], frozenset[str]]:
    def types(way: tuple[str | int, ...]) -> frozenset[str]:
        current: Schema | None = schema
        for key in way:
            above = current
            current = current.items if isinstance(key, int) else current.properties.get(key)  # type: ignore[union-attr]  # not None here
            if current is None:
                return _style.ALL_TYPES if isinstance(key, int) or (above and above.is_open) else frozenset()
        return current.types if current is not None else frozenset()

    return types
