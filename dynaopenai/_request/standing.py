"""What an operation's requests have in common, whatever their arguments: worked out once for each operation and its settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from .._display.words import short
from ..errors import Violation
from .origin import Origin, origin
from .security import Proof
from .settings import Settings

USER_AGENT = "dynaopenai"
_UNSAFE_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


@dataclass(frozen=True, repr=False)
class Standing:
    """What an operation's requests have in common, whatever their arguments: where they go, and what they show there.

    Attributes:
        beneath, cookie: headers, and cookies in one text, that a parameter goes before.
        url, headers: those of a request without parameters.
        secrets, away: as of a `Request`.
        troubles: what of it cannot be sent.
    """

    settings: Settings
    base_url: str
    proof: Proof
    beneath: Mapping[str, str]
    cookie: str
    url: str
    headers: Mapping[str, str]
    secrets: frozenset[str]
    away: bool
    troubles: tuple[Violation, ...]


def standing(settings: Settings, base_url: str, proof: Proof, path: str, accept: str, declared: frozenset[str]) -> Standing:
    """
    Args:
        path: the operation's, without its parameters.
        accept: what the operation may answer with.
        declared: the names that the document gives to credentials, in lower case.

    Raises:
        ValueError: the base URL is no absolute http(s) URL, or one that can be read in two ways.
    """
    where = origin(base_url)
    lent = settings.environment.headers if settings.lends(where) else {}
    beneath = {"User-Agent": USER_AGENT, "Accept": accept, **lent, **proof.headers}
    cookie = "; ".join(f"{name}={value}" for name, value in proof.cookies)
    headers = overlaid({**beneath, "Cookie": cookie} if cookie else beneath, settings.headers)
    secrets = settings.secrets(declared)
    added_headers = {**lent, **settings.headers}
    troubles = [trouble for name, value in added_headers.items() if value is not None for trouble in header_troubles(name, value)]
    away = not settings.trusts(where)
    if away:
        troubles += _secrets_astray(settings, secrets, where)
    url = joined(base_url, path, added(settings, proof.query))
    return Standing(settings, base_url, proof, beneath, cookie, url, headers, secrets, away, tuple(troubles))


def joined(base_url: str, path: str, query: str) -> str:
    """Base, path and query joined; a query of the base, or of the path, stays (``?api-version=...``)."""
    path, _, own = path.partition("#")[0].partition("?")
    path = path if path.startswith("/") else f"/{path}"  # or it would be a part of the host's name
    query = "&".join(filter(None, [own, query]))
    if "?" in base_url or "#" in base_url:
        parts = urlsplit(base_url)
        joined = "&".join(filter(None, [parts.query, query]))
        return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + path, joined, ""))
    url = base_url.rstrip("/") + path
    return f"{url}?{query}" if query else url


def overlaid(headers: Mapping[str, str], over: Mapping[str, str | None]) -> dict[str, str]:
    """Headers with those of the settings over them, whose names are the same in any case; None leaves one out."""
    found = dict(headers)
    for name, setting in over.items():
        for same in [other for other in found if other.lower() == name.lower()]:
            del found[same]
        if setting is not None:
            found[name] = setting
    return found


def added(settings: Settings, proofs: Iterable[tuple[str, str]]) -> str:
    """The part of a query that no parameter gives, percent-encoded."""
    pairs = [*((name, value) for name, value in settings.query.items() if value is not None), *proofs]
    return urlencode(pairs, doseq=True, quote_via=quote) if pairs else ""


def header_troubles(name: str, value: Any) -> list[Violation]:
    """Why a header cannot be sent; empty when it can (RFC 9110 §5.1, §5.5)."""
    from .._secrecy.names import is_secret

    if not isinstance(value, str):
        found = f"a value of type {type(value).__name__}" if is_secret(str(name)) else short(value)
        return [Violation(f"headers[{short(name)}]", f"found {found}, expected a string")]
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        return [Violation(f"headers[{short(name)}]", "found a name that no header can have", value)]
    if _UNSAFE_HEADER.search(value):
        return [Violation(f"headers[{short(name)}]", "found characters that no header can carry", None)]
    return []


def _secrets_astray(settings: Settings, secrets: frozenset[str], where: Origin) -> Iterator[Violation]:
    """The credentials beside the call that an origin is not to see."""
    from .._secrecy.names import is_secret

    for kind, added in (("headers", settings.headers), ("query", settings.query)):
        for name, value in added.items():
            if value is not None and is_secret(name, secrets):
                yield astray(f"{kind}[{short(name)}]", where)


def astray(place: str, where: Origin) -> Violation:
    """A credential that an origin is not to see."""
    message = f"is not sent to {where}, expected a server that the document named when the client was made, or base_url"
    return Violation(place, message, None, "", f'Client(trusted_origins=["{where}"]) allows it')
