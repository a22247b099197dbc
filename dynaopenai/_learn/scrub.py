"""Recorded exchanges -> the same without what is secret in them: by name, then by value, in all of them alike.

What only a later exchange shows to be secret is taken out of the earlier ones, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlencode

from .._checking import json as _json
from .._checking.contract import Contract
from .._request import media_type as _media_type
from .._request.codec import codec_of, codec_of_xml
from .._request.security import secret_names
from .._secrecy import members as _members
from .._secrecy.names import SHORTEST_SECRET, is_secret_member
from .._secrecy.redaction import REDACTED, redacted_headers, redacted_url
from .._secrecy.tags import Tags
from .._secrecy.values import Scrubber as Known
from .._secrecy.values import secret_members, secret_values, without_members
from .exchange import FRAMING, Exchange, Message

_PART = re.compile(rb"(\r\nContent-Disposition:[^\r\n]*;\s*name=\"([^\"\r\n]*)\"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)(.*?)(?=\r\n--|\Z)", re.DOTALL | re.IGNORECASE)
_PAIRS = re.compile(rb"[\w.~%+-]+=[^\s&=]*(?:&[\w.~%+-]+=[^\s&=]*)+")  # a form, whatever it is called
JSON = frozenset({"json", "events", "lines"})  # kinds of media types that are JSON, or have some in their lines
BROKEN = object()
_AS_UTF_8 = frozenset({"utf_8", "utf_8_sig", "ascii"})  # whose bytes are looked through as they are


def scrubbed(exchanges: Iterable[Exchange], contract: Contract) -> list[Exchange]:
    """The exchanges without what any of them shows to be secret."""
    exchanges, scrubber = list(exchanges), Scrubber(contract)
    for exchange in exchanges:
        scrubber.learn(exchange)
    return [scrubber.scrub(exchange) for exchange in exchanges]


class Scrubber:
    """Replaces what is secret in exchanges, and remembers what has been learned to be so.

    Args:
        contract: the document, whose security schemes name secrets.
        names: further names of headers, query parameters and members that are secret.
    """

    def __init__(self, contract: Contract, names: Iterable[str] = ()) -> None:
        self._names = secret_names(contract.openapi.security_schemes.values()) | {name.lower() for name in names}
        self._values: set[str] = set()
        self._known = Known(())

    def learn(self, exchange: Exchange) -> None:
        """Remember the credentials that an exchange shows."""
        found = set(secret_values(exchange.request.headers, exchange.url, self._names))
        found |= set(secret_values(exchange.response.headers, "", self._names))
        for message in (exchange.request, exchange.response):
            found |= set(_secrets(_in_utf8(message), self._names))
        if not found <= self._values:
            self._values |= found - {REDACTED}
            self._known = Known(self._values)

    def scrub(self, exchange: Exchange) -> Exchange:
        """An exchange without what it, or one before it, shows to be secret."""
        self.learn(exchange)
        url = self._known.text(redacted_url(exchange.url, self._names))
        return replace(exchange, url=url, request=self._message(exchange.request), response=self._message(exchange.response))

    def _message(self, message: Message) -> Message:
        headers = {
            name: self._known.text(value)
            for name, value in redacted_headers(message.headers, self._names).items()
            if name.lower() not in FRAMING
        }
        before = _in_utf8(message)
        body = self._known.octets(_without_members(before, self._names))
        return Message(headers, message.body if body == before.body else _in_own_codec(body, message))


# --- bodies --------------------------------------------------------------------------------------


def _kind(message: Message) -> str:
    """What a body is; of one that is called a text, or nothing, what it looks like."""
    kind = _media_type.kind_of(message.content_type)
    if kind in ("text", "binary") and message.body.lstrip()[:1] in (b"{", b"["):
        return "json"
    return "form" if kind in ("text", "binary") and _PAIRS.fullmatch(message.body) else kind


def _codec(message: Message) -> str:
    """The codec of a body's text, ``utf_8`` where it has none."""
    kind = _media_type.kind_of(message.content_type)
    has_charset = "charset" in message.content_type.lower()
    charset = _media_type.charset(message.content_type) if has_charset else ""
    if kind == "xml":
        return codec_of_xml(message.body, charset)
    with suppress(LookupError):
        return codec_of(charset) if charset and kind != "multipart" else "utf_8"
    return "utf_8"


