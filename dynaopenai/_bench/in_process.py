"""A document answered for in process: code that uses `requests`, or our client, needs no server.

Rules of this file:
1. Nothing leaves the process: a call that no answer was given for, or that leads elsewhere, fails the test. What leads
   elsewhere is left to another mock where there is one.
2. An answer is checked when it is given, a request when it is sent; both by the document.
3. Answers are given in the order of their registration; the last one stays.
4. What was given and never asked for is told at the end, as is every call that had no answer.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from .._client.async_client import AsyncClient, as_async
from .._client.client import Client
from .._client.inside import engine_of
from .._display.frames import caller
from .._display.words import count
from .._document.document import Source
from .._document.openapi import OpenAPI
from .._mock.author import Answer, Author
from .._mock.given_answer import RegistrationError
from .._mock.registration import MockOperation
from .._mock.script import InvalidCallError, Script, Scripted, UnmockedCallError
from .._problem import violations_text
from .._request.received import Wire
from .._request.router import Router
from .._request.server import base_url as server_url
from ..errors import DynaOpenAIWarning
from .interception import Interception, answered, octets, origin_of

if TYPE_CHECKING:
    from requests import PreparedRequest, Response
    from typing_extensions import Self

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
        entries = engine.contract.openapi.entries.values()
        places = [self.base_url, *([] if base_url else _others(engine.contract.openapi, self.base_url))]
        self._places = [(origin_of(place), Router(entries, urlsplit(place).path.rstrip("/"))) for place in places]
        self._passthrough = tuple(passthrough)
        self._wire = Interception(self._handled, self._is_ours, self._refused, waits=bool(passthrough))
        self._script = Script(self.client.operations, Author(engine.contract), "mock")

    def __repr__(self) -> str:
        title = engine_of(self.client).contract.openapi.title
        return f"<Mock of {title} at {self.base_url}, {count(len(self.calls), 'call')}>"

    @cached_property
    def async_client(self) -> AsyncClient:
        return as_async(self.client)

    # --- life ------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Answer from now on; what a ``with`` block does."""
        self._wire.start()
        return self

    def stop(self, *, check: bool = True) -> None:
        """Answer no more.

        Raises:
            UnmockedCallError, InvalidCallError: a call failed, and the failure was swallowed.
            UnusedAnswersError: answers were given and never asked for.
        """
        self._wire.stop()
        if check:
            self._assert_all_well()

    # --- one call --------------------------------------------------------------------------------

    def _is_ours(self, url: str) -> bool:
        return any(origin == origin_of(url) for origin, _ in self._places) and not url.startswith(self._passthrough or "\0")

    def _handled(self, request: PreparedRequest, onward: Callable[[], Response]) -> Response:
        if str(request.url).startswith(self._passthrough or "\0"):
            return onward()
        try:
            return answered(request, self._answer(request))
        except (UnmockedCallError, InvalidCallError, RegistrationError) as error:
            self._script.troubles.append(error)
            raise

    def _refused(self, client: str, host: str) -> UnmockedCallError:
        """That a client cannot be answered here."""
        error = UnmockedCallError(
            f"{client} calls {host}, which this mock answers for code that uses requests, and for our client\n"
            f"  remedy    openapi_server, or dynaopenai.testing.MockServer, which answers {client} over real HTTP"
        )
        self._script.troubles.append(error)
        return error

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
                stacklevel=caller("requests", "responses", "requests_mock"),
            )
        answer = self._script.answer(call)
        if answer is None:
            raise self._script.unmocked(call)
        return answer

    def _found(self, request: PreparedRequest) -> tuple[MockOperation, dict[str, str]]:
        method, url = str(request.method), str(request.url)
        parts = urlsplit(url)
        place = f"{method} {parts.scheme}://{parts.netloc}{parts.path}"
        routers = [router for origin, router in self._places if origin == origin_of(url)]
        if not routers:
            raise UnmockedCallError(
                f"{place} leads elsewhere\n  expected  a URL that begins with {self.base_url}\n"
                "  remedy    Mock(base_url=...) for another place, Mock(passthrough=[...]) to send it for real"
            )
        found = [route for router in routers for route in router.find(parts.path)]
        for entry, variables in found:
            if entry.method == method:
                return self[entry.id], variables
        allowed = ", ".join(dict.fromkeys(entry.method for entry, _ in found))
        near = next(filter(None, (router.near(parts.path) for router in routers)), "")
        remedy = (
            f"expected  {allowed}"
            if allowed
            else f'nearest   "{near}"'
            if near
            else f"expected  a path under {self.base_url}"
        )
        raise UnmockedCallError(f"{place} is no operation of the document\n  {remedy}")


def _others(api: OpenAPI, base_url: str) -> list[str]:
    """Where else calls may go: to the document's servers, where the base URL is one of them or the environment's."""
    servers = []
    for index in range(len(api.servers)):
        with suppress(ValueError):
            servers.append(server_url(api.servers, api.document.base, index, {}))
    base_url_set = os.environ.get("OPENAI_BASE_URL", "").strip().rstrip("/")
    return servers if base_url in servers or (base_url_set and base_url.rstrip("/") == base_url_set) else []
