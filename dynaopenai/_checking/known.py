"""Faults that were found before, known again without a search: what puts them right makes the value valid.

Rules of this file:
1. A fault leaves a mark: where it was, what was found there, and what may stand there instead.
2. The marks that fit a value are put right in a copy. Where the verdict takes the copy, and would not if one of them
   were left as it is, they are what is wrong; in any other case a search finds out.
3. Marks hold no value that came, but for words that were chosen wrongly; there are few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Any, NamedTuple

from .fault import HOLDS, MOST, Fault, Kind, Path
from .json import types_of
from .schema import Schema

MOST_MARKS = 64  # of one schema
MOST_AT_ONCE = 8  # that one value leaves
TRIES = 8  # ways to put a value right
ABSENT: Any = object()
NULL = type(None)
CHOICES = frozenset({"enum", "const", "types-or-values"})
Way = tuple[Any, ...]  # a path; None stands for any item of a list
Place = tuple[Path, Any, Any]  # where a mark fits: the path, the object around it, the value there


class Mark(NamedTuple):
    """Where a fault was found.

    Attributes:
        fault: as it was, without its value.
        way: to what is wrong: a value, or the member that is missing or not declared.
        tag: where the value is an object of no known kind, the property that says its kind.
        look: what was found there, as far as it matters.
        instead: what may stand there; `ABSENT`, nothing.
        kind: what it shares with all faults of its kind.
    """

    fault: Fault
    way: Way
    tag: str
    look: Any
    instead: Any
    kind: Kind

    @property
    def key(self) -> tuple[Any, ...]:
        return self.fault.place, self.way, self.look

    def fits(self, value: Any) -> bool:
        """Whether a value that stands there has the same fault."""
        if self.tag:
            return isinstance(value, dict) and value.get(self.tag) == self.look
        if value is None or self.look is NULL:  # what is met most, and its own look
            return value is None and self.look is NULL
        return _look(self.fault, value) == self.look and not _holds(self.fault, value)

    def again(self, path: Path, holder: Any, value: Any) -> Fault:
        """The fault in another value; ``value`` stands at ``path``, in ``holder``."""
        if self.tag:
            return replace(self.fault, path=(*path, self.tag), value=value[self.tag])
        if self.fault.missing:
            return replace(self.fault, path=path[:-1], value=holder)
        if len(self.way) > len(self.fault.path):
            return replace(self.fault, path=path[:-1], value={path[-1]: value})
        return replace(self.fault, path=path, value=value)


def shape(value: Any) -> Any:
    """What a value is made of: types, and the names of members; equal for values that are of one make."""
    if isinstance(value, dict):
        return frozenset([(name, shape(item)) for name, item in value.items()])
    return frozenset(map(shape, value)) if isinstance(value, (list, tuple)) else type(value)


def _look(fault: Fault, value: Any) -> Any:
    return value if fault.keyword in CHOICES and isinstance(value, str) else shape(value)


def _holds(fault: Fault, value: Any) -> bool:
    if fault.keyword == "types-or-values":
        types, values = fault.wanted
        return not types_of(value).isdisjoint(types) or value in values
    holds = HOLDS.get(fault.keyword)
    return holds is not None and holds(value, fault.wanted)


# --- knowing again -------------------------------------------------------------------------------


def recall(schema: Schema, value: Any) -> list[Fault] | None:
    """The faults of an invalid value, where they are all known; else None, and a search is needed."""
    found = recalled(schema, value)
    return [mark.again(*place) for mark, places in found for place in places[:MOST]] if found is not None else None


def recalled(schema: Schema, value: Any) -> list[tuple[Mark, list[Place]]] | None:
    """The marks that say all that is wrong with an invalid value, with the places in it; None where they do not."""
    found: list[tuple[Mark, list[Place]]] = []
    mended = value
    for mark in schema.marks:
        places: list[Place] = []
        mended = _mended(mended, mark, (), places)
        if places:
            found.append((mark, places))
    if not found or not schema.is_valid(mended):
        return None
    marks = [mark for mark, _ in found]
    if len(marks) > 1 and any(schema.is_valid(_all_mended(value, [*marks[:i], *marks[i + 1 :]])) for i in range(len(marks))):
        return None
    return found


def _all_mended(value: Any, marks: Sequence[Mark]) -> Any:
    for mark in marks:
        value = _mended(value, mark, (), [])
    return value


def _mended(value: Any, mark: Mark, path: Path, places: list[Place]) -> Any:
    """The value with what ``mark`` is about put right; itself where nothing is. ``places`` gets what was found."""
    depth = len(path)
    if depth == len(mark.way):
        if not mark.fits(value):
            return value
        places.append((path, None, value))
        return mark.instead
    step = mark.way[depth]
    if step is None:
        return _mended_items(value, mark, path, places) if isinstance(value, list) else value
    if not isinstance(value, dict):
        return value
    if depth + 1 == len(mark.way):
        return _mended_member(value, step, mark, path, places)
    if step not in value:
        return value
    member = _mended(value[step], mark, (*path, step), places)
    return value if member is value[step] else {**value, step: member}


def _mended_items(items: list[Any], mark: Mark, path: Path, places: list[Place]) -> list[Any]:
    made = [_mended(item, mark, (*path, index), places) for index, item in enumerate(items)]
    return items if all(map(_is, made, items)) else made


def _is(one: Any, other: Any) -> bool:
    return one is other


def _mended_member(value: dict[str, Any], name: str, mark: Mark, path: Path, places: list[Place]) -> dict[str, Any]:
    if mark.fault.missing:
        if name in value:
            return value
        places.append(((*path, name), value, None))
        return {**value, name: mark.instead}
    if name not in value or not mark.fits(value[name]):
        return value
    places.append(((*path, name), value, value[name]))
    if mark.instead is ABSENT:
        return {key: item for key, item in value.items() if key != name}
    return {**value, name: mark.instead}


# --- leaving marks -------------------------------------------------------------------------------


def remember(schema: Schema, value: Any, faults: Sequence[Fault]) -> None:
    """Leave marks of the faults that were found, where it is known how to put them right."""
    wanted: dict[tuple[Any, ...], list[Mark]] = {}
    known = {mark.key for mark in schema.marks}
    for fault in faults:
        for options in _options(schema, fault):
            wanted.setdefault(options[0].key, options)
    if not wanted or len(wanted) > MOST_AT_ONCE or len(schema.marks) + len(wanted) > MOST_MARKS:
        return
    for marks in islice(product(*wanted.values()), TRIES):
        if schema.is_valid(_all_mended(value, marks)):
            schema.marks += tuple(mark for mark in marks if mark.key not in known)
            return


def _options(schema: Schema, fault: Fault) -> Iterator[list[Mark]]:
    """Marks of a fault, each with something else to stand there; of undeclared members, those of each."""
    way = tuple(None if isinstance(step, int) else step for step in fault.path)
    owner = fault.schema if isinstance(fault.schema, dict) else {}
    if fault.missing:
        declared = owner.get("properties", {}).get(fault.missing, True)
        marks = [_mark(fault, (*way, fault.missing), None, value) for value in _instead(schema, declared)]
    elif fault.keyword in ("additionalProperties", "unevaluatedProperties"):
        declared = schema.sub(owner).properties
        extras = [name for name in fault.value if name not in declared][: MOST_AT_ONCE + 1]
        yield from ([_mark(fault, (*way, name), shape(fault.value[name]), ABSENT, extra=name)] for name in extras)
        return
    elif fault.keyword == "enum" and "enum" not in owner:  # an object of a kind that no branch of a union is for
        marks = [_mark(fault, way[:-1], fault.value, value, tag=str(way[-1])) for value in _instead(schema, owner)]
    elif fault.keyword in HOLDS or fault.keyword == "types-or-values":
        look = _look(fault, fault.value)
        marks = [_mark(fault, way, look, value) for value in _instead(schema, owner)]
        marks += [_mark(fault, way, look, ABSENT)] if way and way[-1] is not None else []
    else:
        marks = []
    if marks:
        yield marks


def _mark(fault: Fault, way: Way, look: Any, instead: Any, *, tag: str = "", extra: str = "") -> Mark:
    bare = replace(fault, value=None, context=(), relative=())
    return Mark(bare, way, tag, look, instead, fault.kind(extra))


def _instead(schema: Schema, declared: Any) -> list[Any]:
    from .example import proposals

    return list(islice(proposals(schema.sub(declared)), 2))
