"""The reference: public names from their docstrings, by mkdocstrings; and the command line from its own help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from dynaopenai._cli.cli import cli

NAMES = {
    "Client and operations": ("client", ["Client", "AsyncClient", "Operation", "AsyncOperation"]),
    "What an answer is": ("answers", ["Response", "Data", "Stream", "AsyncStream", "Binary", "AsyncBinary"]),
    "Settings": ("settings", ["Limits", "Retry", "OAuth2"]),
    "Documents that change": ("documents", ["diff", "Change", "learn"]),
    "Errors": (
        "errors",
        [
            *("DynaOpenAIError", "DynaOpenAIWarning", "SpecError", "UnknownOperationError", "CredentialError"),
            *("RequestValidationError", "ResponseValidationError", "Violation", "Diagnostic"),
            *("APIConnectionError", "APITimeoutError", "APIStatusError", "BadRequestError", "AuthenticationError", "PermissionDeniedError"),
            *("NotFoundError", "ConflictError", "UnprocessableEntityError", "RateLimitError", "InternalServerError"),
        ],
    ),
    "Testing": (
        "testing",
        [
            *("testing.Mock", "testing.MockServer", "testing.ValidatingProxy", "testing.Call", "testing.SentRequest", "testing.Verdict"),
            *("testing.assert_valid", "testing.assert_valid_request", "testing.assert_valid_response"),
            *("testing.example", "testing.example_request", "testing.example_response", "testing.strategies"),
            *("testing.record", "testing.replay", "testing.check_cassette", "testing.judge_traffic"),
            *("testing.CassetteError", "testing.InvalidCallError", "testing.InvalidPayloadError"),
            *("testing.RegistrationError", "testing.UnmockedCallError", "testing.UnusedAnswersError"),
        ],
    ),
}
"""Titles, and for each the page's name and the public names that it has."""


def written(folder: Path) -> None:
    """Write the pages of the reference into a folder."""
    folder.mkdir()
    for title, (page, names) in NAMES.items():
        options = "" if page == "errors" else "    options:\n      inherited_members: true\n"  # errors of one status are all alike
        (folder / f"{page}.md").write_text(f"# {title}\n\n" + "\n".join(f"::: dynaopenai.{name}\n{options}" for name in names), "utf-8")
    (folder / "command-line.md").write_text(command_line(), "utf-8")


def command_line() -> str:
    """Every verb's own help, in the order of `dynaopenai --help`."""
    parts = [f"## {name}\n\n```text\n{text.rstrip()}\n```\n" for name, text in helps(cli, click.Context(cli, info_name="dynaopenai"))]
    return "# The command line\n\nWhat each verb says of itself with `--help`.\n\n" + "\n".join(parts)


def helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """The help of a command, and of those below it."""
    context.terminal_width = context.max_content_width = 88
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from helps(below, click.Context(below, context, info_name=name))
