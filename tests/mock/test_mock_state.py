"""A mock server remembers what it was given, by conventions of the document's paths."""

import struct
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from documents import document

from dynaopenai import Client, NotFoundError
from dynaopenai._mock import store
from dynaopenai._mock.server import MockServer

JSON = "application/json"
ID = {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}}
FILE = {"type": "string", "format": "binary"}
THING = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "string", "example": "thing-abc"},
        "status": {"type": "string", "enum": ["running", "cancelled"]},
        "title": {"type": "string", "example": "made up"},
        "filename": {"type": "string", "example": "made-up.bin"},
        "bytes": {"type": "integer", "example": 3},
    },
}


def says(schema: Any, media: str = JSON, **more: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {media: {"schema": schema, **more}}}}


def body(schema: Any, media: str = JSON) -> dict[str, Any]:
    return {"required": True, "content": {media: {"schema": schema}}}


def query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


PAGE = {
    "type": "object",
    "required": ["data", "has_more"],
    "properties": {
        "data": {"type": "array", "items": THING},
        "has_more": {"type": "boolean"},
        "last_id": {"type": ["string", "null"]},
    },
}
EXAMPLE = {"id": "a", "status": "running"}
PAGING = [
    query("limit", type="integer"),
    query("after", type="string"),
    query("before", type="string"),
    query("order", type="string"),
]
API: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "servers": [{"url": "/v1"}],
    "paths": {
        "/things": {
            "post": {
                "operationId": "createThing",
                "requestBody": body({"type": "object", "properties": {"title": {"type": "string"}, "file": FILE}}, "multipart/form-data"),
                "responses": says(THING),
            },
            "get": {
                "operationId": "listThings",
                "parameters": PAGING,
                "responses": says(PAGE, example={"data": [EXAMPLE, {**EXAMPLE, "id": "b"}, {**EXAMPLE, "id": "c"}], "has_more": True}),
            },
        },
        "/things/{thing_id}": {
            "parameters": [ID],
            "get": {"operationId": "getThing", "responses": says(THING)},
            "patch": {
                "operationId": "changeThing",
                "requestBody": body({"type": "object", "properties": {"title": {"type": "string"}}}),
                "responses": says(THING),
            },
            "delete": {
                "operationId": "deleteThing",
                "responses": says({"type": "object", "required": ["id", "deleted"], "properties": {"id": {"type": "string"}, "deleted": {"type": "boolean"}}}),
            },
        },
        "/things/{thing_id}/cancel": {"post": {"operationId": "cancelThing", "parameters": [ID], "responses": says(THING)}},
        "/things/{thing_id}/content": {"get": {"operationId": "downloadThing", "parameters": [ID], "responses": says(FILE, "application/octet-stream")}},
        "/things/{thing_id}/events": {
            "get": {"operationId": "listEvents", "parameters": [ID, *PAGING], "responses": says(PAGE, example={"data": [EXAMPLE], "has_more": True})}
        },
        "/things/{thing_id}/notes": {
            "post": {"operationId": "createNote", "parameters": [ID], "requestBody": body({"type": "object"}), "responses": says({"type": "object", "required": ["number"], "properties": {"number": {"type": "integer"}, "text": {"type": "string"}}})},
            "get": {"operationId": "listNotes", "parameters": [ID], "responses": says({"type": "array", "items": {"type": "object"}})},
        },
        "/things/{thing_id}/notes/{number}": {
            "get": {
                "operationId": "getNote",
                "parameters": [ID, {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": says({"type": "object", "properties": {"number": {"type": "integer"}, "text": {"type": "string"}}}),
            }
        },
        "/drawings": {
            "post": {
                "operationId": "draw",
                "requestBody": body(
                    {
                        "type": "object",
                        "properties": {
                            "format": {"type": "string", "enum": ["url", "b64_json"]},
                            "vector_format": {"type": "string", "enum": ["float", "base64"]},
                        },
                    }
                ),
                "responses": says(
                    {
                        "type": "object",
                        "properties": {
                            "data": {"type": "array", "items": {"type": "object", "properties": {"url": {"type": "string"}, "b64_json": {"type": "string"}}}},
                            "vector": {"oneOf": [{"type": "array", "items": {"type": "number"}}, {"type": "string"}]},
                        },
                    },
                    example={"data": [{"url": "https://x.test/a.png"}], "vector": [0.5, -1.0]},
                ),
            }
        },
        "/speech": {
            "post": {
                "operationId": "transcribe",
                "requestBody": body({"type": "object", "properties": {"format": {"type": "string", "enum": ["json", "text", "srt", "verbose_json"]}}}),
                "responses": {
                    "200": {
                        "description": "",
                        "content": {JSON: {"schema": {"type": "object"}}, "text/plain": {"schema": {"type": "string"}, "example": "Hello."}},
                    }
                },
            }
        },
    },
}  # fmt: skip


@pytest.fixture
def api() -> Iterator[Client]:
    with MockServer(API) as server:
        yield Client(API, base_url=server.url, max_retries=0)


def test_what_is_created_is_read_back(api: Client) -> None:
    first, second = api.createThing(title="tea"), api.createThing(title="cake")

    assert first.id != second.id
    assert (first.id.rpartition("-")[0], first.title) == ("thing", "tea")
    assert [api.getThing(made.id) for made in (second, first)] == [second, first]


def test_a_file_comes_back_byte_by_byte(api: Client, tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "a.bin").write_bytes(content)

    made = api.createThing(file=tmp_path / "a.bin")

    assert (made.filename, made.bytes) == ("a.bin", len(content))
    assert api.downloadThing(made.id).read() == content
    assert api.downloadThing("never-created").read() != content


def test_a_list_holds_what_was_created(api: Client) -> None:
    assert [item.id for item in api.listThings().data] == ["a", "b", "c"]

    made = [api.createThing(title=title) for title in "xyz"]

    assert api.listThings().data == made


def test_a_list_is_cut_into_pages(api: Client) -> None:
    ids = [api.createThing().id for _ in range(5)]

    def pages(**options: Any) -> Iterator[list[str]]:
        after: dict[str, str] = {}
        while True:
            page = api.listThings(**options, **after)
            yield [item.id for item in page.data]
            if not page.has_more:
                return
            after = {"after": page.last_id}

    assert list(pages(limit=2)) == [ids[:2], ids[2:4], ids[4:]]
    assert list(pages(limit=2, order="desc")) == [ids[:-3:-1], ids[2:0:-1], ids[:1]]
    assert [item.id for item in api.listThings(before=ids[2]).data] == ids[:2]
    assert api.listThings(after="never").data == []


def test_an_example_is_cut_into_pages_too(api: Client) -> None:
    first = api.listThings(limit=2)
    rest = api.listThings(limit=2, after="b")

    assert ([item.id for item in first.data], first.has_more) == (["a", "b"], True)
    assert ([item.id for item in rest.data], rest.has_more, rest.last_id) == (["c"], False, "c")
    assert api.listEvents("a").has_more is False


def test_what_is_changed_stays_changed(api: Client) -> None:
    made = api.createThing(title="tea")

    assert api.changeThing(made.id, title="cake").title == "cake"
    assert api.getThing(made.id) == {**made, "title": "cake"}


def test_an_action_ends_in_the_status_that_it_names(api: Client) -> None:
    made = api.createThing()
    assert made.status == "running"

    assert api.cancelThing(made.id).status == "cancelled"
    assert api.getThing(made.id).status == "cancelled"


def test_what_is_deleted_is_gone(api: Client) -> None:
    made, kept = api.createThing(), api.createThing()

    assert api.deleteThing(made.id) == {"id": made.id, "deleted": True}

    for call in (api.getThing, api.deleteThing, api.downloadThing, api.cancelThing):
        with pytest.raises(NotFoundError, match="it was deleted"):
            call(made.id)
    assert [item.id for item in api.listThings().data] == [kept.id]
    api.deleteThing(kept.id)
    assert api.listThings().data == []


def test_a_server_that_begins_empty_has_nothing_but_what_was_created() -> None:
    with MockServer(API, empty=True) as server, Client(API, base_url=server.url, max_retries=0) as api:
        assert api.listThings().data == []
        for call in (api.getThing, api.changeThing, api.deleteThing, api.downloadThing, api.cancelThing):
            with pytest.raises(NotFoundError, match="it was never created"):
                call("mine")
        made = api.createThing()
        assert api.getThing(made.id) == made
        assert [item.id for item in api.listThings().data] == [made.id]
        with pytest.raises(NotFoundError, match="it was never created"):
            api.getNote("mine", 1)


MEMBER = {"type": "object", "required": ["id", "rank"], "properties": {"id": {"type": "string"}, "rank": {"type": "string"}}}
NOTHING = {"204": {"description": "done"}}
MEMBERS = document(
    {
        "/teams/{team}/members": {
            "post": {"operationId": "join", "requestBody": body({"type": "object", "required": ["member"], "properties": {"member": {"type": "string"}, "rank": {"type": "string"}}}), "responses": says(MEMBER)},
            "get": {"operationId": "listMembers", "responses": says({"type": "array", "items": MEMBER})},
        },
        "/teams/{team}/members/{member}": {
            "get": {"operationId": "getMember", "responses": says(MEMBER)},
            "put": {"operationId": "putMember", "requestBody": body({"type": "object"}), "responses": says(MEMBER)},
            "patch": {"operationId": "promote", "requestBody": body({"type": "object"}), "responses": NOTHING},
            "delete": {"operationId": "leave", "responses": NOTHING},
        },
    }
)  # fmt: skip


@pytest.fixture
def teams() -> Iterator[Client]:
    with MockServer(MEMBERS, empty=True) as server, Client(MEMBERS, base_url=server.url, max_retries=0) as api:
        yield api


def test_what_is_changed_and_deleted_without_an_answer_is_remembered_all_the_same(teams: Client) -> None:
    teams.join("red", member="ada", rank="first")
    teams.promote("red", "ada", {"rank": "captain"})
    assert teams.getMember("red", "ada").rank == "captain"

    teams.leave("red", "ada")

    with pytest.raises(NotFoundError, match="it was deleted"):
        teams.getMember("red", "ada")
    assert teams.listMembers("red") == []


def test_a_reference_has_the_id_of_what_it_is_to_and_may_be_taken_away_twice(teams: Client) -> None:
    assert teams.join("red", member="ada").id == "ada"
    assert teams.getMember("red", "ada").id == "ada"
    for _ in range(2):
        teams.leave("red", "ada")


def test_put_creates_what_is_not_there(teams: Client) -> None:
    assert teams.putMember("red", "bob", {"rank": "last"}).rank == "last"
    assert teams.getMember("red", "bob").rank == "last"
    teams.leave("red", "bob")
    with pytest.raises(NotFoundError, match="it was deleted"):
        teams.getMember("red", "bob")
    assert teams.putMember("red", "bob", {"rank": "again"}).rank == "again"


TEXT = {"type": "string"}


def record(example: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["id"], "properties": {"id": {**TEXT, "example": example}, **more}}


NOTE = record("note-a", text={**TEXT, "example": "made up"}, chat_id={**TEXT, "example": "chat-a"})
TURN = {**record("turn-a", chat_id={**TEXT, "example": "chat-a"}, mood=TEXT), "required": ["id", "chat_id"]}
SHELF, BOOK, BATCH = record("shelf-a"), record("book-a", shelf_id=TEXT), record("batch-a")
PARCEL = {**record("parcel-a", book=record("book-z")), "required": ["id", "book"]}
SENT = body({"type": "object"})


def of(collection: str, item: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        collection: {
            "post": {"operationId": f"create{name}", "requestBody": SENT, "responses": says(schema)},
            "get": {"operationId": f"list{name}s", "responses": says({"type": "array", "items": schema})},
        },
        f"{collection}/{{{item}}}": {
            "get": {"operationId": f"get{name}", "responses": says(schema)},
            "delete": {"operationId": f"delete{name}", "responses": NOTHING},
        },
    }


COMBINED = document(
    {
        **of("/chats", "chat_id", "Chat", record("chat-a")),
        **of("/chats/{chat_id}/notes", "note_id", "Note", NOTE),
        **of("/chats/{chat_id}/turns", "turn_id", "Turn", TURN),
        "/chats/turns": {"post": {"operationId": "createChatAndTurn", "requestBody": SENT, "responses": says(TURN)}},
        **of("/shelves", "shelf_id", "Shelf", SHELF),
        **of("/shelves/{shelf_id}/books", "book_id", "ShelfBook", BOOK),
        **of("/shelves/{shelf_id}/batches", "batch_id", "Batch", BATCH),
        **of("/books", "book_id", "Book", BOOK),
        **of("/parcels", "parcel_id", "Parcel", PARCEL),
        "/parcels/{parcel_id}/open": {"post": {"operationId": "openParcel", "responses": says(PARCEL)}},
    }
)


@pytest.fixture(params=[True, False], ids=["empty", "as if all had been there"])
def library(request: pytest.FixtureRequest) -> Iterator[Client]:
    with MockServer(COMBINED, empty=request.param) as server, Client(COMBINED, base_url=server.url, max_retries=0) as api:
        yield api


def test_a_call_that_creates_two_things_leaves_both(library: Client) -> None:
    first = library.createChatAndTurn(mood="glad", chat={"notes": [{"text": "hello"}, {"text": "there"}]})
    second = library.createChatAndTurn(mood="sad")

    assert first.chat_id != second.chat_id
    assert library.getTurn(first.chat_id, first.id) == first
    assert library.listTurns(second.chat_id) == [second]
    assert library.getChat(first.chat_id).id == first.chat_id
    assert [note.text for note in library.listNotes(first.chat_id)] == ["hello", "there"]
    library.deleteChat(first.chat_id)
    with pytest.raises(NotFoundError, match="it was deleted"):
        library.getTurn(first.chat_id, first.id)


def test_what_is_sent_along_is_there_too(library: Client) -> None:
    chat = library.createChat(notes=[{"text": "hello"}])
    (note,) = library.listNotes(chat.id)

    assert (note.text, note.chat_id) == ("hello", chat.id)
    assert library.getNote(chat.id, note.id) == note
    more = library.createNote(chat.id, text="more")
    assert library.listNotes(chat.id) == [note, more]
    library.deleteNote(chat.id, note.id)
    assert library.listNotes(chat.id) == [more]


def test_ids_that_are_sent_along_name_what_is_then_there(library: Client) -> None:
    book, other = library.createBook(), library.createBook()
    shelf = library.createShelf(book_ids=[book.id])

    assert library.getShelfBook(shelf.id, book.id).id == book.id
    library.createBatch(shelf.id, book_ids=[other.id])
    assert library.getShelfBook(shelf.id, other.id).id == other.id
    assert [each.id for each in library.listShelfBooks(shelf.id)] == [book.id, other.id]


def test_an_empty_server_has_what_it_named_itself_and_not_what_it_was_asked_for() -> None:
    with MockServer(COMBINED, empty=True) as server, Client(COMBINED, base_url=server.url, max_retries=0) as api:
        with pytest.raises(NotFoundError, match="it was never created"):
            api.getBook("book-z")
        opened = api.openParcel(api.createParcel().id)
        assert api.getBook(opened.book.id).id == "book-z"
        api.deleteBook("book-z")
        with pytest.raises(NotFoundError, match="it was deleted"):
            api.getBook("book-z")
        shelf = api.createShelf(book_ids=["nobody-s"])
        assert api.getShelfBook(shelf.id, "nobody-s").id == "nobody-s"
        with pytest.raises(NotFoundError, match="it was never created"):
            api.getBook("nobody-s")


LEAF = {"type": "object", "properties": {"text": TEXT}}  # nothing that it is known by
LEAVES: list[tuple[Any, list[Any], dict[str, Any], list[Any]]] = [
    ({"anyOf": [TEXT, record("leaf-a")]}, ["a text"], {"leaf_ids": ["q"]}, ["a text"]),
    ({"type": ["object", "null"]}, [None], {"leaf_ids": ["q"]}, [None]),
    ({"anyOf": [TEXT, record("leaf-a")]}, [], {"leaf_ids": ["q"]}, []),
    ({"anyOf": [TEXT, record("leaf-a")]}, ["a text", {"id": "leaf-b"}], {"leaf_ids": ["q"]}, [{"id": "q"}]),
    (LEAF, [{"text": "shown"}], {"leaves": [{"text": "sent"}]}, [{"text": "shown"}]),
]


@pytest.mark.parametrize(("items", "shown", "sent", "listed"), LEAVES)
def test_what_is_sent_along_becomes_an_item_where_a_list_has_such(
    items: Any, shown: list[Any], sent: dict[str, Any], listed: list[Any]
) -> None:
    paths = {**of("/trees", "tree_id", "Tree", record("tree-a")), **of("/trees/{tree_id}/leaves", "leaf_id", "Leaf", items)}
    paths["/trees/{tree_id}/leaves"]["get"]["responses"] = says({"type": "array", "items": items}, example=shown)
    trees = document(paths)
    with MockServer(trees) as server, Client(trees, base_url=server.url, max_retries=0) as api:
        assert api.listLeafs(api.createTree(sent).id) == listed


def test_of_what_is_sent_along_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_ITEMS", 20)
    with MockServer(COMBINED) as server, Client(COMBINED, base_url=server.url, max_retries=0) as api:
        first, second = (api.createShelf(book_ids=[f"{name}{each}" for each in range(15)]) for name in "ab")
        for book in ("a0", "a14"):
            api.deleteShelfBook(first.id, book)

        assert api.getShelfBook(first.id, "a0").id == "a0"  # made up, as if it had always been there
        with pytest.raises(NotFoundError, match="it was deleted"):
            api.getShelfBook(first.id, "a14")
        assert [book.id for book in api.listShelfBooks(first.id)] == ["a10", "a11", "a12", "a13"]
        assert [book.id for book in api.listShelfBooks(second.id)] == [f"b{each}" for each in range(15)]


def test_what_was_never_created_is_made_up_under_its_name(api: Client) -> None:
    assert api.getThing("mine").id == "mine"
    assert api.deleteThing("mine") == {"id": "mine", "deleted": True}
    assert api.getThing("mine").id == "mine"


def test_collections_below_an_item_are_its_own(api: Client) -> None:
    note = api.createNote("a", text="hello")

    assert api.getNote("a", note.number).text == "hello"
    assert api.getNote("b", note.number) != note
    assert api.listNotes("a") == [note]
    assert note not in api.listNotes("b")


@pytest.mark.parametrize(
    ("format_", "there", "not_there"), [("url", "url", "b64_json"), ("b64_json", "b64_json", "url")]
)
def test_a_value_that_names_a_property_asks_for_it(format_: str, there: str, not_there: str, api: Client) -> None:
    (item,) = api.draw(format=format_).data

    assert there in item
    assert not_there not in item


def test_numbers_come_packed_where_that_was_asked_for(api: Client) -> None:
    assert api.draw(vector_format="float").vector == [0.5, -1.0]
    assert struct.unpack("<2f", b64decode(api.draw(vector_format="base64").vector)) == (0.5, -1.0)


@pytest.mark.parametrize(("format_", "kind"), [("json", dict), ("verbose_json", dict), ("text", str), ("srt", str)])
def test_a_value_that_names_a_media_type_asks_for_it(format_: str, kind: type, api: Client) -> None:
    assert isinstance(api.transcribe(format=format_), kind)


def test_echoed_values_have_the_types_of_the_document(api: Client) -> None:
    assert api.getNote("a", 7).number == 7


def test_a_server_that_is_started_again_remembers() -> None:
    server = MockServer(API)
    with server:
        made = Client(API, base_url=server.url).createThing(title="tea")
    with server:
        assert requests.get(f"{server.url}/things/{made.id}", timeout=5).json() == made
