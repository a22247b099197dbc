"""Whether a ``$ref`` may lead from one document to another, and by way of which hosts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from .._display.words import short
from ..errors import SpecError


def permitted_hosts(
    home: str, uri: str, ref: str, allowed: bool | Collection[str], error: Callable[..., SpecError]
) -> Collection[str] | None:
    """The hosts that the document at ``uri`` may be read from; None for any, empty for a file.

    Args:
        home: the URI of the document that refers to it.
        ref: the reference as it is written.
        allowed: hosts that the user named; True for any.
        error: makes what is raised, with the place of the reference.

    Raises:
        SpecError: it may not be read at all.
    """
    here, there = urlsplit(home), urlsplit(uri)
    if there.scheme in ("http", "https"):
        if allowed is True:
            return None
        named = frozenset([allowed] if isinstance(allowed, str) else allowed or ())
        if here.scheme in ("http", "https") and here.netloc == there.netloc:
            return named | {here.hostname or ""}
        if there.hostname in named:
            return named
        raise error("$ref leads to another host", found=short(ref), remedy=f"allow it: remote_refs=[{there.hostname!r}]")
    if there.scheme == "file" and here.scheme == "file" and not there.netloc:
        return ()
    raise error(
        "$ref leads outside the document",
        found=short(ref),
        expected="a reference within the document, since it was not read from a file",
        remedy="load the document by its path or URL, so that its neighbours can be found",
    )
