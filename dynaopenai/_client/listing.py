"""Operations as lines: one each, in columns; by tag; as a count by tag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .._display.colour import Paint, plain
from .._display.table import Column, Row, lines, widths
from .._display.width import filled
from .._display.words import count
from .._document.openapi import Entry

NO_TAG = "(no tag)"
COLUMNS = (
    Column("id", 34), Column("", 6, least=6), Column("path", 52, gap=1), Column("summary", 60, is_cut=True)
)  # fmt: skip


def by_tag(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The operations under the first of their tags, in document order."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.tags[0] if entry.tags else NO_TAG, []).append(entry)
    return groups


def rows(entries: Sequence[Entry], wide: Sequence[int] | None = None, paint: Paint = plain) -> Iterator[str]:
    """``id  METHOD  path  summary``, a line each."""
    return lines(list(map(_row, entries)), COLUMNS, wide, paint)


def _row(entry: Entry) -> Row:
    summary = ("(deprecated) " if entry.deprecated else "") + " ".join(entry.summary.split())
    return entry.id, entry.method, entry.path, summary


def grouped(entries: Sequence[Entry], paint: Paint = plain) -> Iterator[str]:
    """All operations under their tags."""
    wide = widths(list(map(_row, entries)), COLUMNS)
    for tag, group in by_tag(entries).items():
        yield ""
        yield paint(tag, "tag")
        yield from rows(group, wide, paint)


def counted(entries: Iterable[Entry]) -> str:
    """How many operations each tag has, in lines."""
    cells = [f"{tag.replace(' ', chr(160))}{chr(160)}{len(group)}" for tag, group in by_tag(entries).items()]
    return filled("  ".join(cells), "  ", "  ").replace(chr(160), " ")


def found(entries: Sequence[Entry], schemas: Sequence[str], paint: Paint = plain) -> Iterator[str]:
    """What a search found: operations, then the names of schemas."""
    yield from rows(entries[:20], None, paint)
    if len(entries) > 20:
        yield f"  … {count(len(entries) - 20, 'operation')} more"
    if schemas:
        more = f", … {len(schemas) - 12} more" if len(schemas) > 12 else ""
        yield filled(f"schemas: {', '.join(schemas[:12])}{more}", "  ", "    ")
