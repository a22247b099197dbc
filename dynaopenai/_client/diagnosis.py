"""A whole document, looked through for defects: each one a Diagnostic with its place and remedy.

Rules of this file:
1. Nothing here is needed to use a document; `Contract` reads only what is called. This reads all of it.
2. An error is a part that raises when it is used; a warning is a part that is read as it was probably meant.
3. A defect is told once, where it stands; lines are found for all of them together, in one pass over the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from .._checking.contract import Content, Contract, content_of
from .._checking.dialect import Direction
from .._checking.schema import Schema
from .._display.words import did_you_mean, one_of, short
from .._document import openapi
from .._document.defect import defect, from_error
from .._document.document import Document, Node
from .._request.arguments import Argument, identifier
from .._request.media_type import is_xml_text, kind_of
from .._request.style import is_known
from .._request.writer import Writer
from ..errors import Diagnostic, SpecError
from .declared_values import Given, broken_values, given_in
from .example import example_arguments, parameter_sample
from .fields import departures
from .grouping import passed_over
from .naming import Names
from .onward import arguments_of, target_of

MOST_SCHEMAS = 60  # that the body of one operation may need to be tried
KINDS = ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS")


def diagnose(contract: Contract, names: Names | None = None) -> list[Diagnostic]:
    """Every defect of the document, with lines where there is a text.

    Args:
        names: what the operations are called on a client, to tell which of them gave way.
    """
    api = contract.openapi
    found = [*api.diagnostics, *departures(api.document.node), *_schemes(contract), *_servers(api.document.node, api.servers)]
    found += _paths(api)
    found += _gave_way(api, names) if names is not None else ()
    found += (defect(node, "client-name", message, "passed over", "warning") for node, message in passed_over(api))
    survey = _Survey(contract)
    for entry in api.entries.values():
        found += _operation(survey, entry)
    for name in api.schema_names():
        node = api.schema(name)
        if node is not None:
            survey.add(node, "any")
    found += survey.schema_defects()
    found += broken_values(contract, survey.given)
    found += contract.translation_defects()
    unique = {(item.code, item.source, item.pointer, item.message): item for item in found}
    return _located(api.document, list(unique.values()))


def second_opinion(contract: Contract) -> list[Diagnostic]:
    """openapi-spec-validator's verdict on the document: what breaks the specification's own schema. Slow on large ones."""
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, OpenAPIV32SpecValidator

    version = contract.openapi.version
    validators: dict[tuple[int, int], Any] = {(3, 0): OpenAPIV30SpecValidator, (3, 1): OpenAPIV31SpecValidator}
    root = contract.document.node
    validator = validators.get(version, OpenAPIV32SpecValidator)(root.value, base_uri=contract.document.uri)
    found = []
    try:
        for error in validator.iter_errors():
            cause: Any = error
            while cause.context:  # of several branches, the one that got furthest
                cause = max(cause.context, key=lambda inner: len(inner.absolute_path))
            pointer = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in cause.absolute_path)
            place = "#" + contract.document.pointer_in_text(pointer)
            message = " ".join(str(cause.message).split())
            text = message if len(message) <= 200 else message[:199] + "…"
            found.append(Diagnostic("warning", "openapi-spec-validator", text, contract.document.name, place))
    except Exception as error:  # noqa: BLE001 - it stumbles over documents that are broken enough
        message = f"openapi-spec-validator gave up: {short(' '.join(str(error).split()), 120)}"
        found.append(Diagnostic("warning", "openapi-spec-validator", message, contract.document.name))
    return _located(contract.document, list(dict.fromkeys(found)))


def _located(home: Document, found: list[Diagnostic]) -> list[Diagnostic]:
    """With lines, and in their order."""
    lines: dict[tuple[str, str], int] = {}
    for document in home.library.documents.values():
        wanted = [item.pointer for item in found if item.line is None and item.pointer and item.source == document.name]
        lines |= {(document.name, pointer): line for pointer, line in document.lines(wanted).items()}
    located = [
        item if item.line is not None else replace(item, line=lines.get((item.source, item.pointer))) for item in found
    ]
    return sorted(located, key=lambda item: (item.source != home.name, item.source, item.line or 0))


# --- the document --------------------------------------------------------------------------------


def _schemes(contract: Contract) -> Iterator[Diagnostic]:
    api = contract.openapi
    components = api.document.node.get("components")
    declared = components.get("securitySchemes") if components else None
    for key, scheme in api.security_schemes.items():
        node = declared.get(key) if declared else None
        if node is None:
            continue
        if scheme.type not in KINDS:
            yield defect(node, "unknown-security-type", f"found type {short(scheme.type)}, expected {one_of(KINDS)}")
        elif scheme.type == "apiKey" and (not scheme.name or scheme.in_ not in ("header", "query", "cookie")):
            message = f"an apiKey needs a name and in: header, query or cookie; found {short(scheme.name)}, {short(scheme.in_)}"
            yield defect(node, "broken-security-scheme", message)
    yield from _undeclared_schemes(contract, api.document.node, api.security)


def _undeclared_schemes(contract: Contract, node: Node, security: Iterable[Iterable[str]]) -> Iterator[Diagnostic]:
    known = contract.openapi.security_schemes
    for key in sorted({key for alternative in security for key in alternative if key not in known}):
        message = f"security names {short(key)}, which components.securitySchemes does not declare"
        yield defect(node.get("security") or node, "undeclared-security-scheme", message, did_you_mean(key, known))


def _servers(owner: Node, servers: Iterable[openapi.Server]) -> Iterator[Diagnostic]:
    """A variable in a server's URL that has no value of its own, or one that is not among those allowed."""
    declared = owner.get("servers")
    if declared is None:
        return
    for server in servers:
        for name in re.findall(r"\{([^{}]+)\}", server.url):
            variable = server.variables.get(name)
            allowed = variable.get("enum") if variable else None
            if variable is None or "default" not in variable:
                message = f"the variable {short(name)} of {short(server.url)} has no default"
                yield defect(declared, "server-variable-without-default", message, "declare it under variables", "warning")
            elif isinstance(allowed, list) and allowed and variable["default"] not in allowed:
                message = f"the variable {short(name)}: the default {short(variable['default'])} is none of {one_of(allowed)}"
                yield defect(declared, "server-variable-default-not-in-enum", message)


