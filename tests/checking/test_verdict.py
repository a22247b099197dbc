"""A schema that needs a great many others is compiled in parts, when values get there, and its verdicts are those of the whole."""

import gc
import sys
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from paradoxes import is_paradox

from dynaopenai import Client, SpecError
from dynaopenai._checking import verdict as _verdict
from dynaopenai._checking.bundle import Separate
from dynaopenai._checking.check import violations
from dynaopenai._checking.dialect import Dialect
from dynaopenai._checking.fault import faults
from dynaopenai._checking.reach import FEW, Reach
from dynaopenai._checking.schema import Schema
from dynaopenai._document.document import load

NAMES = ("A", "B", "C", "D")
MEMBERS = ("a", "b", "kind")


def both(schemas: dict[str, Any], name: str = "A") -> tuple[Schema, Schema]:
    """A schema compiled in parts, and as a whole."""
    node = load({"openapi": "3.1.0", "components": {"schemas": schemas}}).node.child("components").child("schemas").child(name)
    return tuple(Schema.from_bundle(Dialect("any", reach=Reach(few)).bundle(node)) for few in (-1, FEW))  # type: ignore[return-value]  # they are two


def refer(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3)
    keywords = {
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=2),
        "additionalProperties": inner,
        "unevaluatedProperties": inner,
        "propertyNames": inner,
        "items": inner,
        "prefixItems": several,
        "contains": inner,
        "unevaluatedItems": inner,
        "allOf": several,
        "anyOf": several,
        "oneOf": several,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "dependentSchemas": named,
        "required": st.lists(st.sampled_from(MEMBERS), max_size=2),
    }
    return st.lists(st.sampled_from(sorted(keywords)), min_size=1, max_size=3, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({key: keywords[key] for key in chosen})
    )


REFERENCES = st.sampled_from(NAMES).map(refer)
PLAIN = st.sampled_from(
    [{}, {"type": "object"}, {"type": "string"}, {"type": "array"}, {"type": ["integer", "null"]}, {"const": "a"}, {"minProperties": 1}, {"maxLength": 1}]
)
SCHEMAS = st.fixed_dictionaries(dict.fromkeys(NAMES, st.recursive(PLAIN | REFERENCES, _combined, max_leaves=8)))
VALUES = st.recursive(
    st.sampled_from([None, True, 1, 0.5, "", "a", "kind"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*MEMBERS, "other"]), inner, max_size=3),
    max_leaves=8,
)


@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=6))
def test_parts_and_the_whole_never_disagree(schemas: dict[str, Any], values: list[Any]) -> None:
    assume(not is_paradox(schemas))
    try:
        parts, whole = both(schemas)
        verdicts = [whole.is_valid(value) for value in values]
    except SpecError:
        return  # it leads in a circle
    assert [parts.is_valid(value) for value in values] == verdicts
    assert [list(map(str, violations(parts, value))) for value in values] == [list(map(str, violations(whole, value))) for value in values]


