"""Two sets of arguments -> their differences, each at its place, in a person's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from .._checking.json import member
from .._display.words import SHOWN_VALUE, did_you_mean, first_few, short

SHOWN = 10
BEFORE = 20  # characters of a long text that are shown before the first that differs
LOOKED_AT = 10_000  # pairs of items that are compared at most


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """What differs, one line a place; none where the two are equal. Equal is what ``==`` says, so `ANY` works."""
    if _equal(expected, found):
        return
    if isinstance(expected, dict) and isinstance(found, dict):
        yield from _members(expected, found, path)
    elif isinstance(expected, (list, tuple)) and isinstance(found, (list, tuple)):
        yield from _items(expected, found, path)
    elif isinstance(expected, str) and isinstance(found, str) and max(len(expected), len(found)) > SHOWN_VALUE:
        yield f"{path or 'the whole'}: {_text(expected, found)}"
    else:
        yield f"{path or 'the whole'}: expected {_shown(expected)}, found {_shown(found)}"


def _items(expected: Sequence[Any], found: Sequence[Any], path: str) -> Iterator[str]:
    """An item that was put in or left out is one difference, and moves no other."""
    for here, there in _paired(expected, found):
        if here is None and there is not None:
            yield f"{member(path, there)}: expected nothing, found {_shown(found[there])}"
        elif there is None and here is not None:
            yield f"{member(path, here)}: expected {_shown(expected[here])}, found nothing"
        elif here is not None and there is not None:
            yield from differences(expected[here], found[there], member(path, there))


def _paired(expected: Sequence[Any], found: Sequence[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Which item stands for which: equal ones first, as many as can be in their order, then those between, one by one."""
    most = min(len(expected), len(found))
    start = next((index for index in range(most) if not _equal(expected[index], found[index])), most)
    end = next((index for index in range(most - start) if not _equal(expected[-1 - index], found[-1 - index])), most - start)
    here, there = range(start, len(expected) - end), range(start, len(found) - end)
    for inner in [*_common(expected, found, here, there), (here.stop, there.stop)]:
        yield from zip_longest(range(here.start, inner[0]), range(there.start, inner[1]))
        here, there = range(inner[0] + 1, here.stop), range(inner[1] + 1, there.stop)


def _common(expected: Sequence[Any], found: Sequence[Any], here: range, there: range) -> list[tuple[int, int]]:
    """The longest run of equal items, in their order; none where there are too many to look."""
    if not here or not there or len(here) * len(there) > LOOKED_AT or len(here) == len(there):
        return []
    best: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for i in reversed(here):
        for j in reversed(there):
            if _equal(expected[i], found[j]):
                best[i, j] = [(i, j), *best.get((i + 1, j + 1), [])]
            else:
                best[i, j] = max(best.get((i + 1, j), []), best.get((i, j + 1), []), key=len)
    return best[here.start, there.start]


def _text(expected: str, found: str) -> str:
    """Two long texts where they differ."""
    at = next((index for index, pair in enumerate(zip(expected, found, strict=False)) if pair[0] != pair[1]), min(len(expected), len(found)))
    start = max(at - BEFORE, 0)
    mark = "…" if start else ""
    here, there = (short(mark + text[start : start + SHOWN_VALUE - 10]) for text in (expected, found))
    return f"expected {here}, found {there}, from character {at + 1} on"


def _members(expected: dict[str, Any], found: dict[str, Any], path: str) -> Iterator[str]:
    for name, wanted in expected.items():
        if name in found:
            yield from differences(wanted, found[name], member(path, name))
        else:
            hint = did_you_mean(name, [other for other in found if other not in expected])
            yield f"{member(path, name)}: expected {_shown(wanted)}, found nothing" + (f"; {hint}" if hint else "")
    for name in found.keys() - expected.keys():
        yield f"{member(path, name)}: expected nothing, found {_shown(found[name])}"


def _equal(expected: Any, found: Any) -> bool:
    """Equality that keeps true and 1 apart, as JSON does."""
    if isinstance(expected, bool) != isinstance(found, bool) and isinstance(expected, (bool, int, float)):
        return False
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(_equal(expected[name], found[name]) for name in expected)
    if isinstance(expected, (list, tuple)) and isinstance(found, (list, tuple)):
        return len(expected) == len(found) and all(map(_equal, expected, found))
    return bool(expected == found)


def _shown(value: Any) -> str:
    return repr(value)[:80] if isinstance(value, bytes) else short(value)


def listed(lines: Iterator[str]) -> str:
    """The differences as indented lines, the first few of them."""
    return "\n".join(f"  {line}" for line in first_few(lines, SHOWN))
