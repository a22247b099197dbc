"""Rows of texts in columns, each as wide as it must be."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .colour import Paint, plain
from .line import Line, cut_line, painted
from .visible import visible_line
from .width import cut, padded, width

Row = Sequence[str]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        kind: what its cells are, for their colour; where it is empty, each cell's own text says so.
        most: how wide it may be; longer cells stand out, or are cut where ``is_cut``.
        least: how wide it is at least.
        gap: spaces before it.
        narrow: how narrow it may become where there is no room for all; None: it does not give way.
    """

    kind: str
    most: int
    least: int = 0
    gap: int = 2
    is_cut: bool = False
    narrow: int | None = None


def widths(rows: Sequence[Row], columns: Sequence[Column]) -> list[int]:
    """How wide each column must be, within its limits."""
    return [
        max(column.least, min(max((width(visible_line(row[place])) for row in rows), default=0), column.most))
        for place, column in enumerate(columns)
    ]


def fitted(rows: Sequence[Row], columns: Sequence[Column], most: int | None = None) -> tuple[Column, ...]:
    """The columns as wide as these rows need them, in ``most`` columns of a screen; the last that may gives way first."""
    wide = widths(rows, columns)
    excess = sum(column.gap + room for column, room in zip(columns, wide, strict=True)) - (most or sys.maxsize)
    found = [replace(column, most=room, least=room) for column, room in zip(columns, wide, strict=True)]
    for place, column in reversed(list(enumerate(found))):
        if excess > 0 and column.narrow is not None and column.most > column.narrow:
            room = max(column.narrow, column.most - excess)
            excess -= column.most - room
            found[place] = replace(column, most=room, least=room, is_cut=True)
    return tuple(found)


def lines(rows: Sequence[Row], columns: Sequence[Column], paint: Paint = plain, most: int | None = None) -> Iterator[str]:
    """The rows as lines without trailing spaces, each cut where it is longer than ``most``."""
    wide = widths(rows, columns)
    for row in rows:
        line: Line = []
        for place, (cell, column, room) in enumerate(zip(map(visible_line, row), columns, wide, strict=True)):
            text = cut(cell, room) if column.is_cut else cell
            line += [(" " * column.gap, ""), (padded(text, room) if any(row[place + 1 :]) else text, column.kind or cell)]
        yield painted(cut_line(line, most) if most else line, paint).rstrip()
