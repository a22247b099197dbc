"""Where calls go: servers, their order and variables, and a path's beginning that moved between them and the operations.

Rule of this file: what counts is the URL that is called; `https://h/v1` with `/pets` is `https://h` with `/v1/pets`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from .._display.words import short
from .._document import openapi
from .counterpart import url_of
from .findings import WHOLE, Findings

Pairs = Sequence[tuple[openapi.Entry, openapi.Entry]]


def urls(servers: Iterable[openapi.Server], path: str = "") -> list[str]:
    """The URLs of a path at each server, with the defaults of its variables."""
    return [url_of(server) + path for server in servers]


def is_at_the_same_url(old: openapi.OpenAPI, before: openapi.Entry, new: openapi.OpenAPI, after: openapi.Entry) -> bool:
    """Whether a call of the old document goes where the new one has the operation."""
    return before.method == after.method and bool(
        {route_of(each) for each in urls(old.servers, before.path)} & {route_of(each) for each in urls(new.servers, after.path)}
    )


def route_of(url: str) -> str:
    """A URL whatever its path parameters are called."""
    return re.sub(r"\{[^{}]*\}", "{}", url)


def servers(findings: Findings, pairs: Pairs) -> None:
    """The document's servers."""
    old, new = findings.old.openapi, findings.new.openapi
    before, after = list(dict.fromkeys(urls(old.servers))), list(dict.fromkeys(urls(new.servers)))
    moved = before != after and bool(pairs) and any(mine.path != theirs.path for mine, theirs in pairs)
    if moved and all(is_at_the_same_url(old, mine, new, theirs) for mine, theirs in pairs):
        message = f"{short(before[0])} → {short(after[0])}, with the operations' paths"
        findings.tell("server-path-moved", WHOLE, "servers", message)
        return
    _compared(findings, WHOLE, old.servers, new.servers)


def operation_servers(findings: Findings, old: openapi.Operation, new: openapi.Operation) -> None:
    """An operation's own servers, where it or its path has some."""
    own = old.servers != findings.old.openapi.servers, new.servers != findings.new.openapi.servers
    if any(own):
        _compared(findings, new.id, old.servers, new.servers)


def _compared(
    findings: Findings, operation: str, old: Sequence[openapi.Server], new: Sequence[openapi.Server]
) -> None:
    mine, theirs = {each.url.rstrip("/"): each for each in old}, {each.url.rstrip("/"): each for each in new}
    for url, server in mine.items():
        if url not in theirs:
            message = f"{short(server.url)} is not named any more"
            findings.tell("server-removed", operation, "servers", message, old=True)
    for url, server in theirs.items():
        if url not in mine:
            findings.tell("server-added", operation, "servers", f"{short(server.url)} is new")
    shared = [url for url in mine if url in theirs]
    if shared and [url for url in theirs if url in mine] != shared and next(iter(mine)) != next(iter(theirs)):
        message = f"{short(next(iter(theirs)))} comes first now"
        findings.tell("server-order-changed", operation, "servers", message)
    for url in shared:
        _variables(findings, operation, mine[url], theirs[url])


def _variables(findings: Findings, operation: str, old: openapi.Server, new: openapi.Server) -> None:
    for name in dict.fromkeys((*old.variables, *new.variables)):
        before, after = _facts(old, name), _facts(new, name)
        if before[0] != after[0]:
            message = f"default {short(before[0])} → {short(after[0])}"
            findings.tell("server-variable-changed", operation, f"servers.{name}", message)
        for value in (value for value in before[1] if after[1] and value not in after[1]):
            findings.tell("server-variable-changed", operation, f"servers.{name}", f"{short(value)} is gone")
        for value in (value for value in after[1] if before[1] and value not in before[1]):
            findings.tell("server-variable-value-added", operation, f"servers.{name}", f"{short(value)} is new")


def _facts(server: openapi.Server, name: str) -> tuple[Any, list[Any]]:
    declared = server.variables.get(name, {})
    values = declared.get("enum")
    return declared.get("default"), values if isinstance(values, list) else []
