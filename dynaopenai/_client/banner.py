"""A client in a screen: whose API it is, where calls go and how they are checked, what there is and what to type next."""

from __future__ import annotations

from .._display.colour import Paint
from .._display.visible import visible
from .._display.width import filled, listed
from .._display.words import count
from .._document.openapi import OpenAPI
from .._request.settings import Settings
from .._secrecy.redaction import redacted_url
from . import listing as _listing
from .environment import origin_of

NEXT = ('client.find("words")', "client.OPERATION", "help(client.OPERATION)", 'client.schema("NAME")')


def banner(kind: str, api: OpenAPI, facts: str, paint: Paint) -> str:
    """The screen; ``kind``: of the client."""
    head = filled(f"<{kind} {title(api)} {facts}>", rest="  ")
    head = "\n".join(paint(line, "heading") for line in head.splitlines())
    return "\n".join([head, _listing.counted(api.entries.values()), listed(NEXT)]) if api.entries else head


def page(api: OpenAPI, facts: str) -> str:
    """The same for Jupyter."""
    from .._display.html import operations

    groups = _listing.by_tag(api.entries.values())
    cells = [(tag, [_listing.row(entry) for entry in group]) for tag, group in groups.items()]
    return operations(title(api), visible(facts), cells)


def title(api: OpenAPI) -> str:
    return f"{api.title} {api.api_version}".strip()


def facts_of(api: OpenAPI, base_url: str, settings: Settings, secrets: frozenset[str]) -> str:
    """Where calls go, how many there are, how they are checked, whether there is a key."""
    key = "key set" if settings.credentials_for(origin_of(base_url)) else "no key"
    checks = f"checks {settings.validate_requests}/{settings.validate_responses}"
    url = redacted_url(base_url, settings.secrets(secrets))
    return f"at {url or 'no server'}, {count(len(api.entries), 'operation')}, {checks}, {key}"
