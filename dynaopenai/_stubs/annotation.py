"""A canonical schema -> the type of its values, as Python writes it; the classes that it needs are declared on the way.

Rules of this file:
1. What an argument takes is a TypedDict, what an answer holds a class with attributes; a schema with a name is declared once.
2. A type is never narrower than the document: what Python cannot say of a schema is said less of, ``Any`` at the worst.
3. A class is named before it is declared, and each schema has one, so that a schema may hold itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from .._checking import outline as _outline
from .._checking.dialect import ANNOTATIONS, NOTHING
from .._checking.schema import Schema
from .._display.prose import brief
from .._response.data import Data
from .naming import Names, pascal
from .text import ANY, NEVER, TYPED_DICT, Declaration, Member, is_name, quoted, union

Direction = Literal["request", "response"]

SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
FORMATS = {"date-time": "str | _datetime.datetime", "date": "str | _datetime.date", "uuid": "str | _uuid.UUID"}  # of arguments
FILE, DATA, OPEN_DATA = "_File", "_Answer", "_dynaopenai.Data"
OF_EVENTS = (Member("event", "str", about="The name of the event, where it had one."), Member("id", "str", about="The id of the event, where it had one."))
ORDER = ("string", "number", "integer", "boolean", "array", "object", "null")
UNIONS = ("anyOf", "oneOf")
TELLING = frozenset({"$ref", "type", "enum", "const", "properties", "items", "x-binary", "allOf", *UNIONS, "additionalProperties"})
METHODS = frozenset(dir(Data))


class Annotations:
    """The types of one direction."""

    def __init__(self, direction: Direction, names: Names) -> None:
        self._declared: list[Declaration] = []
        self._is_request = direction == "request"
        self._names = names
        self._named: dict[str, str] = {}
        self._due: list[tuple[str, Schema]] = []  # named, and not declared yet
        self._events: set[str] = set()
        self._made: dict[int, tuple[str, Schema]] = {}  # the class of each object without a name, kept so that no other is taken for it

    def declarations(self) -> list[Declaration]:
        """The classes that the types so far need, in the order in which they came up."""
        while self._due:
            name, schema = self._due.pop(0)
            if self._is_object(schema):
                self._declare(schema, name)
            else:
                self.declare(Declaration(name, alias=self.of(schema, name)))
        by_name = {found.name: found for found in self._declared}
        todo = list(self._events)
        while todo:  # a union stands for its alternatives
            found = by_name.get(todo.pop(), Declaration(""))
            fresh = set(found.alias.split(" | ")) - self._events
            self._events |= fresh
            todo += fresh
        for found in self._declared:
            if found.name in self._events and found.base:
                found.members += [one for one in OF_EVENTS if one.name not in {member.name for member in found.members}]
        return self._declared

    def of_events(self, schema: Schema, hint: str) -> str:
        """The type of a stream's items, which tell of the event that they came in."""
        found = self.of(schema, hint)
        self._events.update(found.split(" | "))
        return found

    def declare(self, found: Declaration) -> None:
        """Add a class."""
        self._declared.append(found)

    def of(self, schema: Schema, hint: str) -> str:
        """The type of its values. ``hint``: what a class without a name is called."""
        return union(self._alternatives(schema, hint))

    def _alternatives(self, schema: Schema, hint: str) -> Iterator[str]:
        own = schema.schema
        if not isinstance(own, dict) or own == NOTHING:
            yield NEVER if own is False or own == NOTHING else ANY
            return
        branches = list(_branches(own))
        if "enum" in own or "const" in own:
            yield from _literals(own.get("enum", [own.get("const")]))
        elif "$ref" in own and not (own.keys() - {"$ref"}) & TELLING:
            yield self._of_named(schema, own["$ref"])
        elif "x-binary" in own and "string" in schema.types:
            yield FILE if self._is_request else "str"
        elif branches:
            for branch in branches:
                yield from self._alternatives(schema.sub(branch), hint)
        else:
            yield from (self._of_type(schema, kind, hint) for kind in _types(schema))

    def _of_named(self, schema: Schema, ref: str) -> str:
        """The name of what a reference leads to, which is declared once."""
        key = schema.name_of(ref)
        if key not in self._named:
            target = schema.sub(schema.target(ref))
            name = self._names.free(pascal(_outline.name_of(schema, ref)) + ("Param" if self._is_request else ""))
            self._named[key] = name
            self._due.append((name, target))
        return self._named[key]

    def _is_object(self, schema: Schema) -> bool:
        """Whether it is an object with members, and nothing else."""
        return isinstance(schema.schema, dict) and not list(_branches(schema.schema)) and _types(schema) == ["object"] and self._is_class(schema)

    def _is_class(self, schema: Schema) -> bool:
        return bool(schema.properties) and not (self._is_request and _is_open(schema))

    def _of_type(self, schema: Schema, kind: str, hint: str) -> str:
        own = schema.schema
        if kind == "array":
            inner = self.of(schema.items, f"{hint}Item") if schema.items is not None else ANY
            return f"_abc.Sequence[{inner}]" if self._is_request else f"list[{inner}]"
        if kind == "object":
            return self._of_object(schema, hint)
        if kind == "string" and self._is_request and isinstance(own.get("format"), str):
            return FORMATS.get(own["format"], "str")
        return SIMPLE.get(kind, ANY)

    def _of_object(self, schema: Schema, hint: str) -> str:
        if self._is_class(schema):
            if id(schema.schema) not in self._made:
                self._made[id(schema.schema)] = self._names.free(hint), schema
                self._declare(schema, self._made[id(schema.schema)][0])
            return self._made[id(schema.schema)][0]
        if schema.properties:
            return f"_abc.Mapping[str, {ANY}]"
        values = [part["additionalProperties"] for part in schema.in_place() if isinstance(part.get("additionalProperties"), dict)]
        inner = self.of(schema.sub(values[0]), f"{hint}Value") if len(values) == 1 else ANY
        return f"_abc.Mapping[str, {inner}]" if self._is_request else f"dict[str, {inner}]" if inner != ANY else OPEN_DATA

    def _declare(self, schema: Schema, name: str) -> None:
        """A class for an object."""
        base = TYPED_DICT if self._is_request else OPEN_DATA if _is_open(schema) else DATA
        found = Declaration(name, base, about=_outline.description_of(schema))
        self.declare(found)
        for key, declared in _properties(schema):
            if not self._is_request and (not is_name(key) or key in METHODS):
                continue  # it is reached as an item
            about = brief(_outline.description_of(declared))
            found.members.append(Member(key, self.of(declared, f"{name}{pascal(key)}"), key in schema.required, about))
        undeclared = schema.required - schema.properties.keys() - schema.hidden
        found.members += [Member(key, ANY) for key in sorted(undeclared) if self._is_request or (is_name(key) and key not in METHODS)]


