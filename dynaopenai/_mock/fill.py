"""Part of a value -> a whole one: what a schema requires and the part leaves out, from the document.

Rules of this file:
1. What was given is never changed, and a value that is valid as it stands is left as it is.
2. Only required properties are added: the donor's where it has them (an example of the whole), else made up.
3. Where a value may be one of several, the first alternative that comes out valid is taken.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from .._checking.example import example
from .._checking.schema import Schema
from ..errors import SpecError

BRANCHES = 60  # alternatives that are tried at most
_NOTHING = object()


def fill(schema: Schema, part: Any, donor: Any = _NOTHING) -> Any:
    """``part`` with what it lacks; still invalid where what was given is wrong."""
    if schema.is_valid(part) or not isinstance(part, (dict, list)):
        return part
    tried = None
    for branch in _branches(schema):
        whole = _filled(branch, part, donor)
        if schema.is_valid(whole):
            return whole
        tried = whole if tried is None else tried
    return _filled(schema, part, donor) if tried is None else tried


def _branches(schema: Schema) -> Iterator[Schema]:
    """The alternatives of a schema, each with what is said beside them; the schema itself where there are none."""
    yield from map(schema.sub, islice(_alternatives(schema, schema.schema, frozenset()), BRANCHES))


def _alternatives(schema: Schema, part: Any, seen: frozenset[str]) -> Iterator[Any]:
    if not isinstance(part, dict):
        yield part
        return
    ref = part.get("$ref")
    if isinstance(ref, str) and ref not in seen:
        rest = {key: value for key, value in part.items() if key != "$ref"}
        for target in _alternatives(schema, schema.target(ref), seen | {ref}):
            yield {"allOf": [target, rest]} if rest else target
        return
    keyword = next((name for name in ("oneOf", "anyOf") if name in part), None)
    if keyword is None:
        yield part
        return
    rest = {key: value for key, value in part.items() if key != keyword}
    for branch in part[keyword]:
        for alternative in _alternatives(schema, branch, seen):
            yield {"allOf": [alternative, rest]} if rest else alternative


def _filled(schema: Schema, part: Any, donor: Any) -> Any:
    if isinstance(part, list):
        items = schema.items
        if items is None:
            return part
        donors = donor if isinstance(donor, list) and donor else [_NOTHING]
        return [fill(items, item, donors[min(index, len(donors) - 1)]) for index, item in enumerate(part)]
    if not isinstance(part, dict) or "object" not in schema.types:
        return part
    properties = schema.properties
    known = donor if isinstance(donor, dict) else {}
    whole = {
        name: fill(properties[name], value, known.get(name, _NOTHING)) if name in properties else value
        for name, value in part.items()
    }
    for name in [*properties, *sorted(schema.required - properties.keys())]:
        if name in schema.required and name not in whole:
            whole[name] = _made_up(properties.get(name), known.get(name, _NOTHING))
    return whole


def _made_up(schema: Schema | None, donor: Any) -> Any:
    if donor is not _NOTHING and (schema is None or schema.is_valid(donor)):
        return copy.deepcopy(donor)
    with suppress(SpecError):  # the whole is refused with better words than those for this part
        return example(schema) if schema is not None else None
    return None
