"""OAuth 2.0 credentials (RFC 6749): client credentials (§4.4) and refresh tokens (§6), as values; who asks is the transport.

Rules of this file:
1. Where to ask is what was given, else what the scheme's flows declare; over https, or on this machine. Once asked, no other
   place gets to see the secret, whatever a reloaded document says.
2. A token is renewed before it ends, and dropped where a server no longer takes it.
3. oauthlib writes and reads the messages; nothing secret is in a repr, an error or a pickle.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from .._document.openapi import SecurityScheme
from ..errors import CredentialError
from .credential import CredentialSource
from .origin import origin

__all__ = ["OAuth2"]

EARLY = 30.0  # seconds before its end, or a tenth of its life, that a token is renewed


@dataclass(frozen=True)
class OAuth2:
    """A credential for a security scheme of type ``oauth2``: ``Client(api_key=OAuth2("id", "secret"))``.

    Args:
        client_id, client_secret: of the application.
        refresh_token: what a user's consent gave; the client credentials grant where left out.
        scopes: what is asked for; what the flow declares is not asked for by itself.
        token_url: where to ask, where the document's flows do not say or are not to be followed.
    """

    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()
    token_url: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        return OAuth2, (self.client_id, "", "", tuple(self.scopes), self.token_url)


class Grant(CredentialSource):
    """An `OAuth2` with the token that it got; held once, whoever uses it."""

    def __init__(self, oauth2: OAuth2) -> None:
        super().__init__(lambda: "")
        self.oauth2 = oauth2
        self._token, self._ends, self._refresh = "", 0.0, oauth2.refresh_token
        self._site: Any = None

    @property
    def name(self) -> str:
        return f"OAuth2({self.oauth2.client_id!r})"

    @property
    def token(self) -> str:
        """The token, as long as it is good; else none."""
        return self._token if time.monotonic() < self._ends else ""

    def now(self, where: str) -> Any:  # noqa: ARG002 - asked of callables by what they fail in
        """The token that is there, without asking for one."""
        return self.token or None

    def drop(self) -> bool:
        """Let go of a token that a server no longer takes; whether there was one."""
        had, self._token = bool(self._token), ""
        return had

    def url(self, scheme: SecurityScheme, base: str, operation_id: str) -> str:
        """Where to ask.

        Raises:
            CredentialError: nobody says where, or it is a place that must not see the secret.
        """
        flows = {flow.kind: flow for flow in scheme.flows}
        flow = flows.get("clientCredentials") or flows.get("authorizationCode") or flows.get("password")
        declared = (flow.refresh_url or flow.token_url if self._refresh else flow.token_url) if flow is not None else ""
        found = self.oauth2.token_url or urljoin(base, declared)
        try:
            site = origin(found)
        except ValueError:
            raise CredentialError(operation_id, f"{self.name}: {scheme.key} declares no token URL; give OAuth2(token_url=...)") from None
        if site.scheme != "https" and not site.is_loopback:
            raise CredentialError(operation_id, f"{self.name}: the token URL at {site} is not https")
        if self._site not in (None, site):
            raise CredentialError(operation_id, f"{self.name}: the token URL moved from {self._site} to {site}; make a new client if it may")
        self._site = site
        return found

    def body(self, operation_id: str) -> str:
        """What is sent there, as a form."""
        client, scope = _library(operation_id)(self.oauth2.client_id), list(self.oauth2.scopes) or None
        if self._refresh:
            return str(client.prepare_refresh_body(refresh_token=self._refresh, scope=scope))
        return str(client.prepare_request_body(scope=scope))

    def take(self, status: int, text: str, operation_id: str) -> str:
        """The token in an answer, kept.

        Raises:
            CredentialError: the answer is a refusal, or holds none.
        """
        from oauthlib.oauth2 import OAuth2Error

        from .._secrecy.values import Scrubber

        client = _library(operation_id)(self.oauth2.client_id)
        try:
            found: Mapping[str, Any] = client.parse_request_body_response(text, scope=None)
        except (OAuth2Error, ValueError, TypeError, AttributeError) as error:
            described = getattr(error, "description", None) or type(error).__name__
            reason = getattr(error, "error", None) or "no token"
            words = f"{self.name}: {self._site} answered {status}: {reason} ({described})"
            raise CredentialError(operation_id, Scrubber(self.secrets).text(words)) from None
        life = _seconds(found.get("expires_in"))
        self._token = str(found["access_token"])
        self._ends = time.monotonic() + max(life - min(EARLY, life / 10), 1.0)
        self._refresh = str(found.get("refresh_token") or self._refresh)
        return self._token

    @property
    def secrets(self) -> list[str]:
        """What must not be shown."""
        return [text for text in (self.oauth2.client_secret, self._refresh, self._token) if text]


def _seconds(value: Any) -> float:
    try:
        return max(float(value), 0.0)
    except (TypeError, ValueError):
        return 3600.0  # RFC 6749 §5.1 only recommends that it is said


def _library(operation_id: str) -> Any:
    try:
        from oauthlib.oauth2 import BackendApplicationClient
    except ImportError:
        raise CredentialError(operation_id, "OAuth2 needs one more package: pip install 'dynaopenai[oauth]'") from None
    return BackendApplicationClient


_HELD: weakref.WeakValueDictionary[int, Grant] = weakref.WeakValueDictionary()
_LOCK = threading.Lock()


def granted(credentials: Any) -> Any:
    """Credentials with each `OAuth2` among them as its `Grant`, one for all clients and copies; the rest as it is."""
    if isinstance(credentials, Mapping):
        found = any(isinstance(each, OAuth2) for each in credentials.values())
        return {key: granted(each) for key, each in credentials.items()} if found else credentials
    if not isinstance(credentials, OAuth2):
        return credentials
    with _LOCK:
        grant = _HELD.get(id(credentials))
        if grant is None:
            grant = _HELD[id(credentials)] = Grant(credentials)
        return grant
