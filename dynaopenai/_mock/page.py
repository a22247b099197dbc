"""A mock server's page for a browser: its operations, each request as it comes with its verdict, a form to send one.

Rules of this file:
1. It is there only where the document has no such path: ``/`` for those who accept HTML, ``/_mock/...`` beside it.
2. Files of our own, and nothing from anywhere else, so that it works without a network; no framework: a list, a tree, a form
   and a log need none, and what is not there needs no care.
3. Everything that a request said is shown as text, never as HTML; its credentials are not kept.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from .._checking import json as _json
from .._checking.contract import Contract
from .._request.security import secret_names
from .._secrecy.redaction import redacted_headers, redacted_url
from ..errors import DynaOpenAIError, Violation
from . import guide
from . import wsgi as _wsgi
from .author import Answer

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

REMEMBERED = 200  # requests that a page shows which is opened later
PATIENCE = 10.0  # seconds of silence after which a page that is gone is noticed
MOST_SHOWN = 1 << 16  # bytes of a body
MOST_SENT = 1 << 22  # bytes that the form sends to be written as a request
REFUSED = "what was asked of this server is for its own page alone, opened as localhost or by an address\n"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:"


@dataclass(frozen=True)
class Shown:
    """A request with its answer, as the log opens it.

    Attributes:
        problems: what is wrong with the request; ``answer_problems``: with the answer.
        began: seconds since the epoch; ``seconds``: until it was answered.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes
    problems: Sequence[Violation] = ()
    answer_problems: Sequence[Violation] = ()
    began: float = 0.0
    seconds: float = 0.0


class Page:
    """Answers the page's own requests, and tells it of all others. Thread-safe."""

    def __init__(self, contract: Contract, prefix: str, role: str = "mock server") -> None:
        self._contract, self._prefix, self._role = contract, prefix, role
        self._seen: deque[bytes] = deque(maxlen=REMEMBERED)
        self._exchanges: OrderedDict[str, Shown] = OrderedDict()
        self._readers: list[queue.SimpleQueue[bytes | None]] = []
        self._lock = threading.Lock()
        self._is_open = True

    def open(self) -> None:
        self._is_open = True

    def close(self) -> None:
        """Let go of the pages that are open."""
        with self._lock:
            self._is_open = False
            for reader in self._readers:
                reader.put(None)

    def tell(self, record: Any, exchange: Shown | None = None) -> None:
        """Show a request on every page that is open; what was exchanged, to those who open it."""
        times = {"began": exchange.began, "seconds": exchange.seconds} if exchange is not None else {"began": time.time()}
        event = b"data: " + _json.encode({**asdict(record), **times}) + b"\n\n"
        with self._lock:
            if exchange is not None:
                self._exchanges[record.request_id] = replace(
                    exchange, body=exchange.body[: MOST_SHOWN + 1], answer=exchange.answer[: MOST_SHOWN + 1]
                )
            while len(self._exchanges) > REMEMBERED:
                self._exchanges.popitem(last=False)
            self._seen.append(event)
            for reader in self._readers:
                reader.put(event)

    def answer(self, environ: WSGIEnvironment, path: str) -> Answer | None:
        """The page, what it asks for, or None where the request is for the API."""
        method, api = environ["REQUEST_METHOD"], self._contract.openapi
        if path.startswith("/_mock/") and not _wsgi.is_own_page(environ):
            return Answer(403, "text/plain", REFUSED.encode())
        if method == "POST" and path.startswith("/_mock/request/"):
            return self._prepared(environ, unquote(path.removeprefix("/_mock/request/")))
        if method != "GET":
            return None
        if path == "/" and "text/html" in str(environ.get("HTTP_ACCEPT", "")):
            texts = {name: files(__package__).joinpath(f"page.{name}").read_text("utf-8") for name in ("html", "css", "js")}
            whole = texts["html"].replace("/* page.css */", texts["css"]).replace("/* page.js */", texts["js"])
            return Answer(200, "text/html; charset=utf-8", whole.encode(), {"Content-Security-Policy": POLICY})
        if path == "/":
            return _json_answer({"title": api.title, "base_path": self._prefix or "/", "page": "open / in a browser"})
        if path == "/_mock/requests":
            body: Any = self._events()
            return Answer(200, "text/event-stream", body)
        return self._facts(environ, path)

    def _facts(self, environ: WSGIEnvironment, path: str) -> Answer | None:
        head, _, name = path.removeprefix("/_mock/").partition("/")
        name = unquote(name)
        if path == "/_mock/operations":
            return _json_answer({**guide.listing(self._contract, self._prefix), "role": self._role})
        if path == "/_mock/search":
            query = parse_qs(str(environ.get("QUERY_STRING", ""))).get("q", [""])[0]
            return _json_answer(guide.found(self._contract, query))
        if head == "operation" and name in self._contract.openapi.entries and path.startswith("/_mock/"):
            root = f"http://{environ.get('HTTP_HOST', 'localhost')}"
            return _json_answer(guide.facts(self._contract, self._prefix, name, root))
        exchange = self._exchanges.get(name) if head == "exchange" and path.startswith("/_mock/") else None
        return _json_answer(self._shown(exchange)) if exchange is not None else None

    def _prepared(self, environ: WSGIEnvironment, operation_id: str) -> Answer | None:
        """The request that the form stands for."""
        length = str(environ.get("CONTENT_LENGTH") or "0")
        if operation_id not in self._contract.openapi.entries or not length.isdecimal() or len(length) > 9 or int(length) > MOST_SENT:
            return None
        try:
            values = _json.decode(environ["wsgi.input"].read(int(length)))
            return _json_answer(guide.prepared(self._contract, self._prefix, operation_id, values if isinstance(values, dict) else {}))
        except (DynaOpenAIError, ValueError) as error:
            return _json_answer({"problems": [{"path": "", "message": str(error)}]})

    def _shown(self, exchange: Shown) -> dict[str, Any]:
        secrets = secret_names(self._contract.openapi.security_schemes.values())
        return {
            "method": exchange.method,
            "url": redacted_url(exchange.url, secrets),
            "headers": redacted_headers(exchange.headers, secrets),
            "body": _text(exchange.body),
            "status": exchange.status,
            "answer_headers": redacted_headers(exchange.answer_headers, secrets),
            "answer": _text(exchange.answer),
            "problems": [{"path": one.path, "message": str(one)} for one in exchange.problems],
            "answer_problems": [{"path": one.path, "message": str(one)} for one in exchange.answer_problems],
        }

    def _events(self) -> Iterator[bytes]:
        reader: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        with self._lock:
            seen = list(self._seen)
            self._readers.append(reader)
            if not self._is_open:
                reader.put(None)
        try:
            yield b": every request that the server receives\n\n"
            yield from seen
            while True:
                event = None
                try:
                    event = reader.get(timeout=PATIENCE)
                except queue.Empty:
                    yield b":\n\n"
                    continue
                if event is None:
                    return
                yield event
        finally:
            with self._lock, suppress(ValueError):
                self._readers.remove(reader)


def _json_answer(facts: Any) -> Answer:
    return Answer(200, "application/json", _json.encode(facts))


def _text(body: bytes) -> str:
    """A body as far as it is shown."""
    text = body[:MOST_SHOWN].decode("utf-8", "replace")
    return f"{text}\n… and more" if len(body) > MOST_SHOWN else text
