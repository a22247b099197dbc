"""Which operation, parameter and webhook of one document is which of the other, and how each is told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .._checking.contract import Contract
from .._document import openapi
from ..errors import SpecError


def match(
    old: Mapping[str, openapi.Entry], new: Mapping[str, openapi.Entry]
) -> tuple[list[tuple[openapi.Entry, openapi.Entry]], list[openapi.Entry], list[openapi.Entry]]:
    """The operations that are the same, those that are gone, those that are new."""
    pairs = {operation_id: (old[operation_id], new[operation_id]) for operation_id in new if operation_id in old}
    routes = {route(entry): entry for entry in old.values() if entry.id not in new}
    for entry in new.values():
        if entry.id not in pairs and route(entry) in routes:
            pairs[entry.id] = (routes.pop(route(entry)), entry)
    matched = {before.id for before, _ in pairs.values()}
    gone = [entry for entry in old.values() if entry.id not in matched]
    return (
        [pairs[name] for name in new if name in pairs],
        gone,
        [entry for name, entry in new.items() if name not in pairs],
    )


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


def credentials(operation: openapi.Operation) -> list[tuple[str, ...]]:
    """The ways to show who calls, each a set of schemes."""
    return list(dict.fromkeys(tuple(sorted(way)) for way in operation.security))


def said(ways: list[tuple[str, ...]]) -> str:
    """The ways in words."""
    return " or ".join(" and ".join(way) for way in ways)


def webhooks(contract: Contract) -> dict[str, openapi.Entry]:
    """The webhooks by name, as operations that the server calls."""
    declared, found = contract.document.node.get("webhooks"), {}
    for name, item in declared.children() if declared else ():
        try:
            resolved = item.resolve()
        except SpecError:
            continue
        for method, node in resolved.children():
            if method in openapi.METHODS and isinstance(node.value, dict):
                found[name] = openapi.Entry(name, method.upper(), name, (), "", False, node, resolved)
    return found