def _paths(api: openapi.OpenAPI) -> Iterator[Diagnostic]:
    seen: dict[tuple[str, str], str] = {}
    for entry in api.entries.values():
        shape = entry.method, re.sub(r"\{[^{}]*\}", "{}", entry.path)
        other = seen.setdefault(shape, entry.path)
        if other != entry.path:
            message = f"{short(entry.path)} and {short(other)} are the same to a server"
            yield defect(entry.node, "equivalent-paths", message, "keep one of them", "warning")


def _gave_way(api: openapi.OpenAPI, names: Names) -> Iterator[Diagnostic]:
    nodes = {entry.id: entry.node for entry in api.entries.values()}
    for gave in names.gave_way:
        node = nodes.get(gave.id) if gave.kind == "operation" else next(
            (entry.node for entry in api.entries.values() if gave.id in entry.tags), None
        )
        message = f"the {gave.kind} {short(gave.id)} is spelled client.{gave.spelled}, since {gave.wanted} is taken"
        remedy = f"client[{short(gave.id)}] always works" if gave.kind == "operation" else ""
        yield defect(node or api.document.node, "name-taken", message, remedy, "warning")


# --- operations ----------------------------------------------------------------------------------


def _operation(survey: _Survey, entry: openapi.Entry) -> Iterator[Diagnostic]:
    contract = survey.contract
    try:
        operation = contract.operation(entry.id)
    except SpecError as error:
        yield from_error(entry.node, error)
        return
    if operation.security != contract.openapi.security:
        yield from _undeclared_schemes(contract, entry.node, operation.security)
    if not operation.responses:
        yield defect(entry.node, "no-responses", "declares no answer at all", "declare at least one response")
    for owner in (entry.item, entry.node):
        yield from _servers(owner, operation.servers)
    yield from _parameters(survey, entry, operation)
    for direction, media in _media(operation):
        for node in filter(None, (media.schema, media.item_schema)):
            survey.add(node, direction)
        if media.schema is not None:
            given = [value for value in media.examples if kind_of(media.name) != "xml" or not is_xml_text(value)]
            survey.add_examples(media.schema, direction, given, f"an example of {media.name}")
    for response in operation.responses.values():
        for header in response.headers.values():
            yield from _parameter(survey, header, "response")
    yield from _links(contract, operation)
    yield from _uncallable(survey, operation)


