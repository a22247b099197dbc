"""An operation's Writer -> a valid set of arguments for it, from the document's examples or made up."""

from __future__ import annotations

import copy
from typing import Any

from .._checking.example import example
from .._checking.schema import Schema
from .._document.openapi import MediaType
from .._request.arguments import Argument
from .._request.bodies import Alternative
from .._request.media_type import kind_for
from .._request.request import Writer
from .._request.style import MISSING
from ..errors import SpecError

SAMPLE_FILE = b"example\n"


def sample(writer: Writer) -> dict[str, Any]:
    """Keywords with which the operation can be called.

    Raises:
        SpecError: the document leaves no valid value for one of them.
    """
    arguments = writer.arguments
    found: dict[Any, Any] = {
        argument.spelled: _parameter_sample(argument)
        for argument in arguments.all
        if argument.place != "body" and argument.required
    }
    body = body_sample(writer)
    if body is MISSING:
        return found
    if not isinstance(body, dict) or not (arguments.takes_properties or arguments.is_open):
        return {**found, arguments.body_name: body}
    spelled: dict[Any, str] = {argument.name: argument.spelled for argument in arguments.all if argument.place == "body"}
    if any(name not in spelled and name in arguments.by_name for name in body):
        return {**found, arguments.body_name: body}
    return found | {spelled.get(name, name): value for name, value in body.items()}


def _parameter_sample(argument: Argument) -> Any:
    assert argument.parameter is not None
    for given in argument.parameter.examples:
        if argument.schema.is_valid(given):
            return copy.deepcopy(given)
    value = example(argument.schema)
    return value if value not in ("", None) or argument.place != "path" else argument.name


def body_sample(writer: Writer) -> Any:
    """A valid body, `MISSING` where the operation takes none; of several media types, the first that leaves one.

    Raises:
        SpecError: none does.
    """
    if not writer.bodies or not (writer.arguments.body_required or writer.arguments.takes_properties):
        return MISSING
    tried = []
    for found in map(_attempted, writer.bodies):
        if not isinstance(found, SpecError):
            return found
        tried.append(found)
    raise tried[0]


def _attempted(alternative: Alternative) -> Any:
    try:
        return _sample_of(alternative)
    except SpecError as error:
        return error


def _sample_of(alternative: Alternative) -> Any:
    media, schema = alternative.media, alternative.schema
    kind = kind_for(media.name, SAMPLE_FILE if schema.is_binary else None)
    if kind == "binary" or (schema.is_binary and "object" not in schema.types):
        return SAMPLE_FILE
    value = _declared_sample(media, schema)
    if value is MISSING:
        value = example(schema) if schema.places else {}
    if kind in ("text", "events") and not isinstance(value, str):
        return "example"
    return _with_files(value, schema) if kind in ("multipart", "form") and isinstance(value, dict) else value


def _declared_sample(media: MediaType, schema: Schema) -> Any:
    for given in media.examples:
        if not schema.places or schema.is_valid(given):
            return copy.deepcopy(given)
    return MISSING


def _with_files(value: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """The body with small files where it takes file content."""
    filled: dict[str, Any] = {}
    for name, item in value.items():
        declared = schema.properties.get(name)
        if declared is not None and isinstance(item, list) and declared.items is not None and declared.items.is_binary:
            filled[name] = [(f"{name}.bin", SAMPLE_FILE) for _ in item]
        elif declared is not None and declared.is_binary and isinstance(item, str):
            filled[name] = (f"{name}.bin", SAMPLE_FILE)
        else:
            filled[name] = item
    return filled
