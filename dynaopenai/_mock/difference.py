"""Two sets of arguments -> their differences, each at its place, in a person's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._checking.json import member
from .._display.words import did_you_mean, short

SHOWN = 10


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """What differs, one line a place; none where the two are equal. Equal is what ``==`` says, so `ANY` works."""
    if _equal(expected, found):
        return
    if isinstance(expected, dict) and isinstance(found, dict):
        yield from _members(expected, found, path)
    elif isinstance(expected, (list, tuple)) and isinstance(found, (list, tuple)):
        for index, (wanted, item) in enumerate(zip(expected, found, strict=False)):
            yield from differences(wanted, item, member(path, index))
        if len(expected) != len(found):
            yield f"{path or 'the whole'}: expected {len(expected)} items, found {len(found)}"
    else:
        yield f"{path or 'the whole'}: expected {_shown(expected)}, found {_shown(found)}"


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
    every = list(lines)
    more = [f"  … and {len(every) - SHOWN} more"] if len(every) > SHOWN else []
    return "\n".join([f"  {line}" for line in every[:SHOWN]] + more)
