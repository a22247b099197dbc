"""Pieces of one shape -> what they are the pieces of. No I/O.

Rules of this file:
1. Objects are joined member by member, lists item by item where items have an ``index``, else end to end.
2. Every text within a ``delta`` is a piece, and is joined; so are those of an item with an ``index``, and elsewhere those by a
   name that texts have. Of all other values the last one counts, and null says nothing.
3. What labels a thing is no piece: an enumerated value, an ``id``, a ``role``. The last one counts.
"""

from __future__ import annotations

from collections import UserList
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby, repeat
from operator import itemgetter
from types import NoneType
from typing import Any

from .._checking.schema import Schema
from .ending import FINISH

DELTA, INDEX = "delta", "index"
TEXTS = frozenset({DELTA, "content", "text"})  # where a piece of an answer has its text
MORE_TEXTS = TEXTS | {"response", "thinking", "reasoning", "completion", "generated_text", "output_text"}
LABELS = FINISH | {"id", "type", "object", "role", "model", "event", "status", "created_at", "system_fingerprint"}

FEW = 50  # names of members that are looked for in every object
PLAIN, ITEM, INNER, PIECE = range(4)  # where a member stands: anywhere, in an item with an index, deeper in one, in a delta


class Text(UserList[str]):
    """A text in its pieces, which is no list of the answer's; joined once, when it is asked for."""


class Indexed(dict[int, Any]):
    """The items of a list by their index."""


def joined(whole: Any, pieces: Sequence[Mapping[str, Any]], schema: Schema | None, place: int = PLAIN) -> dict[str, Any]:
    """An object and the next pieces of it, in one; ``whole`` is changed. ``schema``: what a piece must be.

    Member by member, not piece by piece: no member has a say in what becomes of another, and what it is is asked once.
    """
    found = whole if type(whole) is dict else {}
    properties = schema.properties if schema is not None else {}
    for name, all_values in members(pieces):
        declared = properties.get(name)
        for kind, values in _by_kind(all_values):
            found[name] = _member(found.get(name), name, kind, values, declared, place)
    return found


def members(objects: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, list[Any]]]:
    """Each member that any of some objects has, and its values in their order."""
    names = dict.fromkeys(chain.from_iterable(objects))
    if len(names) <= FEW:
        return ((name, _values(objects, name)) for name in names)
    found: dict[str, list[Any]] = {name: [] for name in names}
    for each in objects:
        for name, value in each.items():
            found[name].append(value)
    return found.items()


def _values(objects: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), objects))
    except KeyError:
        return [each[name] for each in objects if name in each]


def _by_kind(values: list[Any]) -> Iterable[tuple[type, list[Any]]]:
    """The values in runs of one type each."""
    if len(set(map(type, values))) == 1:
        return [(type(values[0]), values)]
    return ((kind, list(run)) for kind, run in groupby(values, type))


def _member(whole: Any, name: str, kind: type, values: list[Any], schema: Schema | None, place: int) -> Any:
    if kind is NoneType:
        return whole
    if issubclass(kind, dict):
        inner = PIECE if name == DELTA or place == PIECE else PLAIN if place == PLAIN else INNER
        return joined(whole, values, schema, inner)
    if issubclass(kind, list):
        return _list(whole, values, schema, place)
    if issubclass(kind, str) and _is_piece(name, schema, place):
        text = whole if isinstance(whole, Text) else Text([whole] if isinstance(whole, str) else ())
        text.extend(values)
        return text
    last = next((value for value in reversed(values) if value != ""), "")
    return whole if last == "" and isinstance(whole, str) else last


def _list(whole: Any, values: list[list[Any]], schema: Schema | None, place: int) -> Any:
    if are_indexed(values):
        return _indexed(whole, list(chain.from_iterable(values)), schema, place)
    for value in values:
        if are_indexed([value]):
            whole = _indexed(whole, value, schema, place)
        elif place != PLAIN and isinstance(whole, list):
            whole += value
        elif value or whole is None:
            whole = list(value)
    return whole


def are_indexed(values: list[list[Any]]) -> bool:
    """Whether all items of these lists have a place in one."""
    items = list(chain.from_iterable(values))
    return all(values) and set(map(type, items)) == {dict} and set(map(type, map(dict.get, items, repeat(INDEX)))) == {int}


def _indexed(whole: Any, items: list[dict[str, Any]], schema: Schema | None, place: int) -> Indexed:
    indexed = whole if isinstance(whole, Indexed) else Indexed()
    pieces: dict[int, list[dict[str, Any]]] = {}
    if len(set(map(itemgetter(INDEX), items))) == 1:
        pieces[items[0][INDEX]] = items
    else:
        for item in items:
            pieces.setdefault(item[INDEX], []).append(item)
    for index, of_one in pieces.items():
        indexed[index] = joined(indexed.get(index), of_one, schema.items if schema is not None else None, PIECE if place == PIECE else ITEM)
    return indexed


def _is_piece(name: str, schema: Schema | None, place: int) -> bool:
    if name in LABELS or (schema is not None and is_enumerated(schema)):
        return False
    return place in (PIECE, ITEM) or name in MORE_TEXTS


def is_enumerated(schema: Schema) -> bool:
    """Whether it takes no text but those that it lists."""
    parts = [part for part in schema.in_place() if "$ref" not in part]
    texts = [part for part in parts if "enum" in part or "const" in part]
    return bool(texts) and not any(part.get("type") == "string" and "enum" not in part and "const" not in part for part in parts)
