"""Arguments -> a true `inspect.Signature`, with types as Python writes them."""

from __future__ import annotations

import inspect
import io
import os
from types import GenericAlias
from typing import Any, Literal, Optional, Union

from .._checking.schema import Schema
from .._request.arguments import Argument, Arguments

_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "object": dict,
    "array": list,
}


def signature(arguments: Arguments) -> inspect.Signature:
    """Path parameters by position or name; everything else by name, required ones first."""
    by_position = [_parameter(argument, inspect.Parameter.POSITIONAL_OR_KEYWORD) for argument in arguments.path]
    if arguments.body is not None and not arguments.takes_properties:
        body = Argument(arguments.body_name, arguments.body_name, "body", arguments.body, arguments.body_required)
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if not arguments.is_open else inspect.Parameter.KEYWORD_ONLY
        by_position.append(_parameter(body, kind))
    rest = [
        _parameter(argument, inspect.Parameter.KEYWORD_ONLY)
        for argument in sorted(arguments.all, key=lambda argument: not argument.required)
        if argument.place != "path"
    ]
    if arguments.is_open:
        rest.append(inspect.Parameter("properties", inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(by_position + rest)


def _parameter(argument: Argument, kind: Any) -> inspect.Parameter:
    default = inspect.Parameter.empty if argument.required else argument.default
    return inspect.Parameter(argument.spelled, kind, default=default, annotation=annotation(argument.schema))


def annotation(schema: Schema) -> Any:
    """The Python type of what a schema takes, as near as Python says it."""
    if schema.is_binary and "object" not in schema.types:
        return Union[bytes, os.PathLike, io.IOBase]  # noqa: UP007 - made at run time
    listed = next((part["enum"] for part in schema.in_place() if "enum" in part), ())
    values = [value for value in listed if isinstance(value, str)]
    if values and schema.types <= {"string", "null"} and len(values) <= 12 and not _is_open_choice(schema):
        literal: Any = Literal.__getitem__(tuple(values))
        return Optional[literal] if "null" in schema.types else literal  # noqa: UP045 - made at run time
    types = [_one(name, schema) for name in _TYPES if name in schema.types and not (name == "integer" and "number" in schema.types)]
    if not types or len(types) == len(_TYPES) - 1:
        return Any
    union: Any = Union.__getitem__(tuple(types))
    return Optional[union] if "null" in schema.types else union  # noqa: UP045 - made at run time


def _is_open_choice(schema: Schema) -> bool:
    """``anyOf`` a free string and some well-known values: any string will do."""
    return any(part.get("type") == "string" and "enum" not in part for part in schema.in_place() if "$ref" not in part)


def _one(name: str, schema: Schema) -> Any:
    if name == "array" and schema.items is not None and len(schema.items.types - {"integer"}) == 1:
        item = next(iter(schema.items.types - {"integer"}))
        return GenericAlias(list, (_TYPES[item],)) if item in _TYPES else list
    return _TYPES[name]


