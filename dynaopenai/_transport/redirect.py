"""A redirect -> the request that it asks for (RFC 9110 §15.4). No I/O.

Credentials go only to the origin that they were meant for; where a redirect leads away from it, they stay behind.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit

from .._request.origin import origin as origin_of
from .._request.request import Request
from ..errors import APIConnectionError

REDIRECTS = frozenset({301, 302, 303, 307, 308})
URL = "!#$%&'()*+,/:;=?@[]~"  # what stays as it is; servers send the rest as raw bytes


def redirected(request: Request, status: int, location: str, shown: tuple[str, ...] = ()) -> Request:
    """The request that a redirect asks for (RFC 9110 §15.4); credentials go only to the same origin. ``shown``: those sent before."""
    from .._secrecy.names import is_secret

    try:
        url = urljoin(request.url, quote(location.encode("latin-1", "replace"), safe=URL))
        scheme = urlsplit(url).scheme
        if scheme not in ("http", "https"):
            raise _no_redirect(request, f"redirected to {scheme}:, expected http or https")
        same = origin_of(url) == origin_of(request.url)
    except ValueError:
        raise _no_redirect(request, "redirected to what is no URL") from None
    headers = dict(request.headers)
    method, body = request.method, request.body
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        method, body = "GET", None
        headers = {name: value for name, value in headers.items() if name.lower() not in ("content-type", "idempotency-key")}
    if body is not None and not isinstance(body, bytes) and not body.replayable:
        raise _no_redirect(request, "redirected, and the body cannot be sent a second time")
    away = request.away or not same
    if away:
        headers = {name: value for name, value in headers.items() if not is_secret(name, request.secrets)}
    return replace(request, method=method, url=url, headers=headers, body=body, away=away, left_behind=shown)


def _no_redirect(request: Request, message: str) -> APIConnectionError:
    return APIConnectionError(f"{request.operation_id}: {message}", retryable=False)


def origin(url: str) -> str:
    """What may be shown of a URL, and what its proxies are chosen by."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


