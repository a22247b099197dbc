"""Values that a schema lists (``enum``, ``const``) beside the types that it names: read as what was meant where they disagree."""

from __future__ import annotations

import json
from typing import Any

from .._display.words import short
from .._document.document import Node
from .json import types_of
from .keywords import Translator


def settle_values(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any]) -> None:
    """Values that the type beside them does not allow: read as its own where their text is the same, or as an item's."""
    values = schema[keyword] if keyword == "enum" else [schema[keyword]]
    if schema["type"] == "string" and all(isinstance(value, str) for value in values):
        return
    types = frozenset([schema["type"]] if isinstance(schema["type"], str) else schema["type"])
    wrong = [value for value in values if value is not None and not types_of(value) & (types | _also(types))]
    if not wrong:
        return
    message = f"{keyword}: found {short(wrong[0])}, expected {' or '.join(sorted(types))}"
    if types <= {"array", "null"}:  # written on the array, meant for its items
        listed = [value for value in values if value is not None]
        schema["items"] = {"allOf": [schema["items"]], "enum": listed} if "items" in schema else {"enum": listed}
        del schema[keyword]
        dialect.defect(node, "values-of-another-type", message, "read as the values of its items")
        return
    fitting = [value for value in values if value is None or types_of(value) & (types | _also(types))]
    kept = [*fitting, *(value for value in (_converted(value, types) for value in wrong) if value is not _NONE)]
    if any(value is not None for value in kept):
        schema[keyword] = kept if keyword == "enum" else kept[0]
        dialect.defect(node, "values-of-another-type", message, f"read as {short(kept)}")
    else:
        del schema[keyword]
        dialect.defect(node, "impossible-values", message, "passed over; no value could be valid", "error")


_NONE = object()


def _also(types: frozenset[str]) -> frozenset[str]:
    return frozenset({"integer"}) if "number" in types else frozenset()


def _converted(value: Any, types: frozenset[str]) -> Any:
    """The value of one of these types that has the same text; `_NONE` where there is none."""
    if isinstance(value, str):
        try:
            read = json.loads(value)
        except ValueError:
            return _NONE
        return read if types_of(read) & (types | _also(types)) else _NONE
    if "string" in types and isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return _NONE
