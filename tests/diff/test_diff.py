"""`dynaopenai.diff`: one hand-made pair per kind of change, and pairs that say the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from dynaopenai import SpecError
from dynaopenai._checking.contract import Contract
from dynaopenai._checking.schema import Schema
from dynaopenai._diff.change import CODES, NO_WITNESS, SCHEMA_CODES
from dynaopenai._diff.diff import diff
from dynaopenai._document.document import load

TABLE = json.loads(Path(__file__).with_name("diff.json").read_text("utf-8"))
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}
TREE: dict[str, Any] = {"type": "object", "properties": {"children": {"type": "array"}}}
SCHEMAS = {
    "A": OBJECT,
    "B": OBJECT,
    **{
        name: {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}}}
        for name in ("Tree", "Tree2")
    },
    **{
        f"Format{name}": {"type": "object", "required": ["type"], "properties": {"type": {"const": name}, name: {"type": "string"}}}
        for name in ("Text", "Json", "Schema")
    },
    "Format": {"oneOf": [{"$ref": f"#/components/schemas/Format{name}"} for name in ("Text", "Json", "Schema")]},
    "Format2": {"oneOf": [{"$ref": f"#/components/schemas/Format{name}"} for name in ("Json", "Schema", "Text")]},
}


def document(operation: dict[str, Any] | None = None, **root: Any) -> dict[str, Any]:
    declared = {"operationId": "op", "responses": {"200": {"description": ""}}, **(operation or {})}
    whole = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "components": {"schemas": SCHEMAS}, **root}
    paths = {"/a": {"post": declared}, **root.get("paths", {})}
    return {**whole, "paths": {path: item for path, item in paths.items() if item is not None}}


def asking(schema: Any) -> dict[str, Any]:
    return document({"requestBody": {"content": {"application/json": {"schema": schema}}}})


def answering(schema: Any) -> dict[str, Any]:
    return document({"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}})


def told(old: Any, new: Any) -> list[tuple[str, str]]:
    return [(change.code, change.severity) for change in diff(old, new)]


@pytest.mark.parametrize("case", TABLE["schemas"], ids=lambda case: case["code"])
def test_a_schema_in_a_request(case: dict[str, Any]) -> None:
    assert told(asking(case["old"]), asking(case["new"])) == [(case["code"], case["request"])]


@pytest.mark.parametrize("case", TABLE["schemas"], ids=lambda case: case["code"])
def test_a_schema_in_an_answer(case: dict[str, Any]) -> None:
    assert told(answering(case["old"]), answering(case["new"])) == [(case["code"], case["response"])]


@pytest.mark.parametrize("case", TABLE["schemas"], ids=lambda case: case["code"])
def test_a_schema_inside_an_array_inside_an_object(case: dict[str, Any]) -> None:
    old, new = ({"type": "object", "properties": {"list": {"type": "array", "items": case[key]}}} for key in ("old", "new"))

    assert told(asking(old), asking(new)) == [(case["code"], case["request"])]


def is_valid(document: dict[str, Any], way: Any, payload: Any) -> bool:
    contract = Contract(load(document))
    operation = contract.operation("op")
    content = operation.request_body.content if way == "request" and operation.request_body else operation.responses["200"].content
    node = content["application/json"].schema
    assert node is not None
    return contract.schema(node, way).is_valid(payload)


@pytest.mark.parametrize("case", TABLE["narrower"], ids=lambda case: case["name"])
def test_what_fewer_values_are_valid_for_is_breaking_both_ways(case: dict[str, Any]) -> None:
    for put, way, old, new in ((asking, "request", "old", "new"), (answering, "response", "new", "old")):
        before, after = put(case[old]), put(case[new])
        (change,) = [each for each in diff(before, after) if each.severity != "safe"]

        assert change.severity == "breaking"
        assert way == "response" or change.code == case["code"]
        assert change.witness == case.get("witness", change.witness)
        taking, refusing = (before, after) if way == "request" else (after, before)
        assert is_valid(taking, way, change.witness)
        assert not is_valid(refusing, way, change.witness)


def test_a_size_that_no_payload_can_be_written_for_is_judged_by_its_limits() -> None:
    (change,) = diff(asking({"type": "string", "maxLength": 10**9}), asking({"type": "string", "maxLength": 10**8}))

    assert (change.severity, change.witness, change.hint) == ("breaking", NO_WITNESS, "100,000,001 characters show it")


def test_a_payload_shows_one_change_and_no_other() -> None:
    old = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 10}}}
    new = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 5}, "b": {"type": "string"}}, "required": ["b"]}

    found = {change.code: change.witness for change in diff(asking(old), asking(new))}

    assert found.keys() == {"max-length-lowered", "required-property-added"}
    assert is_valid(asking({**new, "properties": old["properties"]}), "request", found["max-length-lowered"])
    assert is_valid(asking({**new, "required": []}), "request", found["required-property-added"])


def test_a_schema_that_cannot_be_used_is_judged_by_its_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Schema) -> None:
        raise ValueError

    monkeypatch.setattr(Schema, "is_valid", property(refused))

    (change,) = diff(asking({"type": "string"}), asking({"type": "string", "maxLength": 3}))

    assert (change.severity, change.witness) == ("breaking", NO_WITNESS)
    assert change.hint == "judged by its structure alone: the schema around it cannot be used"


@pytest.mark.parametrize("case", TABLE["operations"], ids=lambda case: case["code"])
def test_an_operation(case: dict[str, Any]) -> None:
    assert told(document(case["old"]), document(case["new"])) == [(case["code"], case["severity"])]


@pytest.mark.parametrize("case", TABLE["documents"], ids=lambda case: case["code"])
def test_a_document(case: dict[str, Any]) -> None:
    assert told(document(**case["old"]), document(**case["new"])) == [(case["code"], case["severity"])]


@pytest.mark.parametrize("case", TABLE["harmless"], ids=lambda case: case["name"])
def test_what_calls_do_not_notice_stops_no_merge(case: dict[str, Any]) -> None:
    assert [list(each) for each in told(document(**case["old"]), document(**case["new"]))] == case["told"]


@pytest.mark.parametrize(("put", "flag"), [(asking, "readOnly"), (answering, "writeOnly")])
def test_a_new_property_of_the_other_direction_forbids_nothing(put: Any, flag: str) -> None:
    new = {"type": "object", "properties": {"id": {"type": "string", flag: True}}}

    assert told(put({"type": "object"}), put(new)) == []


def test_null_said_as_either_version_says_it_is_the_same() -> None:
    old = {**asking({"type": "string", "nullable": True, "enum": ["a", "b"]}), "openapi": "3.0.3"}

    assert told(old, asking({"type": ["string", "null"], "enum": ["a", "b"]})) == []
    assert told(old, asking({"type": ["string", "null"], "enum": ["a", "b", None]})) == []
    assert told(old, asking({"type": "string", "enum": ["a", "b"]})) == [("null-forbidden", "breaking")]


@pytest.mark.parametrize(
    ("before", "after"), [("default", "200"), ("4XX", "400"), ("400", "4XX"), ("404", "default"), ("default", "404")]
)
def test_answers_are_compared_with_what_covers_their_status(before: str, after: str) -> None:
    def answered(status: str, kind: str) -> dict[str, Any]:
        media = {"application/json": {"schema": {"type": kind}}}
        ok = {} if "200" in (before, after) else {"200": {"description": ""}}
        return document({"responses": {**ok, status: {"description": "", "content": media}}})

    changed = [each for each in diff(answered(before, "string"), answered(after, "integer")) if each.code == "type-changed"]

    assert [(each.severity, each.witness) for each in changed] == [("breaking", 0)]
    assert [each for each in diff(answered(before, "string"), answered(after, "string")) if each.severity == "breaking"] == []


@pytest.mark.parametrize("case", TABLE["same"], ids=lambda case: case["name"])
def test_what_says_the_same_is_no_change(case: dict[str, Any]) -> None:
    for put in (asking, answering):
        assert told(put(case["old"]), put(case["new"])) == []
        assert told(put(case["new"]), put(case["old"])) == []


@pytest.mark.parametrize("branches", [["Text", "Json", "Schema"], ["Schema", "Text", "Json"]])
def test_branches_in_another_order_are_told_apart(branches: list[str]) -> None:
    """Where all came through one named schema, and one of them has changed."""
    either = {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Format"}]}
    schemas = {**SCHEMAS, "Format": {"oneOf": [{"$ref": f"#/components/schemas/Format{name}"} for name in branches]}}
    schemas["FormatJson"] = {**SCHEMAS["FormatJson"], "required": ["type", "Json"]}
    new = {**asking(either), "components": {"schemas": schemas}}

    (change,) = diff(asking(either), new)

    assert (change.code, change.path) == ("property-required", "body.Json")


def test_nearly_every_code_has_a_pair() -> None:
    tabled = {case["code"] for kind in ("schemas", "operations", "documents", "narrower") for case in TABLE[kind]}
    limits = {code for code in SCHEMA_CODES if code.startswith(("min", "max"))}

    assert len(tabled) >= 60
    assert tabled <= set(CODES)
    assert set(CODES) - tabled - limits == {
        "multiple-of-removed", "operation-broken", "overlap-admits", "overlap-may-admit",
        "operation-id-added", "overlap-may-refuse", "server-path-moved",
    }  # fmt: skip


def test_the_witness_is_a_payload_of_the_whole_body() -> None:
    old = asking({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}}}})
    new = asking({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "tags": {"type": "array", "items": {"enum": ["a"]}}}})

    (change,) = diff(old, new)

    assert change.path == "body.tags[]"
    assert change.witness == {"id": 1, "tags": ["b"]}
    assert change.pointer == "#/paths/~1a/post/requestBody/content/application~1json/schema/properties/tags/items"
    assert str(change) == 'breaking: body.tags[]: "b" is gone [enum-value-removed]'


def test_what_another_branch_takes_is_not_called_breaking() -> None:
    old = asking({"type": "object", "properties": {"role": {"enum": ["x", "y"]}}, "required": ["role"]})
    branches = [{"type": "object", "properties": {"role": {"const": role}}, "required": ["role"]} for role in ("x", "y")]

    found = diff(old, asking({"oneOf": branches}))

    assert [change.severity for change in found if change.direction == "request" and change.severity == "breaking"] == []


def test_a_shared_schema_is_one_change_for_all_operations() -> None:
    media = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}}
    paths = {f"/{name}": {"put": {"operationId": name, "requestBody": media, "responses": {}}} for name in ("one", "two")}

    (change,) = diff(
        document(paths=paths, components={"schemas": {"S": {"type": "string"}}}),
        document(paths=paths, components={"schemas": {"S": {"type": "string", "maxLength": 3}}}),
    )

    assert (change.operations, change.pointer) == (("one", "two"), "#/components/schemas/S")


def test_a_renamed_property_is_guessed() -> None:
    old = asking({"type": "object", "properties": {"max_tokens": {"type": "integer"}}})
    new = asking({"type": "object", "properties": {"maxTokens": {"type": "integer"}}})

    assert [change.hint for change in diff(old, new) if change.code == "property-removed"] == ["renamed to maxTokens?"]


@pytest.mark.parametrize("status", ["2XX", "default"])
def test_a_status_that_a_wider_one_covers_is_not_gone(status: str) -> None:
    old, new = answering({"type": "string"}), answering({"type": "integer"})
    answers = new["paths"]["/a"]["post"]["responses"]
    answers[status] = answers.pop("200")

    assert [(change.code, change.path) for change in diff(old, new)] == [
        ("type-changed", "200"),
        (f"{'success' if status == '2XX' else 'error'}-status-added", status),
    ]


def test_the_charset_of_utf_8_tells_no_media_types_apart() -> None:
    old, new = answering({"type": "string"}), answering({"type": "string"})
    (answer,) = new["paths"]["/a"]["post"]["responses"].values()
    answer["content"]["application/json; charset=UTF-8"] = answer["content"].pop("application/json")

    assert told(old, new) == told(new, old) == []


def test_a_schema_that_leads_nowhere_is_told_and_the_rest_compared() -> None:
    broken = asking({"$ref": "#/components/schemas/Nowhere"})
    broken["paths"]["/b"] = {"get": {"operationId": "b", "responses": {}}}

    assert told(asking({}), broken) == [("operation-broken", "dangerous"), ("operation-added", "safe")]
    message = 'its schema cannot be read: <mapping>: $ref leads nowhere ("#/components/schemas/Nowhere")'
    assert diff(asking({}), broken)[0].message == message


def test_read_only_properties_count_where_they_travel() -> None:
    old = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}}}
    new = {"type": "object", "properties": {"id": {"type": "integer", "readOnly": True}}}

    assert told(asking(old), asking(new)) == []
    assert told(answering(old), answering(new)) == [("type-changed", "breaking")]


def test_versions_of_the_specification_do_not_show() -> None:
    old = {**asking({"type": "string", "nullable": True}), "openapi": "3.0.3"}

    assert told(old, asking({"type": ["string", "null"]})) == []


def test_without_witnesses_nothing_is_looked_for() -> None:
    (change,) = diff(asking({"type": "string"}), asking({"type": "integer"}), witnesses=False)

    assert (change.severity, change.witness) == ("breaking", NO_WITNESS)


def test_a_document_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(SpecError, match="cannot read"):
        diff("nowhere.yaml", document())


LISTS = [{"type": "array", "items": {"type": kind}} for kind in ("string", "integer")]


def test_overlapping_branches_that_only_narrow_cannot_come_to_overlap() -> None:
    tighter = [{**branch, "maxItems": 8} for branch in LISTS]

    assert set(told(asking({"oneOf": LISTS}), asking({"oneOf": tighter}))) == {
        ("max-items-added", "breaking"), ("overlap-may-admit", "safe"),
    }  # fmt: skip


def test_a_branch_that_overlaps_may_refuse_what_was_valid() -> None:
    more = [*LISTS, {"type": "array", "items": {"type": "boolean"}}]

    assert set(told(asking({"oneOf": LISTS}), asking({"oneOf": more}))) == {
        ("alternative-added", "safe"), ("overlap-may-refuse", "dangerous"),
    }  # fmt: skip
