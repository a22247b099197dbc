"""The classification of changes, held against random schemas and random payloads."""

import os
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from paradoxes import is_paradox

from dynaopenai._checking.contract import Contract
from dynaopenai._diff.change import NO_WITNESS
from dynaopenai._diff.diff import diff
from dynaopenai._document.document import load

NAMES = ("a", "b", "c")
LIMITS = st.integers(0, 4)
SCALARS = st.sampled_from([None, True, False, 0, 1, 2, 3.5, -1, 5, "", "a", "bb", "ccc", "ddddd", "2024-01-31"])
PAYLOADS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*NAMES, "z")), inner, max_size=4),
    max_leaves=8,
)
KEYWORDS: dict[str, st.SearchStrategy[Any]] = {
    "minLength": LIMITS, "maxLength": LIMITS, "pattern": st.sampled_from(["^a", "b", "d$"]), "format": st.just("date"),
    "minimum": LIMITS, "maximum": LIMITS, "exclusiveMinimum": LIMITS, "multipleOf": st.integers(1, 3),
    "minItems": LIMITS, "maxItems": LIMITS, "uniqueItems": st.booleans(),
    "minProperties": LIMITS, "maxProperties": LIMITS, "required": st.lists(st.sampled_from(NAMES), unique=True),
    "enum": st.lists(SCALARS, min_size=1, max_size=3), "const": SCALARS,
}  # fmt: skip
TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
REF = st.sampled_from(NAMES).map(lambda name: {"$ref": f"#/components/schemas/{name}"})


def _plain(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True),
            "properties": st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
            "items": inner,
            "additionalProperties": st.booleans() | inner,
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b|z"]), inner, min_size=1, max_size=1),
            "propertyNames": st.sampled_from([{"maxLength": 1}, {"pattern": "^[ab]"}, {"minLength": 1}]),
            "dependentSchemas": st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=1),
            "contains": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "if": inner,
            "then": inner,
            "readOnly": st.just(True),
            **KEYWORDS,
        },
    ).map(_thinned)


def _thinned(schema: dict[str, Any]) -> dict[str, Any]:
    """Few keywords, or hardly a value would be valid."""
    kept = {"type", "properties", "items", *sorted(schema)[-1 - len(schema) % 4 :]}
    return {key: value for key, value in schema.items() if key in kept}


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.lists(inner, min_size=1, max_size=3)
    union = st.sampled_from(["anyOf", "oneOf", "allOf"]).flatmap(lambda name: branches.map(lambda found: {name: found}))
    both = st.tuples(union, _plain(inner)).map(lambda pair: {**pair[1], **pair[0]})
    return _plain(inner) | union | both | REF | inner.map(lambda schema: {"not": schema})


