"""A list is read page by page, by what its document declares and its answers say."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from fault_server import FaultServer, Received, answer
from small_api import KEY

from dynaopenai import Client, RequestValidationError, ResponseValidationError

WORDS = ["a", "b", "c", "d", "e"]


def api(*parameters: str) -> dict[str, Any]:
    declared = [{"name": name, "in": "query", "schema": {"type": ["string", "integer"]}} for name in parameters]
    content = {"content": {"application/json": {"schema": {}}}}
    operation = {"operationId": "listWords", "parameters": declared, "responses": {"200": {"description": "", **content}}}
    schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Words", "version": "1"},
        "security": [{"bearer": []}],
        "paths": {"/words": {"get": operation}},
        "components": {"securitySchemes": schemes},
    }


def asked(request: Received) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.target).query))


def held(start: int) -> list[dict[str, str]]:
    return [{"id": word} for word in WORDS[start : start + 2]]


def by_last_id(request: Received) -> bytes:
    start = WORDS.index(asked(request)["after"]) + 1 if "after" in asked(request) else 0
    return answer({"data": held(start), "last_id": WORDS[min(start + 1, 4)], "has_more": start < 4})


def by_id_of_the_last_item(request: Received) -> bytes:
    start = WORDS.index(asked(request)["after"]) + 1 if "after" in asked(request) else 0
    return answer({"object": "list", "data": held(start), "has_more": start < 4})


def by_cursor(request: Received) -> bytes:
    start = int(asked(request).get("cursor", "0"))
    return answer({"results": held(start), "next_cursor": str(start + 2) if start < 4 else None})


def by_token(request: Received) -> bytes:
    start = int(asked(request).get("pageToken", "0"))
    return answer({"words": held(start), **({"nextPageToken": start + 2} if start < 4 else {})})


def by_page(request: Received) -> bytes:
    page = int(asked(request).get("page", "1"))
    return answer(held(2 * page - 2))


def by_page_of_pages(request: Received) -> bytes:
    page = int(asked(request).get("page", "1"))
    return answer({"items": held(2 * page - 2), "total_pages": 3})


def by_offset(request: Received) -> bytes:
    start = int(asked(request).get("offset", "0"))
    return answer({"items": held(start), "total": 5})


def by_header(request: Received) -> bytes:
    start = int(asked(request).get("from", "0"))
    link = f'Link: </words>; rel="first", </words?q=x&from={start + 2}>; title="a, b"; rel="next last"'
    return answer(held(start), 200, *([link] if start < 4 else []))


def by_url(request: Received) -> bytes:
    start = int(asked(request).get("from", "0"))
    return answer({"values": held(start), "next": f"?from={start + 2}" if start < 4 else None})


def by_nested_url(request: Received) -> bytes:
    start = int(asked(request).get("from", "0"))
    return answer({"values": held(start), "_links": {"next": {"href": f"/words?from={start + 2}"} if start < 4 else None}})


def by_page_from_zero(request: Received) -> bytes:
    page = int(asked(request).get("page", "0"))
    return answer({"content": held(2 * page), "number": page, "totalPages": 3})


def by_page_with_a_last_one(request: Received) -> bytes:
    page = int(asked(request).get("page", "0"))
    return answer({"content": held(2 * page), "page": {"number": page}, "last": page == 2})


def by_start_index(request: Received) -> bytes:
    start = int(asked(request).get("startIndex", "1"))
    return answer({"Resources": held(start - 1), "totalResults": 5, "startIndex": start})


def by_cursor_in_an_object(request: Received) -> bytes:
    start = int(asked(request).get("start_cursor", "0"))
    return answer({"words": held(start), "response_metadata": {"next_cursor": str(start + 2) if start < 4 else ""}})


def by_marker(request: Received) -> bytes:
    start = int(asked(request).get("marker", "0"))
    return answer({"entries": held(start), "limit": 2, **({"next_marker": f"{start + 2}"} if start < 4 else {"next_marker": None})})


def by_continue(request: Received) -> bytes:
    start = int(asked(request).get("continue", "0"))
    return answer({"items": held(start), "metadata": {"continue": str(start + 2) if start < 4 else ""}})


def by_odata(request: Received) -> bytes:
    start = int(asked(request).get("$skip", "0"))
    return answer({"value": held(start), **({"@odata.nextLink": f"/words?$skip={start + 2}"} if start < 4 else {})})


def by_link_until_the_last(request: Received) -> bytes:
    """Beyond the last page, the last again, as many servers do."""
    page = min(int(asked(request).get("page", "1")), 3)
    return answer(held(2 * page - 2), 200, *([f'Link: </words?page={page + 1}>; rel="next"'] if page < 3 else []))


CONVENTIONS = [
    (["after", "limit"], by_last_id),
    (["after", "limit"], by_id_of_the_last_item),
    (["cursor"], by_cursor),
    (["pageToken"], by_token),
    (["page"], by_page),
    (["page", "limit"], by_page_of_pages),
    (["offset", "limit"], by_offset),
    (["page", "totalPages"], by_page_from_zero),
    (["page"], by_page_with_a_last_one),
    (["startIndex"], by_start_index),
    (["start_cursor"], by_cursor_in_an_object),
    (["marker", "offset"], by_marker),
    (["continue", "limit"], by_continue),
    (["$skip"], by_odata),
    (["page"], by_link_until_the_last),
    ([], by_header),
    ([], by_url),
    ([], by_nested_url),
]


@pytest.mark.parametrize(("parameters", "serve"), CONVENTIONS, ids=lambda part: getattr(part, "__name__", ""))
def test_all_items_come_in_order(parameters: list[str], serve: Any) -> None:
    with FaultServer(serve) as server, Client(api("q", *parameters), base_url=server.url, api_key=KEY) as client:
        found = [item["id"] for item in client.listWords.items(q="x")]

    assert found == WORDS
    assert {request.header("Authorization") for request in server.received} == {f"Bearer {KEY}"}


@pytest.mark.parametrize(("parameters", "serve"), CONVENTIONS, ids=lambda part: getattr(part, "__name__", ""))
def test_pages_are_fetched_when_they_are_asked_for(parameters: list[str], serve: Any) -> None:
    with FaultServer(serve) as server, Client(api("q", *parameters), base_url=server.url, api_key=KEY) as client:
        pages = client.listWords.pages(q="x")
        assert len(server.received) == 0
        next(pages)
        assert len(server.received) == 1
        next(pages)
        assert len(server.received) == 2


def test_the_rest_of_the_query_stays() -> None:
    with FaultServer(by_cursor) as server, Client(api("q", "cursor"), base_url=server.url, api_key=KEY) as client:
        list(client.listWords.with_options(query={"v": "1 2"}).pages(q="a&b", cursor="0"))

    assert [asked(request) for request in server.received] == [
        {"q": "a&b", "v": "1 2", "cursor": "0"},
        {"q": "a&b", "v": "1 2", "cursor": "2"},
        {"q": "a&b", "v": "1 2", "cursor": "4"},
    ]


def test_a_short_page_is_the_last_where_its_size_is_known() -> None:
    with FaultServer(by_page) as server, Client(api("page", "limit"), base_url=server.url, api_key=KEY) as client:
        assert [len(page) for page in client.listWords.pages(limit=2)] == [2, 2, 1]


@pytest.mark.parametrize("body", [{"a": 1}, [1, 2], [], "text", {"data": [1], "has_more": False}, {"has_more": True, "data": []}])
def test_what_says_nothing_of_more_is_one_page(body: Any) -> None:
    with FaultServer(answer(body)) as server, Client(api("after"), base_url=server.url, api_key=KEY) as client:
        assert list(client.listWords.pages()) == [body]


def test_a_server_that_leads_in_a_circle_is_told_off() -> None:
    circle = answer({"data": [{"id": "a"}], "has_more": True})
    with FaultServer(circle) as server, Client(api("after"), base_url=server.url, api_key=KEY) as client:
        pages = client.listWords.pages()
        assert [next(pages), next(pages)] == [{"data": [{"id": "a"}], "has_more": True}] * 2
        with pytest.raises(ResponseValidationError, match="found a next page that was there already"):
            next(pages)


def test_credentials_do_not_follow_a_page_to_another_server() -> None:
    with FaultServer(answer([{"id": "b"}])) as other:
        first = answer([{"id": "a"}], 200, f"Link: <{other.url}/words>; rel=next")
        with FaultServer(first) as server, Client(api(), base_url=server.url, api_key=KEY) as client:
            assert [item["id"] for item in client.listWords.items()] == ["a", "b"]

    assert other.received[0].header("Authorization") is None


def test_an_answer_without_a_list_has_no_items() -> None:
    with FaultServer(answer({"a": [1], "b": [2]})) as server, Client(api(), base_url=server.url, api_key=KEY) as client:
        with pytest.raises(ResponseValidationError, match="expected a list, or an object with one list") as caught:
            list(client.listWords.items())

    assert caught.value.data == {"a": [1], "b": [2]}


def test_arguments_are_checked_at_once() -> None:
    with Client(api(), base_url="http://127.0.0.1:9", api_key=KEY) as client, pytest.raises(RequestValidationError):
        client.listWords.pages(nonsense=1)


@pytest.mark.parametrize(
    ("schema", "first"), [({"default": 0}, 0), ({"default": 1}, 1), ({"minimum": 0}, 0), ({"minimum": 1}, 1), ({}, 1)]
)
def test_counting_starts_where_the_document_says(schema: dict[str, Any], first: int) -> None:
    def serve(request: Received) -> bytes:
        return answer(held(2 * (int(asked(request).get("page", first)) - first)))

    document = api("page")
    document["paths"]["/words"]["get"]["parameters"][0]["schema"] = {"type": "integer", **schema}
    with FaultServer(serve) as server, Client(document, base_url=server.url, api_key=KEY) as client:
        assert [item["id"] for item in client.listWords.items()] == WORDS


@pytest.mark.parametrize(("name", "page"), [("offset", [1, 2]), ("page", {"items": [1, 2]})])
def test_a_server_that_does_not_heed_what_is_counted_is_told_off(name: str, page: Any) -> None:
    with FaultServer(answer(page)) as server, Client(api(name), base_url=server.url, api_key=KEY) as client:
        found = client.listWords.pages()
        assert next(found) == page
        with pytest.raises(ResponseValidationError, match="expected the one that was asked for"):
            next(found)


def test_an_empty_place_for_the_next_page_is_the_end() -> None:
    with FaultServer(answer({"items": [1, 2], "next": None})) as server, Client(api("page"), base_url=server.url, api_key=KEY) as client:
        assert list(client.listWords.items()) == [1, 2]


def test_a_key_in_the_query_goes_along_to_the_next_page_of_the_same_server() -> None:
    document = api() | {"components": {"securitySchemes": {"bearer": {"type": "apiKey", "in": "query", "name": "key"}}}}
    with FaultServer(answer([3])) as other:

        def serve(request: Received) -> bytes:
            following = {"1": f"{other.url}/words?from=3", None: "/words?from=1"}[asked(request).get("from")]
            return answer([1], 200, f"Link: <{following}>; rel=next")

        with FaultServer(serve) as server, Client(document, base_url=server.url, api_key="a&b") as client:
            assert list(client.listWords.items()) == [1, 1, 3]

    assert [asked(request) for request in server.received] == [{"key": "a&b"}, {"from": "1", "key": "a&b"}]
    assert asked(other.received[0]) == {"from": "3"}


@pytest.mark.parametrize("media", ["application/json", "application/x-www-form-urlencoded"])
def test_a_cursor_goes_into_the_body_that_declares_it(media: str) -> None:
    schema = {"type": "object", "properties": {"query": {"type": "string"}, "cursor": {"type": "string"}}}
    document = api()
    operation = document["paths"]["/words"].pop("get") | {"requestBody": {"content": {media: {"schema": schema}}}}
    document["paths"]["/words"]["post"] = operation

    def serve(request: Received) -> bytes:
        sent = json.loads(request.body) if media.endswith("json") else dict(parse_qsl(request.body.decode()))
        assert sent["query"] == "x y"
        start = int(sent.get("cursor", "0"))
        return answer({"results": held(start), "next_cursor": str(start + 2) if start < 4 else None})

    with FaultServer(serve) as server, Client(document, base_url=server.url, api_key=KEY) as client:
        assert [item["id"] for item in client.listWords.items(query="x y")] == WORDS
