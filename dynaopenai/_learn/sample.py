"""A recorded exchange -> what it shows of an operation: the body that was sent, where it was taken, and each that came.

Rules of this file:
1. A request counts where the answer is a success: then the server took it, whatever the document says.
2. An event of a stream is a sample of its own. What cannot be decoded shows nothing of a schema, and is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from .._checking import json as _json
from .._checking.contract import Contract
from .._request import media_type as _media_type
from .._request.router import Router, prefix_of
from .._response import sse as _sse
from .exchange import Exchange

Side = Literal["request", "answer"]


@dataclass(frozen=True)
class Sample:
    """One body as it was sent or came.

    Attributes:
        status: of the answer.
        body: decoded; left out where ``is_file``.
        where: the file and the place in it.
        count: how often it was seen.
    """

    operation_id: str
    status: int
    content_type: str
    body: Any = None
    is_file: bool = False
    side: Side = "answer"
    where: str = ""
    count: int = 1

    @property
    def key(self) -> str:
        """Equal for samples that show the same; the order in which they are looked at."""
        facts = [self.operation_id, self.side, self.status, self.content_type, self.is_file, self.body]
        return json.dumps(facts, sort_keys=True, default=str, ensure_ascii=False)


class Routes:
    """The operations of a document by what was sent, below its servers' paths and below none."""

    def __init__(self, contract: Contract, base_url: str | None = None) -> None:
        prefix = [urlsplit(base_url).path.rstrip("/")] if base_url is not None else None
        prefixes = prefix or [*map(prefix_of, contract.openapi.servers), ""]
        entries = contract.openapi.entries.values()
        self._routers = [Router(entries, prefix) for prefix in dict.fromkeys(prefixes)]

    def operation_of(self, exchange: Exchange) -> str | None:
        """The operation's id; None where the document has none for it."""
        path = urlsplit(exchange.url).path
        found = (entry for router in self._routers for entry, _ in router.find(path) if entry.method == exchange.method)
        return next((entry.id for entry in found), None)


def samples(exchange: Exchange, operation_id: str) -> Iterator[Sample]:
    """What an exchange shows of its operation."""
    if 200 <= exchange.status < 300 and exchange.request.body:
        for body in _bodies(exchange.request.content_type or "application/json", exchange.request.body):
            if not isinstance(body, bytes):
                content_type = exchange.request.content_type or "application/json"
                yield Sample(operation_id, exchange.status, content_type, body, False, "request", exchange.where)
    content_type, came = exchange.response.content_type, exchange.response.body
    if not exchange.is_answered:
        return
    if not content_type or not came:
        yield Sample(operation_id, exchange.status, "", None, False, "answer", exchange.where)
        return
    for body in _bodies(content_type, came):
        is_file = isinstance(body, bytes)
        yield Sample(operation_id, exchange.status, content_type, None if is_file else body, is_file, "answer", exchange.where)


def _bodies(content_type: str, body: bytes) -> Iterator[Any]:
    """The values in a body: the events of a stream, the whole of anything else; nothing where it cannot be decoded."""
    kind = _media_type.kind_of(content_type)
    if kind == "multipart":
        return
    if kind != "events":
        try:
            yield _media_type.decode(content_type, body)
        except (_json.DecodeError, ValueError):
            return
        return
    for event in _sse.events([body]):
        if event.data.strip() not in (b"", _sse.DONE):
            try:
                yield _json.decode(event.data)
            except _json.DecodeError:
                continue


def together(found: Iterable[Sample]) -> list[Sample]:
    """Samples that show the same as one, counted, in an order that does not depend on theirs."""
    counts: dict[str, Sample] = {}
    for sample in found:
        key = sample.key
        known = counts.get(key)
        if known is None:
            counts[key] = sample
        else:
            where = min(known.where, sample.where)
            counts[key] = Sample(**{**vars(known), "where": where, "count": known.count + sample.count})
    return [counts[key] for key in sorted(counts)]
