"""Where a node stands in a YAML or JSON text: the 1-based line of a JSON pointer.

Rules of this file:
1. Nothing is kept: lines are asked for when something is wrong, and a document is right most of the time.
2. One pointer is found by indentation where that is sure, else by the parser's marks; many in one pass of the parser.
3. What is not there has the line of its nearest ancestor that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from .compose import events_of

FEW = 3  # pointers that are looked for one by one
Tree = dict[str, Any]  # by token; under "" the pointers that end here


def lines_of(text: str, pointers: Iterable[str]) -> dict[str, int]:
    """The line of each pointer that can be found."""
    wanted = set(pointers)
    if len(wanted) <= FEW:
        found = {pointer: line_of(text, pointer) for pointer in wanted}
        return {pointer: line for pointer, line in found.items() if line is not None}
    tree: Tree = {}
    for pointer in wanted:
        branch = tree
        for token in _tokens(pointer):
            branch = branch.setdefault("/" + token, {})
        branch.setdefault("", []).append(pointer)
    return _marked(text, tree) | {pointer: 1 for pointer in wanted if not _tokens(pointer)}


def line_of(text: str, pointer: str) -> int | None:
    """The line of the node at a JSON pointer: its key's where it has one."""
    tokens = _tokens(pointer)
    if not tokens:
        return 1
    fast = _block_line(text, tokens)
    if fast is not None:
        return fast
    tree: Tree = {"": [pointer]}
    for token in reversed(tokens):
        tree = {"/" + token: tree}
    return _marked(text, tree).get(pointer)


def _tokens(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.lstrip("#").split("/")[1:]]


# --- by indentation ------------------------------------------------------------------------------


def _block_line(text: str, tokens: list[str]) -> int | None:
    """By indentation, through block mappings and no further; None where that is not sure."""
    start, end, indent = 0, len(text), 0
    position = -1
    for token in tokens:
        pattern = rf"(?m)^ {{{indent}}}(?:{re.escape(token)}|\"{re.escape(token)}\"|'{re.escape(token)}')[ ]*:(?=[ \r\n]|$)"
        matches = list(re.compile(pattern).finditer(text, start, end))
        if len(matches) != 1:
            return None
        match = matches[0]
        position = match.start()
        rest = text[match.end() : text.find("\n", match.end()) if "\n" in text[match.end() :] else None].strip()
        closing = re.compile(rf"(?m)^ {{0,{indent}}}[^ \r\n#]").search(text, match.end(), end)
        start, end = match.end(), closing.start() if closing else end
        child = re.compile(r"(?m)^( +)[^ \r\n#-]").search(text, start, end)
        if token is tokens[-1]:
            break
        if rest and not rest.startswith("#"):
            return None
        if child is None or len(child[1]) <= indent:
            return None
        indent = len(child[1])
    return text.count("\n", 0, position) + 1


# --- by the parser's marks -----------------------------------------------------------------------


def _marked(text: str, tree: Tree) -> dict[str, int]:
    import yaml

    found: dict[str, int] = {}
    try:
        events = events_of(text)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                root = next(events)
                _visit(events, root, tree, root.start_mark.line + 1, found)
                break
    except (yaml.YAMLError, StopIteration, RecursionError, UnicodeError):
        pass  # what was found so far stands
    return found


def _visit(events: Iterator[Any], event: Any, tree: Tree, line: int, found: dict[str, int]) -> None:
    """Look through one node; everything that is wanted in it has at least its own line."""
    import yaml

    _note(tree, line, found)
    if isinstance(event, yaml.MappingStartEvent):
        while not isinstance(key := next(events), yaml.MappingEndEvent):
            name = "/" + key.value if isinstance(key, yaml.ScalarEvent) else None
            _skip(events, key)
            _member(events, next(events), tree.get(name) if name else None, key.start_mark.line + 1, found)
    elif isinstance(event, yaml.SequenceStartEvent):
        index = 0
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            _member(events, item, tree.get(f"/{index}"), item.start_mark.line + 1, found)
            index += 1


def _member(events: Iterator[Any], event: Any, tree: Tree | None, line: int, found: dict[str, int]) -> None:
    if tree is None:
        _skip(events, event)
    else:
        _visit(events, event, tree, line, found)


def _note(tree: Tree, line: int, found: dict[str, int]) -> None:
    """Give ``line`` to every pointer in the tree; a nearer node overrides it later."""
    stack = [tree]
    while stack:
        branch = stack.pop()
        found.update(dict.fromkeys(branch.get("", ()), line))
        stack += [below for token, below in branch.items() if token]


def _skip(events: Iterator[Any], event: Any) -> None:
    import yaml

    depth = int(isinstance(event, yaml.CollectionStartEvent))
    while depth:
        event = next(events)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
