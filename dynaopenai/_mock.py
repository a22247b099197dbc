"""The document read in the other role: a server over real HTTP that judges requests and answers with valid examples.

Rules of this file:
1. The document decides. The only conventions are `_author`'s, and that ``stream: true`` asks for events.
2. A `Router` finds the operation, a `Judge` the problems, an `Author` the answer, and none knows another; `MockApp`
   (WSGI) asks them and remembers; `MockServer` puts it on a socket, on loopback unless told otherwise.
3. Where nothing valid can be made up, a 500 says so.
4. A request's body is read to its end before anything is answered, so that connections can stay open.
5. werkzeug and openapi-core are imported when a server is made.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from . import _json, _media_type
from . import _openapi as openapi
from ._author import Answer, Author
from ._contract import Contract
from ._document import Source, load
from ._judge import Judge
from ._router import Route, Router, prefix_of
from .errors import DynaOpenAIError, SpecError, UnknownOperationError, Violation, one_of, short

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from werkzeug.wrappers import Request

    from ._serving import Server

__all__ = ["MockApp", "MockServer", "Record"]

logger = logging.getLogger("dynaopenai.mock")

MAX_BODY = 1 << 28
GRACE = 5.0  # seconds that answers in progress get when the server is stopped
MOST_RECORDS = 10_000
SHOWN_PROBLEMS = 5
ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a client calls these
PREFLIGHT = "Access-Control-Request-Method"
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}  # a browser's page may call it


@dataclass(frozen=True)
class Record:
    """One request as the server saw it.

    Attributes:
        path: as it was sent, without the query.
        operation_id: None where the document has no such operation.
        verdict: the problems, each as text; empty when there are none.
        status: what it was answered with.
        request_id: the answer's ``x-request-id``.
    """

    method: str
    path: str
    operation_id: str | None
    verdict: tuple[str, ...]
    status: int
    request_id: str = ""


# --- the application -----------------------------------------------------------------------------


class MockApp:
    """A document as a WSGI application.

    Args:
        faults: operationId to the status that it answers with, whatever is asked.
        on_request: called with the `Record` of each request, before it is answered.

    Attributes:
        requests: a `Record` of each of the last requests.

    Raises:
        UnknownOperationError: a fault names no operation.
        ValueError: a fault's status is none.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        faults: Mapping[str, int] | None = None,
        on_request: Callable[[Record], None] | None = None,
    ) -> None:
        for operation_id, status in (faults or {}).items():
            if operation_id not in contract.openapi.entries:
                raise UnknownOperationError(operation_id, contract.openapi.entries, contract.openapi.title)
            if not 200 <= status <= 599:
                raise ValueError(f"faults: {operation_id}: found {status}, expected a status from 200 to 599")
        self.contract = contract
        self.prefix = prefix_of(contract.openapi.servers[0])
        self.requests: deque[Record] = deque(maxlen=MOST_RECORDS)
        self._faults, self._on_request, self._numbers = dict(faults or {}), on_request, count(1)
        self._router = Router(contract.openapi.entries.values(), self.prefix)
        self._judge, self._author = Judge(contract, self.prefix), Author(contract)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        from werkzeug.wrappers import Request

        request_id, path = f"req_mock_{next(self._numbers)}", _sent_path(environ)
        with Request(environ) as request:
            request.max_form_memory_size = request.max_form_parts = MAX_BODY
            operation_id, answer, verdict = self._answered(request, path)
        record = Record(environ["REQUEST_METHOD"], path, operation_id, verdict, answer.status, request_id)
        trouble = self._told(record)
        if trouble:
            answer, record = self._author.error(None, 500, trouble), replace(record, status=500)
        self.requests.append(record)
        logger.info("%s %s (%s): %s", record.method, ascii(path), operation_id, record.status)
        pieces = [answer.body] if isinstance(answer.body, bytes) else answer.body
        start_response(_status_line(answer.status), _headers(answer, request_id))
        return pieces if record.method != "HEAD" else ()

    def _told(self, record: Record) -> str:
        """Tell whoever wants to know; what went wrong there."""
        try:
            if self._on_request is not None:
                self._on_request(record)
        except Exception as error:
            logger.exception("on_request failed on %s", record)
            return f"on_request failed: {type(error).__name__}: {short(str(error))}"
        return ""

    # --- one request -----------------------------------------------------------------------------

    def _answered(self, request: Request, path: str) -> tuple[str | None, Answer, tuple[str, ...]]:
        """The operation's id, the answer and the problems."""
        found = self._router.find(path)
        entry, variables = _chosen(found, request.method)
        refusal = _received(request.environ)
        if not refusal and request.method == "OPTIONS" and (entry is None or PREFLIGHT in request.headers):
            return None, _preflight(request, _allowed(found)), ()
        verdict: tuple[str, ...] = ()
        try:
            operation = self.contract.operation(entry.id) if entry is not None else None
            if refusal:  # it is unclear where the next request begins
                answer = self._author.error(operation, *refusal, Connection="close")
            elif operation is None:
                answer = self._unknown(request.method, path, found)
            else:
                answer, verdict = self._operated(request, operation, variables)
        except (SpecError, _json.NotJSONError) as error:  # the document's mistake, not the caller's
            closing = {"Connection": "close"} if refusal else {}
            answer = self._author.error(None, 500, f"no answer can be made up: {error}", **closing)
        return entry.id if entry is not None else None, answer, verdict

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
        self, request: Request, operation: openapi.Operation, variables: dict[str, str]
    ) -> tuple[Answer, tuple[str, ...]]:
        request.get_data()  # kept, to be read as a form and as bytes
        request.method = operation.method  # HEAD is judged as the GET that it stands for
        status, problems = self._judge.judge(request, operation, variables)
        verdict = tuple(map(str, problems))
        fault = self._faults.get(operation.id)
        if fault is not None and fault >= 400:
            message = f"{operation.id} answers {fault} because this mock server was told so (faults)"
            return self._author.error(operation, fault, message), verdict
        if fault is None and status != 200:
            param = next((problem.path for problem in problems if problem.path), None)
            return self._author.error(operation, status, _message(problems), param), verdict
        known = {**request.args.to_dict(), **variables, **_said(request)}
        success = fault if fault is not None else self._author.success(operation)
        return self._author.answer(operation, success, _wants_events(request, known), known), verdict


