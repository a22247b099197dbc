"""The steps of a call: try, follow a redirect, wait, try again, give up; and ask for the rest of an answer. No I/O.

Rules of this file:
1. Every failure of the libraries below becomes an APIConnectionError or APITimeoutError that says what happened,
   and nothing of theirs hangs on it: their words may hold a URL with a key.
2. Credentials stay with the origin they were meant for: a redirect elsewhere goes without them.
3. A request is tried again only if its body can be sent again, and all tries have one Idempotency-Key.
4. Whoever holds a connection lets go of it on every way out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from .._request.request import Request
from .._request.settings import Settings
from ..errors import APIConnectionError, APITimeoutError
from . import log as _log
from . import retry as _retry
from .redirect import REDIRECTS, origin, redirected
from .reply import Reply
from .step import Head, Pause, Prepare, Send, Steps, Tell

if TYPE_CHECKING:
    from .._request.multipart import Multipart, Upload
    from .sending import Sending

MAX_REDIRECTS = 10
UNAUTHORIZED = 401
UNSAFE = frozenset({"POST", "PATCH"})
ONCE = "not tried again: the body cannot be sent a second time"

T = TypeVar("T")


def call(request: Request, settings: Settings, read: Callable[[Reply], Steps[T]]) -> Steps[T]:
    """Send, follow redirects, and try again where that may help. An answer has come when it is ``read``.

    Raises:
        APIConnectionError, APITimeoutError: there is no answer, or not all of it.
    """
    deadline = time.monotonic() + settings.total if settings.total is not None else None
    if request.method in UNSAFE and settings.max_retries and "idempotency-key" not in map(str.lower, request.headers):
        request = request.with_headers({**request.headers, "Idempotency-Key": f"dynaopenai-{os.urandom(16).hex()}"})
    once = not (request.body is None or isinstance(request.body, bytes) or request.body.replayable)
    renewed = False  # a token that is no longer taken is asked for anew, once
    for attempt in count(1):
        is_last = attempt > settings.max_retries
        reply = None
        try:
            reply = yield from _followed(request, settings, attempt, deadline)
            if reply.status == UNAUTHORIZED and not once and not renewed and _dropped(request):
                renewed = True
                reply.close()
                reply = yield from _followed(request, settings, attempt, deadline)
            retry = _retry.after_answer(request.operation_id, attempt, reply.status, reply.headers)
            if retry is None or is_last or once or not _is_left(deadline, retry.delay) or _is_too_long(retry, settings):
                reply.note = _note(retry, settings, once=once) if retry is not None and not is_last else ""
                return (yield from read(reply))
            reply.close()
        except APIConnectionError as error:
            retry = _retry.after_failure(request.operation_id, attempt, error)
            if is_last or once or not error.retryable or not _is_left(deadline, retry.delay):
                raise _with_note(error) if error.retryable and once and not is_last else error from None
        except BaseException:
            if reply is not None and not reply.held:
                reply.close()
            raise
        yield from _waited(retry, settings)
    raise AssertionError  # the last try returns or raises


def resume(reply: Reply, received: int, attempts: Iterator[int]) -> Steps[Reply | None]:
    """The rest of an answer that broke off, or all of it again, tried as often as a call; None where it cannot be had.

    Args:
        reply: the answer that broke off, whose validators the rest must have.
        received: how many bytes of it are there.
        attempts: numbers what is tried, from 1, over all breaks of one answer.
    """
    request, settings = _asking_for_the_rest(reply, received), reply.settings
    pause: float | None = None
    for attempt in attempts:
        pause = _retry.delay(attempt, {}) if pause is None else pause
        if request.method != "GET" or attempt > settings.max_retries or not _is_left(reply.deadline, pause):
            return None
        yield Pause(pause)
        pause = None
        try:
            rest = yield from _followed(request, settings, reply.attempts + attempt, reply.deadline)
        except APIConnectionError as error:
            if not error.retryable:
                raise
            continue
        retry = _retry.after_answer(request.operation_id, attempt + 1, rest.status, rest.headers)
        if retry is None:
            return rest
        rest.close()
        pause = retry.delay
    return None


def _asking_for_the_rest(reply: Reply, received: int) -> Request:
    validator = validator_of(reply)
    request = reply.request
    headers = {name: value for name, value in request.headers.items() if name.lower() not in ("range", "if-range")}
    if received and validator and not validator.startswith("W/") and "content-encoding" not in reply.headers:
        headers |= {"Range": f"bytes={received}-", "If-Range": validator}
    return request.with_headers(headers)


def validator_of(reply: Reply) -> str:
    """What tells one state of a file from another (RFC 9110 §8.8)."""
    return reply.headers.get("etag") or reply.headers.get("last-modified") or ""


def _dropped(request: Request) -> bool:
    from .asking import drop_tokens

    return drop_tokens(request)


def _followed(request: Request, settings: Settings, attempt: int, deadline: float | None) -> Steps[Reply]:
    """The answer of the place that redirects lead to."""
    if request.pending and not request.away:
        from .asking import with_credentials

        request = yield from with_credentials(request, settings, deadline)
    for _ in range(MAX_REDIRECTS + 1):
        reply = yield from _once(request, settings, attempt, deadline)
        location = reply.headers.get("location")
        if reply.status not in REDIRECTS or not location:
            return reply
        reply.close()
        request = redirected(request, reply.status, location, request.shown(reply.head.sent))
    message = f"{request.operation_id}: more than {MAX_REDIRECTS} redirects, the last one to {origin(request.url)}"
    raise APIConnectionError(message, attempts=attempt, retryable=False)


def _once(request: Request, settings: Settings, attempt: int, deadline: float | None) -> Steps[Reply]:
    if deadline is not None and time.monotonic() >= deadline:
        raise APITimeoutError(_unanswered(request) + ": timed out", attempts=attempt)
    if request.body is None or isinstance(request.body, bytes):
        return _sent(request, None, settings, attempt, deadline)
    return _streamed(request, request.body, settings, attempt, deadline)


def _streamed(request: Request, body: Multipart | Upload, settings: Settings, attempt: int, deadline: float | None) -> Steps[Reply]:
    from .progress import shown
    from .sending import Sending

    with shown(settings.progress, "sending") as report:
        sending = Sending(body, body.length, deadline, report)
        return (yield from _sent(request, sending, settings, attempt, deadline))


def _sent(request: Request, sending: Sending | None, settings: Settings, attempt: int, deadline: float | None) -> Steps[Reply]:
    """
    Args:
        sending: the body, where it is streamed.
    """
    prepared = None
    if settings.on_request is not None:
        prepared = yield Prepare(request, sending)
        yield Tell(settings.on_request, prepared.copy() if request.away else prepared)  # nothing is added to what leaves its origin
    _log.sent(request)
    started = time.perf_counter()
    try:
        head: Head = yield Send(request, sending, prepared, settings, deadline)
    except Exception as error:
        known = _failure(sending, error, request, attempt)
        if known is None:
            raise
    else:
        elapsed = timedelta(seconds=time.perf_counter() - started)
        return _accepted(Reply(request, head, attempt, settings, elapsed, deadline))
    raise known


def _unanswered(request: Request) -> str:
    return f"{request.operation_id}: no answer from {origin(request.url)}"


def _accepted(reply: Reply) -> Reply:
    """The reply, where its head is one that can be taken."""
    request, number = reply.request, reply.head.lines
    _log.received(request, reply.status, reply.elapsed, reply.headers, reply.head.sent)
    limit = reply.settings.limits.headers
    if reply.status < 200 or (limit is not None and number > limit):
        reply.close()
        found = f"{number} headers, more than {limit}" if reply.status >= 200 else f"the status {reply.status}"
        message = f"{request.operation_id}: found {found}, in the answer from {origin(request.url)}"
        raise APIConnectionError(message, attempts=reply.attempts, retryable=False)
    return reply


# --- trying again --------------------------------------------------------------------------------


def _waited(retry: _retry.Retry, settings: Settings) -> Steps[None]:
    _log.waits(retry)
    if settings.on_retry is not None:
        yield Tell(settings.on_retry, retry)
    yield Pause(retry.delay)


def _is_too_long(retry: _retry.Retry, settings: Settings) -> bool:
    return retry.delay > settings.max_retry_after


def _note(retry: _retry.Retry, settings: Settings, *, once: bool) -> str:
    """Why an answer that is worth another try gets none."""
    if once:
        return ONCE
    if _is_too_long(retry, settings):
        limit = f"max_retry_after allows {settings.max_retry_after:g} s"
        return f"not tried again: the server asks to wait {retry.delay:,.0f} s, {limit}"
    return ""


def _with_note(error: APIConnectionError) -> APIConnectionError:
    error.args = (f"{error}; {ONCE}",)
    return error


def _is_left(deadline: float | None, pause: float) -> bool:
    return deadline is None or time.monotonic() + pause < deadline


def _failure(sending: Sending | None, error: Exception, request: Request, attempt: int) -> APIConnectionError | None:
    """A failure as ours; the body's own is told as that."""
    from .failure import failure

    if sending is not None and sending.failure is not None:
        reason = sending.failure.strerror if isinstance(sending.failure, OSError) else None
        words = f"{request.operation_id}: the body broke off after {sending.sent:,} bytes: {reason or sending.failure}"
        return APIConnectionError(words, attempts=attempt, retryable=False)
    known = failure(error, _unanswered(request), attempt)
    if known is not None and sending is not None and sending.sent:
        known.args = (f"{known}; {sending.sent:,} bytes of the body were sent",)
    return known
