"""The names under which credentials go: of headers, query parameters, cookies and members."""

from __future__ import annotations

import re

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "x-api-key"})

_SECRET_NAME = re.compile(
    r"(^|[-_.])(api|access|secret|private|subscription)?-?_?(key|token|secret|password|credentials?|signature|sig|auth|cookie)$"
    r"|authorization|^set-cookie2?$"
)
_PUBLIC_NAMES = frozenset({"idempotency-key", "sec-websocket-key"})


def is_secret(name: str, secrets: frozenset[str] = SECRET_HEADERS) -> bool:
    """Whether a header or query parameter carries a credential: declared, or named like one."""
    lower = name.lower()
    return lower in secrets or (lower not in _PUBLIC_NAMES and _SECRET_NAME.search(lower) is not None)
