"""Documents come from anywhere; their references lead only where they may."""

import json
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from served_site import Page, Site

from dynaopenai import Client, SpecError
from dynaopenai._checking.contract import Contract
from dynaopenai._document import source as _source
from dynaopenai._document.document import load

SMALL = """\
openapi: 3.0.3
info: {title: Small, version: "1"}
paths:
  /things:
    get:
      operationId: listThings
      responses:
        "200": {description: all}
"""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[str]:
    class Root(Page):
        def do_GET(self) -> None:
            self.answer(200 if self.path in files else 404, files.get(self.path, b""))

    with Site(Root) as site:
        yield site.url


def test_a_document_comes_from_a_path_text_bytes_mapping_or_another_document(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, "utf-8")
    mapping = load(SMALL).root

    for source in (str(path), path, SMALL, SMALL.encode(), mapping, json.dumps(mapping), load(path)):
        assert list(Client(source).operations) == ["listThings"]


def test_a_document_comes_from_a_url() -> None:
    with serving({"/api.yaml": SMALL.encode()}) as url:
        client = Client(f"{url}/api.yaml")

    assert list(client.operations) == ["listThings"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("no/such/file.yaml", 'cannot read "no/such/file.yaml": No such file or directory'),
        ("[1, 2]", "this is no OpenAPI document"),
        ("openapi: 4.0.0\npaths: {}\n", "this is no OpenAPI document"),
        ("info: {}\n", "this is no OpenAPI document"),
        (5, "a document is read from a path, a URL, a mapping or a text"),
        ("http://127.0.0.1:9x/", "cannot fetch"),
    ],
)
def test_what_is_no_document_is_refused(source: object, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        Client(source)  # type: ignore[arg-type]

    assert said in str(caught.value)


def test_a_misspelt_path_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(SMALL, "utf-8")

    with pytest.raises(SpecError) as caught:
        Client(tmp_path / "openapy.yaml")

    assert caught.value.remedy == f"nearest: {tmp_path / 'openapi.yaml'}"


def test_a_url_that_answers_with_an_error_is_refused() -> None:
    with serving({}) as url, pytest.raises(SpecError) as caught:
        Client(f"{url}/api.yaml")

    assert "404" in str(caught.value)


def test_an_answer_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_source, "MAX_BYTES", 100)
    with serving({"/api.yaml": SMALL.encode()}) as url, pytest.raises(SpecError) as caught:
        Client(f"{url}/api.yaml")

    assert "the document is too large" in str(caught.value)


def test_documents_are_joined_by_relative_references(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "thing.yaml").write_text("Thing:\n  type: object\n  properties:\n    part: {$ref: '#/Part'}\nPart: {type: integer}\n", "utf-8")
    (tmp_path / "parts" / "item.json").write_text(
        json.dumps({"get": {"operationId": "getThing", "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "thing.yaml#/Thing"}}}}}}}),
        "utf-8",
    )
    (tmp_path / "api.yaml").write_text("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /thing: {$ref: parts/item.json}\n", "utf-8")

    operation = Client(tmp_path / "api.yaml").getThing

    assert operation.validate_response({"part": 1}) == []
    assert [violation.path for violation in operation.validate_response({"part": "x"})] == ["part"]


def test_a_file_does_not_reach_into_the_network_unless_told(tmp_path: Path) -> None:
    with serving({"/t.yaml": b"T: {type: integer}\n"}) as url:
        text = SMALL + f"components:\n  schemas:\n    It: {{$ref: '{url}/t.yaml#/T'}}\n"
        (tmp_path / "api.yaml").write_text(text, "utf-8")

        with pytest.raises(SpecError) as caught:
            Client(tmp_path / "api.yaml").schema("It")
        assert "$ref leads to another host" in str(caught.value)
        assert caught.value.remedy == "allow it: remote_refs=['127.0.0.1']"

        assert Client(tmp_path / "api.yaml", remote_refs=["127.0.0.1"]).validate("It", 1) == []


def test_a_document_from_the_network_reaches_its_own_host_and_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("T: {type: integer}\n", "utf-8")
    schemas = f"components:\n  schemas:\n    Near: {{$ref: 't.yaml#/T'}}\n    File: {{$ref: '{secret.as_uri()}#/T'}}\n"
    with serving({"/api.yaml": (SMALL + schemas).encode(), "/t.yaml": b"T: {type: integer}\n"}) as url:
        client = Client(f"{url}/api.yaml", remote_refs=True)

        assert client.validate("Near", 1) == []
        with pytest.raises(SpecError) as caught:
            client.schema("File")

    assert "$ref leads outside the document" in str(caught.value)


def test_a_text_has_no_neighbours() -> None:
    client = Client(SMALL + "components:\n  schemas:\n    It: {$ref: 'other.yaml#/T'}\n")

    with pytest.raises(SpecError) as caught:
        client.schema("It")

    assert "load the document by its path or URL" in str(caught.value)


def test_references_in_a_circle_are_told() -> None:
    root = {"openapi": "3.0.3", "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"$ref": "#/components/parameters/A"}], "responses": {}}}}}
    circle = {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}

    with pytest.raises(SpecError) as caught:
        Client({**root, "components": {"parameters": circle}}).a.validate_request()

    assert "$ref leads in a circle" in str(caught.value)


def test_only_using_the_broken_part_raises() -> None:
    broken = {"get": {"operationId": "broken", "parameters": [{"$ref": "#/nowhere"}], "responses": {}}}
    fine = {"get": {"operationId": "fine", "responses": {"200": {"description": ""}}}}
    client = Client({"openapi": "3.0.3", "servers": [{"url": "http://127.0.0.1"}], "paths": {"/b": broken, "/f": fine}})

    assert client.fine.validate_request() == []
    with pytest.raises(SpecError):
        client.broken.validate_request()
    assert [item.code for item in client.diagnostics if item.severity == "error"] == ["ref-leads-nowhere"]


def test_an_error_tells_the_line(tmp_path: Path) -> None:
    path = tmp_path / "api.yaml"
    path.write_text(SMALL + "components:\n  schemas:\n    Other: {}\n    It:\n      $ref: '#/components/schemas/Othr'\n", "utf-8")

    with pytest.raises(SpecError) as caught:
        Client(path).schema("It")

    assert (caught.value.source, caught.value.line) == ("api.yaml", 13)


def test_a_contract_travels_as_its_document() -> None:
    contract = pickle.loads(pickle.dumps(Contract(load(SMALL))))

    assert list(contract.openapi.entries) == ["listThings"]


def test_the_digest_depends_on_the_text_alone() -> None:
    assert load(SMALL).digest() == load(SMALL.encode()).digest()
    assert load(SMALL).digest() != load(SMALL + "\n").digest()
