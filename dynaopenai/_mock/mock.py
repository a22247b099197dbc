"""The document read in the other role, as a WSGI application: judges requests and answers with valid examples.

Rules of this file:
1. The document decides. The only conventions are `author`'s, `representation`'s and `store`'s, and that ``stream: true`` asks
   for events.
2. A `Router` finds the operation, a `Verdict` says the problems, `Chance` a fault, a `Script` what a test said, an `Author`
   the answer, a `Store` what was created before, and none knows another; `MockApp` (WSGI) asks them and remembers; `MockServer` puts it on a socket, on
   loopback unless told otherwise.
3. Where nothing valid can be made up, a 500 says so.
4. A request's body is read to its end before anything is answered, so that connections can stay open.
5. What a test said goes before what the document gives; a call that it said nothing for is made up, or refused.
6. werkzeug and openapi-core are imported when a server is made.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from .._checking import json as _json
from .._checking.contract import Contract
from .._display.words import first_few, one_of, short
from .._document import openapi
from .._problem import SHOWN_VIOLATIONS
from .._request.body_reading import File
from .._request.received import Wire, decode
from .._request.router import Route, Router, are_alike, prefix_of
from .._request.writer import Writer
from ..errors import SpecError, Violation
from . import conduct
from . import wsgi as _wsgi
from .author import LEAST_ERROR, Answer, Author
from .conduct import Conduct
from .judge import Judge
from .page import Page, Shown
from .quota import Quota
from .representation import Preferences, choices
from .sabotage import Broken, Chance, Weather, slowly
from .spool import Stored, with_stored
from .stage import CUT, Stage
from .store import Store, Submission
from .verdict import Verdict, doubts, refusal

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from werkzeug.wrappers import Request


__all__ = ["MockApp", "Record"]

logger = logging.getLogger("dynaopenai.mock")

MAX_BODY = 1 << 28
MOST_RECORDS = 10_000
PREFLIGHT = "Access-Control-Request-Method"

Strictness = Literal["strict", "warn"]


@dataclass(frozen=True)
class Record:
    """One request as the server saw it.

    Attributes:
        path: as it was sent, without the query.
        operation_id: None where the document has no such operation.
        verdict: the problems, each as text; empty when there are none.
        status: what it was answered with.
        request_id: the answer's ``x-request-id``.
        doubts: what openapi-core alone objects to, or could not judge; nothing is refused for it.
        conduct: what the client made of what went wrong before: retried too early, took a cut stream for whole.
    """

    method: str
    path: str
    operation_id: str | None
    verdict: tuple[str, ...]
    status: int
    request_id: str = ""
    doubts: tuple[str, ...] = ()
    conduct: tuple[str, ...] = ()


# --- the application -----------------------------------------------------------------------------


class MockApp:
    """A document as a WSGI application.

    Args:
        weather: what goes wrong on purpose.
        validate: ``"strict"`` refuses what breaks the document, ``"warn"`` answers it and says so in the record.
        on_request: called with the `Record` of each request, before it is answered.
        strict: refuse the calls that no answer was given for, in the place of making one up.
        api_key: the only credential that is accepted; any is where None.

    Attributes:
        requests: a `Record` of each of the last requests.
        script: the answers that were given.

    Raises:
        UnknownOperationError: a fault names no operation.
        ValueError: an option has a value that makes no sense.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        weather: Weather | None = None,
        validate: Strictness = "strict",
        on_request: Callable[[Record], None] | None = None,
        strict: bool = False,
        api_key: str | None = None,
    ) -> None:
        if validate not in ("strict", "warn"):
            raise ValueError(f'validate: found {validate!r}, expected "strict" or "warn"')
        entries = contract.openapi.entries.values()
        self.contract = contract
        self.prefix = prefix_of(contract.openapi.servers[0])
        self.requests: deque[Record] = deque(maxlen=MOST_RECORDS)
        self.weather, self._validate, self._on_request = weather or Weather(), validate, on_request
        self._chance, self._numbers, self._writers = (
            Chance(contract.openapi, self.weather),
            count(1),
            dict[str, Writer](),
        )
        self._router, self._store, self.page = (
            Router(entries, self.prefix),
            Store.of(entries, self.weather.job_looks, self.weather.empty),
            Page(contract, self.prefix),
        )
        self._judge, self._author = Judge(contract, self.prefix), Author(contract)
        self._key, self._quota, self._conduct = api_key, Quota(self.weather.rpm, self.weather.tpm), Conduct()
        self._stage = Stage(contract, self._author, strict)
        self.script = self._stage.script

    def open(self) -> None:
        """Answer from now on."""
        self.page.open()
        self._stage.stopping.clear()

    def close(self) -> None:
        """Let go of whoever waits."""
        self.page.close()
        self._stage.stopping.set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        from werkzeug.wrappers import Request

        request_id, path = f"req_mock_{next(self._numbers)}", _wsgi.sent_path(environ)
        shown = self.page.answer(environ, path) if not self._router.find(path) else None
        if shown is not None:
            start_response(_wsgi.status_line(shown.status), _wsgi.headers(shown, request_id, is_open=False))
            return [shown.body] if isinstance(shown.body, bytes) else shown.body
        began, ticks = time.time(), time.perf_counter()
        with Request(environ) as request:
            request.max_form_memory_size = request.max_form_parts = MAX_BODY
            operation_id, answer, verdict = self._answered(request, path)
            body, url = request.get_data() if environ["wsgi.input"].seekable() else b"", request.url
        problems, doubted = tuple(map(str, verdict.problems)), tuple(map(str, verdict.doubts))
        method, status = environ["REQUEST_METHOD"], answer.status
        record = Record(method, path, operation_id, problems, status, request_id, doubted, verdict.conduct)
        trouble = self._trouble(record)
        if trouble:
            answer, record = self._author.error(None, 500, trouble), replace(record, status=500)
        sent, headers = _wsgi.headers_of(environ), _wsgi.headers(answer, request_id)
        octets = _shown(answer.body)
        seconds = time.perf_counter() - ticks
        exchange = Shown(
            method, url, sent, body, record.status, dict(headers), octets, verdict.problems, began=began, seconds=seconds
        )
        self._remember(record, exchange)
        if record.status == CUT:
            raise ConnectionAbortedError(f"{operation_id}: the test said that the connection fails")
        pieces = slowly(answer.body, self.weather.stream_delay, self._stage.stopping)
        start_response(_wsgi.status_line(answer.status), headers)
        return pieces if method != "HEAD" else ()

    def _remember(self, record: Record, exchange: Shown) -> None:
        self.requests.append(record)
        self.page.tell(record, exchange)
        logger.info("%s %s (%s): %s", record.method, ascii(record.path), record.operation_id, record.status)

    def _trouble(self, record: Record) -> str:
        """Tell whoever wants to know; what went wrong there."""
        try:
            if self._on_request is not None:
                self._on_request(record)
        except Exception as error:
            logger.exception("on_request failed on %s", record)
            return f"on_request failed: {type(error).__name__}: {short(str(error))}"
        return ""

    # --- one request -----------------------------------------------------------------------------

    def _answered(self, request: Request, path: str) -> tuple[str | None, Answer, Verdict]:
        """The operation's id, the answer and the problems."""
        refused = _wsgi.take_body(request.environ, MAX_BODY)
        sent = _wsgi.headers_of(request.environ)
        found = self._router.find(path, request.query_string.decode("latin-1"), sent)
        if not refused and request.method == "OPTIONS" and (not _candidates(found, "OPTIONS") or PREFLIGHT in request.headers):
            return None, _wsgi.preflight(request, _allowed(found)), Verdict()
        unread = None if refused else _wsgi.decode_body(request.environ, MAX_BODY)
        stored = () if refused else _wsgi.abridge_body(request.environ)
        route = self._route(request, found, sent)
        try:
            operation = self.contract.operation(route[0].id) if route is not None else None
            if refused:  # it is unclear where the next request begins
                answer, verdict = self._author.error(operation, *refused, Connection="close"), Verdict()
            elif unread:
                answer, verdict = self._author.error(operation, *unread), Verdict(unread[0], (Violation("", unread[1]),))
            elif operation is None or route is None:
                answer, verdict = self._unknown(request.method, path, found), Verdict()
            else:
                answer, verdict = self._operated(request, operation, route[1], sent, stored)
        except (SpecError, _json.NotJSONError) as error:  # the document's mistake, not the caller's
            closing = {"Connection": "close"} if refused else {}
            answer, verdict = self._author.error(None, 500, f"no answer can be made up: {error}", **closing), Verdict()
        return route[0].id if route is not None else None, answer, verdict

    def _route(self, request: Request, found: Sequence[Route], sent: Mapping[str, str]) -> Route | None:
        """The operation that is meant; of several at the same place, the first to which nothing is wrong."""
        candidates = _candidates(found, request.method)
        alike = [route for route in candidates if are_alike(route[0].path, candidates[0][0].path)]
        for entry, variables in alike if len(alike) > 1 else ():
            with suppress(SpecError):
                operation = self.contract.operation(entry.id)
                if not self._verdict(operation, _wire(request, operation, variables, sent)).problems:
                    return entry, variables
        return candidates[0] if candidates else None

    def _verdict(self, operation: openapi.Operation, wire: Wire) -> Verdict:
        return refusal(self._writer(operation), self.contract.openapi.security_schemes, wire, self._key)

    def _writer(self, operation: openapi.Operation) -> Writer:
        return self._writers.get(operation.id) or self._writers.setdefault(operation.id, Writer(self.contract, operation))

    def _unknown(self, method: str, path: str, found: Sequence[Route]) -> Answer:
        if found:
            allowed = _allowed(found)
            message = f"found the method {method} for {short(path)}, expected {one_of(allowed)}"
            operation = self.contract.operation(found[0][0].id)
            return self._author.error(operation, 405, message, Allow=", ".join(allowed))
        near = self._router.near(path)
        hint = f'did you mean "{near}"?' if near else f'its paths begin with "{self.prefix or "/"}"'
        return self._author.error(None, 404, f"found no operation at {short(path)} in the document; {hint}")

    def _operated(
        self,
        request: Request,
        operation: openapi.Operation,
        variables: dict[str, str],
        sent: Mapping[str, str],
        stored: Sequence[Stored],
    ) -> tuple[Answer, Verdict]:
        request.get_data()  # kept, to be read as a form and as bytes
        request.method = operation.method  # HEAD is judged as the GET that it stands for
        wire = _wire(request, operation, variables, sent)
        verdict = self._judged(request, operation, variables, wire)
        attempt = conduct.Attempt.of(_caller(wire), operation.method, request.path, wire.body)
        verdict = replace(verdict, conduct=self._conduct.seen(attempt))
        call = self._stage.call(request, operation, wire)
        allowance = self._quota.take(attempt.caller, len(wire.body))
        if allowance.wait:
            self._conduct.refused(attempt, allowance.wait)
            return self._author.error(operation, 429, allowance.reason, **allowance.headers), verdict
        turn = self._chance.draw(operation.id)
        if turn.pause:
            time.sleep(turn.pause)
        if turn.status is not None and turn.status >= 400:
            message = f"{operation.id} answers {turn.status} because this mock server was told so (faults)"
            return self._author.error(operation, turn.status, message), verdict
        if turn.status is None and verdict.problems and self._validate == "strict":
            param = next((problem.path for problem in verdict.problems if problem.path), None)
            return self._author.error(operation, verdict.status, _message(verdict.problems), param), verdict
        scripted = self._stage.answer(call, operation)
        if scripted is not None:
            return scripted, verdict
        success = turn.status if turn.status is not None else self._author.success(operation)
        answer = self._succeeded(request, operation, wire, success, stored)
        answer = replace(answer, headers={**answer.headers, **allowance.headers})
        if turn.stream_fault and not isinstance(answer.body, (bytes, Stored)):
            answer = replace(answer, body=Broken(answer.body, turn.stream_fault, turn.at))
            if turn.stream_fault == "truncate":
                self._conduct.cut(attempt)
        return answer, verdict

    def _judged(self, request: Request, operation: openapi.Operation, variables: dict[str, str], wire: Wire) -> Verdict:
        """By both readings; the second is asked only where the first has nothing to say."""
        verdict = self._verdict(operation, wire)
        if verdict.problems:
            return verdict
        return replace(verdict, doubts=verdict.doubts or doubts(self._judge, request, operation, variables))

    def _succeeded(
        self, request: Request, operation: openapi.Operation, wire: Wire, status: int, stored: Sequence[Stored]
    ) -> Answer:
        writer = self._writer(operation)
        arguments = decode(writer, wire).arguments
        known, sent = _known(writer, arguments)
        files = with_stored(sent, stored)
        known = {**request.args.to_dict(), **known}
        variables = wire.variables
        call = Submission(
            operation, {**variables, **{name: known[name] for name in variables.keys() & known.keys()}}, known, files
        )
        absence = self._store.absence(call)
        if absence:
            return self._author.error(operation, 404, f"found nothing at {short(request.path)}: {absence}")
        if status >= LEAST_ERROR:
            return self._author.error(operation, status, f"{operation.id} can only answer {status}, says the document")
        content = self._store.content(call)
        known = {**variables, **known}
        preferences = Preferences(
            known,
            _wants_events(request, known),
            choices(writer.arguments, arguments),
            {name.lower(): float(weight) for name, weight in request.accept_mimetypes},
            request.base_url,
        )
        answer = self._author.answer(
            operation, status, preferences, lambda value, schema: self._store.settled(call, value, schema)
        )
        if not answer.body:
            self._store.done(call)
        return answer if content is None else replace(answer, body=content if isinstance(content, Stored) else bytes(content))


