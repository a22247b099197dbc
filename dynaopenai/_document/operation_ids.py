"""The list of a document's operations, each with an id of its own.

Rules of this file:
1. Ids depend on the document alone: a declared one goes before a made-up one, the first before the next.
2. Nothing of an operation is read but what finds it: a large document costs what is used of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._display.words import short
from ..errors import Diagnostic, SpecError
from .defect import defect, from_error
from .document import Node
from .openapi import METHODS, Entry

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True)
class _Listed:
    """An operation before it has an id."""

    method: str
    path: str
    node: Node
    item: Node

    @property
    def declared(self) -> str | None:
        declared = self.node.value.get("operationId")
        return declared if isinstance(declared, str) and declared.strip() else None


def entries_of(root: Node, diagnostics: list[Diagnostic]) -> dict[str, Entry]:
    """The operations by id, in the document's order; what had to be mended is added to ``diagnostics``."""
    listed = list(_listed(root, diagnostics))
    first: dict[str, _Listed] = {}
    for one in listed:  # a declared id goes before a made-up one
        if one.declared is not None:
            first.setdefault(one.declared, one)
    taken = set(first)
    entries: dict[str, Entry] = {}
    for one in listed:
        if one.declared is not None and first[one.declared] is one:
            operation_id = one.declared
        else:
            operation_id = _free_id(one.declared or made_up_id(one.method, one.path), taken)
            taken.add(operation_id)
            diagnostics.append(_renamed(one, operation_id))
        entries[operation_id] = _entry(operation_id, one)
    return entries


def _listed(root: Node, diagnostics: list[Diagnostic]) -> Iterator[_Listed]:
    paths = _followed(root.get("paths"), diagnostics)
    for path, item in paths.children() if paths and isinstance(paths.value, dict) else ():
        if path.startswith("x-"):
            continue
        found = _followed(item, diagnostics)
        if found is None:
            continue
        if not path.startswith("/"):
            message = f"the path {short(path)} does not begin with a slash"
            diagnostics.append(defect(found, "path-without-slash", message, "read as if it did", "warning"))
        methods = dict(_methods(found)) | (dict(_methods(item)) if found is not item else {})  # a Path Item's $ref has neighbours
        for method, node in methods.items():
            if not TOKEN.fullmatch(method):
                message = f"{short(method)} is no method: letters, digits and !#$%&'*+-.^_`|~ alone (RFC 9110 §9.1)"
                diagnostics.append(defect(node, "no-method", message, "left out: name the method as it is sent"))
                continue
            operation = node if "responses" in mapping_of(node) else _followed(node, diagnostics)
            if operation is not None and isinstance(operation.value, dict):
                yield _Listed(method, path if path.startswith("/") else f"/{path}", operation, found)


def _followed(node: Node | None, diagnostics: list[Diagnostic]) -> Node | None:
    """What stands there, wherever it is; None where it is nowhere, which is told."""
    try:
        return node.resolve() if node is not None else None
    except SpecError as error:
        assert node is not None
        diagnostics.append(from_error(node, error))
        return None


def _methods(item: Node) -> Iterator[tuple[str, Node]]:
    for key, node in item.children():
        if key in METHODS:
            yield key.upper(), node
        elif key == "additionalOperations" and isinstance(node.value, dict):  # OAS 3.2.0 §4.9
            yield from node.children()


def _entry(operation_id: str, one: _Listed) -> Entry:
    declared = one.node.value
    tags = tuple(dict.fromkeys(tag for tag in list_of(declared.get("tags")) if isinstance(tag, str) and tag.strip()))
    summary = text_of(declared, "summary") or text_of(mapping_of(one.item), "summary")
    deprecated = declared.get("deprecated") is True
    return Entry(operation_id, one.method, one.path, tags, summary, deprecated, one.node, one.item)


def _renamed(one: _Listed, operation_id: str) -> Diagnostic:
    where = f"{one.method} {one.path}"
    if one.declared is None:
        code, message = "no-operation-id", f"{where} has no id, called {operation_id}"
    else:
        code, message = "duplicate-operation-id", f"{where} has the id {short(one.declared)} of another, called {operation_id}"
    return defect(one.node, code, message, "give it an operationId of its own", "warning")


def _free_id(wanted: str, taken: set[str]) -> str:
    operation_id, number = wanted, 2
    while operation_id in taken:
        operation_id, number = f"{wanted}_{number}", number + 1
    return operation_id


def made_up_id(method: str, path: str) -> str:
    """The id of an operation that declares none: ``GET /pets/{petId}`` is ``get_pets_petId``."""
    return "_".join([method.lower(), *re.findall(r"[A-Za-z0-9]+", path)])


# --- careful reading -----------------------------------------------------------------------------


def mapping_of(node: Node | None) -> Mapping[str, Any]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def dict_of(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text_of(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    return value.strip() if isinstance(value, str) else ""
