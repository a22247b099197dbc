"""An answer -> lines: a part of it, its rows as a table, CSV or JSON Lines, or its words alone.

Rules of this file:
1. ``a.b[].c`` leads to a part; what has ``[]`` is a list of what it leads to. Whole JSONPath (RFC 9535) is taken too.
2. Rows are the answer where it is a list, else the items of the list that it is a page of, else the answer itself.
3. A row has the columns that any row has; what is within one is JSON.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .._display.colour import Paint
from .._display.table import Column, fitted, lines
from .._display.width import terminal
from .._display.words import nearest, one_of
from .._response.page import items_of

FORMATS = ("table", "csv", "jsonl")
MOST_OF_A_CELL = 60


class NothingThereError(ValueError):
    """A path that leads to nothing."""


# --- a part --------------------------------------------------------------------------------------


def picked(value: Any, path: str) -> Any:
    """The part of an answer that ``path`` leads to.

    Raises:
        ValueError: it is no path.
        NothingThereError: there is nothing.
    """
    found = compiled(path).findall(value)
    start = path.partition("[]")[0]
    is_there = bool(found) or (is_several(path) and (start == path or not start or bool(compiled(start).findall(value))))
    if not is_there:
        raise NothingThereError(f"--pick: the answer has nothing at {path}; {_instead(value, path)}")
    return list(found) if is_several(path) else found[0]


def compiled(path: str) -> Any:
    """The path as JSONPath has it.

    Raises:
        ValueError: it is no path.
    """
    import jsonpath

    rooted = path if path.startswith("$") else f"${path}" if path.startswith(("[", ".")) else f"$.{path}"
    try:
        return jsonpath.compile(rooted.replace("[]", "[*]"))
    except jsonpath.JSONPathError as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"found {path!r}, expected a path such as a.b[].c ({reason})") from None


def is_several(path: str) -> bool:
    """Whether a path leads to a list of parts."""
    return bool(re.search(r"\[\]|\*|\.\.|\[\?|\[[^\]]*:", path))


def _instead(value: Any, path: str) -> str:
    if not isinstance(value, dict):
        return f"it is {'a list' if isinstance(value, list) else 'no object'}"
    first = re.match(r"[^.\[]*", path.removeprefix("$."))[0]  # type: ignore[index]  # it matches nothing, too
    close = nearest(first, value) if first not in value else []
    return f"did you mean {close[0]!r}?" if close else f"it has {one_of(list(value))}"


# --- rows ----------------------------------------------------------------------------------------


def rows_of(value: Any) -> list[Any]:
    """The rows of an answer."""
    if isinstance(value, list):
        return value
    page = items_of(value) if isinstance(value, dict) else None
    return list(page) if page is not None else [value]


def written(rows: Sequence[Any], form: str, paint: Paint) -> Iterator[str]:
    """The rows as lines in one of `FORMATS`."""
    if form == "jsonl" or not rows:
        yield from map(_json, rows)
        return
    heads = _heads(rows)
    cells = [[_cell(_member(row, head)) for head in heads] for row in rows]
    titled = [[head or "value" for head in heads], *cells]
    if form == "csv":
        yield from _csv(titled)
        return
    most = terminal()
    widest = MOST_OF_A_CELL if most else sys.maxsize
    columns = [Column("", widest, gap=2 if place else 0, is_cut=True, narrow=4) for place in range(len(heads))]
    head, *body = lines(titled, fitted(titled, columns, most), paint, most)
    yield paint(head, "heading")
    yield from body


def _heads(rows: Iterable[Any]) -> list[str]:
    heads = list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row))
    return heads if heads or not rows else [""]


def _member(row: Any, head: str) -> Any:
    return row.get(head) if isinstance(row, dict) else row if not head else None


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of RFC 4180 §2, by hand: Python 3.10's csv refuses the character NUL. A row of one empty cell is not an empty line."""
    for row in rows:
        yield ",".join(map(_quoted, row)) or '""'


def _quoted(cell: str) -> str:
    return '"{}"'.format(cell.replace('"', '""')) if re.search('[",\r\n]', cell) else cell
