"""The steps of a call, carried out over aiohttp: each is awaited, and leaves the event loop to others meanwhile."""

from __future__ import annotations

import asyncio
import inspect
import sys
import time
import warnings
import weakref
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from .._request.request import Request
from . import log as _log
from . import over_asyncio
from . import stand_in as _stand_in
from .environment import ORIGINS, Environment, Way, tls_context
from .fields import Headers
from .genuine import AIOHTTP, Watch
from .http1 import BEYOND, MAX_LINE, Message, headers_of, written
from .redirect import origin
from .sending import Sending
from .step import Head, Pause, Piece, Prepare, Send, Step, Steps, Tell, Work

if find_spec("aiohttp") is None:  # imported where a call needs it: most go over a connection of our own
    raise ImportError("AsyncClient needs aiohttp: pip install 'dynaopenai[async]'")

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

if TYPE_CHECKING:
    import aiohttp
    import requests

    from .over_requests import Transport

WATCH = Watch(AIOHTTP)
AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")  # headers that aiohttp adds; ours are all there are

T = TypeVar("T")


class AsyncTransport:
    """Carries out steps over `aiohttp.ClientSession`s: one of its own for each event loop, or the user's.

    Args:
        session: the user's.
        max_connections: how many connections are open at a time; who wants more waits, for as long as ``connect`` says.
        opened_at: (file, line) to name where it is forgotten open.
    """

    def __init__(
        self, session: aiohttp.ClientSession | None = None, max_connections: int = 100, opened_at: tuple[str, int] = ("", 0)
    ) -> None:
        self._given = session
        self._most = max_connections
        self._opened_at = opened_at
        self._guards: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Guard] = weakref.WeakKeyDictionary()
        self._environment = Environment()
        self._ways: dict[str, dict[str, Any]] = {}  # to each origin, as aiohttp is told
        self._forgotten: Any = None
        _log.set_up()

    def __reduce__(self) -> tuple[Any, ...]:
        return AsyncTransport, (None, self._most)

    async def close(self) -> None:
        """Close the connections of its own sessions; a user's session is left to the user."""
        if self._forgotten is not None:
            self._forgotten.detach()
            self._forgotten = None
        guard = self._guards.pop(asyncio.get_running_loop(), None)
        if guard is not None:
            await guard.close()

    async def run(self, steps: Steps[T]) -> T:
        """The result of these steps, each carried out in its turn."""
        answer: Any = None
        error: BaseException | None = None
        try:
            while True:
                step = steps.send(answer) if error is None else steps.throw(error)
                answer = error = None
                try:
                    answer = await self._carried_out(step)
                except BaseException as raised:  # noqa: BLE001 - the steps decide what comes of it
                    error = raised
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            error = None  # or this frame and its traceback would keep each other, and the connection, alive

    async def _carried_out(self, step: Step) -> Any:
        if isinstance(step, Piece):
            if isinstance(step.incoming, (over_asyncio.Body, Body)):
                return await step.incoming.read(step.size, step.patience)
            return self._stand_in.carried_out(step)
        if isinstance(step, Send):
            return await (self._stood_in(step) if _stand_in.stands() else self._exchange(step))
        if isinstance(step, Prepare):
            return self.prepare(step.request, step.body)
        if isinstance(step, Tell):
            result = step.hook(step.value)
            return await result if inspect.isawaitable(result) else result
        if isinstance(step, Work):
            return await asyncio.to_thread(step.function, *step.arguments)
        assert isinstance(step, Pause)
        return await asyncio.sleep(step.seconds)

    # --- sending ---------------------------------------------------------------------------------

    def prepare(self, request: Request, body: Sending | None = None) -> requests.PreparedRequest:
        """The request as a hook sees it, and `requests` would send it."""
        from .prepared import prepared

        return prepared(request, request.body if body is None else body, None)

    @cached_property
    def _stand_in(self) -> Transport:
        from .over_requests import Transport

        return Transport()

    async def _stood_in(self, step: Send) -> Head:
        """What a test answers in the network's place."""
        if step.body is not None:
            content = b"".join([piece async for piece in step.body])
            step = step._replace(request=replace(step.request, body=content), body=None)
            if step.prepared is not None:
                step.prepared.body = content
        work = self._stand_in.exchange
        return await asyncio.to_thread(work, step) if _stand_in.waits() else work(step)

    async def _exchange(self, step: Send) -> Head:
        if self._given is None and step.prepared is None and WATCH.is_clear():
            message = written(step.request)
            way = self._environment.of(f"{message.site.scheme}://{message.site.place}") if message is not None else None
            if message is not None and way is not None and way.proxy is None:
                return await self._over_asyncio(step, message, way)
        return await self._over_aiohttp(step)

    async def _over_asyncio(self, step: Send, message: Message, way: Way) -> Head:
        connect, read = step.patience
        pool = self._guard().pool
        await pool.place(connect, step.request.operation_id)
        is_left = False

        def done(connection: over_asyncio.Connection, stays: bool) -> None:
            nonlocal is_left
            if stays:
                pool.give_back(connection)
            else:
                connection.close()
            is_left = True
            pool.leave()

        try:
            connection = await pool.taken(message.site, way, connect)
            connection.patience, connection.deadline = read, step.deadline
            return await over_asyncio.exchange(connection, message, step.body, step.request.method, step.settings.limits.headers, done)
        except BaseException:
            if not is_left:
                pool.leave()
            raise

    async def _over_aiohttp(self, step: Send) -> Head:
        request, prepared = step.request, step.prepared
        method, url = (request.method, request.url) if prepared is None else (prepared.method, prepared.url)
        headers = dict(headers_of(request) if prepared is None else prepared.headers)
        for name in [name for name in headers if name.lower() == "transfer-encoding"]:
            del headers[name]  # aiohttp's own to say
        body: Any = request.body if step.body is None else aiter(step.body)
        if prepared is not None and step.body is None:
            body = prepared.body
        if isinstance(body, bytes):
            from .aiohttp_wire import Octets

            body = Octets(body)
        limit = step.settings.limits.headers
        answer = await self._session(request.away).request(
            method,
            _address(url, headers),
            headers=headers,
            data=body,
            skip_auto_headers=None if all(name in headers for name in AUTOMATIC) else AUTOMATIC,
            allow_redirects=False,
            timeout=_timeout(step.settings.steps, step.deadline),
            auto_decompress=False,
            raise_for_status=False,
            max_line_size=MAX_LINE,
            max_field_size=MAX_LINE,
            max_headers=(1 << 30) if limit is None else limit + BEYOND,
            **self._options(url),
        )
        return Head(answer.status, Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.raw_headers]), len(answer.raw_headers), Body(answer), prepared)

    def _session(self, away: bool) -> aiohttp.ClientSession:
        """The session of the running loop. Away from home, a user's own adds nothing: its headers are for home."""
        return self._given if self._given is not None and not away else self._guard().session

    def _guard(self) -> _Guard:
        """What closes the connections of the running loop."""
        loop = asyncio.get_running_loop()
        guard = self._guards.get(loop)
        if guard is None or guard.is_closed:
            guard = self._guards[loop] = _Guard(self._most)
            if self._forgotten is None:
                self._forgotten = weakref.finalize(self, _forgotten, self._guards, *self._opened_at)
        return guard

    def _options(self, url: str) -> dict[str, Any]:
        """Proxy and certificates, as the environment says; a user's session has its own."""
        if self._given is not None:
            return {}
        site = url[: url.find("/", 8)]
        options = self._ways.get(site)
        if options is None:
            way = self._environment.of(origin(url))
            options = {"proxy": way.proxy} if way.proxy else {}
            if url.startswith("https:"):
                options["ssl"] = tls_context(way.verify, way.cert)
            if len(self._ways) >= ORIGINS:
                self._ways.clear()
            self._ways[site] = options
        return options


