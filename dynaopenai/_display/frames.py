"""Whose line it was: the last one outside this package, for a warning and in a traceback."""

from __future__ import annotations

import sys
from collections.abc import Collection
from types import FrameType, TracebackType

PACKAGE = __name__.partition(".")[0]


def _is_ours(frame: FrameType, beside: Collection[str] = ()) -> bool:
    package = str(frame.f_globals.get("__package__")).partition(".")[0]
    return package == PACKAGE or package in beside


def caller(*beside: str) -> int:
    """The stack level of the first frame outside this package and those ``beside`` it, for `warnings.warn`."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001 - the inspect module would read source files
    while frame.f_back is not None and _is_ours(frame, ("asyncio", *beside)):  # a task's own line is nobody's
        level, frame = level + 1, frame.f_back
    return level


def outside() -> tuple[str, int]:
    """File and line of the first frame outside this package."""
    frame = sys._getframe(1)  # noqa: SLF001 - the inspect module would read source files
    while frame.f_back is not None and _is_ours(frame):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def asked_at(trace: TracebackType | None) -> list[str]:
    """The last line outside this package; nothing for a cell of one line."""
    lines = []
    while trace is not None:
        code, number = trace.tb_frame.f_code, trace.tb_lineno
        if not _is_ours(trace.tb_frame):
            lines = [(code.co_filename, number)]
        trace = trace.tb_next
    import linecache

    for name, number in lines:
        source = linecache.getlines(name)
        if len(source) > 1 and number <= len(source):
            return [f"line {number}: {source[number - 1].strip()}"]
    return []
