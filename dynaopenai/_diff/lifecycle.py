"""What a document says of an operation's life: deprecated, until when (``x-sunset``), how settled (``x-stability-level``).

Rules of this file:
1. These are extensions, read as oasdiff and others read them: the first breath of a removal is ``deprecated``, its day is
   ``x-sunset`` (a date, RFC 3339), and what is ``draft`` or ``alpha`` promises nothing yet.
2. A date that cannot be read is no date.
"""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

from .._document import openapi
from .change import Change
from .findings import Findings

LEVELS = ("draft", "alpha", "beta", "stable")
UNSETTLED = ("draft", "alpha")


def removed(findings: Findings, entry: openapi.Entry, hint: str) -> None:
    """An operation that is gone: out of the blue, as announced, or too early."""
    message, sunset = f"{entry.method} {entry.path} is gone", _sunset(entry)
    code = "operation-removed"
    if entry.deprecated and sunset is None:
        hint = hint or "it was deprecated, without a day (x-sunset)"
    elif entry.deprecated and sunset is not None and sunset <= _today():
        code, message = "operation-retired", f"{message}, as announced for {sunset}"
    elif sunset is not None:
        message = f"{message} before its sunset, {sunset}"
    findings.tell(code, entry.id, "", message, entry.node, old=True, hint=hint)


def lifecycle(findings: Findings, before: openapi.Entry, after: openapi.Entry) -> None:
    """What became deprecated, when it ends, and how settled it is."""

    def tell(code: str, message: str) -> None:
        findings.tell(code, after.id, "", message, after.node)

    old, new = _sunset(before), _sunset(after)
    until = f", until {new}" if new else ""
    if before.deprecated != after.deprecated:
        code = "operation-deprecated" if after.deprecated else "operation-undeprecated"
        tell(code, f"deprecated{until}" if after.deprecated else "not deprecated any more")
    elif old != new and after.deprecated:
        if new is None:
            tell("sunset-removed", f"x-sunset {old} → none")
        else:
            tell("sunset-advanced" if old and new < old else "sunset-set", f"x-sunset {old or 'none'} → {new}")
    levels = _level(before), _level(after)
    if levels[0] != levels[1] and all(level in LEVELS for level in levels):
        verb = "lowered" if LEVELS.index(levels[1]) < LEVELS.index(levels[0]) else "raised"
        tell(f"stability-{verb}", f"x-stability-level {levels[0]} → {levels[1]}")


def is_unsettled(change: Change, entries: dict[str, openapi.Entry]) -> bool:
    """Whether a change touches nothing but operations that promised nothing yet."""
    known = [entries[name] for name in change.operations if name in entries]
    return len(known) == len(change.operations) > 0 and all(_level(entry) in UNSETTLED for entry in known)


def _level(entry: openapi.Entry) -> str:
    declared = entry.node.value.get("x-stability-level")
    return declared if isinstance(declared, str) and declared else "stable"


def _sunset(entry: openapi.Entry) -> date | None:
    declared: Any = entry.node.value.get("x-sunset")
    try:
        return date.fromisoformat(str(declared)[:10]) if declared is not None else None
    except ValueError:
        return None


def _today() -> date:
    return datetime.now(timezone.utc).date()
