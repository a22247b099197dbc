"""A path as it was sent -> the operations there, with the values of their templates; or the path that was meant.

Rules of this file:
1. The concrete path goes before the templated (OAS 3.1.1 §4.8.8).
2. A query in a path's key (``/things?beta=true``) is what the request's query must say; who says it goes first, and whom
   it misses last. A fragment (``/#Action=List``) is never sent; what it says may stand in the query or in a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from .._display.words import nearest
from .._document import openapi

Route = tuple[openapi.Entry, dict[str, str]]

BESIDE = r"([^/]+?(?=\.)|[0-9]+(?![0-9])|[^/]+)"  # a variable that another follows at once: up to a dot, as in {id}{format}, or a number


class Router:
    """The paths of the document under a prefix."""

    def __init__(self, entries: Iterable[openapi.Entry], prefix: str) -> None:
        self._routes = []
        prefix = unquote(prefix)  # as paths are read
        self._templates: dict[str, None] = {}
        for entry in sorted(entries, key=_vagueness):
            pieces = re.split(r"\{([^{}]+)\}", prefix + _sent(entry.path))
            texts = [re.escape(text) for text in pieces[::2]]
            groups = ["([^/]+)" if after or index == len(texts) - 2 else BESIDE for index, after in enumerate(texts[1:])]
            pattern = texts[0] + "".join(group + text for group, text in zip(groups, texts[1:], strict=True))
            pattern = pattern.replace(r"([^/]+)\.", r"([^/]*[^/.])\.")  # a label's dot is its own (RFC 6570 §3.2.5)
            self._routes.append((re.compile(pattern), pieces[1::2], entry))
            self._templates[prefix + _sent(entry.path)] = None

    def find(self, path: str, query: str = "", headers: Mapping[str, str] | None = None) -> list[Route]:
        """The operations at a path as it was sent, with the values of their templates; the most concrete first."""
        pieces = re.split("(%2[Ff]|%25)", path)  # a slash in a value is none of the path's
        plain = "".join(piece if index % 2 else unquote(piece) for index, piece in enumerate(pieces))
        matched = ((pattern.fullmatch(plain), names, entry) for pattern, names, entry in self._routes)
        found = [
            (entry, dict(zip(names, map(unquote, match.groups()), strict=True))) for match, names, entry in matched if match
        ]
        if not any(_EXTRA.search(entry.path) for entry, _ in found):
            return found
        sent = {**{name.lower(): value for name, value in (headers or {}).items()}, **dict(parse_qsl(query, keep_blank_values=True))}
        filled = [(entry, {**variables, **_filled_query(entry.path, sent)}) for entry, variables in found]
        return sorted(filled, key=lambda route: -_fit(route[0].path, sent))

    def near(self, path: str) -> str:
        """The path that was probably meant, its templates filled with what was sent; empty where none is near."""
        sent = unquote(path).split("/")
        filled = {_filled(template.split("/"), sent): template for template in self._templates}
        return next(iter(nearest("/".join(sent), filled, cutoff=0.75)), "")


_EXTRA = re.compile(r"[?#](?![^{]*\})")  # what follows a path, outside its templates


def _sent(path: str) -> str:
    """The part of a path's key that is a path."""
    return _EXTRA.split(path)[0]


def are_alike(path: str, other: str) -> bool:
    """Whether nothing in a path as it is sent tells two keys apart."""
    return re.sub(r"\{[^{}]*\}", "{}", _sent(path)) == re.sub(r"\{[^{}]*\}", "{}", _sent(other))


def _filled_query(path: str, sent: Mapping[str, str]) -> dict[str, str]:
    """The values of the templates in the query of a path's key."""
    extra = _EXTRA.search(path)
    pairs = parse_qsl(path[extra.end() :].partition("#")[0]) if extra else []
    return {value[1:-1]: sent[name] for name, value in pairs if name in sent and value[:1] + value[-1:] == "{}"}


def _fit(path: str, sent: Mapping[str, str]) -> int:
    """How much of the query and the fragment in a path's key a request says; below 0 where it misses the query."""
    extra = _EXTRA.search(path)
    query, _, fragment = path[extra.start() :].partition("#") if extra else ("", "", "")
    literal = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    if not all(name in sent and ("{" in value or sent[name] == value) for name, value in literal):
        return -1
    named = parse_qsl(fragment, keep_blank_values=True)
    return len(literal) + sum(sent.get(name, sent.get(name.lower())) == value for name, value in named)


def _filled(template: Sequence[str], sent: Sequence[str]) -> str:
    if len(template) != len(sent):
        return "/".join(template)
    return "/".join(segment if "{" in part and segment else part for part, segment in zip(template, sent, strict=True))


def _vagueness(entry: openapi.Entry) -> list[int]:
    return [0 if "{" not in part else 2 if part[0] + part[-1] == "{}" else 1 for part in _sent(entry.path).split("/")]


def prefix_of(server: openapi.Server) -> str:
    """The path of a server's URL, its variables filled in with their defaults."""
    url = re.sub(r"\{([^{}]+)\}", lambda match: str(server.variables.get(match[1], {}).get("default", "")), server.url)
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""
