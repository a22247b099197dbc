"""``dynaopenai traffic``: recorded traffic against a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..._bench.traffic import Verdict, judge_traffic
from ..._display.colour import paint
from ..._display.words import count
from ._options import client_of, json_option, print_json, spec_option


@click.command("traffic")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@spec_option
@click.option(
    "--base-url", metavar="URL", help="Below which the operations' paths stand, where the document does not say."
)
@json_option
def command(files: tuple[Path, ...], spec: str | None, base_url: str | None, as_json: bool) -> int:
    """Judge the traffic in each FILE, a HAR 1.2 file or a cassette, against the document, by openapi-core.

    The exit status is 1 where a request or an answer breaks the document.
    """
    client = client_of(spec)
    verdicts = [verdict for file in files for verdict in judge_traffic(file, client, base_url=base_url)]
    if as_json:
        print_json(list(map(_facts, verdicts)))
    else:
        click.echo("\n".join([*map(_text, verdicts), _conclusion(verdicts)]))
    return 0 if all(verdict.is_valid for verdict in verdicts) else 1


def _text(verdict: Verdict) -> str:
    kind = "error" if not verdict.is_valid else "valid" if verdict.operation_id else "warning"
    first, *rest = str(verdict).split("\n")
    return "\n".join([paint()(first, kind), *rest])


def _conclusion(verdicts: list[Verdict]) -> str:
    strangers = sum(verdict.operation_id is None for verdict in verdicts)
    invalid = sum(not verdict.is_valid for verdict in verdicts)
    return f"{count(len(verdicts), 'exchange')}: {len(verdicts) - strangers - invalid} valid, {invalid} invalid, {strangers} of no operation"


def _facts(verdict: Verdict) -> dict[str, Any]:
    return {
        "where": verdict.exchange.where,
        "method": verdict.exchange.method,
        "path": verdict.exchange.url,
        "status": verdict.exchange.status,
        "operation": verdict.operation_id,
        "request": list(map(str, verdict.request)),
        "answer": list(map(str, verdict.response)),
    }
