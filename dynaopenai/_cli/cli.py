"""The command line: a group of verbs, each loaded when it is used.

Rules of this file:
1. Exit status 0: done. 1: it was done, and the answer is no (an API error, an invalid payload, a defect). 2: it could
   not be done as asked (wrong usage, a document that cannot be read, no connection). 130: interrupted. 141: nobody
   reads what it writes.
2. Results go to standard output, everything else to standard error.
3. What this package raises on purpose is shown as its message, never as a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from .. import __version__
from .._display.colour import Readable
from .._display.width import folded
from .._display.words import nearest
from ..errors import APIStatusError, DynaOpenAIError, RequestValidationError, ResponseValidationError
from .wording import in_shell_words

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VERBS = {
    "ls": "list the operations; with words, find the ones that fit",
    "show": "an operation's arguments, answers and example, or a schema as a tree",
    "call": "call an operation: name=value, name:=json, name@file",
    "bulk": "call an operation for every row of a file, each paid for once",
    "validate": "check files against an operation or a schema, JSON Lines line by line",
    "check": "look through a document for defects",
    "diff": "what changed between two documents, and what of it breaks, with proof",
    "overlay": "corrections beside a document: apply them, make them from two documents",
    "api": "APIs by name: add, list, show, update, remove",
    "stubs": "typed clients for one document, for editors and type checkers",
    "repl": "a Python prompt with a client ready",
    "traffic": "judge recorded traffic, HAR files and cassettes, against a document",
    "learn": "what recorded traffic teaches of a document, as an overlay",
    "drift": "how answers differed, as clients kept it: show, merge, clear, make an overlay",
    "mock": "serve a document: every operation answers with valid examples",
    "proxy": "stand before the real API and judge what passes",
    "demo": "a tour over real HTTP on this machine, with no key",
}
COMPLETE = "_DYNAOPENAI_COMPLETE"  # by which a shell asks for completion
NO = (APIStatusError, RequestValidationError, ResponseValidationError)  # exit status 1


class ClosedPipeError(Exception):
    """Nobody reads what is written."""


class Verbs(click.Group):
    """The verbs by name; a verb's module is imported when the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in VERBS:
            return None
        found: click.Command = import_module(f".verbs.{cmd_name}", __package__).command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        close = nearest(args[0], VERBS) if args and args[0] not in VERBS else []
        if close:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {close[0]!r}?")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Without importing any verb."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [CompletionItem(name, help=summary) for name, summary in VERBS.items() if name.startswith(incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ClosedPipeError from None  # click would make another exit status of it

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Without importing any verb."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, VERBS[name]) for name in self.list_commands(ctx)])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="dynaopenai")
def cli() -> None:
    """A client for any OpenAPI document, the OpenAI API's by default: explore it, call it, check it, mock it."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """The exit status of a command line (rule 1)."""
    try:
        with _readable(arguments):
            status = _status(arguments)
        sys.stdout.flush()
    except (BrokenPipeError, ClosedPipeError):
        return _silenced()
    except KeyboardInterrupt:
        return _interrupted()
    return status


@contextmanager
def _readable(arguments: list[str] | None) -> Iterator[None]:
    """What documents and servers say can only be read on a terminal; a prompt has one for itself."""
    words = sys.argv[1:] if arguments is None else arguments
    terminal = sys.stdout
    if words[:1] != ["repl"] and terminal is not None and terminal.isatty():
        sys.stdout = cast("TextIO", Readable(terminal))
    try:
        yield
    finally:
        sys.stdout = terminal


def _status(arguments: list[str] | None) -> int:
    if COMPLETE in os.environ:
        from .shell import register

        register()
    try:
        status: Any = cli.main(arguments, prog_name="dynaopenai", standalone_mode=False)
    except click.exceptions.Abort:
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return 2
    except DynaOpenAIError as error:
        click.echo(folded(f"{type(error).__name__}: {in_shell_words(str(error))}"), err=True)
        return 1 if isinstance(error, NO) else 2
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        click.echo(f"Error: {error.filename or 'this cannot be done'}: {error.strerror or error}", err=True)
        return 2
    return status if isinstance(status, int) else 0


def _interrupted() -> int:
    click.echo("interrupted", err=True)
    return 130


def _silenced() -> int:
    """Nobody reads any more, so nothing is written any more: Python's own flush at exit would fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(_is_closed, (sys.stdout, sys.stderr)):
        os.dup2(nowhere, stream.fileno())
    return 141


def _is_closed(stream: Any) -> bool:
    try:
        stream.flush()
    except OSError:
        return True
    return False
