"""An invalid value -> the keywords that it breaks, one after another, no more of them than are asked for.

Rules of this file:
1. jsonschema-rs has decided; this only finds the place. Where a keyword's own meaning is subtle (equality, patterns,
   multiples, what is unevaluated), jsonschema-rs is asked again, so that the two cannot disagree.
2. Faults come lazily, in the schema's order, and hold the values themselves: nothing is copied, nothing is worded.
3. What a union's branches break is bounded, for all unions of a value together: of the rest each tells its first fault.
   So does, after many steps, what a reference names and was asked of the same value before: where branches lead to the
   same member each, the ways to it double at every level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from .formats import FORMATS
from .json import is_deeper, types_of
from .schema import Schema
from .verdict import is_pattern

MOST = 100  # faults that are looked for: of a value, and of one branch of a union
MOST_STEPS = 300_000  # schemas that are asked, so that unions within unions have an end
MANY_STEPS = 10_000  # after which what was asked of a value once is not asked again
DEEPEST = 6  # levels of a value of which all errors are asked at once, each in the words of every branch
MOST_IN_BRANCHES = 2_000  # of all branches of all unions of a value
Path = tuple[str | int, ...]
Kind = tuple[Path, tuple[str | None, ...], str]  # of a fault


@dataclass(frozen=True)
class Fault:
    """One broken keyword.

    Attributes:
        keyword, wanted: the keyword and its value.
        value: what breaks it.
        path: where the value stands in the whole; ``relative``: below the union that the keyword is a branch's of.
        place: where the keyword stands, from the root of the schema; references are passed through without a word.
        schema: what the keyword stands in.
        missing: the property that is required and not there.
        branch: which branch of a union it belongs to.
        context: what is wrong in each branch, of a union.
        message: the words of who found it, where it is for others to say.
    """

    keyword: str
    wanted: Any
    value: Any
    path: Path
    relative: Path
    place: Path
    schema: Any
    missing: str = ""
    branch: int = -1
    context: tuple[Fault, ...] = ()
    message: str = ""

    @property
    def is_at_root(self) -> bool:
        """Whether it is about the value itself rather than a member of it."""
        return not self.relative

    def kind(self, extra: str = "") -> Kind:
        """What it shares with all of its kind: the keyword's place, the path with any index, the member it is about."""
        return self.place, tuple(None if isinstance(step, int) else step for step in self.path), self.missing or extra


def faults(schema: Schema, value: Any) -> Iterator[Fault]:
    """The faults of a value; none where it is valid.

    Raises:
        RecursionError: it is nested too deep to be looked through, or in too many unions.
    """
    return _faults(_Search(schema), schema.schema, value, Spot(scope=(schema.schema,)))


@dataclass
class _Search:
    """What one search needs to know everywhere, and how many faults it may still look for in branches."""

    schema: Schema
    left: int = MOST_IN_BRANCHES
    steps: int = 0
    known: dict[tuple[int, int, Path], Fault | None] = field(default_factory=dict)  # the first faults, by schema and value

    parts: dict[tuple[int, str], Schema] = field(default_factory=dict)

    def part(self, schema: Any, without: str = "") -> Schema:
        """A schema on its own, without one of its keywords."""
        key = id(schema), without
        if key not in self.parts:
            self.parts[key] = self.schema.sub({name: wanted for name, wanted in schema.items() if name != without})
        return self.parts[key]

    def by_reference(self, target: Any, value: Any, spot: Spot) -> Iterator[Fault]:
        """The faults of a value by the schema that a reference names."""
        key = id(target), id(value), spot.path
        if self.steps > MANY_STEPS and key in self.known:
            first = self.known[key]
            if first is not None:
                yield replace(first, relative=first.path[spot.start :], branch=spot.branch, context=())
            return
        found = _faults(self, target, value, spot.within(target))
        first = self.known[key] = next(found, None)
        if first is not None:
            yield first
            yield from found


class Spot(NamedTuple):
    """Where a search is.

    Attributes:
        path: where in the value; ``place``: where in the schema.
        start: the length of the path at the last union; ``branch``: which branch of it this is.
        scope: the schemas that references led through, outermost first (JSON Schema 2020-12 §7.1).
    """

    path: Path = ()
    place: Path = ()
    start: int = 0
    branch: int = -1
    scope: tuple[Any, ...] = ()

    def fault(self, keyword: str, wanted: Any, value: Any, schema: Any, **more: Any) -> Fault:
        place = (*self.place, keyword)
        return Fault(keyword, wanted, value, self.path, self.path[self.start :], place, schema, branch=self.branch, **more)

    def at(self, *place: str | int) -> Spot:
        return Spot(self.path, self.place + place, self.start, self.branch, self.scope)

    def member(self, key: str | int, *place: str | int) -> Spot:
        return Spot((*self.path, key), self.place + place, self.start, self.branch, self.scope)

    def in_branch(self, keyword: str, index: int) -> Spot:
        return Spot(self.path, (*self.place, keyword, index), len(self.path), index, self.scope)

    def within(self, target: Any) -> Spot:
        return Spot(self.path, self.place, self.start, self.branch, (*self.scope, target))


