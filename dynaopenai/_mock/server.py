"""A document served over real HTTP on a socket, on loopback unless told otherwise; told what to answer as a mock is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from .._checking.contract import Contract
from .._document.document import Source, load
from .._request.origin import served_at
from .._request.writer import PATH
from ..errors import DynaOpenAIError
from .mock import MockApp, Record, Strictness
from .sabotage import Chances, Weather
from .script import Scripted

if TYPE_CHECKING:
    from typing_extensions import Self

    from .serving import Server

__all__ = ["MockServer"]

GRACE = 5.0  # seconds that answers in progress get when the server is stopped


class MockServer(Scripted):
    """A document served over HTTP, from entering until leaving a ``with`` block.

    >>> with MockServer("openapi.yaml") as server:
    ...     server.createThing.returns({"size": 3})
    ...     client = Client("openapi.yaml", base_url=server.url, api_key="sk-mock")

    It is told what to answer as `Mock` is; what it was not told, it makes up.

    Args:
        source: what `Client` takes for a document, or a contract.
        host, port: where to listen; port 0 is any free one.
        faults: operationId to the status that it answers with, whatever is asked, or to statuses with probabilities:
            ``{"getThing": {429: 0.1}}``.
        error_rate: how likely any request fails with one of 429, 500 and 503.
        latency: seconds before an answer, or the least and the most of them.
        stream_delay: seconds between the events of a stream.
        stream_faults: how likely a stream goes wrong in which way: ``{"truncate": 0.1, "corrupt": 0.1}``; also ``"stall"`` and
            ``"drop"``.
        rpm, tpm: requests and tokens a minute; who asks for more gets a 429 with Retry-After. 0 is without limit.
        job_looks: how many looks each stage of a job lasts that is created and then polled; at 0 it is done at once.
        empty: nothing is there but what was created, of what can be created; else what was never created is made up.
        api_key: the only credential that is accepted; any is where None.
        seed: of the chances.
        validate: ``"strict"`` refuses what breaks the document, ``"warn"`` answers it and says so in the record.
        on_request: called with the `Record` of each request, before it is answered, in the thread that answers.
        strict: refuse calls that no answer was given for, in the place of making one up; they are told when it stops.
        assert_all_used: tell answers that nothing asked for when it stops.

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
        faults: Mapping[str, Chances] | None = None,
        error_rate: float = 0.0,
        latency: float | tuple[float, float] = 0.0,
        stream_delay: float = 0.0,
        stream_faults: Mapping[str, float] | None = None,
        rpm: int = 0,
        tpm: int = 0,
        job_looks: int = 1,
        empty: bool = False,
        api_key: str | None = None,
        seed: int = 0,
        validate: Strictness = "strict",
        on_request: Callable[[Record], None] | None = None,
        strict: bool = False,
        assert_all_used: bool = True,
    ) -> None:
        if not isinstance(port, int) or not 0 <= port <= 65535:
            raise ValueError(f"port: found {port!r}, expected a number from 0 (any free port) to 65535")
        contract = source if isinstance(source, Contract) else Contract(load(source))
        weather = Weather(faults or {}, error_rate, latency, stream_delay, seed, stream_faults or {}, rpm, tpm, job_looks, empty)
        self.app = MockApp(
            contract, weather=weather, validate=validate, on_request=on_request, strict=strict, api_key=api_key
        )
        self._host, self._port, self._all_used = host, port, assert_all_used
        self._server: Server | None = None
        self._script = self.app.script

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
        return served_at(self._host, self._server.port) + quote(self.app.prefix, safe=PATH)

    @property
    def requests(self) -> list[Record]:
        """The requests so far, the oldest first."""
        return list(self.app.requests)

    def start(self) -> Self:
        """Listen, and answer in threads of its own; nothing where it runs already."""
        from .serving import Server

        if self._server is None:
            self.app.open()
            self._server = Server(self._host, self._port, self.app, "dynaopenai-mock")
            self._server.start()
        return self

    def stop(self, *, check: bool = True) -> None:
        """Stop listening, let answers in progress end, and leave no thread or socket behind.

        Raises:
            UnmockedCallError, RegistrationError: a call could not be answered as the test said.
            UnusedAnswersError: answers were given and never asked for.
        """
        server, self._server = self._server, None
        if server is not None:
            self.app.close()
            server.stop(GRACE)
        if check:
            self._assert_all_well()