def _chosen(found: Sequence[Route], method: str) -> tuple[openapi.Entry | None, dict[str, str]]:
    for wanted in (method, "GET") if method == "HEAD" else (method,):
        for entry, variables in found:
            if entry.method == wanted:
                return entry, variables
    return None, {}


def _allowed(found: Sequence[Route]) -> list[str]:
    methods = dict.fromkeys(entry.method for entry, _ in found)
    return [*methods, *(["HEAD"] if "GET" in methods and "HEAD" not in methods else []), "OPTIONS"]


def _preflight(request: Request, allowed: Sequence[str]) -> Answer:
    """Whatever a browser asks to be allowed (Fetch §3.3)."""
    methods = ", ".join(allowed if len(allowed) > 1 else map(str.upper, openapi.METHODS))
    wanted = request.headers.get("Access-Control-Request-Headers", "*")
    cors = {"Methods": methods, "Headers": wanted}
    headers = {"Allow": methods, **{f"Access-Control-Allow-{name}": value for name, value in cors.items()}}
    return Answer(204, headers={**headers, "Access-Control-Max-Age": "600"})


def _received(environ: WSGIEnvironment) -> tuple[int, str] | None:
    """Read the body to its end and leave it to be read again; of one that is too large or broken a status and why."""
    length = environ.get("CONTENT_LENGTH") or "0"
    size = MAX_BODY + 1 if environ.pop("wsgi.input_terminated", False) else int(length) if length.isdecimal() else -1
    try:
        body = environ["wsgi.input"].read(min(size, MAX_BODY + 1)) if size > 0 else b""
    except (TimeoutError, ConnectionError):
        raise
    except OSError as error:
        return 400, f"found a body that is not framed as its headers say: {error}"
    if len(body) > MAX_BODY:
        return 413, f"found a body of more than {MAX_BODY:,} bytes, expected less"
    if size < 0 or len(body) < size <= MAX_BODY:
        return 400, f"found a body of {len(body):,} bytes, expected {short(length)} as its Content-Length says"
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ.update({"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    return None


def _said(request: Request) -> Mapping[str, Any]:
    """The members of the body, as far as it has any."""
    kind = _media_type.kind_of(request.content_type or "")
    if kind in ("form", "multipart"):
        return request.form.to_dict()
    value = None
    if kind == "json":
        with suppress(_json.DecodeError):
            value = _json.decode(request.get_data())
    return value if isinstance(value, dict) else {}


def _wants_events(request: Request, known: Mapping[str, Any]) -> bool:
    """Whether ``stream`` says so; where it says nothing, whether events are all that is accepted."""
    if known.get("stream") is not None:
        return known["stream"] in (True, "true")
    return [name for name, weight in request.accept_mimetypes if weight > 0] == ["text/event-stream"]


def _message(problems: Sequence[Violation]) -> str:
    shown = [str(problem) for problem in problems[:SHOWN_PROBLEMS]]
    more = len(problems) - len(shown)
    return "\n".join([*shown, *([f"… and {more} more"] if more else [])])


def _sent_path(environ: WSGIEnvironment) -> str:
    """The path as it was sent, so that %2F in it stays what it is."""
    sent = str(environ.get("RAW_URI", "")).partition("?")[0]
    if sent.startswith("/"):
        return sent
    return quote((environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1"))


def _status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else f"{status} Unassigned Status"


def _headers(answer: Answer, request_id: str) -> list[tuple[str, str]]:
    headers = {"x-request-id": request_id, **OPEN, **answer.headers}
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    if isinstance(answer.body, bytes) and answer.status != 204:
        headers["Content-Length"] = str(len(answer.body))
    elif answer.status != 204:
        headers["Cache-Control"] = "no-cache"
    return list(headers.items())


# --- the server ----------------------------------------------------------------------------------


class MockServer:
    """A document served over HTTP, from entering until leaving a ``with`` block.

    >>> with MockServer("openapi.yaml") as server:
    ...     client = Client("openapi.yaml", base_url=server.url, api_key="sk-mock")

    Args:
        source: what `Client` takes for a document, or a contract.
        host, port: where to listen; port 0 is any free one.
        faults: operationId to the status that it answers with, whatever is asked.
        on_request: called with the `Record` of each request, before it is answered, in the thread that answers.

    Raises:
        SpecError: the document cannot be read.
        UnknownOperationError: a fault names no operation.
        ValueError: an option has a value that makes no sense.
        DynaOpenAIError: the address cannot be listened on.
    """

    def __init__(
        self,
        source: Source | Contract = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Mapping[str, int] | None = None,
        on_request: Callable[[Record], None] | None = None,
    ) -> None:
        if not 0 <= port <= 65535:
            raise ValueError(f"port: found {port}, expected a number from 0 (any free port) to 65535")
        contract = source if isinstance(source, Contract) else Contract(load(source))
        self.app = MockApp(contract, faults=faults, on_request=on_request)
        self._host, self._port = host, port
        self._server: Server | None = None

    def __repr__(self) -> str:
        where = self.url if self._server is not None else "not running"
        return f"<MockServer of {self.title}, {where}>"

    @property
    def title(self) -> str:
        """What the document calls the API."""
        return self.app.contract.openapi.title

    @property
    def url(self) -> str:
        """The base URL, with the path that the document's server has."""
        if self._server is None:
            raise DynaOpenAIError(
                "the mock server has no URL: it is not running\n  remedy    with MockServer(...) as server: server.url"
            )
        host = ANYWHERE.get(self._host, self._host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.port}{self.app.prefix}"

    @property
    def requests(self) -> list[Record]:
        """The requests so far, the oldest first."""
        return list(self.app.requests)

    def start(self) -> MockServer:
        """Listen, and answer in threads of its own; nothing where it runs already."""
        from ._serving import Server

        if self._server is None:
            self._server = Server(self._host, self._port, self.app, "dynaopenai-mock")
            self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening, let answers in progress end, and leave no thread or socket behind."""
        server, self._server = self._server, None
        if server is not None:
            server.stop(GRACE)

    def __enter__(self) -> MockServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
