"""A small HTTP server for one test: a `Page` answers, from what its `Site` holds."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Site(ThreadingHTTPServer):
    """Listens on a free port of the loopback interface, and answers from entering a ``with`` block until leaving it."""

    def __init__(self, page: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), page)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Any:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class Page(BaseHTTPRequestHandler):
    """Answers one request; ``self.server`` is its `Site`."""

    server: Any

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """``headers``: by their names with ``_`` for ``-``; an empty one is left out."""
        self.send_response(status)
        for name, value in {**headers, "Content_Length": str(len(body))}.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""
