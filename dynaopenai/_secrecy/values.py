"""The credentials themselves, taken out of what shows them: to be looked for wherever else they stand."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from .names import is_secret

SHORTEST_SECRET = 8  # what is shorter may be a part of any word


def secret_values(headers: Mapping[str, str], url: str, secrets: frozenset[str]) -> list[str]:
    """The credentials that a request shows, without the words around them."""
    parts = urlsplit(url)
    shown = [parts.password or ""]
    for name, value in headers.items():
        if name.lower() == "cookie":
            shown += [unquote(pair.partition("=")[2]) for pair in value.split(";")]
        elif is_secret(name, secrets):
            shown += [value, *_password(value)]
    shown += [value for name, value in parse_qsl(parts.query) if is_secret(name, secrets)]
    return [word for value in shown for word in value.split() if len(word) >= SHORTEST_SECRET]


def _password(header: str) -> list[str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        return base64.b64decode(encoded).decode("utf-8", "replace").split(":", 1)
    except ValueError:
        return []
