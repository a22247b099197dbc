"""A path as it was sent -> the operations there, with the values of their templates; or the path that was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from .._document import openapi
from ..errors import nearest

Route = tuple[openapi.Entry, dict[str, str]]


class Router:
    """The paths of the document under a prefix, the concrete ones before the templated (OAS 3.1.1 §4.8.8)."""

    def __init__(self, entries: Iterable[openapi.Entry], prefix: str) -> None:
        self._routes = []
        self._templates: dict[str, None] = {}
        for entry in sorted(entries, key=_vagueness):
            pieces = re.split(r"\{([^{}]+)\}", prefix + entry.path)
            pattern = "([^/]+)".join(re.escape(text) for text in pieces[::2])
            self._routes.append((re.compile(pattern), pieces[1::2], entry))
            self._templates[prefix + entry.path] = None

    def find(self, path: str) -> list[Route]:
        """The operations at a path as it was sent, with the values of their templates; most concrete first."""
        pieces = re.split("(%2[Ff]|%25)", path)  # a slash in a value is none of the path's
        plain = "".join(piece if index % 2 else unquote(piece) for index, piece in enumerate(pieces))
        found = ((pattern.fullmatch(plain), names, entry) for pattern, names, entry in self._routes)
        return [
            (entry, dict(zip(names, map(unquote, match.groups()), strict=True))) for match, names, entry in found if match
        ]

    def near(self, path: str) -> str:
        """The path that was probably meant, its templates filled with what was sent; empty where none is near."""
        sent = unquote(path).split("/")
        filled = {_filled(template.split("/"), sent): template for template in self._templates}
        return next(iter(nearest("/".join(sent), filled, cutoff=0.75)), "")


def _filled(template: Sequence[str], sent: Sequence[str]) -> str:
    if len(template) != len(sent):
        return "/".join(template)
    return "/".join(said if "{" in part and said else part for part, said in zip(template, sent, strict=True))


def _vagueness(entry: openapi.Entry) -> list[int]:
    return [0 if "{" not in part else 2 if part[0] + part[-1] == "{}" else 1 for part in entry.path.split("/")]


def prefix_of(server: openapi.Server) -> str:
    """The path of a server's URL, its variables filled in with their defaults."""
    url = re.sub(r"\{([^{}]+)\}", lambda match: str(server.variables.get(match[1], {}).get("default", "")), server.url)
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""
