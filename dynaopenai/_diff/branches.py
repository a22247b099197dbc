"""Which branch of a union is which after a change: by name, by tag, by content, by likeness.

Any pairing is sound; a good one makes few and small differences. What a branch, a type and a limit are called in
messages stands here too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._display.words import one_of, short
from .alternative import KINDS, Alternative, Shape
from .shape import Side

MOST_COMPARISONS = 400  # of branches with each other, before only names and tags are looked at
Branches = tuple[Side, Sequence[Alternative]]


def pairing(
    old: Branches, new: Branches, same: Callable[[Alternative, Alternative], bool]
) -> list[tuple[Alternative, Alternative]]:
    """Branches of the one side and the branches that they became. ``same``: whether two have the same values."""
    matched: list[tuple[Alternative, Alternative]] = []
    left, right = list(old[1]), list(new[1])

    def take(mine: Alternative, theirs: Alternative) -> None:
        matched.append((mine, theirs))
        left[:] = [one for one in left if one is not mine]
        right[:] = [one for one in right if one is not theirs]

    for key in (_names, _innermost, _outermost, _tag):
        mine_by, theirs_by = _told_apart(key, old[0], left), _told_apart(key, new[0], right)
        for what in mine_by:
            if what in theirs_by:
                take(mine_by[what], theirs_by[what])
    if len(left) * len(right) <= MOST_COMPARISONS:
        for mine in list(left):
            twin = next((theirs for theirs in right if same(mine, theirs)), None)
            if twin is not None:
                take(mine, twin)
    scored = [(_likeness(old[0], mine, new[0], theirs), i, j) for i, mine in enumerate(left) for j, theirs in enumerate(right)]
    rows, columns = list(left), list(right)
    for score, i, j in sorted(scored, key=lambda item: (-item[0], item[1:])):
        if score >= 0.5 and rows[i] in left and columns[j] in right:
            take(rows[i], columns[j])
    return matched


def label(side: Side, one: Alternative) -> str:
    """What a person calls a branch."""
    if one.named:
        return one.named[0]
    tag = _tag(side, one)
    if tag:
        return "the one with " + ", ".join(f"{name} {'/'.join(texts)}" for name, texts in tag)
    if one.values is not None:
        return one_of(list(one.values.values()))
    return f"{word(one)} with {one_of(sorted(one.properties))}" if one.properties else word(one)


def word(one: Alternative) -> str:
    """The name of its type."""
    return "integer" if one.integral else one.kind


def kinds_text(shape: Shape) -> str:
    """The types of a schema in words."""
    if len(shape) == len(KINDS):
        return "any type"
    words = [
        word(group[0]) if kind == "number" and all(one.integral for one in group) else kind
        for kind, group in shape.items()
    ]
    return " or ".join(words) or "nothing"


def order_of(keyword: str, limit: Any) -> Any:
    """What limits of one keyword are compared by."""
    if isinstance(limit, tuple):
        return limit[0], limit[1] if keyword == "minimum" else not limit[1]
    return limit


def limit_value(limit: Any) -> Any:
    """The limit as the schema has it."""
    return limit[0] if isinstance(limit, tuple) else limit


def limit_text(limit: Any) -> str:
    """The limit in words."""
    if limit is None:
        return "none"
    return f"{short(limit[0])} (excluded)" if isinstance(limit, tuple) and limit[1] else short(limit_value(limit))


def _told_apart(
    key: Callable[[Side, Alternative], Any], side: Side, branches: Sequence[Alternative]
) -> dict[Any, Alternative]:
    """The branches by what only one of them has: the name of the union that all are in tells nothing."""
    found: dict[Any, list[Alternative]] = {}
    for one in branches:
        found.setdefault(key(side, one), []).append(one)
    return {what: group[0] for what, group in found.items() if what and len(group) == 1}


def _names(_side: Side, one: Alternative) -> tuple[str, ...]:
    return one.named


def _innermost(_side: Side, one: Alternative) -> tuple[str, ...]:
    return one.named[-1:]


def _outermost(_side: Side, one: Alternative) -> tuple[str, ...]:
    return one.named[:1]


def _tag(side: Side, one: Alternative) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The constants that tell an object's branch from the others."""
    tags = ((name, tuple(sorted(side.tags(one, name)))) for name in sorted(one.required & one.properties.keys()))
    return tuple((name, texts) for name, texts in tags if len(texts) == 1)


def _likeness(old: Side, one: Alternative, new: Side, other: Alternative) -> float:
    if one.kind != "object":
        return 0.5 + 0.5 * (one.kind == "array" or (one.values is None) == (other.values is None))
    mine, theirs = one.properties.keys(), other.properties.keys()
    shared_names = sum(key(old, one) == key(new, other) != () for key in (_outermost, _tag))
    return shared_names + len(mine & theirs) / (len(mine | theirs) or 1)
