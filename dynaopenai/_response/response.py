"""Reply -> Response: the media type chosen, the body decoded, the answer checked.

Rules of this file:
1. The document says what may come; the answer's Content-Type says what came. It is decoded as what it is.
2. Nothing is lost: every error carries the response and the decoded data.
3. An error status is an APIStatusError whatever else is wrong with the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .._checking import json as _json
from .._checking.check import violations
from .._checking.contract import Contract
from .._checking.json import DecodeError
from .._checking.schema import Schema
from .._display.words import not_declared, short
from .._document import openapi
from .._request import media_type as _media_type
from .._request.request import Request
from .._request.settings import Settings
from .._transport.redirect import REDIRECTS
from .._transport.reply import Reply
from .._transport.step import Steps, Tell
from ..errors import Violation, status_error, stream_error
from .data import wrap
from .enforcement import Enforcement, Observer
from .expected import Expected, asks_for_stream, expected, is_empty, is_error, sole, was_asked_for
from .headers import header_violations

if TYPE_CHECKING:
    from .._secrecy.values import Scrubber
    from .ending import Ending

__all__ = ["Response"]

MOST_EXPECTED = 64  # statuses and content types of which an operation keeps what the document says


class Response:
    """An answer.

    Attributes:
        data: decoded and checked: `Data`, list, str, number, None, `Stream` or `Binary`.
        status_code, headers, elapsed: as in `requests`.
        request_id: the server's name for this exchange, None where it gave none.
        request: what was sent.
        attempts: how many times it was sent.
        note: what else is to be known of how it came.
        links: the document's links from this answer, to be called: ``response.links.NAME(...)``.
    """

    links: Any = ()

    def __init__(self, reply: Reply) -> None:
        self.operation_id = reply.request.operation_id
        self.status_code = reply.status
        self.headers = reply.headers
        self.elapsed: timedelta = reply.elapsed
        self.request: Request = reply.request
        self.attempts = reply.attempts
        self.note = reply.note
        self.data: Any = None
        self._body: bytes | None = None
        self._sent = reply.head.sent
        self._unread: Reply | None = None

    def __repr__(self) -> str:
        note = f", {self.note}" if self.note else ""
        return f"<Response {self.status_code} of {self.operation_id}{note}>"

    @property
    def request_id(self) -> str | None:
        return self.headers.get("x-request-id") or self.headers.get("request-id")

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def content(self) -> bytes:
        """The body as it came. A stream's is empty: its items are in ``data``."""
        from .binary import Unread

        if self._body is None and isinstance(self.data, Unread):
            return self.data.content
        return self._body or b""

    @property
    def text(self) -> str:
        """The body as text."""
        return _media_type.text_of(self.content, self.content_type)

    @property
    def ok(self) -> bool:
        """Whether the status tells no error."""
        return self.status_code < 400

    def json(self) -> Any:
        """The body as plain JSON values.

        Raises:
            ValueError: it is no JSON.
        """
        return _json.decode(self.content, None)

    @property
    def scrubber(self) -> Scrubber:
        """Knows the credentials that the request showed, should the server repeat them."""
        from .._secrecy.values import Scrubber

        return Scrubber(self.request.shown(self._sent))

    def seal(self, data: Any) -> Any:
        """``data`` without the request's own credentials; its headers and its body then, too."""
        known = self.scrubber
        self.headers = _sealed(self.headers, known)
        if self._body is not None:
            self._body = known.octets(self._body)
        clean = known.value(data)
        if clean is not data:
            clean = wrap(clean)
            self.data = clean if self.data is data else self.data
        return clean

    def facts(self) -> Response:
        """The same without its data and its body."""
        bare = Response.__new__(Response)
        bare.__dict__.update(self.__dict__, data=None, _body=None, _unread=None)
        return bare

    def close(self) -> None:
        """Free the connection of a stream or an unread body."""
        if self._unread is not None:
            self._unread.close()

    def __getstate__(self) -> dict[str, Any]:
        from .._secrecy.redaction import redacted_headers

        state = dict(self.__dict__)
        known = self.scrubber
        state["headers"] = {name: known.text(value) for name, value in redacted_headers(self.headers, self.request.secrets).items()}
        state["data"], state["_body"] = known.value(self.data), self._body and known.octets(self._body)
        state["_sent"] = state["_unread"] = None
        state.pop("links", None)
        return state


@dataclass(frozen=True)
class Hands:
    """How a body is handed over unread. ``run``: carries out the steps that read it; what it gives may have to be awaited."""

    run: Callable[[Steps[Any]], Any]
    is_awaited: bool = False


