"""Request -> Reply, over `requests`; the only module that does network I/O for a call.

Rules of this file:
1. Every failure of the libraries below becomes an APIConnectionError or APITimeoutError that says what happened,
   and nothing of theirs hangs on it: their words may hold a URL with a key.
2. Credentials stay with the origin they were meant for: a redirect elsewhere goes without them.
3. A request is tried again only if its body can be sent again, and all tries have one Idempotency-Key.
4. Whoever holds a connection lets go of it on every way out.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from .._request.request import Request
from .._request.settings import Settings
from ..errors import APIConnectionError, APITimeoutError
from . import log as _log
from . import retry as _retry
from .failure import failure
from .progress import shown
from .redirect import REDIRECTS, origin, redirected
from .reply import Reply
from .sending import Sending

if TYPE_CHECKING:
    import requests

MAX_REDIRECTS = 10
POOL = 32  # connections that are kept per origin; more are made when more are in use
ORIGINS = 64  # for which the environment's proxies are remembered
LEAN = "requests.sessions"  # where Session.send comes from while no test has replaced it
UNSAFE = frozenset({"POST", "PATCH"})

T = TypeVar("T")


class Transport:
    """Sends requests over one `requests.Session`: its own, or the user's."""

    def __init__(self, session: requests.Session | None = None) -> None:
        self._given = session
        self._own: requests.Session | None = None
        self._lock = threading.Lock()
        self._environment: dict[str, dict[str, Any]] = {}
        _log.set_up()

    def __reduce__(self) -> tuple[Any, ...]:
        return Transport, ()

    def close(self) -> None:
        """Close the connections of its own session; a user's session is left to the user."""
        with self._lock:
            own, self._own = self._own, None
            self._environment = {}
        if own is not None:
            own.close()

    # --- preparing -------------------------------------------------------------------------------

    def prepare(self, request: Request, body: Any = None) -> requests.PreparedRequest:
        """The request as `requests` sends it; ``body`` is sent in the place of the request's own."""
        import requests

        body = request.body if body is None else body
        headers = {**request.headers, **_framing(request)}
        if not _has(headers, "accept-encoding"):
            headers["Accept-Encoding"] = requests.utils.DEFAULT_ACCEPT_ENCODING
        if self._given is not None and not request.away:
            return _merged(self._given, request, headers, body)
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = request.method, request.url, body
        prepared.headers = requests.structures.CaseInsensitiveDict(headers)
        prepared._cookies = requests.cookies.RequestsCookieJar()  # type: ignore[attr-defined]  # noqa: SLF001
        if self._given is not None and not _has(headers, "cookie"):
            prepared.prepare_cookies(_of_a_host(self._given.cookies))
        return prepared

    def _session(self) -> requests.Session:
        if self._given is not None:
            return self._given
        own = self._own
        if own is None:
            with self._lock:
                own = self._own = self._own or _new_session()
        return own

    # --- sending ---------------------------------------------------------------------------------

    def send(self, request: Request, settings: Settings, read: Callable[[Reply], T]) -> T:
        """Send, follow redirects, and try again where that may help. An answer has come when it is ``read``.

        Raises:
            APIConnectionError, APITimeoutError: there is no answer, or not all of it.
        """
        deadline = time.monotonic() + settings.total if settings.total is not None else None
        if request.method in UNSAFE and settings.max_retries and not _has(request.headers, "idempotency-key"):
            request = replace(request, headers={**request.headers, "Idempotency-Key": f"dynaopenai-{secrets.token_hex(16)}"})
        once = not (request.body is None or isinstance(request.body, bytes) or request.body.replayable)
        for attempt in count(1):
            is_last = attempt > settings.max_retries
            reply = None
            try:
                reply = self._follow(request, settings, attempt, deadline)
                event = _event(reply)
                if event is None or is_last or once or not _is_left(deadline, event.delay):
                    reply.note = ONCE if event is not None and once and not is_last else ""
                    return read(reply)
                reply.close()
            except APIConnectionError as error:
                event = _retry.Retry(request.operation_id, attempt, _retry.delay(attempt, {}), error)
                if is_last or once or not error.retryable or not _is_left(deadline, event.delay):
                    raise _said_so(error) if error.retryable and once and not is_last else error from None
            except BaseException:
                if reply is not None and not reply.held:
                    reply.close()
                raise
            _pause(event, settings)
        raise AssertionError  # the last try returns or raises

    def resume(self, reply: Reply, received: int, attempt: int) -> Reply | None:
        """The rest of an answer that broke off, or all of it again; None where that cannot be had."""
        request, settings = reply.request, reply.settings
        pause = _retry.delay(attempt, {})
        if request.method != "GET" or attempt > settings.max_retries or not _is_left(reply.deadline, pause):
            return None
        validator = reply.headers.get("etag") or reply.headers.get("last-modified") or ""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("range", "if-range")}
        if received and validator and not validator.startswith("W/") and "content-encoding" not in reply.headers:
            headers |= {"Range": f"bytes={received}-", "If-Range": validator}
        time.sleep(pause)
        return self._follow(replace(request, headers=headers), settings, reply.attempts + 1, reply.deadline)

    def _follow(self, request: Request, settings: Settings, attempt: int, deadline: float | None) -> Reply:
        for _ in range(MAX_REDIRECTS + 1):
            reply = self._once(request, settings, attempt, deadline)
            location = reply.headers.get("location")
            if reply.status not in REDIRECTS or not location:
                return reply
            reply.close()
            request = redirected(request, reply.status, location)
        message = f"{request.operation_id}: more than {MAX_REDIRECTS} redirects, the last one to {origin(request.url)}"
        raise APIConnectionError(message, attempts=attempt, retryable=False)

    def _once(self, request: Request, settings: Settings, attempt: int, deadline: float | None) -> Reply:
        message = f"{request.operation_id}: no answer from {origin(request.url)}"
        if deadline is not None and time.monotonic() >= deadline:
            raise APITimeoutError(f"{message}: timed out", attempts=attempt)
        sending = None
        with ExitStack() as stack:
            if request.body is not None and not isinstance(request.body, bytes):
                report = stack.enter_context(shown(settings.progress, "sending"))
                sending = Sending(request.body, request.body.length, deadline, report)
            prepared = self.prepare(request, sending)
            if settings.on_request is not None:
                settings.on_request(prepared.copy() if request.away else prepared)  # nothing is added to what leaves its origin
            _log.sent(request)
            started = time.perf_counter()
            try:
                raw = self._exchange(prepared, request, settings, deadline, stack)
            except Exception as error:
                known = _told(sending, error, message, request, attempt)
                if known is None:
                    raise
            else:
                raw.elapsed = timedelta(seconds=time.perf_counter() - started)
                return self._reply(raw, request, settings, attempt, deadline)
        raise known

    def _exchange(
        self, prepared: requests.PreparedRequest, request: Request, settings: Settings, deadline: float | None, stack: ExitStack
    ) -> requests.Response:
        timeout: Any = settings.steps
        if deadline is not None:
            from .wire import within

            timeout = _bounded(timeout, deadline - time.monotonic())
            stack.enter_context(within(deadline))
        if "?" in str(prepared.url):
            _log.guard(request.secrets)
        if settings.limits.headers != 100:
            from .wire import allow_headers

            allow_headers(settings.limits.headers or 1 << 30)
        session = self._session()
        options = self._options(session, request.url)
        if self._given is None and type(session).send.__module__ == LEAN:
            adapter = session.get_adapter(request.url)  # what Session.send adds is for cookies and hooks
            return adapter.send(prepared, stream=True, timeout=timeout, **options)
        return session.send(prepared, stream=True, timeout=timeout, allow_redirects=False, **options)

    def _reply(
        self, raw: requests.Response, request: Request, settings: Settings, attempt: int, deadline: float | None
    ) -> Reply:
        reply = Reply(request, raw, attempt, settings, deadline, self)
        _log.received(request, reply.status, raw.elapsed.total_seconds(), reply.headers)
        limit = settings.limits.headers
        lines = getattr(getattr(raw.raw, "_original_response", None), "msg", None)  # a dict would join repeated ones
        number = len(raw.headers if lines is None else lines)
        if reply.status < 200 or (limit is not None and number > limit):
            reply.close()
            found = f"{number} headers, more than {limit}" if reply.status >= 200 else f"the status {reply.status}"
            message = f"{request.operation_id}: found {found}, in the answer from {origin(request.url)}"
            raise APIConnectionError(message, attempts=attempt, retryable=False)
        return reply

    def _options(self, session: requests.Session, url: str) -> dict[str, Any]:
        """Proxies, CA bundle and certificate from the environment, worked out once per origin for our own session."""
        if self._given is not None:
            return _from_environment(session, url)
        site = origin(url)
        options = self._environment.get(site)
        if options is None:
            if len(self._environment) >= ORIGINS:
                self._environment = {}
            options = self._environment[site] = _from_environment(session, url)
        return options


