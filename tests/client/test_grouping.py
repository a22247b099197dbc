"""Operations have names in groups, from paths and methods; where the document says otherwise, its own."""

from __future__ import annotations

import keyword
from typing import Any

import pytest
from documents import OK, answer, document, parameter
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import AsyncClient, Client, UnknownOperationError
from dynaopenai._client.grouping import grouped
from dynaopenai.testing import Mock

LIST = answer({"type": "object", "properties": {"object": {"type": "string"}, "data": {"type": "array", "items": {}}}})
ARRAY = answer({"type": "array", "items": {}})
THING = answer({"type": "object", "properties": {"names": {"type": "array", "items": {}}}})


def paths(*said: str) -> dict[str, Any]:
    """``GET /pets listPets`` as Path Items; answers are lists where the id begins with list."""
    found: dict[str, Any] = {}
    for line in said:
        method, path, *declared = line.split(" ")
        named = {"operationId": declared[0]} if declared else {}
        shape = LIST if declared and declared[0].lower().startswith("list") else THING
        found.setdefault(path, {})[method.lower()] = {**named, **shape}
    return found


def named(*said: str, **more: Any) -> dict[str, str]:
    """``METHOD /path`` by name."""
    api = Client(document(paths(*said), **more))._engine.contract.openapi
    return {name: f"{api.entries[operation_id].method} {api.entries[operation_id].path}" for name, operation_id in grouped(api).items()}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (["GET /pets listPets", "POST /pets addPet"], ["pets.list", "pets.create"]),
        (["GET /pets", "GET /pets/{id}"], ["pets.list", "pets.retrieve"]),
        (["GET /pets/{id}", "POST /pets/{id}", "DELETE /pets/{id}"], ["pets.retrieve", "pets.update", "pets.delete"]),
        (["PUT /pets/{id}"], ["pets.update"]),
        (["PUT /pets/{id}", "PATCH /pets/{id}", "POST /pets/{id}"], ["pets.replace", "pets.update", "pets.create"]),
        (["HEAD /pets/{id}", "OPTIONS /pets/{id}"], ["pets.head", "pets.options"]),
        (["GET /shops/{shop}/pets listPets", "GET /shops/{shop}/pets/{id} getPet"], ["shops.pets.list", "shops.pets.retrieve"]),
        (["GET /account getAccount", "POST /account setAccount"], ["account.retrieve", "account.update"]),
        (["GET /account getAccount", "PUT /account setAccount", "DELETE /account dropAccount"], ["account.retrieve", "account.update", "account.delete"]),
        (["GET /pets/{id}/owner getOwner"], ["pets.owner.retrieve"]),
        (["POST /jobs/{id}/cancel cancelJob"], ["jobs.cancel"]),
        (["POST /jobs/{id}/cancel"], ["jobs.cancel"]),
        (["POST /jobs/cancel"], ["jobs.cancel"]),
        (["POST /jobs/{id}:cancel"], ["jobs.cancel"]),
        (["POST /jobs/{id}/submit_results submitResults"], ["jobs.submit_results"]),
        (["POST /jobs/{id}/parts addPart"], ["jobs.parts.create"]),
        (["POST /jobs/{id}/cancel cancelJob", "GET /jobs/{id}/cancel getCancel"], ["jobs.cancel.update", "jobs.cancel.retrieve"]),
        (["POST /jobs/{id}/cancel cancelJob", "GET /jobs/{id}/cancel/{n} getCancel"], ["jobs.cancel.create", "jobs.cancel.retrieve"]),
        (["GET /pet/findByStatus findPetsByStatus", "GET /pet/{id} getPet"], ["pet.find_by_status", "pet.retrieve"]),
        (["POST /audio/speech createSpeech"], ["audio.speech.create"]),
        (["POST /sites/{id}/audio/speech Speech_Create"], ["sites.audio.speech.create"]),
        (["POST /sites/{id}/completions Completions_Create"], ["sites.completions.create"]),
        (["GET /jobs/{id}/watch jobs_watch", "GET /jobs/{id}/steps jobs_steps"], ["jobs.watch", "jobs.steps.retrieve"]),
        (["POST /complete complete"], ["complete"]),
        (["GET /jobs/{id}/metrics ListMetrics", "GET /jobs/{id}/costs Costs_List"], ["jobs.metrics.list", "jobs.costs.list"]),
        (["GET /usage/files usage-files", "GET /usage/audio_hours usage-audio-hours"], ["usage.files", "usage.audio_hours"]),
        (["GET /v1/pets listPets", "POST /v1/pets addPet"], ["pets.list", "pets.create"]),
        (["GET /api/v1.1/pets listPets", "POST /api/v1.1/pets addPet"], ["pets.list", "pets.create"]),
        (["GET /v1/pets listPets", "GET /v2/pets listPets2"], ["v1.pets.list", "v2.pets.list"]),
        (["POST /pets addPet", "POST /pets?beta=true addPet2"], ["pets.create", "beta.pets.create"]),
        (["GET /pets?status=sold listSold", "GET /pets listPets"], ["pets.sold.list", "pets.list"]),
        (["POST /chat.postMessage", "GET /users.list listUsers"], ["chat.post_message.create", "users.list"]),
        (["GET /statuses/{id}.json getStatus"], ["statuses.retrieve"]),
        (["GET /import/{class} getImport", "GET /2fa list2fa"], ["import_.retrieve", "_2fa.list"]),
        (["GET /_search/template listTemplates"], ["search.template.list"]),
        (["GET /PetToys listToys"], ["pet_toys.list"]),
        (["GET / getRoot", "GET /{id} getAny"], []),
        (["POST /signIn signIn"], ["sign_in"]),
        (
            ["GET /chains/shops/{shop} getShop", "GET /shops/{shop}/pets listPets"],
            ["chains.shops.retrieve", "chains.shops.pets.list"],
        ),
        (
            ["GET /chains/shops/{shop} getShop", "GET /shops/{other}/pets listPets"],
            ["chains.shops.retrieve", "shops.pets.list"],
        ),
        (
            ["GET /chains/shops/{shop} getShop", "GET /shops listShops", "GET /shops/{shop}/pets listPets"],
            ["chains.shops.retrieve", "shops.list", "shops.pets.list"],
        ),
    ],
    ids=", ".join,
)  # fmt: skip
def test_a_name_follows_from_path_and_method(said: list[str], names: list[str]) -> None:
    found = named(*said)

    assert list(found) == names
    assert list(found.values()) == [" ".join(line.split(" ")[:2]) for line in said][: len(names)]


