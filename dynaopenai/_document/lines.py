"""Where a node stands in a YAML or JSON text: the 1-based line of a JSON pointer.

Rules of this file:
1. Nothing is looked for before it is asked for, and nothing twice: lines are wanted when something is wrong, and a
   document is right most of the time.
2. A large text is narrowed down by its indentation, where that is sure, to a part around the node; the part is read by
   the parser, whose marks are kept.
3. What is not there has the line of its nearest ancestor that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .yaml import events_of

SMALL = 20_000  # characters that are quicker read than narrowed down


class Lines:
    """The lines of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_one_line = "\n" not in text
        self._parts: dict[tuple[str, ...], Part | None] = {(): Part(0, len(text), _indent(text, 0, -1))}
        self._marks: dict[tuple[str, ...], Mark] = {}

    def at(self, pointer: str) -> int:
        """The line of the node at a JSON pointer: its key's where it has one."""
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.lstrip("#").split("/")[1:]]
        if not tokens or self._is_one_line:
            return 1
        way, part = self._narrowed(tokens)
        if len(way) == len(tokens):
            return self._line(part.start)
        if way not in self._marks:
            self._marks[way] = self._read(way, part)
        return self._marks[way].line_of(tokens[len(way) :])

    def of(self, pointers: Iterable[str]) -> dict[str, int]:
        """The line of each pointer."""
        return {pointer: self.at(pointer) for pointer in pointers}

    def _line(self, position: int) -> int:
        return self._text.count("\n", 0, position) + 1

    # --- by indentation --------------------------------------------------------------------------

    def _narrowed(self, tokens: Sequence[str]) -> tuple[tuple[str, ...], Part]:
        """How far the way is sure by indentation, or worth it, and the part of the text that it leads to."""
        way: tuple[str, ...] = ()
        part = self._parts[way]
        assert part is not None
        for token in tokens:
            below = (*way, token)
            if part.end - part.start <= SMALL:
                break
            if below not in self._parts:
                self._parts[below] = self._member(part, token)
            inner = self._parts[below]
            if inner is None:
                break
            way, part = below, inner
        return way, part

    def _member(self, part: Part, token: str) -> Part | None:
        """The part of a mapping's member, key and value; None where that is not sure."""
        for key in (token, f'"{token}"', f"'{token}'"):
            starts = list(self._keys(part, f"{' ' * part.indent}{key}:"))
            if len(starts) == 1:
                end = self._end(part, starts[0])
                return Part(starts[0], end, _indent(self._text, starts[0], part.indent))
            if starts:
                return None
        return None

    def _end(self, part: Part, start: int) -> int:
        """Where the next line begins that stands no deeper than the key at ``start`` and is no item of its list."""
        column = part.indent
        after = re.compile(rf"\n(?! {{{column + 1}}})(?! {{0,{column}}}(?:[\r\n#]|\Z))(?! {{{column}}}- )")
        found = after.search(self._text, start, part.end)
        return found.end() if found else part.end

    def _keys(self, part: Part, head: str) -> Iterator[int]:
        if part.start == 0 and self._text.startswith(head):
            yield 0
        at = self._text.find("\n" + head, part.start, part.end)
        while at >= 0:
            after = at + 1 + len(head)
            if self._text[after : after + 1] in ("", " ", "\r", "\n"):
                yield at + 1
            at = self._text.find("\n" + head, after, part.end)

    # --- by the parser's marks -------------------------------------------------------------------

    def _read(self, way: tuple[str, ...], part: Part) -> Mark:
        import yaml

        first = self._line(part.start)
        top = Mark(first)
        try:
            events = events_of(self._text[part.start : part.end])
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    _visit(events, next(events), top, first)
                    break
        except (yaml.YAMLError, StopIteration, RecursionError, UnicodeError):
            pass  # what was found so far stands
        return top.members.get(way[-1], top) if way else top


class Part(NamedTuple):
    """A part of the text, from ``start`` to before ``end``; the members of its value stand at ``indent``."""

    start: int
    end: int
    indent: int


def _indent(text: str, start: int, above: int) -> int:
    """The column of the first member of the value whose key stands at ``start``; out of reach where there is none."""
    if above < 0 and not text.lstrip().startswith("{"):
        return 0
    child = re.compile(r"\n( *)[^ \r\n#]").search(text, start)
    return len(child[1]) if child and len(child[1]) > above else len(text)


@dataclass(slots=True)
class Mark:
    """The line of a node, and the nodes in it by token."""

    line: int
    members: dict[str, Mark] = field(default_factory=dict)

    def line_of(self, tokens: Iterable[str]) -> int:
        mark = self
        for token in tokens:
            if token not in mark.members:
                break
            mark = mark.members[token]
        return mark.line


def _visit(events: Iterator[Any], event: Any, mark: Mark, first: int) -> None:
    """Note the lines of everything in one node. ``first``: the line that the text begins on."""
    import yaml

    if isinstance(event, yaml.MappingStartEvent):
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            name = key.value if isinstance(key, yaml.ScalarEvent) else ""
            _visit(events, key, Mark(0), first)
            member = mark.members[name] = Mark(key.start_mark.line + first)
            _visit(events, next(events), member, first)
    elif isinstance(event, yaml.SequenceStartEvent):
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            member = mark.members[str(len(mark.members))] = Mark(item.start_mark.line + first)
            _visit(events, item, member, first)
