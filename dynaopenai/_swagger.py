"""Swagger 2.0 -> OpenAPI 3.0, so that everything after this file knows one shape.

The mapping is the specifications' own (Swagger 2.0 against OAS 3.0.4): ``definitions`` become component schemas,
``body`` and ``formData`` parameters a request body, ``consumes`` and ``produces`` media types,
``collectionFormat`` a style. What 3.0 cannot say (``tsv``) is read as the nearest it can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ._document import Document

MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
SCHEMA_KEYWORDS = (
    *("type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
    *("maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "enum", "multipleOf", "x-nullable"),
)
COLLECTION = {
    "csv": ("form", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "tsv": ("form", False),
}
FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")


def convert(document: Document) -> Document:
    """The same API as an OpenAPI 3.0 document. Its nodes have pointers of the new shape and no lines."""
    old = document.root
    new: dict[str, Any] = {"openapi": "3.0.4", "info": old.get("info", {}), "servers": list(_servers(old))}
    new |= {key: old[key] for key in ("tags", "security", "externalDocs") if key in old}
    shared = _dict(old.get("parameters"))
    new["paths"] = {path: _path_item(old, shared, item) for path, item in _dict(old.get("paths")).items()}
    new["components"] = {
        "schemas": {name: _schema(part) for name, part in _dict(old.get("definitions")).items()},
        "parameters": {
            name: _parameter(part)
            for name, part in shared.items()
            if isinstance(part, dict) and part.get("in") not in ("body", "formData")
        },
        "responses": {name: _response(part, _types(old, {}, "produces")) for name, part in _dict(old.get("responses")).items()},
        "securitySchemes": {
            name: _security_scheme(part) for name, part in _dict(old.get("securityDefinitions")).items()
        },
    }
    converted = replace(document, root=new, text=None)
    document.library.documents[document.uri] = converted
    return converted


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _servers(old: dict[str, Any]) -> Iterator[dict[str, Any]]:
    base = old.get("basePath", "/")
    host = old.get("host")
    if not isinstance(host, str):
        yield {"url": base}
        return
    schemes = [scheme for scheme in old.get("schemes") or ["https"] if scheme in ("http", "https")]
    for scheme in sorted(schemes, key=lambda scheme: scheme != "https"):
        yield {"url": f"{scheme}://{host}{base}"}


def _types(old: dict[str, Any], operation: dict[str, Any], key: str) -> list[str]:
    declared = operation.get(key) or old.get(key)
    return [name for name in declared if isinstance(name, str)] if isinstance(declared, list) else []


# --- operations ----------------------------------------------------------------------------------


def _path_item(old: dict[str, Any], shared: dict[str, Any], item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    inherited = [_found(shared, part) for part in item.get("parameters") or ()]
    new = {key: value for key, value in item.items() if key not in (*METHODS, "parameters")}
    plain = [_parameter(part) for part in inherited if part.get("in") not in ("body", "formData")]
    if plain:
        new["parameters"] = plain
    for method in METHODS:
        if isinstance(item.get(method), dict):
            new[method] = _operation(old, shared, item[method], inherited)
    return new


def _found(shared: dict[str, Any], part: Any) -> dict[str, Any]:
    """A parameter, or the shared one that it refers to: only those move to a request body."""
    ref = part.get("$ref") if isinstance(part, dict) else None
    target = shared.get(ref.removeprefix("#/parameters/")) if isinstance(ref, str) else None
    return target if isinstance(target, dict) and target.get("in") in ("body", "formData") else _dict(part)


def _operation(
    old: dict[str, Any], shared: dict[str, Any], operation: dict[str, Any], inherited: list[dict[str, Any]]
) -> dict[str, Any]:
    own = [_found(shared, part) for part in operation.get("parameters") or ()]
    new = {key: value for key, value in operation.items() if key not in ("parameters", "consumes", "produces", "schemes")}
    new["parameters"] = [_parameter(part) for part in own if part.get("in") not in ("body", "formData")]
    carried = [part for part in (*inherited, *own) if part.get("in") in ("body", "formData")]
    if carried:
        new["requestBody"] = _request_body(carried, _types(old, operation, "consumes"))
    produces = _types(old, operation, "produces")
    new["responses"] = {
        status: _response(part, produces) for status, part in _dict(operation.get("responses")).items()
    }
    return new


def _parameter(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        return {"$ref": _moved(part["$ref"])}
    new = {key: value for key, value in part.items() if key not in (*SCHEMA_KEYWORDS, "collectionFormat", "schema")}
    new["schema"] = _schema({key: part[key] for key in SCHEMA_KEYWORDS if key in part})
    if part.get("type") == "array" or "collectionFormat" in part:
        style, explode = COLLECTION.get(part.get("collectionFormat", "csv"), ("form", False))
        new["style"] = style if part.get("in") == "query" else "simple"
        new["explode"] = explode
    return new


def _request_body(parts: list[dict[str, Any]], consumes: list[str]) -> dict[str, Any]:
    body = next((part for part in parts if part.get("in") == "body"), None)
    if body is not None:
        media = {"schema": _schema(body.get("schema", {}))}
        new = {"required": body.get("required") is True, "content": dict.fromkeys(consumes or ["application/json"], media)}
        return new | ({"description": body["description"]} if "description" in body else {})
    has_file = any(part.get("type") == "file" for part in parts)
    forms = [name for name in consumes if name.startswith("multipart/") or name.endswith("x-www-form-urlencoded")]
    if has_file or not forms:
        forms = ["multipart/form-data" if has_file else "application/x-www-form-urlencoded"]
    schema = {
        "type": "object",
        "required": [part["name"] for part in parts if part.get("required") is True and "name" in part],
        "properties": {part["name"]: _form_property(part) for part in parts if isinstance(part.get("name"), str)},
    }
    encoding = {
        part["name"]: dict(zip(("style", "explode"), COLLECTION.get(part.get("collectionFormat", "csv"), ("form", False)), strict=True))
        for part in parts
        if part.get("type") == "array" and "name" in part
    }
    media = {"schema": schema} | ({"encoding": encoding} if encoding else {})
    return {"required": bool(schema["required"]), "content": dict.fromkeys(forms, media)}


def _form_property(part: dict[str, Any]) -> dict[str, Any]:
    schema = _schema({key: part[key] for key in SCHEMA_KEYWORDS if key in part})
    return {**schema, **({"description": part["description"]} if "description" in part else {})}


def _response(part: Any, produces: list[str]) -> Any:
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return {"$ref": _moved(part["$ref"])}
    new = {key: value for key, value in part.items() if key not in ("schema", "headers", "examples")}
    if "schema" in part:
        schema = _schema(part["schema"])
        is_file = schema.get("format") == "binary" and schema.get("type") == "string"
        names = produces or ["application/octet-stream" if is_file else "application/json"]
        examples = _dict(part.get("examples"))
        new["content"] = {
            name: {"schema": schema} | ({"example": examples[name]} if name in examples else {}) for name in names
        }
    if isinstance(part.get("headers"), dict):
        new["headers"] = {name: _parameter(_dict(header)) for name, header in part["headers"].items()}
    return new


# --- schemas and security ------------------------------------------------------------------------


def _schema(part: Any) -> Any:
    """A Schema Object with its references moved, at any depth."""
    if isinstance(part, list):
        return [_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    new = {
        key: _moved(value)
        if key == "$ref" and isinstance(value, str)
        else value
        if key in ("enum", "default", "example")
        else {name: _schema(item) for name, item in value.items()}
        if key == "properties" and isinstance(value, dict)
        else _schema(value)
        for key, value in part.items()
    }
    if new.get("type") == "file":
        new |= {"type": "string", "format": "binary"}
    if new.get("x-nullable") is True:
        new["nullable"] = True
    if isinstance(new.get("discriminator"), str):
        new["discriminator"] = {"propertyName": new["discriminator"]}
    return new


def _moved(ref: Any) -> Any:
    for before, after in MOVED.items():
        if isinstance(ref, str) and ref.startswith(before):
            return after + ref[len(before) :]
    return ref


def _security_scheme(part: Any) -> Any:
    if not isinstance(part, dict) or part.get("type") not in ("basic", "oauth2"):
        return part
    if part["type"] == "basic":
        return {key: value for key, value in part.items() if key != "type"} | {"type": "http", "scheme": "basic"}
    flow = FLOWS.get(part.get("flow", ""), part.get("flow", "implicit"))
    facts = {key: part[key] for key in ("authorizationUrl", "tokenUrl") if key in part}
    return {"type": "oauth2", "flows": {flow: facts | {"scopes": part.get("scopes", {})}}}
