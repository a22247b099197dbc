"""A document that moves: `reload`, `refresh`, `changes`, and `pin`, which keeps it where it is."""

import json
import os
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from served_site import Page, Site

from dynaopenai import Client, DynaOpenAIWarning, SpecError
from dynaopenai._diff import diff as _diff


def document(*operations: str, maximum: int = 9) -> str:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": maximum}}
    paths = {
        f"/{name}": {"get": {"operationId": name, "parameters": [limit], "responses": {"200": {"description": ""}}}}
        for name in operations
    }
    return json.dumps({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "api.json").write_text(document("one"), "utf-8")
    return tmp_path / "api.json"


class Publisher(Site):
    """Serves `text` with an ETag; `log` has (path, conditional, status) of each request; `hold` delays calls."""

    text = document("one")
    reply = b""
    hold: threading.Event | None = None

    def __init__(self) -> None:
        self.log: list[tuple[str, bool, int]] = []
        self.begun = threading.Event()
        super().__init__(Document)


class Document(Page):
    def do_GET(self) -> None:
        if self.path != "/api.json":
            self.server.begun.set()
            if self.server.hold is not None:
                self.server.hold.wait(5)
            self._answer(200, self.server.reply, "")
            return
        tag = f'"{hash(self.server.text)}"'
        same = self.headers.get("If-None-Match") == tag
        self._answer(304 if same else 200, b"" if same else self.server.text.encode(), tag)

    def _answer(self, status: int, body: bytes, tag: str) -> None:
        self.server.log.append((self.path, "If-None-Match" in self.headers, status))
        self.answer(status, body, ETag=tag, Content_Type="application/json")


@pytest.fixture
def site() -> Iterator[Publisher]:
    with Publisher() as site:
        yield site


def test_a_changed_file_is_picked_up_on_request_and_told_in_one_line(path: Path) -> None:
    client = Client(path)
    copied = client.with_options(timeout=3)
    path.write_text(document("one", "two", maximum=5), "utf-8")

    told = client.reload()

    assert repr(told) == "<api.json: 1 breaking, 1 safe>"
    assert [change.code for change in client.changes] == ["maximum-lowered", "operation-added"]
    assert (list(client.operations), list(copied.operations)) == (["one", "two"], ["one", "two"])
    assert client.two.id == "two"


def test_the_same_file_is_no_change(path: Path) -> None:
    client = Client(path)

    assert repr(client.reload()) == "<api.json: the same document>"
    assert client.changes == []


def test_a_changed_file_behind_a_reference_is_noticed(path: Path) -> None:
    neighbour = path.with_name("schemas.json")
    neighbour.write_text('{"Limit": {"type": "integer", "maximum": 9}}', "utf-8")
    root = json.loads(document("one"))
    root["paths"]["/one"]["get"]["parameters"][0]["schema"] = {"$ref": "schemas.json#/Limit"}
    path.write_text(json.dumps(root), "utf-8")
    client = Client(path)
    assert client.one.validate_request(limit=7) == []
    assert repr(client.reload()) == "<api.json: the same document>"

    neighbour.write_text('{"Limit": {"type": "integer", "maximum": 5}}', "utf-8")

    assert [change.code for change in client.reload()] == ["maximum-lowered"]
    assert client.one.validate_request(limit=7) != []

    neighbour.write_text("{", "utf-8")
    with pytest.warns(DynaOpenAIWarning, match="the old one stays in service"):
        client.reload()


def test_unchanged_and_refused_are_told_apart(path: Path) -> None:
    client = Client(path)
    assert (client.reload().moved, client.reload().refused) == (False, None)

    path.write_text("openapi: [", "utf-8")
    with pytest.warns(DynaOpenAIWarning, match="the old one stays in service"):
        told = client.reload()

    assert (told.moved, isinstance(told.refused, SpecError)) == (False, True)
    assert repr(told).startswith("<api.json: refused, the old document stays in service: ")


def test_a_document_that_was_broken_is_looked_at_again(site: Publisher) -> None:
    client = Client(f"{site.url}/api.json")
    site.text = "openapi: ["
    for _ in range(2):  # the second time is no 304 that would read as "unchanged"
        with pytest.warns(DynaOpenAIWarning, match="the old one stays in service"):
            assert client.reload().refused is not None
    site.text = document("one", "two")

    assert [change.code for change in client.reload()] == ["operation-added"]


def test_what_has_lost_most_of_its_operations_is_taken_only_by_force(path: Path) -> None:
    path.write_text(document("one", "two", "three", "four", "five"), "utf-8")
    client = Client(path)
    path.write_text(document("one", "two"), "utf-8")

    with pytest.warns(DynaOpenAIWarning, match="lost more than half its operations"):
        client.reload()
    assert len(client.operations) == 5

    assert client.reload(force=True).moved
    assert list(client.operations) == ["one", "two"]


def test_a_file_that_is_being_written_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(path)
    text = document("one", "two", "three")
    ends = iter([*range(len(text) // 8, len(text), len(text) // 8), len(text)])

    def write(_: float = 0) -> None:
        end = next(ends, 0)
        if end:
            path.write_text(text[:end], "utf-8")
            os.utime(path, (soon, soon))

    soon = time.time() + 3600  # however slow the machine, the file has just changed
    write()
    monkeypatch.setattr(time, "sleep", write)
    told = client.reload()
    monkeypatch.undo()

    assert told.refused is None
    assert list(client.operations) == ["one", "two", "three"]


def test_drift_survives_a_reload_but_for_what_the_new_document_says(path: Path, site: Publisher) -> None:
    declared = {"type": "object", "properties": {"a": {"type": "integer"}}}

    def answering(schema: dict[str, Any]) -> str:
        root = json.loads(document("one"))
        content = {"application/json": {"schema": schema}}
        root["paths"]["/one"]["get"]["responses"]["200"] = {"description": "", "content": content}
        return json.dumps(root)

    path.write_text(answering(declared), "utf-8")
    client = Client(path, base_url=site.url, validate_responses="warn")
    site.reply = b'{"a": "x", "b": 1}'
    with pytest.warns(DynaOpenAIWarning):
        client.one()
    assert [each.path for each in client.drift] == ["a", "b"]

    path.write_text(answering({**declared, "properties": {**declared["properties"], "b": {}}}), "utf-8")
    client.reload()

    assert [(each.path, each.count) for each in client.drift] == [("a", 1)]
    assert client.drift.overlay()["actions"] != []


def test_a_pin_covers_every_file_that_the_document_is_read_with(path: Path, tmp_path: Path) -> None:
    neighbour, further = path.with_name("schemas.json"), path.with_name("more.json")
    further.write_text('{"Limit": {"type": "integer", "maximum": 9}}', "utf-8")
    neighbour.write_text('{"Limit": {"$ref": "more.json#/Limit"}}', "utf-8")
    root = json.loads(document("one"))
    root["paths"]["/one"]["get"]["parameters"][0]["schema"] = {"$ref": "schemas.json#/Limit"}
    path.write_text(json.dumps(root), "utf-8")
    lock = tmp_path / "api.lock"
    Client(path).pin(lock)
    assert json.loads(lock.read_text("utf-8"))["files"] == ["schemas.json", "more.json"]
    Client(path, pin=lock)

    further.write_text('{"Limit": {"type": "integer", "maximum": 5}}', "utf-8")

    with pytest.raises(SpecError, match="not the document that was pinned"):
        Client(path, pin=lock)


def test_a_description_moves_the_document_and_nothing_of_meaning(path: Path) -> None:
    client = Client(path)
    path.write_text(document("one").replace('"description": ""', '"description": "Fine."'), "utf-8")

    assert repr(client.reload()) == "<api.json: nothing of meaning changed>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: [", "the old one stays in service"),
        ("<html>Down for maintenance</html>", "the old one stays in service"),
        (document(), "the new document has no operations"),
        ("", "the old one stays in service"),
    ],
)
def test_a_broken_document_leaves_the_old_one_in_service(path: Path, text: str, message: str) -> None:
    client = Client(path)
    path.write_text(text, "utf-8")

    with pytest.warns(DynaOpenAIWarning, match=message):
        client.reload()

    assert list(client.operations) == ["one"]


def test_overlays_are_applied_again(path: Path) -> None:
    overlay = {
        "overlay": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "actions": [{"target": "$.info", "update": {"title": "U"}}],
    }
    client = Client(path, overlays=[overlay])
    path.write_text(document("one", "two"), "utf-8")
    client.reload()

    assert (repr(client).split(" at ")[0], "two" in client) == ("<Client U 1", True)


def test_an_idle_overlay_is_told(path: Path) -> None:
    overlay = {
        "overlay": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "actions": [{"target": "$.nothing", "remove": True}],
    }

    with pytest.warns(DynaOpenAIWarning, match="matches nothing"):
        client = Client(path, overlays=[overlay])

    assert [item.code for item in client.diagnostics] == ["overlay-matches-nothing"]


def test_a_url_is_asked_for_something_newer_only(site: Publisher) -> None:
    client = Client(f"{site.url}/api.json")
    client.reload()
    site.text = document("one", "two")
    client.reload()

    assert site.log == [("/api.json", False, 200), ("/api.json", True, 304), ("/api.json", True, 200)]
    assert list(client.operations) == ["one", "two"]


def test_refresh_looks_beside_the_calls(site: Publisher) -> None:
    client = Client(f"{site.url}/api.json", refresh=0.05)
    site.text = document("one", "two")
    until = time.monotonic() + 5
    while "two" not in client and time.monotonic() < until:
        time.sleep(0.02)

    assert list(client.operations) == ["one", "two"]
    assert [change.code for change in client.changes] == ["operation-added"]
    for thread in threading.enumerate():
        if thread.name == "dynaopenai-refresh":
            thread.join(5)  # what looks while the publisher ends would tell of it in another test


def test_a_call_in_flight_finishes_on_the_old_document(site: Publisher, path: Path) -> None:
    client = Client(path, base_url=site.url)
    site.hold = threading.Event()
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(client.one.send()))
    thread.start()
    site.begun.wait(5)
    path.write_text(document("two"), "utf-8")
    client.reload()
    site.hold.set()
    thread.join()
    client.close()

    assert [(answer.operation_id, answer.status_code) for answer in answers] == [("one", 200)]
    assert list(client.operations) == ["two"]


