"""`client.drift`: what servers really send, counted by place, and the overlay that would make the document true."""

import contextlib
import json
import warnings
from typing import Any

import pytest
from served_site import Page, Site

from dynaopenai import APIStatusError, Client, DynaOpenAIWarning
from dynaopenai._document.document import load
from dynaopenai._document.overlay import apply

ITEM = {
    "type": "object",
    "required": ["id", "kind", "size"],
    "properties": {
        "id": {"type": "integer"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "size": {"type": "integer", "maximum": 9},
    },
}
TRUE = {"items": [{"id": 1, "kind": "a", "size": 2}]}


def document(version: str = "3.0.3", item: Any = ITEM) -> dict[str, Any]:
    whole = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}},
    }
    content = {"application/json": {"schema": whole}}
    operation = {"operationId": "getItems", "responses": {"200": {"description": "", "content": content}}}
    return {
        "openapi": version, "info": {"title": "T", "version": "1"}, "paths": {"/items": {"get": operation}},
        "components": {"schemas": {"Item": item}},
    }  # fmt: skip


@pytest.fixture
def server() -> Any:
    """Answers with what `answers` says next: (status, content type, body)."""

    class Root(Page):
        def do_GET(self) -> None:
            status, content_type, body = self.server.answers.pop(0)
            self.answer(status, body.encode() if isinstance(body, str) else json.dumps(body).encode(), Content_Type=content_type)

    with Site(Root) as site:
        site.answers = []
        yield site


def called(server: Any, spec: Any, answers: list[tuple[int, str, Any]], policy: Any = "warn") -> Client:
    client = Client(spec, base_url=f"http://127.0.0.1:{server.server_port}", validate_responses=policy, max_retries=0)
    server.answers += answers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in answers:
            with contextlib.suppress(APIStatusError):
                client.getItems()
    client.close()
    return client


def item(**changes: Any) -> tuple[int, str, Any]:
    changed = {**TRUE["items"][0], **changes}
    return 200, "application/json", {"items": [{key: value for key, value in changed.items() if value != "-"}]}


DEVIATIONS: list[tuple[tuple[int, str, Any], tuple[str, str, str]]] = [
    (item(extra="x"), ("undeclared-field", "items[].extra", "not declared")),
    (item(id="1"), ("invalid", "items[].id", 'found "1" (a string), expected an integer')),
    (item(id=None), ("invalid", "items[].id", "found null, expected an integer")),
    (item(kind="c"), ("invalid", "items[].kind", 'found "c", expected "a" or "b"')),
    (item(size=10), ("invalid", "items[].size", "found 10, expected at most 9")),
    (item(id="-"), ("invalid", "items[].id", "missing, expected since it is required")),
    ((202, "application/json", {}), ("undeclared-status", "", 'found 202, which is not declared, expected "200"')),
    (
        (429, "application/json", {"error": {}}),
        ("undeclared-status", "", 'found 429, which is not declared, expected "200"'),
    ),
    ((200, "text/plain", "hello"), ("undeclared-content-type", "", 'found "text/plain", expected "application/json"')),
    (
        (200, "application/octet-stream", "hello"),
        ("undeclared-content-type", "", 'found "application/octet-stream", expected "application/json"'),
    ),
]


