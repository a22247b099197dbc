"""What a WSGI environment says, and what it is answered with: bodies, paths, headers. Knows no document."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from io import BytesIO
from ipaddress import ip_address
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from .._display.words import short
from .._document import openapi
from .author import Answer
from .spool import PIECE, Stored, abridged, pieces_of, spooled

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from werkzeug.wrappers import Request

SENT_HEADERS = "dynaopenai.headers"  # where `serving` leaves the headers as they were spelled
CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 47}  # zlib's window for each content coding (RFC 9110 §8.4.1)
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}  # a browser's page may call it


def take_body(environ: WSGIEnvironment, limit: int) -> tuple[int, str] | None:
    """Read the body to its end and leave it to be read again; of one that is too large or broken a status and why."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if environ.get("HTTP_TRANSFER_ENCODING") and environ.get("CONTENT_LENGTH"):
        return 400, "found Transfer-Encoding and Content-Length, expected one of them (RFC 9112 §6.3)"
    size = limit + 1 if environ.pop("wsgi.input_terminated", False) else int(length) if length.isdecimal() and len(length) < 20 else -1
    try:
        body, found = spooled(_pieces(environ["wsgi.input"], min(size, limit + 1)), limit)
    except (TimeoutError, ConnectionError):
        raise
    except OSError as error:
        return 400, f"found a body that is not framed as its headers say: {error}"
    if found > limit:
        return 413, f"found a body of more than {limit:,} bytes, expected less"
    if size < 0 or found < size <= limit:
        return 400, f"found a body of {found:,} bytes, expected {short(length)} as its Content-Length says"
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ.update({"wsgi.input": body, "CONTENT_LENGTH": str(found)})
    return None


def _pieces(source: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0 and (piece := source.read(min(size, PIECE))):
        size -= len(piece)
        yield piece


def decode_body(environ: WSGIEnvironment, limit: int) -> tuple[int, str] | None:
    """Take the content coding off a body that was read; of one that cannot be decoded a status and why."""
    coding = str(environ.pop("HTTP_CONTENT_ENCODING", "")).strip().lower()
    if coding in ("", "identity"):
        return None
    if coding not in CODINGS:
        return 415, f"found a body with Content-Encoding {short(coding)}, expected gzip, deflate or none"
    decoder, sent = zlib.decompressobj(CODINGS[coding]), environ["wsgi.input"]
    try:
        body, size = spooled(_decompressed(decoder, sent), limit)
    except zlib.error as error:
        return 400, f"found a body that is not {coding}, as its Content-Encoding says: {error}"
    finally:
        sent.seek(0)
    if size > limit:
        return 413, f"found a body of more than {limit:,} bytes, expected less"
    if not decoder.eof:
        return 400, f"found a {coding} body that ends early"
    environ.update({"wsgi.input": body, "CONTENT_LENGTH": str(size)})
    return None


def _decompressed(decoder: Any, sent: IO[bytes]) -> Iterator[bytes]:
    for piece in pieces_of(sent):
        left = piece
        while left and not decoder.eof:
            yield decoder.decompress(left, PIECE)
            left = decoder.unconsumed_tail
    yield decoder.flush()


def abridge_body(environ: WSGIEnvironment) -> tuple[Stored, ...]:
    """Of a body that was read and is large, leave what is judged; what of it stays on disk."""
    body = environ["wsgi.input"]
    if isinstance(body, BytesIO):
        return ()
    short_body, stored = abridged(body, str(environ.get("CONTENT_TYPE", "")))
    environ.update({"wsgi.input": BytesIO(short_body), "CONTENT_LENGTH": str(len(short_body))})
    return stored


def headers_of(environ: WSGIEnvironment) -> dict[str, str]:
    """The headers as they were spelled; without a server of ours as WSGI tells them. One that was repeated is joined."""
    sent = environ.get(SENT_HEADERS)
    if sent is None:
        names = [name for name in environ if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")]
        sent = [(name.removeprefix("HTTP_").replace("_", "-").title(), str(environ[name])) for name in names]
    found: dict[str, str] = {}
    for name, value in sent:
        same = next((other for other in found if other.lower() == name.lower()), name)
        glue = "; " if same.lower() == "cookie" else ", "
        found[same] = f"{found[same]}{glue}{value}" if same in found else value
    return found


def sent_path(environ: WSGIEnvironment) -> str:
    """The path as it was sent, so that %2F in it stays what it is."""
    sent = str(environ.get("RAW_URI", "")).partition("?")[0]
    if sent.startswith("/"):
        return sent
    return quote((environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1"))


def status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else f"{status} Unassigned Status"


def is_own_page(environ: WSGIEnvironment) -> bool:
    """Whether a request is no other site's: its host is no name that could lead anywhere, and its origin is its host.

    A page of any site may have its own name lead here (DNS rebinding), or ask from there (Fetch §3.1).
    """
    host, origin = str(environ.get("HTTP_HOST", "")), environ.get("HTTP_ORIGIN")
    name = urlsplit(f"//{host}").hostname or ""
    try:
        is_named_so = name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False
    return is_named_so and (origin is None or urlsplit(str(origin)).netloc == host)


def headers(answer: Answer, request_id: str, *, is_open: bool = True) -> list[tuple[str, str]]:
    """An answer's headers, with what frames its body. ``is_open``: whether pages of other sites may read it."""
    found = {"x-request-id": request_id, **(OPEN if is_open else {}), **answer.headers}
    if answer.content_type:
        found["Content-Type"] = answer.content_type
    if isinstance(answer.body, (bytes, Stored)) and answer.status != 204:
        found["Content-Length"] = str(len(answer.body) if isinstance(answer.body, bytes) else answer.body.size)
    elif answer.status != 204:
        found["Cache-Control"] = "no-cache"
    return list(found.items())


def preflight(request: Request, allowed: Sequence[str]) -> Answer:
    """Whatever a browser asks to be allowed (Fetch §3.3)."""
    methods = ", ".join(allowed if len(allowed) > 1 else map(str.upper, openapi.METHODS))
    wanted = request.headers.get("Access-Control-Request-Headers", "*")
    cors = {"Methods": methods, "Headers": wanted}
    named = {"Allow": methods, **{f"Access-Control-Allow-{name}": value for name, value in cors.items()}}
    return Answer(204, headers={**named, "Access-Control-Max-Age": "600"})
