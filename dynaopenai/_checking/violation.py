"""A failed verdict -> the place and the cause in a person's words.

In a request, a key that is nearly a declared one is a mistake too, even where JSON Schema lets any key pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from .._display.words import count, did_you_mean, nearest, one_of, short
from .._document.document import Node, escape
from .._finding import REQUIRED_MISSING
from ..errors import Violation
from .cause import MOST, Cause, causes, matches
from .json import member, mended
from .schema import FORMATS, Schema, types_of

MANY = 5  # items of a list, or levels, from which on a place is shown with what stands around it

_A = {"integer": "an integer", "array": "an array", "object": "an object", "null": "null"}
_FORMAT_EXAMPLES = {
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "email": "name@example.com",
    "uri": "https://example.com/",
    "byte": "SGVsbG8=",
}


def violations(schema: Schema, value: Any, path: str = "") -> list[Violation]:
    """What is wrong with ``value``; empty when nothing is.

    Args:
        schema: what it should be.
        value: JSON values only, of bounded depth.
        path: the place of ``value`` in what the user knows, put before every path.
    """
    try:
        if schema.is_valid(value):
            return []
    except UnicodeEncodeError:  # a lone surrogate, which JSON text may hold and the verdict cannot look at
        value = mended(value)
        if schema.is_valid(value):
            return []
    return explain(schema, value, path)


def explain(schema: Schema, value: Any, path: str = "") -> list[Violation]:
    """Why ``value`` is invalid; at least one `Violation`."""
    found = [
        replace(violation, context=_context(value, cause.path))
        for cause in causes(schema, value)
        for violation in _violation(schema, cause, path)
    ]
    unique = {(violation.path, violation.message): violation for violation in found}
    return list(unique.values())[:MOST] or [_unexplained(schema, value, path)]


def _context(value: Any, path: Iterable[str | int]) -> str:
    """What stands around a place, where it is one of many or lies deep; else the path says enough."""
    way = [value]
    with suppress(LookupError, TypeError):  # what is missing is not there to be walked to
        for key in path:
            way.append(way[-1][key])
    is_one_of_many = any(isinstance(each, (list, tuple)) and len(each) > MANY for each in way)
    holder = next((each for each in reversed(way) if isinstance(each, dict)), None)
    return short(holder) if holder is not None and (is_one_of_many or len(way) > MANY + 1) else ""


def _unexplained(schema: Schema, value: Any, path: str) -> Violation:
    """The verdict's own words, for what jsonschema does not reach (very deep values)."""
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(schema.bundle, formats=dict(FORMATS), validate_formats=True)
    error = next(validator.iter_errors(value), None)
    if error is None:
        return Violation(path, f"found {short(value)}, which the document does not allow", value)
    for key in error.instance_path:
        path = member(path, key)
    return Violation(path, short(error.message, 200).strip('"'), error.instance)


# --- wording -------------------------------------------------------------------------------------


def _violation(schema: Schema, cause: Cause, root: str) -> list[Violation]:
    path = root
    for key in cause.path:
        path = member(path, key)
    place = _place(schema, cause.place)
    if cause.keyword == "required":
        return [_missing(cause, path, place)]
    if cause.keyword in ("additionalProperties", "unevaluatedProperties") and isinstance(cause.value, dict):
        return _undeclared(schema, cause, path, place)
    message, hint = _words(cause)
    return [_located(path, message, cause.value, place, hint)]


def _located(path: str, message: str, value: Any, place: Node, hint: str = "") -> Violation:
    line = place.document.line(place.pointer)
    return Violation(path, message, value, place.place, hint, f"{place.document.name}:{line}" if line else "")


def _missing(cause: Cause, path: str, place: Node) -> Violation:
    name = str(cause.message)
    instance = cause.value if isinstance(cause.value, dict) else {}
    extra = [key for key in instance if key not in (cause.schema or {}).get("properties", {})]
    slip = nearest(name, [key for key in extra if isinstance(key, str)])
    hint = f'found "{slip[0]}", did you mean "{name}"?' if slip else ""
    return _located(member(path, name), REQUIRED_MISSING, None, place, hint)


def _undeclared(schema: Schema, cause: Cause, path: str, place: Node) -> list[Violation]:
    declared = _declared_at(schema, cause)
    extras = [key for key in cause.value if key not in declared]
    names = list(cause.wanted) if isinstance(cause.wanted, dict) else sorted(declared)
    found = [
        _located(
            member(path, key),
            "not declared, and nothing undeclared is allowed here",
            cause.value[key],
            place,
            did_you_mean(key, [name for name in names if name not in cause.value]),
        )
        for key in extras
    ]
    return found or [_located(path, short(cause.message, 200).strip('"'), cause.value, place)]


def _declared_at(schema: Schema, cause: Cause) -> set[str]:
    if cause.keyword == "additionalProperties":
        owner = cause.schema if isinstance(cause.schema, dict) else {}
        patterns = owner.get("patternProperties", {})
        matched = {key for key in cause.value for pattern in patterns if matches(pattern, key)}
        return set(owner.get("properties", {})) | matched
    return set(schema.sub(cause.schema).properties)