def test_changes_that_are_still_worked_out_when_the_next_come_do_not_take_their_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(path)
    path.write_text(document("one", "two"), "utf-8")
    client._following.reload()
    slow, unhurried = _diff.diff, threading.Event()
    monkeypatch.setattr(_diff, "diff", lambda *pair: unhurried.wait(5) and slow(*pair))
    thread = threading.Thread(target=lambda: client.changes)
    thread.start()
    path.write_text(document("one"), "utf-8")
    client._following.reload()
    unhurried.set()
    thread.join()

    assert [change.code for change in client.changes] == ["operation-removed"]


def test_warnings_stand_at_the_callers_line(path: Path) -> None:
    overlay = {
        "overlay": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "actions": [{"target": "$.nothing", "remove": True}],
    }
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        client = type("Mine", (Client,), {})(path, overlays=[overlay])
        path.write_text("openapi: [", "utf-8")
        client.with_options().reload()

    assert [warning.filename for warning in told] == [__file__, __file__]


def test_swaps_under_many_readers_never_show_half_a_document(path: Path) -> None:
    client = Client(path)
    seen: set[tuple[str, ...]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(tuple(client.operations))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(20):
        path.write_text(document("one", "two") if number % 2 else document("three"), "utf-8")
        client.reload()
    done.set()
    for thread in threads:
        thread.join()

    assert seen <= {("one",), ("one", "two"), ("three",)}


def test_a_pin_refuses_another_document(path: Path, tmp_path: Path) -> None:
    lock = tmp_path / "api.lock"
    digest = Client(path).pin(lock)
    client = Client(path, pin=lock)
    path.write_text(document("two"), "utf-8")

    assert json.loads(lock.read_text("utf-8")) == {"document": "api.json", "title": "T", "version": "1", "hash": digest}
    with pytest.warns(DynaOpenAIWarning, match="not the document that was pinned"):
        client.reload()
    assert list(client.operations) == ["one"]
    with pytest.raises(SpecError, match="not the document that was pinned") as caught:
        Client(path, pin=digest)
    assert caught.value.expected == digest
    assert "client.pin()" in caught.value.remedy


def test_a_file_that_holds_no_pin_is_an_error(path: Path) -> None:
    with pytest.raises(SpecError, match="holds no pin"):
        Client(path, pin=path)


@pytest.mark.parametrize("seconds", [0, -1, True, "5"])
def test_refresh_is_a_number_of_seconds(path: Path, seconds: Any) -> None:
    with pytest.raises(ValueError, match="refresh"):
        Client(path, refresh=seconds)


def test_a_mapping_has_nothing_to_reload_from() -> None:
    client = Client(json.loads(document("one")))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert client.reload() == []
