"""Swagger 2.0 -> OpenAPI 3.0, so that everything after this file knows one shape.

Rules of this file:
1. The mapping is the specifications' own (Swagger 2.0 against OAS 3.0.4): ``definitions`` become component schemas,
   ``body`` and ``formData`` parameters a request body, ``consumes`` and ``produces`` media types,
   ``collectionFormat`` a style; what 3.0 has no style for (``tsv``) has one of our own (`_request.style`).
2. A part that is not as it should be is passed on as it is; what comes after this file tells it.
3. What another file holds has that file's version: what this one refers to there is converted in its place, as long as
   it is no schema; a schema is read where it stands (`keywords` knows what Swagger's have of their own).
4. Every part that stands elsewhere afterwards is noted in ``moved``, so that messages tell the author's own places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._display.words import short
from ..errors import SpecError
from .anchors import joined
from .document import Document, Node, escape

SECTIONS = {  # here: in the author's text
    "/components/schemas": "/definitions",
    "/components/parameters": "/parameters",
    "/components/responses": "/responses",
    "/components/securitySchemes": "/securityDefinitions",
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
    "tsv": ("tabDelimited", False),
}
FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
IN_BODY = ("body", "formData")
VALUES = ("enum", "default", "example", "x-example")  # keywords that hold values, not schemas
Part = tuple[dict[str, Any], str]  # a parameter, and the pointer to it in the author's text


def convert(document: Document) -> Document:
    """The same API as an OpenAPI 3.0 document.

    Raises:
        SpecError: it is another version of Swagger.
    """
    version = str(document.root.get("swagger"))
    if version.split(".", maxsplit=1)[0] != "2":
        raise document.node.error(
            "this version of Swagger is not read", found=short(version), expected='swagger: "2.0"', remedy="convert it"
        )
    converter = _Converter(document.node)
    converted = replace(document, root=converter.document(), moved={**SECTIONS, **converter.moved})
    document.library.documents[document.uri] = converted
    return converted


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


class _Converter:
    """One document's conversion; ``moved``: what stands elsewhere afterwards, pointer there by pointer here."""

    def __init__(self, home: Node) -> None:
        self.home = home
        self.old: dict[str, Any] = home.value
        self.shared = self.section("parameters")
        self.moved: dict[str, str] = {}

    # --- what stands elsewhere -------------------------------------------------------------------

    def section(self, name: str) -> dict[str, Any]:
        return _dict(self.inlined(self.old.get(name)))

    def inlined(self, part: Any) -> Any:
        """The part itself in the place of a reference to one that `_moved` does not move."""
        ref = part.get("$ref") if isinstance(part, dict) else None
        if not isinstance(ref, str) or _moved(ref) != ref or ref.startswith("#/paths/"):
            return part
        try:
            node = self.home.follow(ref).resolve()
        except SpecError:
            return part  # it leads nowhere, which is told where it is read
        return _rebased(node, self.home, node.base)

    def document(self) -> dict[str, Any]:
        old = self.old
        new: dict[str, Any] = {"openapi": "3.0.4", "servers": list(_servers(old))}
        kept = ("info", "tags", "security", "externalDocs")
        new |= {key: value for key, value in old.items() if key in kept or key.startswith("x-")}
        paths = self.inlined(old.get("paths"))
        if isinstance(paths, dict):
            new["paths"] = {path: self.path_item(item, f"/paths/{escape(path)}") for path, item in paths.items()}
        elif paths is not None:
            new["paths"] = paths
        shared = {name: part for name, part in self.shared.items() if _dict(self.inlined(part)).get("in") not in IN_BODY}
        self.moved |= {f"/components/parameters/{escape(name)}/schema": f"/parameters/{escape(name)}" for name in shared}
        responses, schemes = self.section("responses"), self.section("securityDefinitions")
        new["components"] = {
            "schemas": {name: _schema(part) for name, part in self.section("definitions").items()},
            "parameters": {name: _parameter(_dict(self.inlined(part))) for name, part in shared.items()},
            "responses": {
                name: self.response(part, self.types({}, "produces"), f"/components/responses/{escape(name)}", f"/responses/{escape(name)}")
                for name, part in responses.items()
            },
            "securitySchemes": {name: _security_scheme(part) for name, part in schemes.items()},
        }
        return new

    def types(self, operation: dict[str, Any], key: str) -> list[str]:
        return [name for name in _list(operation.get(key) or self.old.get(key)) if isinstance(name, str)]

    # --- operations ------------------------------------------------------------------------------

    def path_item(self, item: Any, at: str) -> Any:
        item = self.inlined(item)
        if not isinstance(item, dict):
            return item
        inherited = self.found(item.get("parameters"), f"{at}/parameters")
        new = {key: value for key, value in item.items() if key not in (*METHODS, "parameters")}
        plain = self.plain(inherited, f"{at}/parameters")
        if plain:
            new["parameters"] = plain
        for method in METHODS:
            operation = self.inlined(item.get(method))
            if isinstance(operation, dict):
                new[method] = self.operation(operation, inherited, f"{at}/{method}")
            elif method in item:
                new[method] = item[method]
        return new

    def found(self, declared: Any, at: str) -> list[Part]:
        """The parameters, each as the shared one that it refers to where that moves to a request body."""
        parts = []
        for index, each in enumerate(_list(declared)):
            part = self.inlined(each)
            ref = part.get("$ref") if isinstance(part, dict) else None
            name = ref.removeprefix("#/parameters/") if isinstance(ref, str) else ""
            target = _dict(self.inlined(self.shared.get(name)))
            moves = target.get("in") in IN_BODY
            parts.append((target, f"/parameters/{escape(name)}") if moves else (_dict(part), f"{at}/{index}"))
        return parts

    def plain(self, parts: list[Part], at: str) -> list[dict[str, Any]]:
        """Those that stay parameters."""
        kept = [part for part in parts if part[0].get("in") not in IN_BODY]
        for index, (_, was) in enumerate(kept):
            self.moved[f"{at}/{index}/schema"] = was  # its keywords stood beside its name
            self.moved[f"{at}/{index}"] = was
        return [_parameter(part) for part, _ in kept]

    def operation(self, operation: dict[str, Any], inherited: list[Part], at: str) -> dict[str, Any]:
        own = self.found(operation.get("parameters"), f"{at}/parameters")
        left = ("parameters", "consumes", "produces", "schemes", "responses")
        new = {key: value for key, value in operation.items() if key not in left}
        new["parameters"] = self.plain(own, f"{at}/parameters")
        carried = {
            (str(part["in"]), str(part.get("name"))): (part, was) for part, was in (*inherited, *own) if part.get("in") in IN_BODY
        }
        if carried:
            new["requestBody"] = self.request_body(list(carried.values()), self.types(operation, "consumes"), f"{at}/requestBody")
        produces = self.types(operation, "produces")
        new["responses"] = {
            status: self.response(part, produces, f"{at}/responses/{escape(status)}", f"{at}/responses/{escape(status)}")
            for status, part in _dict(operation.get("responses")).items()
        }
        return new

    def request_body(self, parts: list[Part], consumes: list[str], at: str) -> dict[str, Any]:
        body = next((part for part in parts if part[0].get("in") == "body"), None)
        if body is None:
            return self.form([part for part in parts if isinstance(part[0].get("name"), str)], consumes, at)
        declared, was = body
        names = consumes or ["application/json"]
        for name in names:
            self.moved[f"{at}/content/{escape(name)}"] = was
        self.moved[at] = was
        media = {"schema": _schema(declared.get("schema", {}))}
        new = {"required": declared.get("required") is True, "content": dict.fromkeys(names, media)}
        return new | ({"description": declared["description"]} if "description" in declared else {})

    def form(self, parts: list[Part], consumes: list[str], at: str) -> dict[str, Any]:
        has_file = any(part.get("type") == "file" for part, _ in parts)
        forms = [name for name in consumes if name.startswith("multipart/") or "x-www-form-urlencoded" in name]
        if has_file:
            forms = [name for name in forms if name.startswith("multipart/")]
        forms = forms or ["multipart/form-data" if has_file else "application/x-www-form-urlencoded"]
        schema = {
            "type": "object",
            "required": [part["name"] for part, _ in parts if part.get("required") is True],
            "properties": {part["name"]: _form_property(part) for part, _ in parts},
        }
        for part, was in parts:
            for name in forms:
                self.moved[f"{at}/content/{escape(name)}/schema/properties/{escape(part['name'])}"] = was
        encoding = {part["name"]: _style(part) for part, _ in parts if part.get("type") == "array"}
        media = {"schema": schema} | ({"encoding": encoding} if encoding else {})
        return {"required": bool(schema["required"]), "content": dict.fromkeys(forms, media)}

    def response(self, part: Any, produces: list[str], at: str, was: str) -> Any:
        part = self.inlined(part)
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return {"$ref": _moved(part["$ref"])}
        new = {key: value for key, value in part.items() if key not in ("schema", "headers", "examples")}
        if "schema" in part:
            schema = _schema(part["schema"])
            is_file = isinstance(schema, dict) and schema.get("format") == "binary" and schema.get("type") == "string"
            names = produces or ["application/octet-stream" if is_file else "application/json"]
            examples = _dict(part.get("examples"))
            new["content"] = {
                name: {"schema": schema} | ({"example": examples[name]} if name in examples else {}) for name in names
            }
            for name in names:
                self.moved[f"{at}/content/{escape(name)}"] = was
        if isinstance(part.get("headers"), dict):
            new["headers"] = {name: _parameter(_dict(header), "header") for name, header in part["headers"].items()}
        return new


