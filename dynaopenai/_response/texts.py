"""The items of a stream -> the words that they carry, as they come. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from types import NoneType
from typing import Any

from .._checking.schema import Schema
from .pieces import DELTA, INDEX, TEXTS, are_indexed, members

DEPTH = 3  # levels of an item in which a ``delta`` may be declared
_HOLDERS = frozenset({dict, list})
_ASIDE = frozenset({"reasoning", "thinking", "arguments", "code", "input", "refusal", "audio"})


class Texts:
    """Takes the items of one stream in turn.

    Where items have a ``delta``, only what stands in one is a piece, for the rest repeats it; what a model says to itself or to a
    tool is no word of its answer; and of answers beside each other, told apart by their ``index``, the one that began is heard out.

    Attributes:
        has_deltas: whether they have.
    """

    def __init__(self, item: Schema | None) -> None:
        self.has_deltas = item is not None and _declares(item, DEPTH)
        self._index: int | None = None

    def of(self, item: Any) -> str:
        """The words that an item adds; empty where it adds none."""
        if isinstance(item, str):
            return item
        if isinstance(item, dict) and _is_aside(item):
            return ""
        found = "".join(_texts(self._of_one(item), DELTA if self.has_deltas else ""))
        self.has_deltas = self.has_deltas or _has(item, DELTA)
        return found

    def of_all(self, items: Sequence[Any]) -> str:
        """The words that plain items add, one after another."""
        texts = self._of_usual(items) if self.has_deltas and set(map(type, items)) == {dict} else None
        return "".join(map(self.of, items) if texts is None else texts)

    def _of_usual(self, items: Sequence[Any]) -> list[str] | None:
        """The same of items that have deltas, place by place; None where words stand in more places than one."""
        if not all(map(_has_words, {kind for kind in map(dict.get, items, repeat("type")) if isinstance(kind, str)})):
            items = [item for item in items if not _is_aside(item)]
        found: list[str] = []
        for name, values in members(items):
            places, kinds = values, set(map(type, values))
            if kinds == {list} and are_indexed(values):
                self._index = values[0][0][INDEX] if self._index is None else self._index
                places = [item for item in chain.from_iterable(values) if item[INDEX] == self._index]
            elif list in kinds and any(type(value) is list and are_indexed([value]) for value in values):
                return None
            texts = _at_one_place(places, name, name == DELTA)
            if texts is None or (texts and found):
                return None
            found = found or texts
        return found

    def _of_one(self, item: Any) -> Any:
        """The item with one of the answers that it has pieces of."""
        if not isinstance(item, dict):
            return item
        found = {}
        for name, value in dict.items(item):
            if isinstance(value, list) and value and all(isinstance(each, dict) and type(dict.get(each, INDEX)) is int for each in value):
                self._index = dict.__getitem__(value[0], INDEX) if self._index is None else self._index
                found[name] = [each for each in value if dict.__getitem__(each, INDEX) == self._index]
        return {**item, **found} if found else item


def _is_aside(item: dict[str, Any]) -> bool:
    """Whether its delta is of what is no word of the answer."""
    return isinstance(dict.get(item, DELTA), str) and not _has_words(dict.get(item, "type"))


def _has_words(kind: Any) -> bool:
    return not (isinstance(kind, str) and _ASIDE.intersection(re.split(r"[._]", kind)))


def _declares(schema: Schema, depth: int) -> bool:
    properties = schema.properties
    if DELTA in properties:
        return True
    return depth > 1 and any(_declares(part.items or part, depth - 1) for part in properties.values())


def words_of(answer: Any) -> list[str]:
    """The words of a whole answer: its texts, as far out as there are any."""
    if isinstance(answer, str):
        return [answer]
    level = [answer]
    while level:
        objects = [each for each in level if isinstance(each, dict) and _has_words(dict.get(each, "type"))]
        found = [value for each in objects for name, value in dict.items(each) if name in TEXTS and isinstance(value, str)]
        if found:
            return found
        lists = [each for each in level if isinstance(each, list)]
        level = [value for each in objects for value in dict.values(each)] + [value for each in lists for value in list.__iter__(each)]
    return []


def _texts(item: Any, only: str, name: str = "", inside: bool = False) -> Iterator[str]:
    """The texts of a piece; where pieces have a ``delta``, only what stands in it."""
    inside = inside or name == only or not only
    if isinstance(item, str):
        if name in TEXTS and inside:
            yield item
    elif isinstance(item, dict):
        if not inside or only or DELTA not in item:
            for key, value in dict.items(item):
                yield from _texts(value, only, key, inside)
        else:
            yield from _texts(dict.__getitem__(item, DELTA), "", DELTA, True)
    elif isinstance(item, list):
        for value in item:
            yield from _texts(value, only, name, inside)


def _at_one_place(values: Sequence[Any], name: str, inside: bool) -> list[str] | None:
    """The texts of values that have the same place in their items; None where they stand in more places than one."""
    kinds = set(map(type, values))
    if NoneType in kinds:
        kinds.remove(NoneType)
        values = [value for value in values if value is not None]
    if kinds.isdisjoint(_HOLDERS) and (str not in kinds or not inside or name not in TEXTS):
        return []
    if len(kinds) > 1:
        return None
    if str in kinds:
        return list(values)
    if list in kinds:
        return _at_one_place(list(chain.from_iterable(values)), name, inside)
    found: list[str] = []
    for key, inner in members(values):
        texts = _at_one_place(inner, key, inside or key == DELTA)
        if texts is None or (texts and found):
            return None
        found = found or texts
    return found


def _has(item: Any, name: str) -> bool:
    if isinstance(item, dict):
        return name in item or any(_has(value, name) for value in dict.values(item))
    return isinstance(item, list) and any(_has(value, name) for value in item)
