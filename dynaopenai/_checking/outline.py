"""A schema -> its outline in words: what a value may be, what its members are.

Rules of this file:
1. The words are the document's: string, integer, array, object, and the names of its schemas.
2. It guides a reader; the verdict is `Schema.is_valid`'s.
3. A schema within itself is named and not opened again, so that every tree ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from .._display.words import short

if TYPE_CHECKING:
    from .._display.tree import Branch
    from .schema import Schema

DEPTH = 3
MOST_BRANCHES = 120
MOST_WORDS = 8
MOST_LOOKED_AT = 500  # schemas, for one line of words
UNIONS = ("anyOf", "oneOf")


# --- words ---------------------------------------------------------------------------------------


def words(schema: Schema, most: int = MOST_WORDS) -> str:
    """What a value may be: ``integer 1 to 128 or null``, ``"auto", "none" or object``."""
    return _joined(list(dict.fromkeys(_alternatives(schema, frozenset(), [MOST_LOOKED_AT]))), most)


def _joined(found: list[str], most: int) -> str:
    if "null" in found:
        found = [word for word in found if word != "null"] + ["null"]
    if len(found) > most:
        return ", ".join(found[:most]) + f" … ({len(found)} in all)"
    return " or ".join(filter(None, [", ".join(found[:-1]), found[-1]])) if found else "nothing"


def _alternatives(schema: Schema, seen: frozenset[str], left: list[int]) -> Iterator[str]:
    """``left``: how many schemas may still be looked at; what names the same one again and again has no end else."""
    own = schema.schema
    left[0] -= 1
    if left[0] < 0:
        return
    if not isinstance(own, dict):
        yield "anything" if own else "nothing"
    elif "enum" in own or "const" in own:
        yield from (short(value, 40) for value in own.get("enum", [own.get("const")]))
    elif "$ref" in own:
        target, name = schema.sub(schema.target(own["$ref"])), name_of(schema, own["$ref"])
        if "object" in target.types or name in seen:
            yield name
        else:
            yield from _alternatives(target, seen | {name}, left)
    elif "x-binary" in own:
        yield "file"
    elif any(union in own for union in UNIONS):
        for union in UNIONS:
            for branch in own.get(union, ()):
                yield from _alternatives(schema.sub(branch), seen, left)
    elif len(own.get("allOf", ())) == 1 and "properties" not in own:
        yield from _alternatives(schema.sub(own["allOf"][0]), seen, left)
    else:
        yield from (_of_type(schema, kind, own, seen, left) for kind in _types(schema))


def _types(schema: Schema) -> list[str]:
    types = schema.types
    if len(types) == 7:
        return ["object"] if schema.properties else ["array"] if schema.items is not None else ["anything"]
    order = ("string", "number", "integer", "boolean", "array", "object", "null")
    return [kind for kind in order if kind in types and not (kind == "integer" and "number" in types)] or ["nothing"]


def _of_type(schema: Schema, kind: str, own: dict[str, Any], seen: frozenset[str], left: list[int]) -> str:
    if kind == "string":
        form = f" ({own['format']})" if isinstance(own.get("format"), str) else ""
        pattern = f" matching {short(own['pattern'], 40).strip(chr(34))}" if isinstance(own.get("pattern"), str) else ""
        return kind + form + _range(own, "Length", " of ", " characters") + pattern
    if kind in ("number", "integer"):
        return kind + _range(own, "imum", " ", "")
    if kind == "array" and schema.items is not None:
        several = list(dict.fromkeys(_alternatives(schema.items, seen, left)))
        of = several[0] if len(several) == 1 else f"({_joined(several, 4)})"
        limits = _range(own, "Items", "", " items")
        return f"array of {of}" + (f" ({limits})" if limits else "")
    return kind


def _range(own: dict[str, Any], limit: str, before: str, after: str) -> str:
    low, high = own.get(f"min{limit}"), own.get(f"max{limit}")
    if limit == "imum":
        low = low if low is not None else f"above {own['exclusiveMinimum']}" if "exclusiveMinimum" in own else None
        high = high if high is not None else f"below {own['exclusiveMaximum']}" if "exclusiveMaximum" in own else None
    if low is None and high is None:
        return ""
    if low is None or high is None:
        edge = str(low if low is not None else high)
        word = "" if edge.startswith(("above", "below")) else "at least " if low is not None else "at most "
        return f"{before}{word}{edge}{after if edge != '1' else after.removesuffix('s')}"
    return f"{before}{low}{after.removesuffix('s') if low == 1 else after}" if low == high else f"{before}{low} to {high}{after}"


def name_of(schema: Schema, ref: str) -> str:
    """The document's name for what a canonical ``$ref`` leads to."""
    node = schema.places.get(schema.name_of(ref))
    return name_at(node.place) if node is not None else "object"


