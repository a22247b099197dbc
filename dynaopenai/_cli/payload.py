"""A file's values, each checked, with the line that a problem stands on.

Rules of this file:
1. JSON Lines are read a line at a time: memory is that of the longest line, whatever the file's size.
2. What cannot be read is a problem like any other, at its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from .._checking import json as _json
from .._display.pretty import pretty
from .._document.document import escape
from ..errors import SpecError, Violation

LINES = "jsonl"
MOST_LINE = 1 << 28
EVERY = 1 << 20  # bytes between two reports of progress


@dataclass(frozen=True)
class Checked:
    """One value: its problems, the line of each (0 where unknown), and what stands around the first."""

    problems: list[Violation]
    lines: list[int]
    context: str = ""


def check_lines(file: IO[bytes], check: Callable[[Any], list[Violation]], advance: Callable[[int], None]) -> Iterator[Checked]:
    """Every value of JSON Lines; empty lines are passed over. ``advance`` is told how many bytes were read."""
    done = reported = number = 0
    while line := file.readline(MOST_LINE):
        number += 1
        done += len(line)
        if done - reported >= EVERY:
            reported = done
            advance(done)
        if line.isspace():
            continue
        yield _checked_line(line, number, check)


def _checked_line(line: bytes, number: int, check: Callable[[Any], list[Violation]]) -> Checked:
    try:
        value = _json.decode(line.strip())
    except _json.DecodeError as error:
        shown = line[:120].decode("utf-8", "replace").rstrip()
        return Checked([Violation("", f"found a line that is no JSON: {error}", shown)], [number], shown)
    problems = check(value)
    return Checked(problems, [number] * len(problems), around(value, problems[0].path) if problems else "")


def check_whole(data: bytes, name: str, form: str, check: Callable[[Any], list[Violation]]) -> Iterator[Checked]:
    """The one value of a JSON or YAML file."""
    from .._document import syntax as _syntax

    text = data.decode("utf-8-sig", "replace")
    try:
        value = _json.decode(data) if form == "json" else _syntax.parse(data, name).value
    except _json.DecodeError as error:
        line = data.count(b"\n", 0, error.position) + 1 if error.position is not None else 0
        yield Checked([Violation("", f"found text that is no JSON: {error}", None)], [line])
        return
    except SpecError as error:
        yield Checked([Violation("", str(error).splitlines()[0].removeprefix(f"{name}:"), None)], [error.line or 0])
        return
    problems = check(value)
    lines = [_line_of(text, value, problem.path) for problem in problems]
    yield Checked(problems, lines, around(value, problems[0].path) if problems else "")


def steps(path: str) -> list[str | int]:
    """``messages[0].role`` is messages, 0, role; ``metadata["a b"]`` is metadata, a b."""
    found: list[str | int] = []
    for name, index, quoted in re.findall(r'([^.\[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]', path):
        found.append(int(index) if index else quoted or name)
    return found


def reached(value: Any, path: str) -> list[tuple[str | int, Any]]:
    """The members on the way along ``path``, as far as they are there, each with its value."""
    found: list[tuple[str | int, Any]] = []
    for step in steps(path):
        is_there = step < len(value) if isinstance(step, int) and isinstance(value, list) else isinstance(value, dict) and step in value
        if not is_there:
            break
        value = value[step]
        found.append((step, value))
    return found


def around(value: Any, path: str, width: int = 100) -> str:
    """The object that holds the place, on a line, folded; empty for the whole value."""
    way = reached(value, path)
    holders = [value, *(each for _, each in way)]
    holder = next((each for each in reversed(holders[: len(steps(path))]) if isinstance(each, dict)), None)
    if holder is None:
        return ""
    line = " ".join(part.strip() for part in pretty(holder, 10_000, json_text).splitlines())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _line_of(text: str, value: Any, path: str) -> int:
    from .._document.lines import Lines

    pointer = "".join(f"/{escape(str(step))}" for step, _ in reached(value, path))
    return Lines(text).at(pointer)
