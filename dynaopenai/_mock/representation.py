"""An answer in the representation that the request asked for, by conventions of the document.

Rules of this file:
1. Only what the request could choose from counts: the value of an argument whose schema lists its values.
2. A value that is a property's name asks for that property: the other listed values that are properties leave.
3. A value that names a media type, or the kind of one (``text``, ``json``), asks for it. Where the others in its list
   do and it does not, it asks for text. A stream is asked for by ``sse``.
4. ``base64`` asks for the text where a value may be a list of numbers or a text: the numbers as little-endian 32-bit
   floats in base64. Any other value asks for the list.
5. Where no argument speaks, ``Accept`` does (RFC 9110 §12.5.1); what it leaves no choice of is answered all the same.
"""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .._checking.example import example
from .._checking.schema import Schema
from .._document.openapi import MediaType
from .._request import media_type as _media_type
from .._request.arguments import Arguments
from ..errors import SpecError

PACKED = "base64"
STREAM = "sse"


@dataclass(frozen=True)
class Choice:
    """A value that a request chose, and what it could have chosen instead."""

    value: str
    others: frozenset[str]


@dataclass(frozen=True)
class Preferences:
    """What a request asks of its answer.

    Attributes:
        inputs: the members of its path, query and body, by the API's names.
        wants_events: whether it asks for a stream.
        chosen: the representations that it chose.
        accept: the media ranges that it accepts, with their weights.
        url: where it was sent, without the query.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    wants_events: bool = False
    chosen: tuple[Choice, ...] = ()
    accept: Mapping[str, float] = field(default_factory=dict)
    url: str = ""


NOTHING = Preferences()


def choices(arguments: Arguments, inputs: Mapping[str, Any]) -> tuple[Choice, ...]:
    """What a request chose, by the arguments it was sent with."""
    found = []
    for argument in arguments.all:
        value = inputs.get(argument.spelled)
        if isinstance(value, str):
            listed = {
                item for part in argument.schema.in_place() for item in part.get("enum", ()) if isinstance(item, str)
            }
            if value in listed and len(listed) > 1:
                found.append(Choice(value, frozenset(listed - {value})))
    return tuple(found)


def media_type(declared: Sequence[MediaType], chosen: Iterable[Choice]) -> MediaType | None:
    """The media type that was asked for, None where nothing says so."""
    by_word: dict[str, MediaType] = {}
    for media in declared:
        if _media_type.kind_of(media.name) == "events":
            continue
        for word in re.split(r"[/+.-]", _media_type.essence(media.name)):
            by_word.setdefault(word, media)
    for choice in chosen:
        if choice.value == STREAM:
            return next((media for media in declared if _media_type.kind_of(media.name) == "events"), None)
        words = choice.others & by_word.keys()
        if choice.value in by_word and words:
            return by_word[choice.value]
        if words and "text" in by_word and not any(word in choice.value for word in by_word):
            return by_word["text"]
    return None


def accepted(declared: Sequence[MediaType], accept: Mapping[str, float]) -> list[MediaType]:
    """The media types that a request accepts most; all of them where it accepts none."""
    weights = [_weight(_media_type.essence(media.name), accept) for media in declared]
    best = max(weights, default=0.0)
    return [media for media, weight in zip(declared, weights, strict=True) if weight == best or not best]


def _weight(name: str, accept: Mapping[str, float]) -> float:
    """The weight of the most specific range that a media type falls under."""
    fitting = [wanted for wanted in accept if fnmatchcase(name, wanted) or fnmatchcase(wanted, name)]
    closest = min(fitting, key=lambda wanted: (wanted.count("*"), -len(wanted)), default=None)
    return accept[closest] if closest is not None else 0.0


def represented(value: Any, schema: Schema | None, chosen: Iterable[Choice]) -> Any:
    """``value`` as it was asked for, as far as it stays valid."""
    for choice in chosen if schema is not None else ():
        assert schema is not None
        changed = _changed(value, schema, choice)
        if changed != value and schema.is_valid(changed):
            value = changed
    return value


def _changed(value: Any, schema: Schema, choice: Choice) -> Any:
    numbers = _numbers(schema)
    if numbers is not None:
        return _packed(value, numbers, choice)
    if isinstance(value, list) and schema.items is not None:
        return [_changed(item, schema.items, choice) for item in value]
    if not isinstance(value, dict):
        return value
    properties = schema.properties
    changed = {
        name: _changed(item, properties[name], choice) if name in properties else item for name, item in value.items()
    }
    if choice.value in properties and choice.others & properties.keys():
        changed = {name: item for name, item in changed.items() if name not in choice.others}
        if choice.value not in changed:
            try:
                changed[choice.value] = example(properties[choice.value])
            except SpecError:  # there is no such value after all
                return value
    return changed


def _numbers(schema: Schema) -> Schema | None:
    """The alternative that is a list of numbers, where text is another."""
    if not {"array", "string"} <= schema.types:
        return None
    for part in schema.in_place():
        items = schema.sub(part).items if part.get("type") == "array" else None
        if items is not None and "number" in items.types and "string" not in items.types:
            return schema.sub(part)
    return None


def _packed(value: Any, numbers: Schema, choice: Choice) -> Any:
    if choice.value == PACKED and isinstance(value, list):
        return b64encode(struct.pack(f"<{len(value)}f", *value)).decode("ascii")
    if PACKED in choice.others and isinstance(value, str):
        return example(numbers)
    return value
