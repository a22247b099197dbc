"""Every operation and tag has an attribute; a name that is taken gives way, the same way on every load, and says so."""

from typing import Any

import pytest
from documents import OK, document
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import Client
from dynaopenai._client.naming import names, snake_case


def client(*ids: str | None, tags: list[str] | None = None) -> Client:
    paths: dict[str, Any] = {}
    for number, operation_id in enumerate(ids):
        named = {"operationId": operation_id} if operation_id is not None else {}
        paths[f"/p{number}"] = {"get": {**named, "tags": tags or [], **OK}}
    return Client(document(paths))


@pytest.mark.parametrize(
    ("operation_id", "name"),
    [
        ("listPetToys", "list_pet_toys"),
        ("admin-keys-list", "admin_keys_list"),
        ("pets/get.one", "pets_get_one"),
        ("getHTTPStatus", "get_http_status"),
        ("class", "class_"),
        ("2fa", "_2fa"),
        ("ДайМне", "даймне"),
        ("a b", "a_b"),
    ],
)
def test_an_id_has_a_name_in_snake_case(operation_id: str, name: str) -> None:
    assert snake_case(operation_id) == name
    assert getattr(client(operation_id), name).id == operation_id


@pytest.mark.parametrize("own", ["close", "operations", "schema", "validate", "with_options", "base_url", "diagnostics", "_engine", "find"])
def test_a_clients_own_names_stay_its_own_and_the_operation_ends_in_an_underscore(own: str) -> None:
    it = client(own)

    assert getattr(it, f"{own}_").id == own
    assert it[own].id == it.operations[own].id == own
    assert not hasattr(getattr(it, own), "method")
    (told,) = [item for item in it.diagnostics if item.code == "name-taken"]
    assert f"is spelled client.{own}_" in told.message


def test_camel_case_of_an_own_name_is_reached_as_it_is() -> None:
    it = client("withOptions")

    assert it.withOptions is it.with_options_


@pytest.mark.parametrize("name", ["self", "class", "from", "__init__", "__class__", "None", "mro", "x" * 300])
def test_an_id_of_any_name_is_reached_by_item(name: str) -> None:
    assert client(name)[name].id == name


def test_tags_give_way_to_operations() -> None:
    it = client("files", tags=["files", "close", "Pets & toys"])

    assert it.files.id == "files"
    assert [operation.id for operation in it.files_] == ["files"]
    assert it.close_["files"].id == it.pets_toys.files.id == "files"
    assert {item.code for item in it.diagnostics} == {"name-taken"}


def test_two_ids_of_one_snake_case_are_both_reached() -> None:
    it = client("getThing", "get-thing", "get_thing")

    assert [it.getThing.path, it.get_thing.path] == ["/p0", "/p2"]
    assert {it.get_thing_.path, it.get_thing__.path} == {"/p0", "/p1"}


def test_a_declared_id_goes_before_a_made_up_one_and_the_first_before_the_next() -> None:
    it = client(None, "get_p0", "same", "same", "")

    assert {operation.path: operation.id for operation in it.operations.values()} == {
        "/p0": "get_p0_2",
        "/p1": "get_p0",
        "/p2": "same",
        "/p3": "same_2",
        "/p4": "get_p4",
    }
    assert [item.code for item in it.diagnostics] == ["no-operation-id", "duplicate-operation-id", "no-operation-id"]


ids = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=8)


@given(ids, ids)
def test_every_id_and_tag_has_a_name_of_its_own_that_python_spells(operation_ids: list[str], tags: list[str]) -> None:
    found = names(operation_ids, tags, frozenset({"close", "find"}))

    assert set(found.operations.values()) == set(operation_ids)
    assert set(found.tags.values()) == set(tags)
    assert not found.operations.keys() & found.tags.keys()
    assert not {"close", "find"} & (found.operations.keys() | found.tags.keys())
    assert all(name.isidentifier() and not name.startswith("__") for name in [*found.operations, *found.tags])
    assert found == names(operation_ids, tags, frozenset({"close", "find"}))
