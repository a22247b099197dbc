"""A canonical schema: its verdict on a value, and its structure.

Rules of this file:
1. The verdict is jsonschema-rs's, compiled on first use; explaining it is `violation`'s work.
2. Callers bound a value's depth before they ask (`json.survey`, `json.decode`).
3. Structure (types, properties) looks through ``$ref`` and the in-place applicators; it guides binding and
   examples, it never decides.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._display.colour import Paint, plain
from .._display.visible import visible
from . import outline as _outline
from . import verdict as _verdict
from .bundle import Bundle, Definitions, Separate
from .bundle import name_of as _name_of
from .dialect import HIDDEN, NOTHING, TYPES
from .json import types_of
from .weight import HEAVIEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._document.document import Node
    from .markup import Markup

IN_PLACE = ("allOf", "anyOf", "oneOf")
MAX_DEPTH = 64  # references within references that the structure is looked through


class Schema:
    """A schema with all it refers to.

    Attributes:
        schema: the canonical JSON Schema at this place.
        defs: what its references name.
        places: where each of ``defs`` stands in the document; this schema itself under ``""``.
    """

    def __init__(self, schema: Any, defs: Mapping[str, Any], places: Mapping[str, Node], at: str = "") -> None:
        self.schema, self.defs, self.places, self.at = schema, defs, places, at
        self.marks: tuple[Any, ...] = ()  # the faults that values had so far, for `known`
        self.broken_patterns: Sequence[str] = ()  # regular expressions that no engine here can read, known once it is compiled

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> Schema:
        schema = cls(bundle.schema, bundle.defs, bundle.places)
        if isinstance(bundle.schema, dict):
            schema.name = _outline.name_at(bundle.places[""].place)
        return schema

    @classmethod
    def union(cls, schemas: Sequence[Schema]) -> Schema:
        """What any of them takes; all are one dialect's, so that a name in ``defs`` means the same in each."""
        distinct = [one for index, one in enumerate(schemas) if one.schema not in [other.schema for other in schemas[:index]]]
        if len(distinct) == 1:
            return distinct[0]
        defs = _joined([one.defs for one in distinct])
        return cls({"anyOf": [one.schema for one in distinct]}, defs, ChainMap(*(dict(one.places) for one in distinct)))

    def __repr__(self) -> str:
        return visible(self._repr_painted_(plain))

    def _repr_painted_(self, paint: Paint) -> str:
        from .._display.tree import drawn

        return drawn(_outline.grow(self, self.name), None, paint)

    def _repr_html_(self) -> str:
        from .._display import html as _html

        return _html.tree(_outline.grow(self, self.name))

    name = ""  #: what the document calls it, where it is a whole schema and no part of one

    def __reduce__(self) -> tuple[Any, ...]:
        return Schema, (self.schema, dict(self.defs), {name: self.places[name] for name in ("", *self.defs) if name in self.places}, self.at)

    @property
    def bundle(self) -> Any:
        """The schema as one self-contained JSON Schema 2020-12 document."""
        return self._with(self.defs)

    def _with(self, defs: Mapping[str, Any]) -> Any:
        if not isinstance(self.schema, dict) or not defs:
            return self.schema
        return {**self.schema, "$defs": {**self.schema.get("$defs", {}), **defs}}

    # --- verdict ---------------------------------------------------------------------------------

    @cached_property
    def is_valid(self) -> Callable[[Any], bool]:
        """Whether a value is valid; compiled on first use.

        Raises:
            SpecError: the schema cannot be compiled.
        """
        if isinstance(self.defs, Separate):
            return _verdict.of_parts(self.schema, self.defs.source, lambda: self._compiled.is_valid)
        return self._compiled.is_valid  # type: ignore[no-any-return]  # jsonschema-rs has no types

    @cached_property
    def are_valid(self) -> Callable[[Sequence[Any]], bool]:
        """Whether all of some values are, in one call; compiled on first use, beside `is_valid`."""
        if isinstance(self.defs, Separate):  # where each item would be a step to another part
            return lambda values: all(map(self.is_valid, values))
        return self.sub({"items": self.schema}).is_valid

    def errors(self, value: Any) -> Iterator[Any]:
        """`jsonschema_rs.ValidationError`, each."""
        return self._compiled.iter_errors(value)  # type: ignore[no-any-return]  # jsonschema-rs has no types

    @cached_property
    def _compiled(self) -> Any:
        import jsonschema_rs

        reached = self.reached_from(self.schema) if self.defs else {}
        needed = self.defs if reached is None else reached
        if _verdict.is_too_heavy(self.schema, needed):
            raise self.places[""].error(
                "the schema cannot be used", found=f"branches that unfold to more than {HEAVIEST:,}", remedy="name each branch once"
            )
        try:
            return _verdict.compiled(self._with(needed))
        except (ValueError, jsonschema_rs.ReferencingError):
            self.broken_patterns = _verdict.broken_patterns(self.bundle)
        try:
            return _verdict.compiled(_verdict.without_patterns(self.bundle, self.broken_patterns))
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise self.places[""].error("the schema cannot be used", found=str(error)[:300]) from error

    # --- structure -------------------------------------------------------------------------------

    def sub(self, schema: Any) -> Schema:
        """A subschema of this one, on its own."""
        return Schema(schema, self.defs, self.places)

    def target(self, ref: str) -> Any:
        """What a canonical ``$ref`` names."""
        return self.defs.get(self.name_of(ref), {})

    name_of = staticmethod(_name_of)  #: the key in ``defs`` that a canonical ``$ref`` stands for

    def reached_from(self, part: Any) -> dict[str, Any] | None:
        """The definitions that a part of it refers to, from wherever they stand; None where one is known only by the way to it."""
        found: dict[str, Any] = {}
        todo = [part]
        while todo:
            here = todo.pop()
            if isinstance(here, dict):
                if "$dynamicRef" in here:
                    return None
                name = self.name_of(here["$ref"]) if isinstance(here.get("$ref"), str) else ""
                if name in self.defs and name not in found:
                    found[name] = self.defs[name]
                    todo.append(self.defs[name])
            inside = here.values() if isinstance(here, dict) else here if isinstance(here, list) else ()
            todo += [each for each in inside if isinstance(each, (dict, list))]
        return found

    def in_place(self) -> Iterator[dict[str, Any]]:
        """Every schema that speaks of the same value: itself, what it refers to, its branches; each once."""
        seen: set[str] = set()
        todo: list[Any] = [self.schema]
        while todo:
            schema = todo.pop()
            if not isinstance(schema, dict):
                continue
            yield schema
            below: list[Any] = []
            ref = schema.get("$ref")
            if ref and ref not in seen:
                seen.add(ref)
                below.append(self.target(ref))
            for keyword in IN_PLACE:
                below += schema.get(keyword, ())
            below += [schema[keyword] for keyword in ("if", "then", "else") if keyword in schema]
            todo += reversed(below)

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types that a valid value may have, as far as the structure tells."""
        return self._types(self.schema, {}, 0)

    def _types(self, schema: Any, known: dict[str, frozenset[str]], depth: int) -> frozenset[str]:
        if not isinstance(schema, dict):
            return frozenset() if schema is False else TYPES
        if schema == NOTHING:
            return frozenset()
        declared = schema.get("type", TYPES)
        types = frozenset([declared]) if isinstance(declared, str) else frozenset(declared)
        if "number" in types:
            types |= {"integer"}
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            types &= frozenset().union(*map(types_of, values)) if values else types
        ref = schema.get("$ref")
        if ref:
            types &= self._types_of_target(ref, known, depth)
        for branch in schema.get("allOf", ()):
            types &= self._types(branch, known, depth + 1)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                types &= frozenset().union(*(self._types(branch, known, depth + 1) for branch in schema[keyword]))
        return types

    def _types_of_target(self, ref: str, known: dict[str, frozenset[str]], depth: int) -> frozenset[str]:
        if ref not in known and depth < MAX_DEPTH:
            known[ref] = TYPES  # what a circle says of itself
            known[ref] = self._types(self.target(ref), known, depth + 1)
        return known.get(ref, TYPES)

    @cached_property
    def properties(self) -> dict[str, Schema]:
        """The declared properties of an object, by name, in order; several declarations become ``anyOf``."""
        found: dict[str, list[Any]] = {}
        for schema in self.in_place():
            for name, declared in schema.get("properties", {}).items():
                if declared not in (NOTHING, HIDDEN) and declared not in found.setdefault(name, []):
                    found[name].append(declared)
        return {
            name: self.sub(declared[0] if len(declared) == 1 else {"anyOf": declared})
            for name, declared in found.items()
            if declared
        }

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The properties that may be there, though this direction does not carry them."""
        declared = (schema.get("properties", {}) for schema in self.in_place())
        return frozenset(name for properties in declared for name, part in properties.items() if part == HIDDEN)

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties that every valid object has."""
        return self._required(self.schema, {}, 0)

    def _required(self, schema: Any, known: dict[str, frozenset[str]], depth: int) -> frozenset[str]:
        if not isinstance(schema, dict):
            return frozenset()
        names = frozenset(schema.get("required", ()))
        ref = schema.get("$ref")
        if ref and ref not in known and depth < MAX_DEPTH:
            known[ref] = frozenset()
            known[ref] = self._required(self.target(ref), known, depth + 1)
        names |= known.get(ref, frozenset()) if ref else frozenset()
        for branch in schema.get("allOf", ()):
            names |= self._required(branch, known, depth + 1)
        for keyword in ("anyOf", "oneOf"):
            objects = [branch for branch in schema.get(keyword, ()) if "object" in self._types(branch, {}, depth)]
            if objects:
                names |= frozenset.intersection(*(self._required(branch, known, depth + 1) for branch in objects))
        return names

    @cached_property
    def items(self) -> Schema | None:
        """The schema of an array's items, None where nothing is said of them."""
        found = [schema["items"] for schema in self.in_place() if isinstance(schema.get("items"), dict)]
        return self.sub(found[0] if len(found) == 1 else {"anyOf": found}) if found else None

    @cached_property
    def markup(self) -> Markup:
        """What it says of its values as XML."""
        from .markup import Markup

        return Markup(self)

    @cached_property
    def is_open(self) -> bool:
        """Whether undeclared properties are explicitly allowed, or nothing is declared at all."""
        opened = any(
            schema.get("additionalProperties", False) is not False
            or "patternProperties" in schema
            or schema.get("unevaluatedProperties", False) is not False
            for schema in self.in_place()
        )
        return opened or not (self.properties or self.hidden)

    @cached_property
    def is_binary(self) -> bool:
        """Whether the value is, or may be, the content of a file."""
        return any("x-binary" in schema for schema in self.in_place())

    def declares(self, names: AbstractSet[str]) -> bool:
        """Whether there are properties of all these names, anywhere in this schema or what it refers to."""
        missing = names - self._own_names
        return not missing or (isinstance(self.defs, Definitions) and self.defs.declare(missing))

    @cached_property
    def _own_names(self) -> frozenset[str]:
        names: set[str] = set()
        stack: list[Any] = [self.schema]
        if not isinstance(self.defs, Definitions):
            stack += self.defs.values()
        while stack:
            part = stack.pop()
            if isinstance(part, dict):
                if isinstance(part.get("properties"), dict):
                    names.update(part["properties"])
                stack += part.values()
            elif isinstance(part, list):
                stack += part
        return frozenset(names)


def _joined(several: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    later = [defs for defs in several if isinstance(defs, Definitions)]
    if not later:
        return {name: part for defs in several for name, part in defs.items()}
    first = next((defs for defs in later if isinstance(defs, Separate)), later[0])
    return first.joined({name for defs in several for name in (defs.roots if isinstance(defs, Definitions) else defs)})
