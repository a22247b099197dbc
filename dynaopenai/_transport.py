"""Request -> Reply, over `requests`; the only module that does network I/O for a call.

Rules of this file:
1. Every failure of the libraries below becomes an APIConnectionError or APITimeoutError that says what happened;
   their own words, which may hold a URL with a key, are not passed on.
2. Credentials stay with the origin they were meant for: a redirect elsewhere goes without them.
3. A request is tried again only if its body can be sent again.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from . import _retry
from ._request import Request
from ._settings import Settings, Timeout
from .errors import APIConnectionError, APITimeoutError, count

if TYPE_CHECKING:
    import requests

MAX_ANSWER = 1 << 30
MAX_REDIRECTS = 10
CHUNK = 1 << 16
POOL = 32
UNSAFE = frozenset({"POST", "PATCH"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass
class Reply:
    """An answer whose body has not been read yet."""

    request: Request
    raw: requests.Response
    attempts: int

    @property
    def status(self) -> int:
        return self.raw.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self.raw.headers

    @property
    def elapsed(self) -> timedelta:
        return self.raw.elapsed

    def read(self, limit: int = MAX_ANSWER) -> bytes:
        """The whole body; the connection goes back to the pool.

        Raises:
            APIConnectionError: it broke off, or is larger than ``limit`` bytes.
        """
        pieces: list[bytes] = []
        received = 0
        for piece in self.chunks():
            received += len(piece)
            if received > limit:
                self.close()
                raise APIConnectionError(
                    f"{self._name}: the answer is larger than {limit:,} bytes", attempts=self.attempts, received=received
                )
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """The body as it arrives, decompressed, in pieces of at most about ``size`` bytes.

        Raises:
            APIConnectionError: the connection was lost before the end.
        """
        raw = self.raw.raw
        received = 0
        try:
            while True:
                piece = raw.read1(size, decode_content=True)
                if not piece:
                    if _is_at_end(raw):
                        break
                    continue
                received += len(piece)
                yield piece
        except Exception as error:
            known = _failure(error, f"{self._name}: the answer broke off after {received:,} bytes", self.attempts, received)
            if known is None:
                raise
            raise known from None
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connection: back to the pool if the body was read, closed if not."""
        self.raw.close()

    @property
    def _name(self) -> str:
        return self.request.operation_id


def _is_at_end(raw: Any) -> bool:
    """Whether an empty read means the end, rather than a piece that decompressed to nothing yet."""
    fp = getattr(raw, "_fp", None)
    return fp is None or raw.closed or getattr(fp, "closed", True) or getattr(fp, "fp", None) is None


class Transport:
    """Sends requests over one `requests.Session`: its own, or the user's."""

    def __init__(self, session: requests.Session | None = None) -> None:
        self._given = session
        self._own: requests.Session | None = None
        self._lock = threading.Lock()
        self._environment: dict[str, dict[str, Any]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Transport, ()

    def close(self) -> None:
        """Close the connections of its own session; a user's session is left to the user."""
        with self._lock:
            if self._own is not None:
                self._own.close()
                self._own = None

    # --- preparing -------------------------------------------------------------------------------

    def prepare(self, request: Request) -> requests.PreparedRequest:
        """The request as `requests` sends it."""
        import requests

        prepared = requests.PreparedRequest()
        headers = dict(request.headers)
        body: Any = request.body
        if body is None and request.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = "0"
        elif isinstance(body, bytes):
            headers["Content-Length"] = str(len(body))
        elif body is not None and body.length is not None:
            headers["Content-Length"] = str(body.length)
        elif body is not None:
            headers["Transfer-Encoding"] = "chunked"
        if self._given is not None:
            return self._merged(request, headers, body)
        prepared.method, prepared.url, prepared.body = request.method, request.url, body
        prepared.headers = requests.structures.CaseInsensitiveDict(headers)
        prepared._cookies = requests.cookies.RequestsCookieJar()  # type: ignore[attr-defined]  # noqa: SLF001
        return prepared

    def _merged(self, request: Request, headers: dict[str, str], body: Any) -> requests.PreparedRequest:
        """With what the user's session adds: its headers, cookies and auth."""
        import requests

        assert self._given is not None
        auth = self._given.auth or (lambda prepared: prepared)  # or ~/.netrc would replace the API's credential
        bare = requests.Request(request.method, request.url, headers=headers, auth=auth)
        prepared = self._given.prepare_request(bare)
        prepared.body = body
        for name in ("Content-Length", "Transfer-Encoding"):
            prepared.headers.pop(name, None)
            if name in headers:
                prepared.headers[name] = headers[name]
        return prepared

    def _session(self) -> requests.Session:
        if self._given is not None:
            return self._given
        if self._own is None:
            with self._lock:
                if self._own is None:
                    self._own = _new_session()
        return self._own

    # --- sending ---------------------------------------------------------------------------------

    def send(self, request: Request, settings: Settings) -> Reply:
        """Send, follow redirects, and try again where that may help.

        Raises:
            APIConnectionError, APITimeoutError: there is no answer.
        """
        replayable = request.body is None or isinstance(request.body, bytes) or request.body.replayable
        tries = settings.max_retries + 1 if replayable else 1
        if request.method in UNSAFE and settings.max_retries and not _has(request.headers, "idempotency-key"):
            request = replace(request, headers={**request.headers, "Idempotency-Key": f"dynaopenai-{uuid.uuid4()}"})
        for attempt in range(1, tries + 1):
            try:
                reply = self._follow(request, settings, attempt)
            except APIConnectionError as error:
                if attempt == tries:
                    raise
                pause = _retry.delay(attempt, {})
                del error
            else:
                if attempt == tries or not _retry.is_retried(reply.status, reply.headers) or reply.status < 400:
                    return reply
                pause = _retry.delay(attempt, reply.headers)
                reply.close()
            time.sleep(pause)
        raise AssertionError  # the last try returns or raises

    def _follow(self, request: Request, settings: Settings, attempt: int) -> Reply:
        for _ in range(MAX_REDIRECTS):
            reply = self._once(request, settings.timeout, attempt)
            location = reply.headers.get("location")
            if reply.status not in REDIRECTS or not location:
                return reply
            reply.close()
            request = _redirected(request, reply.status, location)
        raise APIConnectionError(
            f"{request.operation_id}: more than {MAX_REDIRECTS} redirects, the last one to {_origin(request.url)}",
            attempts=attempt,
        )

    def _once(self, request: Request, timeout: Timeout, attempt: int) -> Reply:
        session = self._session()
        prepared = self.prepare(request)
        try:
            options = self._options(session, request.url)
            raw = session.send(prepared, stream=True, timeout=timeout, allow_redirects=False, **options)
        except Exception as error:
            known = _failure(error, f"{request.operation_id}: no answer from {_origin(request.url)}", attempt)
            if known is None:
                raise
            raise known from None
        return Reply(request, raw, attempt)

    def _options(self, session: requests.Session, url: str) -> dict[str, Any]:
        """Proxies, CA bundle and certificate from the environment, worked out once per origin for our own session."""
        origin = _origin(url)
        options = self._environment.get(origin)
        if options is None or self._given is not None:
            options = dict(session.merge_environment_settings(url, {}, True, None, None))
            options.pop("stream", None)
            self._environment[origin] = options
        return options


def _new_session() -> requests.Session:
    import requests
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=8, pool_maxsize=POOL, pool_block=False))
    return session


