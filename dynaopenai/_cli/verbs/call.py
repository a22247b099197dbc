"""``dynaopenai call``: one call, its arguments typed by the document."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import click

from ..._client.client import Client
from ..._client.inside import contract_of, plan_of
from ..._client.operation import Operation
from ..._request.words import Typed, WordError, arguments_of
from ..._response.binary import Binary
from ..._response.stream import Stream
from ...errors import APIStatusError, ResponseValidationError, UnknownOperationError
from ..output import FORMATS
from ..printing import Wanted, print_answer, print_each, print_json
from ._options import client_of, complete_operation, complete_word, header_of, json_option, spec_option

STREAM = "stream"  # the argument by which many APIs are asked for their answer piece by piece


@click.command("call")
@click.argument("operation", shell_complete=complete_operation)
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=complete_word)
@spec_option
@click.option("--base-url", metavar="URL", help="Where to send it, instead of the document's server.")
@click.option("--key-env", metavar="NAME", help="The environment variable that holds the key.")
@click.option("--header", "-H", "headers", multiple=True, metavar="NAME:VALUE", help="A header to send.")
@click.option("--timeout", type=float, metavar="SECONDS", help="How long to wait for an answer.")
@click.option("--mock", is_flag=True, help="Call a server made up from the document, on this machine.")
@click.option("--stream", is_flag=True, help="Ask for the answer piece by piece, and print it as it arrives.")
@click.option("--text", is_flag=True, help="Print the words of the answer alone.")
@click.option("--pick", metavar="PATH", help="Print a part of the answer: a.b[].c, or JSONPath.")
@click.option("--output", type=click.Choice(FORMATS), help="Print the answer's rows as a table, CSV or JSON Lines.")
@click.option("--all", "all_pages", is_flag=True, help="Print the items of all pages, each as it comes.")
@click.option("--max-items", type=click.IntRange(1), metavar="N", help="Print the first N items, from as many pages as they take.")
@click.option("--validate", type=click.Choice(["strict", "warn", "off"]), help="What becomes of an answer that breaks the document.")
@click.option("--save", metavar="FILE", type=click.Path(dir_okay=False), help="Write the answer to a file.")
@click.option("--curl", is_flag=True, help="Print the curl command of the call; send nothing.")
@click.option("--dry-run", is_flag=True, help="Check the call and print the request; send nothing.")
@json_option
def command(operation: str, arguments: tuple[str, ...], *, stream: bool, as_json: bool, **options: Any) -> int:
    """Call OPERATION, its arguments typed by the document, and print the answer.

    \b
    name=value   a number, a boolean, an item of a list, or text
    name:=json   JSON
    name@file    a file to upload, or the content of a file
    name@-       the same, from standard input
    value        a path parameter, in order
    @file, -     the whole body, from a file or standard input

    A name may lead inwards: items.0.name=tea or, quoted, 'items[0].name=tea'. A repeated one makes a list.
    """  # noqa: D301 - the backspace is click's sign for lines to be left as they are
    wanted = Wanted(as_json, options["text"], options["pick"], options["output"], options["save"])
    walks = options["all_pages"] or options["max_items"] is not None
    if stream and walks:
        raise click.UsageError("--stream is one answer in pieces, --all and --max-items are the items of many; expected one of them")
    with _client(options) as client:
        op = _operation(client, operation)
        typed = _typed(op, arguments)
        if stream:
            _ask_for_stream(op, typed)
        if options["curl"]:
            click.echo(op.curl(*typed.positional, **typed.keywords))
        elif options["dry_run"]:
            _show_request(op.prepare(*typed.positional, **typed.keywords), plan_of(op).writer.secrets, as_json)
        elif walks:
            return print_each(islice(op.items(*typed.positional, **typed.keywords), options["max_items"]), wanted)
        else:
            return _call(op, typed, wanted)
    return 0


@contextlib.contextmanager
def _client(options: Mapping[str, Any]) -> Iterator[Client]:
    given: dict[str, Any] = {"base_url": options["base_url"], "timeout": options["timeout"], "validate_responses": options["validate"]}
    given["headers"] = dict(map(header_of, options["headers"])) or None
    if options["key_env"]:
        given["api_key"] = os.environ.get(options["key_env"])
        if not given["api_key"]:
            raise click.UsageError(f"--key-env: the environment has no {options['key_env']}")
    with contextlib.ExitStack() as stack:
        client = client_of(options["spec"], **given)
        if options["mock"]:
            from ..._mock.server import MockServer

            server = stack.enter_context(MockServer(contract_of(client)))
            client = client.with_options(base_url=server.url, api_key="sk-mock")
        yield stack.enter_context(client)


def _operation(client: Client, name: str) -> Operation:
    found = client.operations.find(name)
    if not isinstance(found, Operation):
        raise UnknownOperationError(name, client.operations.names(), contract_of(client).openapi.title, len(client.operations), contract_of(client).newer)
    return found


def _typed(op: Operation, words: tuple[str, ...]) -> Typed:
    writer = plan_of(op).writer
    is_file = bool(writer.content) and not writer.arguments.takes_properties and (
        writer.arguments.body is not None and writer.arguments.body.is_binary
    )
    try:
        return arguments_of(words, writer.arguments, sys.stdin.buffer.read, is_file)
    except WordError as error:
        raise click.UsageError(str(error)) from None


def _ask_for_stream(op: Operation, typed: Typed) -> None:
    if any(argument.spelled == STREAM and "boolean" in argument.schema.types for argument in op.arguments):
        typed.keywords[STREAM] = True
    elif not any("event-stream" in name for response in op.responses.values() for name in response.content):
        raise click.UsageError(f"{op.id} does not answer piece by piece")


def _show_request(request: Any, secrets: frozenset[str], as_json: bool) -> None:
    from ..._secrecy.redaction import redacted_headers, redacted_url

    url, headers = redacted_url(request.url, secrets), redacted_headers(dict(request.headers), secrets)
    body = request.body.decode("utf-8", "replace") if isinstance(request.body, bytes) else None
    if as_json:
        with contextlib.suppress(ValueError, TypeError):
            body = json.loads(body or "")
        print_json({"method": request.method, "url": url, "headers": headers, "body": body})
        return
    click.echo(f"{request.method} {url}")
    click.echo("".join(f"{name}: {value}\n" for name, value in headers.items()))
    if request.body is not None:
        click.echo(body if body is not None else "(a body that is streamed from its files)")


def _call(op: Operation, typed: Typed, wanted: Wanted) -> int:
    try:
        answer = op(*typed.positional, **typed.keywords)
    except (APIStatusError, ResponseValidationError) as error:
        body = error.body if isinstance(error, APIStatusError) else error.data
        if wanted.as_json and not isinstance(body, (Stream, Binary, bytes)):
            print_json(body)
        raise
    return print_answer(answer, wanted)
