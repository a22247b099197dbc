"""Values as a person reads them: Python literals, indented where long, long texts and vectors folded.

Rules of this file:
1. What fits on a line stays on it; what does not is broken at its members, two spaces deeper.
2. The screen is never flooded: what is too long is folded more and more tightly until it fits on a screen, and says
   how much is not shown.
3. It is for reading only, and changes nothing: ``dict(data)`` and ``json.dumps(data)`` have everything.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

WIDTH = 96
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


def pretty(value: Any, width: int | None = None, spell: Spell = repr) -> str:
    """``value``, a JSON value, as text of about ``width`` columns (the terminal's, where there is one) and one screen."""
    columns = width or _columns()
    for fold in FOLDS:
        lines = list(_lines(value, columns, "", fold, fold.depth, spell))
        if sum(1 + len(line) // columns for line in lines) <= MOST_LINES:
            break
    return "\n".join(lines)


def _columns() -> int:
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return max(40, min(shutil.get_terminal_size().columns, 120)) if is_terminal else WIDTH


def _lines(value: Any, width: int, head: str, fold: Fold, depth: int, spell: Spell) -> Iterator[str]:
    """The lines of a value; ``head``: what stands before it on its first line."""
    flat = _flat(value, fold, depth, width - len(head), spell)
    if flat is not None:
        yield head + flat
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{head}{opening}"
    shown, rest = _folded(value, fold)
    for place, (key, item) in enumerate(shown, 1):
        *above, last = _lines(item, width - 3, _head(key, spell), fold, depth - 1, spell)
        yield from (f"  {line}" for line in above)
        yield f"  {last}," if rest or place < len(shown) else f"  {last}"
    if rest:
        yield f"  … {rest:,} more"
    yield closing


def _flat(value: Any, fold: Fold, depth: int, room: int, spell: Spell) -> str | None:
    """A value on one line; None where a container does not fit into ``room``."""
    if isinstance(value, str):
        return _text(value, fold.text, spell)
    if not isinstance(value, (dict, list)):
        return spell(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if not depth and value:
        return f"{opening}… {len(value):,}{closing}"
    shown, rest = _folded(value, fold)
    texts = []
    for key, item in shown:
        text = _flat(item, fold, depth - 1, room, spell)
        if text is None or len(text) > room:
            return None
        texts.append(_head(key, spell) + text)
        room -= len(texts[-1]) + 2
    if rest:
        texts.append(f"… {rest:,} more")
        room -= len(texts[-1]) + 2
    return f"{opening}{', '.join(texts)}{closing}" if room >= 0 else None


def _head(key: Any, spell: Spell) -> str:
    return "" if key is None else f"{spell(key)}: "


def _text(text: str, most: int, spell: Spell) -> str:
    if len(text) <= most:
        return spell(str(text))
    return f"{spell(text[:most])}… {len(text) - most:,} more characters"


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
