"""Operations that take a body of several media types: what is passed chooses, a Content-Type by hand decides."""

from __future__ import annotations

import pydoc
from pathlib import Path
from typing import Any

import pytest

from dynaopenai import Client
from dynaopenai.errors import RequestValidationError

TEXT = {"type": "string"}
FILE = {"type": "string", "format": "binary"}
BY_URL = {"type": "object", "required": ["url"], "properties": {"url": TEXT, "size": {"type": "integer"}}}
BY_FILE = {"type": "object", "required": ["image"], "properties": {"image": FILE, "size": {"type": "integer"}}}
MULTIPART, FORM, JSON = "multipart/form-data", "application/x-www-form-urlencoded", "application/json"


def operation(content: dict[str, Any], **options: Any) -> Any:
    body = {"required": True, "content": {name: {"schema": schema} for name, schema in content.items()}}
    post = {"operationId": "send", "requestBody": body, "responses": {"200": {"description": "done"}}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": post}}}
    return Client(document, base_url="http://127.0.0.1:9").send.with_options(**options)


def test_the_arguments_of_all_media_types_are_keywords() -> None:
    op = operation({JSON: BY_URL, MULTIPART: BY_FILE})

    assert [argument.name for argument in op.arguments] == ["url", "size", "image"]
    assert not any(argument.required for argument in op.arguments)
    assert op.prepare(url="http://a").headers["Content-Type"] == JSON
    assert op.prepare(image=b"x").headers["Content-Type"].startswith(MULTIPART)
    text = pydoc.plain(pydoc.render_doc(op))
    assert f"image: file (in {MULTIPART})" in text
    assert f"url: string (in {JSON})" in text


def test_what_another_media_type_declares_is_refused_with_its_name() -> None:
    with pytest.raises(RequestValidationError) as refused:
        operation({JSON: BY_URL, MULTIPART: BY_FILE}).prepare(url="http://a", image=b"x")

    assert [str(violation) for violation in refused.value.violations] == [f'url: not declared in {MULTIPART}, expected in "{JSON}" alone']


@pytest.mark.parametrize(
    ("content", "body", "chosen"),
    [
        ({MULTIPART: BY_URL, JSON: BY_URL}, {"url": "a"}, JSON),
        ({JSON: {"type": "object"}, MULTIPART: {"type": "object"}}, {"a": b"x"}, MULTIPART),
        ({JSON: {}, MULTIPART: {"properties": {"a": {"items": FILE}}}}, {"a": [b"x"]}, MULTIPART),
        ({JSON: {"properties": {"a": TEXT}}, MULTIPART: {"properties": {"a": FILE}}}, {"a": "x"}, JSON),
        ({JSON: {}, "application/octet-stream": FILE}, b"x", "application/octet-stream"),
        ({"application/octet-stream": {}, "text/plain": {}}, "x", "text/plain"),
        ({"*/*": {"type": "number"}, JSON: {"type": "array"}}, [1], JSON),
        ({"*/*": {"type": "number"}, JSON: {"type": "array"}}, 1, JSON),  # under a range, a number is written as JSON
        ({JSON: BY_URL, "application/xml": BY_URL}, "<a/>", "application/xml"),
        ({JSON: {"type": "array"}, FORM: {"type": "object"}}, {"a": 1}, FORM),
        ({"image/png": FILE, "image/jpeg": FILE}, ("a.jpg", b"x"), "image/jpeg"),
        ({"image/*": FILE, "image/jpeg": FILE}, ("a.jpg", b"x"), "image/jpeg"),
        ({"image/*": FILE, "image/jpeg": FILE}, ("a.gif", b"x"), "image/gif"),
        ({"image/png": FILE, "image/jpeg": FILE}, ("a", b"x", "image/jpeg"), "image/jpeg"),
        ({"image/png": FILE, "image/jpeg": FILE}, b"x", "image/png"),
        ({"image/png": FILE, "image/jpeg": FILE}, Path(__file__), "image/png"),
        ({JSON: {"required": ["a"]}, "application/merge-patch+json": {}}, {"b": 1}, "application/merge-patch+json"),
    ],
)
def test_what_is_passed_chooses(content: dict[str, Any], body: Any, chosen: str) -> None:
    sent = operation(content).prepare(body=body).headers["Content-Type"]

    assert sent.partition(";")[0] == chosen


@pytest.mark.parametrize(
    ("declared", "given", "body", "written"),
    [
        ([JSON, FORM], FORM, {"url": "a b"}, b"url=a+b"),
        ([FORM, JSON], JSON, {"url": "a b"}, b'{"url":"a b"}'),
        ([JSON], FORM, {"url": "a b"}, b"url=a+b"),  # a declared type or not, what is said is what is sent
        ([JSON, "application/xml"], "application/xml", "<a/>", b"<a/>"),
        ([JSON], "application/vnd.a+json", {"url": "a"}, b'{"url":"a"}'),
        ([JSON], "application/json; charset=iso-8859-1", {"url": "ü"}, b'{"url":"\xfc"}'),
        (["*/*"], FORM, {"url": "a b"}, b"url=a+b"),
    ],
)
def test_a_content_type_by_hand_chooses_the_encoder(declared: list[str], given: str, body: Any, written: bytes) -> None:
    sent = operation(dict.fromkeys(declared, BY_URL), headers={"content-type": given}).prepare(body)

    assert (sent.headers["Content-Type"], sent.body) == (given, written)


def test_a_form_by_hand_has_the_boundary_of_its_body() -> None:
    sent = operation({JSON: BY_URL, MULTIPART: BY_URL}, headers={"Content-Type": MULTIPART}).prepare(url="a")

    boundary = sent.headers["Content-Type"].partition("boundary=")[2]
    assert boundary
    assert b"".join(sent.body).startswith(f"--{boundary}".encode())


def test_what_cannot_be_written_as_the_header_says_is_refused() -> None:
    with pytest.raises(RequestValidationError, match="expected a Path"):
        operation({JSON: BY_URL}, headers={"Content-Type": "image/png"}).prepare(url="a")


def test_a_file_in_a_form_is_a_file_whatever_style_is_declared() -> None:
    content = {MULTIPART: {"schema": BY_FILE, "encoding": {"image": {"style": "form"}}}}
    post = {"operationId": "send", "requestBody": {"content": content}, "responses": {"200": {"description": ""}}}
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": post}}}

    body = b"".join(Client(document).send.with_options(base_url="http://h").prepare(image=("a.png", b"x")).body)

    assert b'name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nx' in body


def test_the_example_is_of_a_media_type_that_leaves_one() -> None:
    impossible = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "pattern": "a", "maxLength": 0}}}
    op = operation({JSON: impossible, FORM: BY_URL})

    assert op.prepare(**op.example()).body == b"url=url"


