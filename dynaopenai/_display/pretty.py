"""Values as a person reads them: Python literals, indented where long, long texts and vectors folded.

Rules of this file:
1. What fits on a line stays on it; what does not is broken at its members, two spaces deeper.
2. The screen is never flooded: what is too long is folded more and more tightly until it fits on a screen, and says
   how much is not shown.
3. It is for reading only, and changes nothing: ``dict(data)`` and ``json.dumps(data)`` have everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .colour import Paint, plain
from .line import Line, painted, width_of
from .width import columns

MOST_LINES = 60


@dataclass(frozen=True)
class Fold:
    """How much is shown: characters of a text, numbers of a vector, other members, levels."""

    text: int
    scalars: int
    members: int
    depth: int


Spell = Callable[[Any], str]  # how a scalar or a key is written

FOLDS = (Fold(2000, 8, 24, 12), Fold(320, 8, 16, 8), Fold(160, 6, 8, 6), Fold(80, 4, 4, 5), Fold(60, 4, 3, 3), Fold(40, 4, 3, 1))


def pretty(value: Any, most: int | None = None, spell: Spell = repr, paint: Paint = plain) -> str:
    """``value``, a JSON value, as text of about ``most`` columns (those that there are) and one screen."""
    room = most or columns()
    for fold in FOLDS:
        lines = list(_lines(value, room, [], fold, fold.depth, spell))
        if sum(1 + width_of(line) // room for line in lines) <= MOST_LINES:
            break
    return "\n".join(painted(line, paint) for line in lines)


def _lines(value: Any, room: int, head: Line, fold: Fold, depth: int, spell: Spell) -> Iterator[Line]:
    """The lines of a value; ``head``: what stands before it on its first line."""
    flat = _flat(value, fold, depth, room - width_of(head), spell)
    if flat is not None:
        yield head + flat
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield [*head, (opening, "")]
    shown, rest = _folded(value, fold)
    for place, (key, item) in enumerate(shown, 1):
        *above, last = _lines(item, room - 3, _head(key, spell), fold, depth - 1, spell)
        yield from ([("  ", ""), *line] for line in above)
        yield [("  ", ""), *last, (",", "")] if rest or place < len(shown) else [("  ", ""), *last]
    if rest:
        yield [("  ", ""), _more(rest)]
    yield [(closing, "")]


def _flat(value: Any, fold: Fold, depth: int, room: int, spell: Spell) -> Line | None:
    """A value on one line; None where a container does not fit into ``room``."""
    if not isinstance(value, (dict, list)):
        return _scalar(value, fold.text, spell)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if not depth and value:
        return [(f"{opening}… {len(value):,}{closing}", "folded")]
    shown, rest = _folded(value, fold)
    found: Line = []
    for key, item in shown:
        flat = _flat(item, fold, depth - 1, room, spell)
        if flat is None or width_of(flat) > room:
            return None
        member = _head(key, spell) + flat
        room -= width_of(member) + 2
        found += [(", ", ""), *member] if found else member
    if rest:
        found += [(", ", ""), _more(rest)] if found else [_more(rest)]
        room -= len(_more(rest)[0]) + 2
    return [(opening, ""), *found, (closing, "")] if room >= 0 else None


def _head(key: Any, spell: Spell) -> Line:
    return [] if key is None else [(spell(key), "key"), (": ", "")]


def _more(rest: int) -> tuple[str, str]:
    return f"… {rest:,} more", "folded"


def _scalar(value: Any, most: int, spell: Spell) -> Line:
    if not isinstance(value, str):
        return [(spell(value), "constant" if value is None or isinstance(value, bool) else "number")]
    if len(value) <= most:
        return [(spell(str(value)), "string")]
    return [(spell(value[:most]), "string"), (f"… {len(value) - most:,} more characters", "folded")]


def _folded(value: dict[Any, Any] | list[Any], fold: Fold) -> tuple[list[tuple[Any, Any]], int]:
    """The members that are shown, and how many are not."""
    # dict.items, since a subclass's own may wrap what it hands out
    if isinstance(value, dict):
        shown = [member for member, _ in zip(dict.items(value), range(fold.members), strict=False)]
        return shown, len(value) - len(shown)
    is_vector = all(not isinstance(item, (dict, list, str)) for item in value)
    most = fold.scalars if is_vector else fold.members
    if len(value) > most and is_vector:
        most //= 2
    return [(None, item) for item in list.__iter__(value[:most])], max(0, len(value) - most)
