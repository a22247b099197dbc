"""``dynaopenai drift``: what clients have seen of a server and kept in files (``Client(drift=FILE)``)."""

from __future__ import annotations

from functools import reduce
from operator import add
from pathlib import Path

import click

from ..._client.inside import contract_of
from ..._learn import lasting as _lasting
from ..._learn.learn import learned
from ._options import INPUT, OUTPUT, client_of, spec_option


def _together(files: tuple[Path, ...]) -> _lasting.Seen:
    return reduce(add, map(_lasting.read, files), _lasting.Seen())


@click.group("drift")
def command() -> None:
    """How answers differed from the document, as clients kept it: counted, worst first."""


@command.command("show", short_help="counts, then places, worst first")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=INPUT)
@click.option("--fail", is_flag=True, help="Leave with status 1 where anything differed.")
def show(files: tuple[Path, ...], fail: bool) -> int:
    """Print what is in each FILE, together."""
    seen = _together(files)
    click.echo(str(seen))
    return int(fail and bool(seen.deviations))


@command.command("merge", short_help="several files as one")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=INPUT)
@click.option("-o", "--output", required=True, type=OUTPUT, help="Write to this file, in the place of what it holds.")
def merge(files: tuple[Path, ...], output: Path) -> None:
    """Put what is in each FILE together."""
    _lasting.write(output, _together(files))


@command.command("clear", short_help="forget what was seen")
@click.argument("file", type=INPUT)
def clear(file: Path) -> None:
    """Empty FILE, which must be one of drift."""
    _lasting.read(file)
    _lasting.write(file, _lasting.Seen())


@command.command("overlay", short_help="the corrections that would make the document true")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=INPUT)
@spec_option
@click.option("-o", "--output", type=OUTPUT, help="Write the overlay to this file.")
@click.option("--min-seen", type=click.IntRange(1), default=1, metavar="N", help="How often a deviation must have been seen.")
@click.option("--everywhere", is_flag=True, help="Correct a component for all who are answered it, not only where it was seen.")
def overlay(files: tuple[Path, ...], spec: str | None, output: Path | None, min_seen: int, everywhere: bool) -> int:
    """Learn from what is in each FILE, as `dynaopenai learn` does from traffic; without -o, print the overlay."""
    document = contract_of(client_of(spec)).document
    made = learned(document, _together(files).samples, everywhere=everywhere, min_seen=min_seen)
    if output is not None:
        made.write(output)
    else:
        click.echo(made.yaml(), nl=False)
    click.echo(str(made), err=output is None)
    return 1 if made.left else 0
