"""A thing with members as a tree: a line each, drawn with branches.

Plain data in: what grows a tree from a schema or an operation stands with these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .colour import Paint, plain
from .line import Line, cut_line, painted
from .prose import words
from .visible import visible_line
from .width import columns, cut, padded, width

LEAST_KIND = 12  # columns of what a member may be that are always shown
LEAST_DESCRIPTION = 10


@dataclass(frozen=True)
class Branch:
    """A member.

    Attributes:
        kind: what it may be, in words.
        default: as it is written, empty where there is none.
        description: what is said of it.
        branches: its own members.
    """

    name: str
    kind: str
    is_required: bool = False
    default: str = ""
    description: str = ""
    branches: tuple[Branch, ...] = ()

    @property
    def notes(self) -> str:
        return "required" if self.is_required else f"= {self.default}" if self.default else ""


def drawn(root: Branch, most: int | None = None, paint: Paint = plain) -> str:
    """The tree as lines of at most ``most`` columns, those that there are where it is left out."""
    room = most or columns()
    head: Line = [(f"{root.name}: ", "id"), (root.kind, "")] if root.name else [(root.kind, "")]
    return "\n".join(painted(cut_line(line, room), paint) for line in [head, *_lines(root.branches, "", room)])


def _lines(branches: tuple[Branch, ...], indent: str, most: int) -> Iterator[Line]:
    column = min(max((width(branch.name) for branch in branches), default=0), 28)
    for branch in branches:
        is_last = branch is branches[-1]
        yield [(f"{indent}{'└─' if is_last else '├─'} ", ""), *_facts(branch, column, most - width(indent) - 3)]
        yield from _lines(branch.branches, indent + ("   " if is_last else "│  "), most)


def _facts(branch: Branch, column: int, room: int) -> Line:
    """Name, kind, notes, description: where there is no room for all, the notes stay whole and the others give way."""
    notes = 2 + width(branch.notes) if branch.notes else 0
    name = cut(visible_line(branch.name), max(room - notes - 2 - LEAST_KIND, 1))
    name = padded(name, min(column, max(room - notes - 2 - LEAST_KIND, 0)))
    kind = cut(visible_line(branch.kind), max(room - width(name) - 2 - notes, 1))
    left = room - width(name) - 2 - width(kind) - notes - 2
    facts = [(kind, ""), (branch.notes, "note"), (words(branch.description) if left >= LEAST_DESCRIPTION else "", "summary")]
    return [(name, "key"), *(piece for text, what in facts if text for piece in (("  ", ""), (visible_line(text), what)))]
