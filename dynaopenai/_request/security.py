"""SecurityScheme + credential -> what it changes in a request.

Alternatives are tried in the document's order; the first whose schemes all have a credential is used
(OAS 3.1.1 §4.8.30). An empty alternative makes security optional.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._display.words import short
from .._document.openapi import SecurityScheme
from ..errors import Violation
from .credential import CredentialSource, is_pair
from .oauth2 import OAuth2

if TYPE_CHECKING:
    from .._secrecy.values import Scrubber

Credential = str | tuple[str, str] | Callable[[], Any]
Credentials = Credential | Mapping[str, Credential] | None
Pairs = tuple[tuple[SecurityScheme, Any], ...]


@dataclass(frozen=True)
class Proof:
    """What shows the credentials: additions to a request, all of them secret.

    Attributes:
        pending: where somebody has to be asked for one of them first: each scheme with its credential, or with who is asked.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    pending: Pairs = ()

    @property
    def is_empty(self) -> bool:
        return not (self.headers or self.query or self.cookies or self.pending)

    def __repr__(self) -> str:
        names = [*self.headers, *(name for name, _ in self.query), *(name for name, _ in self.cookies)]
        return f"<Proof {', '.join(names) or 'none'}>"


class MissingCredentialError(LookupError):
    """No alternative can be satisfied. ``schemes``: those of the first alternative that lack a credential."""

    def __init__(self, schemes: Sequence[SecurityScheme]) -> None:
        self.schemes = schemes
        super().__init__(", ".join(scheme.key for scheme in schemes))


def prove(
    alternatives: Sequence[Sequence[str]], schemes: Mapping[str, SecurityScheme], credentials: Credentials
) -> Proof:
    """The additions for the first alternative that the credentials satisfy.

    Raises:
        MissingCredentialError: none is satisfied and none is empty.
        ValueError: a credential has characters that a header cannot carry.
    """
    for alternative in alternatives:
        needed = [schemes[key] for key in alternative if key in schemes]
        if needed and len(needed) == len(alternative):
            found = [credential_for(scheme, credentials) for scheme in needed]
            if all(found):
                pairs = tuple(zip(needed, found, strict=True))
                return Proof(pending=pairs) if any(map(callable, found)) else combined(pairs)
    if not alternatives or any(not alternative for alternative in alternatives):
        return Proof()
    needed = [schemes[key] for key in alternatives[0] if key in schemes]
    lacking = [scheme for scheme in needed if not credential_for(scheme, credentials)]
    undeclared = [SecurityScheme(key, "undeclared") for key in alternatives[0] if key not in schemes]
    raise MissingCredentialError(lacking + undeclared)


def checked_credentials(credentials: Any) -> None:
    """
    Raises:
        ValueError: they are none that a security scheme knows how to show.
    """
    each = credentials.values() if isinstance(credentials, Mapping) else [credentials]
    if not all(credential is None or _is_credential(credential) for credential in each):
        found = sorted({type(credential).__name__ for credential in each if not _is_credential(credential)})
        expected = "a string, a pair (user, password), an OAuth2, a callable that returns one, or a mapping of them by security scheme"
        msg = f"api_key: found a value of type {', '.join(found)}, expected {expected}"
        raise ValueError(msg)


def _is_credential(value: Any) -> bool:
    return isinstance(value, (str, OAuth2)) or is_pair(value) or callable(value)


def credential_for(scheme: SecurityScheme, credentials: Credentials) -> Credential | None:
    """The credential for one scheme, or who is asked for it: by its key in a mapping, or the only one there is."""
    found = credentials.get(scheme.key) if isinstance(credentials, Mapping) else credentials
    return found or None


def settled(proof: Proof, operation_id: str) -> Proof:
    """The same with nobody left to be asked; nothing where the answer would have to be awaited.

    Raises:
        CredentialError: one that was asked gave no credential.
        ValueError: a credential has characters that a header cannot carry.
    """
    found = [(scheme, each.now(operation_id) if isinstance(each, CredentialSource) else each) for scheme, each in proof.pending]
    if not proof.pending:
        return proof
    return combined(found) if all(credential for _, credential in found) else Proof()


