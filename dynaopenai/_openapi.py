"""The specification's objects as frozen facts, in its own words and order.

Every version (3.0, 3.1, 3.2) is read into this one shape. Operations are listed when the document is
opened and read in full on first use, so a large document costs what is used of it.
Names are the specification's; only Python's reserved words change them (``in_``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _swagger
from ._document import Document, Node
from .errors import Diagnostic, SpecError, short

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
LOCATIONS = ("path", "query", "header", "cookie", "querystring")
DEFAULT_STYLE = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


@dataclass(frozen=True)
class Encoding:
    """How one property of a form is written (OAS 3.1.1 §4.8.15)."""

    content_type: str | None = None
    headers: Mapping[str, Node] = field(default_factory=dict)
    style: str | None = None
    explode: bool | None = None
    allow_reserved: bool = False


@dataclass(frozen=True)
class MediaType:
    """One content type of a body and the schema of what it carries (OAS 3.1.1 §4.8.14).

    ``item_schema`` is the schema of one item of a sequential media type (OAS 3.2.0 §4.14).
    """

    name: str
    schema: Node | None = None
    item_schema: Node | None = None
    encoding: Mapping[str, Encoding] = field(default_factory=dict)
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation (OAS 3.1.1 §4.8.12)."""

    name: str
    in_: str
    required: bool = False
    schema: Node | None = None
    style: str = "form"
    explode: bool = True
    allow_reserved: bool = False
    allow_empty_value: bool = False
    content: MediaType | None = None
    description: str = ""
    deprecated: bool = False
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True)
class RequestBody:
    """What an operation takes as its body (OAS 3.1.1 §4.8.13)."""

    content: Mapping[str, MediaType]
    required: bool = False
    description: str = ""


@dataclass(frozen=True)
class Response:
    """What an operation may answer with (OAS 3.1.1 §4.8.17); ``status`` is ``200``, ``2XX`` or ``default``."""

    status: str
    content: Mapping[str, MediaType]
    headers: Mapping[str, Parameter] = field(default_factory=dict)
    links: Mapping[str, Node] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True)
class SecurityScheme:
    """How a credential is shown (OAS 3.1.1 §4.8.27)."""

    key: str
    type: str
    scheme: str = ""
    name: str = ""
    in_: str = ""
    description: str = ""


@dataclass(frozen=True)
class Server:
    """A base URL with variables (OAS 3.1.1 §4.8.5)."""

    url: str
    variables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    description: str = ""
    name: str = ""


@dataclass(frozen=True)
class Operation:
    """One operation, read in full (OAS 3.1.1 §4.8.10). ``security``: alternatives, each a set of scheme keys."""

    id: str
    method: str
    path: str
    node: Node
    tags: tuple[str, ...]
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: Mapping[str, Response]
    security: tuple[tuple[str, ...], ...]
    servers: tuple[Server, ...]


@dataclass(frozen=True)
class Entry:
    """An operation as listed: enough to be found by id, path or tag."""

    id: str
    method: str
    path: str
    tags: tuple[str, ...]
    summary: str
    deprecated: bool
    node: Node
    item: Node


@dataclass(frozen=True)
class OpenAPI:
    """The document as the specification's root object (OAS 3.1.1 §4.8.1).

    Attributes:
        version: of the specification, ``(3, 0)``.
        entries: the operations by id, in document order.
        diagnostics: what had to be mended or passed over to get here.
    """

    document: Document
    version: tuple[int, int]
    title: str
    api_version: str
    description: str
    servers: tuple[Server, ...]
    tags: Mapping[str, str]
    security: tuple[tuple[str, ...], ...]
    security_schemes: Mapping[str, SecurityScheme]
    entries: Mapping[str, Entry]
    diagnostics: tuple[Diagnostic, ...] = ()

    def schema(self, name: str) -> Node | None:
        """The component schema called ``name``."""
        components = self.document.node.get("components")
        schemas = components.get("schemas") if components else None
        return schemas.get(name) if schemas else None

    def schema_names(self) -> list[str]:
        components = self.document.root.get("components")
        schemas = components.get("schemas") if isinstance(components, dict) else None
        return list(schemas) if isinstance(schemas, dict) else []


# --- the root ------------------------------------------------------------------------------------


def read(document: Document) -> OpenAPI:
    """The root object and the list of operations.

    Raises:
        SpecError: it is neither OpenAPI 3.x nor Swagger 2.0.
    """
    if "swagger" in document.root:
        document = _swagger.convert(document)
    root = document.node
    version = _version(root)
    diagnostics = list(document.diagnostics)
    info = _mapping(root.get("info"))
    return OpenAPI(
        document=document,
        version=version,
        title=_text(info, "title") or document.name,
        api_version=str(info.get("version", "")),
        description=_text(info, "description"),
        servers=_servers(root) or (Server("/"),),
        tags={
            str(tag.get("name")): _text(tag, "description")
            for tag in _list(root.value.get("tags"))
            if isinstance(tag, dict)
        },
        security=_security(root.value.get("security")) or (),
        security_schemes=_security_schemes(root, diagnostics),
        entries=_entries(root, diagnostics),
        diagnostics=tuple(diagnostics),
    )


