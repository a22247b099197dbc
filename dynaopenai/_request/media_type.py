"""Media types: which one is meant, what may be given for it, and a body read as it says.

The kind of a media type decides: ``json``, ``lines`` (JSON Lines, JSON sequences), ``events``
(``text/event-stream``), ``form`` (``application/x-www-form-urlencoded``), ``multipart``, ``xml`` (RFC 7303: a text, or what a
schema makes of it), ``text``, ``binary``.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import parse_qsl

from .._checking import json as _json
from .._checking.dialect import TYPES
from .._checking.plain import SCALARS
from .._checking.schema import Schema
from .._document.document import Node
from .._document.openapi import MediaType
from .codec import codec_of

Kind = Literal["json", "lines", "events", "form", "multipart", "xml", "text", "binary"]

_LINES = frozenset({"application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines"})
_XML = frozenset({"application/xml", "text/xml", "application/xml-external-parsed-entity", "text/xml-external-parsed-entity"})
XML_ALIASES = {"text/xml": "application/xml", "application/xml": "text/xml"}  # RFC 7303 §9.2
_TEXT = frozenset({"application/yaml", "application/x-yaml", "application/javascript"})
ANY = ("*/*", "application/*")
_VALUES = SCALARS | {dict, list}
SINGLE = frozenset({"string", "null", "boolean", "integer", "number"})
PREFERENCE = ("json", "multipart", "form", "lines", "xml", "text", "binary", "events")


# --- names ---------------------------------------------------------------------------------------


def essence(content_type: str) -> str:
    """``application/json`` of ``Application/JSON; charset=utf-8``."""
    return content_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=512)
def charset(content_type: str) -> str:
    """The charset parameter, ``utf-8`` where there is none."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower()
    return "utf-8"


@lru_cache(maxsize=512)
def kind_of(content_type: str) -> Kind:
    name = essence(content_type)
    if name.endswith(("/json", "+json")):
        return "json"
    if name in _LINES or name in ("application/json-seq", "application/geo+json-seq"):
        return "lines"
    if name == "text/event-stream":
        return "events"
    if name == "application/x-www-form-urlencoded":
        return "form"
    if name.startswith("multipart/"):
        return "multipart"
    if name in _XML or name.endswith("+xml"):
        return "xml"
    return "text" if name.startswith("text/") or name in _TEXT else "binary"


def kind_for(name: str, value: Any) -> Kind:
    """How ``value`` is written in a declared media type: where any type will do, in that which suits it."""
    if name.strip() not in ANY:
        return kind_of(name)
    return "binary" if is_upload(value) else "json"


def item_of(media: MediaType) -> Node | None:
    """What one item must be, of a body that is a sequence; else the whole of it.

    ``itemSchema`` describes an event with its fields, of which we deliver the data (OAS 3.2.0 §4.14.3).
    """
    if media.item_schema is None or kind_of(media.name) != "events":
        return media.item_schema or media.schema
    properties = media.item_schema.resolve().get("properties")
    data = properties.get("data") if properties is not None else None
    if data is None:
        return media.item_schema
    data = data.resolve()
    return data.get("contentSchema") or data


def match(declared: Mapping[str, MediaType], content_type: str) -> MediaType | None:
    """The declared media type that an answer's content type falls under, the most specific one."""
    if content_type in declared:
        return declared[content_type]
    wanted = essence(content_type)
    fitting = [name for name in declared if fnmatchcase(wanted, essence(name))]
    if not fitting and wanted in XML_ALIASES:
        fitting = [name for name in declared if essence(name) == XML_ALIASES[wanted]]
    best = min(fitting, key=lambda name: (name.count("*"), -len(essence(name))), default=None)
    return declared[best] if best is not None else None


# --- uploads -------------------------------------------------------------------------------------


def is_upload(value: Any) -> bool:
    """Whether ``value`` is given as file content: bytes, a path, an open file, or ``(filename, content[, type])``."""
    if type(value) in _VALUES:  # most are, and asking these for a method is slow
        return False
    if is_upload_content(value):
        return True
    return isinstance(value, tuple) and 2 <= len(value) <= 3 and isinstance(value[0], str) and is_upload_content(value[1])


