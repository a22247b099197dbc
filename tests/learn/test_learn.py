"""What recorded exchanges teach of a document: as little as is true of all of them, and no further than they reach."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaopenai import Client, learn
from dynaopenai._document.document import load
from dynaopenai._document.overlay import apply
from dynaopenai._learn.exchange import Exchange, Message

JSON = "application/json"
VERSIONS = ("3.0.3", "3.1.0")


def document(version: str, answer: Any, request: Any = None, **components: Any) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "makeThing",
        "responses": {"200": {"description": "", "content": {JSON: {"schema": answer}}}},
    }
    if request is not None:
        operation["requestBody"] = {"content": {JSON: {"schema": request}}}
    other = {**copy.deepcopy(operation), "operationId": "otherThing"}
    paths = {"/things": {"post": operation}, "/others": {"post": other}}
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": paths, "components": {"schemas": components}}


def exchange(answer: Any, sent: Any = None, path: str = "/things", status: int = 200, content_type: str = JSON) -> Exchange:
    request = Message({"Content-Type": JSON}, json.dumps(sent).encode()) if sent is not None else Message()
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Exchange("POST", f"https://api.test{path}", request, status, Message({"Content-Type": content_type}, body), f"a.har{path}")


def taught(root: Any, exchanges: list[Exchange], **options: Any) -> Any:
    """The corrected document, after it was seen that nothing is left, nothing is added again, and order makes no difference."""
    overlay = learn(root, exchanges, **options)
    shuffled = random.Random(1).sample(exchanges, len(exchanges))
    assert learn(root, shuffled, **options) == overlay
    assert overlay.left == []
    corrected = apply(load(root), [overlay])
    assert learn(corrected, exchanges, **options)["actions"] == []
    assert corrected.diagnostics == ()
    return corrected.root


def answer_of(root: Any, path: str = "/things") -> Any:
    return root["paths"][path]["post"]["responses"]["200"]["content"][JSON]["schema"]


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}

# (what the document says of x, what came, what it says then in 3.0, and in 3.1)
LEARNED: list[tuple[Any, list[Any], Any, Any]] = [
    (TEXT, [None, "a"], {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    (NUMBER, [1, 0.5], {"type": "number"}, {"type": "number"}),
    (NUMBER, [None, "a", 1], {"anyOf": [{"type": "integer"}, {"type": "string"}], "nullable": True}, {"type": ["integer", "null", "string"]}),
    (TEXT, [{"a": 1}, {"b": None}], {"anyOf": [TEXT, thing(a=NUMBER, b={"nullable": True})]}, {"anyOf": [TEXT, thing(a=NUMBER, b={})]}),
    ({**TEXT, "enum": ["a"]}, ["c", "b", "c"], {**TEXT, "enum": ["a", "b", "c"]}, {**TEXT, "enum": ["a", "b", "c"]}),
    ({**NUMBER, "maximum": 3}, [9, 5], {**NUMBER, "maximum": 9}, {**NUMBER, "maximum": 9}),
    ({**TEXT, "pattern": "^a"}, ["b"], TEXT, TEXT),
    ({**TEXT, "minLength": 3}, ["", "ab"], {**TEXT, "minLength": 0}, {**TEXT, "minLength": 0}),
    ({"anyOf": [NUMBER, {"type": "boolean"}]}, ["a"], {"anyOf": [NUMBER, {"type": "boolean"}, TEXT]}, {"anyOf": [NUMBER, {"type": "boolean"}, TEXT]}),
    (
        {"anyOf": [{**TEXT, "enum": ["a"]}, {"type": "array", "items": TEXT}]},
        ["b", "c"],
        {"anyOf": [{**TEXT, "enum": ["a"]}, {"type": "array", "items": TEXT}, {**TEXT, "enum": ["b", "c"]}]},
        {"anyOf": [{**TEXT, "enum": ["a"]}, {"type": "array", "items": TEXT}, {**TEXT, "enum": ["b", "c"]}]},
    ),
    ({"oneOf": [NUMBER, {"type": "number"}]}, [1], {"anyOf": [NUMBER, {"type": "number"}]}, {"anyOf": [NUMBER, {"type": "number"}]}),
]


@pytest.mark.parametrize(("declared", "came", "old", "new"), LEARNED, ids=[f"{each[0]} {each[1]}"[:60] for each in LEARNED])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_place_is_corrected_by_all_that_was_found_there(version: str, declared: Any, came: list[Any], old: Any, new: Any) -> None:
    root = document(version, thing(x=declared))

    corrected = taught(root, [exchange({"x": value}) for value in came])

    assert answer_of(corrected)["properties"]["x"] == (old if version == "3.0.3" else new)
    assert answer_of(corrected, "/others") == answer_of(root, "/others")


def kind(tag: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["kind", *more], "properties": {"kind": {"type": "string", "enum": [tag]}, **more}}


@pytest.mark.parametrize("union", ["anyOf", "oneOf"])
def test_an_unknown_kind_of_object_gets_a_branch_with_its_tag(union: str) -> None:
    root = document("3.1.0", {union: [kind("a", x=NUMBER), kind("b", y=NUMBER)]})

    corrected = taught(root, [exchange({"kind": "c", "z": 1}), exchange({"kind": "c", "w": None}), exchange({"kind": "a", "x": 1})])

    branch = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["c"]}, "w": {}, "z": NUMBER}}
    assert answer_of(corrected)[union][2:] == [branch]


def test_what_may_be_left_out_and_what_nobody_declared() -> None:
    root = document("3.1.0", {**thing(id=TEXT, size=NUMBER), "required": ["id", "size"], "additionalProperties": False})

    corrected = answer_of(taught(root, [exchange({"id": "a", "x": 1}), exchange({"id": "b", "x": "c"})]))

    assert corrected["required"] == ["id"]
    assert corrected["properties"]["x"] == {"anyOf": [NUMBER, TEXT]}


def test_statuses_and_media_types_are_declared_as_they_came() -> None:
    events = b'data: {"n": 1}\n\ndata: {"n": 2, "last": true}\n\ndata: [DONE]\n\n'
    root = document("3.1.0", thing(id=TEXT))

    corrected = taught(root, [exchange({"error": {"code": None}}, status=404), exchange(events, content_type="text/event-stream")])
    responses = corrected["paths"]["/things"]["post"]["responses"]

    assert responses["404"]["content"][JSON]["schema"] == thing(error=thing(code={}))
    assert responses["200"]["content"]["text/event-stream"]["schema"] == thing(last={"type": "boolean"}, n=NUMBER)


@pytest.mark.parametrize("body", [b"", b"{", b"<html>"])
def test_what_cannot_be_read_teaches_nothing(body: bytes) -> None:
    assert learn(document("3.1.0", thing(id=TEXT)), [exchange(body)])["actions"] == []


ASKED = {**thing(n=NUMBER, mode={**TEXT, "enum": ["a"]}), "required": ["n"]}
OUTER = {"$ref": "#/components/schemas/Outer"}
SHARED = document("3.1.0", OUTER, OUTER, Outer=thing(inner={"$ref": "#/components/schemas/Inner"}), Inner=thing(x=TEXT))
NULL = {"inner": {"x": None}}


class TestRequests:
    def test_a_success_means_that_the_server_took_it(self) -> None:
        root = document("3.1.0", thing(), ASKED)

        corrected = taught(root, [exchange({}, {"mode": "b", "extra": True})])
        asked = corrected["paths"]["/things"]["post"]["requestBody"]["content"][JSON]["schema"]

        assert asked == {**thing(n=NUMBER, mode={**TEXT, "enum": ["a", "b"]}, extra={"type": "boolean"}), "required": []}

    def test_a_refused_request_teaches_nothing_of_requests(self) -> None:
        overlay = learn(document("3.1.0", thing(), ASKED), [exchange({"error": {}}, {"mode": "b"}, status=400)])

        assert {each["side"] for action in overlay["actions"] for each in action["x-evidence"]} == {"answer"}


class TestReach:
    """One component, asked and answered, by two operations."""

    def problems(self, overlay: Any) -> list[tuple[str, str]]:
        client = Client(SHARED, overlays=[overlay], api_key="k")
        found = []
        for operation in client.operations.values():
            found += [(operation.id, "request")] if operation.validate_request(inner={"x": None}) else []
            found += [(operation.id, "answer")] if operation.validate_response(NULL) else []
        return found

    def test_an_answer_relaxes_neither_requests_nor_others(self) -> None:
        overlay = learn(SHARED, [exchange(NULL)])

        assert self.problems(overlay) == [("makeThing", "request"), ("otherThing", "request"), ("otherThing", "answer")]
        taught(SHARED, [exchange(NULL)])

    def test_everywhere_reaches_all_answers_and_no_request(self) -> None:
        overlay = learn(SHARED, [exchange(NULL)], everywhere=True)

        assert self.problems(overlay) == [("makeThing", "request"), ("otherThing", "request")]
        taught(SHARED, [exchange(NULL)], everywhere=True)

    def test_where_all_users_showed_it_the_component_itself_is_corrected(self) -> None:
        both = [exchange(NULL, NULL), exchange(NULL, NULL, path="/others")]

        taught(SHARED, both)
        assert self.problems(learn(SHARED, both)) == []


def test_every_action_says_what_it_rests_on() -> None:
    seen = [exchange({"x": None}), exchange({"x": None}), exchange({"x": None, "y": 1})]

    overlay = learn(document("3.1.0", thing(x=TEXT, y=NUMBER)), seen)

    for action in overlay["actions"]:
        (evidence,) = action["x-evidence"]
        assert evidence == {
            "operation": "makeThing", "side": "answer", "path": "x", "message": "found null, expected a string",
            "seen": 3, "first": "a.har/things", "example": "null",
        }  # fmt: skip
    assert str(overlay).splitlines() == [
        "2 actions from 3 bodies",
        "  makeThing answer.x: found null, expected a string (3x, first a.har/things)",
    ]


def test_what_was_seen_too_seldom_is_left() -> None:
    seen = [exchange({"x": None}), exchange({"x": None, "y": 1}), exchange({"y": "a"})]

    overlay = learn(document("3.1.0", thing(x=TEXT, y=NUMBER)), seen, min_seen=2)

    assert {each["path"] for action in overlay["actions"] for each in action["x-evidence"]} == {"x"}


def test_an_overlay_is_written_read_and_put_on(tmp_path: Path) -> None:
    root = document("3.1.0", thing(x=TEXT))
    overlay = learn(root, [exchange({"x": None})])

    for name in ("fix.yaml", "fix.json"):
        overlay.write(tmp_path / name)
        assert Client(root, overlays=[tmp_path / name]).makeThing.validate_response({"x": None}) == []


def test_nothing_learned_is_an_overlay_too(tmp_path: Path) -> None:
    overlay = learn(document("3.1.0", thing()), [])
    overlay.write(tmp_path / "none.yaml")

    assert overlay["actions"] == []
    assert Client(document("3.1.0", thing()), overlays=[tmp_path / "none.yaml"]).operations


SCHEMAS = st.recursive(
    st.sampled_from([TEXT, NUMBER, {"type": "boolean"}, {**TEXT, "enum": ["a", "b"]}, {**NUMBER, "minimum": 1}]),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("xyz"), inner, max_size=2).map(lambda each: thing(**each)),
        st.dictionaries(st.sampled_from("xyz"), inner, min_size=1, max_size=2).map(lambda each: {**thing(**each), "required": sorted(each)}),
        inner.map(lambda each: {"type": "array", "items": each}),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"anyOf": each}),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"oneOf": each}),
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 2, 0.5, "a", "c", ""]),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("xyzw"), inner, max_size=3)),
    max_leaves=5,
)


@settings(max_examples=60)
@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=4), st.sampled_from(VERSIONS))
def test_whatever_comes_the_corrected_document_takes_it(schema: Any, values: list[Any], version: str) -> None:
    root = document(version, thing(it=schema))
    exchanges = [exchange({"it": value}) for value in values]

    overlay = learn(root, exchanges)

    client = Client(root, overlays=[overlay], api_key="k")
    assert [value for value in values if client.makeThing.validate_response({"it": value})] == []
    assert learn(root, exchanges[::-1]) == overlay
