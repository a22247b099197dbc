"""A server that is never what is measured: one process, one loop over ready sockets, answers made beforehand.

It understands just as much HTTP/1.1 as the contenders speak: keep-alive, bodies of known length, chunked bodies.
"""

from __future__ import annotations

import selectors
import socket
import sys
from dataclasses import dataclass

from . import answers

PIECE = 1 << 20
GET_READY = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass
class Exchange:
    """One connection's request so far: its head, then how many bytes of its body are still to come."""

    head: bytes = b""
    path: bytes = b""
    left: int = 0
    tail: bytes | None = None  # the last bytes of a chunked body, None for one of known length


def serve(listener: socket.socket, table: answers.Answers) -> None:
    """Answer until the process is ended."""
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ, None)
    buffer = bytearray(PIECE)
    while True:
        for key, _ in selector.select():
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            if key.data is None:
                accepted, _ = connection.accept()
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(accepted, selectors.EVENT_READ, Exchange())
            elif not _advance(connection, key.data, buffer, table):
                selector.unregister(connection)
                connection.close()


def _advance(connection: socket.socket, exchange: Exchange, buffer: bytearray, table: answers.Answers) -> bool:
    """Take what has come; answer a request that is complete. False: the connection is over."""
    try:
        size = connection.recv_into(buffer)
        if not size:
            return False
        if exchange.path:
            _take_body(exchange, buffer, size)
        else:
            _take_head(exchange, bytes(buffer[:size]), connection)
        if exchange.path and exchange.left <= 0:
            connection.sendall(_answer(table, exchange.path))
            exchange.head, exchange.path, exchange.tail = b"", b"", None
    except OSError:
        return False
    return True


def _take_head(exchange: Exchange, piece: bytes, connection: socket.socket) -> None:
    exchange.head += piece
    head, end, body = exchange.head.partition(b"\r\n\r\n")
    if not end:
        return
    fields = head.lower()
    exchange.path = head.split(b" ", 2)[1].partition(b"?")[0]
    if b"\r\nexpect: 100-continue" in fields:
        connection.sendall(GET_READY)
    if b"\r\ntransfer-encoding: chunked" in fields:
        exchange.left, exchange.tail = 1, b""
        _take_body(exchange, bytearray(body), len(body))
        return
    _, named, length = fields.partition(b"\r\ncontent-length:")
    exchange.left = int(length.partition(b"\r\n")[0]) - len(body) if named else 0


def _take_body(exchange: Exchange, buffer: bytearray, size: int) -> None:
    if exchange.tail is None:
        exchange.left -= size
        return
    exchange.tail = (exchange.tail + bytes(buffer[max(0, size - 5) : size]))[-5:]
    exchange.left = int(exchange.tail != b"0\r\n\r\n")


def _answer(table: answers.Answers, path: bytes) -> bytes:
    try:
        return table[path]
    except KeyError:
        return _UNKNOWN


_UNKNOWN = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def main() -> None:
    """Say the port on standard output, then serve."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        serve(listener, answers.table())


if __name__ == "__main__":
    main()
