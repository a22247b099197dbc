"""The name of an API -> the document, overlays, URL, headers and key that its entry says, beneath what is said in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._document import api as _api
from .._document.api import Api
from .._document.document import Source


@dataclass(frozen=True)
class Named:
    """What is read and with what, an entry's part of it first.

    Attributes:
        source: what the document is read from: an `Api`, or what was given.
        api_key: ``{}`` where the environment's key is not to follow the entry.
    """

    source: Source | Api
    overlays: tuple[Source, ...] = ()
    base_url: str | None = None
    api_key: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    security: Mapping[str, Any] | None = None
    remote_refs: tuple[str, ...] = ()
    pin: str | None = None


def named(source: Source) -> Named:
    """The entry of a name, or the source as it is.

    Raises:
        SpecError: it is neither a file nor the name of an API; or a project's entry wants a variable that it may not have.
    """
    if not _api.is_name(source):
        return Named(source)
    entry = _api.find(str(source))
    return Named(
        entry,
        tuple(map(entry.place, entry.overlays)),
        entry.base_url or None,
        _credential(entry),
        entry.headers,
        entry.security or None,
        entry.remote_refs,
        entry.pin or None,
    )


def _credential(entry: Api) -> Any:
    """The key that the entry names; the environment's own does not follow a project's entry elsewhere."""
    from .._request.origin import origin

    key = entry.key()
    if key is not None or not entry.is_project or not entry.base_url:
        return key
    try:
        where = origin(entry.base_url)
    except ValueError:
        return {}  # which is told when it is used
    return None if where.is_home or where.is_loopback else {}
