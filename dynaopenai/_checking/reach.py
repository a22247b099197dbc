"""Which other schemas a schema needs: read off the text of its references, nothing translated.

A schema with something odd in it (dynamic references, bases of their own, references that lead nowhere), or in what it needs, is none
that can be taken apart: what is found too much here, such as a reference in an example, makes it one of those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .._document.document import Node
from ..errors import SpecError
from .keywords import MANY_SCHEMAS, NAMED_SCHEMAS, ONE_SCHEMA

FEW = 100  # schemas that are compiled together: one in use is checked a little faster so
_REFERENCE = re.compile(r'"\$(ref|id|dynamicRef|dynamicAnchor)": "([^"\\]*)"')

_Place = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Reach:
    """What is known so far. Thread-safe, since what is found is the same whoever finds it."""

    few: int = FEW
    _targets: dict[_Place, tuple[Node, ...] | None] = field(default_factory=dict)  # None: there is something odd
    _plain: set[_Place] = field(default_factory=set)  # with all that they reach

    def is_far(self, nodes: Iterable[Node]) -> bool:
        """Whether schemas need more than ``few`` others together, all of which can be taken apart."""
        nodes = list(nodes)
        few = [found for found, _ in zip(self.reached(nodes), range(len(nodes) + self.few + 1), strict=False)]
        return len(few) > len(nodes) + self.few and self.are_plain(nodes)

    def reached(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """The schemas themselves, and those that they need, each once."""
        found = {_place(node): node for node in nodes}
        todo = list(found.values())
        while todo:
            node = todo.pop()
            yield node
            for target in self._of(node) or ():
                if _place(target) not in found:
                    found[_place(target)] = target
                    todo.append(target)

    def are_plain(self, nodes: Iterable[Node]) -> bool:
        """Whether there is nothing odd in schemas and in what they need."""
        new: set[_Place] = set()
        todo = list(nodes)
        while todo:
            node = todo.pop()
            if _place(node) in self._plain or _place(node) in new:
                continue
            targets = self._of(node)
            if targets is None:
                return False
            new.add(_place(node))
            todo += targets
        self._plain.update(new)
        return True

    def _of(self, node: Node) -> tuple[Node, ...] | None:
        place = _place(node)
        if place not in self._targets:
            self._targets[place] = _targets(node)
        return self._targets[place]


def property_names(node: Node) -> set[str]:
    """The names of properties that a schema declares itself, at any depth."""
    names: set[str] = set()
    todo: list[Any] = [node.value]
    while todo:
        schema = todo.pop()
        for keyword, value in schema.items() if isinstance(schema, dict) else ():
            if keyword in NAMED_SCHEMAS and isinstance(value, dict):
                todo += value.values()
                names.update(value if keyword == "properties" else ())
            elif keyword in ONE_SCHEMA or keyword in MANY_SCHEMAS:
                todo += value if isinstance(value, list) else (value,)
    return names


def _place(node: Node) -> _Place:
    return node.document.uri, node.pointer


def _targets(node: Node) -> tuple[Node, ...] | None:
    references = set(_REFERENCE.findall(json.dumps(node.value, ensure_ascii=False, default=str)))
    if any(keyword != "ref" for keyword, _ in references):
        return None
    try:
        return tuple({_place(target): target for target in (node.follow(ref) for _, ref in sorted(references))}.values())
    except SpecError:
        return None
