"""A whole document, looked through for defects: each one a Diagnostic with its place and remedy.

Nothing here is needed to use a document; `Contract` reads only what is called. This reads all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from . import _openapi as openapi
from ._arguments import identifier
from ._contract import Contract
from ._dialect import Direction
from ._document import Node
from ._json import NotJSONError, survey
from .errors import Diagnostic, SpecError, did_you_mean, one_of, short

KINDS = ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS")


def diagnose(contract: Contract) -> list[Diagnostic]:
    """Every defect of the document, in its order, with lines where the document has a text."""
    found = [*contract.openapi.diagnostics, *_schemes(contract)]
    for entry in contract.openapi.entries.values():
        found += _operation(contract, entry)
    for name in contract.openapi.schema_names():
        node = contract.openapi.schema(name)
        if node is not None:
            found += _schema(contract, node, "any")
    found += contract.translation_defects()
    unique = {(item.code, item.pointer, item.message): item for item in found}
    return [_located(contract, item) for item in unique.values()]


def _located(contract: Contract, item: Diagnostic) -> Diagnostic:
    if item.line is not None or not item.pointer or item.source != contract.document.name:
        return item
    return replace(item, line=contract.document.line(item.pointer))


def _defect(node: Node, code: str, message: str, remedy: str = "", severity: str = "error") -> Diagnostic:
    return Diagnostic(severity, code, message, node.document.name, node.place, None, remedy)  # type: ignore[arg-type]


def _from_error(node: Node, error: SpecError) -> Diagnostic:
    message = str(error).splitlines()[0].rpartition(": ")[2] or "cannot be read"
    found = f", found {error.found}" if error.found else ""
    code = re.sub(r"[^a-z]+", "-", message.lower()).strip("-")[:40]
    place = error.pointer or node.place
    return Diagnostic("error", code, message + found, error.source or node.document.name, place, error.line, error.remedy)


def _schemes(contract: Contract) -> Iterator[Diagnostic]:
    api = contract.openapi
    components = api.document.node.get("components")
    declared = components.get("securitySchemes") if components else None
    for key, scheme in api.security_schemes.items():
        node = declared.get(key) if declared else None
        if node is None:
            continue
        if scheme.type not in KINDS:
            yield _defect(node, "unknown-security-type", f"found type {short(scheme.type)}, expected {one_of(KINDS)}")
        elif scheme.type == "apiKey" and (not scheme.name or scheme.in_ not in ("header", "query", "cookie")):
            message = f"an apiKey needs a name and in: header, query or cookie; found {short(scheme.name)}, {short(scheme.in_)}"
            yield _defect(node, "broken-security-scheme", message)
    yield from _undeclared_schemes(contract, api.document.node, api.security)


def _undeclared_schemes(contract: Contract, node: Node, security: tuple[tuple[str, ...], ...]) -> Iterator[Diagnostic]:
    known = contract.openapi.security_schemes
    for key in {key for alternative in security for key in alternative if key not in known}:
        message = f"security names {short(key)}, which components.securitySchemes does not declare"
        yield _defect(node, "undeclared-security-scheme", message, did_you_mean(key, known))


def _operation(contract: Contract, entry: openapi.Entry) -> Iterator[Diagnostic]:
    try:
        operation = contract.operation(entry.id)
    except SpecError as error:
        yield _from_error(entry.node, error)
        return
    if operation.security != contract.openapi.security:
        yield from _undeclared_schemes(contract, entry.node, operation.security)
    if not operation.responses:
        yield _defect(entry.node, "no-responses", "declares no answer at all", "declare at least one response")
    yield from _parameters(contract, entry, operation)
    for direction, media in _media(operation):
        if media.schema is not None:
            yield from _schema(contract, media.schema, direction)
            yield from _examples(contract, media, direction)


def _media(operation: openapi.Operation) -> Iterator[tuple[Direction, openapi.MediaType]]:
    if operation.request_body is not None:
        yield from (("request", media) for media in operation.request_body.content.values())
    for response in operation.responses.values():
        yield from (("response", media) for media in response.content.values())


def _parameters(contract: Contract, entry: openapi.Entry, operation: openapi.Operation) -> Iterator[Diagnostic]:
    template = set(re.findall(r"\{([^{}]+)\}", entry.path))
    declared = [parameter for parameter in operation.parameters if parameter.in_ == "path"]
    for parameter in declared:
        if parameter.name not in template:
            message = f"path parameter {short(parameter.name)} is not in the template {short(entry.path)}"
            yield _defect(entry.node, "unused-path-parameter", message, did_you_mean(parameter.name, template))
        elif parameter.schema is None and parameter.content is None:
            message = f"path parameter {short(parameter.name)} is used in the template and has no schema"
            yield _defect(entry.node, "undeclared-path-parameter", message, "declare it under parameters", "warning")
    spelled = [identifier(parameter.name) for parameter in operation.parameters]
    for name in {name for name in spelled if spelled.count(name) > 1}:
        message = f"several parameters are spelled {name} in Python; all but the first end in their place"
        yield _defect(entry.node, "clashing-parameters", message, "", "warning")
    for parameter in operation.parameters:
        if parameter.schema is not None:
            yield from _schema(contract, parameter.schema, "request")


def _schema(contract: Contract, node: Node, direction: Direction) -> Iterator[Diagnostic]:
    try:
        schema = contract.schema(node, direction)
        _ = schema.is_valid
    except SpecError as error:
        yield _from_error(node, error)
        return
    if schema.broken_patterns:
        for pattern in schema.broken_patterns:
            yield _defect(node, "broken-pattern", f"no regular expression: {short(pattern)}", "passed over", "warning")


def _examples(contract: Contract, media: openapi.MediaType, direction: Direction) -> Iterator[Diagnostic]:
    assert media.schema is not None
    try:
        schema = contract.schema(media.schema, direction)
        for example in media.examples:
            survey(example)
            if not schema.is_binary and not schema.is_valid(example):
                yield _defect(media.schema, "invalid-example", f"an example of {media.name} breaks its schema", "", "warning")
    except NotJSONError:
        yield _defect(media.schema, "invalid-example", f"an example of {media.name} is no JSON", "", "warning")
    except SpecError:
        return  # told already