def _address(url: str, headers: Mapping[str, str]) -> Any:
    """The URL as aiohttp takes it; it refuses one that says who asks beside a header that does."""
    import yarl

    address = yarl.URL(url, encoded=True)
    return address.with_user(None) if "authorization" in map(str.lower, headers) else address


class _Guard:
    """Connections, and what closes them where their event loop ends, or nobody holds them any more: an asynchronous generator."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.pool = over_asyncio.Pool(most)
        self._opened: list[aiohttp.ClientSession] = []  # the one, once there is need for it
        self._waiting = _closing(self.pool, self._opened)
        with suppress(StopIteration):  # it begins, and waits where it yields
            self._waiting.asend(None).send(None)

    @property
    def is_closed(self) -> bool:
        return self.pool.is_closed or any(session.closed for session in self._opened)

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session, for what does not go over the pool."""
        if not self._opened:
            import aiohttp

            from .aiohttp_wire import Connection

            connector = aiohttp.TCPConnector(limit=self._most)
            connector._factory = partial(Connection, loop=asyncio.get_running_loop())  # type: ignore[assignment]  # noqa: SLF001 - no other door
            session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
            session._retry_connection = False  # noqa: SLF001 - tries are counted above, not here as well
            self._opened.append(session)
        return self._opened[0]

    async def close(self) -> None:
        await self._waiting.aclose()


async def _closing(pool: over_asyncio.Pool, opened: list[aiohttp.ClientSession]) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        pool.close()
        for session in opened:
            await session.close()


def _forgotten(guards: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Guard], file: str, line: int) -> None:
    """Nobody holds the client any more, or the process ends: say it once, and close what no event loop will."""
    text = "an AsyncClient was not closed: use `async with`, or `await client.close()`"
    warnings.warn_explicit(text, ResourceWarning, file, line)
    for loop, guard in list(guards.items()):
        if not (loop.is_closed() or loop.is_running()):
            with suppress(RuntimeError):  # another loop runs in this thread
                loop.run_until_complete(guard.close())


# --- requests ------------------------------------------------------------------------------------


def _timeout(steps: Any, deadline: float | None) -> aiohttp.ClientTimeout:
    connect, read = steps if isinstance(steps, tuple) else (steps, steps)
    if deadline is None:
        return _clocks(connect, read)
    return _clocks.__wrapped__(connect, read, max(deadline - time.monotonic(), 0.001))


@lru_cache(maxsize=64)
def _clocks(connect: float | None, read: float | None, total: float | None = None) -> aiohttp.ClientTimeout:
    import aiohttp

    return aiohttp.ClientTimeout(total, connect, read, None, 1 << 30)


# --- answers -------------------------------------------------------------------------------------


class Body:
    """The body of an answer as it arrives."""

    __slots__ = ("_answer",)
    is_decoded = False

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    @property
    def is_over(self) -> bool:
        return self._answer.content.at_eof()

    async def read(self, size: int, patience: float | None) -> bytes:
        """The next bytes; none at the end. ``patience``: seconds to wait for them at most."""
        content = self._answer.content
        if patience is not None and not content.at_eof():
            async with timeout(patience):
                return await content.read(size)
        try:
            return await content.read(size)
        except Exception:
            rest = content._buffer and content._read_nowait(size)  # noqa: SLF001 - what came before the break was delivered
            if rest:
                return rest
            raise

    def at_hand(self) -> bytes:
        """Nothing: the library below keeps it to itself."""
        return b""

    def close(self) -> None:
        """Let go of the connection: back to the pool if the body was read, closed if not."""
        self._answer.close()
