"""A payload that one schema takes and another refuses: the proof that a change breaks something.

Rules of this file:
1. A witness is never claimed: both schemas' own verdicts decide, on the whole payload of the call or answer.
2. It is the change's own: best a payload that is refused there and nowhere else, and taken once that change alone is
   taken back; what only fails for another reason shows nothing.
3. No randomness; the number of candidates is bounded, and finding none is an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Protocol

from ..errors import SpecError
from .alternative import LIMITS, Alternative, Parts
from .candidates import LONGEST, MOST_ITEMS, Candidates
from .change import NARROWS, NO_WITNESS
from .compare import ANY, ITEM, OVERLAPS, Comparison
from .pair import Difference, Edge, Pair
from .undone import undone
from .vocabulary import UNKNOWN

MOST = 240  # likely candidates of one difference
MOST_TOGETHER = 1_500  # of overlapping branches and conditions
SIZES = {"string": LONGEST, "array": MOST_ITEMS, "object": MOST_ITEMS}
ELSEWHERE, HERE, ALONE = 1, 2, 3  # why a payload is refused: for another change too; at this one; for it and nothing else


class Judge(Protocol):
    """A schema that can be asked for its verdict."""

    @property
    def is_valid(self) -> Callable[[Any], bool]:
        """Whether a value is valid."""


@dataclass(frozen=True)
class Proof:
    """What was found. ``grade``: ``ALONE``, ``HERE`` or ``ELSEWHERE``; 0 where there is no payload."""

    grade: int = 0
    witness: Any = NO_WITNESS
    hint: str = ""


class Witnesses:
    """Finds payloads that ``have`` takes and ``lack`` refuses; ``effect`` tells which side of a pair is which."""

    def __init__(self, comparison: Comparison, effect: int) -> None:
        self.effect = effect
        sides = comparison.old, comparison.new
        self.have, self.lack = sides if effect == NARROWS else sides[::-1]
        self._candidates = Candidates(self.have, self.lack, self._differ)
        self._comparison = comparison
        self._effects: dict[int, int] = {}
        self._usable: dict[int, bool] = {}

    def find(
        self, difference: Difference, pair: Pair, way: Sequence[Edge], root: tuple[Judge | None, Judge | None]
    ) -> Proof:
        """The best payload at the root of ``way``."""
        if difference.keyword == "x-binary":
            return Proof(HERE, hint="a file's bytes are no text: no payload in JSON can show it")
        if not all(map(self._is_usable, root)):
            return Proof(HERE, hint="judged by its structure alone: the schema around it cannot be used")
        mine, theirs = self._sides(pair.old, pair.new)
        is_due, wholes = self._is_due_to(difference, mine, theirs), self._around_all(way)
        search = _Search(self._takes(root[0]), self._takes(root[1]), is_due, wholes)
        named = difference.old if self.effect == NARROWS else difference.new
        likely = islice(self._candidates.at(difference, named, mine, theirs), MOST)
        search.settle(self._candidates.example(self.lack, theirs))
        search.look(likely)
        if search.best.grade < HERE and not difference.code.startswith("enum-value"):
            search.look(islice(self._candidates.together(difference, mine, theirs), MOST_TOGETHER))
        if search.best.grade < HERE and difference.keyword in LIMITS_OF:
            return self._beyond(difference, pair, way) or search.best
        return search.best

    def _differ(self, mine: Parts, theirs: Parts) -> bool:
        pair = self._comparison.pair(*self._sides(mine, theirs))
        if id(pair) not in self._effects:
            self._effects[id(pair)] = pair.effect
        return bool(self._effects[id(pair)] & self.effect)

    def _is_usable(self, schema: Judge | None) -> bool:
        """Whether the verdict can be asked for; remembered, since finding out is dear."""
        if schema is not None and id(schema) not in self._usable:
            try:
                self._usable[id(schema)] = callable(schema.is_valid)
            except (SpecError, ValueError, RecursionError):
                self._usable[id(schema)] = False
        return schema is None or self._usable[id(schema)]

    def _takes(self, schema: Judge | None) -> Callable[[Any], bool]:
        return schema.is_valid if schema is not None else lambda _: True

    def _sides(self, old: Any, new: Any) -> tuple[Any, Any]:
        return (old, new) if self.effect == NARROWS else (new, old)

    def _is_due_to(self, difference: Difference, mine: Parts, theirs: Parts) -> Callable[[Any], bool]:
        if difference.code in OVERLAPS:
            among = self._sides(*difference.between)[1] if difference.between else None
            return partial(self._candidates.is_in_two, theirs, among)
        if difference.between is None:  # of whole kinds and branches: the one side has the value, the other has not
            has, lacks = self._candidates.verdict(self.have, mine), self._candidates.verdict(self.lack, theirs)
            return lambda value: not theirs or (has(value) and not lacks(value))
        have, lack = self._sides(*difference.between)
        shallow = undone(difference, have, lack, self.lack)
        return lambda value: shallow(value) and self._candidates.keeps_inside(lack, difference, value)

    # --- a size beyond all candidates ------------------------------------------------------------

    def _beyond(self, difference: Difference, pair: Pair, way: Sequence[Edge]) -> Proof | None:
        """Limits that no payload can be written for: their structure decides, where nothing else bears on the value."""
        if difference.between is None or not all(edge.step for edge in way):
            return None
        mine, theirs = self._sides(*difference.between)
        shapes = self.have.shape(self._sides(pair.old, pair.new)[0]), self.lack.shape(self._sides(pair.old, pair.new)[1])
        is_max = difference.keyword.startswith("max")
        limit, size = mine.limits.get(difference.keyword), theirs.limits.get(difference.keyword, 0)
        shown = size + (1 if is_max else -1)
        is_had = limit is None or (shown <= limit if is_max else shown >= limit)
        bears = mine.marks or mine.conditions or mine.values is not None or any(len(shape[mine.kind]) > 1 for shape in shapes)
        if shown <= SIZES[mine.kind] or not is_had or bears:
            return None
        unit = {"string": "characters", "array": "items", "object": "properties"}[mine.kind]
        return Proof(HERE, hint=f"{shown:,} {unit} show it")

    # --- what is around --------------------------------------------------------------------------

    def _around_all(self, way: Sequence[Edge]) -> list[Callable[[Any], Any]]:
        """Ways to put a value where it stands in a payload: with what is required around it, with less, with all."""

        def wrap(fill: Callable[[Alternative, Alternative | None], dict[str, Any]]) -> Callable[[Any], Any]:
            def whole(value: Any) -> Any:
                for edge in reversed(way):
                    value = _around(*self._sides(edge.old, edge.new), edge.step, value, fill)
                return value

            return whole

        def sparse(one: Alternative, partner: Alternative | None) -> dict[str, Any]:
            """What is required, but where a union has a say: its other branches may not be fitted, too."""
            return {} if one.conditions else self._candidates.base(one, partner)

        least = wrap(self._candidates.base)
        if all(edge.step in ("", ITEM) for edge in way):
            return [least]
        return [least, wrap(sparse), wrap(self._candidates.full)]


LIMITS_OF = {keyword for kind in SIZES for keyword in LIMITS[kind]}


def _around(
    one: Alternative, partner: Alternative, step: str, value: Any,
    fill: Callable[[Alternative, Alternative | None], dict[str, Any]],
) -> Any:  # fmt: skip
    if one.kind == "array" and step == ITEM:
        least = max(one.limits.get("minItems", 1), partner.limits.get("minItems", 1), 1)
        return [value] * least if least <= MOST_ITEMS else [value]
    if one.kind == "object" and step:
        return {**fill(one, partner), UNKNOWN if step == ANY else step: value}
    return value


class _Search:
    """One search: the verdicts of both sides, and the best that was found so far."""

    def __init__(
        self,
        takes: Callable[[Any], bool],
        keeps: Callable[[Any], bool],
        is_due: Callable[[Any], bool],
        wholes: list[Callable[[Any], Any]],
    ) -> None:
        self._takes, self._keeps, self._is_due, self._wholes = takes, keeps, is_due, wholes
        self.best = Proof()
        self._fine: set[int] = set()  # surroundings that the lacking side takes with some value in them

    def settle(self, values: Iterable[Any]) -> None:
        """Find surroundings that are fine, by values that the lacking side has at the place."""
        for value in values:
            self._fine |= {index for index, whole in enumerate(self._wholes) if _verdict(self._keeps, whole(value))}

    def look(self, values: Iterable[Any]) -> None:
        """Try values until one is refused here and its surroundings are fine."""
        for value in values:
            for index, whole in enumerate(self._wholes):
                payload = whole(value)
                if _verdict(self._keeps, payload):
                    self._fine.add(index)
                    continue
                best = ALONE if index in self._fine else HERE
                if best <= self.best.grade or not _verdict(self._takes, payload):
                    continue
                grade = best if self._is_due(value) else ELSEWHERE
                if grade > self.best.grade:
                    self.best = Proof(grade, payload)
                if grade == ALONE:
                    return


def _verdict(verdict: Callable[[Any], bool], payload: Any) -> bool:
    try:
        return verdict(payload)
    except (ValueError, RecursionError):
        return False
