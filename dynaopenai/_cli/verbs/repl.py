"""``dynaopenai repl``: a prompt with ``client`` ready."""

from __future__ import annotations

import contextlib

import click

from ..._client.environment import lead_home_to
from ..._client.inside import contract_of
from ..repl import start
from ._options import client_of, spec_option


@click.command("repl")
@click.argument("document", required=False, metavar="[DOC]")
@click.option("--mock", is_flag=True, help="Let the client call a server made up from the document, on this machine.")
@click.option("--base-url", metavar="URL", help="Where calls go, instead of the document's server.")
@click.option("--plain", is_flag=True, help="The standard prompt, even where IPython is installed.")
@spec_option
def command(document: str | None, mock: bool, base_url: str | None, plain: bool, spec: str | None) -> int:
    """Open a Python prompt with a client of DOC as `client`: IPython where it is installed."""
    with contextlib.ExitStack() as stack:
        client = client_of(document or spec, base_url=base_url)
        if mock:
            from ..._mock.server import MockServer

            server = stack.enter_context(MockServer(contract_of(client)))
            client = client.with_options(base_url=server.url, api_key="sk-mock")
            lead_home_to(server.url, "sk-mock", contract_of(client))  # for `Client()`, typed as the manual has it
        return start(stack.enter_context(client), plain)