@pytest.mark.parametrize(("shape", "name"), [(LIST, "pets.list"), (ARRAY, "pets.list"), (THING, "pets.retrieve"), (OK, "pets.retrieve")])
def test_what_answers_no_list_is_there_once(shape: dict[str, Any], name: str) -> None:
    api = Client(document({"/pets": {"get": {"operationId": "x", **shape}}}))._engine.contract.openapi

    assert list(grouped(api)) == [name]


def test_a_list_is_seen_behind_references_and_in_parts_of_a_schema() -> None:
    page = {"allOf": [{"$ref": "#/components/schemas/Page"}, {"properties": {"data": {"$ref": "#/components/schemas/Pets"}}}]}
    schemas = {"Page": {"type": "object"}, "Pets": {"type": "array", "items": {}}, "PetPage": page}
    responses = {"Pets": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PetPage"}}}}}
    get = {"operationId": "x", "responses": {"200": {"$ref": "#/components/responses/Pets"}}}
    api = Client(document({"/pets": {"get": get}}, components={"schemas": schemas, "responses": responses}))._engine.contract.openapi

    assert list(grouped(api)) == ["pets.list"]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (["DELETE /pets deleteAllPets", "DELETE /pets/{id} deletePet"], ["pets.delete_all_pets", "pets.delete"]),
        (["POST /threads/runs createBoth", "POST /threads/{id}/runs createRun"], ["threads.runs.create_both", "threads.runs.create"]),
        (["PUT /pet updatePet", "POST /pet/{id} updateWithForm", "GET /pet/{id} getPet"], ["pet.update_pet", "pet.update", "pet.retrieve"]),
        (["GET /a/{x} one", "GET /a/{y} other"], ["a.retrieve", "a.other"]),
        (["GET /a/{x} one", "GET /a/{y} retrieve"], ["a.retrieve", "a.retrieve_"]),
    ],
    ids=", ".join,
)
def test_of_two_with_one_name_the_longer_path_goes_first_then_the_first(said: list[str], names: list[str]) -> None:
    assert list(named(*said)) == names


SAID = {
    "/pets": "shop.pets",
    "/pets/{id}/toys": ["toys", "old.toys"],
    "POST /pets/search": "shop.look_for",
    "GET /pets/{id}": ["shop.pets.get", "pet"],
}


