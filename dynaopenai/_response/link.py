"""Link Objects: from an answer to the next call (OAS 3.1.1 §4.8.20, runtime expressions §4.8.20.4). No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .._display.words import short
from .._document import openapi
from ..errors import RequestValidationError, SpecError, UnknownOperationError, Violation
from .response import Response

PLACES = ("path", "query", "header", "cookie")
_EXPRESSION = re.compile(r"\$(?:url|method|statusCode|(?:request|response)\.[^{}\s]+)")


@dataclass(frozen=True)
class Origin:
    """The exchange that links lead on from. ``arguments``: the call's parameters by name, worked out when asked for."""

    response: Response
    arguments: Callable[[], Mapping[str, Any]]
    body: Callable[[], Any]


class NoValueError(LookupError):
    """An expression that leads to nothing."""


class Links(Mapping[str, Callable[..., Any]]):
    """The links of an answer by name, each to be called; keywords go before what the link itself passes on."""

    def __init__(self, origin: Origin, declared: Mapping[str, Any], find: Callable[[Mapping[str, Any]], Any]) -> None:
        self._origin = origin
        self._declared = declared
        self._find = find

    def __getitem__(self, name: str) -> Callable[..., Any]:
        node = self._declared[name].resolve()
        return lambda **kwargs: self._find(node.value)(**{**self._passed(name, node.value), **kwargs})

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._declared:
            raise UnknownOperationError(name, self._declared, "the links of this answer")
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._declared]

    def __repr__(self) -> str:
        return f"<Links {', '.join(self) or 'none'}>"

    def _passed(self, name: str, link: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments that a link passes on."""
        passed: dict[str, Any] = {}
        missing = []
        for key, expression in (link.get("parameters") or {}).items():
            place, _, rest = key.partition(".")
            plain = rest if place in PLACES and rest else key
            try:
                passed[plain] = evaluate(expression, self._origin)
            except NoValueError as error:
                missing.append(Violation(plain, f"found no {error} in the answer, expected it for the link {name}"))
        if "requestBody" in link:
            try:
                body = evaluate(link["requestBody"], self._origin)
                passed.update(body if isinstance(body, dict) else {"body": body})
            except NoValueError as error:
                missing.append(Violation("body", f"found no {error} in the answer, expected it for the link {name}"))
        if missing:
            raise RequestValidationError(str(link.get("operationId") or link.get("operationRef")), missing)
        return passed


def target(link: Mapping[str, Any], api: openapi.OpenAPI) -> str:
    """The operationId that a link leads to.

    Raises:
        SpecError: it leads to none of this document.
    """
    declared = link.get("operationId")
    if declared in api.entries:
        return str(declared)
    reference = str(link.get("operationRef", ""))
    match = re.fullmatch(r"#/paths/([^/]+)/(\w+)", reference)
    if match:
        path = unquote(match[1]).replace("~1", "/").replace("~0", "~")
        for entry in api.entries.values():
            if entry.path == path and entry.method == match[2].upper():
                return entry.id
    found = short(declared if declared is not None else reference)
    raise SpecError("a link leads to no operation of this document", source=api.document.name, found=found)


# --- runtime expressions -------------------------------------------------------------------------


def evaluate(expression: Any, origin: Origin) -> Any:
    """What an expression stands for; a constant stands for itself.

    Raises:
        NoValueError: it leads to nothing.
    """
    if isinstance(expression, dict):
        return {key: evaluate(item, origin) for key, item in expression.items()}
    if not isinstance(expression, str):
        return expression
    if _EXPRESSION.fullmatch(expression):
        return _value(expression, origin)
    embedded = re.compile(r"\{(" + _EXPRESSION.pattern + r")\}")
    return embedded.sub(lambda match: str(_value(match[1], origin)), expression)


def _value(expression: str, origin: Origin) -> Any:
    request, response = origin.response.request, origin.response
    plain = {"$url": request.url, "$method": request.method, "$statusCode": response.status_code}
    if expression in plain:
        return plain[expression]
    side, _, source = expression[1:].partition(".")
    place, _, name = source.partition(".")
    if source.partition("#")[0] == "body":
        body = origin.body() if side == "request" else response.data
        return _at(body, source.partition("#")[2], expression)
    if place == "header":
        headers = {key.lower(): value for key, value in (request if side == "request" else response).headers.items()}
        return _held(headers, name.lower(), expression)
    arguments = origin.arguments()
    if place == "query" and name not in arguments:
        return _held(dict(parse_qsl(urlsplit(request.url).query)), name, expression)
    return _held(arguments, name, expression)


def _held(held: Mapping[str, Any], name: str, expression: str) -> Any:
    if name not in held:
        raise NoValueError(expression)
    return held[name]


def _at(value: Any, pointer: str, expression: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise NoValueError(expression) from None
    return value
