"""The credentials themselves: taken out of what shows them, and found wherever else they stand, however they are spelled.

Rules of this file:
1. Each character may be written as it is, or escaped: for a URL, for JSON, for HTML, and any of these twice.
2. The whole may be in base64, at any place of what was encoded, or in hexadecimal digits.
3. What was cut off for being too long is the beginning of a credential, too.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .names import SHORTEST_SECRET, is_secret, is_secret_member
from .redaction import REDACTED

MAX_DEPTH = 200  # levels of a value
_ELLIPSIS = "…"
_SHORTEST_CUT = 6  # characters of a credential that tell something
_PROOFS = frozenset({"credential", "mac", "nonce", "response", "signature", "token"})  # of what an Authorization header lists
_ESCAPE = re.compile(r"[%\\&]")
_BACKSLASH = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\\/\"']))")
_ROUNDS = 4  # of escaping what is escaped
_URL_SAFE = str.maketrans("+/", "-_")
_LISTED = re.compile(r"([\w-]+)\s*=\s*(\"[^\"]*\"|[^\s,;\"]+)")


# --- taken out -----------------------------------------------------------------------------------


def secret_values(headers: Mapping[str, str], url: str, secrets: frozenset[str]) -> list[str]:
    """The credentials that a message shows, without the words around them."""
    parts = urlsplit(url)
    shown = [unquote(parts.password or "")]
    for name, value in headers.items():
        if name.lower() == "cookie":
            shown += [unquote(pair.partition("=")[2]) for pair in value.split(";")]
        elif name.lower() in ("set-cookie", "set-cookie2"):
            shown.append(unquote(value.partition(";")[0].partition("=")[2]))
        elif is_secret(name, secrets):
            shown += _of_header(value)
    shown += [value for name, value in parse_qsl(parts.query) if is_secret(name, secrets)]
    return [word for value in shown for word in value.split() if len(word) >= SHORTEST_SECRET]


def secret_members(value: Any, secrets: frozenset[str]) -> Iterator[str]:
    """The credentials that the members of a JSON value hold."""
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            for name, item in part.items():
                if isinstance(item, str):
                    if is_secret_member(name, item, secrets) and len(item) >= SHORTEST_SECRET:
                        yield item
                elif is_secret_member(name, item, secrets):
                    yield from (text for text in _texts(item) if len(text) >= SHORTEST_SECRET)
                else:
                    stack.append(item)
        elif isinstance(part, list):
            stack += part


def without_members(value: Any, secrets: frozenset[str]) -> Any:
    """A JSON value with ``***`` for what its members' names say is secret."""
    if isinstance(value, dict):
        return {
            name: _starred(item) if is_secret_member(name, item, secrets) else without_members(item, secrets)
            for name, item in value.items()
        }
    return [without_members(item, secrets) for item in value] if isinstance(value, list) else value


def _starred(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _starred(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_starred(item) for item in value]
    return REDACTED if isinstance(value, str) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _of_header(value: str) -> list[str]:
    scheme, _, rest = value.partition(" ")
    if scheme.lower() == "basic":
        with suppress(ValueError):
            return [rest, *base64.b64decode(rest).decode("utf-8", "replace").split(":", 1)]  # some APIs take the key for a user
    listed = _LISTED.findall(rest)
    if listed and rest.strip().rstrip("=") != listed[0][0]:
        return [text.strip('"') for name, text in listed if name.lower() in _PROOFS]
    return [value]


# --- found ---------------------------------------------------------------------------------------


class Scrubber:
    """Replaces these credentials by ``***`` wherever they stand."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted({value for value in values if len(value) >= SHORTEST_SECRET}, key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self._values)

    @cached_property
    def _forms(self) -> list[str]:
        return [form for value in self._values for form in _forms(value)]

    def text(self, text: str) -> str:
        """A text without them."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, REDACTED)
        if _ELLIPSIS in text:
            text = _without_cut(text, self._values)
        return self._without_escaped(text) if self._values and _ESCAPE.search(text) else text

    def _without_escaped(self, text: str) -> str:
        plain = _unescaped(text)
        there = [form for form in self._forms if form in plain]
        for form in there:
            text = re.sub("".join(map(_spelled, form)), REDACTED, text)
        if there and any(form in _unescaped(text) for form in there):  # escaped in a way that nobody should
            return self.text(plain)
        return text

    def octets(self, body: bytes) -> bytes:
        """Bytes without them, otherwise untouched, whatever they are."""
        text = body.decode("utf-8", "surrogateescape")
        clean = self.text(text)
        return body if clean == text else clean.encode("utf-8", "surrogateescape")

    def value(self, value: Any, depth: int = MAX_DEPTH) -> Any:
        """A JSON value without them, names of members included; the same object where there are none."""
        if isinstance(value, str):
            clean = self.text(value)
            return value if clean == value else clean
        if not depth or not self._values:
            return value
        if isinstance(value, dict):
            made: Any = {self.value(name): self.value(item, depth - 1) for name, item in dict.items(value)}
            same = all(one is two for pair in zip(made.items(), dict.items(value), strict=False) for one, two in zip(*pair, strict=True))
        elif isinstance(value, list):
            made = [self.value(item, depth - 1) for item in value]
            same = all(one is two for one, two in zip(made, value, strict=True))
        else:
            return value
        return value if same else made


def _forms(value: str) -> Iterator[str]:
    """What a credential looks like before anything is escaped."""
    yield value
    octets = value.encode("utf-8", "surrogatepass")
    for before in range(3):  # where in a group of three it begins
        encoded = base64.b64encode(bytes(before) + octets).decode()
        core = encoded[-(-before * 8 // 6) : (before + len(octets)) * 8 // 6]
        yield from {core, core.translate(_URL_SAFE)}
    yield from (octets.hex(), octets.hex().upper())


def _unescaped(text: str) -> str:
    """A text as it reads when all that is escaped in it has been read, however often it was."""
    for _ in range(_ROUNDS):
        before = text
        if "%" in text:
            text = unquote(text, errors="surrogateescape")
        if "\\" in text:
            text = _BACKSLASH.sub(lambda match: chr(int(match[1] or match[2], 16)) if match[3] is None else match[3], text)
        if "&" in text:
            from html import unescape

            text = unescape(text)
        if text == before:
            break
    return text


def _spelled(char: str) -> str:
    """A pattern for a character however it is escaped."""
    number = ord(char)
    octets = "".join(f"%(?:25)*(?i:{octet:02x})" for octet in char.encode("utf-8", "surrogatepass"))
    units = char.encode("utf-16-be", "surrogatepass").hex()
    escapes = "".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4))
    backslash = rf"\\+x(?i:{number:02x})" if number < 256 else escapes
    named = {"&": "|&amp;", "<": "|&lt;", ">": "|&gt;", '"': "|&quot;"}.get(char, "")
    return rf"(?:\\*{re.escape(char)}|{octets}|{escapes}|&#0*{number};|&#(?i:x0*{number:x});{named}|{backslash})"


def _without_cut(text: str, values: list[str]) -> str:
    """A text without the beginnings of credentials that were cut off."""
    pieces = text.split(_ELLIPSIS)
    for index, piece in enumerate(pieces[:-1]):
        for value in values:
            most = min(len(value), len(piece))
            cut = next((size for size in range(most, _SHORTEST_CUT - 1, -1) if piece.endswith(value[:size])), 0)
            if cut:
                pieces[index] = piece[:-cut] + REDACTED
                break
    return _ELLIPSIS.join(pieces)
