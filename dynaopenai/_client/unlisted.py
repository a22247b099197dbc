"""A path that the document does not have, as an operation: what the caller says stands in the document's place.

Rules of this file:
1. The path is a path: what could lead to another origin, or out of the base URL, is refused.
2. Nothing is declared, so nothing is checked but what was said: that it streams, and that a body is what its type says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from .._checking.contract import Contract
from .._display.words import short
from .._document import openapi
from .._request.multipart import Upload, UploadError
from .._request.router import Router
from .._request.writer import PATH, Writer
from .._response.response import Hands, Reader, Response
from .._transport.reply import Reply
from .._transport.step import Steps
from ..errors import RequestValidationError, Violation
from .engine import Plan

JSON, FORM, MULTIPART, BYTES = "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream"
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\\")


@dataclass(frozen=True)
class Unlisted:
    """What a caller says of a request: its arguments as of `Client.request`."""

    method: str
    path: str
    json: Any = field(default=None, repr=False)
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    files: Any = field(default=None, repr=False)
    data: Any = field(default=None, repr=False)
    stream: bool = False

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise RequestValidationError(self.id if isinstance(self.path, str) else "request", problems)

    @property
    def id(self) -> str:
        """What it is called in messages: without the query, which may hold what nobody is to see."""
        return f"{str(self.method).upper()} {short(quote(self.place, safe=PATH), 100).strip(chr(34))}"

    @property
    def place(self) -> str:
        """The path alone, from its first slash."""
        return "/" + re.split("[?#]", self.path)[0].removeprefix("/")

    @property
    def keywords(self) -> dict[str, Any]:
        """The parameters, as the operation is called with them."""
        return {name: value for name, value in self.params.items() if value is not None}

    @property
    def body(self) -> tuple[Any, ...]:
        """The body, as the operation is called with it."""
        if self.files is not None:
            return ({**(self.data or {}), **dict(_uploads(self.files))},)
        if self.json is None:
            return () if self.data is None else (self.data,)
        if self.stream and isinstance(self.json, Mapping):
            return ({"stream": True, **self.json},)
        return (self.json,)

    def entry(self, contract: Contract) -> openapi.Entry:
        """It, as it would be listed."""
        node = contract.document.node
        return openapi.Entry(self.id, self.method.upper(), self.path, (), "", False, node, node)

    def plan(self, contract: Contract) -> Plan:
        """Who writes its request and who reads its answer."""
        api = contract.openapi
        found = Router(api.entries.values(), "").find(self.place)
        known = next((entry.id for entry, _ in found if entry.method == self.method.upper()), "")
        operation = self._operation(contract)
        note = f"unchecked: the document has it as {known}" if known else f"unchecked: the document has no {self.id}"
        return Plan(Writer(contract, operation), UncheckedReader(contract, operation, note))

    def _operation(self, contract: Contract) -> openapi.Operation:
        api, entry = contract.openapi, self.entry(contract)
        answer = "text/event-stream" if self.stream else "*/*"
        media = self._media_type()
        return openapi.Operation(
            id=entry.id,
            method=entry.method,
            path=entry.path,
            node=entry.node,
            tags=(),
            summary="",
            description="",
            deprecated=False,
            parameters=tuple(_parameter(name, value) for name, value in self.keywords.items()),
            request_body=openapi.RequestBody({media: openapi.MediaType(media)}) if media else None,
            responses={"default": openapi.Response("default", {answer: openapi.MediaType(answer)})},
            security=api.security or (*((key,) for key in api.security_schemes), ()),
            servers=api.servers,
            template=quote(self.path, safe=PATH),
        )

    def _media_type(self) -> str:
        if self.files is not None:
            return MULTIPART
        if self.json is not None:
            return JSON
        return "" if self.data is None else FORM if isinstance(self.data, Mapping) else BYTES

    # --- what cannot be sent ---------------------------------------------------------------------

    def _problems(self) -> Iterable[Violation]:
        if not isinstance(self.method, str) or not _METHOD.fullmatch(self.method):
            yield Violation("method", 'found what is no method of HTTP, expected one such as "POST"', self.method)
        if not isinstance(self.path, str) or _ELSEWHERE.match(self.path.strip()):
            hint = "the client's base URL goes before it; another server is another Client(base_url=...)"
            yield Violation("path", 'found what may lead to another origin, expected a path such as "/things"', hint=hint)
        elif {".", ".."} & {unquote(part) for part in re.split(r"[/\\]", unquote(self.place))}:
            yield Violation("path", 'found "." or ".." in it, expected a path that stays below the base URL')
        if not isinstance(self.params, Mapping) or not all(isinstance(name, str) for name in self.params):
            yield Violation("params", "found what is no mapping, expected parameters by name", self.params)
        if self.json is not None and (self.files is not None or self.data is not None):
            yield Violation("json", "found a second body, expected one", hint="fields of a form beside files= go into data=")
        if self.files is not None and self.data is not None and not isinstance(self.data, Mapping):
            yield Violation("data", f"found {short(self.data)} beside files, expected fields by name")
        yield from self._unreadable()

    def _unreadable(self) -> Iterable[Violation]:
        if self.files is None:
            return
        try:
            yield from filter(None, (_trouble(name, file) for name, each in _uploads(self.files) for file in each))
        except (TypeError, ValueError):
            yield Violation("files", f"found {short(self.files)}, expected files by name")


class UncheckedReader(Reader):
    """Reads the answers of an operation that nobody declared. ``note``: what every one of them says."""

    def __init__(self, contract: Contract, operation: openapi.Operation, note: str) -> None:
        super().__init__(contract, operation)
        self._note = note

    def read(self, reply: Reply, hands: Hands) -> Steps[Response]:
        reply.note = "; ".join(filter(None, [reply.note, self._note]))
        return super().read(reply, hands)


def _parameter(name: str, value: Any) -> openapi.Parameter:
    """A parameter that is written as its value asks for: lists repeat the name, mappings stand in brackets."""
    return openapi.Parameter(name, "query", style="deepObject" if isinstance(value, Mapping) else "form")


def _trouble(name: str, file: Any) -> Violation | None:
    try:
        Upload.of(file)
    except UploadError as error:
        return Violation(f"files.{name}", str(error))
    return None


def _uploads(files: Any) -> Iterable[tuple[str, list[Any]]]:
    """Files by name, of a mapping or of pairs; of one name there may be several."""
    found: dict[str, list[Any]] = {}
    for name, value in files.items() if isinstance(files, Mapping) else files:
        found.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    return found.items()