class Reader:
    """Reads the answers of one operation. Made once, on the operation's first use; thread-safe."""

    def __init__(self, contract: Contract, operation: openapi.Operation, observer: Observer | None = None) -> None:
        self.contract = contract
        self.operation = operation
        self._endings: dict[str, Ending] = {}
        self._expected: dict[tuple[int, str], Expected] = {}
        self._observer = observer

    # --- what is declared ------------------------------------------------------------------------

    def declared(self, status: int) -> openapi.Response | None:
        """The response declared for a status."""
        return self.operation.response_for(status)

    def schema(self, media: openapi.MediaType | None) -> Schema | None:
        """What a body of this media type must be; for a sequence, what each item must be."""
        node = _media_type.item_of(media) if media is not None else None
        return self.contract.schema(node, "response") if node is not None else None

    def expected(self, status: int, content_type: str) -> Expected:
        """What the document says of an answer of this status, whose header says this of its content."""
        found = self._expected.get((status, content_type))
        if found is None:
            declared = self.declared(status)
            known = content_type or sole(declared)
            media = _media_type.match(declared.content, known) if declared is not None and known else None
            found = expected(declared, known, media, self.schema(media))
            if len(self._expected) < MOST_EXPECTED:  # a server may write a content type in any number of ways
                self._expected[status, content_type] = found
        return found

    def check(self, payload: Any, status: int, content_type: str) -> list[Violation]:
        """What is wrong with a decoded answer; empty when nothing is."""
        declared = self.declared(status)
        if declared is None:
            return self._undeclared_status(status)
        media = _media_type.match(declared.content, content_type) if declared.content else None
        if media is None:
            if payload is None and not declared.content:
                return []
            return [self._undeclared_type(declared, content_type)]
        schema = self.schema(media)
        if schema is None or isinstance(payload, (bytes, bytearray)):
            return []
        if _media_type.kind_of(content_type) == "xml" and _media_type.is_xml_text(payload):
            try:
                payload = _media_type.xml_value(payload, schema)
            except DecodeError as error:
                return [_no_such(content_type, error, payload)]
        from .._checking.json import NotJSONError, taken

        try:
            payload = taken(payload).value
        except NotJSONError as error:
            return error.violations()
        return _violations(media, schema, payload)

    def _undeclared_status(self, status: int) -> list[Violation]:
        """A status that breaks the document; one that tells no success at all cannot mean that none is allowed."""
        declared = list(self.operation.responses)
        if status // 100 == 2 and not any(name.startswith("2") for name in declared):
            return []
        return [Violation("status", not_declared(str(status), declared), status)]

    def _undeclared_type(self, declared: openapi.Response, content_type: str) -> Violation:
        found = short(content_type) if content_type else "no content type"
        return Violation("Content-Type", not_declared(found, (media.name for media in declared.content.values())), content_type)

    # --- reading ---------------------------------------------------------------------------------

    def read(self, reply: Reply, hands: Hands) -> Steps[Response]:
        """The answer, decoded and checked.

        Raises:
            APIStatusError: the status is 400 or above.
            ResponseValidationError: it breaks the document (policy ``strict``).
            APIConnectionError: the connection was lost before the end of the body.
        """
        response, settings = Response(reply), reply.settings
        if reply.status >= 400:
            yield from self._refused(response, reply)
        expected = self.expected(reply.status, response.content_type)
        declared, kind = expected.declared, expected.kind
        problems = [] if declared is not None and not declared.headers else self._of_the_head(reply, response, declared)
        is_nothing = is_empty(reply)
        if not is_nothing and not expected.content_type and declared is not None:  # an empty body may come in chunks, or until the end
            is_nothing = not (yield from reply.has_content())
        if kind in ("events", "binary") and not is_nothing:
            self._open(response, reply, expected, hands)
        else:
            problems += yield from self._decode(response, reply, expected)
        if kind != "events" and expected.may_be_stream and asks_for_stream(reply.request):
            found = short(response.content_type or "no content type")
            message = f"found {found} in answer to a call with stream=True, expected text/event-stream"
            problems.insert(0, Violation("Content-Type", message, response.content_type, hint="the answer is whole: error.data"))
        elif expected.media is None and declared is not None and not _is_nothing(response, declared):
            problems.insert(0, self._undeclared_type(declared, response.content_type))
        if settings.on_response is not None:
            yield from _shown(response, settings.on_response)
        if problems or settings.validate_responses == "warn":
            enforcement = self._enforcement(response, settings)
            if kind != "events":
                enforcement.observe(response.data)
            if problems:
                enforcement.pronounce(problems, response.data)
        return response

    def _of_the_head(self, reply: Reply, response: Response, declared: openapi.Response | None) -> list[Violation]:
        """What is wrong with the status and the headers."""
        problems = [] if declared is not None or was_asked_for(reply) else self._undeclared_status(reply.status)
        if declared is None and reply.status in REDIRECTS and "location" not in reply.headers:
            problems = [Violation('headers["Location"]', f"missing, expected the URL that a {reply.status} redirects to")]
        if declared is not None and reply.settings.validate_responses != "off":
            problems += header_violations(self.contract, declared, response.headers)
        return problems

    def _refused(self, response: Response, reply: Reply) -> Steps[None]:
        """An error status; a server that repeats a credential in its answer is not repeated."""
        response._body = yield from reply.read()  # noqa: SLF001 - the same idea
        declared = self.declared(reply.status)
        media = _media_type.match(declared.content, response.content_type) if declared is not None else None
        value = _media_type.decode_leniently(response.content_type, response._body, self.schema(media))  # noqa: SLF001 - the same idea
        response.data = response.seal(wrap(value))
        if reply.settings.on_response is not None:
            yield from _shown(response, reply.settings.on_response)
        self._enforcement(response, reply.settings).observe(response.data)
        raise status_error(self.operation.id, reply.status, response.data, response)

    def _open(self, response: Response, reply: Reply, expected: Expected, hands: Hands) -> None:
        """A body that is handed over unread."""
        from .assembly import Assembly
        from .binary import AsyncBinary, Binary
        from .sequence import Sequence
        from .stream import AsyncStream, Stream

        reply.held = True
        response._unread = reply  # noqa: SLF001 - the same idea
        facts = Response(reply)  # not `response`, or the two would keep each other, and the connection, alive
        if expected.kind == "binary":
            binary = AsyncBinary if hands.is_awaited else Binary
            response.data = binary(facts, reply, response.content_type, hands.run)
            return
        enforcement = self._enforcement(facts, reply.settings)

        def assembly() -> Assembly:
            return Assembly(expected.schema, self._whole(reply.status))

        ending = self._ending(expected.media)
        items = Sequence(facts, reply, expected.content_type, expected.schema, enforcement, ending, assembly)
        response.data = AsyncStream(items, hands.run) if hands.is_awaited else Stream(items, hands.run)

    def _whole(self, status: int) -> Schema | None:
        """What an answer is where it is not streamed."""
        declared = self.declared(status)
        whole = [media for name, media in declared.content.items() if _media_type.kind_of(name) == "json"] if declared is not None else []
        return self.schema(whole[0]) if whole else None

    def _ending(self, media: openapi.MediaType | None) -> Ending:
        """The convention by which its streams end; one for all of them, since they show it."""
        from .ending import Ending

        name = media.name if media is not None else ""
        if name not in self._endings:
            self._endings[name] = Ending(self.contract, self.operation, self.schema(media))
        return self._endings[name]

    def _decode(self, response: Response, reply: Reply, expected: Expected) -> Steps[list[Violation]]:
        body = response._body = yield from reply.read()  # noqa: SLF001 - the same idea
        media, content_type, schema = expected.media, expected.content_type, expected.schema
        if not body and (media is None or reply.status in (204, 205, 304) or reply.request.method == "HEAD"):
            return []
        try:
            value = _media_type.decode(content_type, body, reply.settings.limits.depth, schema)
        except DecodeError as error:
            response.data = body.decode("utf-8", "replace")
            return [_no_such(content_type, error, response.data)]
        response.data = wrap(value)
        may_be_error = type(value) is dict and "error" in value and is_error(value, schema)
        found = _violations(media, schema, value) if may_be_error or reply.settings.validate_responses != "off" else []
        if may_be_error and (found or len(value) == 1):
            response.note = f"although the status is {reply.status}"
            raise stream_error(self.operation.id, response.seal(response.data), response)
        return found

    def _enforcement(self, response: Response, settings: Settings) -> Enforcement:
        return Enforcement(response, settings.validate_responses, self._observer)


