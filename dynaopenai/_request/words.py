"""Words, as a shell or a table has them -> arguments of a call, typed as the schema says.

Rules of this file:
1. ``name=value`` is typed by the schema, ``name:=json`` is taken as JSON, ``name@file`` is a file's content,
   ``name@-`` what comes on standard input.
   A name may lead inwards: ``items[0].name=tea``, ``items.0.name=tea``; a repeated one makes a list.
2. A word without a name fills the path parameters in order; ``@file`` and ``-`` are the whole body.
3. A text stays a text wherever the schema takes one. A value that fits nothing is passed on as it was typed:
   the check of the call says what was expected, better than could be said here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._checking import json as _json
from .._checking.json import types_of
from .._checking.schema import Schema
from .._display.words import short, short_path
from .arguments import ANYTHING, Arguments

WORD = re.compile(r"(?P<name>[^=@]*?)(?P<sign>:=|=|@)(?P<value>.*)", re.DOTALL)
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d*)\]|\[([^\]]+)\]")


class WordError(ValueError):
    """A word that cannot be understood."""


@dataclass
class Typed:
    """What the words say: keywords, and the values that came without a name."""

    keywords: dict[str, Any] = field(default_factory=dict)
    positional: list[Any] = field(default_factory=list)


def arguments_of(words: Sequence[str], arguments: Arguments, stdin: Callable[[], bytes], is_file: bool) -> Typed:
    """The arguments that ``words`` spell. ``is_file``: the whole body is a file's content, not JSON.

    Raises:
        WordError: a word has none of the forms, or its JSON or its file cannot be read.
    """
    typed = Typed()
    repeated: set[str] = set()
    if sum(word == "-" or word.endswith("@-") for word in words) > 1:
        raise WordError("found standard input asked for twice, expected once: it can be read only once")
    for word in words:
        match = WORD.fullmatch(word)
        if word == "-" or word.startswith("@"):
            typed.keywords[arguments.body_name] = _body(word, stdin, is_file)
        elif match is None or not match["name"]:
            typed.positional.append(_positional(word, arguments, len(typed.positional)))
        else:
            put(typed.keywords, match["name"], reader(match["sign"], match["value"], stdin), arguments, repeated)
    return typed


def _positional(word: str, arguments: Arguments, place: int) -> Any:
    if place < len(arguments.path):
        return typed_value(word, arguments.path[place].schema)
    raise WordError(f"found {short(word)}, expected name=value, name:=json, name@file, @file or -")


def _body(word: str, stdin: Callable[[], bytes], is_file: bool) -> Any:
    if word == "-":
        data = stdin()
        return data if is_file else _parsed(data, "standard input")
    path = Path(word[1:])
    if is_file:
        return path
    return _parsed(_read(path), str(path), is_yaml=path.suffix in (".yaml", ".yml"))


def _parsed(data: bytes, source: str, is_yaml: bool = False) -> Any:
    if is_yaml:
        from .._document.syntax import parse

        return parse(data, source).value
    try:
        return _json.decode(data)
    except _json.DecodeError as error:
        raise WordError(f"{source}: found a body that is no JSON: {error}") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WordError(f"cannot read {short_path(path)}: {error.strerror or error}") from None


def reader(sign: str, value: str, stdin: Callable[[], bytes] | None = None) -> Callable[[Schema], Any]:
    """How the value is read, once its schema is known; ``name@-`` is what comes on standard input, where there is one."""
    if sign == "=":
        return lambda schema: typed_value(value, schema)
    if sign == ":=":
        return lambda _schema: _json_value(value)
    if value == "-" and stdin is not None:
        return lambda schema: ("stdin", stdin()) if schema.is_binary else _taken(stdin(), Path("standard input"), schema)
    return lambda schema: _content(Path(value), schema)


def _json_value(value: str) -> Any:
    try:
        return _json.decode(value.encode("utf-8", "surrogateescape"))
    except _json.DecodeError as error:
        hint = "a string needs its quotes here; name=value takes it as it is"
        raise WordError(f"{short(value)} after := is no JSON: {error}; {hint}") from None


def _content(path: Path, schema: Schema) -> Any:
    if schema.is_binary:
        return path
    return _taken(_read(path), path, schema)


def _taken(data: bytes, path: Path, schema: Schema) -> Any:
    if schema.types & {"object", "array"} and "string" not in schema.types:
        return _parsed(data, str(path), is_yaml=path.suffix in (".yaml", ".yml"))
    try:
        return typed_value(data.decode("utf-8"), schema)
    except UnicodeDecodeError:
        raise WordError(f"{path}: found bytes that are no UTF-8 text, which {short(path.name)} must be here") from None


# --- a place in the arguments --------------------------------------------------------------------


def put(
    keywords: dict[str, Any], name: str, read: Callable[[Schema], Any], arguments: Arguments, repeated: set[str]
) -> None:
    """Put what ``read`` makes of the schema at ``name`` into ``keywords``; ``repeated``: the names that made lists so far."""
    declared = arguments.by_name.get(name)
    root, steps = (name, []) if declared is not None else _steps(name)
    declared = arguments.by_name.get(root)
    key: str | int = declared.spelled if declared is not None else root
    schema = declared.schema if declared is not None else ANYTHING
    holder: Any = keywords
    for written in steps:
        step = int(written) if _is_index(written, schema) else written
        holder = _entered(holder, key, step, name)
        key, schema = step if step != "" else len(holder), inner(schema, step)
    _set(holder, key, read, schema, name, repeated)


def _steps(name: str) -> tuple[str, list[str | int]]:
    """``items[0].name`` is items, then 0, then name; an empty pair of brackets is the next index."""
    steps: list[str | int] = []
    end = 0
    while end < len(name):
        match = _STEP.match(name, end)
        if match is None:
            raise WordError(f"found the name {short(name)}, expected a path such as name, name.inner or name[0].inner")
        member, index, key = match.groups()
        steps.append(int(index) if index else member or key or "")
        end = match.end()
    root, *rest = steps
    return str(root), rest


def _is_index(step: str | int, schema: Schema) -> bool:
    """Whether a step is written as a member and means an item: the shell-safe ``messages.0.role``."""
    return isinstance(step, str) and step.isdecimal() and "array" in schema.types and "object" not in schema.types


def inner(schema: Schema, step: str | int) -> Schema:
    """The schema of a member or an item."""
    if isinstance(step, int) or step == "":
        return schema.items or ANYTHING
    if step in schema.properties:
        return schema.properties[step]
    return schema.items.properties.get(step, ANYTHING) if schema.items is not None else ANYTHING


def _entered(holder: Any, key: str | int, step: str | int, name: str) -> Any:
    """The container at ``key``, made where it is not there yet."""
    wanted: Any = [] if isinstance(step, int) or step == "" else {}
    if isinstance(holder, list):
        assert isinstance(key, int)
        if key > len(holder):
            raise WordError(f"{name}: found the index {key}, expected {len(holder)}, the next one")
        if key == len(holder):
            holder.append(wanted)
    else:
        holder.setdefault(key, wanted)
    if type(holder[key]) is not type(wanted):
        raise WordError(f"{name}: found both a value and members at {short(str(key))}, expected one of them")
    return holder[key]


def _set(
    holder: Any, key: str | int, read: Callable[[Schema], Any], schema: Schema, name: str, repeated: set[str]
) -> None:
    if isinstance(holder, list):
        assert isinstance(key, int)
        if key > len(holder):
            raise WordError(f"{name}: found the index {key}, expected {len(holder)}, the next one")
        holder[key : key + 1] = [read(schema)]
    elif key not in holder:
        holder[key] = read(schema)
    elif "array" in schema.types:
        before = holder[key] if name in repeated or (isinstance(holder[key], list)) else [holder[key]]
        value = read(schema.items or ANYTHING)
        holder[key] = [*before, value]
        repeated.add(name)
    else:
        raise WordError(f"{name} is given twice, expected once")


# --- a text by its schema ------------------------------------------------------------------------


def typed_value(text: str, schema: Schema) -> Any:
    """``text`` as the schema means it: ``3`` for an integer, ``true`` for a boolean, one item for an array."""
    types = schema.types
    if "string" in types and (schema.is_valid(text) or types <= {"string"}):
        return text
    value = _scalar(text, types)
    if value is not text and schema.is_valid(value):
        return value
    if "array" in types and not text.lstrip().startswith("["):
        item = typed_value(text, schema.items) if schema.items is not None else text
        if "string" not in types or schema.is_valid([item]):
            return [item]
    return value if "string" not in types else text


def _scalar(text: str, types: frozenset[str]) -> Any:
    """``text`` as JSON, where the types take what it says; else ``text`` itself."""
    try:
        value = _json.decode(text.strip().encode())
    except (_json.DecodeError, UnicodeError):
        return text
    return value if types_of(value) & types else text


def values_of(schema: Schema) -> list[str]:
    """The values that may be typed for a schema, where they can be listed."""
    found: dict[str, None] = {}
    for part in schema.in_place():
        for value in part.get("enum", [part["const"]] if "const" in part else ()):
            found[value if isinstance(value, str) else short(value)] = None
    if schema.types <= {"boolean", "null"} and schema.types:
        found |= dict.fromkeys(("true", "false"))
    return list(found)
