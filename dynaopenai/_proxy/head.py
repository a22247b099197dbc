"""Bytes -> the head of an HTTP/1.1 message, and the bytes that it is passed on as. No I/O.

Rules of this file (RFC 9112):
1. What could be read in two ways is refused, never mended: both lengths at once, folded lines, a bare line feed, a space
   before a colon (§5.1, §6.1, §11.2). Who is behind the proxy must not find another end than the proxy did.
2. Lines are passed on byte by byte, in their order. What changes: ``Host`` names the upstream, what ``Connection`` names
   stays here (RFC 9110 §7.6.1), and so do ``Upgrade`` and the fields for proxies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_HEAD = 1 << 16
END = b"\r\n\r\n"

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e\x80-\xff]+) HTTP/(\d)\.(\d)")
_STATUS = re.compile(rb"HTTP/1\.(\d) (\d{3})(?: [^\x00\r\n]*)?")
_HOP = frozenset({b"upgrade", b"http2-settings", b"proxy-connection", b"proxy-authorization"})
_OWN_OPTIONS = frozenset({b"close", b"keep-alive", b"te"})  # each connection here has one of its own behind it


class Refusal(ValueError):  # noqa: N818 - it is an answer, too
    """A message that is not passed on. ``status``: what its sender is answered."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message
        super().__init__(message)


@dataclass(frozen=True)
class Field:
    """A header line: the name as it was written, the value without the space around it, and the whole line."""

    name: bytes
    value: bytes
    line: bytes

    @property
    def key(self) -> bytes:
        return self.name.lower()


@dataclass(frozen=True)
class Head:
    """What begins a message. ``start``: the first line; ``minor``: of the HTTP/1 version."""

    start: bytes
    fields: tuple[Field, ...]
    minor: int

    def values(self, key: bytes) -> list[bytes]:
        """The values of a field, by its name in lower case, as often as it came."""
        return [field.value for field in self.fields if field.key == key]

    def words(self, key: bytes) -> list[bytes]:
        """The members of a list in a field, in lower case (RFC 9110 §5.6.1)."""
        return [word.strip().lower() for value in self.values(key) for word in value.split(b",") if word.strip()]

    def text(self, key: bytes) -> str:
        """The first value of a field; empty where it did not come."""
        return next((value.decode("latin-1") for value in self.values(key)), "")

    def headers(self) -> dict[str, str]:
        """The fields as a mapping, repeated ones joined."""
        found: dict[str, str] = {}
        names: dict[bytes, str] = {}
        for field in self.fields:
            name = names.setdefault(field.key, field.name.decode("latin-1"))
            value = field.value.decode("latin-1")
            found[name] = f"{found[name]}, {value}" if name in found else value
        return found


@dataclass(frozen=True)
class RequestHead(Head):
    """``target``: in origin form, or ``*``."""

    method: str
    target: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class StatusHead(Head):
    status: int


def request_head(data: bytes) -> RequestHead:
    """The head of a request.

    Raises:
        Refusal: it is none, or one that must not be passed on.
    """
    start, fields = _lines(data, 400)
    found = _REQUEST.fullmatch(start)
    if found is None:
        raise Refusal(400, "found a request line that is none")
    if found[3] != b"1":
        raise Refusal(505, f"found HTTP/{found[3].decode()}, expected HTTP/1.1")
    method, minor = found[1].decode(), 1 if found[4] != b"0" else 0
    head = RequestHead(start, fields, minor, method, _origin_form(method, found[2].decode("latin-1")))
    if len(head.values(b"host")) != 1 and (minor or head.values(b"host")):
        raise Refusal(400, "found no Host or several, expected one")
    if method == "CONNECT":
        raise Refusal(501, "found CONNECT; this proxy stands before one API and opens no tunnels")
    if b"websocket" in head.words(b"upgrade"):
        raise Refusal(501, "found Upgrade: websocket; other protocols are not passed on")
    return head


def _origin_form(method: str, target: str) -> str:
    if target.startswith("/") or (target == "*" and method == "OPTIONS") or method == "CONNECT":
        return target
    try:
        parts = urlsplit(target)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Refusal(400, "found a request target that is no path")
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def status_head(data: bytes) -> StatusHead:
    """The head of an answer.

    Raises:
        Refusal: it is none.
    """
    start, fields = _lines(data, 502)
    found = _STATUS.fullmatch(start)
    if found is None:
        raise Refusal(502, "the upstream server does not speak HTTP/1.1")
    return StatusHead(start, fields, int(found[1]), int(found[2]))


def _lines(data: bytes, status: int) -> tuple[bytes, tuple[Field, ...]]:
    start, *lines = data.removesuffix(END).split(b"\r\n")
    if any(character in data.replace(b"\r\n", b"") for character in (b"\r", b"\n", b"\0")):
        raise Refusal(status, "found a control character in a header")
    fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise Refusal(status, "found a header line that is none (RFC 9112 §5)")
        fields.append(Field(name, value.strip(b" \t"), line))
    return start, tuple(fields)


# --- passing on ----------------------------------------------------------------------------------


def passed_request(head: RequestHead, host: str) -> bytes:
    """A request's head as the upstream gets it."""
    own = b": " + host.encode()
    lines = [f"{head.method} {head.target} HTTP/1.1".encode("latin-1")]
    lines += [field.name + own if field.key == b"host" else field.line for field in _kept(head)]
    if not head.values(b"host"):
        lines.append(b"Host" + own)
    if not head.minor and not head.words(b"connection"):
        lines.append(b"Connection: close")
    return b"\r\n".join(lines) + END


def passed_answer(head: StatusHead, added: Mapping[str, str], left_out: frozenset[bytes] = frozenset()) -> bytes:
    """An answer's head as the client gets it, with fields of our own at its end."""
    lines = [head.start, *(field.line for field in _kept(head) if field.key not in left_out)]
    lines += [f"{name}: {value}".encode("latin-1", "replace") for name, value in added.items()]
    return b"\r\n".join(lines) + END


def _kept(head: Head) -> Iterator[Field]:
    """The fields that are not for this connection alone."""
    options = set(head.words(b"connection"))
    named = {option for option in options - _OWN_OPTIONS if option not in (b"host", b"content-length", b"transfer-encoding")}
    for field in head.fields:
        if field.key in _HOP or field.key in named:
            continue
        if field.key == b"connection" and options - _OWN_OPTIONS:
            kept = b", ".join(sorted(options & _OWN_OPTIONS))
            if not kept:
                continue
            field = Field(field.name, kept, field.name + b": " + kept)  # noqa: PLW2901 - the same, for the next hop
        yield field


def stays_open(head: Head) -> bool:
    """Whether its sender keeps the connection (RFC 9112 §9.3)."""
    options = head.words(b"connection")
    return b"close" not in options and (bool(head.minor) or b"keep-alive" in options)
