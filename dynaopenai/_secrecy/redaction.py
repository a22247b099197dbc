"""Headers, URLs and texts -> the same without what their names say is secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from .names import SECRET_HEADERS, is_secret

REDACTED = "***"


def redacted_headers(headers: Mapping[str, str], secrets: frozenset[str]) -> dict[str, str]:
    """The headers with every credential replaced by ``***``, those in URLs too (``Location``, ``Link``)."""
    return {
        name: REDACTED if is_secret(name, secrets) else redacted_text(value, secrets) for name, value in headers.items()
    }


_USER_INFO = re.compile(r"://[^/?#@\s]*@")
_PAIR = re.compile(r"([?&])([^=&\s]+)=[^&\s>\"]*")


def redacted_text(text: str, secrets: frozenset[str] = SECRET_HEADERS) -> str:
    """A text, the URLs in it without user info and with ``***`` for their secret query parameters."""

    def pair(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}={REDACTED}" if is_secret(unquote(match[2]), secrets) else match[0]

    text = _USER_INFO.sub("://", text) if "@" in text else text
    return _PAIR.sub(pair, text) if "=" in text else text


def redacted_url(url: str, secrets: frozenset[str], mark: str = REDACTED, keep: str = "") -> str:
    """The URL without user info, its secret query parameters replaced by ``***``, or left out for an empty mark.

    Parameters whose value is ``keep`` stay.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] if "@" in parts.netloc else parts.netloc
    pieces = []
    for piece in parts.query.split("&"):
        name, _, value = piece.partition("=")
        if (keep and value == keep) or not is_secret(unquote(name), secrets):
            pieces.append(piece)
        elif mark:
            pieces.append(f"{name}={mark}")
    return urlunsplit((parts.scheme, host, parts.path, "&".join(pieces), parts.fragment))
