"""Changes -> a comment for a pull request, in Markdown that fits one.

Rule of this file: what breaks is in the open, what is safe is folded; where it is too long, what matters least is cut first,
and said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._diff.change import SEVERITIES, Change
from .._display.words import count
from .report import MOST_NAMES, Group, cut, grouped, headline, is_shown, place, proof

MOST_CHARACTERS = 65_536  # that a comment may have
SPARE = 600  # for what is said of the rest
MOST_PART = 3_000  # of one group


def as_markdown(old: str, new: str, changes: Sequence[Change], *, by: str = "schema") -> str:
    """The comment: each severity with its groups, as many as there is room for."""
    head = f"### {_md(old)} → {_md(new)}: {headline(changes)}"
    room, parts, left = MOST_CHARACTERS - SPARE - len(head), [head], 0
    for name in SEVERITIES:
        mine = [change for change in changes if change.severity == name]
        if not mine:
            continue
        folded = name == "safe"
        title = f"<details><summary>{count(len(mine), 'safe change')}</summary>" if folded else f"**{name}**"
        lines, taken = _fitting(grouped(mine, by), by, room - len(title) - 40)
        left += len(mine) - taken
        room -= sum(len(line) + 1 for line in lines) + len(title) + 40
        parts += ["", title, "", *lines, *(["", "</details>"] if folded else [])]
    if left:
        parts += ["", f"{count(left, 'change')} more, the least of them, did not fit into a comment: `dynaopenai diff --all` lists them."]
    return "\n".join(parts)


def _fitting(groups: list[Group], by: str, room: int) -> tuple[list[str], int]:
    """The lines of as many groups as there is room for, and how many changes they hold."""
    lines: list[str] = []
    taken = 0
    for group in groups:
        added = list(_group(group, by))
        size = sum(len(line) + 1 for line in added)
        if size > room:
            break
        room -= size
        lines += added
        taken += group.size
    return lines, taken


def _group(group: Group, by: str) -> Iterator[str]:
    names = list(group.operations)
    shown = ", ".join(f"`{name}`" for name in names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    reach = f"{shown}{more}" or "the document"
    yield f"- **{_md(group.name)}** reaches {count(len(names), 'operation')}: {reach}" if group.name else f"- {reach}"
    for change in group.changes:
        yield from _bullets(change, by)


def _bullets(change: Change, by: str) -> Iterator[str]:
    at = place(change, by)
    hint = f"; {_md(change.hint)}" if change.hint else ""
    yield f"  - {f'`{at}`: ' if at else ''}{_md(change.message)[:MOST_PART]}{hint} (`{change.code}`)"
    if is_shown(change) and change.severity != "safe":
        yield f"    {proof(change)}: `{cut(change.witness).replace('`', chr(39))}`"


def _md(text: str) -> str:
    return "".join("\\" + letter if letter in "\\`*_<>[]|" else letter for letter in text)
