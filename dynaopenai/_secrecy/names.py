"""The names under which credentials go: of headers, query parameters, cookies and members.

A name is read by its words, however they are joined: ``X-Vault-Token``, ``apiKey``, ``PHPSESSID``.
"""

from __future__ import annotations

import re
from functools import lru_cache

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "x-api-key"})

SHORTEST_SECRET = 8  # what is shorter may be a part of any word

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ANYWHERE = frozenset(  # a credential wherever it stands in a name, unless the name says something about it
    ["apikey", "apitoken", "authorization", "bearer", "cookie", "credential", "credentials", "csrf", "hmac", "jwt", "otp", "passcode", "passphrase", "passwd", "password", "passwort", "pwd", "secret", "secretkey", "sessid", "sig", "signature", "totp", "xsrf"]
)
_LAST = frozenset(["auth", "authentication", "key", "session", "sid", "token"])
_ENDINGS = ("password", "passwd", "secret", "sessionid", "sessid")
_ABOUT = frozenset(  # says something about a credential, and is none
    ["age", "algorithm", "alg", "allow", "at", "count", "description", "duration", "enabled", "expiration", "expires", "expiry", "format", "from", "hint", "kind", "length", "level", "limit", "limits", "max", "method", "methods", "min", "mode", "name", "names", "policy", "remaining", "required", "reset", "scheme", "schemes", "size", "source", "status", "ttl", "type", "types", "until", "uri", "url", "usage", "valid", "version"]
)
_MARKS = frozenset(["bos", "continuation", "continue", "cursor", "end", "eos", "max", "mask", "min", "next", "pad", "page", "prev", "previous", "skip", "start", "stop", "sync"])
_PLACES = frozenset(["cache", "dedup", "foreign", "group", "idempotency", "index", "message", "object", "order", "partition", "primary", "public", "routing", "socket", "sort", "surrogate"])
_OWNERS = frozenset(  # whose key a member is, where a key alone may be that of any mapping
    ["access", "account", "admin", "api", "app", "application", "auth", "client", "consumer", "deploy", "encryption", "function", "functions", "host", "license", "master", "private", "secret", "security", "server", "service", "shared", "signing", "ssh", "storage", "subscription", "user", "webhook"]
)
_PLAIN_WORD = re.compile(r"\W*[^\W\d_]{0,20}\W*")


def is_secret(name: str, secrets: frozenset[str] = SECRET_HEADERS) -> bool:
    """Whether a header, a query parameter or a cookie carries a credential: declared, or named like one."""
    return name.lower() in secrets or _is_named_so(name)


def is_secret_member(name: str, value: object, secrets: frozenset[str] = SECRET_HEADERS) -> bool:
    """Whether a member of an object or a form holds a credential: names are less telling there than in headers."""
    if name.lower() in secrets:
        return True
    words = _words(name)
    if words == ("token",):  # which is also what a word of a text is called
        return isinstance(value, str) and len(value) >= SHORTEST_SECRET and _PLAIN_WORD.fullmatch(value) is None
    if isinstance(value, (dict, list)) and words[-1:] in (("session",), ("auth",)):
        return False  # which says who, and with what options
    is_key = words[-1:] == ("key",)
    return _is_named_so(name) and (not is_key or not _OWNERS.isdisjoint(words[:-1]) or not _ANYWHERE.isdisjoint(words))


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=4096)
def _is_named_so(name: str) -> bool:
    words = _words(name)
    if words[-2:] == ("session", "id") or (words[-2:] == ("key", "id") and len(words) > 2):  # a session's id is what proves it
        words = words[:-1]
    if not words or words[-1] in _ABOUT or words[:2] == ("access", "control"):
        return False
    last, before = words[-1], frozenset(words[:-1])
    if last == "token" or last.endswith("token"):
        return before.isdisjoint(_MARKS)
    if last.endswith("key") and last[:-3] in _OWNERS:
        return True
    if last == "key":
        return before.isdisjoint(_PLACES)
    return last in _LAST or last.endswith(_ENDINGS) or not _ANYWHERE.isdisjoint(words)
