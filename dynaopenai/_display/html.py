"""What Jupyter shows: tables, and trees that fold.

Rules of this file:
1. Every text comes from a document or a server, so every text is escaped; there is no script and nothing is fetched.
2. The notebook's own colours are used, so that it reads on a dark page as well.
3. What is said of a thing is Markdown, as documents write it; everything else is plain text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape as _escape
from typing import Any

from .markup import rendered, rendered_line
from .tree import Branch
from .visible import visible

OPERATIONS = ("operation", "method", "path", "summary")
MOST_ITEMS = 100
MOST_TEXT = 2000
MOST_DEPTH = 12
_MONO = "font-family:monospace"
_FAINT = "opacity:.7"
_INDENT = "margin-left:1.5em"


def escape(text: str) -> str:
    """A text as HTML that shows it: no markup, no control character."""
    return _escape(visible(text))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts."""
    head = "".join(f'<th style="text-align:left">{escape(text)}</th>' for text in heads)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{escape(text)}</td>' for text in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def fold(summary: str, body: str, is_open: bool = False) -> str:
    """A part that opens when its summary is clicked. ``summary`` and ``body`` are HTML."""
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary>{body}</details>"


def heading(title: str, note: str) -> str:
    return f'<div><b>{escape(title)}</b> <span style="{_FAINT}">{escape(note)}</span></div>'


def listing(rows: Iterable[Sequence[str]], schemas: Sequence[str] = (), title: str = "", note: str = "") -> str:
    """Operations as a table, and the names of schemas beneath."""
    listed = list(rows)
    found = table(OPERATIONS, listed) if listed else ""
    names = " ".join(f"<code>{escape(name)}</code>" for name in schemas)
    return (heading(title, note) if title else "") + found + (f"<div>schemas: {names}</div>" if names else "")


# --- operations ----------------------------------------------------------------------------------


def operations(title: str, note: str, groups: Iterable[tuple[str, Iterable[Sequence[str]]]]) -> str:
    """A client: its operations in tables, a foldable one for each tag."""
    parts = []
    for tag, rows in groups:
        listed = list(rows)
        summary = f'{escape(tag)} <span style="{_FAINT}">{len(listed)}</span>'
        parts.append(fold(summary, table(OPERATIONS, listed)))
    return heading(title, note) + "".join(parts)


def operation(title: str, summary: str, description: str, arguments: Iterable[Branch], returns: Iterable[str]) -> str:
    """An operation: what it takes as a tree, and what it gives back."""
    answers = "".join(f"<div>returns {escape(line)}</div>" for line in returns)
    text = fold("description", f'<div style="{_INDENT}">{rendered(description)}</div>') if description else ""
    return heading(title, summary) + text + "".join(map(branch, arguments)) + answers


# --- schemas -------------------------------------------------------------------------------------


def tree(root: Branch) -> str:
    """A schema whose members fold."""
    return heading(root.name or "schema", root.kind) + "".join(map(branch, root.branches))


def branch(member: Branch) -> str:
    notes = f" <b>{escape(member.notes)}</b>" if member.notes else ""
    text = f' <span style="{_FAINT}">{rendered_line(member.description)}</span>' if member.description else ""
    line = f"<code>{escape(member.name)}</code> {escape(member.kind)}{notes}{text}"
    if not member.branches:
        return f'<div style="{_INDENT}">{line}</div>'
    return f'<div style="{_INDENT}">{fold(line, "".join(map(branch, member.branches)))}</div>'


# --- answers -------------------------------------------------------------------------------------


def value(item: Any, depth: int = MOST_DEPTH, is_open: bool = True, key: str = "") -> str:
    """A JSON value whose members fold, a line each; ``key``: what it is called there, as HTML."""
    if not isinstance(item, (dict, list)):
        return f'{key}<span style="{_MONO};white-space:pre-wrap">{escape(_scalar(item))}</span>'
    size = f"{{{len(item):,}}}" if isinstance(item, dict) else f"[{len(item):,}]"
    if not item or not depth:
        return f'{key}<span style="{_MONO}">{size}</span>'
    if isinstance(item, list) and not any(isinstance(each, (dict, list, str)) for each in item):
        shown = ", ".join(map(_scalar, item[:8])) + (f", … {len(item) - 8:,} more" if len(item) > 8 else "")
        return f'{key}<span style="{_MONO}">[{escape(shown)}]</span>'
    # dict.items, since a subclass's own may wrap what it hands out
    members = list(dict.items(item)) if isinstance(item, dict) else list(enumerate(item))
    lines = [
        f'<div style="{_INDENT}">{value(each, depth - 1, len(members) <= 8, f"<code>{escape(str(name))}</code> ")}</div>'
        for name, each in members[:MOST_ITEMS]
    ]
    if len(members) > MOST_ITEMS:
        lines.append(f'<div style="{_INDENT}">… {len(members) - MOST_ITEMS:,} more</div>')
    return fold(f'{key}<span style="{_MONO}">{size}</span>', "".join(lines), is_open)


def _scalar(item: Any) -> str:
    if isinstance(item, str):
        return item if len(item) <= MOST_TEXT else f"{item[:MOST_TEXT]}… {len(item) - MOST_TEXT:,} more characters"
    return json.dumps(item)
