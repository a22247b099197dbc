"""The steps of a call, carried out over `requests`: each is waited for where it stands."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from .._request.request import Request
from . import log as _log
from .environment import Environment, Way, options_of
from .fields import Headers
from .genuine import StandInError, is_genuine, is_of_a_stand_in, nobody_looks, stranger
from .http1 import Message, written
from .over_socket import Body as OwnBody
from .over_socket import Connection, Connections, exchange
from .prepared import prepared
from .receiving import ForeignProcessError
from .redirect import origin
from .step import Head, Pause, Piece, Prepare, Send, Step, Steps, Tell, Work

if TYPE_CHECKING:

    import requests

    from .sending import Sending

MAX_CONNECTIONS = 100
SESSIONS = "requests.sessions"  # where Session.send comes from while nothing has replaced it

T = TypeVar("T")


class Transport:
    """Carries out steps over one `requests.Session`: its own, or the user's.

    Connections belong to the process that opened them: after a fork, the child begins with none.

    Args:
        session: the user's.
        max_connections: how many are open at a time; who wants one more waits, for as long as ``connect`` says.
    """

    def __init__(self, session: requests.Session | None = None, max_connections: int = MAX_CONNECTIONS) -> None:
        self._given = session
        self._most = max_connections
        self._start()
        _log.set_up()

    def _start(self) -> None:
        self._own: requests.Session | None = None
        self._beside: tuple[Any, requests.Session | None] = (None, None)  # what stands in urllib3's pools, and a session for it
        self._lock = threading.Lock()
        self._untaken, self._free = iter(range(self._most)), SimpleQueue[int]()
        self._environment = Environment()
        self._connections = Connections()
        self._process = os.getpid()  # last: until then, another thread of a forked process must not go on with its parent's

    def __reduce__(self) -> tuple[Any, ...]:
        return Transport, (None, self._most)

    def close(self) -> None:
        """Close the connections of its own session; a user's session is left to the user."""
        with self._lock:
            closing, self._own = [self._own, self._beside[1]], None
            self._beside, self._environment = (None, None), Environment()
            connections, self._connections = self._connections, Connections()
        connections.close()
        for session in filter(None, closing):
            session.close()

    def run(self, steps: Steps[T]) -> T:
        """The result of these steps, each carried out in its turn."""
        answer: Any = None
        error: BaseException | None = None
        try:
            while True:
                step = steps.send(answer) if error is None else steps.throw(error)
                answer = error = None
                try:
                    answer = self.carried_out(step)
                except BaseException as raised:  # noqa: BLE001 - the steps decide what comes of it
                    error = raised
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            error = None  # or this frame and its traceback would keep each other, and the connection, alive

    def carried_out(self, step: Step) -> Any:
        """The answer to one step."""
        if isinstance(step, Piece):
            assert isinstance(step.incoming, (OwnBody, Body))
            return step.incoming.read(step.size, step.patience)
        if isinstance(step, Send):
            return self.exchange(step)
        if isinstance(step, Prepare):
            return self.prepare(step.request, step.body)
        if isinstance(step, Tell):
            return step.hook(step.value)
        if isinstance(step, Work):
            return step.function(*step.arguments)
        assert isinstance(step, Pause)
        return time.sleep(step.seconds)

    # --- preparing -------------------------------------------------------------------------------

    def prepare(self, request: Request, body: Sending | None = None) -> requests.PreparedRequest:
        """The request as `requests` sends it; ``body`` is sent in the place of the request's own."""
        return prepared(request, request.body if body is None else body, self._given)

    def _session(self) -> requests.Session:
        if self._given is not None:
            return self._given
        there = stranger()
        if there is not None:
            return self._session_beside(there)
        own = self._own
        if own is None:
            with self._lock:
                own = self._own = self._own or _new_session(self._most)
        return own

    def _session_beside(self, there: Any) -> requests.Session:
        """A plain session, for what a test has put into urllib3's pools: it does not know ours."""
        import requests

        standing, session = self._beside
        if session is None or standing is not there:
            if session is not None:
                session.close()
            session = requests.Session()
            self._beside = (there, session)
        return session

    # --- sending ---------------------------------------------------------------------------------

    def exchange(self, step: Send) -> Head:
        """Send a request, once."""
        if self._process != os.getpid():
            self._begin_anew()
        if self._given is None and step.prepared is None and nobody_looks():
            message = written(step.request)
            way = self._environment.of(f"{message.site.scheme}://{message.site.place}") if message is not None else None
            if message is not None and way is not None and way.proxy is None:
                return self._over_socket(step, message, way)
        return self._over_requests(step)

    def _begin_anew(self) -> None:
        """After a fork."""
        self._start()
        for adapter in self._given.adapters.values() if self._given is not None else ():
            adapter.close()  # here only; the parent's connections stay open

    def _over_socket(self, step: Send, message: Message, way: Way) -> Head:
        connect, read = step.patience
        slot, connections = self._slot(connect, step.request.operation_id), self._connections

        def done(connection: Connection, stays: bool) -> None:
            if stays:
                connections.give_back(connection)
            else:
                connection.close()
            slot.give_back()

        try:
            connection = connections.taken(message.site, way, connect, step.deadline)
            connection.patience, connection.deadline = read, step.deadline
            return exchange(connection, message, step.body, step.request.method, step.settings.limits.headers, done)
        except BaseException:
            slot.give_back()
            raise

    def _over_requests(self, step: Send) -> Head:
        from .wire import within

        request, deadline = step.request, step.deadline
        timeout: Any = step.patience
        prepared = self.prepare(request, step.body) if step.prepared is None else step.prepared
        if "?" in str(prepared.url):
            _log.guard(request.secrets)
        session = self._session()
        options = self._options(session, request.url)
        slot = self._slot(timeout[0], request.operation_id)
        try:
            with within(deadline, step.settings.limits.headers):
                if self._given is None and is_genuine(type(session).send, SESSIONS):
                    adapter = type(session).get_adapter(session, request.url)  # requests-mock leaves its own in the session
                    raw = adapter.send(prepared, stream=True, timeout=timeout, **options)
                else:
                    raw = session.send(prepared, stream=True, timeout=timeout, allow_redirects=False, **options)
        except BaseException as error:
            slot.give_back()
            if isinstance(error, Exception) and is_of_a_stand_in(error, session):
                raise StandInError(error) from error
            raise
        lines = getattr(getattr(raw.raw, "_original_response", None), "msg", None)  # a dict would join repeated ones
        number = len(raw.headers if lines is None else lines)
        return Head(raw.status_code, Headers(raw.headers.items()), number, Body(raw, slot), getattr(raw, "request", None))

    def _slot(self, patience: float | None, operation_id: str) -> _Slot:
        """Leave to hold one more connection.

        Raises:
            APITimeoutError: all are in use, for as long as one may wait for a connection.
        """
        free, place = self._free, next(self._untaken, None)
        try:
            return _Slot(free, free.get(timeout=patience) if place is None else place)
        except Empty:
            from .failure import no_connection

            raise no_connection(operation_id, self._most, patience) from None

    def _options(self, session: requests.Session, url: str) -> dict[str, Any]:
        """Proxies, CA bundle and certificate; of a user's session, whatever it says now."""
        return options_of(session, url) if self._given is not None else self._environment.options(session, origin(url))