def _violations(media: openapi.MediaType | None, schema: Schema | None, value: Any) -> list[Violation]:
    """What is wrong with a body; with each line of it, where the document describes lines."""
    if schema is None or media is None:
        return []
    kind = _media_type.kind_of(media.name)
    if kind in ("text", "xml") and isinstance(value, str) and "string" not in schema.types:
        return []  # YAML or CSV, which writes the value in a way of its own
    if kind == "lines" and isinstance(value, list):
        if schema.types == {"string"}:
            return []  # the text as a whole, which is no value of its own
        if media.item_schema is not None or "array" not in schema.types:
            return [problem for index, item in enumerate(value) for problem in violations(schema, item, f"[{index}]")]
    return violations(schema, value)


def _shown(response: Response, hook: Callable[[Any], Any]) -> Steps[None]:
    """Hand it to the user's hook; where that fails, nobody else will close what is open."""
    try:
        yield Tell(hook, response)
    except BaseException:
        response.close()
        raise


def _sealed(headers: Mapping[str, str], known: Scrubber) -> Mapping[str, str]:
    """The same headers where the server repeated nothing."""
    changed = {name: clean for name, value in headers.items() if (clean := known.text(value)) != value}
    if not changed:
        return headers
    sealed: Any = headers.copy()  # type: ignore[attr-defined]  # as every mapping of headers can
    sealed.update(changed)
    return sealed  # type: ignore[no-any-return]  # as above


def _is_nothing(response: Response, declared: openapi.Response) -> bool:
    """Whether there is no body, of which a Content-Type says nothing where none is declared."""
    if response.data is not None or response.content:
        return False
    return not (response.content_type and declared.content) or response.status_code in (204, 205, 304)


def _no_such(content_type: str, error: DecodeError, value: Any) -> Violation:
    return Violation("", f"found a body that is no {_media_type.essence(content_type)}: {error}", value)
