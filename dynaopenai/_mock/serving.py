"""A WSGI application over HTTP/1.1: connections that stay open, answers in chunks, a stop that leaves nothing behind.

Rules of this file (RFC 9112):
1. werkzeug reads requests; what it does not do (it closes every connection) is done here: an answer without a length goes
   out in chunks, each as soon as the application gives it.
2. A connection stays open unless either side says ``Connection: close``, the client speaks HTTP/1.0, or it is unclear
   where its request ended. The application reads a body to its end, or says ``Connection: close``.
3. A client that goes away is nobody's mistake, and quiet. A failing application is logged, with its traceback.
4. Every connection has its thread and is known to the server: `Server.stop` waits for the busy ones, closes the idle ones.
5. Nothing here knows what is served.
"""

from __future__ import annotations

import io
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from socketserver import TCPServer
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .._transport.chunked import LAST_CHUNK, chunk
from ..errors import DynaOpenAIError
from .wsgi import SENT_HEADERS

logger = logging.getLogger("dynaopenai.mock")

IDLE = 60.0  # seconds that a silent connection is kept
LINGER = 5.0  # seconds in which the rest of a refused body is let in, so that its sender reads the refusal
POLL = 0.05  # seconds until a request to stop is noticed
PIECE = 1 << 16
MOST_LINE, MOST_TRAILERS = 1 << 16, 100


@dataclass(eq=False)
class Connection:
    """One client's connection and the thread that serves it."""

    socket: socket.socket
    thread: threading.Thread
    is_busy: bool = True  # until its first request has been waited for

    def cut(self) -> None:
        """Wake up whoever reads from it or writes to it."""
        with suppress(OSError):  # it may be closed already
            self.socket.shutdown(socket.SHUT_RDWR)


class Server(ThreadedWSGIServer):
    """Serves an application until it is stopped.

    Raises:
        DynaOpenAIError: the address cannot be listened on.
    """

    block_on_close = False  # `stop` does it, with a limit

    def __init__(self, host: str, port: int, app: Callable[..., Iterable[bytes]], name: str) -> None:
        self.is_stopping = False
        self._numbers = count(1)
        self._connections: dict[socket.socket, Connection] = {}
        self._guard = threading.Lock()
        super().__init__(host, port, app, Handler)
        self._name = f"{name}-{self.port}"
        self._listener = threading.Thread(target=self.serve_forever, args=(POLL,), name=self._name, daemon=True)

    def server_bind(self) -> None:
        try:
            TCPServer.server_bind(self)  # HTTPServer's asks the DNS for a name that nobody needs
        except OSError as error:
            reason = error.strerror or str(error)
            raise DynaOpenAIError(
                f"cannot listen on {self.host}:{self.port}: {reason}\n"
                "  expected  a free port of this machine\n"
                "  remedy    stop what uses it, or give another port; port=0 takes a free one"
            ) from error
        self.server_name, self.server_port = str(self.host), int(self.server_address[1])

    # --- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        self._listener.start()

    def stop(self, grace: float) -> None:
        """Take no more requests, give those in progress ``grace`` seconds, and let go of every thread and socket."""
        self.shutdown()
        self._join(self._listener, grace)
        with self._guard:
            self.is_stopping = True
            connections = list(self._connections.values())
            for connection in connections:
                if not connection.is_busy:
                    connection.cut()
        until = time.monotonic() + grace
        for connection in connections:
            self._join(connection.thread, until - time.monotonic())
        for connection in connections:
            if connection.thread.is_alive():
                connection.cut()
                self._join(connection.thread, 1.0)

    @staticmethod
    def _join(thread: threading.Thread, seconds: float) -> None:
        if thread is not threading.current_thread():  # stopped by an answer of its own
            thread.join(max(seconds, 0.0))

    # --- connections -----------------------------------------------------------------------------

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name=f"{self._name}-{next(self._numbers)}",
            daemon=True,
        )
        with self._guard:
            self._connections[request] = Connection(request, thread)
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._guard:
            self._connections.pop(request, None)

    def mark(self, request: socket.socket, *, is_busy: bool) -> bool:
        """Note whether a connection is in use; whether it may go on."""
        with self._guard:
            connection = self._connections.get(request)
            if connection is not None:
                connection.is_busy = is_busy
            return not self.is_stopping

    def handle_error(self, _request: Any, client_address: Any) -> None:
        logger.exception("a connection from %s failed", client_address)  # noqa: LOG004 - called while handling it


