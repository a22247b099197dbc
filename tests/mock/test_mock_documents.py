"""Documents that ask for more than most: a mock accepts the client's example, and the client the mock's answer."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
import requests

from dynaopenai import Client
from dynaopenai._mock.server import MockServer
from dynaopenai.testing import Mock

OK = {"200": {"description": ""}}
TEXT = {"schema": {"type": "string"}}


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def takes(media: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media: {"schema": schema, **more}}}, "responses": OK}


def gives(media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"responses": {"200": {"description": "", "content": {media: {"schema": schema}}}}}


def asks(*parameters: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": list(parameters), "responses": OK}


def query(name: str, required: bool = True, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema}


@pytest.mark.parametrize("url", ["Your API URL", "/a b", "https://h/a%20b/c?", "/v1"])
def test_a_servers_path_is_served_however_it_is_written(url: str) -> None:
    served = document({"/rows": {"get": {"operationId": "rows", "responses": OK}}}, servers=[{"url": url}])
    with MockServer(served) as server:
        assert Client(served, base_url=server.url).rows.send().status_code == 200
        assert server.requests[-1].doubts == ()


def test_what_is_asked_for_by_a_variable_that_is_not_sent_is_answered() -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    one = {"operationId": "one", **asks({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}), **gives("application/json", schema)}
    with MockServer(document({"/send/#env/rows/{id}": {"get": one}})) as server:
        assert requests.get(f"{server.url}/send/", timeout=10).status_code == 200


def test_a_credential_of_a_parameters_name_is_sent_once() -> None:
    keyed = {"components": {"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "key"}}}, "security": [{"k": []}]}
    served = document({"/rows": {"get": {"operationId": "rows", **asks(query("key", type="string"))}}}, **keyed)
    client = Client(served, base_url="http://h", api_key="mine")

    assert client.rows.prepare(key="other").url == "http://h/rows?key=other"


OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "fragment": ("/#Act=Count", "post", {"responses": OK}),
    "fragment_of_another": ("/#Act=Purge", "post", {"responses": OK}),
    "fragment_told_by_a_parameter": ("/ask#Do=Stop", "post", asks(query("Do", type="string", enum=["Stop"]))),
    "fragment_told_by_another": ("/ask#Do=Go", "post", asks(query("Do", type="string", enum=["Go"]))),
    "plain": ("/rows", "get", {"responses": OK}),
    "query_in_the_path": ("/rows?deep=yes", "get", {"responses": OK}),
    "template_in_the_query": ("/seek?word={word}", "get", asks(query("word", type="string"))),
    "fragment_after_a_template": (
        "/boxes/{n}#open",
        "put",
        asks({"name": "n", "in": "path", "required": True, "schema": {"type": "integer"}}),
    ),
    "xml": ("/xml", "put", takes("application/xml", {"type": "object", "properties": {"a": {"type": "integer"}}})),
    "octets": ("/octets", "put", takes("application/octet-stream", {"type": "object"})),
    "pdf": ("/pdf", "put", takes("application/pdf", {"type": "string", "format": "binary"})),
    "yaml": ("/yaml", "put", takes("application/yaml", {"type": "object", "required": ["a"], "properties": {"a": TEXT["schema"]}})),
    "ignored_headers": (
        "/ignored",
        "get",
        asks(*({"name": name, "in": "header", "required": True, **TEXT} for name in ("Accept", "Content-Type", "Authorization"))),
    ),
    "underscores": ("/under", "get", asks({"name": "trace_id", "in": "header", "required": True, **TEXT})),
    "read_only": (
        "/ro/{n}",
        "get",
        asks({"name": "n", "in": "path", "required": True, "schema": {"type": "integer", "readOnly": True}}),
    ),
    "bad_default": ("/default", "get", asks(query("n", False, type="integer", default="one"), query("m", False, type="boolean", default="no"))),
    "empty_text": ("/empty", "get", asks(query("q", type="string", enum=[""]))),
    "free_form": ("/free", "get", asks(query("m", type="object", additionalProperties={"type": "string"}, minProperties=1))),
    "free_form_beside": ("/free2", "get", asks(query("m", type="object", additionalProperties={"type": "integer"}, example={"x": 1}), query("q", type="string"))),
    "free_form_empty": ("/free3", "get", asks(query("m", type="object", additionalProperties={"type": "string"}))),
    "matrix": ("/matrix/{id}", "get", asks({"name": "id", "in": "path", "required": True, "style": "matrix", "schema": {"type": "string", "enum": ["a b;c"]}})),
    "two_in_one": ("/two/{a}.{b}", "put", {**asks(*({"name": name, "in": "path", "required": True, "style": style, "schema": {"type": "string", "enum": ["x"]}} for name, style in (("a", "simple"), ("b", "label")))), "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}}}}}),
    "open_beside_others": ("/open", "get", asks(query("m", type="object", additionalProperties={"type": "string"}, example={"z": "y"}), query("$n", type="integer"), {**query("deep", type="object", required=["a"], properties={"a": {"type": "integer"}}), "style": "deepObject"})),
    "a_name_of_two": ("/both", "get", asks(query("p", type="object", required=["n"], properties={"n": {"type": "integer"}}), query("n", type="integer"))),
    "beside_each_other": ("/beside/{id}{format}", "get", asks(*({"name": name, "in": "path", "required": True, "schema": {"type": "string", "enum": [text]}} for name, text in (("id", "2fast"), ("format", ".json"))))),
    "a_number_beside_a_text": ("/beside2/{id}{format}", "get", asks(*({"name": name, "in": "path", "required": True, "schema": {"type": kind}} for name, kind in (("id", "integer"), ("format", "string"))))),
    "any_picture": ("/picture", "put", takes("image/*", {"type": "string", "format": "binary"})),
    "a_line": ("/line", "post", takes("application/x-ndjson", {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}})),
    "flat_object": ("/flat", "get", asks({**query("m", type="object", additionalProperties=True), "explode": False})),
    "whole_float": ("/whole", "get", asks(query("n", type="integer", enum=[3.0]))),
    "only_elsewhere": ("/elsewhere", "get", {"responses": {"302": {"description": ""}, "404": {"description": ""}}}),
    "created": ("/made", "post", {"responses": {"201": {"description": "", "headers": {"Location": {"required": True, "schema": {"type": "string"}}}}}}),
    "counted": ("/counted", "get", {"responses": {"200": {"description": "", "headers": {"X-Total": {"required": True, "schema": {"type": "integer", "minimum": 3}}}}}}),
    "listed": ("/heads", "get", {"responses": {"200": {"description": "", "headers": {"X-All": {"required": True, "schema": {"type": "array", "items": {"type": "string"}}}}}}}),
    "events_of_anything": ("/events", "get", gives("text/event-stream", {})),
    "events_of_text": ("/words", "get", gives("text/event-stream", {"type": "string"})),
    "format_with_pattern": ("/when", "get", gives("application/json", {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"})),
    "address_with_pattern": ("/where", "get", gives("application/json", {"type": "string", "format": "uri", "pattern": "^https://files\\.example\\.org/.+\\.png$"})),
    "mail_with_pattern": ("/mail", "get", gives("application/json", {"type": "string", "format": "email", "pattern": "^[a-z]+@corp\\.example$"})),
    "either": ("/either", "get", gives("application/json", {"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}, {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}]})),
    "form": ("/form", "post", takes("application/x-www-form-urlencoded", {"type": "object", "required": ["a", "b", "c"], "properties": {"a": {"type": "array", "items": {"type": "integer"}, "minItems": 2}, "b": {"type": "boolean"}, "c": {"type": "object", "required": ["d"], "properties": {"d": {"type": "string"}}}}})),
    "deep_form": ("/deep", "post", takes("application/x-www-form-urlencoded", {"type": "object", "required": ["c"], "properties": {"c": {"type": "object", "required": ["d"], "properties": {"d": {"type": "integer"}}}}}, encoding={"c": {"style": "deepObject", "explode": True}})),
    "parts": ("/parts", "post", takes("multipart/form-data", {"type": "object", "required": ["files", "note", "tags"], "additionalProperties": False, "properties": {"files": {"type": "array", "minItems": 2, "items": {"type": "string", "format": "binary"}}, "note": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}, "tags": {"type": "array", "items": {"type": "string"}}}})),
}  # fmt: skip
PATHS: dict[str, Any] = {}
for _name, (_path, _method, _operation) in OPERATIONS.items():
    PATHS.setdefault(_path, {})[_method] = {"operationId": _name, **_operation}


@pytest.fixture(scope="module")
def server() -> Any:
    with MockServer(document(PATHS)) as server:
        yield server


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_is_accepted_and_so_is_the_answer(name: str, server: MockServer) -> None:
    with Client(document(PATHS), base_url=server.url, max_retries=0) as client:
        operation = client[name]
        response = operation.send(**operation.example())
        data = response.data
        assert list(data) if operation.id.startswith("events") else True

    record = server.requests[-1]
    assert record.verdict == ()
    if name != "fragment_of_another":  # which nothing tells from the first
        assert record.operation_id == name


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("explode", [False, True])
@pytest.mark.parametrize("schema", [{"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": "integer"}}])
def test_both_readings_agree_on_the_styles_of_a_path(style: str, explode: bool, schema: dict[str, Any]) -> None:
    own = [{"name": name, "in": "path", "required": True, "style": style, "explode": explode, "schema": schema} for name in ("a", "b")]
    api = document({"/x/{a}.{b}": {"get": {"operationId": "x", **asks(own[0], {**own[1], "schema": {"type": "integer"}})}}})
    with MockServer(api) as server, Client(api, base_url=server.url, max_retries=0) as client:
        client.x(**client.x.example())

        assert [(record.verdict, record.doubts) for record in server.requests] == [((), ())]


def test_a_document_that_knows_only_errors_answers_one() -> None:
    with MockServer(document({"/a": {"get": {"responses": {"404": {"description": "never there"}}}}})) as server:
        assert requests.get(f"{server.url}/a", timeout=5).status_code == 404


def test_a_header_that_is_a_key_keeps_its_name() -> None:
    schemes = {"k": {"type": "apiKey", "in": "header", "name": "api_key"}}
    api = document({"/a": {"get": {"operationId": "a", "responses": OK}}}, security=[{"k": []}], components={"securitySchemes": schemes})
    with MockServer(api) as server:
        assert Client(api, base_url=server.url, api_key="k").a.send().status_code == 200
        refused = requests.get(f"{server.url}/a", headers={"api-key": "k"}, timeout=5)

    assert refused.status_code == 401
    assert 'send the header "api_key"' in refused.json()["detail"]


def test_a_key_in_the_query_is_no_member_of_an_open_object() -> None:
    schemes = {"k": {"type": "apiKey", "in": "query", "name": "key"}}
    operation = {"operationId": "a", **asks(query("m", type="object", additionalProperties={"type": "integer"}))}
    api = document({"/a": {"get": operation}}, security=[{"k": []}], components={"securitySchemes": schemes})
    with MockServer(api) as server:
        assert Client(api, base_url=server.url, api_key="k").a.send(m={"n": 1}).status_code == 200


def test_files_may_come_under_a_name_with_brackets() -> None:
    schema = {
        "type": "object",
        "required": ["image"],
        "additionalProperties": False,
        "properties": {
            "image": {"type": "array", "minItems": 2, "items": {"type": "string", "format": "binary"}},
            "how": {"type": "object", "properties": {"n": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}},
        },
    }
    parts = [("image[]", ("a.png", b"1")), ("image[]", ("b.png", b"2"))]
    with MockServer(document({"/a": {"post": takes("multipart/form-data", schema)}})) as server:
        nested = {"how[n]": "3", "how[tags][]": ["x", "y"]}
        assert requests.post(f"{server.url}/a", files=parts, data=nested, timeout=5).status_code == 200
        refused = requests.post(f"{server.url}/a", files=parts, data={"how[n]": "x", "more": "y"}, timeout=5)

    assert refused.status_code == 400
    assert "more" in refused.text
    assert 'how.n: found "x"' in refused.text.replace('\\"', '"')


NULLABLE_FORM = {
    "type": "object",
    "properties": {
        "size": {"type": "string", "nullable": True, "enum": ["big", None]},
        "many": {"type": "integer", "nullable": True},
        "note": {"type": "string", "nullable": True},
    },
}


def test_a_form_says_null_in_a_word_where_the_word_itself_may_not_stand() -> None:
    api = document({"/a": {"post": {"operationId": "a", **takes("multipart/form-data", NULLABLE_FORM)}}})
    with MockServer(api) as server:
        for word, status in (("null", 200), ("big", 200), ("nil", 400)):
            parts = {name: (None, text) for name, text in (("size", word), ("many", "null"), ("note", "null"))}
            assert requests.post(f"{server.url}/a", files=parts, timeout=5).status_code == status

        assert server.a.calls[0].arguments == {"size": None, "many": None, "note": "null"}


@pytest.mark.parametrize("head", ['form-data; name="a\\"', "form-data", 'form-data; filename="a"'])
def test_a_part_without_a_name_is_refused_in_words(head: str) -> None:
    body = f"--b\r\nContent-Disposition: {head}\r\n\r\nx\r\n--b--\r\n".encode()
    api = document({"/a": {"post": takes("multipart/form-data", NULLABLE_FORM)}})
    with MockServer(api) as server:
        refused = requests.post(f"{server.url}/a", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"}, timeout=5)

    assert (refused.status_code, "names no field" in refused.text) == (400, True)


@pytest.mark.parametrize("order", [("/text", "/bytes"), ("/bytes", "/text")])
def test_the_order_of_requests_changes_no_verdict(order: tuple[str, str]) -> None:
    paths = {"/text": {"post": takes("text/csv", {"type": "string"})}, "/bytes": {"post": takes("application/octet-stream", {"type": "string", "format": "binary"})}}
    kinds = {"/text": "text/csv", "/bytes": "application/octet-stream"}
    with MockServer(document(paths)) as server:
        for path in order * 2:
            assert requests.post(f"{server.url}{path}", data=b"a,b", headers={"Content-Type": kinds[path]}, timeout=5).status_code == 200
    assert {record.doubts for record in server.requests} == {()}


def test_a_body_may_come_compressed() -> None:
    api = document({"/a": {"post": takes("application/json", {"type": "object", "required": ["n"]})}})
    with MockServer(api) as server:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        sent = [gzip.compress(b'{"n": 1}'), gzip.compress(b"{}"), b"plain", gzip.compress(b'{"n": 1}')[:-9]]
        statuses = [requests.post(f"{server.url}/a", data=body, headers=headers, timeout=5).status_code for body in sent]
        odd = requests.post(f"{server.url}/a", data=b"{}", headers={**headers, "Content-Encoding": "rot13"}, timeout=5)

    assert statuses == [200, 400, 400, 400]
    assert odd.status_code == 415


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        ("text/csv", "text/csv"),
        ("application/xml;q=0.9, text/csv;q=0.1", "application/xml"),
        ("text/*", "text/csv"),
        ("image/png", "application/json"),
        ("*/*", "application/json"),
        ("text/csv;q=0.2, */*", "application/json"),
    ],
)
def test_what_is_accepted_is_answered(accept: str, found: str) -> None:
    content = dict.fromkeys(("text/event-stream", "application/json", "application/xml", "text/csv"), TEXT)
    api = document({"/a": {"get": {"responses": {"200": {"description": "", "content": content}}}}})
    with MockServer(api) as server:
        answer = requests.get(f"{server.url}/a", headers={"Accept": accept}, timeout=5)

    assert answer.headers["Content-Type"] == found


def test_text_is_no_stream() -> None:
    content = dict.fromkeys(("application/json", "text/event-stream", "text/plain"), TEXT)
    operation = asks(query("as", type="string", enum=["json", "text"]))
    api = document({"/a": {"get": {**operation, "responses": {"200": {"description": "", "content": content}}}}})
    with MockServer(api) as server:
        found = [requests.get(f"{server.url}/a?as={kind}", timeout=5).headers["Content-Type"] for kind in ("json", "text")]

    assert found == ["application/json", "text/plain"]


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}, ["error"]),
        ({"type": "object", "required": ["error", "error_description"], "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}}}, ["error_description"]),
        ({"type": "object", "properties": {"errors": {"type": "array", "items": {"type": "object", "properties": {"detail": {"type": "string"}}}}}}, ["errors", 0, "detail"]),
        ({"type": "object", "properties": {"Message": {"type": "string"}}}, ["Message"]),
        ({"type": "object", "properties": {"error": {"type": "object", "properties": {"msg": {"type": "string"}}}}}, ["error", "msg"]),
        ({"type": "array", "items": {"type": "string"}}, [0]),
        ({"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}}, ["message"]),
        ({"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}, "additionalProperties": False}, ["detail"]),
    ],
)  # fmt: skip
def test_an_error_says_why_in_whatever_shape(schema: dict[str, Any], place: list[Any]) -> None:
    failing = {"description": "", "content": {"application/json": {"schema": schema}}}
    api = document({"/a": {"get": {**asks(query("n", type="integer")), "responses": {**OK, "400": failing}}}})
    with MockServer(api) as server:
        told = requests.get(f"{server.url}/a?n=x", timeout=5).json()

    for key in place:
        told = told[key]
    assert told == 'n: found "x" (a string), expected an integer'


def test_what_is_below_a_deleted_item_is_gone_too() -> None:
    item = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    one = {"parameters": [{"name": "id", "in": "path", "required": True, **TEXT}], **gives("application/json", item)}
    parts = {"parameters": [{"name": "id", "in": "path", "required": True, **TEXT}], **gives("application/json", {"type": "array", "items": item})}
    part = {"parameters": [*one["parameters"], {"name": "part", "in": "path", "required": True, **TEXT}], **gives("application/json", item)}
    api = document({
        "/boxes": {"post": {**takes("application/json", item), **gives("application/json", item)}},
        "/boxes/{id}": {"get": one, "put": {**one, "requestBody": {"content": {"application/json": {"schema": item}}}}, "delete": one},
        "/boxes/{id}/parts": {"get": parts},
        "/boxes/{id}/parts/{part}": {"get": part},
    })  # fmt: skip
    with MockServer(api) as server:
        made = [requests.post(f"{server.url}/boxes", json={"id": "a"}, timeout=5).json()["id"]]
        assert requests.put(f"{server.url}/boxes/b", json={"id": "b", "name": "put"}, timeout=5).status_code == 200
        assert requests.get(f"{server.url}/boxes/b", timeout=5).json()["name"] == "put"
        for name in made:
            assert requests.get(f"{server.url}/boxes/{name}/parts/1", timeout=5).status_code == 200
            assert requests.delete(f"{server.url}/boxes/{name}", timeout=5).status_code == 200
            found = [requests.get(f"{server.url}/boxes/{name}{rest}", timeout=5).status_code for rest in ("", "/parts", "/parts/1")]
            assert found == [404, 404, 404]


NO_CONTENT = {
    "absent": {"200": {"description": ""}},
    "empty": {"200": {"description": "", "content": {}}},
    "created": {"201": {"description": "", "headers": {"X-Part": {"required": True, "schema": {"type": "integer"}}}}},
    "range": {"2XX": {"description": ""}},
    "default": {"default": {"description": ""}},
    "beside_an_error": {"404": gives("application/json", {"type": "object"})["responses"]["200"], "200": {"description": ""}},
}


@pytest.mark.parametrize("method", ["get", "put", "delete"])
@pytest.mark.parametrize("name", NO_CONTENT)
def test_an_answer_that_declares_no_content_has_none(name: str, method: str) -> None:
    of_one = document({"/thing": {method: {"operationId": "thing", "responses": NO_CONTENT[name]}}})
    with MockServer(of_one) as server, Client(of_one, base_url=server.url) as client:
        raw = requests.request(method, f"{server.url}/thing", timeout=5)
        answer = client.thing.send()

        assert (raw.content, raw.headers["Content-Length"]) == (b"", "0")
        assert "Content-Type" not in raw.headers
        assert (answer.status_code, answer.data) == (201 if name == "created" else 200, None)
        assert [record.verdict for record in server.requests] == [(), ()]


def test_an_answer_that_declares_no_content_has_none_in_process() -> None:
    of_one = document({"/thing": {"get": {"operationId": "thing", "responses": NO_CONTENT["absent"]}}}, servers=[{"url": "http://thing.example"}])
    with Mock(of_one) as mock:
        mock.thing.returns()
        assert requests.get("http://thing.example/thing", timeout=5).content == b""
        assert mock.client.thing() is None
