"""A thing with members as a tree: a line each, drawn with branches.

Plain data in: what grows a tree from a schema or an operation stands with these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .colour import Paint, plain
from .line import Line, cut_line, painted
from .visible import visible_line
from .width import columns, padded, width


@dataclass(frozen=True)
class Branch:
    """A member: its name, what it may be, whether it must be there, what is said of it, its own members."""

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
    head: Line = [(f"{root.name}: ", "id"), (root.kind, "")] if root.name else [(root.kind, "")]
    return "\n".join(painted(cut_line(line, most or columns()), paint) for line in [head, *_lines(root.branches, "")])


def _lines(branches: tuple[Branch, ...], indent: str) -> Iterator[Line]:
    column = min(max((width(branch.name) for branch in branches), default=0), 28)
    for branch in branches:
        is_last = branch is branches[-1]
        facts = [(branch.kind, ""), (branch.notes, "note"), (branch.description, "summary")]
        line: Line = [(f"{indent}{'└─' if is_last else '├─'} ", ""), (padded(visible_line(branch.name), column), "key")]
        yield line + [piece for text, kind in facts if text for piece in (("  ", ""), (visible_line(text), kind))]
        yield from _lines(branch.branches, indent + ("   " if is_last else "│  "))
