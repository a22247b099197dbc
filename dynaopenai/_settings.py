"""What a user sets beside the call: one frozen value, replaced and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from ._security import SECRET_HEADERS, Credentials

Policy = Literal["strict", "warn", "off"]
Timeout = float | tuple[float | None, float | None] | None

POLICIES = ("strict", "warn", "off")
DEFAULT_TIMEOUT = (10.0, 600.0)


@dataclass(frozen=True)
class Settings:
    """
    Attributes:
        timeout: seconds, or (connect, read) seconds; None waits for ever.
        max_retries: how often a failed request is tried again.
        headers: sent with every request; None as a value leaves a header out.
        query: added to every URL's query.
        validate_requests, validate_responses: ``strict`` raises, ``warn`` warns, ``off`` does not look.
        credentials: one for every security scheme, or a mapping by the scheme's key.
        base_url: overrides the document's servers.
        server, server_variables: which of the document's servers, and the values of its variables.
    """

    timeout: Timeout = DEFAULT_TIMEOUT
    max_retries: int = 2
    headers: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    query: Mapping[str, Any] = field(default_factory=dict, repr=False)
    validate_requests: Policy = "strict"
    validate_responses: Policy = "strict"
    credentials: Credentials = field(default=None, repr=False)
    base_url: str = ""
    server: int | str | None = None
    server_variables: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("validate_requests", "validate_responses"):
            policy = getattr(self, name)
            if policy not in POLICIES:
                msg = f'{name}: found {policy!r}, expected "strict", "warn" or "off"'
                raise ValueError(msg)
        if not isinstance(self.max_retries, int) or self.max_retries < 0:
            msg = f"max_retries: found {self.max_retries!r}, expected a count, 0 for none"
            raise ValueError(msg)
        if not _is_timeout(self.timeout):
            msg = f"timeout: found {self.timeout!r}, expected seconds, (connect, read) seconds, or None"
            raise ValueError(msg)

    def with_options(self, **options: Any) -> Settings:
        """A copy with some of them replaced; ``headers`` and ``query`` are added to those there.

        Raises:
            TypeError: an option that does not exist.
        """
        known = {item.name for item in fields(self)} - {"credentials"} | {"api_key"}
        for name in options:
            if name not in known:
                msg = f"with_options() has no option {name!r}; it has {', '.join(sorted(known))}"
                raise TypeError(msg)
        changes = {key: value for key, value in options.items() if key != "api_key"}
        for name in ("headers", "query"):
            if name in changes:
                changes[name] = {**getattr(self, name), **(changes[name] or {})}
        if "api_key" in options:
            changes["credentials"] = options["api_key"]
        return replace(self, **changes)

    def without_secrets(self) -> Settings:
        """A copy that may be written down: no credentials, no headers that carry them, no query."""
        headers = {name: value for name, value in self.headers.items() if name.lower() not in SECRET_HEADERS}
        return replace(self, credentials=None, headers=headers, query={})


def _is_timeout(value: Any) -> bool:
    if isinstance(value, tuple):
        return len(value) == 2 and all(not isinstance(part, tuple) and _is_timeout(part) for part in value)
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0)