def _words(cause: Cause) -> tuple[str, str]:
    """Message and hint of one broken keyword."""
    value, wanted = cause.value, cause.wanted
    found = f"found {short(value)}"
    if cause.keyword == "types-or-values":
        types, values = wanted
        expected = " or ".join(filter(None, [_types(types), one_of(values) if values else ""]))
        described = _described(value) if types or not types_of(value) & types_of(values[0]) else short(value)
        return f"found {described}, expected {expected}", did_you_mean(value, values)
    if cause.keyword == "type":
        return f"found {_described(value)}, expected {_types([wanted] if isinstance(wanted, str) else wanted)}", ""
    if cause.keyword == "enum":
        return f"{found}, expected {one_of(wanted)}", did_you_mean(value, wanted)
    if cause.keyword == "const":
        return f"{found}, expected {short(wanted)}", did_you_mean(value, [wanted])
    if cause.keyword == "not" and wanted == {}:
        return f"{found}, expected nothing: this direction does not carry it", "leave it out"
    if cause.keyword == "oneOf":
        return f"{found}, which fits more than one of the alternatives, expected exactly one", ""
    if cause.keyword == "format":
        example = _FORMAT_EXAMPLES.get(wanted, "")
        return f"{found}, expected {wanted}" + (f" such as {example}" if example else ""), ""
    table = _LIMITS.get(str(cause.keyword))
    return table(value, wanted) if table else (f"{found}: {cause.keyword} {short(wanted)} does not hold", "")


def _limit(relation: str, noun: str = "") -> Any:
    def words(value: Any, wanted: Any) -> tuple[str, str]:
        if not noun:
            return f"found {short(value)}, expected {relation} {short(wanted)}", ""
        return f"found {count(len(value), noun)}, expected {relation} {wanted}", ""

    return words


_LIMITS: Mapping[str, Any] = {
    "minimum": _limit("at least"),
    "maximum": _limit("at most"),
    "exclusiveMinimum": _limit("more than"),
    "exclusiveMaximum": _limit("less than"),
    "multipleOf": _limit("a multiple of"),
    "minLength": _limit("at least", "character"),
    "maxLength": _limit("at most", "character"),
    "minItems": _limit("at least", "item"),
    "maxItems": _limit("at most", "item"),
    "minProperties": _limit("at least", "property"),
    "maxProperties": _limit("at most", "property"),
    "pattern": _limit("text that matches"),
    "uniqueItems": lambda value, _wanted: (f"found repeated items in {short(value)}, expected each once", ""),
    "not": lambda value, _wanted: (f"found {short(value)}, which is excluded", ""),
    "contains": lambda value, _wanted: (f"found {short(value)}, expected an item of a kind that is not there", ""),
}


def _described(value: Any) -> str:
    kinds = types_of(value)
    kind = "integer" if isinstance(value, int) and "integer" in kinds else next(iter(sorted(kinds)), "")
    plain = value is None or isinstance(value, bool)
    return short(value) if plain or not kind else f"{short(value)} ({_A.get(kind, f'a {kind}')})"


def _types(types: Sequence[str]) -> str:
    names = [_A.get(name, f"a {name}") for name in types]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" or {names[-1]}" if names else ""


def _place(schema: Schema, path: Iterable[str | int]) -> Node:
    """The broken keyword in its document, from its path through the canonical schema; its value is not looked up."""
    node, at, current = schema.places[""], schema.at, schema.schema
    tokens = list(path)
    while tokens:
        token = tokens.pop(0)
        while isinstance(current, dict) and token not in current and isinstance(current.get("$ref"), str):
            name = schema.name_of(current["$ref"])  # jsonschema's paths pass through references without a word
            node, at, current = schema.places.get(name, node), "", schema.defs.get(name, {})
        if token == "anyOf" and isinstance(current, dict) and current.get("x-nullable") and tokens:
            current = current["anyOf"][tokens.pop(0)]
            continue
        if not tokens and isinstance(current, dict) and current.get("x-nullable"):
            break  # the wrap that makes it nullable is ours, not the document's
        at += f"/{escape(str(token))}"
        try:
            current = current[token]
        except (KeyError, IndexError, TypeError):
            current = None
    return Node(node.document, node.pointer + at, None, node.base)


# --- near misses ---------------------------------------------------------------------------------


def near_misses(schema: Schema, value: Any, path: str = "") -> Iterator[Violation]:
    """Undeclared keys that are nearly a declared one that is absent, at any depth."""
    if isinstance(value, dict):
        properties = schema.properties
        for key, item in value.items():
            declared = properties.get(key)
            if declared is not None:
                yield from near_misses(declared, item, member(path, key))
            elif properties and not schema.is_open:
                close = nearest(key, [name for name in properties if name not in value], cutoff=0.75)
                if close:
                    yield Violation(member(path, key), "not declared", item, "", f'did you mean "{close[0]}"?')
    elif isinstance(value, (list, tuple)) and schema.items is not None:
        for index, item in enumerate(value):
            if isinstance(item, (dict, list, tuple)):
                yield from near_misses(schema.items, item, member(path, index))