# --- redirects -----------------------------------------------------------------------------------


def _redirected(request: Request, status: int, location: str) -> Request:
    """The request that a redirect asks for (RFC 9110 §15.4); credentials go only to the same origin."""
    url = urljoin(request.url, location)
    if urlsplit(url).scheme not in ("http", "https"):
        raise APIConnectionError(f"{request.operation_id}: redirected to {urlsplit(url).scheme}:, expected http or https")
    headers = dict(request.headers)
    method, body = request.method, request.body
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        method, body = "GET", None
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    if body is not None and not isinstance(body, bytes) and not body.replayable:
        raise APIConnectionError(f"{request.operation_id}: redirected, and the body cannot be sent a second time")
    if _origin(url) != _origin(request.url):
        headers = {name: value for name, value in headers.items() if name.lower() not in request.secrets}
    return replace(request, method=method, url=url, headers=headers, body=body)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _has(headers: Mapping[str, str], name: str) -> bool:
    return any(key.lower() == name for key in headers)


# --- failures ------------------------------------------------------------------------------------


def _failure(error: Exception, message: str, attempts: int, received: int = 0) -> APIConnectionError | None:
    """A failure of `requests`, urllib3 or the socket as ours; None for what is not theirs."""
    import http.client

    import requests
    import urllib3

    below = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)
    if isinstance(error, APIConnectionError) or not isinstance(error, below):
        return error if isinstance(error, APIConnectionError) else None
    tried = f" ({count(attempts, 'try').replace('trys', 'tries')})" if attempts > 1 else ""
    timeouts = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    refused = urllib3.exceptions.NewConnectionError  # which urllib3 derives from a timeout
    if any(isinstance(cause, timeouts) and not isinstance(cause, refused) for cause in _chain(error)):
        return APITimeoutError(f"{message}: timed out{tried}", attempts=attempts, received=received)
    return APIConnectionError(f"{message}: {_reason(error)}{tried}", attempts=attempts, received=received)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what stands behind it."""
    seen: set[int] = set()
    stack: list[BaseException | None] = [error]
    while stack:
        current = stack.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        stack += [current.__cause__, current.__context__, getattr(current, "reason", None)]
        stack += [part for part in current.args if isinstance(part, BaseException)]
        stack = [part for part in stack if isinstance(part, BaseException)]


def _reason(error: BaseException) -> str:
    """The innermost cause in plain words, without any URL."""
    for cause in _chain(error):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    for cause in _chain(error):
        name = type(cause).__name__
        if name == "IncompleteRead":
            return "the connection was closed before the announced end"
        if name in _REASONS:
            return _REASONS[name]
    return f"the connection failed ({type(error).__name__})"


_REASONS = {
    "NameResolutionError": "the host name cannot be resolved",
    "RemoteDisconnected": "the server closed the connection without answering",
    "InvalidChunkLength": "the connection was closed in the middle of a chunk",
    "DecodeError": "the body is not compressed as its Content-Encoding says",
    "SSLError": "the TLS connection failed; see REQUESTS_CA_BUNDLE for a private certificate authority",
    "SSLCertVerificationError": "the server's certificate cannot be verified; see REQUESTS_CA_BUNDLE",
    "BadStatusLine": "the server does not speak HTTP",
    "ProxyError": "the proxy refused the connection",
    "InvalidProxyURL": "the proxy's URL is not valid",
    "LineTooLong": "a header of the answer is too long",
    "HeaderParsingError": "the answer's headers cannot be read",
    "ProtocolError": "the connection was closed in the middle of the answer",
}
