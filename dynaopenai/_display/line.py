"""A line as pieces of text, each with what it is: laid out and cut first, painted last, so that colour takes no room."""

from __future__ import annotations

from .colour import Paint
from .width import cut, width

Line = list[tuple[str, str]]  # a text and what it is, "" for nothing in particular


def width_of(line: Line) -> int:
    """How many columns it takes."""
    return sum(width(text) for text, _ in line)


def cut_line(line: Line, most: int) -> Line:
    """The line in at most ``most`` columns, ``…`` for what is left out."""
    if width_of(line) <= most:
        return line
    shown: Line = []
    for text, kind in line:
        room = most - width_of(shown)
        if width(text) >= room:  # there is more, so its last column says so
            return [*shown, (cut(f"{text}…", room), kind)]
        shown.append((text, kind))
    return shown


def painted(line: Line, paint: Paint) -> str:
    """The line as a text."""
    return "".join(paint(text, kind) if kind else text for text, kind in line)