def _version(root: Node) -> tuple[int, int]:
    declared = root.value.get("openapi")
    match = re.match(r"(3)\.(\d+)", str(declared)) if declared is not None else None
    if match:
        return 3, int(match[2])
    found = f"openapi: {short(declared)}" if declared is not None else f"fields {short(list(root.value))}"
    raise root.error("this is no OpenAPI document", found=found, expected='a field "openapi" such as 3.0.3 or 3.1.0')


def _entries(root: Node, diagnostics: list[Diagnostic]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    paths = root.get("paths")
    for path, item in paths.children() if paths else ():
        if path.startswith("x-"):
            continue
        try:
            item = item.resolve()  # noqa: PLW2901
        except SpecError as error:
            diagnostics.append(_defect(item, "ref-leads-nowhere", str(error).splitlines()[0]))
            continue
        for method, node in _methods(item):
            if not isinstance(node.value, dict):
                diagnostics.append(_defect(node, "operation-is-no-mapping", f"found {short(node.value)}"))
                continue
            entry = _entry(method, path, node, item, entries, diagnostics)
            entries[entry.id] = entry
    return entries


def _methods(item: Node) -> Iterator[tuple[str, Node]]:
    for key, node in item.children():
        if key in METHODS:
            yield key.upper(), node
        elif key == "additionalOperations":  # OAS 3.2.0 §4.9
            yield from node.children()


def _entry(
    method: str, path: str, node: Node, item: Node, taken: Mapping[str, Entry], diagnostics: list[Diagnostic]
) -> Entry:
    declared = node.value.get("operationId")
    if isinstance(declared, str) and declared.strip():
        operation_id, code = declared, "duplicate-operation-id"
    else:
        operation_id, code = made_up_id(method, path), "no-operation-id"
    wanted, number = operation_id, 2
    while operation_id in taken:
        operation_id, number = f"{wanted}_{number}", number + 1
    if operation_id != declared:
        message = f"{method} {path} has the id {short(declared)}" if declared else f"{method} {path} has no id"
        diagnostics.append(
            _defect(node, code, f"{message}, called {operation_id}", "warning", "give it an operationId of its own")
        )
    tags = tuple(tag for tag in _list(node.value.get("tags")) if isinstance(tag, str))
    summary = _text(node.value, "summary") or _text(item.value, "summary")
    return Entry(operation_id, method, path, tags, summary, node.value.get("deprecated") is True, node, item)


def made_up_id(method: str, path: str) -> str:
    """The id of an operation that declares none: ``GET /pets/{petId}`` is ``get_pets_petId``."""
    return "_".join([method.lower(), *re.findall(r"[A-Za-z0-9]+", path)])


# --- one operation -------------------------------------------------------------------------------


def read_operation(api: OpenAPI, entry: Entry) -> Operation:
    """All of an operation's facts.

    Raises:
        SpecError: a part that the operation cannot do without is missing or broken.
    """
    node, declared = entry.node, entry.node.value
    security = _security(declared.get("security"))
    responses = node.get("responses")
    return Operation(
        id=entry.id,
        method=entry.method,
        path=entry.path,
        node=node,
        tags=entry.tags,
        summary=entry.summary,
        description=_text(declared, "description") or _text(entry.item.value, "description"),
        deprecated=entry.deprecated,
        parameters=tuple(_parameters(entry)),
        request_body=_request_body(node.get("requestBody")),
        responses={
            status.upper() if status != "default" else status: _response(status, child)
            for status, child in (responses.children() if responses else ())
            if not status.startswith("x-")
        },
        security=security if security is not None else api.security,
        servers=_servers(node) or _servers(entry.item) or api.servers,
    )


def _parameters(entry: Entry) -> Iterator[Parameter]:
    """Path-level parameters, overridden by operation-level ones of the same name and place (OAS 3.1.1 §4.8.9)."""
    found: dict[tuple[str, str], Parameter] = {}
    for owner in (entry.item, entry.node):
        declared = owner.get("parameters")
        for _, child in declared.children() if declared else ():
            parameter = _parameter(child.resolve())
            if parameter is not None:
                found[parameter.in_, parameter.name] = parameter
    for name in re.findall(r"\{([^{}]+)\}", entry.path):
        if ("path", name) not in found:  # used in the template, never declared: any text
            found["path", name] = Parameter(name, "path", required=True, style="simple", explode=False)
    yield from found.values()


def _parameter(node: Node) -> Parameter | None:
    declared = _mapping(node)
    name, in_ = declared.get("name"), declared.get("in")
    if not isinstance(name, str) or in_ not in LOCATIONS:
        raise node.error(
            "a parameter needs a name and a place",
            found=f"name {short(name)}, in {short(in_)}",
            expected="in: path, query, header or cookie",
        )
    if in_ == "header" and name.lower() in ("accept", "content-type", "authorization"):
        return None  # OAS 3.1.1 §4.8.12.2: ignored here, said by the body, the answers and the security
    return parameter_from(node, name, in_)


def parameter_from(node: Node, name: str, in_: str) -> Parameter:
    """A Parameter Object, or a Header Object, which has its shape (OAS 3.1.1 §4.8.21)."""
    declared = _mapping(node)
    style = declared.get("style") if isinstance(declared.get("style"), str) else DEFAULT_STYLE.get(in_, "form")
    explode = declared.get("explode")
    content = node.get("content")
    media = next((_media_type(key, child) for key, child in content.children()), None) if content else None
    return Parameter(
        name=name,
        in_=in_,
        required=declared.get("required") is True or in_ == "path",
        schema=node.get("schema"),
        style=str(style),
        explode=explode if isinstance(explode, bool) else style in ("form", "cookie"),
        allow_reserved=declared.get("allowReserved") is True,
        allow_empty_value=declared.get("allowEmptyValue") is True,
        content=media,
        description=_text(declared, "description"),
        deprecated=declared.get("deprecated") is True,
        examples=_examples(node),
    )


def _request_body(node: Node | None) -> RequestBody | None:
    if node is None:
        return None
    node = node.resolve()
    declared = _mapping(node)
    return RequestBody(_content(node), declared.get("required") is True, _text(declared, "description"))


def _response(status: str, node: Node) -> Response:
    node = node.resolve()
    headers, links = node.get("headers"), node.get("links")
    return Response(
        status=status,
        content=_content(node),
        headers={
            name: parameter_from(child.resolve(), name, "header")
            for name, child in (headers.children() if headers else ())
            if name.lower() != "content-type"
        },
        links=dict(links.children()) if links else {},
        description=_text(_mapping(node), "description"),
    )


def _content(node: Node) -> dict[str, MediaType]:
    content = node.get("content")
    return {name.strip().lower(): _media_type(name, child) for name, child in content.children()} if content else {}


def _media_type(name: str, node: Node) -> MediaType:
    node = node.resolve()
    encoding = node.get("encoding")
    return MediaType(
        name=name.strip(),
        schema=node.get("schema"),
        item_schema=node.get("itemSchema"),
        encoding={key: _encoding(child) for key, child in (encoding.children() if encoding else ())},
        examples=_examples(node),
    )


def _encoding(node: Node) -> Encoding:
    declared = _mapping(node)
    headers = node.get("headers")
    explode, style = declared.get("explode"), declared.get("style")
    return Encoding(
        content_type=declared["contentType"] if isinstance(declared.get("contentType"), str) else None,
        headers=dict(headers.children()) if headers else {},
        style=style if isinstance(style, str) else None,
        explode=explode if isinstance(explode, bool) else None,
        allow_reserved=declared.get("allowReserved") is True,
    )


def _examples(node: Node) -> tuple[Any, ...]:
    """The values of ``example`` and ``examples`` (OAS 3.1.1 §4.8.19); an external one is not fetched."""
    found = [node.value["example"]] if isinstance(node.value, dict) and "example" in node.value else []
    examples = node.get("examples")
    for _, child in examples.children() if examples else ():
        try:
            example = child.resolve().value
        except SpecError:
            continue  # an example that is not there costs an example, nothing else
        if isinstance(example, dict):
            found += [example[key] for key in ("dataValue", "value") if key in example][:1]
    return tuple(found)


# --- servers and security ------------------------------------------------------------------------


def _servers(node: Node) -> tuple[Server, ...]:
    return tuple(
        Server(
            url=server["url"],
            variables={
                name: variable
                for name, variable in _dict(server.get("variables")).items()
                if isinstance(variable, dict)
            },
            description=_text(server, "description"),
            name=_text(server, "name"),
        )
        for server in _list(_mapping(node).get("servers"))
        if isinstance(server, dict) and isinstance(server.get("url"), str)
    )


def _security(declared: Any) -> tuple[tuple[str, ...], ...] | None:
    if not isinstance(declared, list):
        return None
    return tuple(tuple(requirement) for requirement in declared if isinstance(requirement, dict))


def _security_schemes(root: Node, diagnostics: list[Diagnostic]) -> dict[str, SecurityScheme]:
    components = root.get("components")
    declared = components.get("securitySchemes") if components else None
    schemes = {}
    for key, child in declared.children() if declared else ():
        try:
            facts = _mapping(child.resolve())
        except SpecError as error:
            diagnostics.append(_defect(child, "ref-leads-nowhere", str(error).splitlines()[0]))
            continue
        schemes[key] = SecurityScheme(
            key=key,
            type=_text(facts, "type"),
            scheme=_text(facts, "scheme").lower(),
            name=_text(facts, "name"),
            in_=_text(facts, "in"),
            description=_text(facts, "description"),
        )
    return schemes


# --- careful reading -----------------------------------------------------------------------------


def _mapping(node: Node | None) -> Mapping[str, Any]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    return value.strip() if isinstance(value, str) else ""


def _defect(node: Node, code: str, message: str, severity: Any = "error", remedy: str = "") -> Diagnostic:
    line = node.document.line(node.pointer)
    return Diagnostic(severity, code, message, node.document.name, node.place, line, remedy)
