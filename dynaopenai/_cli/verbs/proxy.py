"""``dynaopenai proxy``: the real API behind its document, for clients in any language."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from ..._client.inside import contract_of
from ..._proxy.court import Passed
from ..._proxy.proxy import ValidatingProxy
from ._options import INPUT, OUTPUT, client_of, spec_option, validate_option


@click.command("proxy")
@click.argument("upstream", metavar="UPSTREAM")
@click.argument("document", required=False, metavar="[DOC]")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@validate_option("warn", "Refuse what breaks the document (400 before it is sent, 502 after), or pass it on and say so.")
@click.option("--cacert", type=INPUT, metavar="FILE", help="The certificate authority of UPSTREAM.")
@click.option("--record", type=OUTPUT, metavar="FILE", help="Write a cassette at the end.")
@click.option("--learn", type=OUTPUT, metavar="OVERLAY", help="Write the corrections that what passed asks of DOC at the end.")
@spec_option
@click.option("--json", "as_json", is_flag=True, help="Print where it is and every exchange as lines of JSON.")
def command(
    upstream: str, document: str | None, *, spec: str | None, cacert: Path | None, as_json: bool, **options: Any
) -> None:
    """Stand before the API at UPSTREAM and hold both sides to DOC (a path or URL; the OpenAI API's where left out).

    Bodies pass as they come, headers as they are. Each exchange is judged beside the traffic: what is wrong is printed, is in
    the answer's header X-Dynaopenai-Violations, and on the page at the root of the proxy. Ctrl-C stops it.
    """
    contract = contract_of(client_of(document or spec))
    try:
        proxy = ValidatingProxy(
            upstream, contract, verify=cacert or True, on_exchange=_log_json if as_json else _log, **options
        )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="UPSTREAM") from None
    done = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: done.set())
    with proxy:
        click.echo(json.dumps({"upstream": proxy.upstream, "url": proxy.url}) if as_json else _greeting(proxy))
        while not done.wait(3600):  # a wait without an end cannot be interrupted everywhere
            pass
    click.echo("stopped", err=True)


def _greeting(proxy: ValidatingProxy) -> str:
    return (
        f"{proxy.url} passes on to {proxy.upstream}   (Ctrl-C stops)\n"
        f"  OPENAI_BASE_URL={proxy.url}\n"
        f"  in a browser: {proxy.url.removesuffix(proxy.prefix)}/"
    )


def _log_json(passed: Passed) -> None:
    exchange = passed.exchange
    facts = {"method": exchange.method, "path": urlsplit(exchange.url).path, "operation_id": passed.operation_id}
    click.echo(json.dumps({**facts, "status": passed.status, "seconds": passed.seconds, "verdict": passed.verdict}))


def _log(passed: Passed) -> None:
    verdict = "; ".join(passed.verdict) or "valid"
    colour = "red" if passed.violations else "yellow" if passed.verdict or passed.status >= 400 else "green"
    exchange = passed.exchange
    click.echo(
        f"{click.style(str(passed.status), fg=colour)} {exchange.method} {urlsplit(exchange.url).path}  "
        f"{passed.operation_id or '-'}  {passed.seconds * 1000:.0f} ms  {verdict}"
    )
