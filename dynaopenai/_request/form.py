"""A form's members: each as pairs, or as parts, as its Encoding Object says (OAS 3.1.1 §4.8.15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from .._checking import json as _json
from .._document.openapi import Encoding, MediaType, Parameter
from . import style as _style
from .media_type import essence, holds_file, is_upload, kind_of
from .multipart import Part, Upload


def pairs(media: MediaType, value: Mapping[str, Any]) -> Iterator[str]:
    """A form's pairs, percent-encoded (OAS 3.1.1 §4.8.15.1.1, WHATWG URL §5.2)."""
    for name, item in value.items():
        encoding = media.encoding.get(name, Encoding())
        if item is None:
            continue
        if holds_file(item):
            for upload in item if isinstance(item, list) else [item]:  # its bytes, percent-encoded like any other text
                yield f"{quote_plus(name)}={quote_plus(b''.join(Upload.of(upload)))}"
            continue
        if encoding.style is None and encoding.explode is None and _is_json_part(encoding, item):
            yield f"{quote_plus(name)}={quote_plus(_json.encode(item))}"
            continue
        text = _styled(name, encoding, item)
        if text:
            yield text.replace("%20", "+")


def _is_json_part(encoding: Encoding, item: Any) -> bool:
    if encoding.content_type is not None:
        return kind_of(encoding.content_type) == "json"
    return isinstance(item, dict) or (isinstance(item, list) and any(isinstance(part, (dict, list)) for part in item))


def _styled(name: str, encoding: Encoding, item: Any) -> str:
    try:
        return _style.serialize(_as_parameter(name, encoding), item)
    except _style.StyleError as error:
        raise _style.StyleError(_json.member("", name) + error.path, error.message) from None


def fields_of(media: MediaType) -> Mapping[str, Parameter]:
    """The fields of a form whose Encoding Object gives them a style, as the parameters that they are written like."""
    return {
        name: _as_parameter(name, encoding)
        for name, encoding in media.encoding.items()
        if encoding.style is not None or encoding.explode is not None
    }


def _as_parameter(name: str, encoding: Encoding) -> Parameter:
    style = encoding.style or "form"
    explode = encoding.explode if encoding.explode is not None else style == "form"
    return Parameter(name, "query", style=style, explode=explode, allow_reserved=encoding.allow_reserved)


def parts(media: MediaType, value: Mapping[str, Any]) -> Iterator[Part]:
    for name, item in value.items():
        encoding = media.encoding.get(name, Encoding())
        if (encoding.style is not None or encoding.explode is not None) and not holds_file(item):
            text = _styled(name, encoding, item)
            for piece in filter(None, text.split("&")):
                key, _, piece_value = piece.partition("=")
                yield Part(unquote_plus(key), unquote_plus(piece_value).encode())
        else:
            yield from _part(name, item, encoding)


def _part(name: str, item: Any, encoding: Encoding) -> Iterator[Part]:
    """One property as its parts: file, text or JSON (OAS 3.1.1 §4.8.15.1.2); null is left out."""
    if item is None:
        return
    if is_upload(item):
        upload = Upload.of(item)
        yield Part(name, upload, _part_type(encoding, upload), upload.filename)
    elif isinstance(item, (list, tuple)) and not _is_json(encoding):
        for part in item:
            yield from _part(name, part, encoding)
    elif isinstance(item, (dict, list, tuple)) or _is_json(encoding):
        yield Part(name, _json.encode(item), encoding.content_type or "application/json")
    else:
        text = item if isinstance(item, str) else _json.text_of(item)
        yield Part(name, text.encode("utf-8"), encoding.content_type)


def _is_json(encoding: Encoding) -> bool:
    return encoding.content_type is not None and kind_of(encoding.content_type) == "json"


def _part_type(encoding: Encoding, upload: Upload) -> str | None:
    """The file's own type where the Encoding Object allows it, else the first that it names."""
    if not encoding.content_type:
        return upload.content_type
    allowed = [essence(name) for name in encoding.content_type.split(",")]
    if upload.content_type and any(fnmatchcase(essence(upload.content_type), name) for name in allowed):
        return upload.content_type
    return next((name for name in allowed if "*" not in name), upload.content_type)
