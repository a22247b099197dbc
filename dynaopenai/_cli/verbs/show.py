"""``dynaopenai show``: one operation or schema in full."""

from __future__ import annotations

from typing import Any

import click

from ..._checking import outline as _outline
from ..._client.client import Client
from ..._client.describe import facts_of
from ..._client.inside import contract_of, plan_of
from ..._client.operation import Operation
from ..._display.colour import paint
from ..._display.tree import drawn
from ..._display.words import nearest
from ._options import client_of, complete_thing, json_option, print_json, spec_option


@click.command("show")
@click.argument("name", metavar="OPERATION|SCHEMA", shell_complete=complete_thing)
@click.option("--depth", default=3, show_default=True, type=click.IntRange(0, 12), help="Levels of a schema to open.")
@spec_option
@json_option
def command(name: str, depth: int, spec: str | None, as_json: bool) -> None:
    """Describe an operation (arguments, limits, answers, an example) or a schema (as a tree)."""
    client = client_of(spec)
    operation = client.operations.find(name)
    if isinstance(operation, Operation):
        if as_json:
            print_json(facts_of(plan_of(operation).writer, plan_of(operation).reader))
        else:
            click.echo(operation.__doc__)
        return
    if name not in contract_of(client).openapi.schema_names():
        raise click.UsageError(_unknown(client, name))
    schema = client.schema(name)
    if as_json:
        print_json(schema.bundle)
    else:
        click.echo(drawn(_outline.grow(schema, name, depth), None, paint()))


def _unknown(client: Client, name: str) -> str:
    known: list[Any] = [*client.operations.names(), *contract_of(client).openapi.schema_names()]
    close = nearest(name, known, 3)
    hint = f"did you mean {' or '.join(close)}?" if close else f"try: dynaopenai ls {name}"
    return f"no operation or schema is called {name!r}\n  {hint}"