SCHEMAS = st.recursive(_plain(st.booleans()) | REF, _deeper, max_leaves=5)
COMPONENTS = st.fixed_dictionaries(dict.fromkeys(NAMES, SCHEMAS))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two sets of schemas that differ a little, or altogether."""
    old = draw(COMPONENTS)
    new = draw(COMPONENTS) if draw(st.booleans()) else {**old, draw(st.sampled_from(NAMES)): draw(SCHEMAS)}
    if draw(st.booleans()):
        name = draw(st.sampled_from(NAMES))
        if isinstance(old[name], dict):
            changed = {key: value for key, value in old[name].items() if draw(st.booleans())}
            keyword = draw(st.sampled_from(sorted(KEYWORDS)))
            new = {**old, name: {**changed, keyword: draw(KEYWORDS[keyword])}}
    assume(not is_paradox(old) and not is_paradox(new))
    return old, new


def document(schemas: dict[str, Any]) -> dict[str, Any]:
    media = {"application/json": {"schema": {"$ref": "#/components/schemas/a"}}}
    operation = {"operationId": "op", "requestBody": {"content": media}, "responses": {"200": {"description": "", "content": media}}}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"post": operation}}, "components": {"schemas": schemas}}


def is_valid(contract: Contract, direction: Any, payload: Any) -> bool:
    operation = contract.operation("op")
    assert operation.request_body is not None
    contents = operation.request_body.content if direction == "request" else operation.responses["200"].content
    node = contents["application/json"].schema
    assert node is not None
    return contract.schema(node, direction).is_valid(payload)


def keys(payload: Any) -> set[str]:
    inner = payload.values() if isinstance(payload, dict) else payload if isinstance(payload, list) else ()
    return set(payload if isinstance(payload, dict) else ()).union(*map(keys, inner))


SETTINGS = settings(max_examples=400 if os.environ.get("DYNAOPENAI_SOAK") else 40, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(pair=pairs(), payloads=st.lists(PAYLOADS, min_size=12, max_size=30))
def test_where_all_is_safe_no_valid_payload_becomes_invalid(pair: Any, payloads: list[Any]) -> None:
    old, new = (Contract(load(document(schemas))) for schemas in pair)
    changes = diff(old, new)

    for direction, before, after in (("request", old, new), ("response", new, old)):
        mine = [change for change in changes if change.direction == direction]
        if any(change.severity != "safe" for change in mine):
            continue
        new_names = {change.message.split('"')[1] for change in mine if change.code == "property-added"}
        for payload in payloads:
            if is_valid(before, direction, payload) and not (direction == "request" and keys(payload) & new_names):
                assert is_valid(after, direction, payload), (payload, pair, list(map(str, mine)))


@SETTINGS
@given(pair=pairs())
def test_every_breaking_change_shows_a_payload(pair: Any) -> None:
    old, new = (Contract(load(document(schemas))) for schemas in pair)

    for change in diff(old, new):
        if change.severity == "breaking":
            before, after = (old, new) if change.direction == "request" else (new, old)
            assert change.witness is not NO_WITNESS
            assert is_valid(before, change.direction, change.witness)
            assert not is_valid(after, change.direction, change.witness)


SIZES = st.integers(0, 10**9)


@SETTINGS
@given(name=st.sampled_from(["minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"]), limits=st.tuples(SIZES, SIZES))
def test_a_limit_of_any_size_is_breaking_where_it_tightens_and_nowhere_else(name: str, limits: tuple[int, int]) -> None:
    kind = "string" if name.endswith("Length") else "array" if name.endswith("Items") else "integer"
    old, new = (Contract(load(document({"a": {"type": kind, name: limit}}))) for limit in limits)
    tightens = limits[1] > limits[0] if name.startswith("min") else limits[1] < limits[0]

    told = {change.direction: change for change in diff(old, new)}

    assert told.keys() == (set() if limits[0] == limits[1] else {"request", "response"})
    for direction, change in told.items():
        assert (change.severity == "breaking") == (tightens == (direction == "request"))
        if change.witness is not NO_WITNESS:
            before, after = (old, new) if direction == "request" else (new, old)
            assert is_valid(before, direction, change.witness)
            assert not is_valid(after, direction, change.witness)


@SETTINGS
@given(schemas=COMPONENTS)
def test_a_document_does_not_differ_from_itself(schemas: Any) -> None:
    assert diff(document(schemas), document(schemas)) == []


STATUSES = st.dictionaries(
    st.sampled_from(["200", "201", "2XX", "404", "4XX", "default"]), st.sampled_from(["string", "integer"]), min_size=1, max_size=4
)


def answering(kinds: dict[str, str]) -> dict[str, Any]:
    answers = {
        status: {"description": "", "content": {"application/json": {"schema": {"type": kind}}}} for status, kind in kinds.items()
    }
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": {"operationId": "op", "responses": answers}}}}


def answered(kinds: dict[str, str], status: str) -> str | None:
    """What an answer with a status carries, by the most specific entry; ``default`` is an error's where success is declared."""
    has_success = any(each.startswith("2") for each in kinds)
    return kinds.get(status) or kinds.get(f"{status[0]}XX") or (None if status[0] == "2" and has_success else kinds.get("default"))


@SETTINGS
@given(old=STATUSES, new=STATUSES)
def test_an_answer_of_another_type_is_breaking_under_whatever_status_covers_it(old: Any, new: Any) -> None:
    pairs = [(answered(old, status), answered(new, status)) for status in ("200", "201", "202", "404", "400", "500")]
    differ = any(before and after and before != after for before, after in pairs)

    found = [change for change in diff(answering(old), answering(new)) if change.code == "type-changed"]

    assert bool(found) == differ
    assert all(change.severity == "breaking" for change in found)