CLOSED = {"type": "object", "properties": {"a": {"type": "string"}}}
CASES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "a member": ({"A": {"properties": {"a": refer("B")}}, "B": CLOSED}, {"a": {"a": "x"}}, {"a": {"a": 1}}),
    "items": ({"A": {"items": refer("B")}, "B": CLOSED}, [{"a": "x"}], [{"a": 1}]),
    "a key": ({"A": {"propertyNames": refer("B")}, "B": {"maxLength": 1}}, {"a": 1}, {"ab": 1}),
    "none of them": ({"A": {"items": {"not": refer("B")}}, "B": CLOSED | {"required": ["a"]}}, [{}], [{"a": "x"}]),
    "what is left over": (
        {"A": {"properties": {"a": {**refer("B"), "unevaluatedProperties": False}}}, "B": {"allOf": [refer("C")]}, "C": CLOSED},
        {"a": {"a": "x"}},
        {"a": {"b": "x"}},
    ),
    "what is left over goes elsewhere": (
        {"A": {"properties": {"b": True}, "unevaluatedProperties": refer("B")}, "B": CLOSED},
        {"b": 1, "c": {"a": "x"}},
        {"b": 1, "c": {"a": 1}},
    ),
    "itself": ({"A": {"properties": {"a": refer("A")}, "required": ["b"]}}, {"b": 1, "a": {"b": 1}}, {"b": 1, "a": {}}),
    "a schema that is none": ({"A": {"items": refer("B")}, "B": False}, [], [1]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_reference_means_the_same_in_parts(case: str) -> None:
    schemas, valid, invalid = CASES[case]
    for schema in both(schemas):
        assert schema.is_valid(valid)
        assert not schema.is_valid(invalid)
        assert list(faults(schema, invalid))


def test_references_in_a_circle_end() -> None:
    """What they mean for a value is nobody's to say; jsonschema-rs takes it."""
    schemas = {"A": {"items": refer("B")}, "B": {"anyOf": [refer("C"), {"type": "string"}]}, "C": {"anyOf": [refer("B"), {"type": "null"}]}}
    parts, whole = both(schemas)

    assert [parts.is_valid([value]) for value in (None, "a", 1)] == [whole.is_valid([value]) for value in (None, "a", 1)]


def deep(levels: int, end: Any) -> Any:
    value = end
    for _ in range(levels):
        value = {"a": value}
    return value


def test_a_value_too_deep_for_the_stack_has_the_verdict_of_the_whole() -> None:
    parts, _ = both({"A": {"type": "object", "properties": {"a": refer("A")}}})

    for levels in range(100, sys.getrecursionlimit(), 50):
        assert parts.is_valid(deep(levels, {}))
        assert not parts.is_valid(deep(levels, 1))
    assert parts.is_valid({"a": {}})  # nothing of that is left


def further_down(frames: int, ask: Callable[[], Any]) -> Any:
    return further_down(frames - 1, ask) if frames else ask()


def test_however_little_of_the_stack_is_left_a_verdict_is_right_or_there_is_none() -> None:
    parts, _ = both({"A": {"type": "object", "properties": {"a": refer("B")}}, "B": {"type": "object", "properties": {"a": refer("A")}, "not": {"required": ["b"]}}})
    value, wrong = deep(40, {}), deep(39, {"b": 1})
    ended = 0
    for frames in range(sys.getrecursionlimit() - 260, sys.getrecursionlimit()):
        try:
            assert further_down(frames, lambda: (parts.is_valid(value), parts.is_valid(wrong))) == (True, False)
        except RecursionError:
            ended += 1
    assert ended


def test_an_interruption_within_a_verdict_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    parts, _ = both({"A": {"items": refer("B")}, "B": {"type": "string"}})
    monkeypatch.setattr(_verdict, "_named", interrupted)

    with pytest.raises(KeyboardInterrupt):
        parts.is_valid(["a"])


def test_a_part_that_cannot_be_used_is_told_as_the_whole_tells_it() -> None:
    twice = {f"S{n}": {"allOf": [refer(f"S{n + 1}"), {"anyOf": [refer(f"S{n + 1}")]}]} for n in range(40)}
    schemas = {"A": {"properties": {"a": refer("S0")}}, **twice, "S40": {"type": "string"}}
    parts, whole = both(schemas)

    with pytest.raises(SpecError) as expected:
        whole.is_valid({})
    assert parts.is_valid({})  # nothing of it is needed
    with pytest.raises(SpecError, match="cannot be used") as told:
        parts.is_valid({"a": 1})
    assert str(told.value) == str(expected.value)


def test_a_pattern_that_no_engine_reads_is_passed_over_in_its_part() -> None:
    for schema in both({"A": {"items": refer("B")}, "B": {"type": "string", "pattern": "["}}):
        assert schema.is_valid(["a"])
        assert not schema.is_valid([1])


def many(size: int) -> dict[str, Any]:
    """A document of schemas each of which leads to all others."""
    links = {f"S{n}": {"type": "object", "properties": {"next": refer(f"S{(n + 1) % size}"), f"name{n}": {"type": "string"}}} for n in range(size)}
    body = {"content": {"application/json": {"schema": refer("S0")}}}
    posts = {f"/{name}": {"post": {"operationId": name, "requestBody": body, "responses": {"200": {"description": "", **body}}}} for name in links}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "servers": [{"url": "http://127.0.0.1"}], "paths": posts, "components": {"schemas": links}}


def test_only_what_values_get_to_is_compiled_and_once_for_all_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(many(3 * FEW), api_key="k")
    compiled: list[Any] = []
    compile_ = _verdict.compiled
    monkeypatch.setattr(_verdict, "compiled", lambda *args: compiled.append(args[0]) or compile_(*args))

    for operation in list(client.operations.values())[:20]:
        operation.prepare(next={"next": {"name2": "x"}})
        assert operation.validate_response({"next": {"name1": 1}}) != []

    assert len(compiled) == 3 + 2  # for requests, and for answers
    assert not any("$defs" in schema for schema in compiled)


def test_what_was_compiled_goes_with_its_client() -> None:
    client = Client(many(3 * FEW), api_key="k")
    assert client["S0"].validate_response({"next": {"next": {"name2": "x"}}}) == []
    dialect = weakref.ref(client._engine.contract._dialects["response"])

    del client
    gc.collect()

    assert dialect() is None


def test_a_name_that_is_declared_far_away_is_no_slip_of_the_pen() -> None:
    client = Client(many(3 * FEW), api_key="k")
    operation = client["S0"]

    assert operation.validate_request(next={"name299": "x"}) == []
    (found,) = operation.validate_request(next={"nam1": "x"})
    assert "name1" in found.hint


def test_all_that_is_referred_to_can_be_listed() -> None:
    parts, whole = both({"A": {"items": refer("B")}, "B": {"items": refer("A"), "maxItems": 1}, "C": {}})

    assert isinstance(parts.defs, Separate)
    assert not isinstance(whole.defs, Separate)
    assert parts.bundle == whole.bundle
    assert parts.places["B"].pointer == "/components/schemas/B"


@pytest.mark.parametrize("odd", [{"$dynamicRef": "#x"}, {"$id": "https://api.test/x"}, refer("Nowhere")])
def test_what_cannot_be_taken_apart_stays_whole(odd: dict[str, Any]) -> None:
    root = load({"components": {"schemas": {"A": {"items": refer("B")}, "B": {"items": odd}}}}).node
    node = root.child("components").child("schemas").child("A")

    assert not Reach(-1).is_far([node])


def test_an_anchor_of_ones_own_counts_where_others_are_referred_to() -> None:
    generic = {"type": "array", "items": {"$dynamicRef": "#item"}, "$defs": {"any": {"$dynamicAnchor": "item"}}}
    texts = {**refer("B"), "$defs": {"text": {"$dynamicAnchor": "item", "type": "string"}}}
    for schema in both({"A": texts, "B": generic}):
        assert schema.is_valid(["a"])
        assert not schema.is_valid([1])
