"""Request: one HTTP request, ready to be sent.

Rule of this file: a Request is final; the transport adds nothing to it but what the wire needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .security import Pairs

if TYPE_CHECKING:
    from .._secrecy.values import Scrubber
    from .encoding import Content


@dataclass(frozen=True)
class Request:
    """One HTTP request, ready to be sent.

    Attributes:
        secrets: lower-case names of the headers and query parameters that must not be shown.
        away: whether a redirect has led it away from the origin that its credentials are for.
        left_behind: the credentials that it showed before, which must not be shown where they come back.
        pending: what is shown only when it is sent: who is asked for it, each with its scheme.
        fixed: lower-case names of the headers that the call itself gives, which nothing pending replaces.
    """

    operation_id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: Content | None = None
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    away: bool = False
    left_behind: tuple[str, ...] = field(default=(), repr=False)
    pending: Pairs = field(default=(), repr=False)
    fixed: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        from .._secrecy.redaction import redacted_headers, redacted_url

        shown = redacted_headers(self.headers, self.secrets)
        return f"<Request {self.method} {redacted_url(self.url, self.secrets)} {shown}>"

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """The same with other headers; ``dataclasses.replace`` would take five times as long, in a step of every call."""
        made = object.__new__(Request)
        made.__dict__.update(self.__dict__, headers=headers)
        return made

    @property
    def scrubber(self) -> Scrubber:
        """Knows the credentials that it shows."""
        from .._secrecy.values import Scrubber

        return Scrubber(self.shown())

    def shown(self, sent: Any = None) -> tuple[str, ...]:
        """The credentials that it shows, with those of what was ``sent``: headers and a URL that a session added to."""
        from .._secrecy.values import secret_values

        found = [*secret_values(self.headers, self.url, self.secrets), *self.left_behind]
        if sent is not None and sent.headers is not self.headers:
            found += secret_values({name: _text(value) for name, value in sent.headers.items()}, str(sent.url), self.secrets)
        return tuple(found)

    def __reduce__(self) -> tuple[Any, ...]:
        from .._secrecy.redaction import redacted_headers, redacted_url

        headers = redacted_headers(self.headers, self.secrets)
        body = self.body if isinstance(self.body, bytes) else None
        url = redacted_url(self.url, self.secrets)
        return Request, (self.operation_id, self.method, url, headers, body, self.secrets)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
