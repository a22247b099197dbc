"""A mock server's page for a browser: its operations, each request as it comes with its verdict, a form to send one.

Rules of this file:
1. It is there only where the document has no such path: ``/`` for those who accept HTML, ``/_mock/...`` beside it.
2. One file of HTML, and nothing from anywhere else, so that it works without a network.
3. Everything that a request said is shown as text, never as HTML.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .._checking import json as _json
from .._checking.contract import Contract
from .._client.example import sample
from .._request import media_type as _media_type
from .._request.multipart import Multipart, Upload
from .._request.request import Request, Writer
from .._request.security import Proof
from .._request.settings import Settings
from ..errors import DynaOpenAIError
from .author import Answer

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

HERE = "http://localhost"
REMEMBERED = 200  # requests that a page shows which is opened later
PATIENCE = 10.0  # seconds of silence after which a page that is gone is noticed
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:"


class Page:
    """Answers the page's own requests, and tells it of all others. Thread-safe."""

    def __init__(self, contract: Contract, prefix: str) -> None:
        self._contract, self._prefix = contract, prefix
        self._seen: deque[bytes] = deque(maxlen=REMEMBERED)
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

    def tell(self, record: Any) -> None:
        """Show a request on every page that is open."""
        event = b"data: " + _json.encode(asdict(record)) + b"\n\n"
        with self._lock:
            self._seen.append(event)
            for reader in self._readers:
                reader.put(event)

    def answer(self, environ: WSGIEnvironment, path: str) -> Answer | None:
        """The page, what it asks for, or None where the request is for the API."""
        if environ["REQUEST_METHOD"] != "GET":
            return None
        if path == "/" and "text/html" in str(environ.get("HTTP_ACCEPT", "")):
            text = files(__package__).joinpath("page.html").read_bytes()
            return Answer(200, "text/html; charset=utf-8", text, {"Content-Security-Policy": POLICY})
        if path == "/":
            told = {"title": self._contract.openapi.title, "base_path": self._prefix or "/", "page": "open / in a browser"}
            return Answer(200, "application/json", _json.encode(told))
        if path == "/_mock/operations":
            return Answer(200, "application/json", _json.encode(self._operations()))
        if path == "/_mock/requests":
            body: Any = self._events()
            return Answer(200, "text/event-stream", body)
        return None

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

    def _operations(self) -> dict[str, Any]:
        api = self._contract.openapi
        listed = [
            {
                "id": entry.id,
                "method": entry.method,
                "path": self._prefix + entry.path,
                "summary": entry.summary,
                "tags": entry.tags,
                "deprecated": entry.deprecated,
                **self._example(entry.id),
            }
            for entry in api.entries.values()
        ]
        return {"title": api.title, "version": api.api_version, "prefix": self._prefix, "operations": listed}

    def _example(self, operation_id: str) -> dict[str, Any]:
        """A request that the form can begin with: the URL, the headers and the body, as far as they are text."""
        try:
            writer = Writer(self._contract, self._contract.operation(operation_id))
            request = writer.write(Settings(), f"{HERE}{self._prefix}", Proof(), (), sample(writer))
        except DynaOpenAIError as error:
            return {"trouble": str(error)}
        return {"url": request.url.removeprefix(HERE), **_body(request)}


def _body(request: Request) -> dict[str, Any]:
    content_type = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    if isinstance(request.body, bytes):
        text = request.body.decode("utf-8", "replace")
        if _media_type.kind_of(content_type) == "json":
            return {"type": content_type, "json": _json.decode(request.body)}
        return {"type": content_type, "text": text}
    if isinstance(request.body, Multipart):
        parts = [
            {"name": part.name, "filename": part.filename, "text": _octets(part.content).decode("utf-8", "replace")}
            for part in request.body.parts
        ]
        return {"type": "multipart/form-data", "parts": parts}
    if isinstance(request.body, Upload):
        return {"type": content_type, "text": _octets(request.body).decode("utf-8", "replace")}
    return {"type": ""}


def _octets(content: bytes | Upload) -> bytes:
    return content if isinstance(content, bytes) else b"".join(content)
