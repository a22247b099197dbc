"""Changes -> what is read: text for a terminal, Markdown for a pull request, JSON for a program.

Rules of this file: changes with the same operations stand together; breaking first; safe ones are summed by kind
unless all are wanted; a long list of operations is cut, a payload is cut in the text and whole in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from .._diff.change import CODES, NO_WITNESS, SEVERITIES, Change
from .._display.colour import Paint, plain
from .._display.words import count

MOST_NAMES = 4
MOST_WITNESS = 160


def summary(changes: Sequence[Change]) -> dict[str, int]:
    """How many changes there are of each severity."""
    return {name: sum(change.severity == name for change in changes) for name in SEVERITIES}


def headline(changes: Sequence[Change]) -> str:
    """``2 breaking, 1 dangerous, 30 safe``; ``no changes``."""
    return ", ".join(f"{number} {name}" for name, number in summary(changes).items() if number) or "no changes"


def as_json(old: str, new: str, changes: Sequence[Change]) -> dict[str, Any]:
    """All of it as one JSON object."""
    return {"old": old, "new": new, "summary": summary(changes), "changes": [change.as_json() for change in changes]}


# --- text ----------------------------------------------------------------------------------------


def as_text(old: str, new: str, changes: Sequence[Change], *, everything: bool, paint: Paint = plain) -> str:
    """Grouped by operation, the worst first."""
    lines = [f"{old} → {new}: {headline(changes)}"]
    shown = [change for change in changes if everything or change.severity != "safe"]
    for operations, group in _groups(shown):
        lines += ["", paint(_names(operations), "heading")]
        for change in group:
            lines += _lines(change, paint)
    rest = [change for change in changes if change not in shown]
    if rest:
        lines += ["", paint("safe", "safe") + " (all of them: --all)"]
        lines += [f"  {line}" for line in _sums(rest)]
    return "\n".join(lines)


def _groups(changes: Sequence[Change]) -> Iterator[tuple[tuple[str, ...], list[Change]]]:
    """Changes by the operations they touch, in the order in which these come first."""
    found: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        found.setdefault(change.operations, []).append(change)
    yield from found.items()


def _names(operations: Sequence[str]) -> str:
    if not operations:
        return "the document"
    more = len(operations) - MOST_NAMES
    return ", ".join(operations[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _lines(change: Change, paint: Paint) -> Iterator[str]:
    mark = paint(f"{change.severity:<9}", change.severity)
    hint = f"; {change.hint}" if change.hint else ""
    yield f"  {mark} {_place(change)}{change.message}{hint}  [{change.code}]"
    if change.witness is not NO_WITNESS:
        yield f"            {_proof(change)}: {_cut(change.witness)}"


def _place(change: Change) -> str:
    return f"{change.path}: " if change.path else ""


def _proof(change: Change) -> str:
    return "may come now" if change.direction == "response" else "was valid"


def _cut(witness: Any) -> str:
    text = witness if isinstance(witness, str) else json.dumps(witness, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_WITNESS else text[: MOST_WITNESS - 1] + "…"


def _sums(changes: Sequence[Change]) -> Iterator[str]:
    ordered = sorted(changes, key=lambda change: change.code)
    kinds = [(code, list(group)) for code, group in groupby(ordered, key=lambda change: change.code)]
    for code, group in sorted(kinds, key=lambda kind: -len(kind[1])):
        example = next((f"{_names(change.operations)} {change.path}".strip() for change in group), "")
        yield f"{len(group):>4} {code}: {CODES[code].says} ({example}{', …' if len(group) > 1 else ''})"


# --- Markdown ------------------------------------------------------------------------------------


def as_markdown(old: str, new: str, changes: Sequence[Change]) -> str:
    """A comment for a pull request: breaking and dangerous changes in the open, safe ones folded."""
    lines = [f"### {_md(old)} → {_md(new)}: {headline(changes)}"]
    for name in SEVERITIES:
        mine = [change for change in changes if change.severity == name]
        if not mine:
            continue
        folded = name == "safe"
        lines += ["", f"<details><summary>{count(len(mine), 'safe change')}</summary>" if folded else f"**{name}**", ""]
        for operations, group in _groups(mine):
            lines.append(
                f"- {', '.join(f'`{name}`' for name in operations[:MOST_NAMES]) or 'the document'}{_more(operations)}"
            )
            lines += [line for change in group for line in _bullets(change)]
        lines += ["", "</details>"] if folded else []
    return "\n".join(lines)


def _more(operations: Sequence[str]) -> str:
    return f" and {len(operations) - MOST_NAMES} more" if len(operations) > MOST_NAMES else ""


def _bullets(change: Change) -> Iterator[str]:
    place = f"`{change.path}`: " if change.path else ""
    hint = f"; {_md(change.hint)}" if change.hint else ""
    yield f"  - {place}{_md(change.message)}{hint} (`{change.code}`)"
    if change.witness is not NO_WITNESS and change.severity != "safe":
        yield f"    {_proof(change)}: `{_cut(change.witness).replace('`', chr(39))}`"


def _md(text: str) -> str:
    return "".join("\\" + letter if letter in "\\`*_<>[]|" else letter for letter in text)
