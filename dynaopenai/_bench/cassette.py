"""Real exchanges recorded to a cassette, and answered from it again; each checked against the document both times.

Rules of this file:
1. Credentials never reach the disk: they are scrubbed by name (the document's security schemes, and what is usually
   secret) and by value, wherever else the same value stands.
2. A request is answered by the next recorded exchange of the same operation with the same arguments.
3. A cassette whose exchanges break the document is stale: that is told when it is replayed, before anything is answered.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import responses

from .._checking import json as _json
from .._client.client import Client
from .._client.operation import Plan
from .._document.document import Source
from .._learn import exchange as _exchange
from .._learn.exchange import FRAMING, Exchange, Message
from .._mock.author import Answer
from .._mock.difference import differences, listed
from .._request import media_type as _media_type
from .._request.received import Wire
from .._request.received import read as read_arguments
from .._request.router import Router
from .._request.security import secret_names
from .._response import sse as _sse
from .._secrecy.redaction import REDACTED, redacted_url
from ..errors import DynaOpenAIError, DynaOpenAIWarning, Violation, caller, count, short
from .body import Body
from .fake import Policy, dispatcher, octets

if TYPE_CHECKING:
    from requests import PreparedRequest
    from requests import Response as Raw

__all__ = ["CassetteError", "check_cassette", "record", "replay"]

SECRET = re.compile(r"(?i)authorization|cookie|secret|password|session|api[-_]?key|(access|refresh|auth)[-_]?token")
SHORTEST = 8  # characters of a secret that is looked for everywhere: shorter ones stand in ordinary words


class CassetteError(DynaOpenAIError, AssertionError):
    """A cassette is stale, or does not hold what was asked for."""


@dataclass(frozen=True)
class Said:
    """What an exchange is about: the operation's id and its arguments; the bare request where there is no operation."""

    operation_id: str | None
    arguments: Mapping[str, Any]
    problems: tuple[Violation, ...] = ()


class Reader:
    """Reads exchanges by a document: which operation, which arguments, what is wrong."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._engine = client._engine  # noqa: SLF001
        entries = self._engine.contract.openapi.entries.values()
        prefix = urlsplit(client.base_url).path.rstrip("/")
        self._router = Router(entries, prefix)

    def said(self, exchange: Exchange) -> Said:
        """The operation and its arguments, and what is wrong with the request."""
        plan, variables = self._plan(exchange)
        if plan is None:
            return Said(None, self._bare(exchange))
        parts = urlsplit(exchange.url)
        wire = Wire(exchange.method, variables, parts.query, exchange.request.headers, exchange.request.body)
        received = read_arguments(plan.writer, wire)
        return Said(plan.writer.operation.id, received.arguments, received.violations)

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything wrong with an exchange, the request's first."""
        plan, _ = self._plan(exchange)
        if plan is None:
            return [f"request: {exchange.method} {urlsplit(exchange.url).path} is no operation of the document"]
        found = [f"request: {violation}" for violation in self.said(exchange).problems]
        return found + [f"answer: {violation}" for violation in self._answered(plan, exchange)]

    def _plan(self, exchange: Exchange) -> tuple[Plan | None, dict[str, str]]:
        for entry, variables in self._router.find(urlsplit(exchange.url).path):
            if entry.method == exchange.method:
                return self._engine.plan(entry.id), variables
        return None, {}

    def _bare(self, exchange: Exchange) -> dict[str, Any]:
        parts = urlsplit(exchange.url)
        query = sorted(parse_qsl(parts.query, keep_blank_values=True))
        return {"method": exchange.method, "path": parts.path, "query": query, "body": exchange.request.body}

    def _answered(self, plan: Plan, exchange: Exchange) -> Iterator[Violation]:
        status, content_type, body = exchange.status, exchange.response.content_type, exchange.response.body
        kind = _media_type.kind_of(content_type) if content_type else "binary"
        if status >= 400 and plan.reader.declared(status) is None:
            return  # an error needs no declaration
        if kind != "events":
            try:
                value = _media_type.decode(content_type, body) if body else None
            except _json.DecodeError as error:
                yield Violation("", f"found a body that is no {_media_type.essence(content_type)}: {error}")
                return
            yield from plan.reader.check(value, status, content_type)
            return
        for index, event in enumerate(_sse.events([body])):
            if event.data != b"[DONE]":
                try:
                    found = plan.reader.check(_json.decode(event.data), status, content_type)
                except _json.DecodeError:
                    found = plan.reader.check(event.text, status, content_type)
                yield from (replace(item, path=f"[{index}].{item.path}".rstrip(".")) for item in found)


