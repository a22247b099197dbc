"""Hypothesis strategies out of a document: valid requests and answers of any operation, and ones that just miss.

Rules of this file:
1. The verdict stays the document's: what is drawn has passed it (valid) or failed it (invalid), never guessed.
2. Structure is walked here, since the document's schemas refer to themselves and to each other; single values (text,
   numbers, patterns, formats) are `hypothesis-jsonschema`'s.
3. A near miss is a valid value with one change at one place; what a tolerant server would take is drawn where nothing else is left.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from .._checking.example import example
from .._checking.schema import Schema
from .._client.client import Client
from .._client.example import SAMPLE_FILE, example_arguments
from .._client.inside import plan_of
from .._client.operation import Operation
from .._request import media_type as _media_type
from .._request.arguments import Argument
from .._request.writer import Writer
from ..errors import DynaOpenAIError, SpecError
from .assertions import named_schema

__all__ = ["answers", "invalid_answers", "invalid_requests", "invalid_values", "requests", "values"]

DEEPEST = 5  # levels below which only what is required is drawn
TRIES = 4
LEAVES = frozenset(
    {"type", "enum", "const", "minLength", "maxLength", "pattern", "format", "minimum", "maximum"}
    | {"exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
OURS = frozenset({"uri", "byte", "uuid", "date", "date-time", "email", "ipv4", "ipv6"})

Strategy = st.SearchStrategy[Any]


# --- what a test asks for ------------------------------------------------------------------------


def values(schema: Schema | str, client: Client | None = None) -> Strategy:
    """Valid values of a schema: ``client.schema(name)``, or its name."""
    return _valid(named_schema(schema, client))


def invalid_values(schema: Schema | str, client: Client | None = None) -> Strategy:
    """Values of a schema that are valid but for one place."""
    found = named_schema(schema, client)
    return _near_misses(_valid(found), found.is_valid, found)


def requests(operation: Operation) -> Strategy:
    """Valid arguments of an operation: ``operation(**arguments)``."""
    return _arguments(operation)


def invalid_requests(operation: Operation) -> Strategy:
    """Arguments of an operation that break the document at one place: where it can be, as a tolerant server refuses them, too."""
    writer = plan_of(operation).writer

    def is_valid(arguments: Any) -> bool:
        return not operation.validate_request(**arguments)

    declared = {argument.spelled: argument for argument in writer.arguments.all}
    return _near_misses(_arguments(operation), is_valid, None, declared)


def answers(operation: Operation, status: int = 200, content_type: str = "application/json") -> Strategy:
    """Valid answers of an operation (items of its stream, for ``text/event-stream``).

    Raises:
        ValueError: no such answer is declared.
    """
    return _valid(_answer(operation, status, content_type))


def invalid_answers(operation: Operation, status: int = 200, content_type: str = "application/json") -> Strategy:
    """Answers of an operation that are valid but for one place.

    Raises:
        ValueError: no such answer is declared.
    """
    schema = _answer(operation, status, content_type)
    return _near_misses(_valid(schema), schema.is_valid, schema)


def _answer(operation: Operation, status: int, content_type: str) -> Schema:
    reader = plan_of(operation).reader
    declared = reader.declared(status)
    media = _media_type.match(declared.content, content_type) if declared is not None else None
    schema = reader.schema(media)
    if schema is None:
        raise ValueError(
            f"{operation.id}: found no schema for {status} {content_type}, expected one of {list(operation.responses)}"
        )
    return schema


# --- valid values --------------------------------------------------------------------------------


def _valid(schema: Schema) -> Strategy:
    """Values that pass; the example where several tries did not."""

    @st.composite
    def draw_value(draw: Callable[[Strategy], Any]) -> Any:
        for _ in range(TRIES):
            value = _drawn(draw, schema, schema.schema, 0)
            if schema.is_valid(value):
                return value
        return example(schema)

    return draw_value()


def _drawn(draw: Callable[[Strategy], Any], schema: Schema, part: Any, depth: int) -> Any:
    """A value for one part of a schema; a proposal, which the whole judges."""
    sub = schema.sub(part)
    if not isinstance(part, dict):
        return None
    for keyword in ("oneOf", "anyOf"):
        if part.get(keyword):
            rest = {key: value for key, value in part.items() if key != keyword}
            branch = draw(st.sampled_from(part[keyword]))
            return _drawn(draw, schema, {"allOf": [branch, rest]} if rest.keys() - {"description"} else branch, depth)
    if "$ref" in part and len(part) == 1:
        return _drawn(draw, schema, schema.target(part["$ref"]), depth)
    if "const" in part or "enum" in part:
        return copy.deepcopy(draw(st.sampled_from(part.get("enum") or [part.get("const")])))
    kinds = sorted(sub.types)
    if not kinds or depth > DEEPEST:
        return _example(sub)
    kind = draw(st.sampled_from([kind for kind in kinds if kind != "integer" or "number" not in kinds] or kinds))
    if kind == "object":
        return _object(draw, sub, depth)
    if kind == "array":
        return _array(draw, sub, depth)
    return draw(_scalar(sub, kind))


def _object(draw: Callable[[Strategy], Any], schema: Schema, depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, declared in schema.properties.items():
        if name in schema.required or (depth < DEEPEST and draw(st.booleans())):
            made[name] = _drawn(draw, declared, declared.schema, depth + 1)
    for name in schema.required - made.keys():
        made[name] = None
    return made


def _array(draw: Callable[[Strategy], Any], schema: Schema, depth: int) -> list[Any]:
    limits = [part for part in schema.in_place() if part.get("type", "array") == "array"]
    least = max([0, *(part["minItems"] for part in limits if "minItems" in part)])
    most = min([least + 3, *(part["maxItems"] for part in limits if "maxItems" in part)])
    size = draw(st.integers(least, max(least, most)))
    items = schema.items
    return [_drawn(draw, items, items.schema, depth + 1) if items is not None else None for _ in range(size)]


def _scalar(schema: Schema, kind: str) -> Strategy:
    merged: dict[str, Any] = {}
    for part in schema.in_place():
        merged |= {key: value for key, value in part.items() if key in LEAVES}
    leaf = {**merged, "type": kind}
    if leaf.get("format") in OURS or "pattern" in leaf:
        return st.just(_example(schema.sub({**leaf})))
    leaf.pop("format", None)
    return from_schema(leaf)


def _example(schema: Schema) -> Any:
    try:
        return example(schema)
    except SpecError:  # the whole judges
        return None


# --- arguments -----------------------------------------------------------------------------------


def _arguments(operation: Operation) -> Strategy:
    writer = plan_of(operation).writer

    @st.composite
    def draw_arguments(draw: Callable[[Strategy], Any]) -> Any:
        known = example_arguments(writer)
        for _ in range(TRIES):
            made = _proposed(draw, writer, known)
            if made is not None and not operation.validate_request(**made) and _can_be_written(operation, made):
                return made
        return known

    return draw_arguments()


def _proposed(draw: Callable[[Strategy], Any], writer: Writer, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Arguments for a call: each parameter drawn, and a body drawn as a whole where it is JSON."""
    made = {}
    is_whole = writer.arguments.body_name in known
    for argument in writer.arguments.all:
        if argument.place == "body" and is_whole:
            continue
        value = known.get(argument.spelled)
        if argument.schema.is_binary:
            if value is not None or draw(st.booleans()):
                made[argument.spelled] = (f"{argument.name}.bin", SAMPLE_FILE) if value is None else value
        elif argument.required or draw(st.booleans()):
            made[argument.spelled] = _drawn(draw, argument.schema, argument.schema.schema, 1)
    if is_whole:
        body = writer.arguments.body
        value = known[writer.arguments.body_name]
        is_json = body is not None and not _media_type.holds_upload(value) and not isinstance(value, str)
        made[writer.arguments.body_name] = _drawn(draw, body, body.schema, 0) if is_json and body is not None else value
    return made


