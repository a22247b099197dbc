"""``dynaopenai mock``: a document served over real HTTP."""

from __future__ import annotations

import json
import re
import signal
import threading
from dataclasses import asdict
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click

from ..._client.inside import contract_of
from ..._display.colour import paint
from ..._display.words import one_of
from ..._mock.mock import Record
from ..._mock.sabotage import STREAM_FAULTS
from ..._mock.script_file import register
from ..._mock.server import MockServer
from ...errors import DynaOpenAIError
from ._options import INPUT, client_of, spec_option, validate_option

RATE = click.FloatRange(0, 1)
SECONDS = click.FloatRange(0, 600)


class Latency(click.ParamType[Any]):
    """Seconds, or the least and the most of them: ``0.2``, ``0.1-0.5``."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?", str(value))
        if found is None or float(found[2] or found[1]) < float(found[1]):
            self.fail(f"found {value!r}, expected seconds (0.2), or the least and the most (0.1-0.5)", param, ctx)
        return (float(found[1]), float(found[2])) if found[2] else float(found[1])


@click.command("mock")
@click.argument("document", required=False, metavar="[DOC]")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--seed", default=0, show_default=True, help="Of the chances: the same requests meet the same faults.")
@click.option("--latency", default=0.0, type=Latency(), help="Before each answer; 0.1-0.5 is anything between.")
@click.option(
    "--error-rate", default=0.0, type=RATE, metavar="RATE", help="How many requests fail with 429, 500 or 503."
)
@click.option(
    "--status",
    "--fault",
    "faults",
    multiple=True,
    metavar="OP=STATUS[:RATE]",
    help="Answer an operation with a status, always or by chance: createThing=429:0.1. May be repeated.",
)
@click.option("--stream-delay", default=0.0, type=SECONDS, metavar="SECONDS", help="Between the events of a stream.")
@click.option(
    "--stream-fault",
    "stream_faults",
    multiple=True,
    metavar="FAULT[:RATE]",
    help="Truncate, corrupt, stall or drop streams, always or by chance: truncate:0.1. May be repeated.",
)
@click.option("--rpm", default=0, type=click.IntRange(0), help="Requests a minute; more get a 429 with Retry-After.")
@click.option("--tpm", default=0, type=click.IntRange(0), help="Tokens a minute.")
@click.option(
    "--job-looks", default=1, show_default=True, type=click.IntRange(0), help="Looks that each stage of a job lasts; 0: done at once."
)
@click.option("--empty", is_flag=True, help="Nothing is there but what was created; else all that is asked for is made up.")
@click.option("--api-key", metavar="KEY", help="The only credential that is accepted; any where left out.")
@validate_option("strict", "Refuse what breaks the document, or answer it and only say so.")
@click.option("--script", type=INPUT, metavar="FILE", help="Answers by operation, in YAML or JSON: {getThing: {returns: {...}}}.")
@click.option("--strict", is_flag=True, help="Refuse the calls that the script has no answer for.")
@spec_option
@click.option("--json", "as_json", is_flag=True, help="Print where it is and every request as lines of JSON.")
def command(
    document: str | None,
    faults: tuple[str, ...],
    stream_faults: tuple[str, ...],
    *,
    spec: str | None,
    as_json: bool,
    script: Path | None,
    **options: Any,
) -> int:
    """Serve DOC (a path or URL; the OpenAI API's where left out): every operation answers with valid examples.

    Each request is judged; an invalid one gets a 400 that says why. What is created can be read back,
    listed and deleted. A page for a browser is at the root of the server. Ctrl-C stops it; the exit status is 1 where the
    script has answers that nothing asked for, or lacked one that was.
    """
    contract = contract_of(client_of(document or spec))
    options |= {"faults": _faults(faults), "stream_faults": _stream_faults(stream_faults)}
    try:
        server = MockServer(contract, on_request=_log_json if as_json else _log, **options)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if script is not None:
        register(script, server)
    done = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: done.set())
    server.start()
    if not _is_near(options["host"]):
        click.echo("whoever reaches this machine can call it, and read what others sent; --host 127.0.0.1 keeps it here", err=True)
    try:
        click.echo(json.dumps({"title": server.title, "url": server.url}) if as_json else _greeting(server))
        while not done.wait(3600):  # a wait without an end cannot be interrupted everywhere
            pass
    finally:
        server.stop(check=False)
    click.echo("stopped", err=True)
    try:
        server.stop()
    except DynaOpenAIError as error:  # what the script lacked, or what nothing asked for
        click.echo(f"{type(error).__name__}: {error}", err=True)
        return 1
    return 0


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _greeting(server: MockServer) -> str:
    root = server.url.removesuffix(server.app.prefix)
    return (
        f"serving {server.title} at {server.url}   (Ctrl-C stops)\n"
        f"  OPENAI_BASE_URL={server.url} OPENAI_API_KEY=sk-mock\n"
        f"  in a browser: {root}/"
    )


def _log_json(record: Record) -> None:
    click.echo(json.dumps(asdict(record), default=str))


def _faults(texts: tuple[str, ...]) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for text in texts:
        match = re.fullmatch(r"(.+)=(\d{3})(?::(\d*\.?\d+))?", text)
        if match is None:
            expected = "expected an operationId, a status and perhaps a rate, OPERATION=429 or OPERATION=429:0.1"
            raise click.BadParameter(f"found {text!r}, {expected}", param_hint="--status")
        found.setdefault(match[1], {})[int(match[2])] = float(match[3] or 1)
    return found


def _stream_faults(texts: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in texts:
        match = re.fullmatch(rf"({'|'.join(STREAM_FAULTS)})(?::(\d*\.?\d+))?", text)
        if match is None:
            expected = f"expected {one_of(STREAM_FAULTS)}, and perhaps a rate, truncate:0.1"
            raise click.BadParameter(f"found {text!r}, {expected}", param_hint="--stream-fault")
        found[match[1]] = float(match[2] or 1)
    return found


def _log(record: Record) -> None:
    verdict = "; ".join((*record.verdict, *record.conduct)) or ("valid" if record.operation_id else "no operation")
    kind = "error" if record.status >= 400 else "warning" if record.verdict else "valid"
    click.echo(
        f"{paint()(str(record.status), kind)} {record.method} {record.path}  {record.operation_id or '-'}  {verdict}"
    )
