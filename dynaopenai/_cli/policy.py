"""What a project says of changes: other severities, and changes that are known, each with a reason and a day.

Rules of this file:
1. An exception has a reason, and ends: without ``reason`` it is refused, after ``until`` it does not count any more.
2. What an ignore file passes over is counted, and what passes over nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .._diff.change import CODES, SEVERITIES, Change, Severity
from .._display.words import nearest, one_of, short
from .._document.source import read_file
from .._document.syntax import parse
from ..errors import SpecError

LEVELS: dict[str, Severity | None] = {
    **{name: name for name in SEVERITIES}, "none": None, "err": "breaking", "warn": "dangerous", "info": "safe",
}  # fmt: skip
FIELDS = ("code", "operation", "component", "path", "reason", "until")


@dataclass(frozen=True)
class Known:
    """A change that is known. Fields may hold ``*``; an empty one matches anything."""

    code: str
    operation: str
    component: str
    path: str
    reason: str
    until: date | None

    def covers(self, change: Change) -> bool:
        """Whether it speaks of a change, in every operation that it touches."""
        facts = ((self.code, change.code), (self.component, change.component), (self.path, change.path))
        if not all(fnmatchcase(value, pattern) for pattern, value in facts if pattern):
            return False
        return not self.operation or all(fnmatchcase(name, self.operation) for name in change.operations or ("",))


@dataclass
class Judged:
    """Changes as a project's policy sees them, and what is to be said of it."""

    changes: list[Change]
    notes: list[str] = field(default_factory=list)


def judged(changes: Sequence[Change], levels: dict[str, Severity | None], known: Sequence[Known]) -> Judged:
    """The changes with the project's severities, without those that are known."""
    rated = list(_rated(changes, levels))
    today = datetime.now(timezone.utc).date()
    result, used = Judged([]), dict.fromkeys(range(len(known)), 0)
    for change in rated:
        found = next((index for index, each in enumerate(known) if each.covers(change) and not _is_over(each, today)), None)
        if found is None:
            result.changes.append(change)
        else:
            used[found] += 1
    for index, each in enumerate(known):
        what = " ".join(filter(None, [each.code, each.operation, each.component, each.path]))
        if _is_over(each, today):
            result.notes.append(f"the exception for {what} ended on {each.until} and does not count any more ({each.reason})")
        elif used[index]:
            result.notes.append(f"ignored {used[index]}: {what} ({each.reason}{f', until {each.until}' if each.until else ''})")
        else:
            result.notes.append(f"the exception for {what} meets nothing: take it out ({each.reason})")
    return result


def _is_over(known: Known, today: date) -> bool:
    return known.until is not None and known.until < today


def _rated(changes: Iterable[Change], levels: dict[str, Severity | None]) -> Iterator[Change]:
    """By severity again, the worst first."""
    kept = [replace(each, severity=level) for each in changes if (level := levels.get(each.code, each.severity)) is not None]
    yield from sorted(kept, key=lambda each: SEVERITIES.index(each.severity))


# --- what a project writes -----------------------------------------------------------------------


def severities(words: Iterable[str]) -> dict[str, Severity | None]:
    """Levels by code, from ``code=level`` and from files that hold a mapping, or ``code level`` on each line.

    Raises:
        SpecError: there is no such code or level, or no such file.
    """
    found: dict[str, Severity | None] = {}
    for word in words:
        if "=" in word:
            code, _, level = word.partition("=")
            found[_code(code.strip(), "--severity")] = _level(level.strip(), "--severity")
        else:
            found |= {_code(code, word): _level(level, word) for code, level in _pairs(Path(word))}
    return found


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    data = read_file(path)
    lines = [line.split("#")[0].split() for line in data.decode("utf-8", "replace").splitlines()]
    if all(len(line) in (0, 2) and not line[0].endswith(":") for line in lines if line):
        yield from ((line[0], line[1]) for line in lines if line)
        return
    root = parse(data, path.name).value
    if not isinstance(root, dict):
        raise SpecError("severities are a mapping", source=path.name, found=short(root), expected="code: level")
    yield from ((str(code), str(level)) for code, level in root.items())


def _code(code: str, source: str) -> str:
    if code not in CODES:
        close = nearest(code, CODES)
        raise SpecError(
            "there is no such kind of change", source=source, found=code, expected="a code of docs/diff.md",
            remedy=f"did you mean {close[0]}?" if close else "",
        )  # fmt: skip
    return code


def _level(level: str, source: str) -> Severity | None:
    if level.lower() not in LEVELS:
        raise SpecError("there is no such severity", source=source, found=level, expected=one_of([*SEVERITIES, "none"]))
    return LEVELS[level.lower()]


def exceptions(path: Path) -> list[Known]:
    """The changes that an ignore file knows.

    Raises:
        SpecError: it cannot be read, or an entry has no reason, or a field that there is not.
    """
    root = parse(read_file(path), path.name).value
    entries = root.get("ignore") if isinstance(root, dict) else root
    if not isinstance(entries, list):
        raise SpecError("an ignore file is a list", source=path.name, found=short(root), expected="- code, reason, until")
    return [_exception(entry, f"{path.name}: entry {number}") for number, entry in enumerate(entries, 1)]


def _exception(entry: Any, source: str) -> Known:
    if not isinstance(entry, dict) or not str(entry.get("reason") or "").strip():
        raise SpecError("a change is ignored for a reason", source=source, found=short(entry), expected="a reason")
    for name in entry:
        if name not in FIELDS:
            raise SpecError("there is no such field", source=source, found=short(name), expected=one_of(list(FIELDS)))
    if not any(entry.get(name) for name in FIELDS[:4]):
        raise SpecError("an entry names what it ignores", source=source, found=short(entry), expected=one_of(list(FIELDS[:4])))
    code = str(entry.get("code") or "")
    if code and "*" not in code:
        _code(code, source)
    operation, component, path = (str(entry.get(name) or "") for name in ("operation", "component", "path"))
    return Known(code, operation, component, path, str(entry["reason"]), _date(entry.get("until"), source))


def _date(declared: Any, source: str) -> date | None:
    try:
        return date.fromisoformat(str(declared)[:10]) if declared is not None else None
    except ValueError:
        raise SpecError("until is a date", source=source, found=short(declared), expected="2026-12-31") from None
