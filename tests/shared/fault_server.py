"""A server on loopback that says exactly the bytes it is told, breaks where it is told, and keeps what it was sent.

An answer is bytes, or a sequence of steps taken in turn: bytes are sent; `DRIP` sends the rest a byte at a time;
`STALL` waits until the client goes away; `CLOSE` closes; `RESET` resets the connection; a number waits that long.
Each request takes the next answer of the script; the last one is given for ever.
"""

from __future__ import annotations

import contextlib
import gzip as gzip_module
import json
import re
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

STALL, CLOSE, RESET, DRIP = "stall", "close", "reset", "drip"

Step = bytes | str | float
Answer = bytes | Sequence[Step]
Script = Callable[["Received"], Answer]


@dataclass(frozen=True)
class Received:
    """A request, byte for byte."""

    head: bytes
    body: bytes
    connection: int

    @property
    def line(self) -> bytes:
        return self.head.split(b"\r\n", 1)[0]

    @property
    def target(self) -> str:
        return self.line.split(b" ")[1].decode("latin-1")

    @property
    def header_lines(self) -> list[bytes]:
        return self.head.split(b"\r\n")[1:]

    def header(self, name: str) -> str | None:
        found = [line.partition(b":") for line in self.header_lines]
        values = [value.strip().decode("latin-1") for key, _, value in found if key.decode("latin-1").lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


CHAT_ANSWER = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "So."}}],
}


def answer(
    body: Any = b"", status: int = 200, *headers: str, content_type: str | None = "application/json", length: int | None = None
) -> bytes:
    """A well-formed answer, or one whose length is a lie."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content) if length is None else length}"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + content


def chunked(*pieces: bytes, content_type: str = "application/json", end: bool = True) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + (b"0\r\n\r\n" if end else b"")


def stream(*items: Any, end: bool = True) -> bytes:
    """The events of a stream as one chunk each."""
    pieces = [f"data: {item if isinstance(item, str) else json.dumps(item)}\n\n".encode() for item in items]
    return chunked(*pieces, content_type="text/event-stream", end=end)


def gzip(body: bytes) -> bytes:
    return gzip_module.compress(body, mtime=0)


class FaultServer:
    """A context manager; ``url`` is where it listens, ``received`` what came."""

    def __init__(self, *script: Answer | Script) -> None:
        self.script: list[Answer | Script] = list(script) or [answer({})]
        self.received: list[Received] = []
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FaultServer:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()  # wakes the accepting thread
        with self._lock:
            sockets = list(self._sockets)
        for connection in sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(10)
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with self._lock:
                if self._stopped.is_set():
                    connection.close()
                    return
                self.connections += 1
                self.open += 1
                self.most_open = max(self.most_open, self.open)
                self._sockets.add(connection)
            self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with contextlib.suppress(OSError):
                while self._exchange(connection, number):
                    pass
        finally:
            with self._lock:
                self.open -= 1
                self._sockets.discard(connection)
            connection.close()

    def _exchange(self, connection: socket.socket, number: int) -> bool:
        request = _read(connection, number)
        if request is None:
            return False
        with self._lock:
            self.received.append(request)
            planned = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        steps = planned(request) if callable(planned) else planned
        return self._take(connection, [steps] if isinstance(steps, bytes) else steps)

    def _take(self, connection: socket.socket, steps: Sequence[Step]) -> bool:
        """Whether the connection is still good for another request."""
        dripping = False
        for step in steps:
            if step == DRIP:
                dripping = True
            elif isinstance(step, bytes) and dripping:
                for byte in step:
                    connection.sendall(bytes([byte]))
            elif isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, float):
                self._stopped.wait(step)
            elif step == STALL:
                while not self._stopped.is_set() and not select.select([connection], [], [], 0.05)[0]:
                    pass
                return False
            elif step == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            else:
                return False
        return True


def _read(connection: socket.socket, number: int) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(1 << 16)
        if not piece:
            return None
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return Received(head, b"".join(_body(connection, head, rest)), number)


def _body(connection: socket.socket, head: bytes, rest: bytes) -> Iterator[bytes]:
    if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        while not rest.endswith(b"0\r\n\r\n"):
            piece = connection.recv(1 << 16)
            if not piece:  # it broke off, and there is no more to be had
                return
            rest += piece
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            yield rest[: int(size, 16)]
            rest = rest[int(size, 16) + 2 :]
        return
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    left = int(length[1]) - len(rest) if length else 0
    yield rest
    while left > 0:
        piece = connection.recv(1 << 16)
        if not piece:
            return
        left -= len(piece)
        yield piece


def drained(items: Iterable[Any]) -> tuple[list[Any], Exception | None]:
    """What came, and what ended it."""
    came: list[Any] = []
    try:
        for item in items:
            came += [item]
    except Exception as error:  # noqa: BLE001 - that is what is looked at
        return came, error
    return came, None
