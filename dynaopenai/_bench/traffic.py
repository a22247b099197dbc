"""Recorded traffic judged against a document by openapi-core, which reads the specification independently of us.

Rules of this file:
1. openapi-core decides, requests and answers alike; an event of a stream is judged as an answer of its own.
2. Credentials are not asked for: recordings leave them out, and where they do not, they are not told.
3. What is no operation of the document is told as that, and is no violation: traffic holds more than one API's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._checking.contract import Contract
from .._client.client import Client
from .._client.inside import contract_of
from .._document import openapi
from .._document.document import Source, load
from .._learn.exchange import Exchange
from .._learn.recording import read
from .._learn.scrub import scrubbed
from .._mock.judge import Judge
from .._request import media_type as _media_type
from .._request.router import Router, prefix_of
from .._response import sse as _sse
from .._secrecy.redaction import REDACTED
from ..errors import Violation

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

__all__ = ["Verdict", "judge_traffic"]


@dataclass(frozen=True)
class Verdict:
    """What openapi-core says of one exchange.

    Attributes:
        operation_id: None where the document has no such operation.
        request, response: the problems of each; empty when there are none.
    """

    exchange: Exchange
    operation_id: str | None
    request: tuple[Violation, ...] = ()
    response: tuple[Violation, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.request and not self.response

    def __str__(self) -> str:
        place = (
            f"{self.exchange.where} {self.exchange.method} {urlsplit(self.exchange.url).path} {self.exchange.status}"
        )
        if self.operation_id is None:
            return f"{place}: no operation of the document"
        lines = [f"{place}: {self.operation_id}: {'valid' if self.is_valid else 'invalid'}"]
        lines += [f"  request  {violation}" for violation in self.request]
        return "\n".join([*lines, *(f"  answer   {violation}" for violation in self.response)])


def judge_traffic(
    traffic: str | Path | Iterable[Exchange], source: Source | Client = None, *, base_url: str | None = None
) -> list[Verdict]:
    """What openapi-core says of each exchange.

    Args:
        traffic: a cassette or a HAR 1.2 file, or exchanges.
        source: what `Client` takes for a document, or a client.
        base_url: below which the operations' paths stand; where left out, the document's servers and none.

    Raises:
        SpecError: the document cannot be used.
        DynaOpenAIError, OSError: the traffic cannot be read.
    """
    exchanges = read(traffic) if isinstance(traffic, (str, Path)) else list(traffic)
    contract = contract_of(source) if isinstance(source, Client) else Contract(load(source))
    court = _Court(contract, base_url)
    return [court.verdict(exchange) for exchange in scrubbed(exchanges, contract)]


class _Court:
    """The judges of a document, one for each prefix that its paths may stand below."""

    def __init__(self, contract: Contract, base_url: str | None) -> None:
        self._contract = contract
        prefix = [urlsplit(base_url).path.rstrip("/")] if base_url is not None else None
        prefixes = prefix or [*map(prefix_of, contract.openapi.servers), ""]
        entries = contract.openapi.entries.values()
        self._routers = {prefix: Router(entries, prefix) for prefix in dict.fromkeys(prefixes)}
        self._judges: dict[str, Judge] = {}

    def verdict(self, exchange: Exchange) -> Verdict:
        path = urlsplit(exchange.url).path
        for prefix, router in self._routers.items():
            for entry, variables in router.find(path):
                if entry.method == exchange.method:
                    if prefix not in self._judges:
                        self._judges[prefix] = Judge(self._contract, prefix)
                    return self._judged(self._judges[prefix], exchange, self._contract.operation(entry.id), variables)
        return Verdict(exchange, None)

    def _judged(
        self, judge: Judge, exchange: Exchange, operation: openapi.Operation, variables: dict[str, str]
    ) -> Verdict:
        with _request(exchange) as request:
            _, found = judge.judge(request, operation, variables)
            answered: list[Violation] = []
            if exchange.is_answered and (exchange.status < 400 or operation.responses.keys() & {
                "default",
                f"{exchange.status}",
                f"{exchange.status // 100}XX",
            }):
                answered = _answered(judge, exchange, request, operation, variables)
        return Verdict(exchange, operation.id, tuple(_shown(found)), tuple(_shown(answered)))


def _shown(found: Iterable[Violation]) -> Iterator[Violation]:
    """Without what is wrong only because it was scrubbed."""
    return (violation for violation in found if violation.value != REDACTED and f'found "{REDACTED}"' not in violation.message)


def _answered(
    judge: Judge, exchange: Exchange, request: Request, operation: openapi.Operation, variables: dict[str, str]
) -> list[Violation]:
    from werkzeug.wrappers import Response

    content_type = exchange.response.content_type
    headers = {name: value for name, value in exchange.response.headers.items() if name.lower() != "content-type"}
    bodies: Sequence[bytes] = [exchange.response.body]
    is_stream = _media_type.kind_of(content_type) == "events"
    if is_stream:
        bodies = [event.data for event in _sse.events([exchange.response.body]) if event.data != _sse.DONE]
    found = []
    for index, body in enumerate(bodies):
        response = Response(body, status=exchange.status, headers=headers, content_type=content_type or None)
        for problem in judge.judge_answer(request, response, operation, variables):
            path = f"[{index}].{problem.path}".rstrip(".") if is_stream else problem.path
            found.append(Violation(path, problem.message, problem.value, problem.schema_path, problem.hint))
    return found


def _request(exchange: Exchange) -> Any:
    from werkzeug.test import EnvironBuilder
    from werkzeug.wrappers import Request

    parts = urlsplit(exchange.url)
    headers = [(name, value) for name, value in exchange.request.headers.items() if name.lower() != "content-type"]
    builder = EnvironBuilder(
        path=parts.path,
        base_url=f"{parts.scheme}://{parts.netloc}/",
        query_string=parts.query,
        method=exchange.method,
        headers=headers,
        data=exchange.request.body or None,
        content_type=exchange.request.content_type or None,
    )
    request = Request(builder.get_environ())
    request.get_data()  # kept, to be read as a form and as bytes
    return request
