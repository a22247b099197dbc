"""AnyClient: what a client is, whoever carries out its calls: a document's operations with one set of settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._checking.check import violations
from .._checking.contract import Contract
from .._checking.schema import Schema
from .._display.colour import Paint, plain
from .._display.visible import visible
from .._display.words import nearest
from .._document import openapi
from .._document.document import Source
from .._request.options import Options, with_keywords
from .._request.security import Credentials
from .._request.server import base_url as server_url
from .._request.server import checked_url
from .._request.settings import DEFAULT_TIMEOUT, Limits, Policy, Settings, Timeout
from ..errors import Diagnostic, SpecError, UnknownOperationError, Violation
from .constructor import forgiving
from .engine import PARTS, Driver, Engine
from .environment import with_environment
from .follow import LOCK, Changes, Following, write_pin
from .last_response import last
from .named import named
from .operations import Found, Operations, OperationT

if TYPE_CHECKING:
    import requests
    from typing_extensions import Self, Unpack

    from .._learn.drift import Drift
    from .._response.response import Response
    from .._transport.retry import Retry
    from .unlisted import Unlisted
    from .webhooks import Webhooks

__all__ = ["AnyClient"]

MAX_CONNECTIONS = 100

ReplyT = TypeVar("ReplyT")  # what comes of a call at once: a `Response`, or what is awaited for one


class AnyClient(Generic[OperationT, ReplyT]):
    """An API, as its OpenAPI document describes it.

    >>> client = Client("pets.yaml")
    >>> client.findPets(kind="dog", limit=3)

    Args:
        spec: path, URL, mapping, text, the name of an API (``"openai"``: the document that OpenAI publishes now), or None
            for the OpenAI API's document that comes with this package.
        api_key: the credential: a string, a (user, password) pair for basic auth, a callable that returns one (asked before
            each try, by one at a time; for an AsyncClient it may be a coroutine function), or a mapping by security scheme.
            Where None, ``OPENAI_API_KEY`` is used for the OpenAI API over https, for a base URL that was given, and on
            loopback.
        base_url: where None, ``OPENAI_BASE_URL`` for the OpenAI API, else the document's server.
        headers: sent with every request.
        timeout: seconds, (connect, read) or (connect, read, total) seconds; None waits for ever. ``read`` is the
            longest silence of the server, between two events of a stream too; ``total`` is for the whole call.
        max_retries: how often a failed request is tried again.
        max_retry_after: the longest wait, in seconds, that a server may ask for before another try.
        validate_requests, validate_responses: ``"strict"`` raises, ``"warn"`` warns, ``"off"`` does not look.
        session: a `requests.Session` of your own; an `aiohttp.ClientSession` for an AsyncClient.
        max_connections: how many are open at a time; who wants one more waits as long as for a connection.
        security: a Security Scheme Object in the place of the document's, for a server that wants the key elsewhere.
        limits: how much is taken from a server, `Limits`.
        on_request, on_response, on_retry: called with each `requests.PreparedRequest` before it is sent, with each
            `Response`, and with a `Retry` before each wait. What they raise, the call raises.
        server, server_variables: which of the document's servers (index, name or URL), and values for its variables.
        trusted_origins: where the credential may go beside the document's own servers and ``base_url``: ``["https://host"]``.
        remote_refs: hosts that a ``$ref`` may lead to; True for any.
        local_refs: folders that a ``$ref`` of a file may lead to beside the document's own, its checkout and the working
            directory; True for any.
        strict_spec: refuse a document that has an error in any part of it, used or not.

        overlays: OpenAPI Overlays (paths, URLs, mappings) that correct the document, applied in their order.
        refresh: after how many seconds the document is looked for again, beside the next use; None for never.
        pin: the file that `pin` wrote, or a hash ``sha256:...``; another document is refused.
        drift: a file to which is added how answers differ (under ``validate_responses="warn"``), safe across processes.

    Raises:
        SpecError: the document cannot be read.
        ValueError: an option has a value that makes no sense.
    """

    @forgiving
    def __init__(
        self,
        spec: Source = None,
        *,
        api_key: Credentials = None, security: Mapping[str, Any] | None = None,
        base_url: str | None = None, server: int | str | None = None, server_variables: Mapping[str, str] | None = None,
        headers: Mapping[str, str | None] | None = None, trusted_origins: Collection[str] = (),
        timeout: Timeout = DEFAULT_TIMEOUT, max_retries: int = 2, max_retry_after: float = 120.0,
        validate_requests: Policy = "strict", validate_responses: Policy = "strict", limits: Limits | None = None,
        session: Any = None, max_connections: int = MAX_CONNECTIONS,
        on_request: Callable[[requests.PreparedRequest], Any] | None = None,
        on_response: Callable[[Response], Any] | None = None,
        on_retry: Callable[[Retry], Any] | None = None,
        remote_refs: bool | Collection[str] = False,
        local_refs: bool | Collection[str | os.PathLike[str]] = False,
        overlays: Sequence[Source] = (), strict_spec: bool = False,
        refresh: float | None = None, pin: str | os.PathLike[str] | None = None, drift: str | os.PathLike[str] | None = None,
    ) -> None:  # fmt: skip
        entry = named(spec)
        base_url = entry.base_url if base_url is None else base_url
        following = Following(
            entry.source, (*entry.overlays, *overlays), remote_refs or entry.remote_refs, local_refs, refresh, pin or entry.pin
        )
        contract = following.contract
        settings = Settings(
            credentials=entry.api_key if api_key is None else api_key, security=security or entry.security,
            base_url=checked_url(base_url, "base_url") if base_url is not None else "",
            server=server, server_variables=dict(server_variables or {}),
            servers=contract.openapi.servers, uri=contract.openapi.document.base,
            headers={**entry.headers, **(headers or {})}, trusted_origins=trusted_origins,
            timeout=timeout, max_retries=max_retries, max_retry_after=max_retry_after,
            validate_requests=validate_requests, validate_responses=validate_responses, limits=limits or Limits(),
            on_request=on_request, on_response=on_response, on_retry=on_retry,
        )  # fmt: skip
        following.start(self._new_engine(contract, session, max_connections, drift))
        self._start(following, with_environment(settings, contract))
        if strict_spec:
            self._refuse_errors()

    @classmethod
    def _new_engine(
        cls, contract: Contract, session: Any = None, max_connections: Any = MAX_CONNECTIONS,
        drift: str | os.PathLike[str] | None = None,
    ) -> Engine:  # fmt: skip
        if not isinstance(max_connections, int) or isinstance(max_connections, bool) or max_connections < 1:
            raise ValueError(f"max_connections: found {max_connections!r}, expected a count of at least 1")
        return Engine(contract, cls._driver(session, max_connections), frozenset(dir(cls)), drift)

    @classmethod
    def _driver(cls, session: Any, max_connections: int) -> Driver:
        """Who carries out its calls."""
        raise NotImplementedError

    _operation: Callable[[Engine, openapi.Entry, Settings], OperationT]  # makes one

    def _start(self, following: Following, settings: Settings) -> None:
        self._following = following
        self._settings = settings
        self._operations: Operations[OperationT] | None = None

    @property
    def _engine(self) -> Engine:
        return self._following.engine

    def __repr__(self) -> str:
        return visible(self._repr_painted_(plain))

    def _repr_painted_(self, paint: Paint) -> str:
        from .banner import banner

        return banner(type(self).__name__, self._engine.contract.openapi, self._facts, paint)

    def _repr_html_(self) -> str:
        from .banner import page

        return page(self._engine.contract.openapi, self._facts)

    @property
    def _facts(self) -> str:
        from .banner import facts_of

        return facts_of(self._engine.contract.openapi, self.base_url, self._settings, self._engine.secrets)

    # --- operations ------------------------------------------------------------------------------

    @property
    def operations(self) -> Operations[OperationT]:
        """Every `Operation` by its operationId, in document order."""
        engine, made = self._engine, self._operations
        if made is None or made.engine is not engine:
            made = self._operations = Operations(engine, self._settings, self._operation)
        return made

    def __getitem__(self, operation_id: str) -> OperationT:
        return self.operations[operation_id]

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self.operations

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in PARTS:
            raise AttributeError(name)
        found = self.operations.find(name)
        if found is None:
            contract, known = self._engine.contract, self.operations
            closest = known.within(name)
            raise UnknownOperationError(name, known.names(), contract.openapi.title, len(known), contract.newer, closest)
        return found

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._engine.names.listed]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.operations)

    def find(self, words: str) -> Found[OperationT]:
        """The operations and schemas that ``words`` fit, best first: ``client.find("fine tun")``."""
        from .find import search

        hits = search(self._engine.pages, words)
        return Found(
            [self.operations[page.name] for page in hits if page.kind == "operation"],
            [page.name for page in hits if page.kind == "schema"],
            words,
        )

    @property
    def last_response(self) -> Response | None:
        """What is told of the last answer in this thread or task (``.request_id``, ``.headers``, ``.status_code``), without its data."""
        return last(self._engine)

    # --- settings --------------------------------------------------------------------------------

    @with_keywords
    def with_options(self, **options: Unpack[Options]) -> Self:
        """A copy with other settings, over the same connections: ``client.with_options(timeout=30, max_retries=0)``."""
        if options.get("base_url"):
            options["base_url"] = checked_url(options["base_url"], "base_url")
        other = type(self).__new__(type(self))
        other._start(self._following, self._settings.with_options(**options))  # noqa: SLF001 - the same class
        return other

    @property
    def base_url(self) -> str:
        """Where calls go; empty when the document names no server and none was given."""
        if self._settings.base_url:
            return self._settings.base_url
        api = self._engine.contract.openapi
        try:
            return server_url(
                api.servers, api.document.base, self._settings.server, self._settings.server_variables
            )
        except ValueError:
            return ""

    # --- calling what is not declared ------------------------------------------------------------

    def request(
        self, method: str, path: str, *,
        json: Any = None, params: Mapping[str, Any] | None = None, files: Any = None, data: Any = None, stream: bool = False,
    ) -> ReplyT:  # fmt: skip
        """Send what the document does not have: with this client's base URL, credentials, retries and errors, unchecked.

        >>> client.with_options(timeout=30).request("POST", "/new/thing", json={"name": "n"}).data

        Args:
            path: below the base URL; nothing of it is filled in.
            json: the body, as JSON.
            params: the query: lists repeat the name, mappings stand in brackets, None is left out.
            files: files by name (or pairs), each as operations take one: a Path, an open binary file, bytes, (filename, content).
            data: fields of a form, beside ``files`` too; or the body as it is: bytes, a Path, an open binary file.
            stream: the answer is an event stream; ``"stream": true`` is added to a body of JSON.

        Returns:
            The `Response` (awaited, of an AsyncClient), whose ``note`` says that it is unchecked; its ``data`` is what the answer's Content-Type makes it:
            `Data`, a list, text, a `Stream` of plain `Data`, or `Binary`.

        Raises:
            RequestValidationError: the path may lead to another origin, or nothing can be sent.
            ResponseValidationError: a body is not what its type says, or with ``stream`` is no event stream.
        """
        from .unlisted import Unlisted

        unlisted = Unlisted(method, path, json, params or {}, files, data, stream)
        reply: ReplyT = self._beside(unlisted).send(*unlisted.body, **unlisted.keywords)
        return reply

    def _beside(self, unlisted: Unlisted) -> Any:
        """What a caller says of a request, as an operation of this client."""
        contract = self._engine.contract
        return self._operation(self._engine.beside(unlisted.id, unlisted.plan(contract)), unlisted.entry(contract), self._settings)

    # --- checking without calling ----------------------------------------------------------------

    def schema(self, name: str) -> Schema:
        """The component schema called ``name``.

        Raises:
            SpecError: there is none.
        """
        api = self._engine.contract.openapi
        node = api.schema(name)
        if node is None:
            close = nearest(name, api.schema_names(), 3)
            remedy = "did you mean " + " or ".join(close) + "?" if close else ""
            raise SpecError(f"no schema is called {name!r}", source=api.document.name, remedy=remedy)
        return self._engine.contract.schema(node, "any")

    def validate(self, schema: str, payload: Any) -> list[Violation]:
        """What is wrong with ``payload`` as a ``schema``; empty when nothing is.

        Raises:
            SpecError: no schema has that name.
        """
        from .._checking.json import NotJSONError, taken

        compiled = self.schema(schema)
        try:
            payload = taken(payload).value
        except NotJSONError as error:
            return error.violations()
        return violations(compiled, payload)

    @property
    def webhooks(self) -> Webhooks:
        """What the API sends of its own accord: ``client.webhooks[name].validate(payload)``, ``client.webhooks.unwrap(...)``."""
        from .webhooks import Webhooks

        return Webhooks(self._engine.contract)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Every defect of the document. Looking for them reads all of it."""
        from .diagnosis import diagnose

        return diagnose(self._engine.contract, self.operations.attributes)

    def _refuse_errors(self) -> None:
        found = [item for item in self.diagnostics if item.severity == "error"]
        if found:
            first, more = found[0], f"; and {len(found) - 1} more" if len(found) > 1 else ""
            raise SpecError(
                f"{first.message}{more}",
                source=first.source,
                line=first.line,
                pointer=first.pointer,
                remedy=first.remedy or "see Client(...).diagnostics, without strict_spec, for all of them",
            )

    @property
    def drift(self) -> Drift:
        """How answers differed from the document so far; collected where ``validate_responses`` is ``"warn"``."""
        return self._engine.drift

    # --- following the document ------------------------------------------------------------------

    def reload(self, *, force: bool = False) -> Changes:
        """Read the document again; what it changed, in one line. A broken one leaves the old in service, with a warning.

        Operations that were taken from the client before, and calls that have begun, stay with the old document.

        Args:
            force: take it also where more than half of the operations are gone, as in a file that was cut off.
        """
        changes = self._following.reload(force=force)
        return self.changes if changes.moved else changes

    @property
    def changes(self) -> Changes:
        """What the last reload or refresh changed; empty where there was none."""
        return self._following.changes()

    def pin(self, path: str | os.PathLike[str] = LOCK) -> str:
        """Write the document's hash to a file, for ``Client(spec, pin=path)``; returns it."""
        return write_pin(self._engine.contract, path)

    # --- copies ----------------------------------------------------------------------------------

    def __copy__(self) -> Self:
        return self.with_options()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.with_options()  # connections are shared, never copied

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self._engine.contract, self._settings.without_secrets(self._engine.secrets))


ClientT = TypeVar("ClientT", bound=AnyClient[Any, Any])


def twin(client: AnyClient[Any, Any], kind: type[ClientT]) -> ClientT:
    """A client of another kind, of the same document and with the same settings."""
    made = kind.__new__(kind)
    engine = kind._new_engine(client._engine.contract)  # noqa: SLF001 - the same class
    made._start(Following.standing(engine), client._settings)  # noqa: SLF001 - the same class
    return made


def _revive(kind: type[AnyClient[Any, Any]], contract: Contract, settings: Settings) -> AnyClient[Any, Any]:
    client = kind.__new__(kind)
    engine = kind._new_engine(contract)  # noqa: SLF001 - the same class
    client._start(Following.standing(engine), with_environment(settings, contract))  # noqa: SLF001 - the same class
    return client
