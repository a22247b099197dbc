"""Whether a body is to be expected, and of which kind, before it is looked at: by status, request and document."""

from __future__ import annotations

from .._document import openapi
from .._request import media_type as _media_type
from .._request.request import Request
from .._transport.reply import Reply


def was_asked_for(reply: Reply) -> bool:
    """Whether a status is HTTP's own answer to a header that the user added (RFC 9110 §13.1, §14.2)."""
    names = {name.lower() for name in reply.request.headers}
    return (reply.status == 304 and not names.isdisjoint({"if-none-match", "if-modified-since"})) or (
        reply.status == 206 and "range" in names
    )


def asks_for_stream(request: Request, declared: openapi.Response) -> bool:
    """Whether a request asks for the event stream that is declared beside other types, as APIs let one ask: ``"stream": true``."""
    body = request.body
    if not isinstance(body, bytes) or b'"stream"' not in body or not any(_media_type.kind_of(name) == "events" for name in declared.content):
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
