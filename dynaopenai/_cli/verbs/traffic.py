"""``dynaopenai traffic``: recorded traffic against a document."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from ..._bench.traffic import Verdict, judge_traffic
from ..._display.colour import paint
from ..._display.words import count
from ..printing import print_json
from ._options import INPUT, client_of, json_option, spec_option


@click.command("traffic")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=INPUT
)
@spec_option
@click.option(
    "--base-url", metavar="URL", help="Below which the operations' paths stand, where the document does not say."
)
@click.option("--each", is_flag=True, help="Then each exchange, in order, with its verdict.")
@click.option(
    "--fail-on", type=click.Choice(["invalid", "unknown", "never"]), default="invalid", show_default=True,
    help="Leave with status 1 where an exchange is invalid; or where it is, or is of no operation.",
)
@json_option
def command(
    files: tuple[Path, ...], spec: str | None, base_url: str | None, each: bool, fail_on: str, as_json: bool
) -> int:
    """Judge the traffic in each FILE, a HAR 1.2 file, a cassette (vcrpy's, too) or JSON Lines, against the document, by openapi-core.

    Counts come first, then the places that break the document, the most frequent first.
    """
    client = client_of(spec)
    verdicts = [verdict for file in files for verdict in judge_traffic(file, client, base_url=base_url)]
    if as_json:
        print_json(list(map(_facts, verdicts)))
    else:
        click.echo("\n".join([_conclusion(verdicts), *_places(verdicts), *(map(_text, verdicts) if each else ())]))
    is_broken = any(not verdict.is_valid for verdict in verdicts)
    is_strange = any(verdict.operation_id is None for verdict in verdicts)
    return int(fail_on != "never" and (is_broken or (fail_on == "unknown" and is_strange)))


def _places(verdicts: list[Verdict]) -> list[str]:
    """What breaks the document, place by place: how often, and where first."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for verdict in verdicts:
        for side, problems in (("request", verdict.request), ("answer", verdict.response)):
            for problem in problems:
                place = re.sub(r"\[\d+\]", "[]", problem.path)
                found.setdefault((str(verdict.operation_id), side, place, problem.message), []).append(verdict.exchange.where)
    worst = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        f"  {len(where)}x {operation} {side}{'.' * bool(place)}{place}: {message} (first {where[0]})"
        for (operation, side, place, message), where in worst
    ]


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
