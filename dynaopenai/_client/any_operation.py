"""AnyOperation: what an operation is for both clients, and its calls as steps; who carries them out is theirs to say."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._checking.contract import Contract
from .._display.colour import Paint, plain
from .._display.frames import caller
from .._display.visible import visible
from .._document import openapi
from .._request.arguments import Argument, Bound
from .._request.options import Options, with_keywords
from .._request.origin import Origin as Site
from .._request.origin import origin
from .._request.request import Request
from .._request.security import Credentials, MissingCredentialError, Proof, prove, settled
from .._request.server import base_url
from .._request.settings import Settings
from .._request.standing import Standing, astray
from .._response.response import Hands, Response
from .._transport.call import call
from .._transport.step import Steps, Work
from ..errors import DynaOpenAIError, DynaOpenAIWarning, RequestValidationError, SpecError, Violation
from .engine import Driver, Engine, Plan
from .last_response import keep
from .shallow import shallow

if TYPE_CHECKING:
    import inspect

    import requests
    from typing_extensions import Self, Unpack

    from .._response.link import Links
    from .._response.pagination import Pages

__all__ = ["AnyOperation", "Engine"]


class Doc:
    """A docstring: the class's own on the class, on an instance what the document says of it."""

    def __init__(self, text: str | None, manual: Callable[[Any], str]) -> None:
        self._text, self._manual = text, manual

    def __get__(self, instance: object, owner: object) -> str | None:
        return self._text if instance is None else self._manual(instance)