# --- sessions ------------------------------------------------------------------------------------


def _new_session() -> requests.Session:
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
        session.mount(scheme, Adapter(pool_connections=8, pool_maxsize=POOL, pool_block=False))
    return session


def _merged(session: requests.Session, request: Request, headers: dict[str, str], body: Any) -> requests.PreparedRequest:
    """With what the user's session adds: its headers, parameters, cookies and auth."""
    import requests

    nothing = lambda prepared: prepared  # noqa: E731 - without any auth, ~/.netrc would replace the API's credential
    auth = session.auth or nothing
    prepared = session.prepare_request(requests.Request(request.method, request.url, headers=headers, auth=auth))
    prepared.body = body
    for name in ("Content-Length", "Transfer-Encoding"):
        prepared.headers.pop(name, None)
        if name in headers:
            prepared.headers[name] = headers[name]
    return prepared


def _of_a_host(jar: Any) -> Any:
    """The cookies that belong to a host; the others would go to any."""
    import requests

    kept = requests.cookies.RequestsCookieJar()
    for cookie in jar:
        if cookie.domain:
            kept.set_cookie(cookie)
    return kept


def _from_environment(session: requests.Session, url: str) -> dict[str, Any]:
    own = session.verify if session.verify is not True else None  # or the environment would go before it
    options = dict(session.merge_environment_settings(url, {}, None, own, None))
    del options["stream"]
    return options


