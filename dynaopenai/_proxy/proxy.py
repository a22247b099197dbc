"""ValidatingProxy: a socket before an API, in a thread of its own, and what passed through it.

Rules of this file:
1. Connections live on one event loop; judging has one thread beside it, so that it never holds the loop.
2. What is remembered is bounded, and without secrets; what is recorded waits on the disk.
3. The page of the mock server is the proxy's, too, where the document has no such path.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from .._checking.contract import Contract
from .._client.engine import Engine
from .._display.words import count
from .._document.document import Source, load
from .._mock.author import Author
from .._mock.inspection import Inspector
from .._mock.mock import Record
from .._mock.page import Page
from .._request.origin import served_at
from .._request.router import Router, prefix_of
from .._transport.over_requests import Transport
from ..errors import DynaOpenAIError, Violation
from .court import Court, Passed, Passing
from .head import RequestHead
from .page_server import PageServer
from .recorder import Recorder
from .relay import Relay
from .side import Side
from .turn import Route

__all__ = ["ValidatingProxy"]

logger = logging.getLogger("dynaopenai.proxy")

MOST_EXCHANGES = 10_000
MOST_BYTES = 16 << 20  # of bodies in the exchanges that are remembered
GRACE = 5.0  # seconds that exchanges in progress get when the proxy is stopped
SETTLING = 5.0  # seconds
CONNECT = 30.0  # seconds

Strictness = Literal["strict", "warn"]


class ValidatingProxy:
    """An API as its document describes it, between any client and the real one, from entering a ``with`` block until leaving it.

    >>> with ValidatingProxy("https://api.openai.com/v1") as proxy:
    ...     client = OpenAI(base_url=proxy.url)

    Bodies pass as they come, headers as they are. What is wrong with an exchange is in `exchanges`, in the log
    ``dynaopenai.proxy``, on the page at the proxy's root, and in the answer's header ``X-Dynaopenai-Violations``.

    Args:
        upstream: the URL of the real API, with or without the path that its operations stand below.
        document: what `Client` takes for a document, or a contract.
        host, port: where to listen; port 0 is any free one.
        validate: ``"warn"`` only tells; ``"strict"`` answers an invalid request with 400 and does not send it, and an
            invalid answer with 502.
        verify: whether the upstream's certificate is verified; or the file of a certificate authority.
        record: a cassette that is written when the proxy stops, with what passed.
        learn: an overlay that is written then: the corrections that what passed asks of the document.
        on_exchange: called with each `Passed`, in a thread of the proxy's.

    Raises:
        SpecError: the document cannot be read.
        ValueError: an option has a value that makes no sense.
        DynaOpenAIError: the address cannot be listened on.
    """

    def __init__(
        self,
        upstream: str,
        document: Source | Contract = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        validate: Strictness = "warn",
        verify: bool | str | os.PathLike[str] = True,
        record: str | os.PathLike[str] | None = None,
        learn: str | os.PathLike[str] | None = None,
        on_exchange: Callable[[Passed], Any] | None = None,
    ) -> None:
        parts = urlsplit(upstream)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"upstream: found {upstream!r}, expected the URL of an API, such as https://api.example/v1")
        if parts.username is not None:
            raise ValueError("upstream: found a URL with a user's name, expected one without credentials")
        if validate not in ("strict", "warn"):
            raise ValueError(f'validate: found {validate!r}, expected "strict" or "warn"')
        if not 0 <= port <= 65535:
            raise ValueError(f"port: found {port}, expected a number from 0 (any free port) to 65535")
        contract = document if isinstance(document, Contract) else Contract(load(document))
        self.contract, self._parts, self._host, self._port = contract, parts, host, port
        self._verify, self._on_exchange, self._is_strict = verify, on_exchange, validate == "strict"
        own = parts.path.rstrip("/")
        prefixes = [own] if own else [*map(prefix_of, contract.openapi.servers), ""]
        self.prefix = prefixes[0]
        self._router = Router(contract.openapi.entries.values(), self.prefix)
        self._court = Court(contract, Inspector(Engine(contract, Transport()), prefixes))
        self._page = PageServer(Page(contract, self.prefix, "validating proxy"))
        self._exchanges: deque[Passed] = deque(maxlen=MOST_EXCHANGES)
        self._held = self._number = 0
        self._running: Running | None = None
        self._record, self._learn = (None if path is None else Path(path) for path in (record, learn))
        self._recorder: Recorder | None = None

    def __repr__(self) -> str:
        where = self.url if self._running is not None else "not running"
        return f"<ValidatingProxy of {self.upstream}, {where}, {count(self._number, 'exchange')}>"

    @property
    def upstream(self) -> str:
        """The URL of the real API."""
        return self._parts.geturl()

    @property
    def url(self) -> str:
        """The base URL for clients, with the path that the API's operations stand below."""
        if self._running is None:
            raise DynaOpenAIError(
                "the proxy has no URL: it is not running\n  remedy    with ValidatingProxy(...) as proxy: proxy.url"
            )
        return f"{self._running.root}{self.prefix}"

    @property
    def exchanges(self) -> list[Passed]:
        """What passed, the oldest first, each `Passed`; the last 10,000, or 16 MiB of bodies.

        An exchange whose answer the client has is waited for until it is judged, so that it is here.
        """
        if self._running is not None:
            self._running.settle()
        return list(self._exchanges)

    @property
    def violations(self) -> list[Violation]:
        """What was wrong so far, request and answer alike, in the order of the exchanges."""
        return [violation for passed in self.exchanges for violation in passed.violations]

    def start(self) -> ValidatingProxy:
        """Listen, and pass on in threads of its own; nothing where it runs already."""
        if self._running is None:
            running = Running(self._host, self._port)
            self._page.start()
            try:
                running.start(self._route(running))
            except BaseException:
                self._page.stop()
                raise
            self._running = running
            if self._record is not None or self._learn is not None:
                base_url = f"{self._parts.scheme}://{self._parts.netloc}{self.prefix}"
                self._recorder = Recorder(self.contract, self._record, self._learn, base_url)
        return self

    def stop(self) -> None:
        """Take no more connections, let exchanges in progress end, and leave no thread or socket behind.

        Raises:
            OSError: what was recorded cannot be written.
        """
        running, self._running = self._running, None
        if running is not None:
            self._page.close()
            running.stop(GRACE)
            self._page.stop()
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.write()

    def __enter__(self) -> ValidatingProxy:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- one exchange ----------------------------------------------------------------------------

    def _route(self, running: Running) -> Route:
        host, port = str(self._parts.hostname), self._parts.port
        is_secure = self._parts.scheme == "https"
        context = _tls(self._verify) if is_secure else None

        async def connect(is_own: bool) -> Side:
            to = ("127.0.0.1", self._page.port) if is_own else (host, port or (443 if is_secure else 80))
            opening = asyncio.open_connection(*to, ssl=None if is_own else context)
            try:
                reader, writer = await asyncio.wait_for(opening, CONNECT)
            except asyncio.TimeoutError:
                raise TimeoutError(0, "timed out") from None
            return Side(reader, writer)

        origin = f"{self._parts.scheme}://{self._parts.netloc}"
        court, judged = self._court, running.judged
        return Route(
            connect, self._parts.netloc, origin, Author(self.contract), court, self._is_strict, judged, self._over, self._is_own,
            running.finishing,
        )  # fmt: skip

    def _is_own(self, head: RequestHead) -> bool:
        """Whether a request is for the page, and not for the API."""
        if head.method != "GET" or self._router.find(head.path):
            return False
        return head.path.startswith("/_mock/") or (head.path == "/" and b"text/html" in b"".join(head.values(b"accept")))

    def _over(self, passed: Passed) -> None:
        """Tell of an exchange that is over. On the loop, one at a time."""
        self._number += 1
        self._exchanges.append(passed)
        self._held += _size(passed)
        while self._held > MOST_BYTES and len(self._exchanges) > 1:
            self._held -= _size(self._exchanges.popleft())
        if self._recorder is not None:
            self._recorder.take(passed)
        exchange = passed.exchange
        path = urlsplit(exchange.url).path
        request_id = next((value for name, value in exchange.response.headers.items() if name.lower() == "x-request-id"), "")
        named = request_id or f"proxy_{self._number}"
        self._page.tell(Record(exchange.method, path, passed.operation_id, passed.verdict, passed.status, named), passed)
        level = logging.WARNING if passed.verdict else logging.INFO
        logger.log(level, "%s", passed)
        try:
            if self._on_exchange is not None:
                self._on_exchange(passed)
        except Exception:
            logger.exception("on_exchange failed on %s %s", exchange.method, ascii(path))


