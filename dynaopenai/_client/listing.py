"""Operations as lines: one each, in columns; by tag; as a count by tag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .._display.colour import Paint, plain
from .._display.prose import brief
from .._display.table import Column, Row, fitted, lines
from .._display.width import filled, listed, terminal
from .._display.words import count
from .._document.openapi import Entry

NO_TAG = "(no tag)"
_COLUMNS = (
    Column("id", 34), Column("", 6, least=6), Column("path", 52, gap=1, narrow=36), Column("summary", 60, narrow=24)
)  # fmt: skip


def by_tag(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The operations under the first of their tags, in document order."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.tags[0] if entry.tags else NO_TAG, []).append(entry)
    return groups


def rows(entries: Sequence[Entry], paint: Paint = plain) -> Iterator[str]:
    """``id  METHOD  path  summary``, a line each."""
    return _drawn([entries], paint)[0]


def _drawn(groups: Iterable[Sequence[Entry]], paint: Paint) -> list[Iterator[str]]:
    """The lines of each group, in the columns of all; a terminal too narrow for paths has none."""
    cells = [list(map(row, group)) for group in groups]
    most = terminal()
    columns = fitted([row for rows in cells for row in rows], _COLUMNS, most)
    if most and sum(column.gap + column.most for column in columns) > most:
        cells = [[(name, method, summary) for name, method, _, summary in rows] for rows in cells]
        without = (*_COLUMNS[:2], replace(_COLUMNS[3], gap=1, narrow=8))
        columns = fitted([row for rows in cells for row in rows], without, most)
    return [lines(rows, columns, paint, most) for rows in cells]


def row(entry: Entry) -> Row:
    """What is said of an operation, in brief."""
    return entry.id, entry.method, entry.path, ("(deprecated) " if entry.deprecated else "") + brief(entry.summary)


def grouped(entries: Sequence[Entry], paint: Paint = plain) -> Iterator[str]:
    """All operations under their tags."""
    groups = by_tag(entries)
    for tag, drawn in zip(groups, _drawn(groups.values(), paint), strict=True):
        yield ""
        yield paint(tag, "tag")
        yield from drawn


def counted(entries: Iterable[Entry]) -> str:
    """How many operations each tag has, in lines."""
    return listed((f"{tag} {len(group)}" for tag, group in by_tag(entries).items()), gap=2)


def found(entries: Sequence[Entry], schemas: Sequence[str], paint: Paint = plain) -> Iterator[str]:
    """What a search found: operations, then the names of schemas."""
    yield from rows(entries[:20], paint)
    if len(entries) > 20:
        yield f"  … {count(len(entries) - 20, 'operation')} more"
    if schemas:
        more = f", … {len(schemas) - 12} more" if len(schemas) > 12 else ""
        yield filled(f"schemas: {', '.join(schemas[:12])}{more}", "  ", "    ")
