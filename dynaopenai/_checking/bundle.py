"""A canonical schema on its own, with all that it refers to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from .._document.document import Node


@dataclass(frozen=True)
class Bundle:
    """A canonical schema on its own.

    Attributes:
        schema: the schema itself.
        defs: what its references name.
        places: where each of ``defs`` stands in the document; the schema itself under ``""``.
    """

    schema: dict[str, Any] | bool
    defs: Mapping[str, Any]
    places: Mapping[str, Node]


class Source(Protocol):
    """What definitions ask of their dialect."""

    @property
    def compiled(self) -> dict[str, Any]:
        """What was compiled so far, by name."""

    def translated(self, name: str) -> tuple[Any, Collection[str]]:
        """The schema of a name, and the names that it refers to."""

    def names_beyond(self, roots: Collection[str]) -> Iterator[AbstractSet[str]]:
        """The names of properties that are declared by the schemas of these names, and those that they need; a set for each."""


class Definitions(Mapping[str, Any]):
    """What a great many references lead to, each translated when it is asked for.

    Attributes:
        roots: the names that all others are reached from.
        source: whose names they are.
    """

    def __init__(self, roots: Collection[str], source: Source) -> None:
        self.roots, self.source = roots, source

    def __getitem__(self, name: str) -> Any:
        return self.source.translated(name)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._reached)

    def __len__(self) -> int:
        return len(self._reached)

    def __bool__(self) -> bool:
        return True

    def joined(self, others: Collection[str]) -> Definitions:
        """The same, and what some more names of its dialect lead to."""
        return type(self)({*self.roots, *others}, self.source)

    def declare(self, names: AbstractSet[str]) -> bool:
        """Whether they declare properties of all these names."""
        missing = set(names)
        return not missing or any(not (missing := missing - found) for found in self.source.names_beyond(self.roots))

    @cached_property
    def _reached(self) -> list[str]:
        found: set[str] = set()
        todo = list(self.roots)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self.source.translated(name)[1]
        return sorted(found)


class Separate(Definitions):
    """Definitions that are compiled one by one, too, when a value gets there."""


def name_of(ref: str) -> str:
    """The key in ``defs`` that a canonical ``$ref`` stands for."""
    return ref.rpartition("/")[2] if ref.startswith("#") else ref.removeprefix("urn:dynaopenai:").partition("#")[0]


def as_resources(schema: dict[str, Any], defs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every definition a resource of its own, as dynamic references need (JSON Schema 2020-12 §8.2.3.2)."""
    resources = {name: _rewritten(part) | {"$id": f"urn:dynaopenai:{name}"} if isinstance(part, dict) else part for name, part in defs.items()}
    return _rewritten(schema), resources


def _rewritten(value: Any) -> Any:
    if isinstance(value, list):
        return [_rewritten(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: re.sub(r"^#/\$defs/", "urn:dynaopenai:", item)
        if key in ("$ref", "$dynamicRef") and isinstance(item, str)
        else _rewritten(item)
        for key, item in value.items()
    }
