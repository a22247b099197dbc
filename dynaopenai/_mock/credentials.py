"""The credentials that a request shows, against those that its operation asks for (OAS 3.1.1 §4.8.27, §4.8.30)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from .._display.words import short
from .._document import openapi
from .._request.received import Wire
from ..errors import Violation

NO_CREDENTIAL = "found no credential, expected one"
UNKNOWN = "found a credential that this mock server does not know"


def missing(
    operation: openapi.Operation, schemes: Mapping[str, openapi.SecurityScheme], wire: Wire, key: str | None = None
) -> Violation | None:
    """What to say where a request shows none of the alternatives; schemes that are not declared are not asked for.

    Args:
        key: the only credential that is known; any is where None.
    """
    alternatives = [[schemes[key] for key in alternative if key in schemes] for alternative in operation.security]
    shown = [[_shown(scheme, wire) for scheme in needed if _is_visible(scheme)] for needed in alternatives]
    found = [credentials for credentials in shown if all(credentials)]
    if not alternatives or any(key is None or set(credentials) <= {key} for credentials in found):
        return None
    if found:
        return Violation("", UNKNOWN)
    ways = dict.fromkeys(" and ".join(map(_way, filter(_is_visible, needed))) for needed in alternatives)
    return Violation("", NO_CREDENTIAL, hint=f"send {' or '.join(ways)}")


def _is_visible(scheme: openapi.SecurityScheme) -> bool:
    """Whether HTTP shows it at all."""
    return scheme.type != "mutualTLS"


def _shown(scheme: openapi.SecurityScheme, wire: Wire) -> str:
    """The credential that a request shows, empty where none."""
    headers = {name.lower(): value for name, value in wire.headers.items()}
    if scheme.type != "apiKey":
        kind, _, credential = headers.get("authorization", "").strip().partition(" ")
        return credential.strip() if kind.lower() == (scheme.scheme or "bearer").lower() else ""
    if scheme.in_ == "query":
        return dict(parse_qsl(wire.query)).get(scheme.name, "")
    if scheme.in_ == "cookie":
        return _cookies(headers.get("cookie", "").split(";")).get(scheme.name, "")
    return headers.get(scheme.name.lower(), "")


def _cookies(texts: Iterable[str]) -> dict[str, str]:
    return {name.strip(): value for name, _, value in (text.partition("=") for text in texts)}


def _way(scheme: openapi.SecurityScheme) -> str:
    """How a credential of this scheme is sent, in words."""
    if scheme.type == "apiKey":
        return f"the {scheme.in_} {short(scheme.name)}"
    return f'the header "Authorization: {(scheme.scheme or "bearer").capitalize()} ..."'
