"""Whether a body is to be expected, and of which kind, before it is looked at: by status, request and document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._checking.schema import Schema
from .._document import openapi
from .._request import media_type as _media_type
from .._request.request import Request
from .._transport.reply import Reply


@dataclass(frozen=True)
class Expected:
    """What a document says of an answer, by its status and its content type.

    Attributes:
        content_type: the header's, or where that says nothing, the only one declared.
        media: the declared media type that it falls under.
        schema: what the body must be; for a sequence, what each item must be.
        kind: how the body is handed over: ``events`` one by one, ``binary`` unread, any other decoded.
        may_be_stream: whether an event stream is declared beside.
    """

    declared: openapi.Response | None
    content_type: str
    media: openapi.MediaType | None
    schema: Schema | None
    kind: str
    may_be_stream: bool


def expected(declared: openapi.Response | None, content_type: str, media: openapi.MediaType | None, schema: Schema | None) -> Expected:
    may_be_stream = declared is not None and any(_media_type.kind_of(name) == "events" for name in declared.content)
    return Expected(declared, content_type, media, schema, _handed_over(content_type, media, schema), may_be_stream)


def _handed_over(content_type: str, media: openapi.MediaType | None, schema: Schema | None) -> str:
    kind = _media_type.kind_of(content_type) if content_type else "binary"
    if kind == "lines" and media is not None and media.item_schema is not None:
        return "events"  # a sequence whose items are declared is handed over item by item
    if kind != "events" and schema is not None and schema.is_binary and schema.types == {"string"}:
        return "binary"  # bytes by the document, whatever the server calls them
    return kind


def was_asked_for(reply: Reply) -> bool:
    """Whether a status is HTTP's own answer to a header that the user added (RFC 9110 §13.1, §14.2)."""
    names = {name.lower() for name in reply.request.headers}
    return (reply.status == 304 and not names.isdisjoint({"if-none-match", "if-modified-since"})) or (
        reply.status == 206 and "range" in names
    )


def asks_for_stream(request: Request) -> bool:
    """Whether a request asks for an event stream as APIs let one ask: ``"stream": true``."""
    body = request.body
    if not isinstance(body, bytes) or b'"stream"' not in body:
        return False
    sent = _media_type.decode_leniently("application/json", body)
    return isinstance(sent, dict) and sent.get("stream") is True


def sole(declared: openapi.Response | None) -> str:
    """The content type of an answer that does not say: the only one declared."""
    return next(iter(declared.content.values())).name if declared is not None and len(declared.content) == 1 else ""


def is_empty(reply: Reply) -> bool:
    """Whether there is no body at all, which is not the same as a file of no bytes."""
    if reply.status in (204, 205, 304) or reply.request.method == "HEAD":
        return True
    return "content-type" not in reply.headers and reply.headers.get("content-length") == "0"


def is_error(value: dict[str, Any], schema: Schema | None) -> bool:
    """Whether a value is the API's error object rather than one that has a field of that name."""
    return value["error"] is not None and (schema is None or "error" not in schema.properties)
