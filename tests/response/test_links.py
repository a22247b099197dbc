"""The document's links lead from an answer to the next call."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from fault_server import FaultServer, answer
from small_api import KEY

from dynaopenai import Client, RequestValidationError, SpecError, UnknownOperationError

JSON = {"application/json": {"schema": {}}}
LINKS: dict[str, Any] = {
    "Item": {"operationId": "getItem", "parameters": {"id": "$response.body#/items/0/id", "X-Trace": "$response.header.X-Trace"}},
    "Again": {"operationRef": "#/paths/~1shops~1{shop}/post", "parameters": {"path.shop": "$request.path.shop"}, "requestBody": "$request.body"},
    "Note": {"operationId": "getItem", "parameters": {"id": "note {$method} {$statusCode} of {$request.body#/name}", "X-Trace": "constant"}},
    "Asked": {"operationId": "getItem", "parameters": {"id": "$request.query.q", "X-Trace": "$request.header.X-Trace"}},
    "Shared": {"$ref": "#/components/links/Shared"},
    "Nowhere": {"operationId": "noSuchThing"},
    "Empty": {"operationId": "getItem", "parameters": {"id": "$response.body#/none"}},
}
TRACE = {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}


def path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


API: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shops", "version": "1"},
    "security": [{"bearer": []}],
    "paths": {
        "/shops/{shop}": {
            "post": {
                "operationId": "openShop",
                "parameters": [path("shop"), {"name": "q", "in": "query", "schema": {"type": "string"}}, TRACE],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"200": {"description": "", "content": JSON, "links": LINKS}},
            }
        },
        "/items/{id}": {
            "get": {"operationId": "getItem", "parameters": [path("id"), TRACE], "responses": {"200": {"description": "", "content": JSON}}}
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "links": {"Shared": {"operationId": "getItem", "parameters": {"id": "7"}}},
    },
}
FIRST = answer({"items": [{"id": "a/b"}]}, 200, "X-Trace: t1")


def followed(name: str, **more: Any) -> tuple[list[str], Any]:
    with FaultServer(FIRST) as server, Client(API, base_url=server.url, api_key=KEY) as client:
        response = client.openShop.send("s1", q="asked", name="N", **{"X-Trace": "t0"})
        response.links[name](**more)
        last = server.received[-1]
        return [last.line.decode(), last.header("X-Trace")], last.body  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("name", "line", "trace"),
    [
        ("Item", "GET /items/a%2Fb HTTP/1.1", "t1"),
        ("Note", "GET /items/note%20POST%20200%20of%20N HTTP/1.1", "constant"),
        ("Asked", "GET /items/asked HTTP/1.1", "t0"),
        ("Shared", "GET /items/7 HTTP/1.1", None),
        ("Again", "POST /shops/s1 HTTP/1.1", None),
    ],
)
def test_a_link_passes_on_what_the_document_says(name: str, line: str, trace: str | None) -> None:
    sent, body = followed(name)

    assert sent == [line, trace]
    assert body == (b'{"name":"N"}' if name == "Again" else b"")


def test_keywords_go_before_what_the_link_passes_on() -> None:
    assert followed("Item", id="mine")[0] == ["GET /items/mine HTTP/1.1", "t1"]


def test_links_are_listed_and_read_as_attributes() -> None:
    with FaultServer(FIRST) as server, Client(API, base_url=server.url, api_key=KEY) as client:
        response = client.openShop.send("s1")

        assert list(response.links) == list(LINKS)
        assert {"Item", "Shared"} <= set(dir(response.links))
        assert response.links.Item() == {"items": [{"id": "a/b"}]}
        assert list(client.getItem.send("x").links) == []
        assert pickle.loads(pickle.dumps(response)).data == {"items": [{"id": "a/b"}]}


def test_what_leads_nowhere_says_so() -> None:
    with FaultServer(FIRST) as server, Client(API, base_url=server.url, api_key=KEY) as client:
        links = client.openShop.send("s1").links

        with pytest.raises(UnknownOperationError, match="did you mean Item"):
            _ = links.Itm
        with pytest.raises(SpecError, match="a link leads to no operation of this document"):
            links.Nowhere()
        with pytest.raises(RequestValidationError) as caught:
            links.Empty()
    assert str(caught.value).splitlines()[:2] == [
        "getItem was not sent: 1 problem",
        "  id: found no $response.body#/none in the answer, expected it for the link Empty",
    ]
