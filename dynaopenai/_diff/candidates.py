"""Values that may show a difference: at its place, likely ones first; nothing here is a proof.

Rules of this file:
1. What stands in a value and is not the difference is valid on both sides, where a value can be found that is.
2. No randomness, everything bounded: `LONGEST` for one value, the caller's patience for how many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, combinations, islice
from typing import Any

from .._checking.example import example
from .._checking.spelling import spellings
from ..errors import SpecError
from .alternative import Alternative, Parts, text_of
from .pair import Difference
from .shape import Side
from .vocabulary import ONE_OF_EACH, UNKNOWN, changed, distinct, local, spoken_of, stated, unions, varied, vocabulary

LONGEST = 1 << 20  # characters in a candidate
MOST_ITEMS = 1 << 16
MOST_BRANCHES = 12  # of a union, whose members are tried two by two
SHARED = 60  # values that are tried for one that both sides take
WORDS = ("text", "", "a", "0", "x" * 40, "2024-01-31", "not a format", "a b/c?", "Ä", "true", "a@b", "A", "a\nb", "-1.5")
NUMBERS = (0, 1, -1, 0.5, 2, 1.5, 7, 1_000_003, -1_000_003)


class Candidates:
    """Values for places of two sides: ``have`` is to take them, ``lack`` to refuse them.

    ``differ``: whether ``lack`` may refuse what ``have`` takes, of a schema of either.
    """

    def __init__(self, have: Side, lack: Side, differ: Callable[[Parts, Parts], bool]) -> None:
        self.have, self.lack, self.differ = have, lack, differ
        self._examples: dict[Any, list[Any]] = {}
        self._shared: dict[Any, list[Any]] = {}
        self._verdicts: dict[Any, Callable[[Any], bool]] = {}

    def at(self, difference: Difference, named: Any, mine: Parts, theirs: Parts) -> Iterator[Any]:
        """Values of ``mine`` that ``theirs`` is likely to refuse. ``named``: the value that the difference names."""
        if difference.keyword == "enum":
            yield from named if isinstance(named, list) else [named]
            if difference.code.startswith("enum-value"):
                return  # another value would show another change
        shape, other = self.have.shape(mine), self.lack.shape(theirs)
        kinds = sorted(shape, key=lambda kind: kind in other)  # a kind that only one side has, first
        for kind in kinds:
            for one in shape[kind]:
                yield from self.of(one, other.get(kind, ()), difference.step)
        yield from self.example(self.have, mine)
        if not mine:
            yield from ONE_OF_EACH

    def example(self, side: Side, parts: Parts, *fragments: Any) -> Iterator[Any]:
        """A value that the parts and the fragments take together, where one can be made up."""
        key = id(side), tuple(part.key for part in parts), text_of(fragments) if fragments else ""
        if key not in self._examples:
            try:
                self._examples[key] = [example(side.schema(parts, *fragments))] if parts or fragments else ["text"]
            except (SpecError, RecursionError):
                self._examples[key] = []
        yield from self._examples[key]

    # --- by kind ---------------------------------------------------------------------------------

    def of(self, one: Alternative, others: Iterable[Alternative], step: str = "") -> Iterator[Any]:
        """Values of one alternative, those first that ``others`` may see otherwise."""
        every = (one, *others)
        if one.values is not None:
            yield from one.values.values()
        elif one.kind == "string":
            yield from self._strings(every)
        elif one.kind == "number":
            yield from self._numbers(every)
        elif one.kind == "array":
            yield from self._arrays(every)
        elif one.kind == "object":
            yield from self._objects(every, step)

    def _limits(self, every: Iterable[Alternative]) -> list[Any]:
        found = [limit for each in every for limit in each.limits.values()]
        return sorted({limit[0] if isinstance(limit, tuple) else limit for limit in found})

    def _sizes(self, every: Iterable[Alternative], most: int) -> list[int]:
        sizes = {size + step for size in self._limits(every) for step in (-1, 0, 1)}
        return sorted(size for size in sizes if 0 <= size <= most)

    def _strings(self, every: tuple[Alternative, ...]) -> Iterator[str]:
        if every[0].origin is not None:
            yield from (value for value in self.example(self.have, (every[0].origin,)) if isinstance(value, str))
        sizes = self._sizes(every, LONGEST)
        yield from ("x" * size for size in sizes)
        for each in every:
            for pattern in stated(each, "pattern"):
                for size in (0, *sizes):
                    yield from islice(spellings(pattern, min(size, 5_000)), 6)
        yield from WORDS
        for each in every[1:]:
            yield from (each.values or {}).values()

    def _numbers(self, every: tuple[Alternative, ...]) -> Iterator[Any]:
        yield from (limit + step for limit in self._limits(every) for step in (0, -1, 1, 0.5, -0.5))
        for each in every:
            for argument in stated(each, "multipleOf"):
                yield from (argument * times for times in (1, 2, 3, -1))
                yield from (argument * (limit // argument + times) for limit in self._limits(every) for times in (-1, 0, 1))
        yield from NUMBERS
        for each in every[1:]:
            yield from (each.values or {}).values()

    def _arrays(self, every: tuple[Alternative, ...]) -> Iterator[list[Any]]:
        if every[0].origin is not None:
            yield from (value for value in self.example(self.have, (every[0].origin,)) if isinstance(value, list))
        item = next(iter(self.shared(every[0].items, every[1].items if len(every) > 1 else ())), "text")
        for size in sorted({*self._sizes(every, MOST_ITEMS), 0, 1, 2}):
            yield [item] * size
            yield [varied(item, number) for number in range(size)]

    def _objects(self, every: tuple[Alternative, ...], step: str) -> Iterator[dict[str, Any]]:
        one, partner = every[0], every[1] if len(every) > 1 else None
        base = self.base(one, partner)
        if step:
            for value in self._members(one, partner, step):
                yield {**base, step: value}
            yield {name: value for name, value in base.items() if name != step}
        yield base
        if one.extra is not None:
            for value in (*self.example(self.have, one.extra), *ONE_OF_EACH) if one.extra else ONE_OF_EACH:
                yield {**base, UNKNOWN: value}
        for total in self._sizes(every, MOST_ITEMS):
            if len(base) <= total and one.extra is not None:
                yield base | {f"{UNKNOWN}_{number}": "text" for number in range(total - len(base))}
        full = dict(base)
        for name in one.properties:
            for value in islice(self._members(one, partner, name), 1):
                full[name] = value
                yield {**base, name: value}
                yield dict(full)

    def _members(self, one: Alternative, partner: Alternative | None, name: str) -> Iterator[Any]:
        mine = one.properties.get(name, one.extra)
        if mine is None:
            return
        yield from self.shared(mine, partner.properties.get(name, partner.extra or ()) if partner else ())
        if not mine:
            yield from ONE_OF_EACH

    # --- what both sides take --------------------------------------------------------------------

    def base(self, one: Alternative, partner: Alternative | None) -> dict[str, Any]:
        """An object with what either side requires, and nothing else."""
        names = one.required | (partner.required if partner else frozenset())
        found = {}
        for name in sorted(names):
            if name in one.properties or one.extra is not None:
                found[name] = next(self._members(one, partner, name), "text")
        least = max(each.limits.get("minProperties", 0) for each in (one, partner) if each is not None)
        more = chain(one.properties, (f"{UNKNOWN}_{number}" for number in range(least) if one.extra is not None))
        for name in islice((name for name in more if name not in found), max(min(least, MOST_ITEMS) - len(found), 0)):
            found[name] = next(self._members(one, partner, name), "text")
        return found

    def full(self, one: Alternative, partner: Alternative | None) -> dict[str, Any]:
        """The same with every declared property."""
        found = self.base(one, partner)
        values = ((name, self._members(one, partner, name)) for name in islice(one.properties, SHARED))
        return found | {name: value for name, members in values for value in islice(members, 1)}

    def shared(self, mine: Parts, theirs: Parts) -> list[Any]:
        """Values of ``mine``, the first of them one that ``theirs`` takes, too, where one was found."""
        key = tuple(part.key for part in mine), tuple(part.key for part in theirs)
        if key not in self._shared:
            own = list(self.example(self.have, mine))
            self._shared[key] = own  # what is met again inside itself
            if theirs and (not mine or self.differ(mine, theirs)):
                takes, keeps = self.verdict(self.lack, theirs), self.verdict(self.have, mine)
                tries = islice(chain(own, self.example(self.lack, theirs), self._plain(mine, theirs)), SHARED)
                found = next((value for value in tries if takes(value) and keeps(value)), None)
                self._shared[key] = own if found is None else [found, *(value for value in own if value != found)]
        return self._shared[key]

    def _plain(self, mine: Parts, theirs: Parts) -> Iterator[Any]:
        shape, other = self.have.shape(mine), self.lack.shape(theirs)
        for kind in shape:
            if kind in other:
                for one, partner in ((one, partner) for one in shape[kind] for partner in other[kind]):
                    yield from self.of(one, (partner,))

    def verdict(self, side: Side, parts: Parts) -> Callable[[Any], bool]:
        """Whether a side's parts take a value; nothing is refused where that cannot be told."""
        key = id(side), tuple(part.key for part in parts)
        if key not in self._verdicts:
            self._verdicts[key] = _verdict(side, parts)
        return self._verdicts[key]

    def keeps_inside(self, lack: Alternative, difference: Difference, value: Any) -> bool:
        """Whether ``lack`` takes what stands in a value, but for the difference's own place."""
        if lack.kind == "array" and isinstance(value, list) and lack.items:
            return all(map(self.verdict(self.lack, lack.items), value[:SHARED]))
        if lack.kind != "object" or not isinstance(value, dict):
            return True
        own = difference.step if difference.keyword == "properties" else ""
        inside = ((lack.properties.get(name, lack.extra or ()), item) for name, item in value.items() if name != own)
        if difference.keyword == "additionalProperties":
            inside = ((lack.properties.get(name, ()), item) for name, item in value.items())
        return all(self.verdict(self.lack, parts)(item) for parts, item in islice(inside, SHARED))

    # --- conditions and branches that overlap ----------------------------------------------------

    def together(self, difference: Difference, mine: Parts, theirs: Parts) -> Iterator[Any]:
        """Values that two branches of a union take, or that a condition speaks of, then those made over a little."""
        found = list(islice(chain(self._overlapping(mine, theirs), self._conditional(mine, theirs)), 120))
        yield from found
        seeds = [*found, *islice(self.at(difference, None, mine, theirs), 40)]
        yield from self._made_over(seeds, mine, theirs)

    def is_in_two(self, theirs: Parts, among: Alternative | None, value: Any) -> bool:
        """Whether ``lack`` refuses a value for being in two branches of a union."""
        conditions = among.conditions if among is not None else ()
        among_branches = [self.lack.fragment(each)["oneOf"] for each in conditions if each[0] == "oneOf"]
        among_branches += [[branch.schema for branch in branches] for branches in unions(self.lack, theirs)]
        return any(sum(self._is_in(branch, value) for branch in branches) > 1 for branches in among_branches)

    def _is_in(self, branch: Any, value: Any) -> bool:
        key = id(branch)
        if key not in self._verdicts:
            self._verdicts[key] = _verdict(self.lack, (), branch)
        return self._verdicts[key](value)

    def _overlapping(self, mine: Parts, theirs: Parts) -> Iterator[Any]:
        for side, parts in ((self.lack, theirs), (self.have, mine)):
            for branches in unions(side, parts):
                for one, other in combinations(branches[:MOST_BRANCHES], 2):
                    values = [value for each in (one, other) for value in self.example(side, (each,))]
                    yield from self.example(side, (one, other))
                    yield from values
                    if len(values) == 2 and all(isinstance(value, dict) for value in values):
                        yield {**values[0], **values[1]}
                        yield {**values[1], **values[0]}

    def _conditional(self, mine: Parts, theirs: Parts) -> Iterator[Any]:
        for side, parts in ((self.lack, theirs), (self.have, mine)):
            for group in side.shape(parts).values():
                for keyword, text in sorted({each for one in group for each in one.conditions}):
                    for fragment in spoken_of(keyword, side.fragment((keyword, text))):
                        yield from self.example(side, parts if side is self.have else (), fragment)
                        if side is not self.have:
                            base = next(self.example(self.have, mine), None)
                            for value in self.example(side, (), fragment):
                                yield {**base, **value} if isinstance(base, dict) and isinstance(value, dict) else value

    def _made_over(self, seeds: list[Any], mine: Parts, theirs: Parts) -> Iterator[Any]:
        """Each seed with one member changed, then with two."""
        names, values = vocabulary([*local(self.have, mine), *local(self.lack, theirs)])
        once = [value for seed in distinct(seeds)[:24] for value in islice(changed(seed, names, values), 90)]
        yield from once
        kept = [value for value in once if self.verdict(self.have, mine)(value)]
        for seed in distinct(kept)[:24]:
            yield from islice(changed(seed, names, values), 40)


def _verdict(side: Side, parts: Parts, *fragments: Any) -> Callable[[Any], bool]:
    try:
        return side.schema(parts, *fragments).is_valid if parts or fragments else lambda _: True
    except (SpecError, ValueError, RecursionError):
        return lambda _: True