# --- secrets -------------------------------------------------------------------------------------


class Scrubber:
    """Replaces what is secret, by name and then by value."""

    def __init__(self, client: Client, names: Iterable[str]) -> None:
        schemes = client._engine.contract.openapi.security_schemes.values()  # noqa: SLF001
        self._names = secret_names(schemes) | {name.lower() for name in names}
        self._values: set[str] = set()

    def scrub(self, exchange: Exchange) -> Exchange:
        for message in (exchange.request, exchange.response):
            self._learn((name, value) for name, value in message.headers.items())
        self._learn(parse_qsl(urlsplit(exchange.url).query))
        url = redacted_url(exchange.url, frozenset(self._names))
        request, response = self._message(exchange.request), self._message(exchange.response)
        return replace(exchange, url=self._text(url), request=request, response=response)

    def _learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        for name, value in pairs:
            if self._is_secret(name):
                self._values |= {piece for piece in re.split(r"[\s;,=]+", value) if len(piece) >= SHORTEST}

    def _is_secret(self, name: str) -> bool:
        return name.lower() in self._names or bool(SECRET.search(name))

    def _message(self, message: Message) -> Message:
        headers = {
            name: REDACTED if self._is_secret(name) else self._text(value)
            for name, value in message.headers.items()
            if name.lower() not in FRAMING
        }
        body = message.body
        if _media_type.kind_of(message.content_type) == "json":
            body = self._members(body)
        for value in self._values:
            body = body.replace(value.encode(), REDACTED.encode())
        return Message(headers, body)

    def _members(self, body: bytes) -> bytes:
        try:
            value = _json.decode(body)
        except _json.DecodeError:
            return body
        scrubbed = self._without(value)
        return _json.encode(scrubbed) if scrubbed != value else body

    def _without(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: REDACTED if isinstance(item, str) and self._is_secret(name) else self._without(item)
                for name, item in value.items()
            }
        return [self._without(item) for item in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, REDACTED)
        return text


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
        self._reader, self._scrubber, self._validate = Reader(client), Scrubber(client, scrub), validate
        self._wire = responses.RequestsMock(assert_all_requests_are_fired=False, response_callback=self._recorded)
        self._wire.add(_Everything())

    def __enter__(self) -> record:
        self._wire.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._wire.stop(allow_assert=False)
        api = self._reader.client._engine.contract.openapi  # noqa: SLF001
        entries = [(self._reader.said(exchange).operation_id, exchange) for exchange in self.exchanges]
        _exchange.write(self.path, api.title, api.api_version, entries)
        if kind is None:
            _told(self.path, self._reader, self.exchanges, self._validate, "was recorded")

    def _recorded(self, raw: Raw) -> Raw:
        from urllib3 import HTTPResponse

        body = raw.raw.read(decode_content=True)
        headers = {name: value for name, value in raw.headers.items() if name.lower() not in FRAMING}
        raw.raw = HTTPResponse(body=Body(body), headers=headers, status=raw.status_code, preload_content=False)
        raw.headers.clear()
        raw.headers.update(headers)
        request = raw.request
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
        return raw


class _Everything(responses.PassthroughResponse):
    """Lets every request through, its body read so that it can be recorded."""

    def __init__(self) -> None:
        super().__init__("GET", "http://mock.test")

    def matches(self, request: PreparedRequest) -> tuple[bool, str]:
        request.body = octets(request.body) if request.body is not None else None
        return True, ""


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