def combined(pairs: Iterable[tuple[SecurityScheme, Credential | None]]) -> Proof:
    """What shows these credentials, each as its scheme says.

    Raises:
        ValueError: one has characters that a header cannot carry.
    """
    headers: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    for scheme, credential in pairs:
        text = _header_text(scheme, credential)
        if scheme.type == "apiKey" and scheme.in_ == "query":
            query.append((scheme.name, text))
        elif scheme.type == "apiKey" and scheme.in_ == "cookie":
            cookies.append((scheme.name, quote(text, safe="")))
        elif scheme.type == "apiKey":
            headers[scheme.name] = text
        elif scheme.type == "http" and scheme.scheme == "basic":
            headers["Authorization"] = "Basic " + base64.b64encode(text.encode()).decode()
        elif scheme.type == "http" and scheme.scheme not in ("bearer", ""):
            headers["Authorization"] = f"{scheme.scheme.capitalize()} {text}"
        elif scheme.type != "mutualTLS":  # mutual TLS is shown by the session's certificate
            headers["Authorization"] = f"Bearer {text}"
    return Proof(headers, tuple(query), tuple(cookies))


def _header_text(scheme: SecurityScheme, credential: Credential | None) -> str:
    text = ":".join(credential) if isinstance(credential, tuple) else f"{credential:s}"
    in_header = scheme.type != "apiKey" or scheme.in_ == "header"
    if in_header and scheme.scheme != "basic" and not (text.isascii() and text.isprintable() and text == text.strip()):
        msg = f"the credential for {scheme.key} has characters that no header can carry; was it copied with a line end?"
        raise ValueError(msg)
    return text


def concealed(violations: Iterable[Violation], secrets: frozenset[str], known: Scrubber) -> list[Violation]:
    """Violations that may be shown: without the credentials that are known, and without what stands under a secret name."""
    return [_concealed(violation, secrets, known) for violation in violations]


def _concealed(violation: Violation, secrets: frozenset[str], known: Scrubber) -> Violation:
    from .._secrecy.names import is_secret_member
    from .._secrecy.redaction import REDACTED

    value, message = violation.value, violation.message
    name = re.sub(r"\[\d*\]", "", violation.path).rpartition(".")[2].strip('[]"')
    if name and value is not None and is_secret_member(name, value, secrets):
        value, message = REDACTED, message.replace(short(value), f'"{REDACTED}"')
    texts = {"path": violation.path, "message": message, "hint": violation.hint, "context": violation.context}
    clean = {"value": known.value(value), **{place: known.text(text) for place, text in texts.items()}}
    is_clean = all(getattr(violation, place) is each or getattr(violation, place) == each for place, each in clean.items())
    return violation if is_clean else replace(violation, **clean)  # as it is, nobody looks for its line before it is read


def secret_names(schemes: Iterable[SecurityScheme]) -> frozenset[str]:
    """Lower-case names of the headers and query parameters that carry credentials."""
    from .._secrecy.names import SECRET_HEADERS

    return SECRET_HEADERS | {scheme.name.lower() for scheme in schemes if scheme.name}


# --- schemes beside the document's ---------------------------------------------------------------


def scheme_of(declared: SecurityScheme | Mapping[str, Any] | None) -> SecurityScheme | None:
    """A Security Scheme Object as a user gives it, in the specification's words.

    Raises:
        ValueError: it is none.
    """
    if declared is None or isinstance(declared, SecurityScheme):
        return declared
    facts = declared if isinstance(declared, Mapping) else {}
    type_, in_, name = facts.get("type"), facts.get("in", ""), facts.get("name", "")
    is_good = type_ in ("http", "oauth2", "openIdConnect", "mutualTLS")
    if type_ == "apiKey":
        is_good = in_ in ("header", "query", "cookie") and isinstance(name, str) and bool(name)
    if not is_good:
        expected = '{"type": "apiKey", "in": "header", "name": "..."} or {"type": "http", "scheme": "bearer"}'
        msg = f"security: found {short(declared)}, expected a Security Scheme Object such as {expected}"
        raise ValueError(msg)
    return SecurityScheme("given", str(type_), str(facts.get("scheme", "bearer")).lower(), name, in_)
