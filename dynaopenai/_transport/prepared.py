"""A request as `requests` sends it, with what a user's session adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._request.request import Request
from .http1 import headers_of

if TYPE_CHECKING:
    import requests


def prepared(request: Request, body: Any, session: requests.Session | None) -> requests.PreparedRequest:
    """The request as `requests` sends it, with what a user's session adds."""
    import requests

    headers = headers_of(request)
    if session is not None and not request.away:
        return _merged(session, request, headers, body)
    made = requests.PreparedRequest()
    made.method, made.url, made.body = request.method, request.url, body
    made.headers = requests.structures.CaseInsensitiveDict(headers)
    made._cookies = requests.cookies.RequestsCookieJar()  # type: ignore[attr-defined]  # noqa: SLF001 - requests has no door for it
    if session is not None and "cookie" not in map(str.lower, headers):
        made.prepare_cookies(_of_a_host(session.cookies))
    return made


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
