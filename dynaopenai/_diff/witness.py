"""A payload that one schema takes and another refuses: the proof that a change breaks something.

Rules of this file:
1. A witness is never claimed: both schemas' own verdicts decide, on the whole payload of the call or answer.
2. No randomness; the number of candidates is bounded, and finding none is an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from .._checking.example import example
from .._checking.schema import Schema
from ..errors import SpecError
from .alternative import Alternative, Parts, Shape
from .change import NARROWS, NO_WITNESS
from .compare import ANY, ITEM
from .pair import Difference, Edge, Pair
from .shape import Side

MOST = 160  # candidates of one difference
LONGEST = 5_000  # characters or items in a candidate
UNKNOWN = "undeclared"
WORDS = ("text", "", "a", "0", "x" * 40, "2024-01-31", "not a format", "a b/c?", "Ä", "true", "a@b")
NUMBERS = (0, 1, -1, 0.5, 2, 1.5, 7, 1_000_003, -1_000_003)
ONE_OF_EACH: tuple[Any, ...] = ("text", 1, 0.5, True, None, [], {})


class Witnesses:
    """Finds payloads that ``have`` takes and ``lack`` refuses; ``effect`` tells which side of a pair is which."""

    def __init__(self, have: Side, lack: Side, effect: int) -> None:
        self.have, self.lack, self.effect = have, lack, effect
        self._examples: dict[Any, Any] = {}
        self._usable: dict[int, bool] = {}

    def find(
        self, difference: Difference, pair: Pair, way: Sequence[Edge], root: tuple[Schema | None, Schema | None]
    ) -> Any:
        """A payload at the root of ``way``; `NO_WITNESS` where none was found."""
        taking, refusing = root
        if not (self._is_usable(taking) and self._is_usable(refusing)):
            return NO_WITNESS
        mine, theirs = self._sides(pair)
        for value in islice(self._candidates(mine, theirs, difference), MOST):
            for whole in self._lifted(value, way):
                if _takes(taking, whole) and not _takes(refusing, whole):
                    return whole
        return NO_WITNESS

    def _is_usable(self, schema: Schema | None) -> bool:
        """Whether the verdict can be asked for; remembered, since finding out is dear."""
        if schema is not None and id(schema) not in self._usable:
            try:
                self._usable[id(schema)] = callable(schema.is_valid)
            except (SpecError, ValueError, RecursionError):
                self._usable[id(schema)] = False
        return schema is None or self._usable[id(schema)]

    def _sides(self, pair: Pair) -> tuple[Parts, Parts]:
        return (pair.old, pair.new) if self.effect == NARROWS else (pair.new, pair.old)

    def _side(self, edge: Edge) -> Alternative:
        return edge.old if self.effect == NARROWS else edge.new

    # --- candidates at the place of the difference -----------------------------------------------

    def _candidates(self, mine: Parts, theirs: Parts, difference: Difference) -> Iterator[Any]:
        told = difference.old if self.effect == NARROWS else difference.new
        if difference.code.startswith(("enum", "const")):
            yield from told if isinstance(told, list) else [told]
            if difference.code.startswith("enum-value"):
                return  # another value would show another change
        shape, other = self.have.shape(mine), self.lack.shape(theirs)
        kinds = sorted(shape, key=lambda kind: kind in other)  # a kind that only one side has, first
        for kind in kinds:
            for alternative in shape[kind]:
                yield from self._of(alternative, other, difference.step)
        yield from self._example(mine)
        if not mine:
            yield from ONE_OF_EACH

    def _of(self, one: Alternative, other: Shape, step: str) -> Iterator[Any]:
        if one.values is not None:
            yield from one.values.values()
        elif one.kind == "string":
            yield from self._strings(one, other)
        elif one.kind == "number":
            yield from self._numbers(one, other)
        elif one.kind == "array":
            yield from self._arrays(one, other)
        elif one.kind == "object":
            yield from self._objects(one, other, step)

    def _limits(self, one: Alternative, other: Shape) -> list[Any]:
        found = [limit for each in (one, *other.get(one.kind, ())) for limit in each.limits.values()]
        return sorted({limit[0] if isinstance(limit, tuple) else limit for limit in found})

    def _strings(self, one: Alternative, other: Shape) -> Iterator[str]:
        if one.origin is not None:
            yield from self._example((one.origin,))
        sizes = {size + step for size in self._limits(one, other) for step in (-1, 0, 1)}
        yield from ("x" * size for size in sorted(sizes) if 0 <= size <= LONGEST)
        yield from WORDS
        for each in other.get("string", ()):
            yield from (each.values or {}).values()

    def _numbers(self, one: Alternative, other: Shape) -> Iterator[Any]:
        limits = self._limits(one, other)
        yield from (limit + step for limit in limits for step in (0, -1, 1, 0.5, -0.5))
        for each in (one, *other.get("number", ())):
            for keyword, argument in each.marks:
                if keyword == "multipleOf":
                    step = float(argument)
                    step = int(step) if step.is_integer() else step
                    yield from (step * times for times in (1, 2, 3, -1))
        yield from NUMBERS

    def _arrays(self, one: Alternative, other: Shape) -> Iterator[list[Any]]:
        item = next(self._example(one.items), "text")
        sizes = {size + step for size in self._limits(one, other) for step in (-1, 0, 1)} | {0, 1, 2}
        for size in sorted(sizes):
            if 0 <= size <= LONGEST:
                yield [item] * size
                yield [_varied(item, number) for number in range(size)]

    def _objects(self, one: Alternative, other: Shape, step: str) -> Iterator[dict[str, Any]]:
        base = self._base(one)
        if step:
            for value in self._property_values(one, step):
                yield {**base, step: value}
            yield {name: value for name, value in base.items() if name != step}
        yield base
        if one.extra is not None:
            for value in (*self._example(one.extra), *ONE_OF_EACH) if one.extra else ONE_OF_EACH:
                yield {**base, UNKNOWN: value}
        for size in self._limits(one, other):
            for total in (size - 1, size, size + 1):
                if len(base) <= total <= LONGEST:
                    yield base | {f"{UNKNOWN}_{number}": "text" for number in range(total - len(base))}
        full = dict(base)
        for name, parts in one.properties.items():
            for value in self._example(parts):
                full[name] = value
                yield {**base, name: value}
        yield full

    def _property_values(self, one: Alternative, name: str) -> Iterator[Any]:
        parts = one.properties.get(name, one.extra)
        if parts is not None:
            yield from self._example(parts)
        if not parts:
            yield from ONE_OF_EACH

    # --- building --------------------------------------------------------------------------------

    def _base(self, one: Alternative) -> dict[str, Any]:
        """The required properties only."""
        found = {}
        for name in sorted(one.required):
            parts = one.properties.get(name, one.extra or ())
            found[name] = next(self._example(parts), "text")
        return found

    def _example(self, parts: Parts) -> Iterator[Any]:
        key = tuple(part.key for part in parts)
        if key not in self._examples:
            try:
                self._examples[key] = [example(self.have.schema(parts))] if parts else ["text"]
            except (SpecError, RecursionError):
                self._examples[key] = []
        yield from self._examples[key]

    def _lifted(self, value: Any, way: Sequence[Edge]) -> Iterator[Any]:
        """The value where it stands in a payload; then the same around an example of what is around it."""
        whole = value
        for edge in reversed(way):
            whole = self._around(self._side(edge), edge.step, whole)
        yield whole

    def _around(self, one: Alternative, step: str, value: Any) -> Any:
        if one.kind == "array" and step == ITEM:
            least = max(one.limits.get("minItems", 1), 1)
            return [value] * least if least <= LONGEST else [value]
        if one.kind == "object" and step:
            return {**self._base(one), UNKNOWN if step == ANY else step: value}
        return value


def _takes(schema: Schema | None, value: Any) -> bool:
    try:
        return schema is None or schema.is_valid(value)
    except (SpecError, ValueError, RecursionError):
        return schema is None


def _varied(item: Any, number: int) -> Any:
    if isinstance(item, str):
        return f"{item}{number}" if number else item
    if isinstance(item, int) and not isinstance(item, bool):
        return item + number
    return {**item, UNKNOWN: number} if isinstance(item, dict) and number else item
