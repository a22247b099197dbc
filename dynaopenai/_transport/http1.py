"""HTTP/1.1 as bytes, for `over_socket` (RFC 9112): a request's head written, an answer's head read. No I/O.

Rules of this file:
1. A request is written here where it can be read in one way only. Any other is no business of this file: `requests` and
   urllib3 know how to write it, or why not.
2. Answers are read as leniently as `http.client` reads them, but for what would find two ends of one body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from .._request.request import Request
from . import coding as _coding
from .fields import Headers

MAX_LINE = 1 << 16  # bytes of a header line
BEYOND = 1000  # header lines that are read beyond the limit, so that it can be said how many there were
MAX_INTERIM = 32  # interim answers before the true one
SMALL = 1 << 16  # bytes of a body that go with the head, at once

FRAMING = ("content-length", "transfer-encoding")

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"  # services have names that hosts may not have
_PLAIN = r"A-Za-z0-9\-._~!$&'()*+,;=:@/"
_PATH, _QUERY = (rf"[{plain}]*(?:%[0-9A-F]{{2}}[{plain}]*)*" for plain in (_PLAIN, rf"{_PLAIN}?"))
_URL = re.compile(rf"(https?)://((?:{_LABEL}\.)*{_LABEL})(?::(\d{{1,5}}))?(/(?!/){_PATH}(?:\?{_QUERY})?)")
_FIELDS = re.compile(r"(?:(?![Hh][Oo][Ss][Tt]:)[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*")
_METHOD = re.compile(r"[A-Za-z]+")
_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(r"HTTP/([01]\.\d)[ \t]+([1-9]\d\d)(?:[ \t].*)?")
_PORTS = {"http": 80, "https": 443}


class NoHTTPError(ConnectionError):
    """What came is no answer of HTTP/1."""


class LineTooLong(ConnectionError):  # noqa: N818 - as http.client has it
    """A line of an answer's head is longer than anybody writes one."""


class TooManyHeadersError(ConnectionError):
    """More headers than are read; its one argument says how many that is."""


class Site(NamedTuple):
    """Where a connection leads. ``place``: the host, and the port where it is not the scheme's own."""

    scheme: str
    host: str
    port: int
    place: str


@lru_cache(maxsize=256)
def site_of(scheme: str, host: str, port: str | None) -> Site:
    """The site that a URL leads to."""
    number = int(port) if port else _PORTS[scheme]
    return Site(scheme, host.lower(), number, host.lower() if number == _PORTS[scheme] else f"{host.lower()}:{number}")


class Message(NamedTuple):
    """A request as it is written to a connection with its site.

    Attributes:
        octets: its head, with its body where that is small.
        body: where it is large, so that it is not copied; empty also where it is streamed.
    """

    site: Site
    octets: bytes
    body: bytes


class AnswerHead(NamedTuple):
    """
    Attributes:
        lines: how many header lines it has.
        length: of the body, in bytes; None where its end tells.
        is_chunked: the end is told by the chunked coding.
        stays: whether the server keeps the connection open (RFC 9112 §9.3).
    """

    status: int
    headers: Headers
    lines: int
    length: int | None
    is_chunked: bool
    stays: bool


# --- requests ------------------------------------------------------------------------------------


def framing(request: Request) -> dict[str, str]:
    """The headers that say how long a body is."""
    body = request.body
    if body is None:
        return {"Content-Length": "0"} if request.method in ("POST", "PUT", "PATCH") else {}
    length = len(body) if isinstance(body, bytes) else body.length
    return {"Content-Length": str(length)} if length is not None else {"Transfer-Encoding": "chunked"}


def headers_of(request: Request) -> dict[str, str]:
    """A request's headers, each name once, with what is said of the way that it is sent.

    Where a body ends is said by whoever writes it: two who say it are two readings of one connection (RFC 9112 §11.2).
    """
    names = set(map(str.lower, request.headers))
    headers = dict(request.headers)
    if len(names) < len(headers) or not names.isdisjoint(FRAMING):
        headers = dict({name.lower(): (name, value) for name, value in headers.items() if name.lower() not in FRAMING}.values())
    headers.update(framing(request))
    if "accept-encoding" not in names:
        headers["Accept-Encoding"] = _coding.accepted()
    return headers


