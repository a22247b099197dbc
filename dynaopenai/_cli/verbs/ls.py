"""``dynaopenai ls``: what a document offers."""

from __future__ import annotations

from typing import Any

import click

from ..._client import listing as _listing
from ..._client.inside import contract_of, entry_of
from ..._display.colour import paint
from ..._display.words import count
from ..._document.openapi import Entry
from ..printing import print_json
from ._options import client_of, json_option, spec_option


@click.command("ls")
@click.argument("words", nargs=-1)
@spec_option
@json_option
def command(words: tuple[str, ...], spec: str | None, as_json: bool) -> int:
    """List the operations by tag; with WORDS, the operations and schemas that they fit, best first."""
    client = client_of(spec)
    entries, schemas = list(contract_of(client).openapi.entries.values()), []
    if words:
        found = client.find(" ".join(words))
        entries, schemas = [entry_of(operation) for operation in found], found.schemas
    if as_json:
        print_json({"operations": [_facts(entry) for entry in entries], "schemas": schemas})
    elif words:
        click.echo("\n".join(_listing.found(entries, schemas, paint())), nl=bool(entries or schemas))
    else:
        api = contract_of(client).openapi
        heading = f"{api.title} {api.api_version}".strip()
        click.echo("\n".join([f"{heading}: {count(len(entries), 'operation')}", *_listing.grouped(entries, paint())]))
    if words and not entries and not schemas:
        click.echo(f"nothing fits {' '.join(words)!r}", err=True)
        return 1
    return 0


def _facts(entry: Entry) -> dict[str, Any]:
    facts = {"id": entry.id, "method": entry.method, "path": entry.path, "tags": list(entry.tags), "summary": entry.summary}
    return {**facts, "deprecated": entry.deprecated}
