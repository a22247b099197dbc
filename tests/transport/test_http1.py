"""What is written is read by others as it was meant, what is read is what `http.client` reads, however it is cut."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest
from fault_server import FaultServer, answer
from hypothesis import given
from hypothesis import strategies as st
from small_api import client

from dynaopenai._request.request import Request
from dynaopenai._transport.http1 import (
    MAX_LINE,
    SMALL,
    LineTooLong,
    NoHTTPError,
    Site,
    answer_head,
    end_of_head,
    written,
)

OK = b"HTTP/1.1 200 OK\r\n"


def request(url: str = "http://a.test/v1?x=1", headers: dict[str, str] | None = None, body: Any = None, method: str = "GET") -> Request:
    return Request("op", method, url, headers or {}, body)


# --- requests ------------------------------------------------------------------------------------


def test_it_is_what_requests_would_send() -> None:
    with FaultServer(answer({"id": "a"})) as server:
        for options in ({}, {"on_request": lambda _: None}):  # a hook is given what `requests` sends
            api = client(server.url, headers={"X-Own": "ä"}, **options)
            api.getThing("a b%2f/ü", X_Note="n")
            api.createThing.with_options(headers={"Idempotency-Key": "1"})(body={"a": 1})
            api.close()

    direct, hooked = server.received[:2], server.received[2:]
    assert [(each.head, each.body) for each in direct] == [(each.head, each.body) for each in hooked]


@pytest.mark.parametrize(
    ("url", "site", "target"),
    [
        ("http://a.test/", Site("http", "a.test", 80, "a.test"), "/"),
        ("https://A.test:443/x?a=%2F&b=?", Site("https", "a.test", 443, "a.test"), "/x?a=%2F&b=?"),
        ("http://my_service:80/", Site("http", "my_service", 80, "my_service"), "/"),
        ("http://127.0.0.1:8080/a;b=(c)", Site("http", "127.0.0.1", 8080, "127.0.0.1:8080"), "/a;b=(c)"),
    ],
)
def test_where_it_goes(url: str, site: Site, target: str) -> None:
    message = written(request(url))

    assert message is not None
    assert message.site == site
    assert message.octets.startswith(f"GET {target} HTTP/1.1\r\nHost: {site.place}\r\n".encode())
    assert message.octets.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "unusual",
    [
        request("http://me:pw@a.test/"),
        request("http://[::1]/"),
        request("http://a.test"),
        request("http://a.test//b"),
        request("http://ä.test/"),
        request("http://a..test/"),
        request("http://a.test./"),
        request(f"http://{'a' * 64}.test/"),
        request("http://a.test/%2f"),
        request("http://a.test/ b"),
        request("http://a.test/#b"),
        request("http://a.test/\r\nX: 1"),
        request("ftp://a.test/"),
        request(headers={"X": "1\r\nY: 2"}),
        request(headers={"X": "1\n 2"}),
        request(headers={"X": "\u20ac"}),
        request(headers={"X y": "1"}),
        request(headers={"": "1"}),
        request(headers={"host": "b.test"}),
        request(method="GET / HTTP/1.1\r\nX:"),
        request(method="CAF\u00c9"),
    ],
)
def test_what_is_unusual_is_left_to_others(unusual: Request) -> None:
    assert written(unusual) is None


@given(st.dictionaries(st.text(max_size=4), st.text(max_size=6), max_size=3), st.text(max_size=6))
def test_what_is_written_says_what_was_meant(headers: dict[str, str], rest: str) -> None:
    message = written(request(f"http://a.test/{rest}", headers))

    if message is not None:
        line, *lines = message.octets.decode("latin-1").split("\r\n")
        found = [tuple(line.split(": ", 1)) for line in lines[:-2]]
        assert line == f"GET /{rest} HTTP/1.1"
        once = {name.lower(): (name, value) for name, value in headers.items()}
        assert [pair for pair in found if pair[0] not in ("Host", "Accept-Encoding")] == [
            pair for name, pair in once.items() if name != "accept-encoding"
        ]


# --- answers -------------------------------------------------------------------------------------


class Socket:
    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self.octets)


FIELDS = st.lists(
    st.sampled_from(
        [
            b"Content-Length: 5",
            b"content-length:7 ",
            b"Content-Length: -1",
            b"Content-Length: x",
            b"Transfer-Encoding: chunked",
            b"TRANSFER-ENCODING: Chunked",
            b"Transfer-Encoding: identity",
            b"Connection: close",
            b"Connection: keep-alive",
            b"Set-Cookie: a=b",
            b"Set-Cookie: c=d, e",
            b"X:",
            b"X-Latin: \xe4",
        ]
    ),
    max_size=5,
    unique_by=lambda line: line.lower().partition(b":")[0] if b"ookie" not in line else line,
)


@given(FIELDS, st.sampled_from([b"1.1", b"1.0"]), st.sampled_from([200, 204, 304, 404, 599]), st.sampled_from(["GET", "HEAD"]), st.sampled_from([b"\r\n", b"\n"]))
def test_it_is_read_as_http_client_reads_it(fields: list[bytes], version: bytes, status: int, method: str, end: bytes) -> None:
    octets = end.join([b"HTTP/%b %d Fine" % (version, status), *fields, b"", b""])
    theirs = http.client.HTTPResponse(Socket(octets), method=method)  # type: ignore[arg-type]  # all that it asks for
    theirs.begin()
    ours = answer_head(octets, method)

    assert end_of_head(octets + b"HTTP/1.1 body") == len(octets)
    assert (ours.status, ours.lines) == (theirs.status, len(fields))
    assert ours.headers == {name: ", ".join(theirs.headers.get_all(name) or []).strip() for name in theirs.headers}
    if method != "HEAD" and status not in (204, 304):
        assert ours.is_chunked == theirs.chunked
        assert ours.length == theirs.length
        is_in_doubt = b"identity" in octets or (ours.is_chunked and (version == b"1.0" or "content-length" in ours.headers))
        assert ours.stays == (not (theirs.will_close or is_in_doubt))


@pytest.mark.parametrize(
    ("lines", "headers"),
    [
        ([b"A: 1", b"no header", b"B: 2"], {"A": "1", "B": "2"}),
        ([b"A: 1", b" and more", b"\tand more"], {"A": "1 and more and more"}),
        ([b" A: 1"], {}),
        ([b"Content-Length : 5", b": x"], {}),
        ([b"A: 1\rB: 2"], {"A": "1 B: 2"}),
        ([b"A:1", b"a: 2"], {"A": "1, 2"}),
    ],
)
def test_what_is_no_header_line(lines: list[bytes], headers: dict[str, str]) -> None:
    assert dict(answer_head(OK + b"\r\n".join([*lines, b"", b""]), "GET").headers) == headers


@pytest.mark.parametrize("octets", [b"HTTP/2.0 200 OK\r\n\r\n", b"HTTP/1.1 2000\r\n\r\n", b"HTTP/1.1 099 A\r\n\r\n", OK + b"Content-Length: 5, 6\r\n\r\n"])
def test_what_is_no_answer(octets: bytes) -> None:
    with pytest.raises(NoHTTPError):
        answer_head(octets, "GET")


def test_one_length_said_twice() -> None:
    assert answer_head(OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n", "GET").length == 5


def test_a_connection_whose_answer_has_a_coding_of_its_own_is_not_used_again() -> None:
    head = answer_head(OK + b"Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n", "GET")

    assert (head.length, head.is_chunked, head.stays) == (None, False, False)


@pytest.mark.parametrize("size", [SMALL, SMALL + 1])
def test_a_large_body_is_not_copied(size: int) -> None:
    body = b"a" * size
    message = written(request(body=body, method="POST"))

    assert message is not None
    assert message.octets.endswith(body if size == SMALL else b"\r\n\r\n")
    assert message.body is body or size == SMALL


def test_both_lengths_at_once() -> None:
    head = answer_head(OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "GET")

    assert (head.length, head.is_chunked) == (None, True)


@pytest.mark.parametrize("begin", [b"220 smtp", b"\r\nHTTP/1.1", b"HTTQ"])
def test_what_begins_no_answer_is_not_waited_for(begin: bytes) -> None:
    with pytest.raises(NoHTTPError):
        end_of_head(begin)


@given(st.integers(0, 40))
def test_the_end_is_found_wherever_a_piece_ends(cut: int) -> None:
    octets = OK + b"A: 1\r\nB: 2\r\n\r\n"
    first = octets[:cut]

    assert (end_of_head(first) or end_of_head(octets, len(first))) == len(octets)


def test_a_line_without_an_end() -> None:
    with pytest.raises(LineTooLong):
        end_of_head(OK + b"A: " + b"a" * MAX_LINE)
    with pytest.raises(LineTooLong):
        answer_head(OK + b"A: " + b"a" * MAX_LINE + b"\r\n\r\n", "GET")