def _properties(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The members; of several declarations that all hold, the one that lists values, else the last."""
    parts = list(schema.in_place())
    is_choice = any(keyword in part for part in parts for keyword in (*UNIONS, "if"))
    for name, declared in schema.properties.items():
        several = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        if is_choice or len(several) < 2:
            yield name, declared
        else:
            yield name, schema.sub(next((one for one in several if isinstance(one, dict) and one.keys() & {"enum", "const"}), several[-1]))


def _branches(own: dict[str, Any]) -> Iterator[Any]:
    """The alternatives of a schema that is nothing else; of ``allOf`` the one that says more than annotations."""
    if "properties" in own or "$ref" in own:
        return
    all_of = [branch for branch in own.get("allOf", ()) if branch is False or (isinstance(branch, dict) and branch.keys() - ANNOTATIONS)]
    unions = [keyword for keyword in UNIONS if keyword in own]
    if len(all_of) == 1 and not unions:
        yield all_of[0]
    elif len(unions) == 1 and not all_of and all(not isinstance(branch, dict) or branch.keys() & TELLING for branch in own[unions[0]]):
        yield from own[unions[0]]


def _literals(values: list[Any]) -> Iterator[str]:
    """Listed values: those that Literal takes as one, of the others their types."""
    plain = [value for value in values if value is None or isinstance(value, (str, int))]
    if plain and any(value is not None for value in plain):
        yield f"_t.Literal[{', '.join(quoted(value) if isinstance(value, str) else repr(value) for value in plain if value is not None)}]"
    yield from ("None" for value in plain if value is None)
    yield from ("float" if isinstance(value, float) else ANY for value in values if value is not None and not isinstance(value, (str, int)))


def _types(schema: Schema) -> list[str]:
    """The types that its values may have; where nothing is said of them, what its members tell."""
    types = schema.types
    if len(types) == len(ORDER):
        return ["object"] if schema.properties else ["array"] if schema.items is not None else [""]
    return [kind for kind in ORDER if kind in types and not (kind == "integer" and "number" in types)]


def _is_open(schema: Schema) -> bool:
    """Whether it takes members beside those that it declares, by its own word."""
    return any(part.get("additionalProperties", False) is not False or "patternProperties" in part for part in schema.in_place())