def _links(contract: Contract, operation: openapi.Operation) -> Iterator[Diagnostic]:
    """Links that lead to no operation, or pass on what it does not take."""
    for name, declared in ((name, node) for response in operation.responses.values() for name, node in response.links.items()):
        try:
            link = declared.resolve()
            leads_to = target_of(contract, link) if isinstance(link.value, dict) else ""
            taken = [parameter.name for parameter in contract.operation(leads_to).parameters] if leads_to in contract.openapi.entries else []
        except SpecError as error:
            yield replace(from_error(declared, error), code="lost-link")
            continue
        for key in arguments_of(link.value) if leads_to in contract.openapi.entries else ():
            if key not in (*taken, "body"):
                message = f"the link {short(name)} passes on {short(key)}, which {leads_to} does not take"
                yield defect(link, "unknown-link-argument", message, did_you_mean(key, taken), "warning")


def _uncallable(survey: _Survey, operation: openapi.Operation) -> Iterator[Diagnostic]:
    """An operation for which no arguments can be made up; where its body needs a great many schemas, that is left open."""
    contract = survey.contract
    content = operation.request_body.content.values() if operation.request_body is not None else ()
    with suppress(SpecError):  # a reference that leads nowhere is told where it stands
        if not all(contract.reaches_few(media.schema, "request", MOST_SCHEMAS) for media in content if media.schema is not None):
            return
    with suppress(SpecError):
        writer = Writer(contract.passing(survey.alike), operation)
        example_arguments(writer, survey.sample)
        yield from _unwritable(operation, writer)
        return
    writer = Writer(contract.passing(), operation)  # what is told tells its own place
    try:
        yield from _unwritable(operation, writer)
        example_arguments(writer)
    except SpecError as error:
        if error.message.startswith("no "):  # the words of one that makes nothing up; what is broken is told as that
            yield replace(from_error(operation.node, error), severity="warning", code="uncallable")


def _media(operation: openapi.Operation) -> Iterator[tuple[Direction, openapi.MediaType]]:
    if operation.request_body is not None:
        yield from (("request", media) for media in operation.request_body.content.values())
    for response in operation.responses.values():
        yield from (("response", media) for media in response.content.values())


def _parameters(survey: _Survey, entry: openapi.Entry, operation: openapi.Operation) -> Iterator[Diagnostic]:
    template = dict.fromkeys(re.findall(r"\{([^{}]+)\}", operation.template))
    own = _keys(entry.node)
    declared = [*_keys(entry.item), *own]
    for name in [name for name, in_ in declared if in_ == "path"]:
        if name not in template:
            message = f"path parameter {short(name)} is not in the template {short(entry.path)}"
            remedy = did_you_mean(name, template) or "passed over"
            yield defect(entry.node, "unused-path-parameter", message, remedy)
    for name in template:
        if (name, "path") not in declared:
            message = f"path parameter {short(name)} is used in the template and has no schema"
            yield defect(entry.node, "undeclared-path-parameter", message, "declare it under parameters", "warning")
    for key in {key for key in own if own.count(key) > 1}:
        message = f"the {key[1]} parameter {short(key[0])} is declared twice"
        yield defect(entry.node, "repeated-parameter", message, "the last one counts", "warning")
    spelled = [identifier(parameter.name) for parameter in operation.parameters]
    for name in {name for name in spelled if spelled.count(name) > 1}:
        message = f"several parameters are spelled {name} in Python; all but the first end in their place"
        yield defect(entry.node, "clashing-parameters", message, "", "warning")
    for parameter in operation.parameters:
        yield from _parameter(survey, parameter, "request")


def _keys(owner: Node) -> list[tuple[str, str]]:
    """Name and place of the parameters that a path or an operation declares, as often as it does."""
    declared = owner.part("parameters")
    found = []
    for _, child in declared.children() if declared else ():
        value = child.resolve().value
        found.append((value["name"], value["in"]))
    return found