def name_at(place: str) -> str:
    """The last word of a JSON pointer."""
    return place.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


# --- members ------------------------------------------------------------------------------------


def grow(schema: Schema, name: str = "", depth: int = DEPTH) -> Branch:
    """The schema with its members, ``depth`` levels of them."""
    from .._display.tree import Branch

    return Branch(name, words(schema), description=description_of(schema), branches=_members(schema, depth, frozenset(), [MOST_BRANCHES]))


def description_of(schema: Schema) -> str:
    """The description, as a line."""
    for part in schema.in_place():
        if isinstance(part.get("description"), str):
            return " ".join(part["description"].split())
    return ""


def _members(schema: Schema, depth: int, seen: frozenset[str], budget: list[int]) -> tuple[Branch, ...]:
    """``budget``: how many branches may still be grown, shared by the whole tree."""
    from .._display.tree import Branch

    found = list(dict(_objects(schema, seen)).items()) if depth else []
    if len(found) == 1:
        seen, only = seen | {found[0][0]}, found[0][1]
        return tuple(_member(only, key, depth - 1, seen, budget) for key in _fitting(only.properties, budget))
    return tuple(
        Branch(name, "object", description=description_of(each), branches=_members(each, depth, seen, budget))
        for name, each in found
        if budget[0] > 0
    )


def _fitting(names: Collection[str], budget: list[int]) -> list[str]:
    """The names that there is room for: all members of an object before those of the first of them."""
    shown = list(names)[: budget[0]]
    budget[0] -= len(shown)
    return shown


def _member(owner: Schema, name: str, depth: int, seen: frozenset[str], budget: list[int]) -> Branch:
    from .._display.tree import Branch

    schema = owner.properties[name]
    default = next((short(part["default"], 40) for part in schema.in_place() if "default" in part), "")
    kind, branches = words(schema), _members(schema, depth, seen, budget)
    return Branch(name, kind, name in owner.required, default, description_of(schema), branches)


def _objects(schema: Schema, seen: frozenset[str]) -> Iterator[tuple[str, Schema]]:
    """The kinds of object that a value, or an item of it, may be, each by its name."""
    return _kinds(schema, set(seen), "object")


def _kinds(schema: Schema, seen: set[str], name: str) -> Iterator[tuple[str, Schema]]:
    own = schema.schema
    if not isinstance(own, dict):
        return
    if "$ref" in own:
        name = name_of(schema, own["$ref"])
        if name not in seen:
            seen.add(name)
            yield from _kinds(schema.sub(schema.target(own["$ref"])), seen, name)
    elif any(union in own for union in UNIONS) and "properties" not in own:
        for union in UNIONS:
            for number, branch in enumerate(own.get(union, ()), 1):
                yield from _kinds(schema.sub(branch), seen, name if name != "object" else f"object {number}")
    elif schema.items is not None and "object" not in own.get("type", ()):
        yield from _kinds(schema.items, seen, name)
    elif schema.properties:
        yield name, schema
