"""Path keys that hold a query, a fragment or optional names: what is declared is sent once, what is no path is not sent."""

from __future__ import annotations

from typing import Any

import pytest

from dynaopenai import Client, RequestValidationError
from dynaopenai.errors import DynaOpenAIWarning


def call(path: str, parameters: list[dict[str, Any]], **arguments: Any) -> tuple[list[str], str]:
    operation = {"operationId": "call", "parameters": parameters, "responses": {"200": {"description": ""}}}
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {path: {"get": operation}}}
    op = Client(document, base_url="http://h").call
    return [argument.spelled for argument in op.arguments], str(op.prepare(**arguments).url).removeprefix("http://h")


def parameter(name: str, in_: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": in_, "schema": {"type": "string"}, **({"required": True} if in_ == "path" else {}), **more}


@pytest.mark.parametrize(
    ("path", "parameters", "arguments", "names", "url"),
    [
        ("/s?q={q}", [parameter("q", required=True)], {"q": "a b"}, ["q"], "/s?q=a%20b"),
        ("/s?q={q}&v=1", [parameter("q")], {}, ["q"], "/s?v=1"),
        ("/s?q={q}", [parameter("q", "path")], {"q": "a b"}, ["q"], "/s?q=a%20b"),
        ("/s?q={q}", [], {"q": "a"}, ["q"], "/s?q=a"),
        ("/s?op=LIST", [parameter("op", required=True)], {"op": "LIST"}, ["op"], "/s?op=LIST"),
        ("/s?op=LIST", [parameter("op")], {}, ["op"], "/s?op=LIST"),
        ("/s{?q,n}", [parameter("q")], {"q": "a", "n": "b"}, ["q", "n"], "/s?q=a&n=b"),
        ("/#Action=List", [], {}, [], "/"),
        ("/f/{id}#share", [parameter("id", "path")], {"id": "a"}, ["id"], "/f/a"),
        ("/f/{id}#share/{with}", [parameter("id", "path")], {"id": "a"}, ["id"], "/f/a"),
    ],
)
def test_what_a_path_key_says(path: str, parameters: list[dict[str, Any]], arguments: Any, names: list[str], url: str) -> None:
    assert call(path, parameters, **arguments) == (names, url)


def test_authorization_is_a_header_like_any_other_where_nothing_secures_the_operation() -> None:
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "call", "parameters": [parameter("Authorization", "header")], "responses": {}}}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }
    sent = Client(document, base_url="http://h").call.prepare(Authorization="Bearer x")
    secured = Client(document | {"security": [{"key": []}]}, base_url="http://h", api_key="k").call

    assert sent.headers["Authorization"] == "Bearer x"
    assert (secured.arguments, secured.prepare().headers["Authorization"]) == ([], "Bearer k")


SPREAD = {"in": "query", "schema": {"type": "object", "additionalProperties": {"type": "string"}}}
P, Q = {"name": "p", **SPREAD}, {"name": "q", **SPREAD}
LIMITS = {"name": "limit", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("parameters", "arguments", "url"),
    [
        ([P, parameter("limit")], {"p": {"a": "1"}, "limit": "3"}, "/f?a=1&limit=3"),
        ([P, parameter("limit")], {"p": {"limit": "9"}}, "/f?limit=9"),
        ([P, parameter("limit")], {"p": {"limit": "3", "a": "1"}, "limit": "3"}, "/f?a=1&limit=3"),
        ([LIMITS, P], {"p": {"limit": "3"}, "limit": [3]}, "/f?limit=3"),
        ([P, Q], {"p": {"a": "1", "b c": "2"}, "q": {"b c": "2", "d": ""}}, "/f?a=1&b%20c=2&d="),
        ([P, {**Q, "style": "deepObject"}], {"p": {"a": "1"}, "q": {"a": "2"}}, "/f?a=1&q%5Ba%5D=2"),
        ([{**P, "explode": False}, parameter("limit")], {"p": {"limit": "9"}, "limit": "3"}, "/f?p=limit,9&limit=3"),
    ],
)
def test_what_two_parameters_say_alike_under_one_name_is_written_once(parameters: Any, arguments: Any, url: str) -> None:
    assert call("/f", parameters, **arguments)[1] == url


@pytest.mark.parametrize("parameters", [[P, parameter("limit")], [parameter("limit"), P]])
def test_a_parameter_goes_before_an_objects_member_of_its_name(parameters: Any) -> None:
    with pytest.warns(DynaOpenAIWarning, match=r"^call: p\.limit is not sent, since a parameter of that name is given$"):
        _, url = call("/f", parameters, p={"limit": "9"}, limit="3")

    assert url == "/f?limit=3"


def test_two_objects_whose_members_differ_under_one_name_are_refused() -> None:
    with pytest.raises(RequestValidationError, match=r'q\.a: found "2", expected "1", which p says under that name'):
        call("/f", [P, Q], p={"a": "1"}, q={"a": "2"})


def test_members_in_cookies_give_way_as_those_in_a_query_do() -> None:
    spread = {"name": "p", "in": "cookie", "schema": {"type": "object", "additionalProperties": {"type": "string"}}}
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "call", "parameters": [spread, parameter("id", "cookie")], "responses": {}}}},
    }
    with pytest.warns(DynaOpenAIWarning, match=r"p\.id is not sent"):
        sent = Client(document, base_url="http://h").call.prepare(p={"id": "9", "a": "1"}, id="3")

    assert sent.headers["Cookie"] == "a=1; id=3"


@pytest.mark.parametrize(("in_", "style", "url"), [("path", "form", "/a/x"), ("query", "simple", "/a/%7Bp%7D?p=x")])
def test_a_style_of_another_place_is_read_as_that_places_own(in_: str, style: str, url: str) -> None:
    path = "/a/{p}" if in_ == "path" else "/a/%7Bp%7D"

    assert call(path, [parameter("p", in_, style=style)], p="x")[1] == url