def _parameter(survey: _Survey, parameter: openapi.Parameter, direction: Direction) -> Iterator[Diagnostic]:
    node = parameter.content.schema if parameter.content is not None else parameter.schema
    if node is None:
        return
    if parameter.misplaced_style:
        message = f"{short(parameter.name)}: style {parameter.misplaced_style} has no meaning in a {parameter.in_} parameter"
        yield defect(node, "misplaced-style", message, f"read as {parameter.style}", "warning")
    if not is_known(parameter):
        message = f"a {parameter.in_} parameter has no style {short(parameter.style)}"
        yield defect(node, "unknown-style", f"{short(parameter.name)}: {message}")
    survey.add(node, direction)
    survey.add_examples(node, direction, parameter.examples, f"an example of {short(parameter.name)}")


def _unwritable(operation: openapi.Operation, writer: Writer) -> Iterator[Diagnostic]:
    """Parameters that may be left out, and must be: lists of which no item is a single value, where the style has no more levels."""
    for argument in writer.arguments.all:
        items, parameter = argument.schema.items, argument.parameter
        if parameter is None or items is None or parameter.required or parameter.content is not None or parameter.style == "deepObject":
            continue
        if argument.schema.types <= {"array", "null"} and items.types <= {"object", "array"}:
            message = f"no value of the parameter {short(parameter.name)} can be written: its items have parts, and style {parameter.style} has no level for them"
            yield defect(operation.node, "unwritable-parameter", message, "give it the style deepObject, or content", "warning")


# --- schemas and values --------------------------------------------------------------------------


class _Survey:
    """The schemas of a document and the values that it gives for them, each once however often it is referred to."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.schemas: dict[tuple[str, str, Direction], Node] = {}
        self.given: list[Given] = []
        self.alike: dict[Content, Schema] = {}
        self._samples: dict[tuple[Any, ...], Any] = {}
        self._looked_at: set[tuple[str, str]] = set()
        self._examples: set[tuple[str, str, Direction, int]] = set()

    def add(self, node: Node, direction: Direction) -> None:
        self.schemas.setdefault((node.document.uri, node.pointer, direction), node)
        if (node.document.uri, node.pointer) not in self._looked_at:
            self._looked_at.add((node.document.uri, node.pointer))
            self.given += given_in(node)

    def add_examples(self, node: Node, direction: Direction, examples: Sequence[Any], what: str) -> None:
        for example in examples:
            key = (node.document.uri, node.pointer, direction, id(example))
            if key not in self._examples:
                self._examples.add(key)
                self.given.append(Given(node, direction, "example", what, example))

    def sample(self, argument: Argument) -> Any:
        """A value of a parameter: the same one for all that are written alike and share a schema of `alike`."""
        parameter = argument.parameter
        if parameter is None or parameter.examples or parameter.content is not None:
            return parameter_sample(argument)
        facts = (parameter.in_, parameter.style, parameter.explode, parameter.allow_reserved, parameter.allow_empty_value)
        key = (argument.schema, *facts)
        if key not in self._samples:
            self._samples[key] = parameter_sample(argument)
        return self._samples[key]

    def schema_defects(self) -> Iterator[Diagnostic]:
        """What cannot be compiled, told of the very schema that cannot: what it refers to is looked at where it stands."""
        todo = list(self.schemas.items())
        sound: set[Content] = set()
        while todo:
            (_, _, direction), node = todo.pop()
            content = content_of(node, direction)
            if content in sound:
                continue
            try:
                schema, alone = self.contract.alone(node, direction)
                _ = schema.is_valid if schema.schema else None  # one that takes anything is sound
            except SpecError as error:
                yield from_error(node, error)
                continue
            for pattern in schema.broken_patterns:
                yield defect(node, "broken-pattern", f"no regular expression: {short(pattern)}", "passed over", "warning")
            if content is not None and alone.is_sound and not schema.broken_patterns:
                sound.add(content)
            for target in alone.targets:
                key: tuple[str, str, Direction] = (target.document.uri, target.pointer, "any")
                if key not in self.schemas:
                    self.schemas[key] = target
                    todo.append((key, target))
