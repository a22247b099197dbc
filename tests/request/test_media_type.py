"""A media type decides how a body is written and read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dynaopenai._checking.json import DecodeError, NotJSONError
from dynaopenai._document.openapi import Encoding, MediaType
from dynaopenai._request import media_type as _media_type
from dynaopenai._request.encoding import encode
from dynaopenai._request.multipart import Multipart, Upload
from dynaopenai._request.style import StyleError


def content(*names: str) -> dict[str, MediaType]:
    return {name: MediaType(name) for name in names}


def name_of(media: MediaType | None) -> str | None:
    return media.name if media else None


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/problem+json", "json"),
        ("application/x-ndjson", "lines"),
        ("application/json-seq", "lines"),
        ("text/event-stream;charset=utf-8", "events"),
        ("application/x-www-form-urlencoded", "form"),
        ("multipart/form-data", "multipart"),
        ("multipart/mixed", "multipart"),
        ("text/plain", "text"),
        ("application/xml", "xml"),
            ("text/xml; charset=utf-8", "xml"),
        ("image/svg+xml", "xml"),
        ("image/png", "binary"),
        ("application/octet-stream", "binary"),
        ("nonsense", "binary"),
        ("", "binary"),
    ],
)
def test_the_kind_of_a_content_type(content_type: str, kind: str) -> None:
    assert _media_type.kind_of(content_type) == kind


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/plain", "utf-8"),
        ("text/plain; charset=ISO-8859-1", "iso-8859-1"),
        ('text/plain; a=b; Charset="utf-16"', "utf-16"),
        ("text/plain; charset", ""),
    ],
)
def test_the_charset_of_a_content_type(header: str, charset: str) -> None:
    assert _media_type.charset(header) == charset


@pytest.mark.parametrize(
    ("declared", "came", "meant"),
    [
        (["application/json"], "application/json", "application/json"),
        (["application/json"], "application/json; charset=utf-8", "application/json"),
        (["application/json; v=1"], "Application/Json", "application/json; v=1"),
        (["*/*", "text/*", "text/plain"], "text/plain", "text/plain"),
        (["*/*", "text/*", "text/plain"], "text/html", "text/*"),
        (["*/*", "text/*"], "image/png", "*/*"),
        (["application/json"], "text/html", None),
        ([], "text/html", None),
    ],
)
def test_the_most_specific_declared_type_is_meant(declared: list[str], came: str, meant: str | None) -> None:
    assert name_of(_media_type.match(content(*declared), came)) == meant


@pytest.mark.parametrize(
    ("name", "value", "written", "content_type"),
    [
        ("application/json", {"ü": [1, None, 2.5]}, '{"ü":[1,null,2.5]}'.encode(), "application/json"),
        ("*/*", [True], b"[true]", "application/json"),
        ("application/json; charset=iso-8859-1", "ü", b'"\xfc"', "application/json; charset=iso-8859-1"),
        ("application/x-www-form-urlencoded", {"f": ("a.bin", b"\xff &"), "g": [b"a", b"b"]}, b"f=%FF+%26&g=a&g=b", "application/x-www-form-urlencoded"),
        ("application/x-ndjson", [{"a": 1}, {"b": 2}], b'{"a":1}\n{"b":2}\n', "application/x-ndjson"),
        ("application/json-seq", [1], b"\x1e1\n", "application/json-seq"),
        ("application/x-www-form-urlencoded", {"a b": "ü&=", "n": 1, "t": True, "x": None}, b"a+b=%C3%BC%26%3D&n=1&t=true", "application/x-www-form-urlencoded"),
        ("application/x-www-form-urlencoded", {"o": {"a": 1}, "l": [1, 2]}, b"o=%7B%22a%22%3A1%7D&l=1&l=2", "application/x-www-form-urlencoded"),
        ("text/plain", "ü", "ü".encode(), "text/plain; charset=utf-8"),
        ("text/plain; charset=iso-8859-1", "ü", b"\xfc", "text/plain; charset=iso-8859-1"),
        ("application/xml", "<ü/>", "<ü/>".encode(), "application/xml; charset=utf-8"),
    ],
)
def test_a_value_is_written_as_its_media_type_says(name: str, value: Any, written: bytes, content_type: str) -> None:
    body = encode(MediaType(name), value)

    assert (body.content, body.content_type) == (written, content_type)


def test_a_file_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")

    plain, typed = (encode(MediaType(name), path) for name in ("application/octet-stream", "image/*"))

    assert isinstance(plain.content, Upload)
    assert (b"".join(plain.content), plain.content_type, typed.content_type) == (b"x", "application/octet-stream", "image/png")


def test_the_parts_of_a_form_follow_their_encoding() -> None:
    encoding = {
        "json": Encoding(content_type="application/json"),
        "spread": Encoding(style="form", explode=True),
        "deep": Encoding(style="deepObject", explode=True),
        "picture": Encoding(content_type="image/png, image/jpeg"),
    }
    value = {
        "plain": "a b",
        "number": 1.5,
        "flag": False,
        "list": ["x", "y"],
        "object": {"a": 1},
        "json": [1],
        "spread": ["p&q", "r"],
        "deep": {"k": "v w"},
        "picture": ("a.jpeg", b"J"),
        "other": ("a.gif", b"G", "image/gif"),
        "left out": None,
    }

    body = encode(MediaType("multipart/form-data", encoding=encoding), value).content

    assert isinstance(body, Multipart)
    found = [(part.name, part.content if isinstance(part.content, bytes) else b"".join(part.content), part.content_type) for part in body.parts]
    assert found == [
        ("plain", b"a b", None),
        ("number", b"1.5", None),
        ("flag", b"false", None),
        ("list", b"x", None),
        ("list", b"y", None),
        ("object", b'{"a":1}', "application/json"),
        ("json", b"[1]", "application/json"),
        ("spread", b"p&q", None),
        ("spread", b"r", None),
        ("deep[k]", b"v w", None),
        ("picture", b"J", "image/jpeg"),
        ("other", b"G", "image/gif"),
    ]


@pytest.mark.parametrize(
    ("content_type", "data", "value"),
    [
        ("application/json", b'\xef\xbb\xbf{"a": 1, "a": 2}', {"a": 2}),
        ("application/json", b"123456789012345678901234567890", 123456789012345678901234567890),
        ("application/json; charset=iso-8859-1", b'"\xfc"', "ü"),
        ("application/json; charset=utf-16", '"ü"'.encode("utf-16"), "ü"),
        ("application/json; charset=nonsense", '"ü"'.encode(), "ü"),
        ("application/x-ndjson", b'{"a":1}\n\n{"b":2}', [{"a": 1}, {"b": 2}]),
        ("application/json-seq", b"\x1e1\n\x1e2\n", [1, 2]),
        ("application/x-www-form-urlencoded", b"a=%C3%BC&b=", {"a": "ü", "b": ""}),
        ("text/plain; charset=iso-8859-1", b"\xfc", "ü"),
        ("text/plain; charset=nonsense", "ü".encode(), "ü"),
        ("text/plain", b"\xff", "\ufffd"),
        ("image/png", b"\x89P", b"\x89P"),
    ],
)
def test_a_body_is_read_as_its_content_type_says(content_type: str, data: bytes, value: Any) -> None:
    assert _media_type.decode(content_type, data) == value


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "found nothing, expected JSON"),
        (b"NaN", "found NaN, which JSON does not know"),
        (b"[Infinity]", "found Infinity, which JSON does not know"),
        (b'{"a": ', "Expecting value at line 1 column 7"),
        (b'"\xff"', "byte 1 is not UTF-8"),
        (b"[" * 300 + b"]" * 300, "nested deeper than 200 levels"),
        (b"[" * 100_000, "nested deeper than 200 levels"),
    ],
)
def test_what_is_no_json_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        _media_type.decode("application/json", data)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("application/json", {"a": float("nan")}, "found nan, which JSON does not know"),
        ("application/json", {"a": b"x"}, "found a value of type bytes, which JSON does not know"),
        ("text/plain; charset=ascii", "ü", "the text cannot be written as ascii"),
        ("text/plain; charset=nonsense", "u", "the text cannot be written as nonsense"),
    ],
)
def test_what_cannot_be_written_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(NotJSONError) as caught:
        encode(MediaType(name), value)

    assert message in str(caught.value)


def test_a_member_of_a_form_that_cannot_be_written_is_told_by_its_name() -> None:
    media = MediaType("application/x-www-form-urlencoded", encoding={"items": Encoding(style="deepObject", explode=True)})

    assert encode(media, {"items": [{"price": "p", "n": 2}]}).content == b"items%5B0%5D%5Bprice%5D=p&items%5B0%5D%5Bn%5D=2"
    with pytest.raises(StyleError, match=r"^items\[1\]: found \{\}, of which nothing would be written"):
        encode(media, {"items": [{"price": "p"}, {}]})
