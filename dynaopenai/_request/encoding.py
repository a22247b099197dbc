"""A value -> a body of a media type. What writes forms, files or XML is imported with the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._checking import json as _json
from .._checking.schema import Schema
from .._document.openapi import MediaType
from .codec import codec_of
from .media_type import ANY, charset, essence, is_structured, kind_for

if TYPE_CHECKING:
    from .multipart import Multipart, Upload
    Content = bytes | Multipart | Upload

WHOLE = "file"  # the part of a form that is declared to be a file, and not what it is called


@dataclass(frozen=True)
class Body:
    """A body ready to be sent."""

    content: Content
    content_type: str


def encode(media: MediaType, value: Any, schema: Schema | None = None) -> Body:
    """``value`` as a body of this media type; ``schema``: by whose XML Objects XML is written.

    Raises:
        NotJSONError, StyleError, UploadError: it cannot be written so.
    """
    kind = kind_for(media.name, value)
    name = "application/json" if media.name in ANY and kind == "json" else media.name
    if kind == "json":
        return Body(_in_charset(_json.encode(value), charset(name)), name)
    if kind == "lines":
        return Body(_lines(essence(name), value), name)
    if kind == "multipart" and "boundary=" not in name.lower():  # with one, the bytes are the form already
        if not isinstance(value, dict):
            value = {WHOLE: value}
        return _form(media, value, essence(name).partition("/")[2])
    if kind == "xml" and schema is not None and is_structured(schema, value):
        from . import xml_writing

        return Body(xml_writing.write(value, schema, charset(name)), name)
    if kind == "form" and isinstance(value, dict):
        from .form import pairs

        return Body("&".join(pairs(media, value)).encode("ascii"), name)
    if isinstance(value, str):  # of a type that is no text, what its schema says is text
        if "*" in name:
            name = "text/plain" if kind == "text" else "application/octet-stream"
        with_charset = name if "charset=" in name.lower() or kind not in ("text", "xml") else f"{name}; charset=utf-8"
        return Body(_text(value, charset(with_charset)), with_charset)
    return _file(value, name)


def _form(media: MediaType, value: Mapping[str, Any], subtype: str) -> Body:
    from .form import parts
    from .multipart import Multipart

    multipart = Multipart(tuple(parts(media, value)), subtype=subtype)
    return Body(multipart, multipart.content_type)


def _file(value: Any, name: str) -> Body:
    from .multipart import Upload

    upload = Upload.of(value)
    concrete = upload.content_type if "*" in name else name
    return Body(upload, concrete or "application/octet-stream")


def _text(value: str, encoding: str) -> bytes:
    try:
        return value.encode(codec_of(encoding))
    except (LookupError, ValueError) as error:
        raise _json.NotJSONError([("", f"the text cannot be written as {encoding}: {error}", value, "")]) from error


def _in_charset(utf8: bytes, encoding: str) -> bytes:
    return utf8 if encoding in ("utf-8", "utf8") else _text(utf8.decode(), encoding)


def _lines(name: str, value: Any) -> bytes:
    items = value if isinstance(value, (list, tuple)) else [value]
    before = b"\x1e" if name.endswith("json-seq") else b""  # RFC 7464 §2
    return b"".join(before + _json.encode(item) + b"\n" for item in items)
