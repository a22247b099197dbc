"""What was found at one place of a document -> the actions under which it is no deviation any more: a table of small repairs.

Rules of this file:
1. A repair says the least that is true of all that was found: one more value, one more type, one name less that is required.
2. A limit is moved to what was found; what cannot be moved (a pattern, a format) is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._display.words import short
from .._request.media_type import essence, kind_of
from .deviation import Deviation, Way
from .infer import infer, kind
from .place import at, jsonpath, quoted, tokens_of
from .sample import Sample

Action = dict[str, Any]
SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})
VALUED = ("type", "enum", "const", "format", "pattern")  # what a schema says of a scalar


@dataclass
class Case:
    """All that deviates at one place in one way."""

    way: Way
    found: list[tuple[Deviation, Sample]] = field(default_factory=list)

    @property
    def first(self) -> Deviation:
        return self.found[0][0]

    @property
    def pointer(self) -> str:
        return self.way[-1].pointer

    @property
    def values(self) -> list[Any]:
        """What was found, each once."""
        return _distinct([deviation.value for deviation, _ in self.found])

    @property
    def count(self) -> int:
        return sum({id(sample): sample.count for _, sample in self.found}.values())

    def evidence(self) -> list[dict[str, Any]]:
        """What it rests on, operation by operation."""
        by_use: dict[tuple[str, str, str], list[tuple[Deviation, Sample]]] = {}
        for deviation, sample in self.found:
            by_use.setdefault((sample.operation_id, sample.side, _sequence(sample)), []).append((deviation, sample))
        return [_evidence(*use, found) for use, found in sorted(by_use.items())]


def _sequence(sample: Sample) -> str:
    """The media type of a sample that is an item of a sequence, such as an event of a stream; empty for a whole body."""
    return essence(sample.content_type) if kind_of(sample.content_type or "") in ("events", "lines") else ""


def _evidence(operation_id: str, side: str, sequence: str, found: Sequence[tuple[Deviation, Sample]]) -> dict[str, Any]:
    deviation, _ = found[0]
    seen = sum({id(sample): sample.count for _, sample in found}.values())
    first = min(sample.where for _, sample in found)
    facts = {"operation": operation_id, "side": side, **({"media_type": sequence} if sequence else {})}
    facts |= {"path": deviation.path, "message": deviation.message}
    return {**facts, "seen": seen, "first": first, "example": short(deviation.value, 60)}


def _distinct(values: Sequence[Any]) -> list[Any]:
    kept = {(kind(value), repr(value)): value for value in values}
    return [kept[key] for key in sorted(kept)]


# --- repairs -------------------------------------------------------------------------------------


def repairs(root: Any, case: Case, is_old: bool) -> list[Action]:
    """The actions; none where there is no repair. ``is_old``: in the words of OpenAPI 3.0.

    Raises:
        LookupError, TypeError, ValueError: the place is not in the document.
    """
    tokens = tokens_of(case.pointer)
    if case.first.kind == "undeclared-status":
        return _status(root, tokens, case, is_old)
    if case.first.kind == "undeclared-content-type":
        return [{"target": jsonpath(root, tokens), "update": {"content": _content(case, is_old)}}]
    if case.first.kind == "undeclared-field":
        tokens = tokens[:-1] if tokens[-1] in ("additionalProperties", "unevaluatedProperties") and case.first.cause else tokens
        schema = infer(case.values, is_old=is_old)
        return [{"target": jsonpath(root, tokens), "update": {"properties": {_name(case): schema}}}]
    *holder, keyword = tokens
    place = Place(root, holder, at(root, holder), is_old)
    cause = case.first.cause
    if keyword in ("anyOf", "oneOf") and cause is not None:
        return _union(place, keyword, case, cause.keyword)
    return REPAIRS.get(keyword, _dropped)(place, keyword, case)


@dataclass(frozen=True)
class Place:
    """A schema in the document that is to be repaired."""

    root: Any
    tokens: list[str]
    schema: dict[str, Any]
    is_old: bool

    def target(self, *more: str) -> str:
        return jsonpath(self.root, [*self.tokens, *more])

    def update(self, content: Any, *more: str) -> Action:
        return {"target": self.target(*more), "update": content}

    def remove(self, keyword: str) -> Action:
        return {"target": self.target(keyword), "remove": True}


def _name(case: Case) -> str:
    """The name of the member that is not declared, or missing."""
    path = case.first.path
    return path[path.rindex('["') + 2 : -2] if path.endswith('"]') else path.rpartition(".")[2]


def _type(place: Place, _keyword: str, case: Case) -> list[Action]:
    declared = place.schema["type"]
    kinds = {kind(value) for value in case.values}
    known = [declared] if isinstance(declared, str) else list(declared)
    if place.is_old and kinds == {"null"}:
        return [place.update({"nullable": True})]
    if kinds <= SCALARS and (not place.is_old or (kinds == {"number"} and known == ["integer"])):
        names = [name for name in known if not (name == "integer" and "number" in kinds)] + sorted(kinds)
        names = [name for name in names if not (name == "integer" and "number" in names)]
        return [place.remove("type"), place.update({"type": names[0] if len(names) == 1 else names})]
    return _branch(place, case.values)


def _branch(place: Place, values: Sequence[Any]) -> list[Action]:
    """What the schema says of scalars becomes one branch, what was found another."""
    if "anyOf" in place.schema:
        return []
    valued = {keyword: place.schema[keyword] for keyword in VALUED if keyword in place.schema}
    branches = [valued, infer([value for value in values if value is not None], is_old=place.is_old)]
    nullable: list[Action] = []
    if None in values:
        nullable = [place.update({"nullable": True})] if place.is_old else []
        branches += [] if place.is_old else [{"type": "null"}]
    return [*map(place.remove, valued), place.update({"anyOf": branches}), *nullable]


def _enum(place: Place, _keyword: str, case: Case) -> list[Action]:
    declared = place.schema.get("type", [])
    types = {declared} if isinstance(declared, str) else set(declared)
    kinds = {kind(value) for value in case.values} - {"null"}
    if kinds & {"object", "array"} or (types and not kinds <= types):
        return _branch(place, case.values)
    return [place.update(case.values, "enum")]


def _const(place: Place, _keyword: str, case: Case) -> list[Action]:
    return [place.remove("const"), place.update({"enum": [place.schema["const"], *case.values]})]


def _required(place: Place, _keyword: str, case: Case) -> list[Action]:
    return [{"target": f"{place.target('required')}[?@ == {quoted(_name(case))}]", "remove": True}]


def _moved(furthest: Callable[[Sequence[Any]], Any], measure: Callable[[Any], Any]) -> Callable[[Place, str, Case], list[Action]]:
    def repair(place: Place, keyword: str, case: Case) -> list[Action]:
        return [place.update({keyword: furthest([measure(value) for value in case.values])})]

    return repair


def _dropped(place: Place, keyword: str, _case: Case) -> list[Action]:
    return [place.remove(keyword)]


REPAIRS: Mapping[str, Callable[[Place, str, Case], list[Action]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "minimum": _moved(min, lambda value: value),
    "maximum": _moved(max, lambda value: value),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), _moved(min, len)),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), _moved(max, len)),
}


# --- unions --------------------------------------------------------------------------------------


def _union(place: Place, keyword: str, case: Case, broken: str) -> list[Action]:
    if broken == "oneOf":  # fits more than one of them
        if "anyOf" in place.schema:
            return []
        return [
            place.update({"anyOf": []}),
            {"target": f"{place.target()}['anyOf']", "copy": place.target("oneOf")},
            place.remove("oneOf"),
        ]
    if broken == "enum":
        return [place.update(list(_kinds(case, place.is_old)), keyword)]
    values = [value for value in case.values if value is not None]
    actions: list[Action] = []
    if values:
        actions.append(place.update([_admitting(values, case, place.is_old)], keyword))
    if len(values) < len(case.values):
        actions.append(place.update({"nullable": True}) if place.is_old else place.update([{"type": "null"}], keyword))
    return actions


def _admitting(values: Sequence[Any], case: Case, is_old: bool) -> dict[str, Any]:
    """A branch for values that no branch was meant for: of texts that are none of certain ones, just these."""
    cause = case.first.cause
    choices = cause.wanted[1] if cause is not None and cause.keyword == "types-or-values" else ()
    if choices and all(isinstance(value, str) for value in [*values, *choices]):
        return {"type": "string", "enum": list(values)}
    return infer(values, is_old=is_old)


def _kinds(case: Case, is_old: bool) -> Iterator[dict[str, Any]]:
    """A branch for each kind of object that no branch is for, by its tag."""
    objects: dict[str, list[Any]] = {}
    for deviation, sample in case.found:
        assert deviation.cause is not None
        holder = at(sample.body, [str(step) for step in deviation.cause.path[:-1]])
        objects.setdefault(str(deviation.value), []).append(holder)
    name = str(case.first.cause.path[-1]) if case.first.cause is not None else ""
    for tag, found in sorted(objects.items()):
        schema = infer(found, is_old=is_old)
        yield {**schema, "required": [name], "properties": {**schema.get("properties", {}), name: {"type": "string", "enum": [tag]}}}


# --- answers -------------------------------------------------------------------------------------


def _status(root: Any, tokens: list[str], case: Case, is_old: bool) -> list[Action]:
    content = _content(case, is_old)
    response = {"description": "Seen in answers.", **({"content": content} if content else {})}
    return [{"target": jsonpath(root, tokens), "update": {str(case.first.status): response}}]


def _content(case: Case, is_old: bool) -> dict[str, Any]:
    """What came, by media type."""
    bodies: dict[str, list[Sample]] = {}
    for _, sample in case.found:
        if sample.content_type:
            bodies.setdefault(essence(sample.content_type), []).append(sample)
    return {name: {"schema": _seen(found, is_old)} for name, found in sorted(bodies.items())}


def _seen(found: Sequence[Sample], is_old: bool) -> dict[str, Any]:
    if any(sample.is_file for sample in found):
        return {"type": "string", "format": "binary"}
    return infer([sample.body for sample in found], is_old=is_old)
