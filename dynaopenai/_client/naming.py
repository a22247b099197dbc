"""The names under which operations, groups and tags read as attributes of a client.

Rules of this file:
1. ``client["..."]`` and ``client.operations["..."]`` take every operationId as it is declared. Attributes are for
   convenience: the operationId where Python can spell it, its snake_case, the groups of its path (`grouping`), and the
   tag's snake_case. A group and a tag of one name are one attribute.
2. A name that is taken gives way: a client's own names go before operationIds, these before snake_case names, these before
   groups, these before tags, and in each the first in the document before the next. Who gives way ends in ``_``: ``close_``.
3. The names depend on the document alone, so they are the same on every load; each that gave way is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .._request.arguments import identifier


class GaveWay(NamedTuple):
    """A name that was taken: what wanted it, and how it is spelled now."""

    kind: str
    id: str
    wanted: str
    spelled: str


@dataclass(frozen=True)
class Names:
    """
    Attributes:
        operations: operationId by attribute name; several names may lead to one.
        tags: tag by attribute name.
        groups: the first word of grouped names by attribute name.
        gave_way: those that are not spelled as one would expect.
    """

    operations: Mapping[str, str]
    tags: Mapping[str, str]
    groups: Mapping[str, str]
    gave_way: tuple[GaveWay, ...]

    @property
    def listed(self) -> list[str]:
        """Every operation in one spelling, then groups and tags."""
        once: dict[str, str] = {}
        for name, operation_id in self.operations.items():
            once.setdefault(operation_id, name)
        return list(dict.fromkeys([*once.values(), *self.groups, *self.tags]))


def names(
    operation_ids: Iterable[str], tags: Iterable[str] = (), own: frozenset[str] = frozenset(), dotted: Iterable[str] = ()
) -> Names:
    """The attribute names of a document's operations, groups and tags.

    Args:
        own: what the object that is to have them has already.
        dotted: the names of operations in groups.
    """
    operation_ids = list(operation_ids)
    found = {name: name for name in operation_ids if name.isidentifier() and not _is_own(name, own)}
    gave_way = []
    for operation_id in operation_ids:
        name = snake_case(operation_id)
        if found.get(name) == operation_id:
            continue
        spelled = _free(name, found, own)
        found[spelled] = operation_id
        if spelled != name:
            gave_way.append(GaveWay("operation", operation_id, name, spelled))
    groups: dict[str, str] = {}
    for word in dict.fromkeys(name.partition(".")[0] for name in dotted if "." in name):
        spelled = _free(word, found, own)
        groups[spelled] = word
        if spelled != word:
            gave_way.append(GaveWay("group", word, word, spelled))
    by_word = {word: spelled for spelled, word in groups.items()}
    by_tag: dict[str, str] = {}
    for tag in dict.fromkeys(tags):
        name = snake_case(tag)
        if name in by_word and by_word[name] not in by_tag:
            by_tag[by_word[name]] = tag
            continue
        spelled = _free(name, {**found, **groups, **by_tag}, own)
        by_tag[spelled] = tag
        if spelled != name:
            gave_way.append(GaveWay("tag", tag, name, spelled))
    return Names(found, by_tag, groups, tuple(gave_way))


def by_first_word(dotted: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What has dotted names, by their first word and then by the rest, which is empty where that was all."""
    found: dict[str, dict[str, str]] = {}
    for name, value in dotted.items():
        first, _, rest = name.partition(".")
        found.setdefault(first, {})[rest] = value
    return found


def _is_own(name: str, own: frozenset[str]) -> bool:
    return name in own or name.startswith("__")  # the latter are Python's own protocols


def _free(wanted: str, taken: Mapping[str, str], own: frozenset[str]) -> str:
    name = wanted
    if wanted.startswith("__") or not wanted.strip("_"):
        bare = wanted.strip("_") or "unnamed"
        name = bare if bare.isidentifier() else f"_{bare}"
    while name in taken or name in own:
        name += "_"
    return name


def snake_case(name: str) -> str:
    """``listPetToys`` is ``list_pet_toys``, ``admin-keys-list`` is ``admin_keys_list``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return identifier(re.sub(r"\W+", "_", spaced).lower())
