"""``dynaopenai overlay``: corrections beside a document, applied and made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..._document import overlay as _overlay
from .. import revision as _revision
from ._options import OUTPUT

FORMS = click.Choice(["yaml", "json"])


@click.group("overlay")
def command() -> None:
    """Corrections that stand beside a document (OpenAPI Overlay 1.0, 1.1)."""


@command.command("apply", short_help="print a document with overlays applied")
@click.argument("document")
@click.argument("overlays", nargs=-1, required=True)
@click.option("-o", "--output", type=OUTPUT, help="Write to this file.")
@click.option("--format", "form", type=FORMS, help="YAML where neither this nor the file's name says otherwise.")
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Leave with status 1 when an action matches nothing.")
@click.pass_context
def apply(
    ctx: click.Context, document: str, overlays: tuple[str, ...], output: Path | None, form: str | None, strict: bool
) -> Any:
    """Print DOCUMENT with the OVERLAYS applied in their order; actions that match nothing are told."""
    before = _revision.read(document)
    made = _overlay.apply(before, overlays)
    idle = made.diagnostics[len(before.diagnostics) :]
    for diagnostic in idle:
        click.echo(str(diagnostic), err=True)
    _write(made.root, output, form)
    if strict and idle:
        ctx.exit(1)


@command.command("make", short_help="print the overlay between two documents")
@click.argument("old")
@click.argument("new")
@click.option("-o", "--output", type=OUTPUT, help="Write to this file.")
@click.option("--format", "form", type=FORMS, help="YAML where neither this nor the file's name says otherwise.")
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
def make(old: str, new: str, output: Path | None, form: str | None) -> None:
    """Print the overlay that turns OLD into NEW: paths, URLs, or git revisions REV:path."""
    _write(_overlay.make(_revision.read(old), _revision.read(new)), output, form)


def _write(root: Any, output: Path | None, form: str | None) -> None:
    if form == "json" or (form is None and output is not None and output.suffix == ".json"):
        text = json.dumps(root, indent=2, ensure_ascii=False) + "\n"
    else:
        import yaml

        text = yaml.safe_dump(_overlay.apart(root), sort_keys=False, allow_unicode=True, width=110)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")
