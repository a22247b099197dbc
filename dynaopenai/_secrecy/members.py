"""What is secret in JSON by the names of its members: found in the text as it stands, be it JSON, the beginning or the end of some.

Rules of this file:
1. All texts in a secret member are secret, whatever it holds; names and numbers stay, as they do in JSON that is whole.
2. What never ends goes on to the end of the text, and is secret wherever its name alone may make it so.
3. A name is a text before a colon, wherever quotes begin: of what was cut off before, nobody knows which of them open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from .names import SHORTEST_SECRET, is_secret_member
from .redaction import REDACTED

_TEXT = r"""(?:"(?:[^"\\]*(?:\\.[^"\\]*)*){0}|'(?:[^'\\]*(?:\\.[^'\\]*)*){1})"""
_WHOLE = _TEXT.format('"', "'")
_NAME = re.compile(rf"(?<!\\)(?=({_WHOLE})(\s*:\s*))", re.DOTALL)
_TOKEN = re.compile(_TEXT.format(r'(?:"|\\?\Z)', r"(?:'|\\?\Z)") + r"|[{}\[\]]|[^\s,:{}\[\]\"']+|[\s,:]+", re.DOTALL)
_NAMED = re.compile(r"\s*:")
_PLAIN = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d*)?|true|false|null")
_UNKNOWN = "0" * SHORTEST_SECRET  # what may be any credential


class _Secret(NamedTuple):
    """A secret text: where it stands, without quotes, and whether it is whole."""

    start: int
    end: int
    is_whole: bool


def redacted(text: str, secrets: frozenset[str]) -> str:
    """The text with ``***`` in the place of what is secret; the same where nothing is."""
    pieces, at = [], 0
    for start, end, _ in _found(text, secrets):
        pieces += [text[at:start], REDACTED]
        at = end
    return "".join([*pieces, text[at:]])


def values(text: str, secrets: frozenset[str]) -> Iterator[str]:
    """The secret texts as they are meant; of one that is cut off, its beginning."""
    return (_meant(text[start:end]) for start, end, _ in _found(text, secrets))


def _found(text: str, secrets: frozenset[str]) -> Iterator[_Secret]:
    done = 0
    for name in _NAME.finditer(text):
        if name.start() < done:
            continue
        first = _TOKEN.match(text, name.end(2))
        if first is None:
            return
        value = _value_of(first, text)
        if is_secret_member(_meant(name[1][1:-1]), value, secrets):
            found, done = _texts(text, first)
            yield from found


def _value_of(token: re.Match[str], text: str) -> object:
    """A value as far as it says whether its name makes it a secret."""
    if token[0] in "{[":
        return {}
    inside = _inside(token, text)
    return _meant(text[inside.start : inside.end]) if inside.is_whole else _UNKNOWN


def _texts(text: str, first: re.Match[str]) -> tuple[list[_Secret], int]:
    """The texts of the value that begins here, and where it ends; the names in it are none."""
    found: list[_Secret] = []
    depth, at = 0, first.start()
    while (token := _TOKEN.match(text, at)) is not None:
        at = token.end()
        if token[0] in ("{", "["):
            depth += 1
        elif token[0] in ("}", "]"):
            depth -= 1
        elif token[0][0] not in " \t\r\n,:" and not _PLAIN.fullmatch(token[0]) and not (depth and _NAMED.match(text, at)):
            found.append(_inside(token, text))
        if depth <= 0:
            break
    return found, at


def _inside(token: re.Match[str], text: str) -> _Secret:
    """A text without its quotes."""
    quote = token[0][0] if token[0][0] in "\"'" else ""
    is_whole = re.fullmatch(_WHOLE, token[0], re.DOTALL) is not None if quote else token.end() < len(text)
    return _Secret(token.start() + len(quote), token.end() - (len(quote) if is_whole else 0), is_whole)


def _meant(escaped: str) -> str:
    with suppress(ValueError):
        return str(json.loads(f'"{escaped}"', strict=False))
    return escaped
