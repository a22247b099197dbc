"""Pieces of one shape -> what they are the pieces of. No I/O.

Rules of this file:
1. Objects are joined member by member, lists item by item where items have an ``index``, else end to end.
2. Every text within a ``delta`` is a piece, and is joined; so are those of an item with an ``index``, and elsewhere those by a
   name that texts have. Of all other values the last one counts, and null says nothing.
3. What labels a thing is no piece: an enumerated value, an ``id``, a ``role``. The last one counts.
"""

from __future__ import annotations

from collections import UserList
from typing import Any

from .._checking.schema import Schema
from .ending import FINISH

DELTA, INDEX = "delta", "index"
TEXTS = frozenset({DELTA, "content", "text"})  # where a piece of an answer has its text
MORE_TEXTS = TEXTS | {"response", "thinking", "reasoning", "completion", "generated_text", "output_text"}
LABELS = FINISH | {"id", "type", "object", "role", "model", "event", "status", "created_at", "system_fingerprint"}

PLAIN, ITEM, INNER, PIECE = range(4)  # where a member stands: anywhere, in an item with an index, deeper in one, in a delta


class Text(UserList[str]):
    """A text in its pieces, which is no list of the answer's; joined once, when it is asked for."""


class Indexed(dict[int, Any]):
    """The items of a list by their index."""


def joined(whole: Any, piece: Any, schema: Schema | None, place: int = PLAIN) -> dict[str, Any]:
    """An object and the next piece of it, in one; ``whole`` is changed. ``schema``: what a piece must be."""
    found = whole if type(whole) is dict else {}
    properties = schema.properties if schema is not None else {}
    for name, value in piece.items():
        found[name] = _member(found.get(name), name, value, properties.get(name), place)
    return found


def _member(whole: Any, name: str, value: Any, schema: Schema | None, place: int) -> Any:
    if value is None:
        return whole
    if isinstance(value, dict):
        inner = PIECE if name == DELTA or place == PIECE else PLAIN if place == PLAIN else INNER
        return joined(whole, value, schema, inner)
    if isinstance(value, list):
        return _list(whole, value, schema, place)
    if isinstance(value, str) and _is_piece(name, schema, place):
        text = whole if isinstance(whole, Text) else Text([whole] if isinstance(whole, str) else ())
        text.append(value)
        return text
    return whole if value == "" and isinstance(whole, str) else value


def _list(whole: Any, value: list[Any], schema: Schema | None, place: int) -> Any:
    if value and all(isinstance(item, dict) and type(item.get(INDEX)) is int for item in value):
        indexed = whole if isinstance(whole, Indexed) else Indexed()
        items = schema.items if schema is not None else None
        for item in value:
            indexed[item[INDEX]] = joined(indexed.get(item[INDEX]), item, items, PIECE if place == PIECE else ITEM)
        return indexed
    if place == PLAIN or not isinstance(whole, list):
        return list(value) if value or whole is None else whole
    whole += value
    return whole


def _is_piece(name: str, schema: Schema | None, place: int) -> bool:
    if name in LABELS or (schema is not None and is_enumerated(schema)):
        return False
    return place in (PIECE, ITEM) or name in MORE_TEXTS


def is_enumerated(schema: Schema) -> bool:
    """Whether it takes no text but those that it lists."""
    parts = [part for part in schema.in_place() if "$ref" not in part]
    texts = [part for part in parts if "enum" in part or "const" in part]
    return bool(texts) and not any(part.get("type") == "string" and "enum" not in part and "const" not in part for part in parts)
