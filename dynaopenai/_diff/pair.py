"""What is known of two schemas, as a graph: differences at a pair of them, and edges to the pairs further in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .alternative import Alternative, Part, Parts
from .change import CODES, NARROWS, WIDENS


@dataclass(frozen=True, eq=False)
class Difference:
    """One difference at one pair of schemas.

    Attributes:
        step: the property that it is about, empty for the value itself.
        keyword: what differs, as JSON Schema calls it; ``type`` where whole kinds of values come or go.
        between: the alternatives that it was found between, None where it is about whole kinds or branches.
    """

    code: str
    message: str
    step: str = ""
    old: Any = None
    new: Any = None
    before: Part | None = None
    after: Part | None = None
    keyword: str = "type"
    between: tuple[Alternative, Alternative] | None = None

    @property
    def effect(self) -> int:
        return CODES[self.code].effect


@dataclass(frozen=True, eq=False)
class Edge:
    """The way from a pair of values to a pair of values in them. ``mask``: the effects that matter on it."""

    step: str
    node: Pair
    mask: int
    old: Alternative
    new: Alternative


@dataclass(eq=False)
class Pair:
    """What is known of two schemas: their differences, and the pairs further in.

    ``shuffled``: the effects of branches that came or went although another one holds all their values.
    """

    old: Parts
    new: Parts
    shuffled: int = 0
    differences: list[Difference] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def reached(self) -> Iterator[tuple[Pair, int]]:
        """Every pair below, with the effects that matter there."""
        seen: dict[Pair, int] = {}
        queue = [(self, NARROWS | WIDENS)]
        while queue:
            pair, mask = queue.pop()
            if seen.get(pair, 0) | mask == seen.get(pair):
                continue
            seen[pair] = seen.get(pair, 0) | mask
            queue += [(edge.node, mask & edge.mask) for edge in pair.edges if mask & edge.mask]
        yield from seen.items()

    @property
    def effect(self) -> int:
        """What all the differences below do together."""
        return self.effect_but(())

    def effect_but(self, codes: tuple[str, ...]) -> int:
        """The same without differences of these codes at this very pair."""
        effect = 0
        for pair, mask in self.reached():
            for difference in pair.differences:
                if pair is not self or difference.code not in codes:
                    effect |= difference.effect & mask
        return effect