def _in_utf8(message: Message) -> Message:
    """The same message, whose text can be looked through."""
    codec = _codec(message)
    if codec in _AS_UTF_8:
        return message
    return Message(message.headers, message.body.decode(codec, "replace").encode("utf-8", "surrogatepass"))


def _in_own_codec(utf8: bytes, message: Message) -> bytes:
    codec = _codec(message)
    return utf8 if codec in _AS_UTF_8 else utf8.decode("utf-8", "replace").encode(codec, "replace")


def _secrets(message: Message, names: frozenset[str]) -> Iterator[str]:
    """What the names in a body say is secret."""
    kind = _kind(message) if message.body else ""
    shown: Iterable[str] = ()
    if kind in JSON:
        values = [_decoded(text) for _, text in _pieces(message)]
        shown = chain.from_iterable(secret_members(value, names) for value in values if value is not BROKEN)
        shown = chain(shown, _members.values(_text(message), names)) if BROKEN in values else shown
    elif kind == "form":
        shown = secret_members(dict(parse_qsl(message.body.decode("utf-8", "replace"))), names)
    elif kind == "multipart":
        parts = {name.decode("utf-8", "replace"): content.decode("utf-8", "replace") for _, name, content in _PART.findall(_framed(message.body))}
        shown = secret_members(parts, names)
    elif kind == "xml":
        shown = Tags(_text(message), names).values()
    yield from (text for text in shown if len(text) >= SHORTEST_SECRET)


def _text(message: Message) -> str:
    return message.body.decode("utf-8", "surrogateescape")


def _pieces(message: Message) -> list[tuple[bytes, bytes]]:
    """What of a body is JSON, with what stands before it: all of it, or each line without the name of an event's field."""
    if _kind(message) == "json":
        return [(b"", message.body)]
    return [_apart(line) for line in message.body.split(b"\n")]


def _apart(line: bytes) -> tuple[bytes, bytes]:
    at = line.find(b"{")
    return (line[:at], line[at:]) if at >= 0 else (line, b"") if b'"' not in line else (b"", line)


def _framed(body: bytes) -> bytes:
    return body if body.startswith(b"\r\n") else b"\r\n" + body


def _decoded(text: bytes) -> Any:
    """The value of a JSON text, None where there is none; `BROKEN` where it is none, or the beginning of one."""
    try:
        return _json.decode(text) if text else None
    except _json.DecodeError:
        return BROKEN


def _without_members(message: Message, names: frozenset[str]) -> bytes:
    kind, body = _kind(message), message.body
    if kind in JSON:
        lines = [_line(before, text, names) for before, text in _pieces(message)]
        whole = [line for line in lines if line is not None]
        return b"\n".join(whole) if len(whole) == len(lines) else _members.redacted(_text(message), names).encode("utf-8", "surrogateescape")
    if kind == "form":
        return _form(body, names)
    if kind == "xml":
        return Tags(_text(message), names).redacted().encode("utf-8", "surrogateescape")
    if kind == "multipart":
        return _PART.sub(lambda match: match[1] + (REDACTED.encode() if _is_secret_part(match, names) else match[3]), body)
    return body


def _is_secret_part(match: re.Match[bytes], names: frozenset[str]) -> bool:
    return is_secret_member(match[2].decode("utf-8", "replace"), match[3].decode("utf-8", "replace"), names)


def _line(before: bytes, text: bytes, names: frozenset[str]) -> bytes | None:
    """A line without what is secret in its JSON; None where it is none."""
    value = _decoded(text)
    if value is BROKEN:
        return None
    clean = without_members(value, names)
    return before + (text if clean == value else _json.encode(clean))


def _form(body: bytes, names: frozenset[str]) -> bytes:
    pairs: list[tuple[str, str]] = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    clean = [(name, REDACTED if is_secret_member(name, value, names) else value) for name, value in pairs]
    return body if clean == pairs else urlencode(clean, safe="*").encode()