class AnyOperation:
    """One operation of the document, ready to be called.

    Keywords are parameters and body properties alike; positional arguments fill the path parameters in the
    template's order, then the whole body.

    Raises:
        RequestValidationError: the arguments break the document; nothing was sent.
        APIStatusError: the API answered with an error.
        ResponseValidationError: the answer breaks the document.
        APIConnectionError, APITimeoutError: no answer, or half of one.
    """

    def __init__(self, engine: Engine, entry: openapi.Entry, settings: Settings) -> None:
        self._engine = engine
        self._entry = entry
        self._settings = settings
        self._standing: Standing | None = None
        self.__name__ = self.__qualname__ = entry.id

    __doc__ = Doc(__doc__, lambda operation: operation.manual())  # help(op) is about the operation

    def __get__(self, instance: object, owner: object = None) -> Self:
        return self  # makes help(op) show a signature, as for any callable

    def __str__(self) -> str:
        return f"<Operation {self.id} {self.method} {self.path}>"

    def __repr__(self) -> str:
        return visible(self._repr_painted_(plain))

    def _repr_painted_(self, paint: Paint) -> str:
        from .describe import overview

        try:
            return overview(self._plan.writer, self._plan.reader, paint)
        except SpecError:
            return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self._engine.contract, self.id, self._settings.without_secrets(self._engine.secrets))

    @staticmethod
    def new_driver() -> Driver:
        """Who carries out its calls, where it comes out of a pickle."""
        raise NotImplementedError

    # --- facts -----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self._entry.id

    @property
    def method(self) -> str:
        return self._entry.method

    @property
    def path(self) -> str:
        return self._entry.path

    @property
    def tags(self) -> tuple[str, ...]:
        return self._entry.tags

    @property
    def summary(self) -> str:
        return self._entry.summary

    @property
    def deprecated(self) -> bool:
        return self._entry.deprecated

    @property
    def description(self) -> str:
        return self._declared.description

    @property
    def parameters(self) -> tuple[openapi.Parameter, ...]:
        return self._declared.parameters

    @property
    def request_body(self) -> openapi.RequestBody | None:
        return self._declared.request_body

    @property
    def responses(self) -> dict[str, openapi.Response]:
        return dict(self._declared.responses)

    @property
    def arguments(self) -> list[Argument]:
        """What it takes, in the order of the signature."""
        return list(self._plan.writer.arguments.all)

    @property
    def _declared(self) -> openapi.Operation:
        return self._plan.writer.operation

    @cached_property
    def _plan(self) -> Plan:
        return self._engine.plan(self.id)

    @cached_property
    def __signature__(self) -> inspect.Signature:
        from .signature import signature

        return signature(self._plan.writer.arguments)

    def _repr_html_(self) -> str:
        from .._display import html as _html
        from .._display.prose import brief
        from .describe import branches, headline, returned

        plan = self._plan
        arguments, returns = branches(plan.writer), returned(plan.reader)
        about = brief(self.summary or self.description)
        texts = dict.fromkeys(text for text in (self.summary, self.description) if text.strip() not in ("", about))
        return _html.operation(headline(self), about, "\n\n".join(texts), arguments, returns)

    def manual(self) -> str:
        """What ``help(op)`` shows: all that the document says of the operation."""
        from .describe import example_call, manual

        try:
            writer, names = self._plan.writer, self._engine.names_in_groups(self.id)
            example = example_call(writer, self._engine.taken)
            return visible(manual(writer, self._plan.reader, example, [f"client.{name}" for name in names]))
        except SpecError as error:
            return f"{self.id}: {error}"

    # --- options ---------------------------------------------------------------------------------

    @with_keywords
    def with_options(self, **options: Unpack[Options]) -> Self:
        """A copy with other settings: ``op.with_options(timeout=30, max_retries=0)(...)``."""
        return type(self)(self._engine, self._entry, self._settings.with_options(**options))

    def __copy__(self) -> Self:
        return self.with_options()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.with_options()  # connections are shared, never copied

    # --- calling ---------------------------------------------------------------------------------

    def _sent(self, args: Any, kwargs: Any) -> Steps[Response]:
        """A call with these arguments, to its `Response`."""
        if not self._engine.is_planned(self.id):
            yield Work(self._engine.plan, (self.id,))
        response = yield from self._fetched(self._request(args, kwargs))
        declared = self._plan.reader.declared(response.status_code)
        if declared is not None and declared.links:
            response.links = self._links(response, declared, args, kwargs)
        return response

    def _fetched(self, request: Request) -> Steps[Response]:
        read, hands = self._plan.reader.read, self._hands
        try:
            response: Response = yield from call(request, self._settings, lambda reply: read(reply, hands))
        except DynaOpenAIError as error:
            keep(self._engine, getattr(error, "response", None))
            raise
        keep(self._engine, response)
        return response

    @cached_property
    def _hands(self) -> Hands:
        return Hands(self._engine.transport.run)

    def _pages(self, args: Any, kwargs: Any) -> Pages:
        """The way through the pages of a call with these arguments."""
        from .._response.pagination import Pages

        return Pages(self.id, self.arguments, self._request(args, kwargs), self._fetched)

    def _request(self, args: Any, kwargs: Any) -> Request:
        """What a call sends.

        Raises:
            RequestValidationError: the arguments break the document, or the credential is missing.
        """
        if self.deprecated:
            warnings.warn(f"{self.id} is deprecated by the API's document", DeprecationWarning, stacklevel=caller())
        standing = self._standing
        if standing is None:
            try:
                standing = self._stands()
            except RequestValidationError as error:
                raise RequestValidationError(self.id, error.violations + self.validate_request(*args, **kwargs)) from None
        return self._plan.writer.write(standing, args, kwargs)

    def _stands(self) -> Standing:
        """What its requests have in common; kept, but where each of them has to be warned of."""
        standing = self._standing_with(self._proof())
        if self._settings.validate_requests != "warn" or not standing.proof.is_empty:
            self._standing = standing
        return standing

    def _links(self, response: Response, declared: openapi.Response, args: Any, kwargs: Any) -> Links:
        """The document's links from an answer, to be called with the same settings."""
        from .._response.link import Links, Origin, target

        api = self._engine.contract.openapi

        def bound() -> Bound:
            return self._plan.writer.check(args, kwargs).bound

        origin = Origin(
            response,
            lambda: {argument.name: value for argument, value in bound().parameters.items()},
            lambda: bound().body,
        )
        return Links(
            origin, declared.links, lambda link: type(self)(self._engine, api.entries[target(link, api)], self._settings)
        )

    # --- unsent ---------------------------------------------------------------------------------------

    @shallow
    def prepare(self, /, *args: Any, **kwargs: Any) -> requests.PreparedRequest:
        """The checked, unsent `requests.PreparedRequest`; without a credential where there is none yet."""
        proof = self._proven(self._settings.credentials_for(self._origin))
        return self._engine.transport.prepare(self._written(proof, args, kwargs))

    @shallow
    def curl(self, /, *args: Any, **kwargs: Any) -> str:
        """The command line that sends the same request; the key is left as ``$OPENAI_API_KEY``."""
        from .curl import KEY, command

        return command(self._written(self._proven(KEY), args, kwargs))

    def example(self) -> dict[str, Any]:
        """A valid set of arguments: ``op(**op.example())``."""
        from .example import example_arguments

        return example_arguments(self._plan.writer)

    def _written(self, proof: Proof, args: Any, kwargs: Any) -> Request:
        return self._plan.writer.write(self._standing_with(proof), args, kwargs)

    def _standing_with(self, proof: Proof) -> Standing:
        return self._plan.writer.standing(self._settings, self._base_url, proof)

    @property
    def _base_url(self) -> str:
        settings = self._settings
        if settings.base_url:
            return settings.base_url
        document = self._engine.contract.document
        return base_url(self._declared.servers, document.base, settings.server, settings.server_variables)

    @property
    def _origin(self) -> Site | None:
        try:
            return origin(self._base_url)
        except ValueError:
            return None

    def _proof(self) -> Proof:
        settings, where = self._settings, self._origin
        policy = settings.validate_requests
        try:
            return self._kept_home(prove(*self._security, settings.credentials_for(where)), where)
        except MissingCredentialError as error:
            if settings.credentials == "" or (where is not None and where.is_loopback):
                return Proof()  # none is meant, or the server is one's own and may well not look
            names = ", ".join(f"{scheme.key} ({scheme.scheme or scheme.type})" for scheme in error.schemes)
            missing = Violation(
                "api_key",
                f"missing, expected a credential for {names}",
                hint=self._remedy(where),
            )
        except ValueError as error:
            raise RequestValidationError(self.id, [Violation("api_key", str(error))]) from None
        if policy == "strict":
            raise RequestValidationError(self.id, [missing])
        if policy == "warn":
            warnings.warn(f"{self.id} is sent without a credential: {missing}", DynaOpenAIWarning, stacklevel=caller())
        return Proof()

    def _proven(self, credentials: Credentials) -> Proof:
        try:
            proof = prove(*self._security, credentials)
            return settled(self._kept_home(proof, self._origin), self.id)
        except RequestValidationError:
            raise
        except (MissingCredentialError, ValueError):
            return Proof()

    def _kept_home(self, proof: Proof, where: Site | None) -> Proof:
        """
        Raises:
            RequestValidationError: it shows what was given in code, and this origin is not to see it.
        """
        settings = self._settings
        if proof.is_empty or where is None or settings.trusts(where) or (settings.credentials is None and settings.lends(where)):
            return proof
        raise RequestValidationError(self.id, [astray("api_key", where)])

    def _remedy(self, where: Site | None) -> str:
        settings = self._settings
        if where is not None and where.is_home:
            return "set OPENAI_API_KEY, or give Client(api_key=...)"
        any_text = 'give Client(api_key=...): any text where the server does not look, "" to send none'
        if where is None or settings.lends(where):
            return f"set OPENAI_API_KEY, or {any_text}"
        return f"OPENAI_API_KEY is not sent to {where}: {any_text}" if settings.environment.key else any_text

    @property
    def _security(self) -> tuple[Sequence[Sequence[str]], Mapping[str, openapi.SecurityScheme]]:
        """The alternatives and the schemes that they name: the document's, or the one that was set."""
        given, declared = self._settings.scheme, self._declared.security
        if given is not None and any(declared):
            return ((given.key,),), {given.key: given}
        return declared, self._engine.contract.openapi.security_schemes

    # --- checking without calling ----------------------------------------------------------------

    def validate_request(self, /, *args: Any, **kwargs: Any) -> list[Violation]:
        """What is wrong with these arguments; empty when nothing is."""
        checked = self._plan.writer.check(args, kwargs, content_type=self._settings.content_type)
        return checked.fatal + checked.broken

    def validate_response(
        self, payload: Any, status: int = 200, content_type: str = "application/json"
    ) -> list[Violation]:
        """What is wrong with a decoded answer (one item of it, for ``text/event-stream``); empty when nothing is."""
        return self._plan.reader.check(payload, status, content_type)


def _revive(kind: type[AnyOperation], contract: Contract, operation_id: str, settings: Settings) -> AnyOperation:
    return kind(Engine(contract, kind.new_driver()), contract.openapi.entries[operation_id], settings)
