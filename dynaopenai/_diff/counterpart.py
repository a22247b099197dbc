"""Which operation, parameter and webhook of one document is which of the other, and how each is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._checking.contract import Contract
from .._document import openapi
from .._document.document import Node
from ..errors import SpecError


def match(
    old: openapi.OpenAPI, new: openapi.OpenAPI
) -> tuple[list[tuple[openapi.Entry, openapi.Entry]], list[openapi.Entry], list[openapi.Entry]]:
    """The operations that are the same, those that are gone, those that are new.

    By a declared id first, then by method and path, then by the URL that is called, then by a made-up id.
    """
    left, pairs = dict(old.entries), dict[str, tuple[openapi.Entry, openapi.Entry]]()

    def take(key: Callable[[openapi.Entry, openapi.OpenAPI], Any]) -> None:
        mine = {key(entry, old): entry for entry in left.values()}
        for entry in new.entries.values():
            before = mine.get(key(entry, new)) if entry.id not in pairs else None
            if before is not None and before.id in left:
                pairs[entry.id] = (left.pop(before.id), entry)

    take(lambda entry, _: entry.id if has_own_id(entry) else (id(entry),))
    take(lambda entry, _: route(entry))
    take(_urls)
    take(lambda entry, _: entry.id)
    return (
        [pairs[name] for name in new.entries if name in pairs],
        list(left.values()),
        [entry for name, entry in new.entries.items() if name not in pairs],
    )


def _urls(entry: openapi.Entry, api: openapi.OpenAPI) -> tuple[str, str]:
    """Method and the whole path at the first server."""
    base = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "", url_of(api.servers[0])) if api.servers else ""
    return entry.method, re.sub(r"\{[^{}]*\}", "{}", base + entry.path)


def url_of(server: openapi.Server) -> str:
    """A server's URL with the defaults of its variables, without a slash at its end."""
    url = server.url
    for name, declared in server.variables.items():
        url = url.replace("{" + name + "}", str(declared.get("default", "")))
    return url.rstrip("/")


def has_own_id(entry: openapi.Entry) -> bool:
    """Whether the document gives the operation its id; otherwise it is made up from method and path."""
    declared = entry.node.value.get("operationId")
    return isinstance(declared, str) and bool(declared.strip())


def route(entry: openapi.Entry | openapi.Operation) -> tuple[str, str]:
    """Method and path, whatever the path's parameters are called."""
    return entry.method, re.sub(r"\{[^{}]*\}", "{}", entry.path)


def by_place(operation: openapi.Operation) -> dict[tuple[str, str], openapi.Parameter]:
    """The parameters by place and name; a header's name has no case."""
    return {
        (parameter.in_, parameter.name.lower() if parameter.in_ == "header" else parameter.name): parameter
        for parameter in operation.parameters
    }


def by_media_type(content: Mapping[str, openapi.MediaType]) -> dict[str, openapi.MediaType]:
    """The media types by name; that text is in UTF-8 is nothing to tell them apart by."""
    return {re.sub(r"(?i)\s*;\s*charset=\"?utf-?8\"?", "", name): media for name, media in content.items()}


def renamed(old: openapi.Operation, new: openapi.Operation) -> list[tuple[str, str]]:
    """Path parameters of the same path that have another name: (before, after)."""
    if route(old) != route(new):
        return []
    names = [re.findall(r"\{([^{}]*)\}", each.path) for each in (old, new)]
    known = by_place(old).keys()
    return [
        (before, after) for before, after in zip(*names, strict=True) if before != after and ("path", before) in known
    ]


def style_of(contract: Contract, parameter: openapi.Parameter) -> str:
    """How the value is written, as far as it shows: a scalar looks the same in most styles."""
    if parameter.content is not None:
        return f"as {parameter.content.name}"
    try:
        types = contract.schema(parameter.schema, "request").types if parameter.schema else frozenset()
    except SpecError:
        return parameter.style
    spread = f" explode={str(parameter.explode).lower()}" if types & {"array", "object"} else ""
    return f"style {parameter.style}{spread}"


def covering(name: str, content: Mapping[str, Any]) -> str | None:
    """The media type that a range or the type itself declares for ``name`` (RFC 9110 §12.5.1)."""
    wanted = (name, f"{name.partition('/')[0]}/*", "*/*")
    return next((each for each in wanted if each in content), None)


def webhooks(contract: Contract) -> dict[str, openapi.Entry]:
    """The webhooks by name, as operations that the server calls."""
    return dict(_incoming(contract.document.node.get("webhooks")))


def callbacks(operation: openapi.Operation) -> dict[str, openapi.Entry]:
    """An operation's callbacks by name and expression, as operations that the server calls."""
    found: dict[str, openapi.Entry] = {}
    declared = operation.node.get("callbacks")
    for name, callback in declared.children() if declared else ():
        try:
            urls = callback.resolve()
        except SpecError:
            continue
        found |= {f"{name} {key}" if len(urls.value) > 1 else name: entry for key, entry in _incoming(urls)}
    return found


def _incoming(declared: Node | None) -> Iterator[tuple[str, openapi.Entry]]:
    for name, item in declared.children() if declared else ():
        try:
            resolved = item.resolve()
        except SpecError:
            continue
        methods = [(method, node) for method, node in resolved.children() if method in openapi.METHODS]
        for method, node in methods:
            if isinstance(node.value, dict):
                key = name if len(methods) == 1 else f"{method.upper()} {name}"
                yield key, openapi.Entry(key, method.upper(), "", (), "", False, node, resolved)