class Handler(WSGIRequestHandler):
    """One connection: its requests one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a small chunk waits for the acknowledgement of the one before
    timeout = IDLE
    server: Server

    def handle_one_request(self) -> None:
        if not self.server.mark(self.connection, is_busy=False):
            self.close_connection = True
            return
        super().handle_one_request()

    def run_wsgi(self) -> None:
        if not self.server.mark(self.connection, is_busy=True):
            self.close_connection = True
            return
        try:
            environ = self.make_environ()
        except ValueError:
            self.send_error(400, "this is no request target")
            return
        environ[SENT_HEADERS] = self.headers.items()  # CGI has one name for two, and werkzeug drops those with "_"
        if environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = io.BufferedReader(Chunked(self.rfile))
        if self.request_version == "HTTP/1.0" or not _has_clear_end(environ):
            self.close_connection = True
        try:
            self._serve(environ)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _serve(self, environ: dict[str, Any]) -> None:
        sending = Sending(self)
        try:
            pieces = self.server.app(environ, sending.start)
            try:
                for piece in pieces:
                    sending.write(piece)
            finally:
                getattr(pieces, "close", lambda: None)()
            sending.end()
        except (ConnectionError, TimeoutError):
            raise
        except Exception:
            logger.exception("%s %s could not be answered", self.command, ascii(self.path))
            self.close_connection = True  # an answer that broke off must not look complete
            if not sending.is_begun:
                self.send_error(500)
        if sending.says_close:
            self.close_connection = True
            self._linger()

    def _linger(self) -> None:
        """Let in what is still being sent, since to close over unread data resets the connection and loses the answer."""
        until = time.monotonic() + LINGER
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER / 10)
            while time.monotonic() < until and self.rfile.read1(PIECE):
                pass

    def log_request(self, *_: Any) -> None:
        """Said by the application, which knows what it was."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ARG002 - werkzeug's names
        logger.debug(message, *args)


class Sending:
    """One answer on its way out."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self.is_begun = self._is_chunked = False

    def start(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], None]:
        """WSGI's ``start_response``."""
        self._status, self._headers = status, headers
        return self.write

    def write(self, piece: bytes) -> None:
        if self.is_begun and not piece:
            return  # an empty chunk would be the last one
        head = b"" if self.is_begun else self._head()
        self.is_begun = True
        framed = chunk(piece) if self._is_chunked and piece else piece
        self._handler.wfile.write(head + framed)

    def end(self) -> None:
        if not self.is_begun:
            self.write(b"")
        if self._is_chunked:
            self._handler.wfile.write(LAST_CHUNK)

    @property
    def says_close(self) -> bool:
        return ("connection", "close") in {(name.lower(), value.lower()) for name, value in self._headers}

    def _head(self) -> bytes:
        handler, headers = self._handler, [("Date", self._handler.date_time_string()), *self._headers]
        is_bodiless = handler.command == "HEAD" or self._status[:3] in ("204", "304")
        if not is_bodiless and "content-length" not in {name.lower() for name, _ in headers}:
            self._is_chunked = handler.request_version != "HTTP/1.0"
            headers += [("Transfer-Encoding", "chunked")] * self._is_chunked
        if handler.close_connection and not self.says_close:
            headers.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {self._status}", *(f"{name}: {value}" for name, value in headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


# --- bodies --------------------------------------------------------------------------------------


class Chunked(io.RawIOBase):
    """The body of a request that is sent in chunks, without its extensions and trailers (RFC 9112 §7.1).

    Raises:
        OSError: it ends early, or is not framed so.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        self._left = 0
        self._is_done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left and not self._is_done:
            self._begin()
        data = self._source.read(min(len(buffer), self._left))
        if not data and self._left:
            raise OSError("a chunk ends early")
        buffer[: len(data)] = data
        self._left -= len(data)
        if data and not self._left and self._line():
            raise OSError("a chunk is longer than its size")
        return len(data)

    def _begin(self) -> None:
        size = self._line().partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size):
            raise OSError("a chunk has no size")
        self._left = int(size, 16)
        self._is_done = not self._left
        if self._is_done and all(self._line() for _ in range(MOST_TRAILERS)):
            raise OSError("the trailers have no end")

    def _line(self) -> bytes:
        line = bytes(self._source.readline(MOST_LINE))
        if not line.endswith(b"\n"):
            raise OSError("a line has no end")
        return line.rstrip(b"\r\n")


def _has_clear_end(environ: dict[str, Any]) -> bool:
    length = str(environ.get("CONTENT_LENGTH", "0"))
    coding = str(environ.get("HTTP_TRANSFER_ENCODING", "chunked"))
    return length.isascii() and length.isdigit() and coding.strip().lower() == "chunked"
