"""A valid set of arguments for an operation, from the document's examples or made up: what ``op.example()`` gives."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from itertools import chain, islice
from typing import Any

from .._checking.example import examples
from .._checking.schema import Schema
from .._display.words import short
from .._document.openapi import Parameter
from .._request.arguments import Argument, Arguments
from .._request.bodies import Alternative
from .._request.media_type import examples_of, is_structured, kind_for
from .._request.security import Proof
from .._request.settings import Settings
from .._request.style import MISSING, StyleError, is_undefined, serialize
from .._request.writer import Writer
from ..errors import RequestValidationError, SpecError

MOST_BODIES = 12  # bodies that are tried
MOST_VALUES = 60  # values of a parameter that are
SAMPLE_FILE = b"example\n"
SAMPLE_XML = "<example/>"


def parameter_sample(argument: Argument) -> Any:
    """A value of a parameter that can be written: not all that a schema takes has a text in a path or a query.

    Raises:
        SpecError: there is none.
    """
    parameter = argument.parameter
    assert parameter is not None
    troubles = [f"{short(argument.name)} is required, and nothing would be written of any value"]
    for value in islice(_values(argument, parameter), MOST_VALUES):
        trouble = _untold(parameter, value)
        if trouble is None:
            return value
        troubles.append(trouble)
    node = parameter.content.schema if parameter.content is not None else parameter.schema
    assert node is not None  # a text can be written
    found = next(filter(None, reversed(troubles)))
    raise node.error("no value of this parameter can be written", found=found, remedy="give it a style that can, or content")


def example_arguments(writer: Writer, sample: Callable[[Argument], Any] = parameter_sample) -> dict[str, Any]:
    """Keywords with which the operation can be called, tried until one set of them can be written.

    Args:
        sample: gives a value of a required parameter.

    Raises:
        SpecError: the document leaves no valid value for one of them, or none that can be written.
    """
    found: dict[Any, Any] = {
        argument.spelled: sample(argument)
        for argument in writer.arguments.all
        if argument.place != "body" and argument.required
    }
    refusal = None
    for body in islice(_bodies(writer), MOST_BODIES):
        arguments = {**found, **_spread(writer.arguments, body)}
        refusal = _refusal(writer, arguments)
        if refusal is None:
            return arguments
    assert refusal is not None  # there is always one body, or none at all
    raise writer.operation.node.error(
        "no arguments can be made up that the document takes",
        found=str(refusal.violations[0]),
        remedy="declare a valid example of them",
    )


@cache
def _settings() -> Settings:
    return Settings()


def _refusal(writer: Writer, arguments: Mapping[str, Any]) -> RequestValidationError | None:
    try:
        writer.write(writer.standing(_settings(), "http://localhost", Proof()), (), arguments)
    except RequestValidationError as error:
        return error
    return None


def _spread(arguments: Arguments, body: Any) -> dict[str, Any]:
    """A body as keywords; whole, where it has members that are none."""
    if body is MISSING:
        return {}
    spelled: dict[Any, str] = {argument.name: argument.spelled for argument in arguments.all if argument.place == "body"}
    is_whole = not isinstance(body, dict) or not (arguments.takes_properties or arguments.is_open)
    if is_whole or any(name not in spelled and (name in arguments.by_name or not arguments.is_open) for name in body):
        return {arguments.body_name: body}
    return {spelled.get(name, name): value for name, value in body.items()}


def _values(argument: Argument, parameter: Parameter) -> Iterator[Any]:
    """Valid values; then some that are not empty."""
    schema = argument.schema
    yield from (copy.deepcopy(value) for value in parameter.examples if schema.is_valid(value))
    if not schema.places:
        yield "text"
        return
    yield from islice(examples(schema), MOST_VALUES // 2)
    with suppress(SpecError):  # there are no others
        yield from examples(schema.sub({"allOf": [schema.schema], "minProperties": 1, "minItems": 1}))


def _untold(parameter: Parameter, value: Any) -> str | None:
    """Why nothing would be told by a value: a message, or nothing to say of an empty one; None where something is."""
    try:
        return None if serialize(parameter, value) or not is_undefined(parameter, value) else ""
    except StyleError as error:
        return str(error)


def _bodies(writer: Writer) -> Iterator[Any]:
    """Valid bodies, of the preferred media type first.

    Raises:
        SpecError: there is none in any.
    """
    if not writer.bodies or not (writer.arguments.body_required or writer.arguments.takes_properties):
        yield MISSING
        return
    barren = []
    for alternative in writer.bodies:
        bodies = _samples_of(alternative)
        first = _first(bodies)
        if isinstance(first, SpecError):
            barren.append(first)
        else:
            yield first
            yield from islice(bodies, MOST_BODIES)
    if len(barren) == len(writer.bodies):
        raise barren[0]


def _first(bodies: Iterator[Any]) -> Any:
    try:
        return next(bodies)
    except SpecError as error:
        return error


def _samples_of(alternative: Alternative) -> Iterator[Any]:
    media, schema = alternative.media, alternative.schema
    kind = kind_for(media.name, SAMPLE_FILE if schema.is_binary else None)
    if kind == "binary" or ((schema.is_binary or kind == "multipart") and "object" not in schema.types):
        yield SAMPLE_FILE
        return
    declared = (copy.deepcopy(given) for given in examples_of(media, schema) if not schema.places or schema.is_valid(given))
    for value in chain(declared, examples(schema) if schema.places else ({},)):
        if kind in ("text", "events") and not isinstance(value, str):
            yield "example"
        elif kind == "xml" and not is_structured(schema):
            yield SAMPLE_XML if value not in media.examples and (not schema.places or schema.is_valid(SAMPLE_XML)) else value
        else:
            yield _with_files(value, schema) if kind in ("multipart", "form") and isinstance(value, dict) else value


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
