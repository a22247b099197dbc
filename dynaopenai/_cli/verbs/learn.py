"""``dynaopenai learn``: recorded exchanges -> the overlay under which a document is true of them."""

from __future__ import annotations

from pathlib import Path

import click

from ..._client.inside import contract_of
from ..._learn.learn import learn
from ..printing import print_json
from ._options import INPUT, OUTPUT, client_of, json_option, spec_option


@click.command("learn")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=INPUT
)
@spec_option
@click.option("-o", "--output", type=OUTPUT, help="Write the overlay to this file.")
@click.option("--min-seen", type=click.IntRange(1), default=1, metavar="N", help="How often a deviation must have been seen.")
@click.option("--everywhere", is_flag=True, help="Correct a component for all who are answered (or sent) it, not only where it was seen.")
@click.option("--base-url", metavar="URL", help="Below which the operations' paths stand, where the document does not say.")
@json_option
def command(
    files: tuple[Path, ...], spec: str | None, output: Path | None, min_seen: int, everywhere: bool, base_url: str | None, as_json: bool
) -> int:
    """Learn from the traffic in each FILE what the server really does, as an overlay for the document.

    FILE is a cassette of ours or of vcrpy's, a HAR 1.2 file, or JSON Lines. The exit status is 1 where something is left that no
    correction mends.
    """
    document = contract_of(client_of(spec)).document
    overlay = learn(document, files, everywhere=everywhere, min_seen=min_seen, base_url=base_url)
    if output is not None:
        overlay.write(output)
    if as_json:
        print_json(overlay)
    else:
        click.echo(str(overlay))
    return 1 if overlay.left else 0
