"""Many calls of one operation: what a bulk needs of it, and the bulk run from plain code as from asynchronous code."""

# ruff: noqa: SLF001 - a bulk is a part of the operation that it calls

from __future__ import annotations

import asyncio
import base64
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from .._bulk.dask import Cluster, connected
from .._bulk.job import Calls, Job, estimate, job
from .._bulk.options import OPTIONS, Options
from .._bulk.outcome import Answered, Outcome, of_error
from .._bulk.result import Bulk, Estimate
from .._bulk.run import Send
from .._checking.contract import Contract
from .._display.words import did_you_mean
from .._request.request import Request
from .._request.settings import Settings
from .._response.binary import AsyncBinary
from .._response.enforcement import Noted
from .._response.response import Response
from .._response.stream import AsyncStream
from .._transport.step import Steps
from ..errors import DynaOpenAIError, ResponseValidationError
from .engine import Driver, Engine, Plan
from .environment import with_environment


class Sending(Protocol):
    """What this file asks of an asynchronous operation."""

    _engine: Engine
    _settings: Settings

    @property
    def id(self) -> str: ...

    @property
    def _plan(self) -> Plan: ...

    @property
    def with_options(self) -> Callable[..., Any]: ...

    def validate_request(self, /, *args: Any, **kwargs: Any) -> list[Any]: ...

    def _proof(self) -> Any: ...

    def _request(self, args: Any, kwargs: Any) -> Request: ...

    def _fetched(self, request: Request) -> Steps[Response]: ...


# --- one try -------------------------------------------------------------------------------------


def sender(op: Sending) -> Send:
    """Makes one try of one call: the bulk decides whether and when there is another."""
    once = op.with_options(max_retries=0)

    async def send(keywords: Mapping[str, Any], key: str) -> Outcome:
        try:
            request = once._request((), keywords)
            request = request.with_headers({**request.headers, "Idempotency-Key": key})
            response = await once._engine.transport.run(once._fetched(request))
            return await _answered(response)
        except ResponseValidationError as error:
            headers = error.response.headers if error.response is not None else {}
            return Answered(error.data, headers, getattr(error.response, "request_id", None), tuple(error.violations))
        except DynaOpenAIError as error:
            return of_error(error)

    return send


async def _answered(response: Response) -> Answered:
    data = response.data
    if isinstance(data, AsyncStream):
        noted = Noted(data.response)
        data._sequence.judge_by(noted)
        async with data:
            items = [item async for item in data]
        return Answered(items, response.headers, response.request_id, tuple(noted.violations))
    if isinstance(data, AsyncBinary):
        data = {"content_type": data.content_type, "base64": base64.b64encode(await data.read()).decode()}
    return Answered(data, response.headers, response.request_id)


@dataclass(frozen=True)
class Remote:
    """Makes the sender of a worker, there: it travels without secrets, and takes them from the worker's environment."""

    op: Any

    def __call__(self) -> tuple[Send, Callable[[], Coroutine[Any, Any, None]]]:
        op = self.op
        made = type(op)(op._engine, op._entry, with_environment(op._settings, op._engine.contract))
        return sender(made), op._engine.transport.close


def new_driver(max_connections: int) -> Driver:
    """Who carries out a bulk's calls: aiohttp where it is installed, else threads, which cost more."""
    try:
        from .._transport.over_aiohttp import AsyncTransport
    except ImportError:
        from .._transport.over_threads import ThreadedTransport

        return ThreadedTransport(max_connections)
    return AsyncTransport(None, max_connections)


# --- a bulk --------------------------------------------------------------------------------------


def options_of(op: Any, given: dict[str, Any]) -> Options:
    """The options among a call's keywords, which are taken out of them.

    Raises:
        TypeError: a keyword is neither an option nor an argument, and nearly an option.
    """
    for name in given:
        meant = did_you_mean(name, OPTIONS) if name not in OPTIONS and name not in op._plan.writer.arguments.by_name else ""
        if meant:
            msg = f"map() has no option {name!r}; {meant}"
            raise TypeError(msg)
    taken = {name: given.pop(name) for name in list(given) if name in OPTIONS}
    for name in ("words", "ignore"):
        if name in taken:
            taken[name] = (taken[name],) if isinstance(taken[name], str) else tuple(taken[name])
    if isinstance(taken.get("until"), datetime):
        taken["until"] = taken["until"].timestamp()
    return Options(**taken)


def estimated(op: Sending, source: Any, shared: dict[str, Any], options: Options) -> Estimate:
    """What a bulk would send; see `Operation.map`."""
    return estimate(_calls(op), source, shared, options)


async def mapped(
    op: Sending, source: Any, out: Any, shared: dict[str, Any], options: Options, begun: Callable[[Job], None] = lambda _job: None
) -> Bulk:
    """Call an operation for every row; see `Operation.map`. ``begun`` is told of the job, to stop it."""
    if out is None:
        raise ValueError("out: found nothing, expected the path where the answers go")
    with job(_calls(op), source, out, shared, options) as bulk:
        begun(bulk)
        await asyncio.to_thread(bulk.survey)
        if options.engine is None and bulk.result.left:
            op._proof()  # no row is to blame for a key that is not there
        await bulk.run()
        return bulk.result


def _calls(op: Sending) -> Calls:
    contract: Contract = op._engine.contract

    def size(keywords: Mapping[str, Any]) -> int:
        body = op._request((), keywords).body
        return len(body) if isinstance(body, bytes) else body.length or 0 if body is not None else 0

    @asynccontextmanager
    async def senders(options: Options) -> AsyncIterator[Send]:
        if options.engine is None:
            yield sender(op)
            return
        cluster = Cluster(await connected(options.engine), Remote(op), options.concurrency)
        try:
            yield cluster.send
        finally:
            await cluster.close()

    arguments = op._plan.writer.arguments
    return Calls(op.id, contract.document.digest(), arguments, lambda keywords: op.validate_request(**keywords), size, senders)


def waited_for(make: Callable[[Callable[[Job], None]], Coroutine[Any, Any, Bulk]], close: Callable[[], Any]) -> Bulk:
    """The result of a bulk in a thread of its own, since this one may run an event loop; Ctrl-C ends it, twice at once."""
    jobs: list[Job] = []
    ended: list[Bulk | BaseException] = []
    has_ended = threading.Event()  # since an interrupted join takes a thread that runs for one that has ended

    async def whole() -> Bulk:
        try:
            return await make(jobs.append)
        finally:
            await close()

    def work() -> None:
        try:
            ended.append(asyncio.run(whole()))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            ended.append(error)
        finally:
            has_ended.set()

    thread = threading.Thread(target=work, name="dynaopenai-bulk")
    thread.start()
    with _heeding(jobs):
        while not has_ended.is_set():
            _wait(has_ended, jobs)
    thread.join()
    [result] = ended
    if isinstance(result, BaseException):
        raise result
    return result


@contextmanager
def _heeding(jobs: list[Job]) -> Iterator[None]:
    """Ctrl-C is told to the jobs, whenever it comes: as an exception it could come while the one before is being told."""
    is_ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        signal.signal(signal.SIGINT, lambda *_: _interrupted(jobs))
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _wait(has_ended: threading.Event, jobs: list[Job]) -> None:
    try:
        has_ended.wait(0.2)
    except KeyboardInterrupt:  # from a handler of the user's
        _interrupted(jobs)


def _interrupted(jobs: list[Job]) -> None:
    for each in jobs:
        sys.stderr.write(f"{each.interrupt()}\n")
        sys.stderr.flush()