def _rebased(node: Node, home: Node, base: str) -> Any:
    """A copy of what stands elsewhere, its references as they are written at home; its own media types with it."""
    root = node.document.root

    def rebase(value: Any) -> Any:
        if isinstance(value, list):
            return [rebase(item) for item in value]
        if not isinstance(value, dict):
            return value
        kept = {key: rebase(item) for key, item in value.items()}
        if isinstance(value.get("$ref"), str):
            uri = joined(base, value["$ref"])
            kept["$ref"] = uri.removeprefix(home.document.uri) if uri.startswith(f"{home.document.uri}#") else uri
        return kept

    copy = rebase(node.value)
    if node.document is not home.document and isinstance(root, dict) and isinstance(copy, dict):
        own = {key: root[key] for key in ("consumes", "produces") if key in root}
        for operation in [copy, *(copy.get(method) for method in METHODS)] if own else ():
            if isinstance(operation, dict) and "responses" in operation:
                operation.update({**own, **operation})
    return copy


def _servers(old: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    base = old.get("basePath")
    base = base if isinstance(base, str) else "/"
    base = base if base.startswith("/") else f"/{base}"
    host = old.get("host")
    if not isinstance(host, str) or not host:
        yield {"url": base}
        return
    schemes = [scheme for scheme in _list(old.get("schemes")) if scheme in ("http", "https")] or ["https"]
    for scheme in sorted(schemes, key=lambda scheme: scheme != "https"):
        yield {"url": f"{scheme}://{host.rstrip('/')}{base if base != '/' else ''}"}


# --- parameters, schemas and security ------------------------------------------------------------


def _parameter(part: dict[str, Any], place: str = "") -> dict[str, Any]:
    if "$ref" in part:
        return {"$ref": _moved(part["$ref"])}
    new = {key: value for key, value in part.items() if key not in (*SCHEMA_KEYWORDS, "collectionFormat", "schema")}
    new["schema"] = _schema({key: part[key] for key in SCHEMA_KEYWORDS if key in part} or part.get("schema", {}))
    if part.get("type") == "array" or "collectionFormat" in part:
        style = _style(part)
        is_query = (part.get("in") or place) == "query"
        new |= style if is_query else {"style": "simple", "explode": False}
    return new


def _style(part: dict[str, Any]) -> dict[str, Any]:
    declared = part.get("collectionFormat", "csv")
    style, explode = COLLECTION.get(declared if isinstance(declared, str) else "", COLLECTION["csv"])
    return {"style": style, "explode": explode}


def _form_property(part: dict[str, Any]) -> dict[str, Any]:
    schema = _schema({key: part[key] for key in SCHEMA_KEYWORDS if key in part})
    return {**schema, **({"description": part["description"]} if "description" in part else {})}


def _schema(part: Any) -> Any:
    """A Schema Object with its references moved, at any depth."""
    if isinstance(part, list):
        return [_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    new = {key: _keyword(key, value) for key, value in part.items()}
    if new.get("type") == "file":
        new |= {"type": "string", "format": "binary"}
    if new.get("x-nullable") is True:
        new["nullable"] = True
    if isinstance(new.get("discriminator"), str):
        new["discriminator"] = {"propertyName": new["discriminator"]}
    return new


def _keyword(key: str, value: Any) -> Any:
    if key == "$ref":
        return _moved(value)
    if key in VALUES:
        return value
    if key == "properties" and isinstance(value, dict):
        return {name: _schema(item) for name, item in value.items()}
    return _schema(value)


def _moved(ref: Any) -> Any:
    for after, before in SECTIONS.items():
        if isinstance(ref, str) and ref.startswith(f"#{before}/"):
            return f"#{after}{ref[len(before) + 1 :]}"
    return ref


def _security_scheme(part: Any) -> Any:
    if not isinstance(part, dict) or part.get("type") not in ("basic", "oauth2"):
        return part
    if part["type"] == "basic":
        return {key: value for key, value in part.items() if key != "type"} | {"type": "http", "scheme": "basic"}
    declared = part.get("flow")
    flow = FLOWS.get(declared, declared) if isinstance(declared, str) else "implicit"
    facts = {key: part[key] for key in ("authorizationUrl", "tokenUrl") if key in part}
    kept = {key: value for key, value in part.items() if key.startswith("x-") or key == "description"}
    return {"type": "oauth2", "flows": {flow: facts | {"scopes": part.get("scopes", {})}}, **kept}
