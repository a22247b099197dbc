"""``dynaopenai demo``: a tour through the real client, against a mock server in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ..._checking.contract import Contract
from ..._client.client import Client
from ..._display.colour import paint
from ..._document.document import load
from ...errors import DynaOpenAIError
from ..demo import Step, faults, follow, steps, take

STOPPING = 10.0


@click.command("demo")
@click.argument("document", required=False)
@click.option("--pause", default=0.0, type=click.FloatRange(0, 60), help="Seconds between the steps.")
@click.option("--json", "as_json", is_flag=True, help="Print each step as a line of JSON.")
def command(document: str | None, pause: float, as_json: bool) -> None:
    """Take the tour of DOCUMENT (the OpenAI API's where left out) over real HTTP on this machine, with no key."""
    contract = Contract(load(document))
    tour = steps(contract)
    with (
        placed(document, contract) as place,
        serving(place, faults(tour)) as (url, process),
        Client(contract.document, base_url=url, api_key="sk-demo") as client,
    ):
        if as_json:
            _tell(client, tour)
            return
        click.echo(f"a mock server is answering at {url} (process {process})")
        click.echo(f'>>> client = Client(base_url="{url}", api_key="sk-demo")')
        follow(client, tour, _say, pause=pause)
    click.echo(f"\nall {len(tour)} calls ended as they should; the server is stopped")


def _tell(client: Client, tour: list[Step]) -> None:
    for step in tour:
        facts = {"title": step.title, "operation": step.operation, "lines": list(take(client, step))}
        click.echo(json.dumps(facts, ensure_ascii=False))


@contextmanager
def placed(document: str | None, contract: Contract) -> Iterator[str]:
    """Where the server reads the document from: the bundled one may be in a zip, and settings may name another."""
    if document:
        yield document
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / contract.document.name
        path.write_text(contract.document.text or "", "utf-8")
        yield str(path)


@contextmanager
def serving(document: str, failing: dict[str, int]) -> Iterator[tuple[str, int]]:
    """The URL and process id of a mock server that lives as long as the block."""
    words = [sys.executable, "-m", "dynaopenai", "mock", "--port", "0", document]
    words += [word for name, status in failing.items() for word in ("--fault", f"{name}={status}")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603 - this very program
        try:
            assert process.stdout is not None
            found = re.search(r"https?://[^\s]+", process.stdout.readline())
            if found is None:
                raise DynaOpenAIError("the mock server did not start; see what `dynaopenai mock` says")
            yield found[0], process.pid
        finally:
            process.terminate()
            try:
                process.wait(STOPPING)
            except subprocess.TimeoutExpired:
                process.kill()


def _say(line: str) -> None:
    if line.startswith((">>>", "...")):
        click.echo(paint()(line, "typed"))
    elif re.match(r"\n\d+\. ", line):
        click.echo(paint()(line, "heading"))
    else:
        click.echo(line)
    sys.stdout.flush()