def _can_be_written(operation: Operation, arguments: Mapping[str, Any]) -> bool:
    try:
        operation.with_options(base_url="http://mock.test").prepare(**arguments)
    except DynaOpenAIError:
        return False
    return True


# --- near misses ---------------------------------------------------------------------------------

Change = tuple[int, Any]  # how many servers let it pass, and the changed value
REFUSED, TOLERATED, EXTRA = range(3)  # by all; not by those that convert, or take null for nothing; not by those that read what they know


def _near_misses(
    valid: Strategy,
    is_valid: Callable[[Any], bool],
    schema: Schema | None,
    declared: Mapping[str, Argument] | None = None,
) -> Strategy:
    """Valid values with one change that makes them invalid, for as many servers as can be."""

    @st.composite
    def draw_miss(draw: Callable[[Strategy], Any]) -> Any:
        value = draw(valid)
        changes = list(_changes(value, schema) if declared is None else _argument_changes(value, declared))
        first = draw(st.integers(0, len(changes) - 1)) if changes else 0
        order = sorted(changes[first:] + changes[:first], key=itemgetter(0))
        broken = next((change for _, change in order if not is_valid(change)), order)
        return draw(st.nothing()) if broken is order else broken

    return draw_miss()


def _argument_changes(arguments: dict[str, Any], declared: Mapping[str, Argument]) -> Iterator[Change]:
    """Arguments with one change each; outside the body all are text, where only a number cannot be any."""
    for name, value in arguments.items():
        argument = declared.get(name)
        schema = argument.schema if argument is not None else None
        is_text = argument is not None and argument.place != "body" and not isinstance(value, (int, float))
        yield REFUSED, _without(arguments, name)
        if not _media_type.is_upload(value):
            for rank, changed in _changes(value, schema):
                is_word = isinstance(changed, str) and changed and isinstance(value, str)
                yield max(rank, TOLERATED if is_text and not is_word else rank), {**arguments, name: changed}
    yield EXTRA, {**arguments, "no_such_argument": 1}


def _changes(value: Any, schema: Schema | None) -> Iterator[Change]:
    """The value with one change each: a member left out, a word that is not listed, a value of another type."""
    if isinstance(value, dict):
        properties = schema.properties if schema is not None else {}
        for name, item in value.items():
            yield REFUSED, _without(value, name)
            if not _media_type.is_upload(item):
                for rank, changed in _changes(item, properties.get(name)):
                    yield rank, {**value, name: changed}
    elif isinstance(value, list):
        for index, item in enumerate(value[:2]):
            for rank, changed in _changes(item, schema.items if schema is not None else None):
                yield rank, [*value[:index], changed, *value[index + 1 :]]
    elif isinstance(value, str):
        yield REFUSED, f"{value}~"
        yield REFUSED, ""
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from ((REFUSED, number) for number in (-1e9, 1e9, value + 0.5))
    yield EXTRA if isinstance(value, dict) or schema is None or "object" in schema.types else REFUSED, {"no": "such"}
    yield REFUSED, [["no"]]
    yield TOLERATED if isinstance(value, str) else REFUSED, "no such"
    yield TOLERATED, True
    yield TOLERATED, None


def _without(members: dict[str, Any], name: str) -> dict[str, Any]:
    return {other: kept for other, kept in members.items() if other != name}