@pytest.mark.parametrize(
    ("answer", "expected"), DEVIATIONS, ids=[f"{each[1][0]} {each[1][2][:20]}" for each in DEVIATIONS]
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_deviation_is_collected_and_its_overlay_makes_the_document_true(
    server: Any, answer: Any, expected: tuple[str, str, str], version: str
) -> None:
    root = document(version)
    client = called(server, root, [answer, answer])

    (found,) = client.drift
    assert (found.kind, found.path, found.message) == expected
    assert (found.operation_id, found.count, client.drift.answers) == ("getItems", 2, 2)

    overlay = client.drift.overlay()
    assert list(called(server, apply(load(root), [overlay]), [answer]).drift) == []
    assert apply(load(root), [overlay]).diagnostics == ()


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_all_of_them_together_make_one_true_document(server: Any, version: str) -> None:
    answers = [answer for answer, _ in DEVIATIONS]
    client = called(server, document(version), answers)

    corrected = apply(load(document(version)), [client.drift.overlay()])

    assert [str(each) for each in called(server, corrected, [*answers, item()]).drift] == []


def test_a_closed_object_is_opened_for_the_field(server: Any) -> None:
    root = document(item={**ITEM, "additionalProperties": False})
    client = called(server, root, [item(extra={"a": [1]})])

    assert [(each.kind, each.path) for each in client.drift] == [("undeclared-field", "items[].extra")]
    assert list(called(server, apply(load(root), [client.drift.overlay()]), [item(extra={"a": [1]})]).drift) == []


def test_a_true_answer_is_no_drift(server: Any) -> None:
    client = called(server, document(), [item()])

    assert (list(client.drift), client.drift.overlay()["actions"]) == ([], [])
    assert str(client.drift) == "0 deviations in 1 answer"


@pytest.mark.parametrize("policy", ["strict", "off"])
def test_other_policies_collect_nothing(server: Any, policy: str) -> None:
    client = called(server, document(), [item()], policy)

    assert client.drift.answers == 0


def test_it_reads_as_a_list_of_places(server: Any) -> None:
    client = called(server, document(), [item(kind="c"), item(kind="c"), item(kind="d")])

    assert str(client.drift).splitlines() == [
        "2 deviations in 3 answers",
        '  getItems 200.items[].kind: found "c", expected "a" or "b" (2x, "c")',
        '  getItems 200.items[].kind: found "d", expected "a" or "b" (1x, "d")',
    ]


def test_it_is_written_as_an_overlay_and_forgotten(server: Any, tmp_path: Any) -> None:
    client = called(server, document(), [item(kind="c")])
    client.drift.write(tmp_path / "fix.yaml")
    client.drift.clear()

    corrected = apply(load(document()), [tmp_path / "fix.yaml"])
    assert corrected.root["components"]["schemas"]["Item"]["properties"]["kind"]["enum"] == ["a", "b", "c"]
    assert len(client.drift) == 0


def test_an_event_is_held_against_what_its_data_is(server: Any) -> None:
    data = {"contentMediaType": "application/json", "contentSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    content = {"text/event-stream": {"itemSchema": {"type": "object", "properties": {"data": {"type": "string", **data}}}}}
    operation = {"operationId": "streamItems", "responses": {"200": {"description": "", "content": content}}}
    spec = {"openapi": "3.2.0", "info": {"title": "T", "version": "1"}, "paths": {"/items": {"get": operation}}}
    server.answers.append((200, "text/event-stream", 'data: {"n": "x"}\n\n'))
    with Client(spec, base_url=f"http://127.0.0.1:{server.server_port}", validate_responses="warn") as client:
        with pytest.warns(DynaOpenAIWarning, match='n: found "x"'):
            assert list(client.streamItems()) == [{"n": "x"}]

    assert [(seen.path, seen.kind) for seen in client.drift] == [("n", "invalid")]


def test_undeclared_fields_of_valid_events_are_seen_and_counted(server: Any) -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    content = {"text/event-stream": {"schema": schema}}
    operation = {"operationId": "streamItems", "responses": {"200": {"description": "", "content": content}}}
    spec = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/items": {"get": operation}}}
    server.answers.append((200, "text/event-stream", 'data: {"n": 1, "x": 2}\n\n' * 5 + 'data: {"n": 1}\n\ndata: {"n": null, "x": 3}\n\n'))
    with Client(spec, base_url=f"http://127.0.0.1:{server.server_port}", validate_responses="warn") as client:
        with pytest.warns(DynaOpenAIWarning) as warned:
            assert len(list(client.streamItems())) == 7

    assert [(seen.path, seen.kind, seen.count) for seen in client.drift] == [("n", "invalid", 1), ("x", "undeclared-field", 6)]
    assert len(warned) == 1