def is_upload_content(value: Any) -> bool:
    return isinstance(value, (bytes, bytearray, memoryview)) or any(hasattr(value, name) for name in ("read", "__fspath__", "__aiter__"))


def holds_file(item: Any) -> bool:
    """Whether a form's member is a file, or a list with one; a style says nothing of it (OAS 3.1.1 §4.8.15.1)."""
    return is_upload(item) or (isinstance(item, list) and any(map(is_upload, item)))


def holds_upload(value: Any) -> bool:
    """Whether ``value`` is, or has among its members, file content."""
    if is_upload(value):
        return True
    if isinstance(value, dict):
        return any(map(holds_file, value.values()))
    return False


def is_structured(schema: Schema, value: Any = None) -> bool:
    """Whether a schema says what is in an XML document: something of its structure, or that a single text is an element.

    A text that is given where the schema takes none is the document itself.
    """
    types = schema.types
    if isinstance(value, str):
        return "string" in types and schema.markup.is_declared and types <= SINGLE
    if is_upload(value):
        return False
    return schema.markup.is_declared or not (types <= {"string", "null"} or (types == TYPES and not schema.properties and schema.items is None))


def is_xml_text(value: Any) -> bool:
    """Whether a value is a document that is written out already."""
    return isinstance(value, str) and value.lstrip().startswith("<")


def xml_value(text: str, schema: Schema) -> Any:
    """The value of an XML document that is a text already; the text where the schema says nothing of its structure.

    Raises:
        DecodeError: it is no XML.
    """
    if not is_structured(schema):
        return text
    from . import xml_reading

    return xml_reading.read(text, schema)


def examples_of(media: MediaType, schema: Schema | None) -> list[Any]:
    """The declared examples as values: XML that is written out as a text is read."""
    if schema is None or kind_of(media.name) != "xml" or not is_structured(schema):
        return list(media.examples)
    return [_read_example(given, schema) if isinstance(given, str) else given for given in media.examples]


def _read_example(text: str, schema: Schema) -> Any:
    try:
        return xml_value(text, schema)
    except _json.DecodeError:
        return text


# --- reading -------------------------------------------------------------------------------------


def decode(content_type: str, data: bytes, max_depth: int | None = _json.MAX_DEPTH, schema: Schema | None = None) -> Any:
    """A body as its content type says: JSON values, a dict of a form, str for text, else bytes.

    Args:
        schema: what makes a value of XML, which is a text without.

    Raises:
        DecodeError: it is not what it says.
    """
    kind = kind_of(content_type)
    if kind == "json":
        return _json.decode(data if "charset" not in content_type else _as_utf8(data, charset(content_type)), max_depth)
    if kind == "lines":
        return [_json.decode(line, max_depth) for line in data.replace(b"\x1e", b"").splitlines() if line.strip()]
    if kind == "form":
        return dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))
    if kind == "xml" and schema is not None and is_structured(schema):
        from . import xml_reading

        return xml_reading.read(data, schema, charset(content_type) if "charset" in content_type else None, max_depth)
    if kind in ("text", "xml", "events"):
        return text_of(data, content_type)
    return data


def decode_leniently(content_type: str, data: bytes, schema: Schema | None = None) -> Any:
    """A body decoded as far as it goes: JSON where it is JSON, else text."""
    try:
        value = decode(content_type or "application/json", data, schema=schema)
    except _json.DecodeError:
        value = data
    return text_of(value, content_type) if isinstance(value, bytes) else value


def text_of(data: bytes, content_type: str) -> str:
    """A body as text; UTF-8 where its charset is none that can be read."""
    try:
        return data.decode(codec_of(charset(content_type)), "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _as_utf8(data: bytes, encoding: str) -> bytes:
    """JSON is UTF-8 (RFC 8259 §8.1); a server that says otherwise is believed where that makes sense."""
    if encoding in ("utf-8", "utf8", "us-ascii", "ascii"):
        return data
    try:
        return data.decode(codec_of(encoding)).encode("utf-8")
    except (LookupError, ValueError):
        return data
