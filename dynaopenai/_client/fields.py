"""The fields of the specification's objects as one table, and where a document departs from it.

Rules of this file (OAS 3.0.4, 3.1.1 and 3.2.0 §4; a field of any of them is a field):
1. A value of the wrong kind is an error, since it is passed over; a field that no version knows, or one that is
   missing though required, is a warning. Fields that begin with ``x-`` are anyone's.
2. Every reference is followed once, wherever the specification allows one; what it leads to is looked at where it
   stands, in other files too. Schema Objects are left to `dialect`, whose language they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._display.words import did_you_mean, short
from .._document.defect import defect, from_error
from .._document.document import Node
from ..errors import Diagnostic, SpecError

TEXT, FLAG, ANY, MAP, LIST = "a string", "true or false", "any", "a mapping", "a list"
SCHEMA = "Schema"  # not looked into

# Of an object: its fields, and for each the kind of value, the name of an object, or [object] for a list of them,
# {object} for a mapping to them. A "!" marks what is required.
_DOCS: dict[str, Any] = {"externalDocs": "External Documentation"}
_COMMON: dict[str, Any] = {"summary": TEXT, "description": TEXT}
_PARAMETER: dict[str, Any] = {
    "description": TEXT,
    "required": FLAG,
    "deprecated": FLAG,
    "allowEmptyValue": FLAG,
    "style": TEXT,
    "explode": FLAG,
    "allowReserved": FLAG,
    "schema": SCHEMA,
    "content": {"Media Type"},
    "example": ANY,
    "examples": {"Example"},
}
_METHODS: dict[str, Any] = dict.fromkeys(
    ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query"), "Operation"
)
OBJECTS: dict[str, dict[str, Any]] = {
    "OpenAPI": {
        "openapi": ANY, "$self": TEXT, "info!": "Info", "jsonSchemaDialect": TEXT, "servers": ["Server"],
        "paths": {"Path Item"}, "webhooks": {"Path Item"}, "components": "Components", "security": [MAP],
        "tags": ["Tag"], **_DOCS,
    },
    "Info": {
        "title!": TEXT, "version!": ANY, **_COMMON, "termsOfService": TEXT, "contact": "Contact", "license": "License"
    },
    "Contact": {"name": TEXT, "url": TEXT, "email": TEXT},
    "License": {"name!": TEXT, "identifier": TEXT, "url": TEXT},
    "Server": {"url!": TEXT, "description": TEXT, "name": TEXT, "variables": {"Server Variable"}},
    "Server Variable": {"enum": LIST, "default!": ANY, "description": TEXT},
    "Components": {
        "schemas": MAP, "responses": {"Response"}, "parameters": {"Parameter"}, "examples": {"Example"},
        "requestBodies": {"Request Body"}, "headers": {"Header"}, "securitySchemes": {"Security Scheme"},
        "links": {"Link"}, "callbacks": {"Callback"}, "pathItems": {"Path Item"}, "mediaTypes": {"Media Type"},
    },
    "Path Item": {
        "$ref": TEXT, **_COMMON, **_METHODS, "additionalOperations": {"Operation"},
        "servers": ["Server"], "parameters": ["Parameter"],
    },
    "Operation": {
        "tags": LIST, **_COMMON, **_DOCS, "operationId": TEXT, "parameters": ["Parameter"],
        "requestBody": "Request Body", "responses": {"Response"}, "callbacks": {"Callback"}, "deprecated": FLAG,
        "security": [MAP], "servers": ["Server"],
    },
    "External Documentation": {"description": TEXT, "url!": TEXT},
    "Parameter": {"name": TEXT, "in": TEXT, **_PARAMETER},
    "Header": _PARAMETER,
    "Request Body": {"description": TEXT, "content!": {"Media Type"}, "required": FLAG},
    "Media Type": {
        "schema": SCHEMA, "itemSchema": SCHEMA, "example": ANY, "examples": {"Example"},
        "encoding": {"Encoding"}, "prefixEncoding": ["Encoding"], "itemEncoding": "Encoding",
    },
    "Encoding": {
        "contentType": TEXT, "headers": {"Header"}, "style": TEXT, "explode": FLAG, "allowReserved": FLAG,
        "encoding": {"Encoding"}, "prefixEncoding": ["Encoding"], "itemEncoding": "Encoding",
    },
    "Response": {**_COMMON, "headers": {"Header"}, "content": {"Media Type"}, "links": {"Link"}},
    "Callback": {"*": "Path Item"},
    "Example": {**_COMMON, "value": ANY, "dataValue": ANY, "serializedValue": TEXT, "externalValue": TEXT},
    "Link": {
        "operationRef": TEXT, "operationId": TEXT, "parameters": MAP, "requestBody": ANY,
        "description": TEXT, "server": "Server",
    },
    "Tag": {"name!": TEXT, **_COMMON, **_DOCS, "parent": TEXT, "kind": TEXT},
    "Security Scheme": {
        "type!": TEXT, "description": TEXT, "name": TEXT, "in": TEXT, "scheme": TEXT, "bearerFormat": TEXT,
        "flows": MAP, "openIdConnectUrl": TEXT, "oauth2MetadataUrl": TEXT, "deprecated": FLAG,
    },
}
REFERENCES = frozenset(OBJECTS) - {"OpenAPI", "Info", "Contact", "License", "Components", "Operation", "Tag", "Server"}
_FIELDS = {name: {key.rstrip("!"): kind for key, kind in fields.items()} for name, fields in OBJECTS.items()}
_REQUIRED = {name: [key[:-1] for key in fields if key.endswith("!")] for name, fields in OBJECTS.items()}
_TYPES: dict[str, tuple[type, ...]] = {TEXT: (str,), FLAG: (bool,), MAP: (dict,), LIST: (list,), SCHEMA: (dict, bool)}


def departures(root: Node) -> Iterator[Diagnostic]:
    """Where the document, and all it refers to, is not made as the specification says.

    A reference where the specification has none is followed like any other, and told once for each kind of object.
    """
    misplaced: set[str] = set()
    seen: set[tuple[str, str]] = set()
    todo: list[tuple[str, Node]] = [("OpenAPI", root)]
    while todo:
        name, node = todo.pop()
        if (node.document.uri, node.pointer) in seen:
            continue
        seen.add((node.document.uri, node.pointer))
        found, below = _looked_at(name, node)
        if not found and isinstance(node.value, dict) and "$ref" in node.value and name not in REFERENCES and name not in misplaced:
            misplaced.add(name)
            message = f"a reference stands for {_a(name)} Object, where OpenAPI has none"
            found.append(defect(node, "misplaced-ref", message, "followed; put the object itself there for other tools", "warning"))
        yield from found
        todo += reversed(below)


_Found = tuple[list[Diagnostic], list[tuple[str, Node]]]


def _looked_at(name: str, node: Node) -> _Found:
    """What is wrong with one object, and the objects in it."""
    if not isinstance(node.value, dict):
        return [_wrong_kind(node, f"{_a(name)} Object")], []
    if isinstance(node.value.get("$ref"), str) and (name in REFERENCES or "$ref" not in OBJECTS[name]):
        return _followed(name, node)
    fields = _FIELDS[name]
    found = [_missing(name, node, key) for key in _REQUIRED[name] if key not in node.value]
    below: list[tuple[str, Node]] = []
    for key, value in node.value.items():
        kind = fields.get(key) or fields.get("*")
        if key.startswith("x-") or (value is None and kind is not None and kind != ANY):
            continue  # null is as good as nothing
        if kind is None:
            found.append(_unknown(name, node.child(key), key, list(fields)))
        elif isinstance(kind, str) and kind not in OBJECTS:
            if kind != ANY and not isinstance(value, _TYPES[kind]):
                found.append(_wrong_kind(node.child(key), kind))
        else:
            more, inner = _member(kind, node.child(key))
            found += more
            below += inner
    return found, below


def _followed(name: str, node: Node) -> _Found:
    try:
        target = node.resolve()
    except SpecError as error:
        return [from_error(node, error)], []
    return [], [(name, target)]


def _member(kind: Any, node: Node) -> _Found:
    """What is wrong with a field that holds objects: one, or a list of them, or a mapping to them; and the objects in it."""
    if isinstance(kind, str):
        return [], [(kind, node)]
    if isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):  # in the place of a mapping or a list
        try:
            node = node.resolve()
        except SpecError as error:
            return [from_error(node, error)], []
    container, (inner,) = (dict, kind) if isinstance(kind, set) else (list, kind)
    if not isinstance(node.value, container):
        return [_wrong_kind(node, MAP if container is dict else LIST)], []
    members = [child for key, child in node.children() if not (container is dict and key.startswith("x-"))]
    if inner in OBJECTS:
        return [], [(inner, child) for child in members]
    return [_wrong_kind(child, inner) for child in members if not isinstance(child.value, _TYPES[inner])], []


# --- words ---------------------------------------------------------------------------------------


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "AEIO" else f"a {name}"


def _wrong_kind(node: Node, expected: str) -> Diagnostic:
    message = f"found {short(node.value)}, expected {expected}"
    return defect(node, "wrong-kind", message, "passed over")


def _missing(name: str, node: Node, key: str) -> Diagnostic:
    return defect(node, "missing-field", f"{_a(name)} Object needs the field {key}", f"add {key}", "warning")


def _unknown(name: str, node: Node, key: str, known: list[str]) -> Diagnostic:
    close = did_you_mean(key, known)
    message = f"{_a(name)} Object has no field {short(key)}"
    return defect(node, "unknown-field", message, close or "begin it with x-, or take it out", "warning")
