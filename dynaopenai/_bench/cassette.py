"""Real exchanges recorded to a cassette, and answered from it again; each checked against the document both times.

Rules of this file:
1. Credentials never reach the disk: they are scrubbed by name (the document's security schemes, and what is usually
   secret) and by value, wherever else the same value stands; and the file is its owner's alone.
2. A request is answered by the next recorded exchange of the same operation with the same arguments.
3. A cassette whose exchanges break the document is stale: that is told when it is replayed, before anything is answered.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .._client.client import Client
from .._client.inside import contract_of, engine_of
from .._display.frames import caller
from .._display.words import count, first_few, short
from .._document.document import Source
from .._document.openapi import OpenAPI
from .._learn import exchange as _exchange
from .._learn.exchange import FRAMING, Exchange, Message
from .._learn.recording import read
from .._learn.scrub import Scrubber
from .._mock.author import Answer
from .._mock.difference import differences, listed
from .._mock.inspection import Inspected, Inspector
from .._problem import SHOWN_VIOLATIONS
from .._secrecy.redaction import REDACTED
from ..errors import DynaOpenAIError, DynaOpenAIWarning
from .in_process import Policy
from .interception import Interception, answered, built, octets, origin_of

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

__all__ = ["CassetteError", "check_cassette", "record", "replay"]


class CassetteError(DynaOpenAIError, AssertionError):
    """A cassette is stale, or does not hold what was asked for."""


# --- recording -----------------------------------------------------------------------------------


class record:  # noqa: N801 - it reads as what it does: with record(path)
    """Send the requests of a ``with`` block for real, and write the exchanges to a cassette when it ends.

    Args:
        path: the cassette; what is there is replaced.
        source: what `Client` takes for a document, or a client.
        scrub: names of further headers, query parameters and JSON members that are secret.
        validate: ``"strict"``: an exchange that breaks the document fails, after it was written; ``"warn"``, ``"off"``.

    Attributes:
        exchanges: what has been recorded so far.
    """

    def __init__(
        self,
        path: str | Path,
        source: Source | Client = None,
        *,
        scrub: Sequence[str] = (),
        validate: Policy = "strict",
    ) -> None:
        self.path, self.exchanges = Path(path), list[Exchange]()
        client = source if isinstance(source, Client) else Client(source)
        self._api, self._inspector, self._validate = contract_of(client).openapi, _inspector(client), validate
        own = client._settings.secrets(frozenset())  # noqa: SLF001 - what it names beside the document
        self._scrubber = Scrubber(contract_of(client), (*scrub, *own))
        self._wire = Interception(self._recorded, lambda _: False, waits=True)

    def __enter__(self) -> record:
        self._wire.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._wire.stop()
        self.exchanges[:] = map(self._scrubber.scrub, self.exchanges)  # of what was learned to be secret since
        entries = [(self._inspector.request(exchange).operation_id, exchange) for exchange in self.exchanges]
        _exchange.write(self.path, self._api.title, self._api.api_version, entries)
        if kind is None:
            _report_violations(self.path, self._api, self._inspector, self.exchanges, self._validate, "was recorded")

    def _recorded(self, request: PreparedRequest, onward: Callable[[], Response]) -> Response:
        request.body = octets(request.body) if request.body is not None else None
        raw = onward()
        body = raw.raw.read(decode_content=True)
        headers = {name: value for name, value in raw.headers.items() if name.lower() not in FRAMING}
        sent = {name: _text(value) for name, value in request.headers.items()}
        where = f"{self.path.name}#{len(self.exchanges) + 1}"
        exchange = Exchange(
            str(request.method),
            str(request.url),
            Message(sent, octets(request.body)),
            raw.status_code,
            Message(headers, body),
            where,
        )
        self.exchanges.append(self._scrubber.scrub(exchange))
        return built(request, raw.status_code, headers, body)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


# --- replaying -----------------------------------------------------------------------------------


class replay:  # noqa: N801 - as `record`
    """Answer the requests of a ``with`` block from a cassette; nothing is sent.

    Args:
        path: the cassette, or a HAR file.
        source: what `Client` takes for a document, or a client.
        validate: ``"strict"``: a stale cassette fails before anything is answered; ``"warn"``, ``"off"``.
        assert_all_used: tell exchanges that nothing asked for at the end.

    Raises:
        CassetteError: the cassette is stale, or does not hold what was asked for.
        DynaOpenAIError, OSError: it cannot be read.
    """

    def __init__(
        self,
        path: str | Path,
        source: Source | Client = None,
        *,
        validate: Policy = "strict",
        assert_all_used: bool = True,
    ) -> None:
        self.path, self.assert_all_used = Path(path), assert_all_used
        client = source if isinstance(source, Client) else Client(source)
        self._inspector = _inspector(client)
        self.exchanges = read(self.path)
        _report_violations(self.path, contract_of(client).openapi, self._inspector, self.exchanges, validate, "is stale")
        self._left = [(self._inspector.request(exchange), exchange) for exchange in self.exchanges]
        places = {origin_of(exchange.url) for exchange in self.exchanges} | {origin_of(client.base_url)}
        self._wire = Interception(self._handled, lambda url: origin_of(url) in places)

    def __enter__(self) -> replay:
        self._wire.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._wire.stop()
        if kind is None and self.assert_all_used and self._left:
            unused = [f"  {exchange.where} {inspected.operation_id or exchange.method}" for inspected, exchange in self._left]
            raise CassetteError("\n".join([f"{self.path}: {count(len(unused), 'exchange')} never asked for", *unused]))

    def _handled(self, request: PreparedRequest, _onward: Callable[[], Response]) -> Response:
        return answered(request, self._answer(request))

    def _answer(self, request: PreparedRequest) -> Answer:
        headers = {name: _text(value) for name, value in request.headers.items()}
        sought = Exchange(str(request.method), str(request.url), Message(headers, octets(request.body)), 0, Message())
        wanted = self._inspector.request(sought)
        for index, (inspected, exchange) in enumerate(self._left):
            if inspected.operation_id == wanted.operation_id and not any(_apart(inspected, wanted)):
                del self._left[index]
                others = {
                    name: value for name, value in exchange.response.headers.items() if name.lower() != "content-type"
                }
                return Answer(exchange.status, exchange.response.content_type, exchange.response.body, others)
        raise CassetteError(self._missing(sought, wanted))

    def _missing(self, sought: Exchange, wanted: Inspected) -> str:
        lines = [
            f"{self.path}: holds no answer to {sought.method} {urlsplit(sought.url).path} ({wanted.operation_id or 'no operation'})"
        ]
        near = [
            (list(_apart(inspected, wanted)), exchange)
            for inspected, exchange in self._left
            if inspected.operation_id == wanted.operation_id
        ]
        if near:
            apart, exchange = min(near, key=lambda pair: len(pair[0]))
            lines += [f"  nearest   {exchange.where}, which differs", listed(iter(apart))]
        else:
            lines.append(f"  found     {short(dict(wanted.arguments))}")
        return "\n".join([*lines, "  remedy    record it again"])


def _apart(recorded: Inspected, wanted: Inspected) -> Iterator[str]:
    """How two calls of the same operation differ; what was scrubbed does not count."""
    return (line for line in differences(recorded.arguments, wanted.arguments) if f'expected "{REDACTED}"' not in line)


def check_cassette(path: str | Path, source: Source | Client = None) -> dict[str, list[str]]:
    """What is wrong with each exchange of a cassette, by its place; empty when nothing is.

    Raises:
        DynaOpenAIError, OSError: it cannot be read.
    """
    inspector = _inspector(source if isinstance(source, Client) else Client(source))
    found = {exchange.where: inspector.problems(exchange) for exchange in read(path)}
    return {where: problems for where, problems in found.items() if problems}


def _inspector(client: Client) -> Inspector:
    return Inspector(engine_of(client), [urlsplit(client.base_url).path.rstrip("/")])


def _report_violations(
    path: Path, api: OpenAPI, inspector: Inspector, exchanges: Sequence[Exchange], policy: Policy, what: str
) -> None:
    if policy == "off":
        return
    broken = [(exchange, problems) for exchange in exchanges if (problems := inspector.problems(exchange))]
    if not broken:
        return
    heading = (
        f"{path}: {what}: {len(broken)} of {count(len(exchanges), 'exchange')} break {api.title} {api.api_version}"
    )
    lines = [heading]
    for exchange, problems in broken[:SHOWN_VIOLATIONS]:
        lines.append(f"  {exchange.where} {exchange.method} {urlsplit(exchange.url).path}")
        lines += [f"    {problem}" for problem in first_few(problems, SHOWN_VIOLATIONS)]
    lines.append('  remedy    record it again, or validate="warn"')
    if policy == "strict":
        raise CassetteError("\n".join(lines))
    warnings.warn("\n".join(lines), DynaOpenAIWarning, stacklevel=caller())