def _size(passed: Passed) -> int:
    return len(passed.exchange.request.body) + len(passed.exchange.response.body)


def _tls(verify: bool | str | os.PathLike[str]) -> ssl.SSLContext:
    """Certificates as `requests` verifies them: by the file that is named, by the environment's, or by certifi's."""
    import certifi

    named = verify if not isinstance(verify, bool) else None
    file = named or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or certifi.where()
    context = ssl.create_default_context(cafile=os.fspath(file))
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


# --- running -------------------------------------------------------------------------------------


class Running:
    """An event loop in a thread, its listening socket, and the thread that judges."""

    def __init__(self, host: str, port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dynaopenai-proxy", daemon=True)
        self._judging = ThreadPoolExecutor(1, "dynaopenai-proxy-court")
        self._tasks: dict[asyncio.Task[None], Relay] = {}
        self.finishing: set[Passing] = set()
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None

    @property
    def root(self) -> str:
        assert self._server is not None
        return served_at(self._host, self._server.sockets[0].getsockname()[1])

    def judged(self, function: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """Run a function of the court's beside the traffic; what fails there is logged, and holds up nobody."""
        return self._loop.run_in_executor(self._judging, _safely, function, args)

    def start(self, route: Route) -> None:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            relay = Relay(Side(reader, writer), route)
            task = self._loop.create_task(relay.serve())
            self._tasks[task] = relay
            task.add_done_callback(self._ended)

        self._thread.start()
        listening = asyncio.start_server(accept, self._host or None, self._port, backlog=512)
        try:
            self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        except OSError as error:
            self._end()
            raise DynaOpenAIError(
                f"cannot listen on {self._host}:{self._port}: {error.strerror or error}\n"
                "  expected  a free port of this machine\n"
                "  remedy    stop what uses it, or give another port; port=0 takes a free one"
            ) from error

    def settle(self) -> None:
        """Wait until the exchanges that clients may take for done are judged."""

        async def settled() -> None:
            until = self._loop.time() + SETTLING
            while self.finishing and self._loop.time() < until:  # noqa: ASYNC110 - a set tells nobody when it is empty
                await asyncio.sleep(0.001)

        if threading.current_thread() is not self._thread:
            asyncio.run_coroutine_threadsafe(settled(), self._loop).result()

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("a connection failed", exc_info=error)

    def stop(self, grace: float) -> None:
        asyncio.run_coroutine_threadsafe(self._stopped(grace), self._loop).result()
        self._end()

    async def _stopped(self, grace: float) -> None:
        assert self._server is not None
        self._server.close()
        for task, relay in list(self._tasks.items()):
            if not relay.is_busy:
                task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=grace)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1.0)

    def _end(self) -> None:
        self._judging.shutdown()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        with suppress(RuntimeError):
            self._loop.close()


def _safely(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    try:
        return function(*args)
    except Exception:
        logger.exception("an exchange could not be judged")
        return []
