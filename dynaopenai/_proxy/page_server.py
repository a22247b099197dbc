"""The mock server's page over HTTP by itself: requests for it pass through the proxy as all others do."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .._mock import wsgi as _wsgi
from .._mock.author import Answer
from .._mock.page import Page, Shown
from .court import Passed

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from .._mock.serving import Server

GRACE = 1.0  # seconds that open pages get


class PageServer:
    """Serves a page on a free port of the loopback interface."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._server: Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.port)

    def tell(self, record: Any, passed: Passed) -> None:
        """Show an exchange on every page that is open."""
        it = passed.exchange
        shown = Shown(
            it.method,
            it.url,
            it.request.headers,
            it.request.body,
            passed.status,
            it.response.headers,
            it.response.body,
            passed.request,
            passed.response,
            began=time.time() - passed.seconds,
            seconds=passed.seconds,
        )
        self._page.tell(record, shown)

    def start(self) -> None:
        from .._mock.serving import Server

        self._page.open()
        self._server = Server("127.0.0.1", 0, self, "dynaopenai-proxy-page")
        self._server.start()

    def close(self) -> None:
        """Let go of the pages that are open."""
        self._page.close()

    def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop(GRACE)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        shown = self._page.answer(environ, _wsgi.sent_path(environ)) or Answer(404, "text/plain", b"no such page\n")
        start_response(_wsgi.status_line(shown.status), _wsgi.headers(shown, "page"))
        return [shown.body] if isinstance(shown.body, bytes) else shown.body
