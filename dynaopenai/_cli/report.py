"""Changes -> what is read: text for a terminal, JSON for a program.

Rules of this file:
1. One edit, one line: what stands in a shared component is told under its name, with the operations that it reaches;
   values that came or went together are told together.
2. Breaking first; safe ones are summed by kind unless all are wanted. What is cut is said: a long list of operations, a
   payload (whole in JSON), a report of more than `MOST_LINES`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from .._diff.change import CODES, NO_WITNESS, SEVERITIES, Change
from .._display.words import count

MOST_NAMES = 4
MOST_WITNESS = 160
MOST_LINES = 360
MOST_VALUES = 12
COLOURS = {"breaking": "red", "dangerous": "yellow", "safe": "green"}
TOGETHER = ("enum-value-removed", "enum-value-added", "known-value-removed", "known-value-added", "tag-added", "tag-removed")
Paint = Callable[[str, str], str]


def summary(changes: Sequence[Change]) -> dict[str, int]:
    """How many changes there are of each severity."""
    return {name: sum(change.severity == name for change in changes) for name in SEVERITIES}


def headline(changes: Sequence[Change]) -> str:
    """``2 breaking, 1 dangerous, 30 safe``; ``no changes``."""
    return ", ".join(f"{number} {name}" for name, number in summary(changes).items() if number) or "no changes"


def as_json(old: str, new: str, changes: Sequence[Change]) -> dict[str, Any]:
    """All of it as one JSON object."""
    return {"old": old, "new": new, "summary": summary(changes), "changes": [change.as_json() for change in changes]}


# --- groups --------------------------------------------------------------------------------------


@dataclass
class Group:
    """Changes that are told together.

    ``name``: the component that they stand in, empty where they stand in none. ``size``: how many they were one by one.
    """

    name: str
    size: int = 0
    operations: dict[str, None] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    @property
    def title(self) -> str:
        """``Pet  reaches 3 operations: getPet, …``; the operations alone; or the document."""
        names = list(self.operations)
        if not self.name:
            return shortened(names) or "the document"
        return f"{self.name}  reaches {count(len(names), 'operation')}: {shortened(names)}" if names else self.name


def grouped(changes: Iterable[Change], by: str) -> list[Group]:
    """Groups in the order in which they come first. ``by``: ``schema`` or ``operation``."""
    found: dict[Any, Group] = {}
    for change, size in _together(changes):
        name = change.component if by == "schema" else ""
        key = ("", "operations") if by == "schema" and change.code in WHOLE_OPERATIONS else (name, name or change.operations)
        group = found.setdefault(key, Group(name))
        group.operations |= dict.fromkeys(change.operations)
        group.changes.append(change)
        group.size += size
    return list(found.values())


WHOLE_OPERATIONS = ("operation-added", "operation-removed")


def place(change: Change, by: str) -> str:
    """Where it is, as the group tells it."""
    if by == "schema" and change.component:
        return change.inside
    return change.path


def _together(changes: Iterable[Change]) -> Iterator[tuple[Change, int]]:
    """Values that came or went in one place as one change, with their number."""
    found: dict[Any, list[Change]] = {}
    for number, change in enumerate(changes):
        key = (change.code, change.severity, change.direction, change.component, change.inside, change.path, change.operations)
        found.setdefault(key if change.code in TOGETHER else number, []).append(change)
    for each in found.values():
        if len(each) == 1:
            yield each[0], 1
            continue
        verb = each[0].message.removeprefix(_value_of(each[0]))
        shown = [_value_of(change) for change in each[:MOST_VALUES]]
        more = [f"{len(each) - MOST_VALUES} more"] if len(each) > MOST_VALUES else []
        *names, last = shown + more
        yield replace(each[0], message=f"{', '.join(names)} and {last}{verb.replace(' is ', ' are ', 1)}"), len(each)


def _value_of(change: Change) -> str:
    """What stands before the verb: ``"a"`` of ``"a" is gone``."""
    for verb in (" is gone", " is new", " is not named any more", " is named now", " differs"):
        if change.message.endswith(verb):
            return change.message.removesuffix(verb)
    return change.message


def shortened(names: Sequence[str]) -> str:
    """A list of names, cut where it is long."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def cut(witness: Any) -> str:
    """A payload as it is shown."""
    text = witness if isinstance(witness, str) else json.dumps(witness, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_WITNESS else text[: MOST_WITNESS - 1] + "…"


def proof(change: Change) -> str:
    """What a payload shows."""
    return "may come now" if change.direction == "response" else "was valid"


def is_shown(change: Change) -> bool:
    """Whether the payload says more than the change does."""
    if change.witness is NO_WITNESS or change.code in WHOLE_OPERATIONS:
        return False
    return not (isinstance(change.witness, str) and len(change.witness) > 1 and change.witness in change.message)


# --- text ----------------------------------------------------------------------------------------


def as_text(
    old: str, new: str, changes: Sequence[Change], *, everything: bool, by: str = "schema", paint: Paint | None = None
) -> str:
    """Grouped, the worst first. ``paint``: (text, colour) -> text."""
    brush = paint or (lambda text, _: text)
    lines = [f"{old} → {new}: {headline(changes)}"]
    shown = [change for change in changes if everything or change.severity != "safe"]
    left = len(shown)
    for group in grouped(shown, by):
        added = ["", brush(_title(group), "bold"), *(line for change in group.changes for line in _lines(change, by, brush))]
        if not everything and len(lines) + len(added) > MOST_LINES:
            added = added[: MOST_LINES - len(lines)]
            lines += [*added, "", f"… and more, {left} in all from here on (all of them: --all, or --json)"]
            break
        lines += added
        left -= group.size
    rest = [change for change in changes if change.severity == "safe" and not everything]
    if rest:
        lines += ["", brush("safe", COLOURS["safe"]) + " (all of them: --all)"]
        lines += [f"  {line}" for line in _sums(rest)]
    return "\n".join(lines)


def _title(group: Group) -> str:
    if not group.name and {change.code for change in group.changes} <= set(WHOLE_OPERATIONS) and len(group.changes) > 1:
        return "operations"
    return group.title


def _lines(change: Change, by: str, paint: Paint) -> Iterator[str]:
    mark = paint(f"{change.severity:<9}", COLOURS[change.severity])
    hint = f"; {change.hint}" if change.hint else ""
    at = place(change, by)
    yield f"  {mark} {f'{at}: ' if at else ''}{change.message}{hint}  [{change.code}]"
    if is_shown(change):
        yield f"            {proof(change)}: {cut(change.witness)}"


def _sums(changes: Sequence[Change]) -> Iterator[str]:
    ordered = sorted(changes, key=lambda change: change.code)
    kinds = [(code, list(group)) for code, group in groupby(ordered, key=lambda change: change.code)]
    for code, group in sorted(kinds, key=lambda kind: -len(kind[1])):
        example = next((f"{shortened(change.operations)} {change.path}".strip() for change in group), "")
        yield f"{len(group):>4} {code}: {CODES[code].says}" + (f" ({example}{', …' if len(group) > 1 else ''})" if example else "")