def test_the_document_says_other_names_and_groups() -> None:
    found = named(
        "GET /pets listPets", "GET /pets/{id} getPet", "POST /pets/search searchPets", "GET /pets/{pet}/toys listToys",
        "GET /owners listOwners", **{"x-client-names": SAID},
    )  # fmt: skip

    assert found == {
        "shop.pets.list": "GET /pets",
        "shop.pets.get": "GET /pets/{id}",
        "pet": "GET /pets/{id}",
        "shop.look_for": "POST /pets/search",
        "toys.list": "GET /pets/{pet}/toys",
        "old.toys.list": "GET /pets/{pet}/toys",
        "owners.list": "GET /owners",
    }


@pytest.mark.parametrize("place", ["/pets", "/api/v1/pets"])
def test_a_group_is_given_to_a_beginning_with_or_without_what_all_paths_begin_with(place: str) -> None:
    found = named("GET /api/v1/pets listPets", "GET /api/v1/owners listOwners", **{"x-client-names": {place: "shop.pets"}})

    assert list(found) == ["shop.pets.list", "owners.list"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ([], "found [], expected names by METHOD /path"),
        ({"/pets": "a b"}, 'found "a b", expected a name such as group.word'),
        ({"/pets": ["ok", 7]}, "found 7, expected a name"),
        ({"GET /pets": "pets.class"}, 'found "pets.class"'),
        ({"GET /pets": "__init__"}, 'found "__init__"'),
        ({"GET /pest": "x"}, 'the document has no such operation: "GET /pest"'),
        ({"/pest": "x"}, 'the document has no path that begins so: "/pest"'),
    ],
    ids=str,
)
def test_a_word_of_the_document_that_names_nothing_is_told_and_passed_over(said: Any, message: str) -> None:
    client = Client(document(paths("GET /pets listPets"), **{"x-client-names": said}))

    (told,) = client.diagnostics
    assert (told.code, told.severity) == ("client-name", "warning")
    assert message in told.message
    assert client.listPets.id == "listPets"


words = st.text("abAB_-.:1", min_size=1, max_size=4)
segments = st.one_of(words, words.map("{{{}}}".format), st.sampled_from(["api", "v1", "class", "import"]))
operations = st.tuples(st.lists(segments, min_size=1, max_size=4).map("/".join), st.sampled_from(["get", "post", "delete", "patch"]), words)


@given(st.lists(operations, max_size=8, unique_by=(lambda one: one[:2], lambda one: one[2])))
def test_whatever_the_paths_names_can_be_typed_and_lead_to_one_operation_each(found: list[tuple[str, str, str]]) -> None:
    paths: dict[str, Any] = {}
    for path, method, operation_id in found:
        paths.setdefault(f"/{path}", {})[method] = {"operationId": operation_id, **OK}
    client = Client(document(paths))
    names = client._engine.grouped

    assert all(word.isidentifier() and not keyword.iskeyword(word) for name in names for word in name.split("."))
    assert not {name.rpartition(".")[0] for name in names} & names.keys()
    for name, operation_id in names.items():
        first, _, rest = name.partition(".")
        spelled = next((spelled for spelled, word in client._engine.names.groups.items() if word == first), "")
        assert not rest or client.operations.groups[spelled][rest] is client[operation_id]


# --- on a client ---------------------------------------------------------------------------------

ID = parameter("id", "path")
SHOP = document(
    {
        "/pets": {
            "get": {"operationId": "listPets", "tags": ["Pets"], "summary": "All of them", **LIST},
            "post": {"operationId": "addPet", "tags": ["Pets"], "summary": "Take one in", **THING},
        },
        "/pets/{id}": {"parameters": [ID], "get": {"operationId": "getPet", "tags": ["Pets"], **THING}},
        "/pets/{id}/toys/{toy}": {
            "parameters": [ID, parameter("toy", "path")],
            "get": {"operationId": "getToy", "tags": ["Toys"], **THING},
        },
        "/statistics": {"get": {"operationId": "petStatistics", "tags": ["Pets"], **THING}},
    }
)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_each_name_leads_to_the_same_operation(kind: Any) -> None:
    client = kind(SHOP)

    assert client.pets.list is client.listPets is client.list_pets is client["listPets"] is client.pets["list"]
    assert client.pets.toys.retrieve is client.getToy is client.pets["toys.retrieve"] is client.toys.getToy
    assert client.pets.listPets is client.pets.list_pets is client.pets.list
    assert client.pets is client.pets
    assert client.operations.find("pets.toys.retrieve") is client.getToy
    assert client.with_options(timeout=1).pets.list.path == "/pets"


