"""``dynaopenai stubs``: a document as types for editors and type checkers."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..._client.inside import engine_of
from ..._display.words import short_path
from ..._stubs.stub import stub
from ._options import client_of, spec_option


@click.command("stubs")
@click.argument("document", metavar="[DOC]", required=False)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="MODULE.pyi", help="Where to write it; to standard output where left out.")
@click.option("--check", is_flag=True, help="Write nothing; leave with status 1 where the file is not what would be written.")
@spec_option
def command(document: str | None, output: Path | None, check: bool, spec: str | None) -> int:
    """Write typed clients for one document, as a stub: every operation with its arguments and answers.

    \b
    if TYPE_CHECKING:
        from openai_api import Client
    else:
        from dynaopenai import Client
    """  # noqa: D301 - the backspace is click's sign for lines to be left as they are
    if document and spec:
        raise click.UsageError("the document is given twice, as DOC and by --spec")
    if output is not None and (output.suffix != ".pyi" or not output.stem.isidentifier()):
        raise click.UsageError(f"-o: found {short_path(output)}, expected a module's name and .pyi, such as api.pyi")
    if output is not None and not output.parent.is_dir():
        raise click.UsageError(f"-o: no such folder: {short_path(output.parent)}")
    if check and output is None:
        raise click.UsageError("--check wants the file to look at: -o MODULE.pyi")
    text = stub(engine_of(client_of(document or spec)), output.stem if output is not None else "api")
    if output is None:
        click.echo(text, nl=False)
    elif check:
        return _checked(output, text)
    else:
        _write(output, text)
        click.echo(f"{short_path(output)} is written; in code: if TYPE_CHECKING: from {output.stem} import Client", err=True)
    return 0


def _checked(output: Path, text: str) -> int:
    try:
        is_same = output.read_text("utf-8") == text
    except FileNotFoundError:
        click.echo(f"{short_path(output)} is not there: the same line without --check writes it", err=True)
        return 1
    except ValueError:
        is_same = False
    if not is_same:
        click.echo(f"{short_path(output)} is not what the document says now: the same line without --check writes it", err=True)
    return 0 if is_same else 1


def _write(output: Path, text: str) -> None:
    """Whole or not at all."""
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)
