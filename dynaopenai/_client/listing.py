"""Operations as lines: one each, in columns; by tag; as a count by tag."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from .._document.openapi import Entry
from ..errors import count

WIDTH = 96
NO_TAG = "(no tag)"

Paint = Callable[[str, str], str]  # a text and what it is: id, method, path, summary, tag


def plain(text: str, _role: str) -> str:
    return text


def by_tag(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The operations under the first of their tags, in document order."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.tags[0] if entry.tags else NO_TAG, []).append(entry)
    return groups


def rows(entries: Sequence[Entry], widths: tuple[int, int] | None = None, paint: Paint = plain) -> Iterator[str]:
    """``id  METHOD  path  summary``, a line each."""
    width_id, width_path = widths or widths_of(entries)
    for entry in entries:
        summary = ("(deprecated) " if entry.deprecated else "") + " ".join(entry.summary.split())
        summary = summary if len(summary) <= 60 else f"{summary[:59]}…"
        path = f"{entry.path:<{width_path}}" if summary else entry.path
        cells = (f"{entry.id:<{width_id}}", f"{entry.method:<6}", path, summary)
        painted = [paint(cell, role) for cell, role in zip(cells, ("id", entry.method, "path", "summary"), strict=True)]
        yield f"  {painted[0]}  {painted[1]} {painted[2]}" + (f"  {painted[3]}" if summary else "")


def widths_of(entries: Sequence[Entry]) -> tuple[int, int]:
    """The widths of the columns that fit nearly all."""
    ids, paths = [len(entry.id) for entry in entries], [len(entry.path) for entry in entries]
    return min(max(ids, default=0), 34), min(max(paths, default=0), 52)


def grouped(entries: Sequence[Entry], paint: Paint = plain) -> Iterator[str]:
    """All operations under their tags."""
    widths = widths_of(entries)
    for tag, group in by_tag(entries).items():
        yield ""
        yield paint(tag, "tag")
        yield from rows(group, widths, paint)


def counted(entries: Iterable[Entry]) -> str:
    """How many operations each tag has, in lines."""
    cells = [f"{tag.replace(' ', chr(160))}{chr(160)}{len(group)}" for tag, group in by_tag(entries).items()]
    filled = textwrap.fill("  ".join(cells), WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return filled.replace(chr(160), " ")


def found(entries: Sequence[Entry], schemas: Sequence[str], paint: Paint = plain) -> Iterator[str]:
    """What a search found: operations, then the names of schemas."""
    yield from rows(entries[:20], None, paint)
    if len(entries) > 20:
        yield f"  … {count(len(entries) - 20, 'operation')} more"
    if schemas:
        more = f", … {len(schemas) - 12} more" if len(schemas) > 12 else ""
        yield textwrap.fill(
            f"schemas: {', '.join(schemas[:12])}{more}", WIDTH, initial_indent="  ", subsequent_indent="    "
        )
