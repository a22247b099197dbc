"""What stands between `requests` and the network, beside other mocks, and handles each request in the network's place.

Rules of this file:
1. `HTTPAdapter.send` is where `requests` meets the network: that is where requests are handled.
2. Another mock that stood there before keeps what is not ours. One that came later, and so hides us, is gone around for what
   is ours: by `Session.get_adapter`, and for requests-mock, which takes that too, in its own adapter.
3. A client that is not `requests` cannot be answered: where it asks for an address of ours, it is told so in words.
4. What stands anywhere is looked at when it is needed, not when anything was imported.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from .._mock.author import Answer
from .._transport import stand_in as _stand_in
from .._transport.genuine import is_genuine
from .body import Body

ASYNCHRONOUS = ("aiohttp", "httpx", "httpx2")
OTHERS = ("httpx", "httpx2", "aiohttp", "httpcore", "urllib3", "urllib")  # whose calls are told by their name


Onward = Callable[[], requests.Response]  # sends a request as it would have gone
Handler = Callable[[requests.PreparedRequest, Onward], requests.Response]


class Interception:
    """In force from `start` until `stop`.

    Args:
        handle: what happens to a request.
        is_ours: whether a URL is for this mock, whatever other mocks there are.
        refuse: what is raised in a client that is not `requests`, by its name and the address that it asks for.
        waits: whether handling a request may take long, as the network does; our calls under asyncio are led here, too.
    """

    def __init__(
        self,
        handle: Handler,
        is_ours: Callable[[str], bool],
        refuse: Callable[[str, str], Exception] | None = None,
        *,
        waits: bool = False,
    ) -> None:
        self._handle, self._is_ours, self._refuse, self._waits = handle, is_ours, refuse, waits
        self.is_on = False
        self._before: list[tuple[Any, str, Any, Any]] = []  # whose attribute was what, and is what

    def start(self) -> None:
        self.is_on = True
        self._stand(HTTPAdapter, "send", self._send)
        self._stand(requests.Session, "get_adapter", self._get_adapter)
        other = sys.modules.get("requests_mock.adapter")
        if other is not None:
            self._stand(other.Adapter, "send", self._send)
        if self._refuse is not None:
            self._stand(socket, "getaddrinfo", self._getaddrinfo)
        _stand_in.begin(waits=self._waits)

    def stop(self) -> None:
        self.is_on = False
        _stand_in.end(waits=self._waits)
        for owner, name, before, ours in reversed(self._before):
            if getattr(owner, name) is ours:  # else it is hidden, and from now on only passes on
                setattr(owner, name, before)
        self._before.clear()

    def _stand(self, owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        before = alive(getattr(owner, name))
        ours = make(before)
        ours.interception, ours.before = self, before  # type: ignore[attr-defined]  # for `alive`
        self._before.append((owner, name, before, ours))
        setattr(owner, name, ours)

    # --- what stands there -----------------------------------------------------------------------

    def _send(self, before: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
        def send(adapter: BaseAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            def onward() -> requests.Response:
                return before(adapter, request, *args, **kwargs)

            if not self.is_on or (not is_genuine(alive(before), "requests.adapters") and not self._is_ours(str(request.url))):
                return onward()
            return self._handle(request, onward)

        return send

    def _get_adapter(self, before: Callable[..., BaseAdapter]) -> Callable[..., BaseAdapter]:
        def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
            if not self.is_on or not self._is_ours(url):
                return before(session, url)
            if any(owner is HTTPAdapter and owner.send is not ours for owner, _, _, ours in self._before):
                return _Door(self._handle)
            return _mounted(session, url)

        return get_adapter

    def _getaddrinfo(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
            places = [f"{scheme}://{name}:{port}" for scheme in ("https", "http")]
            if self.is_on and self._refuse is not None and any(map(self._is_ours, places)):
                raise self._refuse(_who(), name)
            return before(host, port, *args, **kwargs)

        return getaddrinfo


class _Door(BaseAdapter):
    """An adapter that leads to us."""

    def __init__(self, handle: Handler) -> None:
        super().__init__()
        self._handle = handle

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        def onward() -> requests.Response:
            return HTTPAdapter().send(request, *args, **kwargs)

        return self._handle(request, onward)

    def close(self) -> None:
        """Nothing is open."""


def alive(function: Callable[..., Any]) -> Callable[..., Any]:
    """What stands below those of ours that only pass on: they were hidden when they were stopped."""
    while isinstance(getattr(function, "interception", None), Interception) and not function.interception.is_on:  # type: ignore[attr-defined]  # ours
        function = function.before  # type: ignore[attr-defined]  # ours
    return function


def _mounted(session: requests.Session, url: str) -> BaseAdapter:
    """The adapter that a session has for a URL, whoever answers for `Session.get_adapter`."""
    for prefix, adapter in session.adapters.items():
        if url.lower().startswith(prefix.lower()):
            return adapter
    raise requests.exceptions.InvalidSchema(f"No connection adapters were found for {url!r}")


def _who() -> str:
    """The client whose call this is, as far as the stack tells; an event loop asks for addresses in a thread of its own."""
    frame, found = sys._getframe(), set()  # noqa: SLF001 - the stack is the only one that knows
    while frame is not None:
        found.add(str(frame.f_globals.get("__name__", "")).partition(".")[0])
        frame = frame.f_back  # type: ignore[assignment]  # ends with None
    known = [name for name in OTHERS if name in found]
    loaded = [name for name in ASYNCHRONOUS if name in sys.modules]
    return known[0] if known else " or ".join(loaded) or "another client"


# --- answers -------------------------------------------------------------------------------------


def answered(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    """An answer as `requests` hands it over."""
    body = answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)
    headers = {**({"Content-Type": answer.content_type} if answer.content_type else {}), **answer.headers}
    headers.setdefault("x-request-id", "req_mock")
    if not body and answer.status not in (204, 205, 304):
        headers.setdefault("Content-Length", "0")  # or nobody knows, without a Content-Type, that there is none
    return built(request, answer.status, headers, body)


def built(request: requests.PreparedRequest, status: int, headers: dict[str, str], body: bytes) -> requests.Response:
    from urllib3 import HTTPResponse

    raw = HTTPResponse(
        body=Body(body),
        headers=headers,
        status=status,
        preload_content=False,
        request_method=request.method,
        original_response=_Original(headers),  # type: ignore[arg-type]  # cookies are read from it, and no more
    )
    return HTTPAdapter().build_response(request, raw)


class _Original:
    """What http.client would have handed to urllib3, for those who read cookies from it."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.msg = HTTPMessage()
        for name, value in headers.items():
            self.msg[name] = value

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of a URL, the scheme's own port told."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or usual


def octets(body: Any) -> bytes:
    """A request's body, read to its end."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return b"".join(body)
