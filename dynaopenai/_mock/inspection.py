"""An exchange read by a document: which operation it is about, what it says, what is wrong with it. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .._checking import json as _json
from .._client.engine import Engine, Plan
from .._learn.exchange import Exchange
from .._request import media_type as _media_type
from .._request.received import Wire
from .._request.received import read as read_arguments
from .._request.router import Router
from .._response import sse as _sse
from ..errors import Violation


@dataclass(frozen=True)
class Inspected:
    """What an exchange is about: the operation's id and its arguments; the bare request where there is no operation."""

    operation_id: str | None
    arguments: Mapping[str, Any]
    problems: tuple[Violation, ...] = ()


class Inspector:
    """Reads exchanges by a document: which operation, which arguments, what is wrong.

    Args:
        prefixes: below which the document's paths may stand, the likeliest first.
    """

    def __init__(self, engine: Engine, prefixes: Iterable[str]) -> None:
        self._engine = engine
        entries = engine.contract.openapi.entries.values()
        self._routers = [Router(entries, prefix) for prefix in dict.fromkeys(prefixes)]

    def request(self, exchange: Exchange) -> Inspected:
        """The operation and its arguments, and what is wrong with the request."""
        plan, variables = self.plan(exchange.method, exchange.url)
        if plan is None:
            return Inspected(None, _bare(exchange))
        parts = urlsplit(exchange.url)
        wire = Wire(exchange.method, variables, parts.query, exchange.request.headers, exchange.request.body)
        received = read_arguments(plan.writer, wire)
        return Inspected(plan.writer.operation.id, received.arguments, received.violations)

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything wrong with an exchange, the request's first."""
        plan, _ = self.plan(exchange.method, exchange.url)
        if plan is None:
            return [f"request: {exchange.method} {urlsplit(exchange.url).path} is no operation of the document"]
        found = [f"request: {violation}" for violation in self.request(exchange).problems]
        return found + [f"answer: {violation}" for violation in answer_violations(plan, exchange)]

    def plan(self, method: str, url: str) -> tuple[Plan | None, dict[str, str]]:
        """The operation at a URL, and the values of its path's template; None where there is none."""
        for router in self._routers:
            for entry, variables in router.find(urlsplit(url).path):
                if entry.method == method:
                    return self._engine.plan(entry.id), variables
        return None, {}


def _bare(exchange: Exchange) -> dict[str, Any]:
    parts = urlsplit(exchange.url)
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    return {"method": exchange.method, "path": parts.path, "query": query, "body": exchange.request.body}


def answer_violations(plan: Plan, exchange: Exchange) -> Iterator[Violation]:
    """What is wrong with an answer; with each event of a stream, as an answer of its own."""
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
        yield from event_violations(plan, exchange.status, content_type, index, event)


def event_violations(plan: Plan, status: int, content_type: str, index: int, event: _sse.Event) -> Iterator[Violation]:
    """What is wrong with one event of a stream."""
    if event.data == _sse.DONE:
        return
    try:
        found = plan.reader.check(_json.decode(event.data), status, content_type)
    except _json.DecodeError:
        found = plan.reader.check(event.text, status, content_type)
    yield from (replace(item, path=f"[{index}].{item.path}".rstrip(".")) for item in found)