# --- replaying -----------------------------------------------------------------------------------


class replay:  # noqa: N801
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
        self._reader = Reader(source if isinstance(source, Client) else Client(source))
        self.exchanges = _exchange.read(self.path)
        _told(self.path, self._reader, self.exchanges, validate, "is stale")
        self._left = [(self._reader.said(exchange), exchange) for exchange in self.exchanges]
        self._wire = dispatcher(self._answered)

    def __enter__(self) -> replay:
        self._wire.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._wire.stop(allow_assert=False)
        if kind is None and self.assert_all_used and self._left:
            unused = [f"  {exchange.where} {said.operation_id or exchange.method}" for said, exchange in self._left]
            raise CassetteError("\n".join([f"{self.path}: {count(len(unused), 'exchange')} never asked for", *unused]))

    def _answered(self, request: PreparedRequest) -> Answer:
        headers = {name: _text(value) for name, value in request.headers.items()}
        asked = Exchange(str(request.method), str(request.url), Message(headers, octets(request.body)), 0, Message())
        wanted = self._reader.said(asked)
        for index, (said, exchange) in enumerate(self._left):
            if said.operation_id == wanted.operation_id and not any(_apart(said, wanted)):
                del self._left[index]
                others = {
                    name: value for name, value in exchange.response.headers.items() if name.lower() != "content-type"
                }
                return Answer(exchange.status, exchange.response.content_type, exchange.response.body, others)
        raise CassetteError(self._missing(asked, wanted))

    def _missing(self, asked: Exchange, wanted: Said) -> str:
        lines = [
            f"{self.path}: holds no answer to {asked.method} {urlsplit(asked.url).path} ({wanted.operation_id or 'no operation'})"
        ]
        near = [
            (list(_apart(said, wanted)), exchange)
            for said, exchange in self._left
            if said.operation_id == wanted.operation_id
        ]
        if near:
            apart, exchange = min(near, key=lambda pair: len(pair[0]))
            lines += [f"  nearest   {exchange.where}, which differs", listed(iter(apart))]
        else:
            lines.append(f"  found     {short(dict(wanted.arguments))}")
        return "\n".join([*lines, "  remedy    record it again"])


def _apart(recorded: Said, wanted: Said) -> Iterator[str]:
    """How two calls of the same operation differ; what was scrubbed does not count."""
    return (line for line in differences(recorded.arguments, wanted.arguments) if f'expected "{REDACTED}"' not in line)


def check_cassette(path: str | Path, source: Source | Client = None) -> dict[str, list[str]]:
    """What is wrong with each exchange of a cassette, by its place; empty when nothing is.

    Raises:
        DynaOpenAIError, OSError: it cannot be read.
    """
    reader = Reader(source if isinstance(source, Client) else Client(source))
    found = {exchange.where: reader.problems(exchange) for exchange in _exchange.read(path)}
    return {where: problems for where, problems in found.items() if problems}


def _told(path: Path, reader: Reader, exchanges: Sequence[Exchange], policy: Policy, what: str) -> None:
    if policy == "off":
        return
    broken = [(exchange, problems) for exchange in exchanges if (problems := reader.problems(exchange))]
    if not broken:
        return
    api = reader.client._engine.contract.openapi  # noqa: SLF001
    heading = (
        f"{path}: {what}: {len(broken)} of {count(len(exchanges), 'exchange')} break {api.title} {api.api_version}"
    )
    lines = [heading]
    for exchange, problems in broken[:5]:
        lines.append(f"  {exchange.where} {exchange.method} {urlsplit(exchange.url).path}")
        lines += [f"    {problem}" for problem in problems[:5]]
    lines.append('  remedy    record it again, or validate="warn"')
    if policy == "strict":
        raise CassetteError("\n".join(lines))
    warnings.warn("\n".join(lines), DynaOpenAIWarning, stacklevel=caller())
