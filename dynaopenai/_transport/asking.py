"""A request whose credentials are asked for before each try -> the request that shows them: the steps of asking. No I/O.

Whoever asks has the turn, in whatever thread or event loop; the others look again a little later.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote_plus

from .._document.openapi import SecurityScheme
from .._request.credential import CredentialSource
from .._request.oauth2 import Grant
from .._request.origin import origin
from .._request.request import Request
from .._request.security import combined
from .._request.settings import Settings
from .._request.showing import showing
from ..errors import APITimeoutError, CredentialError
from .failure import failure
from .reply import CHUNK
from .step import Head, Pause, Piece, Send, Steps, Tell, Work

LARGEST = 1 << 20  # bytes of a token server's answer
AGAIN = 0.005  # seconds


def with_credentials(request: Request, settings: Settings, deadline: float | None) -> Steps[Request]:
    """The request as this try shows it.

    Raises:
        CredentialError: one that was asked gave no credential.
    """
    pairs = []
    for scheme, each in request.pending:
        credential = (yield from _credential(each, scheme, request, settings, deadline)) if isinstance(each, CredentialSource) else each
        if credential:
            pairs.append((scheme, credential))
    try:
        return showing(request, combined(pairs))
    except ValueError as error:
        raise CredentialError(request.operation_id, str(error)) from None


def drop_tokens(request: Request) -> bool:
    """Let go of the tokens that a request showed in vain; whether there were any that can be asked for anew."""
    dropped = [each.drop() for _, each in request.pending if isinstance(each, Grant)]  # each of them
    return any(dropped)


def _credential(
    source: CredentialSource, scheme: SecurityScheme, request: Request, settings: Settings, deadline: float | None
) -> Steps[Any]:
    import inspect

    operation_id = request.operation_id
    while not source.turn.acquire(blocking=False):
        if deadline is not None and time.monotonic() >= deadline:
            raise APITimeoutError(f"{operation_id}: timed out while {source.name} was asked for the credential")
        yield Pause(AGAIN)
    if isinstance(source, Grant):
        try:
            return source.token or (yield from _token(source, scheme, request, settings, deadline))
        finally:
            source.turn.release()
    try:
        answer = yield Work(source)
        if inspect.isawaitable(answer):
            awaited = answer
            answer = yield Tell(lambda _: awaited, None)
    except Exception as error:
        raise source.failed(operation_id, error) from error
    finally:
        source.turn.release()
    return source.checked(answer, operation_id)


def _token(grant: Grant, scheme: SecurityScheme, request: Request, settings: Settings, deadline: float | None) -> Steps[str]:
    """A token of the scheme's token server, asked for once and nowhere else: a redirect is a refusal."""
    import base64

    operation_id = request.operation_id
    url = grant.url(scheme, settings.uri or request.url, operation_id)
    pair = f"{quote_plus(grant.oauth2.client_id)}:{quote_plus(grant.oauth2.client_secret)}".encode()  # RFC 6749 §2.3.1
    headers = {
        "User-Agent": "dynaopenai",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": "Basic " + base64.b64encode(pair).decode(),
    }
    asking = Request(operation_id, "POST", url, headers, grant.body(operation_id).encode(), frozenset({"authorization"}))
    try:
        head: Head = yield Send(asking, None, None, settings, deadline)
    except Exception as error:
        known = failure(error, f"{operation_id}: no token from {origin(url)}", 1)
        if known is None:
            raise
        raise known from None
    text = b""
    try:
        while len(text) < LARGEST and (piece := (yield Piece(head.incoming, CHUNK, deadline))):
            text += piece
    finally:
        head.incoming.close()
    return grant.take(head.status, text.decode("utf-8", "replace"), operation_id)
