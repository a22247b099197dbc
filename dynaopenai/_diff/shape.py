"""A canonical schema as alternatives by type, so that two schemas that say the same look the same.

Rules of this file:
1. Exact: the values of a Shape are the values of its schema. What cannot be split exactly stays whole, as a
   condition that is only ever compared for equality.
2. How it was written does not show: ``$ref``, ``allOf``, ``anyOf`` against ``type`` lists, ``nullable``, ``const``
   against one-valued ``enum``, the order of anything.
3. Lazy and bounded: a property's schema is shaped when it is asked for, once; recursion ends at the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._checking.dialect import ANNOTATIONS, HIDDEN, NOTHING, TYPES
from .._checking.schema import Schema
from .._document.document import Node
from .alternative import (
    ANYTHING,
    KINDS,
    Alternative,
    Part,
    Parts,
    Shape,
    is_anything,
    kind_of,
    limits_of,
    settle,
    text_of,
    tighter,
)
from .content import SILENT, content_text, finds, refs_in

MOST = 120  # alternatives of one kind; beyond that a union stays a condition
MARKS = {"string": ("pattern", "format", "x-binary"), "number": ("multipleOf",), "array": ("uniqueItems",)}
CONDITIONS = {
    "object": ("propertyNames", "dependentRequired", "dependentSchemas", "patternProperties", "unevaluatedProperties"),
    "array": ("prefixItems", "contains", "unevaluatedItems"),
}
ANYWHERE = ("not", "if", "$dynamicRef", "$dynamicAnchor")
TOGETHER = {  # keywords that say one thing together
    "if": ("if", "then", "else"),
    "contains": ("contains", "minContains", "maxContains"),
    "prefixItems": ("prefixItems", "items"),
}
APPLICATORS = {"$ref", "allOf", "anyOf", "oneOf"}
ANY_TEXT = r"\^?(\(?\.\*\)?|\[\\s\\S\]\*|)|(\(?\.\*\)?)\$?"  # patterns that are found in every text
ABOUT_WHOLE = {"unevaluatedProperties", "unevaluatedItems"}  # they look at all that stands beside them


class Side:
    """One document's schemas in one direction, shaped on demand."""

    def __init__(self, document: Node) -> None:
        self.document = document  # where a part stands that is written nowhere
        self.defs: dict[str, Any] = {}
        self.places: dict[str, Node] = {}
        self._shapes: dict[tuple[Any, ...], Shape] = {}
        self._open: set[tuple[Any, ...]] = set()
        self._fragments: dict[tuple[str, str], dict[str, Any]] = {}

    def root(self, schema: Schema) -> Part:
        """A schema of the document; remembers what it refers to."""
        place = schema.places[""]
        name = f"@{place.document.uri}#{place.pointer}"
        self.defs |= schema.defs
        self.places |= {key: node for key, node in schema.places.items() if key}
        self.places[name] = place
        return Part(schema.schema, name)

    def schema(self, parts: Parts, *fragments: Any) -> Schema:
        """The parts, and fragments of this side's schemas, as one schema that can be asked for its verdict."""
        schemas = [*(part.schema for part in parts), *fragments]
        whole = schemas[0] if len(schemas) == 1 else {"allOf": schemas} if schemas else {}
        if isinstance(whole, bool):
            whole = {} if whole else {"not": {}}
        places = {"": self.places.get(parts[0].name if parts else "", self.document)}
        return Schema(whole, {name: self.defs[name] for name in self.reached(whole)}, places)

    def fragment(self, condition: tuple[str, str]) -> dict[str, Any]:
        """The schema that a condition was made from."""
        return self._fragments[condition]

    def node(self, part: Part, step: str = "") -> Node:
        """The node in the document that a canonical part was made from, as near as it goes."""
        node = self.places.get(part.name, self.document)
        for token in (*part.tokens, *(("properties", step) if step else ())):
            value = node.value
            if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                node = node.child(int(token))
            elif isinstance(value, dict) and token in value:
                node = node.child(token)
        return node

    def reached(self, schema: Any) -> list[str]:
        """The names of all that a schema refers to, itself or by what it refers to."""
        found: dict[str, None] = {}
        queue = [schema]
        while queue:
            for ref in refs_in(queue.pop()):
                name = Schema.name_of(ref)
                if name in self.defs and name not in found:
                    found[name] = None
                    queue.append(self.defs[name])
        return sorted(found)

    def is_told_to_travel(self, parts: Parts) -> bool:
        """Whether a property that may not stand here is forbidden as such, and not only of the other direction."""
        return any(part.schema != NOTHING or self.node(part).value in (False, NOTHING) for part in parts)

    def deref(self, part: Part) -> Part:
        """The part that a part consisting of a reference names."""
        seen = set()
        while (
            isinstance(part.schema, dict)
            and "$ref" in part.schema
            and not (part.schema.keys() - ANNOTATIONS - {"$ref"})
        ):
            name = Schema.name_of(part.schema["$ref"])
            if name in seen or name not in self.defs:
                break
            seen.add(name)
            part = Part(self.defs[name], name)
        return part

    # --- shaping ---------------------------------------------------------------------------------

    def shape(self, parts: Parts) -> Shape:
        """What values the parts leave together."""
        shape = ANYTHING
        for part in parts:
            shape = self._intersect(shape, self._of(part), part)
        return shape

    def _of(self, part: Part) -> Shape:
        found = self._shapes.get(part.key)
        if found is None:
            if part.key in self._open:
                return ANYTHING  # refers to itself without any value in between: says nothing
            self._open.add(part.key)
            found = self._shapes[part.key] = self._read(part)
            self._open.discard(part.key)
        return found

    def _read(self, part: Part) -> Shape:
        schema = part.schema
        if not isinstance(schema, dict):
            return ANYTHING if schema is not False else {}
        if schema.get("not") == {}:
            return {}
        shape = self._plain(part)
        if "$ref" in schema:
            name = Schema.name_of(schema["$ref"])
            shape = self._intersect(shape, self._named(name), part)
        for index in range(len(schema.get("allOf", ()))):
            shape = self._intersect(shape, self._of(part.child("allOf", str(index))), part)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                shape = self._intersect(shape, self._union(part, keyword), part)
        return shape

    def _named(self, name: str) -> Shape:
        if name not in self.defs:
            return ANYTHING
        shape = self._of(Part(self.defs[name], name))
        if all(alternative.named[:1] == (name,) for group in shape.values() for alternative in group):
            return shape
        key = (name, ("named",))
        if key not in self._shapes:
            named = {
                kind: tuple(replace(one, named=(name, *one.named), origin=one.origin) for one in group)
                for kind, group in shape.items()
            }
            if any(open_key for open_key in self._open if open_key[0] == name):
                return named  # not finished yet
            self._shapes[key] = named
        return self._shapes[key]

    def _plain(self, part: Part) -> Shape:
        """What the keywords beside the applicators leave."""
        schema = part.schema
        if not schema.keys() - SILENT - APPLICATORS:
            return ANYTHING
        types = schema.get("type", list(TYPES))
        types = set([types] if isinstance(types, str) else types)
        shape: dict[str, tuple[Alternative, ...]] = {}
        values = schema.get("enum")
        if "const" in schema:
            values = [schema["const"]]
        for kind in KINDS:
            if kind not in types and not (kind == "number" and "integer" in types):
                continue
            listed = None if values is None else {text_of(value): value for value in values if kind_of(value) == kind}
            if listed is None or listed:
                integral = kind == "number" and "number" not in types
                alternative = settle(self._alternative(part, kind, listed, integral))
                if not alternative.is_impossible:
                    shape[kind] = (alternative,)
        return shape

    def _alternative(self, part: Part, kind: str, values: Mapping[str, Any] | None, integral: bool) -> Alternative:
        schema = part.schema
        marks = [
            (key, text_of(schema[key]))
            for key in MARKS.get(kind, ())
            if key in schema and not (key == "pattern" and re.fullmatch(ANY_TEXT, schema[key]))
        ]
        conditions = frozenset(self._conditions(schema, kind))
        if kind == "boolean" and values is None:
            values = {"true": True, "false": False}
        elif kind == "null":
            values = {"null": None}
        made = Alternative(
            kind, values, integral, limits_of(schema, kind), frozenset(marks), conditions=conditions, origin=part
        )
        if kind == "object":
            extra: Parts | None = ()
            if isinstance(schema.get("additionalProperties"), dict):
                empty = not self.shape((part.child("additionalProperties"),))
                extra = None if empty else (part.child("additionalProperties"),)
            elif schema.get("additionalProperties") is False:
                extra = None
            if extra and is_anything(self.shape(extra)):
                extra = ()
            properties = {name: (part.child("properties", name),) for name, held in schema.get("properties", {}).items() if held != HIDDEN}
            return replace(made, required=frozenset(schema.get("required", ())), properties=properties, extra=extra)
        if kind == "array" and "items" in schema and "prefixItems" not in schema:
            return replace(made, items=(part.child("items"),))
        return made

    def _conditions(self, schema: dict[str, Any], kind: str) -> Iterator[tuple[str, str]]:
        for keyword in (*CONDITIONS.get(kind, ()), *ANYWHERE):
            if keyword in schema:
                keywords = TOGETHER.get(keyword, schema if keyword in ABOUT_WHOLE else (keyword,))
                yield self._condition(keyword, {key: schema[key] for key in keywords if key in schema}, schema)

    def _condition(self, keyword: str, fragment: dict[str, Any], schema: dict[str, Any]) -> tuple[str, str]:
        """A condition by the text of its content, which is the same only for the same content, references written out."""
        content: Any = fragment
        if keyword == "patternProperties":  # a property that a pattern covers, too, is declared by both
            names = (name for name in schema.get("properties", ()) for text in fragment[keyword] if finds(text, name))
            content = [fragment, sorted(set(names))]
        text = content_text(content, self.defs, self.reached)
        self._fragments.setdefault((keyword, text), fragment)
        return keyword, text

    # --- unions and intersections ----------------------------------------------------------------

    def _union(self, part: Part, keyword: str) -> Shape:
        branches = [self._of(part.child(keyword, str(index))) for index in range(len(part.schema[keyword]))]
        shape: dict[str, tuple[Alternative, ...]] = {}
        for kind in KINDS:
            found = [alternative for branch in branches for alternative in branch.get(kind, ())]
            if len(found) > MOST:
                found = [replace(Alternative(kind), conditions=frozenset({self._whole(keyword, part)}))]
            if found:
                shape[kind] = self._joined(found, part, keyword)
        return shape

    def _whole(self, keyword: str, part: Part) -> tuple[str, str]:
        schema = part.schema if isinstance(part.schema, dict) else {"not": {}}
        return self._condition(keyword, schema, schema)

    def _joined(self, found: list[Alternative], part: Part, keyword: str) -> tuple[Alternative, ...]:
        if len(found) == 1:
            return (found[0],)
        if keyword == "oneOf" and not self._are_apart(found):
            shared = frozenset({self._condition("oneOf", {"oneOf": part.schema["oneOf"]}, part.schema)})
            return tuple(replace(one, conditions=one.conditions | shared) for one in found)
        lists = [one for one in found if one.values is not None and not (one.conditions or one.marks)]
        others = [one for one in found if one not in lists]
        if lists:
            listed = {text: value for one in lists for text, value in (one.values or {}).items()}
            free = next((one for one in others if one.is_free), None)
            if free is not None:
                others[others.index(free)] = replace(free, known={**free.known, **listed})
            else:
                same = {name for one in lists for name in one.named}
                first = lists[0] if len(lists) == 1 else replace(lists[0], named=tuple(sorted(same)))
                others.insert(0, replace(first, values=listed))
        return tuple(others)

    def _are_apart(self, found: list[Alternative]) -> bool:
        """Whether no value is in two of the alternatives, as far as lists of values tell."""
        return all(self._apart(one, other) for index, one in enumerate(found) for other in found[:index])

    def _apart(self, one: Alternative, other: Alternative) -> bool:
        if one.values is not None and other.values is not None:
            return not one.values.keys() & other.values.keys()
        if one.kind != "object":
            return False
        for name in one.required & other.required & one.properties.keys() & other.properties.keys():
            mine, theirs = self.tags(one, name), self.tags(other, name)
            if mine and theirs and not mine & theirs:
                return True
        return False

    def tags(self, alternative: Alternative, name: str) -> frozenset[str]:
        """The only texts that a property may have; nothing where it may have others."""
        shape = self.shape(alternative.properties.get(name, ()))
        if set(shape) != {"string"} or any(one.values is None for one in shape["string"]):
            return frozenset()
        return frozenset(text for one in shape["string"] for text in one.values or ())

    def _intersect(self, one: Shape, other: Shape, part: Part) -> Shape:
        if one is ANYTHING or other is ANYTHING:
            return other if one is ANYTHING else one
        shape = {}
        for kind in KINDS:
            if kind in one and kind in other:
                if len(one[kind]) * len(other[kind]) > MOST:  # a product too large to be written out
                    merged = [Alternative(kind, conditions=frozenset({self._whole("allOf", part)}), origin=part)]
                else:
                    merged = [self._merge(mine, theirs) for mine in one[kind] for theirs in other[kind]]
                kept = tuple(alternative for alternative in merged if not alternative.is_impossible)
                if kept:
                    shape[kind] = kept
        return shape

    def _merge(self, one: Alternative, other: Alternative) -> Alternative:
        """Both at once. Where one of them says nothing, the other as it is, so that its name stays."""
        if one.is_free or other.is_free:
            kept, free = (other, one) if one.is_free else (one, other)
            named = kept.named or free.named
            return kept if named == kept.named and not free.known else replace(kept, named=named)
        values = one.values if other.values is None else other.values
        if one.values is not None and other.values is not None:
            values = {text: one.values[text] for text in one.values if text in other.values}
        merged = Alternative(
            one.kind,
            values,
            one.integral or other.integral,
            tighter(one.limits, other.limits),
            one.marks | other.marks,
            one.required | other.required,
            conditions=one.conditions | other.conditions,
            items=one.items + tuple(part for part in other.items if part.key not in {mine.key for mine in one.items}),
            named=tuple(dict.fromkeys(one.named + other.named)),
            origin=one.origin if one.properties or not other.properties else other.origin,
        )
        return settle(replace(merged, **_members(one, other)) if one.kind == "object" else merged)


def _members(one: Alternative, other: Alternative) -> dict[str, Any]:
    """The properties of both, each under what the other says of it or of undeclared ones."""
    properties: dict[str, Parts] = {}
    for name in [*one.properties, *(name for name in other.properties if name not in one.properties)]:
        mine, theirs = one.properties.get(name, one.extra), other.properties.get(name, other.extra)
        if mine is None or theirs is None:
            continue  # declared on one side, forbidden on the other: forbidden as any undeclared one
        keys = {part.key for part in mine}
        properties[name] = mine + tuple(part for part in theirs if part.key not in keys)
    extra = None if one.extra is None or other.extra is None else one.extra + other.extra
    return {"properties": properties, "extra": extra}
