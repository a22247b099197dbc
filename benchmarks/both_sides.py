"""What stands on both sides of a proxy that is measured: a server that writes down what reaches it, and a client that reads bytes as they come."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

SECRET = "sk-secret-27182818"  # looked for in all that a proxy leaves behind
PIECE = b"x" * (1 << 16)
EVENTS, PAUSE = 5, 0.2
PATIENCE = 120.0

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
THING = {"type": "object", "required": ["size"], "properties": {"size": WHOLE}}
FILE = {"type": "string", "format": "binary"}


def _gives(media: str, schema: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {media: {"schema": schema}}}}


def _takes(media: str, schema: Any) -> dict[str, Any]:
    return {"required": True, "content": {media: {"schema": schema}}}


DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Proxied", "version": "1"},
    "paths": {
        "/things": {
            "get": {"operationId": "getThing", "responses": _gives("application/json", THING)},
            "post": {"operationId": "makeThing", "requestBody": _takes("application/json", THING), "responses": _gives("application/json", THING)},
        },
        "/wrong": {"get": {"operationId": "getWrong", "responses": _gives("application/json", THING)}},
        "/events": {"get": {"operationId": "listen", "responses": _gives("text/event-stream", TEXT)}},
        "/file": {
            "get": {"operationId": "download", "responses": _gives("application/octet-stream", FILE)},
            "post": {"operationId": "upload", "requestBody": _takes("application/octet-stream", FILE), "responses": _gives("application/json", THING)},
        },
    },
}  # fmt: skip


@dataclass
class Upstream:
    """A server that writes down the head of each request."""

    size: int
    heads: list[bytes] = field(default_factory=list)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=64))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), closing(connection), connection.makefile("rb") as incoming:
            while True:
                head = b"".join(takewhile(lambda line: line.strip(), incoming))
                if not head:
                    return
                self.heads.append(head)
                _skip(incoming, head.lower())
                self._answer(connection, head.split(b" ", 2)[1].partition(b"?")[0])
                if b"\r\nconnection: close" in head.lower():
                    return

    def _answer(self, connection: socket.socket, path: bytes) -> None:
        if path == b"/events":
            connection.sendall(answer_head("text/event-stream", None))
            for number in range(EVENTS):
                event = b"data: %d\n\n" % number
                connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
                time.sleep(PAUSE)
            connection.sendall(b"0\r\n\r\n")
        elif path == b"/file":
            connection.sendall(answer_head("application/octet-stream", self.size))
            for _ in range(self.size // len(PIECE)):
                connection.sendall(PIECE)
        else:
            body = b'{"size":"big"}' if path == b"/wrong" else b'{"size":1}'
            connection.sendall(answer_head("application/json", len(body)) + body)


def answer_head(media: str, size: int | None) -> bytes:
    framing = f"Content-Length: {size}" if size is not None else "Transfer-Encoding: chunked"
    return f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nX-Odd-CASE: a\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n{framing}\r\n\r\n".encode()


def _skip(incoming: Any, head: bytes) -> None:
    """Read a request's body to its end."""
    length = re.search(rb"\r\ncontent-length: *(\d+)", head)
    left = int(length[1]) if length else 0
    while left:
        left -= len(incoming.read(min(left, 1 << 20))) or left
    while b"\r\ntransfer-encoding: chunked" in head:
        size = int(incoming.readline() or b"0", 16)
        incoming.read(size + 2)
        if not size:
            return


@dataclass
class Reply:
    """What came back, and when: seconds from the end of the request to the head, and to each piece of the body."""

    head: bytes
    body: bytes
    size: int
    moments: list[float]

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])


def ask(
    port: int, method: str, path: str, headers: list[str] | None = None, body: bytes = b"", large: int = 0
) -> Reply:
    """One request on a connection of its own; ``large``: bytes that are sent piece by piece."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Authorization: Bearer {SECRET}",
        "Connection: close",
        *(headers or []),
    ]
    if body or large:
        lines.append(f"Content-Length: {len(body) or large}")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        for _ in range(large // len(PIECE)):
            connection.sendall(PIECE)
        return _read(connection, time.perf_counter())


def _read(connection: socket.socket, start: float) -> Reply:
    kept, size, moments = b"", 0, []
    while piece := connection.recv(1 << 18):
        moments.append(time.perf_counter() - start)
        size += len(piece)
        kept = (kept + piece)[: 1 << 16] if len(kept) < 1 << 16 else kept
    head, _, body = kept.partition(b"\r\n\r\n")
    if not head:
        raise ConnectionError("the connection was closed without an answer")
    return Reply(head, body, size - len(head) - 4, moments)