def _faults(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    if not isinstance(schema, dict):
        if schema is False:
            yield replace(spot.fault("not", {}, value, schema), place=spot.place)
        return
    search.steps += 1
    if search.steps > MOST_STEPS:
        raise RecursionError  # the verdict has words of its own
    for keyword, wanted in schema.items():
        holds = HOLDS.get(keyword)
        if holds is not None:
            if not holds(value, wanted):
                yield spot.fault(keyword, wanted, value, schema)
        elif keyword in APPLICATORS:
            yield from APPLICATORS[keyword](search, schema, value, spot)


def _holds(search: _Search, schema: Any, value: Any) -> bool:
    return next(_faults(search, schema, value, Spot(scope=(search.schema.schema,))), None) is None


# --- assertions ----------------------------------------------------------------------------------


def _of(kind: type | tuple[type, ...], check: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A check that speaks of values of one kind only."""
    return lambda value, wanted: not isinstance(value, kind) or isinstance(value, bool) or check(value, wanted)


def _has_type(value: Any, wanted: Any) -> bool:
    return not types_of(value).isdisjoint([wanted] if isinstance(wanted, str) else wanted)


def _equals(value: Any, wanted: Any) -> bool:
    if isinstance(value, str) or isinstance(wanted, str):
        return bool(value == wanted)
    return _verdict({"const": wanted}, value)


def _verdict(schema: Any, value: Any) -> bool:
    import jsonschema_rs

    return jsonschema_rs.is_valid(schema, value)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"pattern": pattern}) if is_pattern(pattern) else None


def matches(pattern: str, value: str) -> bool:
    """Whether a text matches a regular expression; one that cannot be read matches everything."""
    compiled = _compiled(pattern)
    return compiled is None or bool(compiled.is_valid(value))


_NUMBER, _LIST = (int, float), (list, tuple)

HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": _has_type,
    "enum": lambda value, wanted: any(_equals(value, each) for each in wanted),
    "const": _equals,
    "minimum": _of(_NUMBER, lambda value, wanted: value >= wanted),
    "maximum": _of(_NUMBER, lambda value, wanted: value <= wanted),
    "exclusiveMinimum": _of(_NUMBER, lambda value, wanted: value > wanted),
    "exclusiveMaximum": _of(_NUMBER, lambda value, wanted: value < wanted),
    "multipleOf": _of(_NUMBER, lambda value, wanted: _verdict({"multipleOf": wanted}, value)),
    "minLength": _of(str, lambda value, wanted: len(value) >= wanted),
    "maxLength": _of(str, lambda value, wanted: len(value) <= wanted),
    "pattern": _of(str, lambda value, wanted: matches(wanted, value)),
    "format": _of(str, lambda value, wanted: wanted not in FORMATS or FORMATS[wanted](value)),
    "minItems": _of(_LIST, lambda value, wanted: len(value) >= wanted),
    "maxItems": _of(_LIST, lambda value, wanted: len(value) <= wanted),
    "uniqueItems": _of(_LIST, lambda value, wanted: not wanted or _verdict({"uniqueItems": True}, value)),
    "minProperties": _of(dict, lambda value, wanted: len(value) >= wanted),
    "maxProperties": _of(dict, lambda value, wanted: len(value) <= wanted),
}


# --- objects and lists ---------------------------------------------------------------------------


def _required(_search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    for name in schema["required"] if isinstance(value, dict) else ():
        if name not in value:
            yield spot.fault("required", schema["required"], value, schema, missing=name)


def _dependent_required(_search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    for present, names in schema["dependentRequired"].items() if isinstance(value, dict) else ():
        for name in names if present in value else ():
            if name not in value:
                yield spot.fault("dependentRequired", {present: names}, value, schema, missing=name)


def _dependent_schemas(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    for name, declared in schema["dependentSchemas"].items() if isinstance(value, dict) else ():
        if name in value:
            yield from _faults(search, declared, value, spot.at("dependentSchemas", name))


def _properties(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    for name, declared in schema["properties"].items() if isinstance(value, dict) else ():
        if name in value:
            yield from _faults(search, declared, value[name], spot.member(name, "properties", name))


def _pattern_properties(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    for pattern, declared in schema["patternProperties"].items() if isinstance(value, dict) else ():
        for name, item in value.items():
            if is_pattern(pattern) and matches(pattern, name):
                yield from _faults(search, declared, item, spot.member(name, "patternProperties", pattern))


def undeclared(schema: Any, value: Any) -> Iterator[str]:
    """The keys of an object that ``additionalProperties`` speaks of."""
    declared = schema.get("properties", {})
    patterns = [pattern for pattern in schema.get("patternProperties", ()) if is_pattern(pattern)]
    for name in value:
        if name not in declared and not any(matches(pattern, name) for pattern in patterns):
            yield name


def _additional_properties(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    wanted = schema["additionalProperties"]
    if wanted is True or not isinstance(value, dict):
        return
    for name in undeclared(schema, value):
        if wanted is False:
            yield spot.fault("additionalProperties", wanted, value, schema)
            return
        yield from _faults(search, wanted, value[name], spot.member(name, "additionalProperties"))


def _property_names(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    for name in value if isinstance(value, dict) else ():
        yield from _faults(search, schema["propertyNames"], name, spot.at("propertyNames"))


def _prefix_items(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    if isinstance(value, _LIST):
        for index, (item, declared) in enumerate(zip(value, schema["prefixItems"], strict=False)):
            yield from _faults(search, declared, item, spot.member(index, "prefixItems", index))


def _items(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    first, wanted = len(schema.get("prefixItems", ())), schema["items"]
    if not isinstance(value, _LIST) or len(value) <= first or wanted is True:
        return
    if wanted is False:
        yield replace(spot.fault("maxItems", first, value, schema), place=(*spot.place, "items"))
        return
    for index in range(first, len(value)):
        yield from _faults(search, wanted, value[index], spot.member(index, "items"))


def _contains(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    if not isinstance(value, _LIST):
        return
    found = sum(_holds(search, schema["contains"], item) for item in value)
    if found < schema.get("minContains", 1):
        yield spot.fault("minContains" if found else "contains", schema["contains"], value, schema)
    elif found > schema.get("maxContains", found):
        yield spot.fault("maxContains", schema["maxContains"], value, schema)


def _is_broken(part: Schema, keyword: str, value: Any) -> bool:
    return any(not error.instance_path and error.schema_path[-1] == keyword for error in part.errors(value))


def _unevaluated(keyword: str) -> Callable[[_Search, Any, Any, Spot], Iterator[Fault]]:
    def rule(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
        if not isinstance(value, (dict, *_LIST)) or search.part(schema).is_valid(value):
            return
        is_alone = search.part(schema, keyword).is_valid(value)
        if is_alone or (not is_deeper(value, DEEPEST) and _is_broken(search.part(schema), keyword, value)):
            yield spot.fault(keyword, schema[keyword], value, schema)

    return rule


# --- schemas in place ----------------------------------------------------------------------------


def _ref(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    yield from search.by_reference(search.schema.target(schema["$ref"]), value, spot)


def _dynamic_ref(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    """The outermost schema on the way here that has the anchor, else what a plain reference names (2020-12 §8.2.3.2)."""
    anchor = schema["$dynamicRef"].rpartition("#")[2]
    resources = [each for each in spot.scope if isinstance(each, dict)]
    anchored = (each for resource in resources for each in (resource, *resource.get("$defs", {}).values()))
    named = next((each for each in anchored if each.get("$dynamicAnchor") == anchor), None)
    target = search.schema.target(schema["$dynamicRef"]) if named is None else named
    yield from search.by_reference(target, value, spot)


def _all_of(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    for index, branch in enumerate(schema["allOf"]):
        yield from _faults(search, branch, value, spot.at("allOf", index))


def _union(keyword: str) -> Callable[[_Search, Any, Any, Spot], Iterator[Fault]]:
    def rule(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
        branches = [_faults(search, each, value, spot.in_branch(keyword, i)) for i, each in enumerate(schema[keyword])]
        firsts = [next(branch, None) for branch in branches]
        fitting = firsts.count(None)
        if not fitting:
            context: list[Fault] = []
            for first, branch in zip(firsts, branches, strict=True):
                assert first is not None
                rest = list(islice(branch, max(0, min(MOST - 1, search.left))))
                search.left -= len(rest)
                context += [first, *rest]
            yield spot.fault(keyword, schema[keyword], value, schema, context=tuple(context))
        elif fitting > 1 and keyword == "oneOf":
            yield spot.fault(keyword, schema[keyword], value, schema)

    return rule


def _not(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    if _holds(search, schema["not"], value):
        yield spot.fault("not", schema["not"], value, schema)


def _if(search: _Search, schema: Any, value: Any, spot: Spot) -> Iterator[Fault]:
    then = "then" if _holds(search, schema["if"], value) else "else"
    if then in schema:
        yield from _faults(search, schema[then], value, spot.at(then))


APPLICATORS: Mapping[str, Callable[[_Search, Any, Any, Spot], Iterator[Fault]]] = {
    "$ref": _ref,
    "$dynamicRef": _dynamic_ref,
    "allOf": _all_of,
    "anyOf": _union("anyOf"),
    "oneOf": _union("oneOf"),
    "not": _not,
    "if": _if,
    "required": _required,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "prefixItems": _prefix_items,
    "items": _items,
    "contains": _contains,
    "unevaluatedProperties": _unevaluated("unevaluatedProperties"),
    "unevaluatedItems": _unevaluated("unevaluatedItems"),
}
