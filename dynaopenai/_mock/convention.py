"""What an operation does to which collection, by where its path stands among the others of the document. No API is known here.

Rules of this file:
1. A path is a collection where the path below it, with one template more, is declared: ``/things`` of ``/things/{id}``.
   POST to it creates, GET of it lists; what is below it is an item's: GET reads, DELETE deletes, PUT, PATCH and POST
   change, and a POST further down acts on it (``/things/{id}/cancel``).
2. POST to a collection without the item that it is below (``/things/parts`` of ``/things/{thing_id}/parts``) creates both, and
   answers with the inner one, which names the other.
3. Whoever creates may send along what a collection below the new item, or one beside it, is to hold: its items under the
   collection's name (``parts``), or their ids under that of their template (``part_ids`` of ``/parts/{part_id}``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._document import openapi


@dataclass(frozen=True)
class Role:
    """What an operation does to a collection.

    Attributes:
        collection: its path's template.
        variable: the item's, of an operation on one.
        rest: what of the path is below the item.
        above: of an operation that creates two, the template of the other's id.
    """

    action: str
    collection: str = ""
    variable: str = ""
    rest: str = ""
    above: str = ""


NONE = Role("")


def role_of(operation: openapi.Operation, paths: Iterable[str]) -> Role:
    """What an operation does, by the paths of its document."""
    path, method, paths = operation.path, operation.method, frozenset(paths)
    if is_collection(path, paths):
        return Role({"POST": "create", "GET": "list"}.get(method, ""), path)
    for collection in sorted(paths, key=len, reverse=True):
        head, variable, rest = below(collection, path)
        if head:
            action = {"GET": "read", "DELETE": "delete"}.get(method, "change") if not rest else "below"
            return Role(action, collection, variable, rest)
    bare, _, last = path.rpartition("/")
    is_one = last[:1] + last[-1:] == "{}" and last.count("{") == 1  # and no {a}.{b}
    if is_one and bare and "{" not in bare.rpartition("/")[2]:
        return Role({"GET": "read", "DELETE": "delete"}.get(method, "change"), bare, last[1:-1])
    if method == "POST":
        inner = re.compile(rf"{re.escape(bare)}/\{{([^{{}}/]+)\}}/{re.escape(last)}")
        found = (inner.fullmatch(collection) for collection in sorted(paths) if is_collection(collection, paths))
        return next((Role("create", match[0], above=match[1]) for match in found if match), NONE)
    return Role("list", path) if method == "GET" else NONE


def is_collection(path: str, paths: Iterable[str]) -> bool:
    return any(is_item(other, path) for other in paths)


def is_item(path: str, collection: str) -> bool:
    head, _, rest = below(collection, path)
    return bool(head) and not rest


def below(collection: str, path: str) -> tuple[str, str, str]:
    """A path below a collection, cut: the collection, the item's variable, the rest; empty where it is not below it."""
    if not path.startswith(f"{collection.rstrip('/')}/{{"):
        return "", "", ""
    variable, _, rest = path[len(collection.rstrip("/")) + 2 :].partition("}")
    return (collection, variable, rest) if not rest or rest.startswith("/") else ("", "", "")


def filled(template: str, variables: Mapping[str, Any]) -> str:
    for name, value in variables.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


def along(collection: str, inputs: Mapping[str, Any], paths: Iterable[str]) -> Iterator[tuple[str, str, list[Any]]]:
    """What a call that creates an item of a collection sends along for others: the other's template, its items' variable, and what it sends."""
    above = collection.rpartition("/")[0]
    for path in paths:
        other, _, variable = path.removesuffix("}").rpartition("/{")
        parent, _, name = other.rpartition("/")
        is_below = is_item(parent, collection)
        if other == collection or not path.endswith("}") or not (is_below or (parent == above and above.endswith("}"))):
            continue
        items, ids = inputs.get(name), inputs.get(f"{variable}s")
        if is_below and isinstance(items, list) and all(isinstance(item, dict) for item in items):
            yield other, variable, items
        elif isinstance(ids, list) and all(isinstance(item, str) for item in ids):
            yield other, variable, ids
