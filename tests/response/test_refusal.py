"""What an API says went wrong is the first line of the error, whatever the server's convention."""

from __future__ import annotations

from typing import Any

import pytest
from fault_server import FaultServer, answer
from small_api import client

from dynaopenai.errors import APIStatusError, status_error


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "no luck", "type": "server_error"}}, "no luck"),
        ({"error": "plain"}, "plain"),
        ([{"error": "listed"}], "listed"),
        ({"message": "said"}, "said"),
        ({"Message": "said by another"}, "said by another"),
        ({"detail": "not here"}, "not here"),
        ({"detail": [{"loc": ["body", "x"], "msg": "field required", "type": "missing"}]}, "body.x: field required"),
        ({"type": "about:blank", "title": "Out of credit", "status": 403, "detail": "You have 30."}, "Out of credit: You have 30."),
        ({"title": "Not valid.", "errors": {"Id": ["is bad"], "Name": ["is long"]}}, "Not valid. Id: is bad; Name: is long"),
        ({"errors": {"name": ["can't be blank"]}}, "name: can't be blank"),
        ({"errors": [{"detail": "bad", "source": {"pointer": "/data/a"}}, {"title": "worse"}]}, "/data/a: bad; worse"),
        ({"errors": ["a", "b"]}, "a; b"),
        ({"message": "Failed", "errors": [{"resource": "R", "field": "title", "code": "missing"}]}, "Failed: title: missing"),
        ({"error": "invalid_grant", "error_description": "It has expired."}, "invalid_grant: It has expired."),
        ({"fault": {"faultstring": "Over quota"}}, "Over quota"),
        ({"error": {"code": 7, "message": "m", "details": [{"message": "because"}]}}, "m: because"),
        ("<html><style>b {}</style><b>502</b> Bad Gateway</html>", "502 Bad Gateway"),
        ("just text\n over lines", "just text over lines"),
        ({"detail": "x" * 3000}, "x" * 3000),
    ],
)
def test_the_first_line_is_what_the_api_says(body: Any, message: str) -> None:
    error = status_error("call", 400, body)

    assert error.message == message
    assert str(error).split("\n")[0] == f"call: 400 Bad Request: {message}"
    assert error.data is error.body is body


@pytest.mark.parametrize(("body", "said"), [(None, "no message"), ({}, "no message"), ({"a": 1}, '{"a": 1}'), ([], "no message")])
def test_where_nothing_is_said_the_body_is_shown(body: Any, said: str) -> None:
    error = status_error("call", 500, body)

    assert (error.message, str(error)) == ("", f"call: 500 Internal Server Error: {said}")


def test_of_a_deep_body_the_first_levels_are_read() -> None:
    body: Any = {"message": "deep"}
    for _ in range(150):
        body = {"errors": [body]}

    assert status_error("call", 500, body).message == ""


def test_over_the_wire() -> None:
    with FaultServer(answer({"detail": "gone"}, 404)) as server, client(server.url) as api:
        with pytest.raises(APIStatusError, match="404 Not Found: gone") as caught:
            api.getThing("a")

    assert (caught.value.message, caught.value.data) == ("gone", {"detail": "gone"})
