"""A Request and what shows its credentials -> the request as it is sent. Again, for the next try: the new takes the old one's place."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, unquote_plus, urlencode, urlsplit, urlunsplit

from .request import Request
from .security import Proof


def showing(request: Request, proof: Proof) -> Request:
    """The request with these credentials; headers that the call gives itself stay as they are."""
    new = {name: text for name, text in proof.headers.items() if name.lower() not in request.fixed}
    if proof.cookies and "cookie" not in request.fixed:
        new["Cookie"] = _cookies(request, proof)
    replaced = {name.lower() for name in new}
    headers = {name: value for name, value in request.headers.items() if name.lower() not in replaced} | new
    return replace(request, headers=headers, url=_url(request.url, proof) if proof.query else request.url)


def _cookies(request: Request, proof: Proof) -> str:
    sent = next((value for name, value in request.headers.items() if name.lower() == "cookie"), "")
    new = dict(proof.cookies)
    kept = [piece for piece in filter(None, sent.split("; ")) if piece.partition("=")[0] not in new]
    return "; ".join([*kept, *(f"{name}={value}" for name, value in new.items())])


def _url(url: str, proof: Proof) -> str:
    parts = urlsplit(url)
    new = {name for name, _ in proof.query}
    kept = [piece for piece in filter(None, parts.query.split("&")) if unquote_plus(piece.partition("=")[0]) not in new]
    return urlunsplit(parts._replace(query="&".join([*kept, urlencode(proof.query, quote_via=quote)])))
