"""Which server is called: absolute or relative, with variables, at every level, chosen by name, URL or index."""

from typing import Any

import pytest
from documents import OK, document

from dynaopenai import Client
from dynaopenai._document.openapi import Server
from dynaopenai._request.server import base_url

REGION = {"region": {"default": "eu", "enum": ["eu", "us"]}, "port": {"default": "443"}}
SERVERS = [Server("https://a.example/v1/"), Server("https://{region}.example:{port}", REGION, "By region", "regional")]


@pytest.mark.parametrize(
    ("choice", "variables", "url"),
    [
        (None, {}, "https://a.example/v1"),
        (1, {}, "https://eu.example:443"),
        ("regional", {"region": "us"}, "https://us.example:443"),
        ("By region", {"port": "8443"}, "https://eu.example:8443"),
        ("https://a.example/v1/", {}, "https://a.example/v1"),
    ],
)
def test_a_server_is_chosen_and_filled_in(choice: Any, variables: dict[str, str], url: str) -> None:
    assert base_url(SERVERS, "memory:", choice, variables) == url


@pytest.mark.parametrize(
    ("choice", "variables", "said"),
    [
        ("nowhere", {}, 'server: found "nowhere", expected "https://a.example/v1/" or "regional", or an index below 2'),
        (2, {}, "server: found 2"),
        (1, {"region": "uz"}, 'region: found "uz", expected "eu" or "us". did you mean "us"?'),
        (1, {"regoin": "us"}, 'has no variable "regoin". did you mean "region"?'),
        (0, {"x": "y"}, 'has no variable "x"'),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(choice: Any, variables: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match="server") as caught:
        base_url(SERVERS, "memory:", choice, variables)

    assert said in str(caught.value)


def test_a_relative_server_is_relative_to_the_document() -> None:
    assert base_url([Server("/v2")], "https://docs.example/api/openapi.yaml") == "https://docs.example/v2"
    assert base_url([Server("../v2")], "https://docs.example/api/x/openapi.yaml") == "https://docs.example/api/v2"
    with pytest.raises(ValueError, match="give base_url="):
        base_url([Server("/v2")], "file:///openapi.yaml")


def test_self_is_what_a_relative_server_is_relative_to() -> None:
    root = document({"/a": {"get": {"operationId": "it", **OK}}}, "3.2.0", **{"$self": "https://docs.example/api/openapi.yaml"})

    assert Client({**root, "servers": [{"url": "/v3"}]}).it.prepare().url == "https://docs.example/v3/a"


def test_the_nearest_level_that_names_servers_counts() -> None:
    paths = {
        "/a": {"servers": [{"url": "https://path.example"}], "get": {"operationId": "onPath", **OK}, "put": {"operationId": "own", "servers": [{"url": "https://own.example"}], **OK}},
        "/b": {"get": {"operationId": "onDocument", **OK}},
    }
    client = Client(document(paths))

    assert [client[name].prepare().url for name in ("onPath", "own", "onDocument")] == [
        "https://path.example/a",
        "https://own.example/a",
        "https://api.example/v1/b",
    ]
    assert client.with_options(base_url="http://127.0.0.1:1").own.prepare().url == "http://127.0.0.1:1/a"


@pytest.mark.parametrize(
    ("path", "url"),
    [("a", "https://api.example/v1/a"), ("/a b", "https://api.example/v1/a%20b"), ("/a?x=1", "https://api.example/v1/a?x=1&q=2"), ("/a#Action=b", "https://api.example/v1/a")],
)
def test_a_path_that_is_no_plain_path_still_makes_a_url(path: str, url: str) -> None:
    parameters = [{"name": "q", "in": "query", "schema": {"type": "integer"}}] if "?" in path else []
    client = Client(document({path: {"get": {"operationId": "it", "parameters": parameters, **OK}}}))

    assert client.it.prepare(**({"q": 2} if parameters else {})).url == url
