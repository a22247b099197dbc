"""``dynaopenai show``: one operation or schema in full, or the operations of a tag."""

from __future__ import annotations

from typing import Any

import click

from ..._checking import outline as _outline
from ..._client.client import Client
from ..._client.describe import call_line, facts_of, manual
from ..._client.group import Group
from ..._client.inside import contract_of, plan_of
from ..._client.operation import Operation
from ..._display.colour import paint
from ..._display.tree import drawn
from ..._display.words import nearest
from ...errors import SpecError
from ..printing import print_json
from ._options import client_of, complete_thing, json_option, spec_option


@click.command("show")
@click.argument("name", metavar="OPERATION|SCHEMA|TAG", shell_complete=complete_thing)
@click.option("--depth", default=3, show_default=True, type=click.IntRange(0, 12), help="Levels of a schema to open.")
@spec_option
@json_option
def command(name: str, depth: int, spec: str | None, as_json: bool) -> None:
    """Describe an operation (arguments, limits, answers, an example), a schema (as a tree), or a tag (its operations)."""
    client = client_of(spec)
    found = client.operations.find(name) or _tag(client, name)
    if isinstance(found, Operation):
        if as_json:
            print_json(facts_of(plan_of(found).writer, plan_of(found).reader))
        else:
            click.echo(_manual(found))
        return
    if found is not None and name not in contract_of(client).openapi.schema_names():
        if as_json:
            print_json({"operations": [operation.id for operation in found]})
        else:
            click.echo(found._repr_painted_(paint()))
        return
    if name not in contract_of(client).openapi.schema_names():
        raise click.UsageError(_unknown(client, name))
    schema = client.schema(name)
    if as_json:
        print_json(schema.bundle)
    else:
        click.echo(drawn(_outline.grow(schema, name, depth), None, paint()))


def _tag(client: Client, name: str) -> Group[Operation] | None:
    """A tag as the document spells it, in whatever case: ``Fine-tuning``."""
    operations = client.operations
    spelled = next((spelled for spelled, tag in operations.attributes.tags.items() if tag.casefold() == name.casefold()), "")
    return operations.groups.get(spelled)


def _manual(operation: Operation) -> str:
    try:
        plan = plan_of(operation)
        return manual(plan.writer, plan.reader, call_line(plan.writer))
    except SpecError:
        return str(operation.__doc__)  # which says what is wrong


def _unknown(client: Client, name: str) -> str:
    known: list[Any] = [*client.operations.names(), *contract_of(client).openapi.schema_names()]
    close = nearest(name, known, 3)
    hint = f"did you mean {' or '.join(close)}?" if close else f"try: dynaopenai ls {name}"
    return f"no operation, schema or tag is called {name!r}\n  {hint}"
