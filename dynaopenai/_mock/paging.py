"""A list, cut to the page that was asked for: ``limit``, ``after``, ``before``, ``order``, as far as the answer has them.

Rules of this file:
1. The items stand in the answer itself, or in its one property that is a list (``data`` where there are several).
2. ``after`` and ``before`` name an item by its id; an id that is not there has nothing after it and nothing before it.
3. They work where the document does not declare them, too: some clients send them to every list.
4. ``has_more``, ``first_id`` and ``last_id`` say how it is, where the answer has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._checking.schema import Schema


def page(value: Any, schema: Schema, created: Sequence[Any] | None, inputs: Mapping[str, Any]) -> Any:
    """The example of a list, holding what was created where that is given, cut to the page that was asked for."""
    name = _place(value, schema)
    if name is None:
        return value
    example = value if name == "" else value[name]
    items = list(example if created is None else created)
    shown, has_more = _cut(items, inputs)
    if name == "":
        return shown
    changed = {**value, name: shown}
    ids = [_id(item) for item in shown]
    facts = {"has_more": has_more, "first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None}
    for fact, value_now in facts.items():
        if fact in schema.properties:
            changed[fact] = value_now
            if not schema.is_valid(changed):
                changed.pop(fact)
                changed |= {fact: value[fact]} if fact in value else {}
    return changed


def items_of(value: Any, schema: Schema) -> tuple[list[Any], Schema | None]:
    """The items that a list shows, and what one of them must be; None where it is no list."""
    name = _place(value, schema)
    if name is None:
        return [], None
    holder = schema if name == "" else schema.properties[name]
    return (value if name == "" else value[name]), holder.items


def _place(value: Any, schema: Schema) -> str | None:
    if isinstance(value, list):
        return ""
    if not isinstance(value, dict):
        return None
    lists = [
        name
        for name, declared in schema.properties.items()
        if isinstance(value.get(name), list) and "array" in declared.types
    ]
    return "data" if "data" in lists else lists[0] if len(lists) == 1 else None


def _cut(items: list[Any], inputs: Mapping[str, Any]) -> tuple[list[Any], bool]:
    if inputs.get("order") in ("desc", "descending"):
        items.reverse()
    ids = [_id(item) for item in items]
    if inputs.get("after") is not None:
        after = str(inputs["after"])
        items = items[ids.index(after) + 1 :] if after in ids else []
    if inputs.get("before") is not None:
        before = str(inputs["before"])
        ids = [_id(item) for item in items]
        items = items[: ids.index(before)] if before in ids else []
    limit = inputs.get("limit")
    if str(limit).isdecimal():  # text where the document does not declare it
        return items[: int(str(limit))], len(items) > int(str(limit))
    return items, False


def _id(item: Any) -> str:
    return str(item.get("id")) if isinstance(item, dict) else str(item)
