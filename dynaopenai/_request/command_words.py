"""Arguments of a call -> the words that a shell has for them: `words`, the other way round."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from .._checking import json as _json
from .arguments import Arguments
from .words import WordError, arguments_of

MOST_INNER = 12  # members that are spelled one by one; what has more is JSON


def command_words(given: Mapping[str, Any], arguments: Arguments) -> list[str]:
    """The words, quoted for a shell: ``name=value`` where that means the same, else ``name:=json``; files by name."""
    return [word for name, value in given.items() for word in _of_argument(name, value, arguments)]


def _of_argument(name: str, value: Any, arguments: Arguments) -> list[str]:
    files = value if isinstance(value, list) else [value]
    if files and all(isinstance(file, (bytes, tuple)) for file in files):
        return [f"{name}@{shlex.quote(str(file[0]) if isinstance(file, tuple) else 'example.bin')}" for file in files]
    words = list(_inner(name, value))
    if len(words) <= MOST_INNER and _read_back(words, arguments) == {name: value}:
        return [_quoted(word) for word in words]
    return [f"{name}:={shlex.quote(_json.encode(value).decode())}"]


def _inner(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from _inner(f"{name}.{key}", member)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _inner(f"{name}.{index}", item)
    else:
        yield f"{name}={value if isinstance(value, str) else _json.encode(value).decode()}"


def _read_back(words: list[str], arguments: Arguments) -> Any:
    try:
        typed = arguments_of(words, arguments, bytes, is_file=False)
    except (WordError, ValueError):
        return None
    return typed.keywords if not typed.positional else None


def _quoted(word: str) -> str:
    name, _, value = word.partition("=")
    return f"{name}={shlex.quote(value)}" if shlex.quote(name) == name else shlex.quote(word)
