"""A document answered for in process, on `responses`: code that uses `requests`, or our client, needs no server.

Rules of this file:
1. Nothing leaves the process: a call that no answer was given for, or that leads elsewhere, fails the test.
2. An answer is checked when it is given, a request when it is sent; both by the document.
3. Answers are given in the order of their registration; the last one stays.
4. What was given and never asked for is told at the end, as is every call that had no answer.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import responses

from .._client.async_client import AsyncClient, as_async
from .._client.client import Client
from .._client.inside import engine_of
from .._display.frames import caller
from .._display.words import count
from .._document.document import Source
from .._mock.author import Answer, Author
from .._mock.given_answer import RegistrationError
from .._mock.registration import MockOperation
from .._mock.script import InvalidCallError, Script, Scripted, UnmockedCallError
from .._problem import violations_text
from .._request.received import Wire
from .._request.router import Router
from .._transport import stand_in as _stand_in
from ..errors import DynaOpenAIWarning
from .body import Body

if TYPE_CHECKING:
    from requests import PreparedRequest
    from urllib3 import HTTPResponse

NOWHERE = "http://mock.test"  # where a document without a server is served
KEY = "sk-mock"

Policy = Literal["strict", "warn", "off"]


class Mock(Scripted):
    """A document's operations, answered in process.

    >>> with Mock() as mock:
    ...     mock.createThing.returns({"size": 3})
    ...     function_under_test()

    Args:
        source: what `Client` takes for a document, or a client, whose document and base URL are used.
        base_url: where the calls that it answers go; the document's server where left out.
        validate: ``"strict"``: a request that breaks the document fails the test; ``"warn"``, ``"off"``.
        passthrough: URLs whose requests are sent for real, each a prefix.
        assert_all_used: tell answers that nothing asked for when the mock is left.

    Attributes:
        client: a `Client` of the document whose calls the mock answers.
        async_client: the same as an `AsyncClient`.

    Raises:
        SpecError: the document cannot be read.
    """

    def __init__(
        self,
        source: Source | Client = None,
        *,
        base_url: str | None = None,
        validate: Policy = "strict",
        passthrough: Sequence[str] = (),
        assert_all_used: bool = True,
    ) -> None:
        if validate not in ("strict", "warn", "off"):
            raise ValueError(f'validate: found {validate!r}, expected "strict", "warn" or "off"')
        given = source if isinstance(source, Client) else Client(source, base_url=base_url)
        url = base_url or given.base_url or NOWHERE
        self.client = given.with_options(base_url=url, api_key=KEY, max_retries=0)
        self.base_url, self._validate, self._all_used = self.client.base_url, validate, assert_all_used
        engine = engine_of(self.client)
        self._engine = engine
        self._router = Router(engine.contract.openapi.entries.values(), urlsplit(self.base_url).path.rstrip("/"))
        self._wire = dispatcher(self._answered, tuple(passthrough))
        self._script = Script(self.client.operations, Author(engine.contract), "mock")

    def __repr__(self) -> str:
        return f"<Mock of {self._engine.contract.openapi.title} at {self.base_url}, {count(len(self.calls), 'call')}>"

    @cached_property
    def async_client(self) -> AsyncClient:
        return as_async(self.client)

    # --- life ------------------------------------------------------------------------------------

    def start(self) -> Mock:
        """Answer from now on; what a ``with`` block does."""
        self._wire.start()
        return self

    def stop(self, *, check: bool = True) -> None:
        """Answer no more.

        Raises:
            UnmockedCallError, InvalidCallError: a call failed, and the failure was swallowed.
            UnusedAnswersError: answers were given and never asked for.
        """
        self._wire.stop(allow_assert=False)
        if check:
            self._script.assert_no_trouble()
            if self._all_used:
                self._script.assert_all_used_up()

    def __enter__(self) -> Mock:
        return self.start()

    def __exit__(self, kind: object, *_: object) -> None:
        self.stop(check=kind is None)

    # --- one call --------------------------------------------------------------------------------

    def _answered(self, request: PreparedRequest) -> Answer:
        try:
            return self._answer(request)
        except (UnmockedCallError, InvalidCallError, RegistrationError) as error:
            self._script.troubles.append(error)
            raise

    def _answer(self, request: PreparedRequest) -> Answer:
        operation, variables = self._found(request)
        query = urlsplit(str(request.url)).query
        headers = {
            name: value if isinstance(value, str) else value.decode("latin-1")
            for name, value in request.headers.items()
        }
        wire = Wire(str(request.method), variables, query, headers, octets(request.body))
        call = self._script.received(operation.id, wire, request)
        if call.violations and self._validate == "strict":
            raise InvalidCallError(operation.id, call.violations)
        if call.violations and self._validate == "warn":
            warnings.warn(
                f"{operation.id} was sent with problems\n{violations_text(call.violations)}",
                DynaOpenAIWarning,
                stacklevel=caller("requests", "responses"),
            )
        answer = self._script.answer(call)
        if answer is None:
            raise self._script.unmocked(call)
        return answer

    def _found(self, request: PreparedRequest) -> tuple[MockOperation, dict[str, str]]:
        method, url = str(request.method), str(request.url)
        parts, base = urlsplit(url), urlsplit(self.base_url)
        place = f"{method} {parts.scheme}://{parts.netloc}{parts.path}"
        if (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
            raise UnmockedCallError(
                f"{place} leads elsewhere\n  expected  a URL that begins with {self.base_url}\n"
                "  remedy    Mock(base_url=...) for another place, Mock(passthrough=[...]) to send it for real"
            )
        found = self._router.find(parts.path)
        for entry, variables in found:
            if entry.method == method:
                return self[entry.id], variables
        allowed = ", ".join(dict.fromkeys(entry.method for entry, _ in found))
        near = self._router.near(parts.path)
        remedy = (
            f"expected  {allowed}"
            if allowed
            else f'nearest   "{near}"'
            if near
            else f"expected  a path under {self.base_url}"
        )
        raise UnmockedCallError(f"{place} is no operation of the document\n  {remedy}")


class StandIn(responses.RequestsMock):
    """What stands between `requests` and the network; calls under asyncio are led to it, too."""

    def __init__(self, *, waits: bool, **options: Any) -> None:
        super().__init__(**options)
        self._waits = waits

    def start(self) -> None:
        super().start()
        _stand_in.begin(waits=self._waits)

    def stop(self, allow_assert: bool = True) -> None:
        _stand_in.end(waits=self._waits)
        super().stop(allow_assert=allow_assert)


def dispatcher(
    answer: Callable[[PreparedRequest], Answer], passthrough: tuple[str, ...] = ()
) -> responses.RequestsMock:
    """What stands between `requests` and the network, and answers every request in the network's place."""
    wire = StandIn(waits=bool(passthrough), assert_all_requests_are_fired=False, passthru_prefixes=passthrough)
    wire.add(_Dispatcher(answer, passthrough))
    return wire


class _Dispatcher(responses.BaseResponse):
    """Answers every request in place of `responses`' own matching."""

    def __init__(self, answer: Callable[[PreparedRequest], Answer], passthrough: tuple[str, ...]) -> None:
        super().__init__("GET", NOWHERE)
        self._answer, self._passthrough = answer, passthrough

    def matches(self, request: PreparedRequest) -> tuple[bool, str]:
        return not str(request.url).startswith(self._passthrough or ("\0",)), "it is passed through"

    def get_response(self, request: PreparedRequest) -> HTTPResponse:
        answer = self._answer(request)
        body = answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)
        headers = {**({"Content-Type": answer.content_type} if answer.content_type else {}), **answer.headers}
        headers.setdefault("x-request-id", "req_mock")
        from urllib3 import HTTPResponse

        return HTTPResponse(
            body=Body(body),
            headers=headers,
            status=answer.status,
            preload_content=False,
            request_method=request.method,
        )


def octets(body: Any) -> bytes:
    """A request's body, read to its end."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return b"".join(body)