def written(request: Request) -> Message | None:
    """The request, but for a body that is streamed; None where it is none of the usual ones."""
    found = _URL.fullmatch(request.url)
    body = request.body if isinstance(request.body, bytes) else b""
    if found is None:
        return None
    scheme, host, port, target = found.groups()
    site = site_of(scheme, host, port)
    headers = headers_of(request)
    text = "\r\n".join([*map(": ".join, headers.items()), ""])
    if not (_FIELDS.fullmatch(text) and text.count("\n") == len(headers) and _METHOD.fullmatch(request.method)):
        return None
    head = f"{request.method} {target} HTTP/1.1\r\nHost: {site.place}\r\n{text}\r\n".encode("latin-1")
    return Message(site, head + body, b"") if len(body) <= SMALL else Message(site, head, body)


# --- answers -------------------------------------------------------------------------------------


def end_of_head(octets: bytes | bytearray, begin: int = 0) -> int:
    """Where the head ends that these bytes begin with; 0 where its end has not come. ``begin``: how many were looked at before.

    Raises:
        NoHTTPError, LineTooLong: they begin no head.
    """
    if not octets.startswith(b"HTTP/"[: len(octets)]):
        raise NoHTTPError("found no status line")
    found = _END.search(octets, max(0, begin - 2))
    if found is not None:
        return found.end()
    if len(octets) - octets.rfind(b"\n") > MAX_LINE + 1:
        raise LineTooLong("header line")
    return 0


def answer_head(octets: bytes, method: str) -> AnswerHead:
    """The head of the answer to a request of this method.

    Raises:
        NoHTTPError, LineTooLong: it is none.
    """
    first, *lines = octets.decode("latin-1").replace("\r\n", "\n").rstrip("\n").split("\n")
    start = _STATUS.fullmatch(first)
    if start is None:
        raise NoHTTPError("found a status line that is none")
    if len(octets) > MAX_LINE and max(map(len, lines), default=0) > MAX_LINE:
        raise LineTooLong("header line")
    fields = fields_of(lines)
    headers = Headers(fields)
    status = int(start[2])
    return AnswerHead(status, headers, len(fields), *framing_of(start[1], status, method, headers))


def framing_of(version: str, status: int, method: str, headers: Mapping[str, str]) -> tuple[int | None, bool, bool]:
    """How the body of an answer ends, and its connection goes on: ``length``, ``is_chunked`` and ``stays`` of an `AnswerHead`.

    An answer that others may read otherwise is the last of its connection (RFC 9112 §6.1, §6.3, §9.3).

    Args:
        version: "1.1".

    Raises:
        NoHTTPError: it has two lengths.
    """
    options, coding = headers.get("connection", "").lower(), headers.get("transfer-encoding")
    is_of_today = version >= "1.1"
    stays = "close" not in options and (is_of_today or (version == "1.0" and "keep-alive" in options))
    if status in (204, 304) or status < 200 or method == "HEAD":
        return 0, False, stays and status != 101  # whose bytes are another protocol's
    last = (coding or "").lower().rpartition(",")[2].strip()
    if last == "chunked":
        return None, True, stays and is_of_today and "content-length" not in headers
    length = _length(headers.get("content-length", "")) if last in ("", "identity") else None
    return length, False, stays and length is not None and coding is None


def fields_of(lines: list[str]) -> list[tuple[str, str]]:
    """Each line's name and value; what is none is passed over, and what continues a line is joined to it (§5.2)."""
    fields: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t"):
            if fields:
                fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
        elif colon and name and name[-1] not in " \t":
            fields.append((name, value.strip(" \t").replace("\r", " ")))
    return fields


def _length(announced: str) -> int | None:
    """A ``Content-Length``; None for one that makes no sense.

    Raises:
        NoHTTPError: there are two, and they differ (§6.3).
    """
    if announced.isascii() and announced.isdecimal() and len(announced) < 20:
        return int(announced)
    each = {value.strip() for value in announced.split(",")}
    if len(each) > 1:
        raise NoHTTPError("found two lengths of one body")
    only = each.pop()
    return _length(only) if only != announced else None
