"""The headers of an answer, read and checked as the document declares them (OAS 3.1.1 §4.8.17, §4.8.21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._checking.check import violations
from .._checking.contract import Contract
from .._checking.schema import Schema
from .._display.words import short
from .._document import openapi
from .._problem import REQUIRED_MISSING
from .._request import style as _style
from .._request.arguments import ANYTHING
from ..errors import SpecError, Violation


def header_violations(contract: Contract, declared: openapi.Response, headers: Mapping[str, str]) -> list[Violation]:
    """What is wrong with the headers that came; those that are not declared are anyone's."""
    if not declared.headers:
        return []
    found = {name.lower(): value for name, value in headers.items()}
    return [
        problem
        for name, parameter in declared.headers.items()
        for problem in _violations(contract, parameter, found.get(name.lower()))
    ]


def _violations(contract: Contract, parameter: openapi.Parameter, raw: str | None) -> Iterator[Violation]:
    place = f"headers[{short(parameter.name)}]"
    if raw is None:
        if parameter.required:
            yield Violation(place, REQUIRED_MISSING)
        return
    node = parameter.content.schema if parameter.content is not None else parameter.schema
    try:
        schema = contract.schema(node, "response") if node is not None else ANYTHING
        value = _style.parse(parameter, raw, schema.types, lambda way: _types_at(schema, way))
    except _style.StyleError as error:
        yield Violation(place + error.path, error.message, raw)
    except SpecError:
        return  # a header that the document does not explain is not looked at
    else:
        if value is not _style.MISSING and schema is not ANYTHING:
            yield from violations(schema, value, place)


def _types_at(schema: Schema, way: tuple[Any, ...]) -> frozenset[str]:
    """The JSON types that are admitted at a place inside a header's value."""
    inner: Schema | None = schema
    for key in way:
        if inner is not None:
            inner = inner.items if isinstance(key, int) else inner.properties.get(key)
    return inner.types if inner is not None else _style.ALL_TYPES