class _Slot:
    """One connection of those that may be open; free again once, wherever it ends."""

    def __init__(self, free: SimpleQueue[int], place: int) -> None:
        self._free: SimpleQueue[int] | None = free  # a queue: the collector may give a place back while its thread takes one
        self._place = place

    def give_back(self) -> None:
        free, self._free = self._free, None
        if free is not None:
            free.put(self._place)

    __del__ = give_back


# --- sessions ------------------------------------------------------------------------------------


def _new_session(most: int) -> requests.Session:
    import requests
    from requests.adapters import HTTPAdapter

    from .wire import POOLS

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = POOLS

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = POOLS
            return manager

    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter(pool_connections=8, pool_maxsize=most, pool_block=False))
    return session


# --- bodies --------------------------------------------------------------------------------------


class Body:
    """The body of an answer as it arrives."""

    is_over = False  # `requests` says so at the very end

    def __init__(self, raw: requests.Response, slot: _Slot) -> None:
        self._raw = raw
        self._slot = slot
        self._process = os.getpid()
        self._pieces: Iterator[bytes] | None = None
        wire = raw.raw
        consumed = raw._content_consumed  # type: ignore[attr-defined]  # noqa: SLF001 - by a hook of the user's session
        self.is_decoded = consumed or not hasattr(wire, "read1") or not hasattr(wire, "decode_content")

    def read(self, size: int, patience: float | None) -> bytes:
        """The next bytes; none at the end. ``patience``: seconds to wait for them at most."""
        if self._process != os.getpid():
            raise ForeignProcessError
        if self._pieces is None:
            self._pieces = _whole(self._raw, size) if self.is_decoded else _pieces(self._raw.raw, size)
        if patience is None:
            return next(self._pieces, b"")
        from .wire import brief

        sock = getattr(getattr(self._raw.raw, "_connection", None), "sock", None)
        if sock is None:
            return b""
        with brief(sock, patience):
            return next(self._pieces, b"")

    def at_hand(self) -> bytes:
        """Nothing: the library below keeps it to itself."""
        return b""

    def close(self) -> None:
        """Let go of the connection: back to the pool if the body was read, closed if not."""
        self._raw.close()
        self._slot.give_back()


def _whole(response: requests.Response, size: int) -> Iterator[bytes]:
    """An adapter's own idea of a body."""
    if response._content_consumed:  # type: ignore[attr-defined]  # noqa: SLF001 - requests has no door for it
        yield response.content
    else:
        yield from response.iter_content(size)


def _pieces(raw: Any, size: int) -> Iterator[bytes]:
    if getattr(raw._fp, "chunked", raw.chunked) and raw.supports_chunked_reads():  # noqa: SLF001 - urllib3 takes `chunked, gzip` for it
        yield from _contents(raw, size)
        return
    while True:
        piece = raw.read1(size, decode_content=False)
        if piece:
            yield piece
        elif _is_at_end(raw):
            return


def _contents(raw: Any, size: int) -> Iterator[bytes]:
    """A chunked body as it arrives. The connection is given back before the last of it is passed on."""
    from http.client import IncompleteRead

    from .chunked import Chunked, ChunkError
    from .wire import spoil

    chunked = Chunked()
    while not chunked.ended:
        piece = raw._fp.fp.read1(size)  # noqa: SLF001 - urllib3's own readers pass on one chunk at a time
        try:
            content = chunked.feed(piece)
        except ChunkError:
            raise IncompleteRead(b"") from None
        if not piece:
            raise IncompleteRead(b"")
        if chunked.ended:
            if chunked.rest:
                spoil(getattr(raw._connection, "sock", None))  # noqa: SLF001 - as below
            raw._original_response.close()  # noqa: SLF001 - urllib3 has no door for it
            raw.release_conn()
        if content:
            yield content


def _is_at_end(raw: Any) -> bool:
    """Whether an empty read means the end."""
    fp = getattr(raw, "_fp", None)
    return fp is None or raw.closed or getattr(fp, "closed", True) or getattr(fp, "fp", None) is None
