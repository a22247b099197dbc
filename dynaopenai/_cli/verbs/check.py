"""``dynaopenai check``: a document's defects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from ..._client.inside import contract_of
from ..._display.colour import paint
from ..._display.words import count
from ...errors import Diagnostic
from ..printing import print_json
from ._options import client_of, json_option, spec_option


@click.command("check")
@click.argument("document", required=False, metavar="[DOC]")
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
@spec_option
@json_option
def command(document: str | None, strict: bool, spec: str | None, as_json: bool) -> int:
    """Look through DOC for defects: references that lead nowhere, schemas and examples that contradict each other.
    What openapi-spec-validator says of it comes last.

    The exit status is 1 where a part of the document cannot be used as it is written.
    """
    from ..._client.diagnosis import second_opinion

    client = client_of(document or spec)
    found = [*client.diagnostics, *second_opinion(contract_of(client))]
    if as_json:
        print_json([asdict(diagnostic) for diagnostic in found])
    else:
        name = contract_of(client).document.name
        click.echo("\n".join([*map(_text, found), _conclusion(name, found, len(client.operations))]))
    errors = [diagnostic for diagnostic in found if strict or diagnostic.severity == "error"]
    return 1 if errors else 0


def _text(diagnostic: Diagnostic) -> str:
    text = str(diagnostic)
    word = f"{diagnostic.severity}:"
    return text.replace(word, paint()(word, diagnostic.severity), 1)


def _conclusion(name: str, found: Sequence[Diagnostic], operations: int) -> str:
    errors = sum(diagnostic.severity == "error" for diagnostic in found)
    defects = f"{count(errors, 'error')}, {count(len(found) - errors, 'warning')}" if found else "no defects"
    return f"{name}: {count(operations, 'operation')}, {defects}"
