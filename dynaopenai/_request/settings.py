"""What a user sets beside the call, with the `Limits` on what is taken from a server: frozen, replaced and never changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from .._display.words import did_you_mean, in_python
from .._document.openapi import SecurityScheme, Server
from .credential import held
from .oauth2 import Grant, granted
from .origin import Origin, origin
from .security import Credentials, checked_credentials, scheme_of, secret_names
from .server import declared_origins

if TYPE_CHECKING:
    from .._secrecy.values import Scrubber

__all__ = ["Limits"]

Policy = Literal["strict", "warn", "off"]
Seconds = float | None
Timeout = float | tuple[Seconds, Seconds] | tuple[Seconds, Seconds, Seconds] | None
Progress = bool | Callable[[int, int | None], Any] | None
Hook = Callable[[Any], Any] | None

POLICIES = ("strict", "warn", "off")
HOOKS = ("on_request", "on_response", "on_retry")
DEFAULT_TIMEOUT = (10.0, 600.0)


@dataclass(frozen=True)
class Limits:
    """How much is taken from a server; None lifts a limit.

    Attributes:
        answer: bytes of an answer that is read as a whole (streams and files are not).
        event: bytes of one event of a stream.
        headers: header lines of an answer.
        depth: levels of nesting in the JSON of an answer.
    """

    answer: int | None = 1 << 30
    event: int | None = 64 << 20
    headers: int | None = 100
    depth: int | None = 200

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
                msg = f"limits: found {item.name}={value!r}, expected a count, or None for no limit"
                raise ValueError(msg)


@dataclass(frozen=True)
class Environment:
    """What the environment lends where it may be shown: a key, and the headers that go with it."""

    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """
    Attributes:
        timeout: seconds, (connect, read) or (connect, read, total) seconds; None waits for ever. ``read`` is the
            longest silence of the server; ``total`` is for the whole call, its tries and all of its answer.
        max_retries: how often a failed request is tried again.
        max_retry_after: the longest wait, in seconds, that a server may ask for; beyond it a call gives up at once.
        headers: sent with every request; None as a value leaves a header out.
        query: added to every URL's query.
        extra: added to the body: fields that the document does not declare.
        validate_requests, validate_responses: ``strict`` raises, ``warn`` warns, ``off`` does not look.
        credentials: one for every security scheme, or a mapping by the scheme's key.
        environment: what the environment lends beside them.
        trusted_origins: where credentials may go beside the given base URL and the document's own servers.
        servers, uri: the document's own servers when the client was made, and what they are relative to.
        security: a Security Scheme Object that takes the place of the document's.
        base_url: overrides the document's servers.
        server, server_variables: which of the document's servers, and the values of its variables.
        limits: how much is taken from a server.
        on_request, on_response, on_retry: called with each `requests.PreparedRequest` before it is sent, with each
            `Response`, and with a `Retry` before each wait.
        progress: called with (bytes done, bytes in all or None) while files are sent and read; True for a bar.
    """

    timeout: Timeout = DEFAULT_TIMEOUT
    max_retries: int = 2
    max_retry_after: float = 120.0
    headers: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    query: Mapping[str, Any] = field(default_factory=dict, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    validate_requests: Policy = "strict"
    validate_responses: Policy = "strict"
    credentials: Credentials = field(default=None, repr=False)
    environment: Environment = field(default=Environment(), repr=False)
    trusted_origins: Collection[str] = ()
    servers: tuple[Server, ...] = field(default=(), repr=False)
    uri: str = field(default="", repr=False)
    security: SecurityScheme | Mapping[str, Any] | None = None
    base_url: str = field(default="", repr=False)
    server: int | str | None = None
    server_variables: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    on_request: Hook = field(default=None, repr=False)
    on_response: Hook = field(default=None, repr=False)
    on_retry: Hook = field(default=None, repr=False)
    progress: Progress = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("validate_requests", "validate_responses"):
            _expect(name, getattr(self, name), getattr(self, name) in POLICIES, '"strict", "warn" or "off"')
        retries = self.max_retries
        is_count = isinstance(retries, int) and not isinstance(retries, bool) and retries >= 0
        _expect("max_retries", retries, is_count, "a count, 0 for none")
        longest = self.max_retry_after
        is_seconds = isinstance(longest, (int, float)) and not isinstance(longest, bool) and longest >= 0
        _expect("max_retry_after", longest, is_seconds, "seconds, 0 for no wait that a server asks for")
        is_fields = isinstance(self.extra, Mapping) and all(isinstance(name, str) for name in self.extra)
        _expect("extra", self.extra, is_fields, "a mapping of fields by name")
        expected = "seconds, (connect, read) or (connect, read, total) seconds, or None"
        _expect("timeout", self.timeout, _is_timeout(self.timeout), expected)
        for name in HOOKS:
            hook = getattr(self, name)
            _expect(name, hook, hook is None or callable(hook), "a callable")
        _expect("limits", self.limits, isinstance(self.limits, Limits), "Limits(...)")
        progress = self.progress
        _expect("progress", progress, progress is None or isinstance(progress, bool) or callable(progress), "a callable or True")
        object.__setattr__(self, "extra", dict(self.extra))
        for name in ("headers", "query", "server_variables"):
            given = getattr(self, name)
            _expect(name, given, isinstance(given, Mapping) and all(isinstance(key, str) for key in given), "a mapping by name")
            settled = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
            object.__setattr__(self, name, settled)  # what the caller changes in it later changes nothing
        object.__setattr__(self, "security", scheme_of(self.security))
        checked_credentials(self.credentials)
        object.__setattr__(self, "credentials", held(granted(self.credentials)))
        self._given  # noqa: B018 - raises where an origin is none

    def scrubber(self, secrets: frozenset[str]) -> Scrubber:
        """Knows the credentials that are set. ``secrets``: the names that the document gives them."""
        from .._secrecy.values import Scrubber, secret_values

        given = self.credentials
        each = [*given.values(), self.environment.key] if isinstance(given, Mapping) else [given, self.environment.key]
        texts = [text for credential in each for text in (credential if isinstance(credential, tuple) else (credential,))]
        headers = {name: value for name, value in self.headers.items() if isinstance(value, str)}
        shown = secret_values(headers, f"{self.base_url}?{urlencode(self.query, doseq=True)}", self.secrets(secrets))
        tokens = [secret for text in texts if isinstance(text, Grant) for secret in text.secrets]
        return Scrubber([*(text for text in texts if isinstance(text, str)), *tokens, *shown])

    # --- where credentials may go ------------------------------------------------------------------

    @cached_property
    def _given(self) -> frozenset[Origin]:
        try:
            found = frozenset(map(origin, self.trusted_origins))
        except (TypeError, ValueError):
            _expect("trusted_origins", self.trusted_origins, False, 'origins such as ["https://host"]')
        return found | {origin(self.base_url)} if self.base_url else found

    @cached_property
    def _trusted(self) -> frozenset[Origin]:
        return self._given | set(declared_origins(self.servers, self.uri, self.server_variables))

    def trusts(self, where: Origin) -> bool:
        """Whether a credential that was given in code may go there."""
        return where in self._trusted

    def lends(self, where: Origin) -> bool:
        """Whether what the environment holds may go there."""
        return where.is_home or where in self._given or where.is_loopback

    def credentials_for(self, where: Origin | None) -> Credentials:
        """What is to be shown: what was given, else the environment's key where it may go."""
        if self.credentials is not None or where is None:
            return self.credentials
        return self.environment.key if self.lends(where) else None

    @property
    def scheme(self) -> SecurityScheme | None:
        """``security`` as it was read."""
        return self.security if isinstance(self.security, SecurityScheme) else None

    @cached_property
    def content_type(self) -> str:
        """What the user's own headers say of the body."""
        return next((value for name, value in self.headers.items() if name.lower() == "content-type" and isinstance(value, str)), "")

    @cached_property
    def total(self) -> float | None:
        """Seconds for the whole call, None for no end."""
        return self.timeout[2] if isinstance(self.timeout, tuple) and len(self.timeout) == 3 else None

    @cached_property
    def steps(self) -> float | tuple[Seconds, Seconds] | None:
        """The timeout of each step: seconds, or (connect, read) seconds."""
        return self.timeout[:2] if isinstance(self.timeout, tuple) else self.timeout

    def secrets(self, declared: frozenset[str]) -> frozenset[str]:
        """The names that credentials go by: those that the document declares, and that of ``security``."""
        return declared | secret_names([self.scheme]) if self.scheme is not None else declared

    def with_options(self, **options: Any) -> Settings:
        """A copy with some of them replaced; ``headers``, ``query`` and ``extra`` are added to those there.

        Raises:
            TypeError: an option that does not exist.
        """
        known = option_names()
        for name in options:
            if name not in known:
                meant = did_you_mean(name, known) or f"it has {', '.join(sorted(known))}"
                msg = f"with_options() has no option {name!r}; {meant}"
                raise TypeError(msg)
        changes = {key: value for key, value in options.items() if key != "api_key"}
        if isinstance(changes.get("extra") or {}, Mapping) and "extra" in changes:
            changes["extra"] = {**self.extra, **(changes["extra"] or {})}
        if "headers" in changes:
            changes["headers"] = _merged(self.headers, changes["headers"] or {})
        if "query" in changes:
            changes["query"] = {**self.query, **(changes["query"] or {})}
        if "api_key" in options:
            changes["credentials"] = options["api_key"]
        return replace(self, **changes)

    def without_secrets(self, secrets: frozenset[str]) -> Settings:
        """A copy that may be written down: no credentials, no headers that carry them, no query, no callables.

        Args:
            secrets: the names that the document's security schemes give to credentials, in lower case.
        """
        from .._secrecy.names import is_secret

        secrets = self.secrets(secrets)
        headers = {name: value for name, value in self.headers.items() if not is_secret(name, secrets)}
        bare: dict[str, Any] = {**dict.fromkeys(("credentials", *HOOKS, "progress")), "environment": Environment()}
        return replace(self, headers=headers, query={}, base_url=_without_query(self.base_url, secrets), **bare)


def option_names() -> frozenset[str]:
    """What `Settings.with_options` takes."""
    return frozenset({item.name for item in fields(Settings)} - {"credentials", "environment", "servers", "uri"} | {"api_key"})


def _merged(headers: Mapping[str, str | None], added: Mapping[str, str | None]) -> dict[str, str | None]:
    """Header names are the same in any case."""
    replaced = {name.lower() for name in added if isinstance(name, str)}
    return {**{name: value for name, value in headers.items() if name.lower() not in replaced}, **added}


def _without_query(url: str, secrets: frozenset[str]) -> str:
    """A base URL without what of it may be secret: user info, and secret parameters of its query."""
    from .._secrecy.redaction import redacted_url

    return redacted_url(url, secrets, "") if "@" in url or "?" in url else url


def _expect(name: str, found: Any, is_good: bool, expected: str) -> None:
    if not is_good:
        msg = f"{name}: found {in_python(found)}, expected {expected}"
        raise ValueError(msg)


def _is_timeout(value: Any) -> bool:
    if isinstance(value, tuple):
        return len(value) in (2, 3) and all(not isinstance(part, tuple) and _is_timeout(part) for part in value)
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0)
