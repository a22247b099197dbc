"""``dynaopenai validate``: files against what the document says, line by line where they have lines."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import click

from ..._checking import json as _json
from ..._client.client import Client
from ..._client.inside import contract_of, plan_of
from ..._client.operation import Operation
from ..._display.colour import paint
from ...errors import UnknownOperationError, Violation
from ..payload import LINES, Checked, check_lines, check_whole
from ..printing import print_json
from ._options import client_of, complete_thing, json_option, spec_option

Check = Callable[[Any], list[Violation]]

FORMATS = ("json", "yaml", "jsonl")
MOST = 20  # problems that are shown of a file


@dataclass
class Report:
    """What was found in one file."""

    file: str
    values: int = 0
    invalid: int = 0
    shown: list[Checked] = field(default_factory=list)


@click.command("validate")
@click.argument("operation", required=False, shell_complete=complete_thing)
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--schema", metavar="NAME", help="Check against a schema instead of an operation's request.")
@click.option("--response", "status", type=int, metavar="STATUS", help="Check as an answer with this status.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="What the files are; by their names where left out.")
@click.option("--most", default=MOST, show_default=True, type=click.IntRange(0), help="How many problems to show per file.")
@spec_option
@json_option
def command(operation: str | None, files: tuple[str, ...], *, schema: str | None, most: int, as_json: bool, **options: Any) -> int:
    """Check FILEs (JSON, YAML or JSON Lines; - is standard input) as the body of OPERATION's request.

    JSON Lines are read line by line, however large the file is. The exit status is 1 where something is invalid.
    """
    if schema is not None:
        files = (*([operation] if operation else []), *files)
    elif operation is None:
        raise click.UsageError("expected an operation, or --schema NAME")
    if not files:
        raise click.UsageError("expected the files to check; - is standard input")
    client = client_of(options["spec"])
    check = _check(client, operation, schema, options["status"])
    reports = [_report(name, options["form"], check, most, as_json) for name in files]
    if as_json:
        print_json([_facts(report) for report in reports])
    return 1 if any(report.invalid for report in reports) else 0


def _check(client: Client, operation: str | None, schema: str | None, status: int | None) -> Check:
    if schema is not None:
        client.schema(schema)
        return lambda value: client.validate(schema, value)
    found = client.operations.find(str(operation))
    if not isinstance(found, Operation):
        raise UnknownOperationError(str(operation), client.operations.names(), contract_of(client).openapi.title, len(client.operations), contract_of(client).newer)
    if status is not None:
        return lambda value: found.validate_response(value, status)
    name = plan_of(found).writer.arguments.body_name
    if plan_of(found).writer.arguments.body is None:
        raise click.UsageError(f"{found.id} takes no body; --response STATUS checks its answers")
    missing = {argument.spelled for argument in plan_of(found).writer.arguments.all if argument.place != "body"}
    return lambda value: [problem for problem in found.validate_request(**{name: value}) if problem.path not in missing]


def _report(name: str, form: str | None, check: Check, most: int, as_json: bool) -> Report:
    """Check one file, and print what is wrong with it as it is found."""
    report = Report(name)
    form = form or {".yaml": "yaml", ".yml": "yaml", ".jsonl": LINES, ".ndjson": LINES}.get(Path(name).suffix, "json")
    with _opened(name) as file, _progress(file, name) as advance:
        found = check_lines(file, check, advance) if form == LINES else check_whole(file.read(), name, form, check)
        for checked in found:
            report.values += 1
            if checked.problems:
                report.invalid += 1
                if len(report.shown) < most:
                    report.shown.append(checked)
                    if not as_json:
                        click.echo(_text(name, checked))
    if not as_json:
        _conclude(report)
    return report


def _text(name: str, checked: Checked) -> str:
    lines = []
    for problem, line in zip(checked.problems, checked.lines, strict=True):
        place = f"{name}:{line}" if line else name
        lines.append(f"{paint()(place, 'place')}: " + (f"{problem.path}: " if problem.path else "") + problem.message)
        notes = [problem.hint] if problem.hint else []
        if problem.schema_path:
            notes.append(f"declared at {problem.schema_path}" + (f" ({problem.source})" if problem.source else ""))
        if notes:
            lines.append(f"    {'   '.join(notes)}")
    if checked.context:
        lines.append(f"    {paint()('in ' + checked.context, 'context')}")
    return "\n".join(lines)


def _conclude(report: Report) -> None:
    if not report.invalid:
        click.echo(f"{report.file}: valid" + (f", {_values(report.values)}" if report.values != 1 else ""))
        return
    hidden = report.invalid - len(report.shown)
    more = f", {hidden:,} of them not shown (--most)" if hidden else ""
    click.echo(f"{report.file}: {report.invalid:,} of {_values(report.values)} invalid{more}")


def _values(number: int) -> str:
    return "1 value" if number == 1 else f"{number:,} values"


def _facts(report: Report) -> dict[str, Any]:
    problems = [
        {key: _plain(item) for key, item in asdict(problem).items()} | ({"line": line} if line else {})
        for checked in report.shown
        for problem, line in zip(checked.problems, checked.lines, strict=True)
    ]
    return {"file": report.file, "values": report.values, "invalid": report.invalid, "problems": problems}


def _plain(value: Any) -> Any:
    with contextlib.suppress(_json.NotJSONError):
        _json.survey(value)
        return value
    return repr(value)


@contextlib.contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise click.UsageError(f"cannot read {name}: {error.strerror or error}") from None
    with file:
        yield file


@contextlib.contextmanager
def _progress(file: IO[bytes], name: str) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal's standard error, for files that take a while."""
    size = os.fstat(file.fileno()).st_size if name != "-" else 0
    if size < 1 << 23 or not sys.stderr.isatty():
        yield lambda _size: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(Path(name).name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=size)
        yield lambda done: bar.update(task, completed=done)
