"""Values -> the least schema that admits all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Schema = dict[str, Any]


def infer(values: Sequence[Any], *, is_old: bool = False) -> Schema:
    """The least schema that admits the values. ``is_old``: in the words of OpenAPI 3.0.

    Lists and objects are described as far as the values show them; no property is required, since there may be others.
    What was null whenever it was seen may be anything: null says nothing of what else it may be.
    """
    rest = [value for value in values if value is not None]
    kinds = _kinds(rest)
    described = [_described(kind, members, is_old) for kind, members in kinds.items()]
    if len(rest) == len(values):
        return _joined(described)
    if not described:
        return {"nullable": True} if is_old else {}
    if is_old:
        return {**_joined(described), "nullable": True}
    if len(described) == 1:
        return {**described[0], "type": [described[0]["type"], "null"]}
    return _joined([*described, {"type": "null"}])


def _joined(described: list[Schema]) -> Schema:
    return described[0] if len(described) == 1 else {"anyOf": described} if described else {}


def _kinds(values: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for value in values:
        found.setdefault(kind(value), []).append(value)
    if "number" in found and "integer" in found:
        found["number"] += found.pop("integer")
    return dict(sorted(found.items()))


def kind(value: Any) -> str:
    """The JSON type of a value; of a whole number, ``integer``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for python, name in ((int, "integer"), (float, "number"), (str, "string"), (dict, "object")):
        if isinstance(value, python):
            return name
    return "array"


def _described(name: str, values: list[Any], is_old: bool) -> Schema:
    if name == "object":
        members: dict[str, list[Any]] = {}
        for value in values:
            for key, item in value.items():
                members.setdefault(key, []).append(item)
        properties = {key: infer(members[key], is_old=is_old) for key in sorted(members)}
        return {"type": "object", "properties": properties} if properties else {"type": "object"}
    if name == "array":
        items = [item for value in values for item in value]
        return {"type": "array", "items": infer(items, is_old=is_old)}
    return {"type": name}
