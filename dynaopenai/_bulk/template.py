"""A row and what all rows share -> the arguments of one call.

Rules of this file:
1. A row's columns are arguments. A column that a word fills in (``messages.0.content={prompt}``) is not, unless the
   operation declares an argument of that name; neither is the one that names the row, nor one that is ignored.
2. What a row says itself goes before what all rows share.
3. A value that a word takes whole (``n={count}``) stays what it is; inside a text it is written into it, and inside
   JSON (``:=``) it is written as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from .._checking.schema import Schema
from .._display.words import did_you_mean, short
from .._request.arguments import Arguments
from .._request.words import WORD, WordError, put, reader, typed_value
from .rows import Row

_COLUMN = re.compile(r"\{([^\W\d][\w .-]*)\}")
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class Word:
    """One word that all rows share: ``name=value``, ``name:=json`` or ``name@file``.

    Attributes:
        name: of the argument, or a way into it: ``messages.0.content``.
        sign: how the value is written, ``=``, ``:=`` or ``@``.
        value: with places for columns: ``Translate {text}``.
    """

    name: str
    sign: str
    value: str

    @cached_property
    def root(self) -> str:
        return re.split(r"[.\[]", self.name, maxsplit=1)[0]

    @cached_property
    def columns(self) -> frozenset[str]:
        return frozenset(_COLUMN.findall(self.value))

    def read(self, columns: Mapping[str, Any], is_text: bool) -> Callable[[Schema], Any]:
        """How its value is read for one row."""
        whole = _COLUMN.fullmatch(self.value)
        if whole is not None and self.sign != "@":
            value = _column(whole[1], columns, self.name)
            if not is_text or not isinstance(value, str):
                return lambda _schema: value
        return reader(self.sign, self._filled(columns))

    def _filled(self, columns: Mapping[str, Any]) -> str:
        if not self.columns:
            return self.value
        if self.sign != ":=":
            return _COLUMN.sub(lambda match: _text(_column(match[1], columns, self.name)), self.value)
        pieces, end = [], 0
        for text in _JSON_TEXT.finditer(self.value):
            pieces.append(self._as_json(self.value[end : text.start()], columns, inside=False))
            pieces.append(self._as_json(text[0], columns, inside=True))
            end = text.end()
        return "".join((*pieces, self._as_json(self.value[end:], columns, inside=False)))

    def _as_json(self, piece: str, columns: Mapping[str, Any], *, inside: bool) -> str:
        def filled(match: re.Match[str]) -> str:
            value = _column(match[1], columns, self.name)
            return json.dumps(_text(value))[1:-1] if inside else json.dumps(value)

        return _COLUMN.sub(filled, piece)


@dataclass(frozen=True)
class Template:
    """What turns rows into arguments.

    Args:
        arguments: what the operation declares.
        shared: arguments of every row, by name.
        words: the same as words of a command line.
        identity: the column that names a row, empty where none does.
        ignored: columns that are left out.
    """

    arguments: Arguments
    shared: Mapping[str, Any]
    words: tuple[Word, ...] = ()
    identity: str = ""
    ignored: frozenset[str] = frozenset()

    @cached_property
    def _left_out(self) -> frozenset[str]:
        filled = frozenset().union(*(word.columns for word in self.words), {self.identity} if self.identity else ())
        return self.ignored | {name for name in filled if name not in self.arguments.by_name}

    def fill(self, row: Row) -> dict[str, Any]:
        """The keywords of the row's call.

        Raises:
            WordError: a word names a column that the row does not have, or its value cannot be read.
        """
        keywords: dict[str, Any] = {}
        repeated: set[str] = set()
        for name, value in row.columns.items():
            if name in self._left_out:
                continue
            if row.is_text:
                put(keywords, name, partial(typed_value, value), self.arguments, repeated)
            else:
                keywords[name] = value
        own = frozenset(keywords)
        for name, value in self.shared.items():
            keywords.setdefault(name, value)
        for word in self.words:
            if word.root not in own:
                put(keywords, word.name, word.read(row.columns, row.is_text), self.arguments, repeated)
        return keywords


def words_of(words: Sequence[str]) -> tuple[Word, ...]:
    """The words that all rows share.

    Raises:
        WordError: a word has no name.
    """
    found = []
    for word in words:
        match = WORD.fullmatch(word)
        if match is None or not match["name"]:
            raise WordError(f"found {short(word)}, expected name=value, name:=json or name@file, for all rows")
        found.append(Word(match["name"], match["sign"], match["value"]))
    return tuple(found)


def _column(name: str, columns: Mapping[str, Any], word: str) -> Any:
    try:
        return columns[name]
    except KeyError:
        meant = did_you_mean(name, columns)
        raise WordError(f"{word}: the row has no column {short(name)}{f'; {meant}' if meant else ''}") from None


def _text(value: Any) -> str:
    if isinstance(value, (str, Path)):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
