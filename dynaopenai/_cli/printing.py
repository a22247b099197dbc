"""Where an answer of the command line goes, standard output or a file, and in which form.

Rules of this file:
1. What a program reads is the same on a terminal and in a pipe; only an answer that nobody asked to be otherwise is folded for
   a terminal.
2. What comes in pieces is printed as it comes, wherever its form allows that.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from .._display.colour import paint
from .._display.pretty import pretty
from .._display.words import short
from .._response.binary import Binary
from .._response.stream import Stream
from .._response.texts import words_of
from .output import NothingThereError, compiled, is_several, picked, rows_of, written


@dataclass(frozen=True)
class Wanted:
    """What is wanted of an answer.

    Attributes:
        as_json: for programs.
        text: its words alone.
        pick: a part of it.
        form: its rows in a form.
        save: in a file.
    """

    as_json: bool = False
    text: bool = False
    pick: str | None = None
    form: str | None = None
    save: str | None = None

    def __post_init__(self) -> None:
        """
        Raises:
            UsageError: two forms at once, no path, a folder that is not there: before the call, whose answer would be lost.
        """
        forms = [name for name, is_given in (("--json", self.as_json), ("--text", self.text), ("--output", self.form)) if is_given]
        if len(forms) > 1 and not self.save:
            raise click.UsageError(f"found {' and '.join(forms)}, expected one of them")
        if self.text and self.pick:
            raise click.UsageError("found --text and --pick, expected one of them")
        try:
            compiled(self.pick or "a")
        except ValueError as error:
            raise click.UsageError(f"--pick: {error}") from None
        if self.save and not Path(self.save).absolute().parent.is_dir():
            raise click.UsageError(f"--save: there is no folder {Path(self.save).absolute().parent}")

    @property
    def is_whole(self) -> bool:
        return not (self.text or self.pick or self.form)


def print_json(value: Any) -> None:
    """``value`` as JSON, indented, in UTF-8."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def is_terminal() -> bool:
    """Whether a person reads the output as it comes."""
    return sys.stdout.isatty()


def print_answer(answer: Any, wanted: Wanted) -> int:
    """Print it; the exit status: 1 where what was wanted is not in it."""
    if isinstance(answer, Stream):
        return _print_stream(answer, wanted)
    if isinstance(answer, Binary) and not wanted.is_whole:
        raise click.UsageError(f"the answer is a file ({answer.content_type or 'of no type'}), expected JSON or text for --text, --pick and --output")
    try:
        value = answer if wanted.is_whole or isinstance(answer, Binary) else _part(answer, wanted)
    except NothingThereError as error:
        click.echo(str(error), err=True)
        return 1
    if wanted.save:
        _save(value, wanted.save, wanted)
    elif isinstance(value, Binary):
        _print_binary(value, wanted.as_json)
    elif wanted.form:
        _print_lines(written(rows_of(value), wanted.form, paint()))
    elif wanted.text or (wanted.pick and not wanted.as_json):
        _print_lines(map(_line, value if wanted.text or is_several(wanted.pick or "") else [value]))
    elif isinstance(value, str) and not wanted.as_json:
        click.echo(value, nl=not value.endswith("\n"))
    elif value is not None or wanted.as_json:
        _print_value(value, wanted.as_json)
    return 0


def _part(answer: Any, wanted: Wanted) -> Any:
    """What is wanted of an answer.

    Raises:
        NothingThereError: it has no such thing.
    """
    if wanted.text:
        words = words_of(answer)
        if not words:
            raise NothingThereError(f"--text: the answer has no words; it is {short(answer)}")
        return words
    return picked(answer, wanted.pick) if wanted.pick else answer


def _print_value(value: Any, as_json: bool) -> None:
    if as_json or not is_terminal():
        print_json(value)
    else:
        click.echo(pretty(value, None, json_line, paint()))


def json_line(value: Any) -> str:
    """``value`` as JSON on a line."""
    return json.dumps(value, ensure_ascii=False)


def _line(value: Any) -> str:
    return value if isinstance(value, str) else json_line(value)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


# --- what comes piece by piece -------------------------------------------------------------------


def print_each(items: Iterable[Any], wanted: Wanted) -> int:
    """Items one by one, each as it comes; a table, CSV and an array of JSON when all have."""
    parts = _parts(items, wanted)
    if wanted.save:
        with Path(wanted.save).open("w", encoding="utf-8") as file:
            file.writelines(f"{_line(part)}\n" for part in parts)
        _told_saved(wanted)
    elif wanted.as_json:
        print_json(list(parts))
    elif wanted.form in ("table", "csv"):
        _print_lines(written(list(parts), wanted.form, paint()))
    else:
        for part in parts:
            click.echo(_line(part) if wanted.text or wanted.pick else json_line(part))
            sys.stdout.flush()
    return 0


def _parts(items: Iterable[Any], wanted: Wanted) -> Iterator[Any]:
    """What is wanted of each item; nothing of one that has nothing there."""
    for item in items:
        try:
            part = item if wanted.is_whole else _part(item, wanted)
        except NothingThereError:
            continue
        yield from part if wanted.text or (wanted.pick and is_several(wanted.pick)) else [part]


def _print_stream(items: Stream, wanted: Wanted) -> int:
    """The words that the items carry, as they arrive; else each as a line of JSON."""
    with items:
        if wanted.save or wanted.pick or wanted.form or wanted.as_json:
            # a program reads lines as they come, and no array that begins when all is over
            return print_each(items, replace(wanted, as_json=wanted.as_json and bool(wanted.save), form=wanted.form or "jsonl"))
        texts, saw_text = items.new_texts(), False
        for item in items:
            words = texts.of(item)
            if words:
                click.echo(words, nl=False)
                saw_text = True
            elif not (wanted.text or saw_text or texts.has_deltas):
                click.echo(json_line(item))
            sys.stdout.flush()
        if saw_text:
            click.echo()
    return 0


# --- files ---------------------------------------------------------------------------------------


def _print_binary(answer: Binary, as_json: bool) -> None:
    if as_json or is_terminal():
        size = len(answer.read())
        facts = {"content_type": answer.content_type, "bytes": size}
        if as_json:
            print_json(facts)
        else:
            click.echo(f"{answer.content_type or 'a file'}, {size:,} bytes; --save FILE keeps it", err=True)
        return
    for piece in answer:
        sys.stdout.buffer.write(piece)


def _save(value: Any, target: str, wanted: Wanted) -> None:
    path = Path(target)
    if isinstance(value, Binary):
        value.save(path, progress=True)
    elif wanted.form:
        path.write_text("".join(f"{line}\n" for line in written(rows_of(value), wanted.form, lambda text, _: text)), "utf-8")
    elif wanted.text or (wanted.pick and is_several(wanted.pick) and not wanted.as_json):
        path.write_text("".join(f"{_line(part)}\n" for part in value), "utf-8")
    else:
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, "utf-8")
    _told_saved(wanted)


def _told_saved(wanted: Wanted) -> None:
    size = Path(str(wanted.save)).stat().st_size
    if wanted.as_json:
        print_json({"saved": wanted.save, "bytes": size})
    else:
        click.echo(f"saved {wanted.save}, {size:,} bytes", err=True)