def test_dir_has_each_operation_once() -> None:
    client = Client(SHOP)

    assert {"listPets", "getToy", "pets", "statistics", "toys"} <= set(dir(client))
    assert not {"list_pets", "get_toy"} & set(dir(client))
    assert dir(client.pets) == ["create", "list", "petStatistics", "retrieve", "toys"]
    assert dir(client.pets.toys) == ["retrieve"]


def test_a_group_shows_its_operations() -> None:
    pets = Client(SHOP).pets

    assert [line.split("  ")[1] for line in repr(pets).splitlines()[1:]] == ["list", "create", "retrieve", "toys.retrieve", "petStatistics"]
    assert repr(pets).startswith("<Group pets: 5 operations>")
    assert "Take one in" in str(pets.__doc__)
    assert "help(client.pets.list)" in str(pets.__doc__)
    assert "Take one in" in pets._repr_html_()
    assert [operation.id for operation in pets] == ["listPets", "addPet", "getPet", "getToy", "petStatistics"]


def test_help_on_an_operation_tells_its_names_in_groups() -> None:
    words = {"x-client-names": {"GET /pets": ["pets.list", "animals.all"], "/statistics": "find"}}
    client = Client({**SHOP, **words})

    assert "\n\nAlso client.pets.list, client.animals.all.\n\n" in str(client.listPets.__doc__)
    assert "Also client.find_.retrieve." in str(client.petStatistics.__doc__)


@pytest.mark.parametrize(
    ("look", "suggestion"),
    [
        (lambda client: client.pets.lst, "list"),
        (lambda client: client.pets.retreive, "retrieve"),
        (lambda client: client.pets.take, "create"),
        (lambda client: client.pets.toys.get, "retrieve"),
        (lambda client: client.toy, "toys"),
        (lambda client: client.pets_toys_retrieve, "pets.toys.retrieve"),
        (lambda client: client.pets["toys.retrieves"], "toys.retrieve"),
    ],
)
def test_an_unknown_name_leads_to_the_right_one(look: Any, suggestion: str) -> None:
    with pytest.raises(UnknownOperationError) as caught:
        look(Client(SHOP))

    assert suggestion in caught.value.suggestions


def test_a_name_that_is_nowhere_says_where_all_are() -> None:
    with pytest.raises(UnknownOperationError, match=r"client\.pets has no operation \"zzz\"\n  it has 5 operations: client\.pets"):
        _ = Client(SHOP).pets.zzz


@pytest.mark.parametrize("path", ["/pets/{id}/toys", "/pets/{id}/toys/{toy}/parts"])
def test_a_group_further_in_is_found_by_its_own_word(path: str) -> None:
    with pytest.raises(UnknownOperationError, match=r"did you mean pets\.toys"):
        _ = Client({**SHOP, "paths": {path: {"get": {**LIST}}}}).toys


@pytest.mark.parametrize("own", ["find", "operations", "close", "schema"])
def test_a_clients_own_names_and_operation_ids_go_before_groups(own: str) -> None:
    client = Client(document(paths(f"GET /{own}/{{id}} getIt", "GET /pets/{id} pets")))

    assert getattr(client, f"{own}_").retrieve.id == "getIt"
    assert client.pets.path == "/pets/{id}"
    assert client.pets_.retrieve is client.pets
    assert [item.code for item in client.diagnostics if item.code != "no-path-parameter"].count("name-taken") == 2


def test_path_parameters_by_position_fill_those_that_are_not_named() -> None:
    with Mock(SHOP) as mock:
        mock.getPet.returns({})
        mock.getToy.returns()
        client = Client(SHOP)
        client.pets.retrieve("7")
        client.pets.toys.retrieve("ball", id="7")
        client.pets.toys.retrieve("7", "ball")

    assert [call.arguments for call in mock.calls] == [{"id": "7"}, {"id": "7", "toy": "ball"}, {"id": "7", "toy": "ball"}]


def test_a_mock_is_spoken_to_by_the_same_names() -> None:
    with Mock(SHOP) as mock:
        mock.pets.toys.retrieve.returns({"names": ["ball"]})

        assert Client(SHOP).getToy("7", "ball") == {"names": ["ball"]}
        assert dir(mock.pets) == dir(Client(SHOP).pets)
