"""``dynaopenai api``: APIs by name: what is known of each, added, looked at, asked for again, removed."""

from __future__ import annotations

from typing import Any

import click

from ..._display.words import short
from ..._document import api as _api
from ..._document.kept import forget, recall, text_of
from ..printing import print_json
from ._options import header_of, json_option


@click.group("api")
def command() -> None:
    """APIs by name: `--spec NAME` and Client("NAME") read a document with its corrections, and know where to send calls."""


@command.command("ls")
@json_option
def ls(as_json: bool) -> int:
    """List the APIs that are known by name."""
    known = _api.entries()
    if as_json:
        print_json({name: {**entry.facts, "from": entry.origin} for name, entry in known.items()})
        return 0
    width = max(map(len, known), default=0)
    for name, entry in known.items():
        click.echo(f"  {name:<{width}}  {entry.document}" + ("  (this project's)" if entry.is_project else ""))
    return 0


@command.command("show")
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> int:
    """Show all that is known of the API NAME."""
    entry = _api.find(name)
    kept = recall(entry) if entry.is_remote else None
    facts: dict[str, Any] = {**entry.facts, "from": entry.origin}
    if kept is not None:
        facts |= {"kept": f"{len(kept.data):,} bytes", "asked": kept.asked}
    if as_json:
        print_json({"name": name, **facts})
        return 0
    click.echo(name)
    for key, value in facts.items():
        click.echo(f"  {key:<11} {_shown(key, value)}")
    return 0


def _shown(key: str, value: Any) -> str:
    if key == "asked":
        import time

        return time.strftime("%Y-%m-%d %H:%M", time.localtime(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else value if isinstance(value, str) else short(value)


@command.command("add")
@click.argument("name")
@click.argument("document", metavar="URL|PATH")
@click.option("--overlay", "overlays", multiple=True, metavar="URL|PATH", help="Corrections of the document; repeatable.")
@click.option("--base-url", default="", metavar="URL", help="Where calls go, where not to the document's server.")
@click.option("--key-env", default="", metavar="VARIABLE", help="The environment variable that holds the key.")
@click.option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="Sent with every request; no secrets.")
@click.option("--remote-ref", "remote_refs", multiple=True, metavar="HOST", help="A host that a $ref may lead to; repeatable.")
@click.option("--pin", default="", metavar="sha256:HASH", help="The hash that the document must have.")
def add(name: str, document: str, headers: tuple[str, ...], **options: Any) -> int:
    """Know the document at URL or PATH by NAME, with all that a client should know of it."""
    from pathlib import Path

    from ..._secrecy.names import is_secret

    pairs = dict(header_of(text) for text in headers)
    secret = next((header for header in pairs if is_secret(header)), None)
    if secret is not None:
        raise click.UsageError(f"--header: {secret} holds a secret, which an entry never does; --key-env names where it stands")

    def standing(written: str) -> str:
        return written if written.lower().startswith(("http://", "https://")) else str(Path(written).expanduser().absolute())

    facts = {key: value for key, value in options.items() if value and key != "overlays"}
    facts |= {"document": standing(document), "headers": pairs}
    if options["overlays"]:
        facts["overlays"] = list(map(standing, options["overlays"]))
    entry = _api.entry_of(name, facts, str(_api.folder() / _api.FILE))
    text_of(entry, lambda line: click.echo(line, err=True), now=True)  # what cannot be read is not added
    path = _api.add(entry)
    click.echo(f'{name} is kept in {path}; Client("{name}"), --spec {name}')
    return 0


@command.command("update")
@click.argument("names", nargs=-1)
def update(names: tuple[str, ...]) -> int:
    """Ask at once for the documents of NAMES (all that are kept, where none is named)."""
    known = _api.entries()
    chosen = [_api.find(name) for name in names] or [entry for entry in known.values() if entry.is_remote and recall(entry)]
    for entry in chosen:
        before = recall(entry)
        text = text_of(entry, lambda line: click.echo(line, err=True), now=True)
        if before is not None and before.data == text.text:
            click.echo(f"{entry.name}: nothing newer")
    if not chosen:
        click.echo("nothing is kept yet")
    return 0


@command.command("rm")
@click.argument("name")
def rm(name: str) -> int:
    """Forget the API NAME, and what is kept of its document."""
    entry = _api.find(name)
    forget(entry)
    if not _api.remove(name):
        click.echo(f"{name} stands in {entry.origin}, which is not yours alone; what was kept of its document is gone")
        return 1
    click.echo(f"{name} is forgotten")
    return 0


@command.command("trust")
@click.argument("name")
def trust(name: str) -> int:
    """Let this project's entry NAME read the environment variable that it names, as long as the entry stays as it is."""
    entry = _api.find(name)
    if not entry.is_project or not entry.key_env:
        raise click.UsageError(f"{name} needs no word from you: it is not this project's, or it names no variable")
    _api.trust(entry)
    click.echo(f"{name} may have ${entry.key_env} sent to {entry.base_url or 'the servers of ' + entry.document}")
    return 0
