"""``dynaopenai diff``: what changed between two documents, and what of it breaks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from ..._checking.contract import Contract
from ..._client.grouping import grouped
from ..._diff.change import SEVERITIES, Change, worst
from ..._diff.diff import diff
from ..._display.colour import paint
from ..._display.words import nearest
from .. import report as _report
from .. import revision as _revision
from ..changelog import as_changelog
from ..diff_page import as_page
from ..markdown import as_markdown
from ..policy import exceptions, judged, severities
from ..usage import used_in
from ._options import OUTPUT


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown", "changelog"]), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--changelog", "form", flag_value="changelog", help="The changes in the words of someone who calls the API.")
@click.option("--all", "everything", is_flag=True, help="List safe changes one by one, too.")
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="Leave with status 1 when there is such a change, or worse."
)
@click.option(
    "--only", multiple=True, metavar="OPERATION", help="Only these operations; * stands for anything. Repeatable."
)
@click.option(
    "--used-in",
    "sources",
    multiple=True,
    metavar="SRC",
    type=click.Path(path_type=Path),
    help="Only operations that the code in this folder calls.",
)
@click.option(
    "--severity", "levels", multiple=True, metavar="CODE=LEVEL|FILE",
    help="Rate a kind of change otherwise: breaking, dangerous, safe or none. Repeatable.",
)
@click.option(
    "--ignore", "ignored", type=OUTPUT, metavar="FILE",
    help="Changes that are known, each with a reason and the day until which.",
)
@click.option(
    "--group-by", "by", type=click.Choice(["schema", "operation"]), default="schema", show_default=True,
    help="Tell changes in shared schemas under their names, or under the operations.",
)
@click.option(
    "--html", "page", type=OUTPUT, metavar="FILE",
    help="Also write a page with both documents' lines side by side.",
)
@click.option(
    "--no-witness",
    "witnesses",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Do not look for payloads that show what breaks.",
)
@click.pass_context
def command(
    ctx: click.Context, old: str, new: str, form: str, everything: bool, fail_on: str | None,
    only: tuple[str, ...], sources: tuple[Path, ...], levels: tuple[str, ...], ignored: Path | None,
    by: str, page: Path | None, witnesses: bool,
) -> Any:  # fmt: skip
    """Compare two documents, OLD and NEW: paths, URLs, or git revisions REV:path.

    A request may only widen and an answer may only narrow: what breaks this is breaking, and is shown with a payload.
    What cannot be read, in either of them, is told, and leaves with status 2.
    """
    before, after = (Contract(_revision.read(source)) for source in (old, new))
    changes = diff(before, after, witnesses=witnesses)
    known = [*before.openapi.entries, *after.openapi.entries]
    if only or sources:
        dotted = {**grouped(before.openapi), **grouped(after.openapi)}
        changes = _only(changes, _selected(only, known) | _used(sources, known, dotted))
    changes = _judged(changes, levels, ignored)
    names = before.document.name, after.document.name
    if form == "json":
        click.echo(json.dumps(_report.as_json(*names, changes), indent=2, ensure_ascii=False, default=str))
    elif form == "changelog":
        click.echo(as_changelog(*names, changes))
    elif form == "markdown":
        click.echo(as_markdown(*names, changes, by=by))
    else:
        click.echo(_report.as_text(*names, changes, everything=everything, by=by, paint=paint()))
    if page is not None:
        page.write_text(as_page(before, after, changes, by=by), "utf-8")
    unread = [change for change in changes if change.code == "operation-broken"]
    for change in unread:
        click.echo(f"Error: {change.message}", err=True)
    if unread:
        ctx.exit(2)
    found = worst(changes)
    if fail_on and found and SEVERITIES.index(found) <= SEVERITIES.index(fail_on):
        ctx.exit(1)


def _selected(patterns: Sequence[str], known: Sequence[str]) -> set[str]:
    wanted: set[str] = set()
    for pattern in [name.strip() for text in patterns for name in text.split(",") if name.strip()]:
        found = {name for name in known if fnmatchcase(name, pattern)}
        if not found:
            close = nearest(pattern, known)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise click.BadParameter(f"neither document has an operation {pattern!r}{hint}", param_hint="--only")
        wanted |= found
    return wanted


def _judged(changes: list[Change], levels: Sequence[str], ignored: Path | None) -> list[Change]:
    """The changes as the project's policy sees them; what it passes over is told beside the report."""
    if not levels and ignored is None:
        return changes
    found = judged(changes, severities(levels), exceptions(ignored) if ignored else [])
    for note in found.notes:
        click.echo(note, err=True)
    return found.changes


def _used(sources: Sequence[Path], known: Sequence[str], dotted: Mapping[str, str]) -> set[str]:
    """The operations that the sources call; that there are none is told, since no change could then touch them."""
    used = {name for source in sources for name in used_in(source, known, dotted)}
    if sources and not used:
        where = ", ".join(map(str, sources))
        raise click.UsageError(f"no use of any of the {len(set(known))} operations was found in {where}")
    return used


def _only(changes: Sequence[Change], wanted: set[str]) -> list[Change]:
    """The changes of these operations, and those of the document as a whole that may touch any."""
    found = []
    for change in changes:
        mine = tuple(name for name in change.operations if name in wanted)
        if mine or not (change.operations or change.path.startswith(("webhooks", "components."))):
            found.append(replace(change, operations=mine))
    return found
