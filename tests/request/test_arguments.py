"""What was passed is bound to what is declared, by the API's spelling and by Python's."""

import inspect
from typing import Any

import pytest

from dynaopenai import Client, Operation, RequestValidationError
from dynaopenai._request.arguments import identifier


def operation(path: str = "/things", parameters: list[Any] | None = None, body: Any = None, **more: Any) -> Operation:
    declared: dict[str, Any] = {"operationId": "it", "parameters": parameters or [], "responses": {"200": {"description": ""}}}
    if body is not None:
        declared["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}} | more
    client = Client({"openapi": "3.1.0", "servers": [{"url": "http://127.0.0.1:1/v1"}], "paths": {path: {"post": declared}}})
    return client.it


def query(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"}, **more}


def path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "tag": {"type": ["string", "null"]}}}


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("model", "model"),
        ("X-Api-Key", "X_Api_Key"),
        ("filter[name]", "filter_name"),
        ("from", "from_"),
        ("class", "class_"),
        ("self", "self"),
        ("2fa", "_2fa"),
        ("$top", "top"),
        ("größe", "größe"),
        ("***", "_"),
        ("a.b", "a_b"),
    ],
)
def test_every_name_has_a_spelling_in_python(name: str, spelled: str) -> None:
    assert identifier(name) == spelled


@pytest.mark.parametrize("name", ["X-Api-Key", "X_Api_Key"])
def test_both_spellings_reach_a_parameter(name: str) -> None:
    prepared = operation(parameters=[{**query("X-Api-Key"), "in": "header"}]).prepare(**{name: "v"})

    assert prepared.headers["X-Api-Key"] == "v"


def test_self_is_a_name_like_any_other() -> None:
    assert operation(parameters=[query("self")]).prepare(self="me").url == "http://127.0.0.1:1/v1/things?self=me"


def test_a_shared_name_stays_with_the_path_and_the_others_end_in_their_place() -> None:
    it = operation("/t/{id}", [path("id"), query("id")], {"type": "object", "properties": {"id": {"type": "string"}}})

    prepared = it.prepare(id="p", id_body="b", id_query="q")

    assert (prepared.url, prepared.body) == ("http://127.0.0.1:1/v1/t/p?id=q", b'{"id":"b"}')
    assert list(inspect.signature(it).parameters) == ["id", "id_body", "id_query"]


def test_positional_arguments_fill_the_path_in_the_templates_order_then_the_body() -> None:
    it = operation("/a/{x}/b/{y}", [path("y"), path("x")], PET)

    prepared = it.prepare("1", "2", {"name": "Rex"})

    assert (prepared.url, prepared.body) == ("http://127.0.0.1:1/v1/a/1/b/2", b'{"name":"Rex"}')


def test_keywords_join_a_whole_body() -> None:
    assert operation(body=PET).prepare({"name": "Rex"}, tag=None).body == b'{"name":"Rex","tag":null}'


@pytest.mark.parametrize("call", [lambda it: it.prepare([1, 2]), lambda it: it.prepare(body=[1, 2])])
def test_a_body_that_is_no_object_is_passed_whole(call: Any) -> None:
    assert call(operation(body={"type": "array", "items": {"type": "integer"}})).body == b"[1,2]"


def test_a_property_called_body_keeps_its_name_and_the_whole_body_gives_way() -> None:
    it = operation(body={"type": "object", "properties": {"body": {"type": "string"}}})

    assert it.prepare(body="text").body == b'{"body":"text"}'
    assert it.prepare(body_={"body": "text"}).body == b'{"body":"text"}'


def test_an_open_body_takes_any_keyword() -> None:
    it = operation(body={"type": "object", "additionalProperties": {"type": "integer"}})

    assert it.prepare(a=1, b=2).body == b'{"a":1,"b":2}'
    assert [violation.path for violation in it.validate_request(a="x")] == ["a"]


def test_leaving_out_is_not_null() -> None:
    it = operation(body=PET)

    assert it.prepare(name="Rex").body == b'{"name":"Rex"}'
    assert it.prepare(name="Rex", tag=None).body == b'{"name":"Rex","tag":null}'
    assert [violation.message for violation in it.validate_request(name=None)] == ["found null, expected a string"]


REFUSED: list[tuple[dict[str, Any], tuple[Any, ...], dict[str, Any], list[tuple[str, str, str]]]] = [
    ({"body": PET}, (), {}, [("name", "missing, expected since it is required", "")]),
    ({"body": PET}, (), {"nmae": "Rex", "name": "Rex"}, [("nmae", "unknown argument", "the operation takes name, tag")]),
    ({"body": PET}, (), {"tga": "x", "name": "Rex"}, [("tga", "unknown argument", 'did you mean "tag"?')]),
    ({"body": PET}, ({"name": "a"},), {"name": "b"}, [("name", "given twice, in the whole body and as a keyword", "")]),
    ({"body": PET}, ({"name": "a"}, 2), {}, [("", "found 2 positional arguments, expected at most 1: body", "")]),
    ({"parameters": [query("q")]}, (1,), {}, [("", "found 1 positional argument, expected keywords only", "")]),
    ({"parameters": [query("q", required=True)]}, (), {}, [("q", "missing, expected since it is required", "")]),
    ({"path": "/t/{id}", "parameters": [path("id")]}, (), {}, [("id", "missing, expected since it is required", "")]),
    ({"path": "/t/{id}", "parameters": [path("id")]}, ("a",), {"id": "b"}, [("id", "given twice, expected once", "")]),
    ({"body": {"type": "array"}}, (), {}, [("body", "missing, expected since the operation needs a body", "")]),
]


@pytest.mark.parametrize(("declared", "args", "kwargs", "expected"), REFUSED, ids=range(len(REFUSED)))
def test_what_does_not_fit_is_refused(declared: Any, args: Any, kwargs: Any, expected: Any) -> None:
    it = operation(**declared)

    with pytest.raises(RequestValidationError) as caught:
        it.prepare(*args, **kwargs)

    assert [(item.path, item.message, item.hint) for item in caught.value.violations] == expected


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(RequestValidationError) as caught:
        operation(parameters=[query("q", required=True)], body=PET).prepare(name=1, tga=2)

    assert str(caught.value).splitlines() == [
        "it was not sent: 3 problems",
        "  tga: unknown argument",
        '    did you mean "tag"?',
        "  q: missing, expected since it is required",
        "  name: found 1 (an integer), expected a string",
        "    declared at #/paths/~1things/post/requestBody/content/application~1json/schema/properties/name/type",
    ]


def test_the_signature_is_true() -> None:
    body = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "size": {"type": "string", "enum": ["s", "l"], "default": "s"},
            "name": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "note": {"type": ["string", "null"]},
        },
    }
    it = operation("/t/{id}", [path("id")], body)

    assert str(inspect.signature(it)) == (
        "(id: str, *, name: str, size: Literal['s', 'l'] = 's', tags: list[str] = <not given>, "
        "note: Optional[str] = <not given>)"
    )
    inspect.signature(it).bind("x", name="n")
