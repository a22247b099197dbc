"""The specification's objects as frozen facts, in its own words and order.

Rules of this file: every version (2.0, 3.0, 3.1, 3.2) has this one shape; names are the specification's, only
Python's reserved words change them (``in_``); nothing is read here, `reading` does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Diagnostic, SpecError
from .document import Document, Node

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
LOCATIONS = ("path", "query", "header", "cookie", "querystring")
STYLES_OF = {  # where each style has a meaning (OAS 3.2.0, Parameter Object)
    "matrix": ("path",), "label": ("path",), "simple": ("path", "header"), "form": ("query", "cookie"), "cookie": ("cookie",),
    "spaceDelimited": ("query",), "pipeDelimited": ("query",), "deepObject": ("query",),
}  # fmt: skip
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
    """One parameter of an operation (OAS 3.1.1 §4.8.12). ``misplaced_style``: one of another place, which was passed over."""

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
    misplaced_style: str = ""


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
class Flow:
    """One way to a token (OAS 3.1.1 §4.8.29). ``kind``: clientCredentials, authorizationCode, password or implicit."""

    kind: str
    token_url: str = ""
    refresh_url: str = ""


@dataclass(frozen=True)
class SecurityScheme:
    """How a credential is shown (OAS 3.1.1 §4.8.27)."""

    key: str
    type: str
    scheme: str = ""
    name: str = ""
    in_: str = ""
    description: str = ""
    flows: tuple[Flow, ...] = ()


@dataclass(frozen=True)
class Server:
    """A base URL with variables (OAS 3.1.1 §4.8.5)."""

    url: str
    variables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    description: str = ""
    name: str = ""


@dataclass(frozen=True)
class Operation:
    """One operation, read in full (OAS 3.1.1 §4.8.10).

    Attributes:
        security: alternatives, each a set of scheme keys.
        template: the path as arguments fill it, without what is not sent or what query parameters write themselves.
    """

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
    template: str = ""

    def response_for(self, status: int) -> Response | None:
        """The response declared for a status, the most specific one (OAS 3.1.1 §4.8.16)."""
        declared = self.responses
        return declared.get(str(status)) or declared.get(f"{status // 100}XX") or declared.get("default")


@dataclass(frozen=True)
class Entry:
    """An operation as listed: enough to be found by id, path or tag.

    Attributes:
        id: its operationId, or the one that it was given where it has none of its own.
        method: in capitals.
        path: the template, as the document has it.
        node, item: its Operation Object and the Path Item Object around it.
    """

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
        shared: parameters and answers that several operations have, by their place, each read once.
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
    shared: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    def schema(self, name: str) -> Node | None:
        """The component schema called ``name``."""
        schemas = self._schemas
        return schemas.get(name) if schemas is not None else None

    def schema_names(self) -> list[str]:
        schemas = self._schemas
        return list(schemas.value) if schemas is not None and isinstance(schemas.value, dict) else []

    @property
    def _schemas(self) -> Node | None:
        try:
            components = self.document.node.part("components")
            return components.part("schemas") if components is not None else None
        except SpecError:
            return None  # which is told by `check`