def _wire(request: Request, operation: openapi.Operation, variables: Mapping[str, str], sent: Mapping[str, str]) -> Wire:
    return Wire(operation.method, variables, request.query_string.decode("latin-1"), sent, request.get_data())


def _caller(wire: Wire) -> str:
    """Who asks, as far as credentials tell callers apart; nothing that could be shown."""
    headers = {name.lower(): value for name, value in wire.headers.items()}
    credentials = "\0".join(headers.get(name, "") for name in ("authorization", "x-api-key", "api-key"))
    return hashlib.sha256(credentials.encode()).hexdigest()


def _candidates(found: Sequence[Route], method: str) -> list[Route]:
    """The operations that a method may mean, HEAD also GET."""
    wanted = (method, "GET") if method == "HEAD" else (method,)
    return [route for name in wanted for route in found if route[0].method == name]


def _allowed(found: Sequence[Route]) -> list[str]:
    methods = dict.fromkeys(entry.method for entry, _ in found)
    return [*methods, *(["HEAD"] if "GET" in methods and "HEAD" not in methods else []), "OPTIONS"]


def _known(writer: Writer, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[File, ...]]:
    """What a request said, by the API's own names; and the files that it sent."""
    inputs: dict[str, Any] = {}
    for name, value in arguments.items():
        declared = writer.arguments.by_name.get(name)
        if declared is None and name == writer.arguments.body_name and isinstance(value, dict):
            inputs |= value
        else:
            inputs[declared.name if declared is not None else name] = value
    files = [item for value in inputs.values() for item in (value if isinstance(value, list) else [value])]
    plain = {name: value for name, value in inputs.items() if not _holds_file(value)}
    return plain, tuple(item for item in files if isinstance(item, File))


def _holds_file(value: Any) -> bool:
    return isinstance(value, File) or (isinstance(value, list) and any(isinstance(item, File) for item in value))


def _shown(body: bytes | Sequence[bytes]) -> bytes:
    """An answer's body as it is shown, a file on disk as far as its first bytes."""
    if isinstance(body, Stored):
        return body.head
    return body if isinstance(body, bytes) else b"".join(body)


def _wants_events(request: Request, known: Mapping[str, Any]) -> bool:
    """Whether ``stream`` says so; where it says nothing, whether events are all that is accepted."""
    if known.get("stream") is not None:
        return known["stream"] in (True, "true")
    return [name for name, weight in request.accept_mimetypes if weight > 0] == ["text/event-stream"]


def _message(problems: Sequence[Violation]) -> str:
    return "\n".join(first_few(problems, SHOWN_VIOLATIONS))
