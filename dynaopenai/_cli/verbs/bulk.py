"""``dynaopenai bulk``: one operation, called for every row of a file; each answer paid for once."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

import click

from ..._bulk.pace import seconds
from ..._client.inside import contract_of
from ..._client.operation import Operation
from ...errors import UnknownOperationError
from ..printing import print_json
from ._options import client_of, complete_operation, complete_word, json_option, spec_option


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions alone
    """A time of day, a date with its time, or a duration from now: as seconds of `time.time`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        after = seconds(value)
        if after is not None and not value.isdecimal():
            return (datetime.now().astimezone() + timedelta(seconds=after)).timestamp()
        now = datetime.now().astimezone()
        try:
            if "T" in value or " " in value:
                return datetime.fromisoformat(value).astimezone().timestamp()
            hour, minute = map(int, value.split(":"))
            moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        except ValueError:
            self.fail(f"found {value!r}, expected a time such as 18:30, 2026-01-31T18:30 or 2h30m", param, ctx)
        return (moment if moment > now else moment + timedelta(days=1)).timestamp()


@click.command("bulk")
@click.argument("operation", shell_complete=complete_operation)
@click.argument("rows")
@click.argument("words", nargs=-1, shell_complete=complete_word)
@click.option("-o", "--output", "out", metavar="FILE", help="Where the answers go, as JSON Lines; the ledger stands beside it.")
@click.option("--concurrency", default=32, show_default=True, type=click.IntRange(1), help="Calls at once, at most.")
@click.option("--rpm", default=0.0, type=click.FloatRange(0), help="Calls a minute, at most.")
@click.option("--tpm", default=0.0, type=click.FloatRange(0), help="Tokens a minute, at most.")
@click.option("--invalid", default="stop", show_default=True, type=click.Choice(("stop", "skip")), help="What is done where a row breaks the document.")
@click.option("--id", "identity", default="", metavar="COLUMN", help="What names a row; a hash of its arguments where left out.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column that is no argument; repeatable.")
@click.option("--ordered", is_flag=True, help="End with the output in the order of the rows.")
@click.option("--tries", default=5, show_default=True, type=click.IntRange(1), help="Tries of one row; limits do not count.")
@click.option("--max-errors", type=click.IntRange(1), metavar="N", help="Stop when N rows have failed.")
@click.option("--max-tokens-total", type=click.IntRange(1), metavar="N", help="Stop when the answers took N tokens.")
@click.option("--until", type=Moment(), metavar="TIME", help="Stop at 18:30, 2026-01-31T18:30, or after 2h30m.")
@click.option("--engine", metavar="ENGINE", help="dask, or the address of a Dask scheduler.")
@click.option("--continue", "anew", is_flag=True, help="Go on with a ledger made with another document or other arguments.")
@click.option("--dry-run", is_flag=True, help="Check and count the rows; send and write nothing.")
@click.option("--base-url", metavar="URL", help="Where to send them.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@spec_option
@json_option
def command(operation: str, rows: str, words: tuple[str, ...], *, as_json: bool, dry_run: bool, quiet: bool, **options: Any) -> int:
    """Call OPERATION once for every row of ROWS (.jsonl, .csv, .tsv, .parquet; - for JSON Lines on standard input).

    A row's columns are the operation's arguments. WORDS are arguments of all rows, as in `call`; {column} in them is
    filled from the row. The same line again goes on where it stopped, and asks for no answer twice.

    The exit status is 1 where rows failed or were refused, 2 where the run stopped before its end.
    """
    spec, base_url = options.pop("spec"), options.pop("base_url")
    with client_of(spec, base_url=base_url) as client:
        op = client.operations.find(operation)
        if not isinstance(op, Operation):
            names, contract = client.operations.names(), contract_of(client)
            raise UnknownOperationError(operation, names, contract.openapi.title, len(client.operations), contract.newer)
        source = sys.stdin.buffer if rows == "-" else rows
        given = {"words": words, "id": options.pop("identity"), "show": not (quiet or as_json), **options}
        if dry_run:
            estimate = op.map(source, dry_run=True, **given)
            print_json(estimate.facts) if as_json else click.echo(str(estimate))
            return 1 if estimate.refused else 0
        if not options["out"]:
            raise click.UsageError("expected -o FILE, where the answers go")
        done = op.map(source, **given)
    print_json(done.facts) if as_json else click.echo(str(done))
    first = next(done.errors(), None)
    if first is not None:
        click.echo(f"in {done.failures}; the first, row {first['row']}: {_reason(first['error'])}", err=True)
    return 2 if done.stopped else 1 if done.failed or done.refused else 0


def _reason(error: dict[str, Any]) -> str:
    """Why a row failed, in one line."""
    violation = next(iter(error.get("violations", ())), None)
    if violation is not None:
        return ": ".join(filter(None, [violation.get("path"), violation.get("message")]))
    return str(error["message"]).partition("\n")[0]
