"""A Document -> the specification's objects (`openapi`).

Rules of this file:
1. Operations are listed when the document is opened and read in full on first use, so that a large document
   costs what is used of it.
2. What can be used is used: what is not as it should be is passed over here and told by `check`; only a part that
   an operation cannot do without raises, and only when that operation is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from .._display.words import short
from ..errors import Diagnostic, SpecError
from .defect import from_error
from .document import Document, Node
from .openapi import (
    DEFAULT_STYLE,
    LOCATIONS,
    STYLES_OF,
    Encoding,
    Entry,
    Flow,
    MediaType,
    OpenAPI,
    Operation,
    Parameter,
    RequestBody,
    Response,
    SecurityScheme,
    Server,
)
from .operation_ids import dict_of, entries_of, list_of, mapping_of, text_of

_OPTIONAL = re.compile(r"\{[?&]([^{}]+)\}")
_MISSING = object()
ANY = "*/*"
T = TypeVar("T")

# --- the root ------------------------------------------------------------------------------------


def read(document: Document) -> OpenAPI:
    """The root object and the list of operations.

    Raises:
        SpecError: it is neither OpenAPI 3.x nor Swagger 2.0.
    """
    if "swagger" in document.root and "openapi" not in document.root:
        from . import swagger as _swagger

        document = _swagger.convert(document)
    root = document.node
    version = _version(root)
    diagnostics = list(document.diagnostics)
    info = mapping_of(root.get("info"))
    return OpenAPI(
        document=document,
        version=version,
        title=text_of(info, "title") or document.name,
        api_version=str(info.get("version", "")),
        description=text_of(info, "description"),
        servers=_servers(root) or (Server("/"),),
        tags={
            str(tag.get("name")): text_of(tag, "description")
            for tag in list_of(root.value.get("tags"))
            if isinstance(tag, dict)
        },
        security=_security(root.value.get("security")) or (),
        security_schemes=_security_schemes(root, diagnostics),
        entries=entries_of(root, diagnostics),
        diagnostics=tuple(diagnostics),
    )


def _version(root: Node) -> tuple[int, int]:
    declared = root.value.get("openapi")
    match = re.match(r"3(?:\.(\d{1,4}))?(?!\d)", str(declared)) if declared is not None else None
    if match:
        return 3, int(match[1] or 0)
    found = f"openapi: {short(declared)}" if declared is not None else f"fields {short(list(root.value))}"
    raise root.error("this is no OpenAPI document", found=found, expected='a field "openapi" such as 3.0.3 or 3.1.0')


# --- one operation -------------------------------------------------------------------------------


def read_operation(api: OpenAPI, entry: Entry) -> Operation:
    """All of an operation's facts.

    Raises:
        SpecError: a part that the operation cannot do without is missing or broken.
    """
    node, declared = entry.node, entry.node.value
    own = _security(declared.get("security"))
    security = own if own is not None else api.security
    parameters = tuple(_parameters(api, entry, is_open=not any(security)))
    return Operation(
        id=entry.id,
        method=entry.method,
        path=entry.path,
        node=node,
        tags=entry.tags,
        summary=entry.summary,
        description=text_of(declared, "description") or text_of(entry.item.value, "description"),
        deprecated=entry.deprecated,
        parameters=parameters,
        request_body=request_body_from(node.part("requestBody")),
        responses=dict(_responses(api, node.part("responses"))),
        security=security,
        servers=_servers(node) or _servers(entry.item) or api.servers,
        template=_template(entry.path, parameters),
    )


def _template(path: str, parameters: Iterable[Parameter]) -> str:
    """A path without a fragment, which is never sent, and without what query parameters write themselves."""
    in_query = {parameter.name: parameter.required for parameter in parameters if parameter.in_ == "query"}
    path, _, query = _OPTIONAL.sub("", path.partition("#")[0]).partition("?")
    pieces = [piece.partition("=") for piece in query.split("&") if piece]
    kept = ["".join(piece) for piece in pieces if not in_query.get(piece[0], False) and piece[2] not in {f"{{{name}}}" for name in in_query}]
    return "?".join(filter(None, [path, "&".join(kept)]))


def _parameters(api: OpenAPI, entry: Entry, is_open: bool) -> Iterator[Parameter]:
    """Path-level parameters, overridden by operation-level ones of the same name and place (OAS 3.1.1 §4.8.9).

    Args:
        is_open: whether nothing secures the operation, so that ``Authorization`` is a header like any other.
    """
    found: dict[tuple[str, str], Parameter] = {}
    for owner in (entry.item, entry.node):
        declared = owner.part("parameters")
        for _, child in declared.children() if declared else ():
            node = child.resolve()
            read = partial(_parameter, node, is_open)
            parameter = read() if node is child and owner is entry.node else _once(api, node, str(is_open), read)
            if parameter is not None:
                found[parameter.in_, parameter.name] = parameter
    for name in _OPTIONAL.findall(entry.path):  # RFC 6570's {?a,b}
        for each in name.split(","):
            found.setdefault(("query", each), Parameter(each, "query"))
    template = dict.fromkeys(re.findall(r"\{([^{}]+)\}", _template(entry.path, found.values())))
    for name in template:
        if ("path", name) not in found:  # used in the template, never declared: any text
            found["path", name] = Parameter(name, "path", required=True, style="simple", explode=False)
    yield from (part for part in found.values() if part.in_ != "path" or part.name in template)


def _once(api: OpenAPI, node: Node, what: str, read: Callable[[], T]) -> T:
    """A part that several operations have, read once for all of them."""
    key = (node.document.uri, node.pointer, what)
    if key not in api.shared:
        api.shared[key] = read()
    shared: T = api.shared[key]
    return shared


def _parameter(node: Node, is_open: bool) -> Parameter | None:
    declared = mapping_of(node)
    name, in_ = declared.get("name"), declared.get("in")
    if not isinstance(name, str) or in_ not in LOCATIONS:
        raise node.error(
            "a parameter needs a name and a place",
            found=f"name {short(name)}, in {short(in_)}",
            expected="in: path, query, header or cookie",
        )
    if in_ == "header" and (name.lower() in ("accept", "content-type") or (name.lower() == "authorization" and not is_open)):
        return None  # OAS 3.1.1 §4.8.12.2: ignored here, said by the body, the answers and the security
    return parameter_from(node, name, in_)


def parameter_from(node: Node, name: str, in_: str) -> Parameter:
    """A Parameter Object, or a Header Object, which has its shape (OAS 3.1.1 §4.8.21)."""
    declared = mapping_of(node)
    given = declared.get("style")
    misplaced = given if isinstance(given, str) and in_ in DEFAULT_STYLE and in_ not in STYLES_OF.get(given, (in_,)) else ""
    style = given if isinstance(given, str) and not misplaced else DEFAULT_STYLE.get(in_, "form")
    explode = declared.get("explode")
    content = node.part("content")
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
        description=text_of(declared, "description"),
        deprecated=declared.get("deprecated") is True,
        examples=_examples(node),
        misplaced_style=misplaced,
    )


def request_body_from(node: Node | None) -> RequestBody | None:
    if node is None:
        return None
    node = node.resolve()
    declared = mapping_of(node)
    return RequestBody(_content(node), declared.get("required") is True, text_of(declared, "description"))


def _responses(api: OpenAPI, node: Node | None) -> Iterator[tuple[str, Response]]:
    for declared, child in node.children() if node else ():
        if declared.lower().startswith("x-"):
            continue
        status = "default" if declared.lower() == "default" else declared.upper()
        try:
            node = child.resolve()
            read = partial(_response, status, node)
            yield status, read() if node is child else _once(api, node, status, read)
        except SpecError:
            if status.startswith("2"):  # what succeeds must be understood before it is sent
                raise


def _response(status: str, node: Node) -> Response:
    links = node.part("links")
    return Response(
        status=status,
        content=_content(node),
        headers=dict(_headers(node.part("headers"))),
        links=dict(links.children()) if links else {},
        description=text_of(mapping_of(node), "description"),
    )


def _headers(node: Node | None) -> Iterator[tuple[str, Parameter]]:
    for name, child in node.children() if node else ():
        if name.lower() == "content-type":
            continue  # OAS 3.1.1 §4.8.17: said by `content`
        try:
            yield name, parameter_from(child.resolve(), name, "header")
        except SpecError:
            continue  # a header that cannot be understood is not looked at


def _content(node: Node) -> dict[str, MediaType]:
    content = node.part("content")
    named = [(name.strip() or ANY, child) for name, child in content.children()] if content else []  # one without a name is any
    return {name.lower(): _media_type(name, child) for name, child in named}


def _media_type(name: str, node: Node) -> MediaType:
    node = node.resolve()
    encoding = node.part("encoding")
    return MediaType(
        name=name.strip(),
        schema=node.get("schema"),
        item_schema=node.get("itemSchema"),
        encoding={key: _encoding(child) for key, child in (encoding.children() if encoding else ())},
        examples=_examples(node),
    )


def _encoding(node: Node) -> Encoding:
    declared = mapping_of(node)
    headers = node.part("headers")
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
    own = node.get("example")
    found = [_value(own)] if own is not None else []
    try:
        examples = node.part("examples")
    except SpecError:
        examples = None
    for _, child in examples.children() if examples else ():
        example = _value(child)
        if isinstance(example, dict):
            found += [example[key] for key in ("dataValue", "value") if key in example][:1]
    return tuple(value for value in found if value is not _MISSING)


def _value(node: Node) -> Any:
    """What stands there, or where its ``$ref`` leads; one that leads nowhere costs an example, nothing else."""
    if not isinstance(node.value, dict) or node.value.keys() != {"$ref"}:
        return node.value
    try:
        return node.resolve().value
    except SpecError:
        return _MISSING


# --- servers and security ------------------------------------------------------------------------


def _servers(node: Node) -> tuple[Server, ...]:
    declared = node.part("servers")
    found = [mapping_of(child.resolve()) for _, child in declared.children()] if declared is not None else []
    return tuple(
        Server(
            url=server["url"],
            variables={
                name: variable
                for name, variable in dict_of(server.get("variables")).items()
                if isinstance(variable, dict)
            },
            description=text_of(server, "description"),
            name=text_of(server, "name"),
        )
        for server in found
        if isinstance(server.get("url"), str)
    )


def _security(declared: Any) -> tuple[tuple[str, ...], ...] | None:
    if not isinstance(declared, list):
        return None
    return tuple(tuple(requirement) for requirement in declared if isinstance(requirement, dict))


def _security_schemes(root: Node, diagnostics: list[Diagnostic]) -> dict[str, SecurityScheme]:
    components = root.part("components")
    declared = components.part("securitySchemes") if components else None
    schemes = {}
    for key, child in declared.children() if declared else ():
        try:
            facts = mapping_of(child.resolve())
        except SpecError as error:
            diagnostics.append(from_error(child, error))
            continue
        schemes[key] = SecurityScheme(
            key=key,
            type=text_of(facts, "type"),
            scheme=text_of(facts, "scheme").lower(),
            name=text_of(facts, "name"),
            in_=text_of(facts, "in"),
            description=text_of(facts, "description"),
            flows=_flows(dict_of(facts.get("flows"))),
        )
    return schemes


def _flows(declared: Mapping[str, Any]) -> tuple[Flow, ...]:
    return tuple(
        Flow(kind, text_of(facts, "tokenUrl"), text_of(facts, "refreshUrl"))
        for kind, facts in declared.items()
        if isinstance(facts, dict)
    )
