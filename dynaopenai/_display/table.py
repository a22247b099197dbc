"""Rows of texts in columns, each as wide as it must be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .colour import Paint, plain
from .line import Line, painted
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
    """

    kind: str
    most: int
    least: int = 0
    gap: int = 2
    is_cut: bool = False


def widths(rows: Sequence[Row], columns: Sequence[Column]) -> list[int]:
    """How wide each column must be, within its limits."""
    return [
        max(column.least, min(max((width(visible_line(row[place])) for row in rows), default=0), column.most))
        for place, column in enumerate(columns)
    ]


def lines(
    rows: Sequence[Row], columns: Sequence[Column], widths_: Sequence[int] | None = None, paint: Paint = plain
) -> Iterator[str]:
    """The rows as lines without trailing spaces. ``widths_``: those of a larger table that these rows are a part of."""
    wide = widths_ or widths(rows, columns)
    for row in rows:
        line: Line = []
        for place, (cell, column, room) in enumerate(zip(map(visible_line, row), columns, wide, strict=True)):
            text = cut(cell, room) if column.is_cut else cell
            line += [(" " * column.gap, ""), (padded(text, room) if any(row[place + 1 :]) else text, column.kind or cell)]
        yield painted(line, paint).rstrip()