def _framing(request: Request) -> dict[str, str]:
    body = request.body
    if body is None:
        return {"Content-Length": "0"} if request.method in ("POST", "PUT", "PATCH") else {}
    length = len(body) if isinstance(body, bytes) else body.length
    return {"Content-Length": str(length)} if length is not None else {"Transfer-Encoding": "chunked"}


# --- trying again --------------------------------------------------------------------------------

ONCE = "not tried again: the body cannot be sent a second time"


def _event(reply: Reply) -> _retry.Retry | None:
    """What a status that is worth another try amounts to."""
    if not _retry.is_retried(reply.status, reply.headers):
        return None
    pause = _retry.delay(reply.attempts, reply.headers)
    return _retry.Retry(reply.request.operation_id, reply.attempts, pause, None, reply.status, reply.headers)


def _pause(event: _retry.Retry, settings: Settings) -> None:
    _log.LOGGER.info("%s", event)
    if settings.on_retry is not None:
        settings.on_retry(event)
    time.sleep(event.delay)


def _said_so(error: APIConnectionError) -> APIConnectionError:
    error.args = (f"{error}; {ONCE}",)
    return error


def _is_left(deadline: float | None, pause: float) -> bool:
    return deadline is None or time.monotonic() + pause < deadline


def _bounded(timeout: Any, left: float) -> tuple[float, float]:
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    left = max(left, 0.001)
    return (left if connect is None else min(connect, left), left if read is None else min(read, left))


def _told(
    sending: Sending | None, error: Exception, message: str, request: Request, attempt: int
) -> APIConnectionError | None:
    """A failure as ours; the body's own is told as that."""
    if sending is not None and sending.failure is not None:
        said = sending.failure.strerror if isinstance(sending.failure, OSError) else None
        words = f"{request.operation_id}: the body broke off after {sending.sent:,} bytes: {said or sending.failure}"
        return APIConnectionError(words, attempts=attempt, retryable=False)
    known = failure(error, message, attempt)
    if known is not None and sending is not None and sending.sent:
        known.args = (f"{known}; {sending.sent:,} bytes of the body were sent",)
    return known


def _has(headers: Mapping[str, str], name: str) -> bool:
    return name in map(str.lower, headers)