def test_a_form_that_is_declared_to_be_a_file_has_one_part_that_is_it() -> None:
    sent = operation({MULTIPART: FILE}).prepare(("a.png", b"x"))

    boundary = sent.headers["Content-Type"].partition("boundary=")[2]
    body = b"".join(sent.body)
    assert body.startswith(f"--{boundary}".encode())
    assert b'name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nx' in body


def test_a_form_that_was_written_by_hand_is_sent_as_it_is() -> None:
    form = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n'
    sent = operation({MULTIPART: FILE}, headers={"Content-Type": f"{MULTIPART}; boundary=b"}).prepare(form)

    assert (b"".join(sent.body), sent.headers["Content-Type"]) == (form, f"{MULTIPART}; boundary=b")


@pytest.mark.parametrize(
    ("media", "written"),
    [
        (FORM, b"n=3&ns=3&ns=-4&deep=%7B%22n%22%3A3.0%7D"),
        (MULTIPART, b'name="n"\r\n\r\n3\r\n'),
        ("application/xml", b"<n>3</n><ns>3</ns><ns>-4</ns><deep><n>3</n></deep>"),
        (JSON, b'{"n":3.0,"ns":[3.0,-4.0],"deep":{"n":3.0}}'),  # where it is an integer as it stands
    ],
)
def test_a_whole_float_is_written_as_the_integer_that_it_is(media: str, written: bytes) -> None:
    whole = {"type": "integer"}
    schema = {"type": "object", "properties": {"n": whole, "ns": {"type": "array", "items": whole}, "deep": {"type": "object", "properties": {"n": whole}}}}
    body = operation({media: schema}).prepare(n=3.0, ns=[3.0, -4.0], deep={"n": 3.0}).body

    assert written in (body if isinstance(body, bytes) else b"".join(body))
