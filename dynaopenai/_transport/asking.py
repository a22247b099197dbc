"""A request whose credentials are asked for before each try -> the request that shows them: the steps of asking. No I/O.

Whoever asks has the turn, in whatever thread or event loop; the others look again a little later.
"""

from __future__ import annotations

import inspect
import time
from typing import Any

from .._request.credential import Asked
from .._request.request import Request
from .._request.security import combined
from .._request.showing import showing
from ..errors import APITimeoutError, CredentialError
from .step import Pause, Steps, Tell, Work

AGAIN = 0.005  # seconds


def asked(request: Request, deadline: float | None) -> Steps[Request]:
    """The request as this try shows it.

    Raises:
        CredentialError: one that was asked gave no credential.
    """
    pairs = []
    for scheme, each in request.pending:
        credential = (yield from _credential(each, request.operation_id, deadline)) if isinstance(each, Asked) else each
        if credential:
            pairs.append((scheme, credential))
    try:
        return showing(request, combined(pairs))
    except ValueError as error:
        raise CredentialError(request.operation_id, str(error)) from None


def _credential(source: Asked, operation_id: str, deadline: float | None) -> Steps[Any]:
    while not source.turn.acquire(blocking=False):
        if deadline is not None and time.monotonic() >= deadline:
            raise APITimeoutError(f"{operation_id}: timed out while {source.name} was asked for the credential")
        yield Pause(AGAIN)
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
