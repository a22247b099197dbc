"""A `$ref` is followed wherever the specification allows one, and nowhere that it must not lead."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from documents import OK, answer, document, parameter
from served_site import Page, Site

from dynaopenai import Client, SpecError
from dynaopenai._document.document import load

SHARED = {
    "pathItems": {"Thing": {"get": {"operationId": "getThing", "parameters": [{"$ref": "#/components/parameters/q"}], "responses": {"200": {"$ref": "#/components/responses/Ok"}}}}},
    "parameters": {"q": {"$ref": "#/components/parameters/q2"}, "q2": parameter("q", schema={"$ref": "#/components/schemas/Number"})},
    "requestBodies": {"Thing": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "examples": {"one": {"$ref": "#/components/examples/one"}}}}}},
    "responses": {"Ok": {"description": "", "headers": {"X-Rate": {"$ref": "#/components/headers/rate"}}, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}, "links": {"next": {"$ref": "#/components/links/next"}}}},
    "headers": {"rate": {"required": True, "schema": {"$ref": "#/components/schemas/Number"}}},
    "examples": {"one": {"value": {"id": 5}}},
    "links": {"next": {"operationId": "getThing"}},
    "securitySchemes": {"a": {"$ref": "#/components/securitySchemes/b"}, "b": {"type": "http", "scheme": "bearer"}},
    "schemas": {"Number": {"type": "integer"}, "Thing": {"type": "object", "properties": {"id": {"$ref": "#/components/schemas/Number"}}, "required": ["id"]}},
}


def test_every_object_that_may_be_a_reference_is_followed() -> None:
    paths = {"/thing": {"$ref": "#/components/pathItems/Thing"}, "/new": {"post": {"operationId": "new", "requestBody": {"$ref": "#/components/requestBodies/Thing"}, **OK}}}
    client = Client(document(paths, "3.1.0", components=SHARED, security=[{"a": []}]), api_key="k")

    assert client.getThing.prepare(q=1).headers["Authorization"] == "Bearer k"
    assert [item.path for item in client.getThing.validate_request(q="x")] == ["q"]
    assert [item.path for item in client.getThing.validate_response({"id": "x"})] == ["id"]
    assert client.getThing.responses["200"].headers["X-Rate"].required
    assert client.new.example() == {"id": 5}
    assert client.diagnostics == []


REFS: list[tuple[str, Any]] = [
    ("#/components/schemas/a~1b", "a/b"),
    ("#/components/schemas/c~0d", "c~d"),
    ("#/components/schemas/e%20f", "e f"),
    ("#/components/schemas/%C3%A9", "é"),
    ("#/components/schemas/g%25h", "g%h"),
    ("#/components/schemas/g%h", "g%h"),
    ("#/components/schemas/~01", "~1"),
    ("#/components/schemas/", ""),
    ("#/components%2Fschemas%2Fx", None),
]


@pytest.mark.parametrize(("ref", "name"), REFS)
def test_pointers_are_unescaped_once_and_in_order(ref: str, name: str | None) -> None:
    schemas = {key: {"const": key} for _, key in REFS if key is not None}
    client = Client(document({}, "3.1.0", components={"schemas": {**schemas, "It": {"$ref": ref}}}))

    if name is None:
        with pytest.raises(SpecError):
            client.schema("It")
    else:
        assert client.validate("It", name) == []
        assert client.validate("It", "other") != []


@pytest.mark.parametrize(
    "ref", ["#/nowhere", "#nowhere", "other.yaml", "http://[", "https://h.example/x.yaml", "#/paths/0/x", "file:///etc/hostname", "//h.example/x", "ftp://h.example/x", ""]
)
def test_a_reference_that_leads_nowhere_is_told_and_only_its_use_raises(ref: str) -> None:
    paths = {"/fine": {"get": {"operationId": "fine", **OK}}, "/broken": {"get": {"operationId": "broken", **answer({"$ref": ref or "#/x"})}}}
    client = Client(document(paths))

    assert client.fine.validate_request() == []
    assert [item.severity for item in client.diagnostics] == ["error"]
    with pytest.raises(SpecError):
        client.broken.validate_response({})


@pytest.mark.parametrize(("status", "usable"), [("200", False), ("404", True), ("default", True), ("5XX", True)])
def test_an_answer_that_cannot_be_found_matters_where_the_call_succeeds(status: str, usable: bool) -> None:
    responses = {"200": {"description": ""}, status: {"$ref": "#/components/responses/Gone"}}
    client = Client(document({"/a": {"get": {"operationId": "it", "responses": responses}}}))

    assert [item.code for item in client.diagnostics] == ["ref-leads-nowhere"]
    if usable:
        assert client.it.prepare().method == "GET"
    else:
        with pytest.raises(SpecError):
            client.it.prepare()


def test_a_circle_of_references_is_told() -> None:
    schemas = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}

    assert Client(document({}, components={"schemas": schemas})).validate("A", 1) == []  # a schema may refer to itself
    parameters = {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}
    (found, *_) = Client(document({}, components={"parameters": parameters})).diagnostics
    assert found.code == "ref-leads-in-a-circle"


def test_self_is_a_documents_name_for_others(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.2.0\n$self: https://docs.example/api.yaml\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"
        "    Near: {$ref: 'part.yaml#/It'}\n    Own: {$ref: 'https://docs.example/api.yaml#/components/schemas/Number'}\n    Number: {type: integer}\n",
        "utf-8",
    )
    (tmp_path / "part.yaml").write_text("It: {$ref: 'https://docs.example/api.yaml#/components/schemas/Number'}\n", "utf-8")
    client = Client(tmp_path / "api.yaml")

    for name in ("Near", "Own"):
        assert client.validate(name, 1) == []
        assert client.validate(name, "x") != []


def test_a_defect_in_a_neighbour_is_told_with_the_neighbours_line(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a: {$ref: item.yaml}\n", "utf-8")
    (tmp_path / "item.yaml").write_text("get:\n  operationId: it\n  respones: {}\n  responses:\n    '200': {$ref: '#/Gone'}\n", "utf-8")

    found = Client(tmp_path / "api.yaml").diagnostics

    assert {(item.code, item.source, item.line) for item in found} == {("unknown-field", "item.yaml", 3), ("ref-leads-nowhere", "item.yaml", 5)}
    assert [item.remedy for item in found if item.code == "unknown-field"] == ['did you mean "responses"?']


def test_a_broken_rule_in_a_neighbour_is_told_with_the_neighbours_line(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("openapi: 3.1.0\npaths: {}\ncomponents:\n  schemas:\n    A: {$ref: 'parts.yaml#/A'}\n", "utf-8")
    (tmp_path / "parts.yaml").write_text("A:\n  type: object\n  properties:\n    n:\n      type: integer\n", "utf-8")

    (found,) = Client(tmp_path / "api.yaml").validate("A", {"n": "x"})

    assert (found.schema_path, found.source) == ("#/A/properties/n/type", "parts.yaml:5")


@pytest.fixture
def redirecting() -> Iterator[str]:
    class Root(Page):
        def do_GET(self) -> None:
            far = f"http://localhost:{self.server.server_port}/t.yaml"
            place = {"/far.yaml": far, "/near.yaml": "/t.yaml", "/file.yaml": "file:///etc/hostname"}.get(self.path, "")
            self.answer(302 if place else 200, b"" if place else b"T: {type: integer}\n", Location=place)

    with Site(Root) as site:
        yield site.url


def test_a_redirect_leads_no_further_than_a_reference_may(redirecting: str, tmp_path: Path) -> None:
    schemas = "".join(f"    {name}: {{$ref: '{redirecting}/{name}.yaml#/T'}}\n" for name in ("near", "far", "file"))
    path = tmp_path / "api.yaml"
    path.write_text(f"openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n{schemas}", "utf-8")
    client = Client(path, remote_refs=["127.0.0.1"])

    assert client.validate("near", 1) == []
    for name in ("far", "file"):
        with pytest.raises(SpecError) as caught:
            client.schema(name)
        assert "$ref leads to a document that cannot be read" in str(caught.value)


def test_a_url_with_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(SpecError) as caught:
        load("http://me:hunter2@127.0.0.1:1/api.yaml")

    assert "the URL holds a user name" in str(caught.value)
    assert "hunter2" not in str(caught.value)
