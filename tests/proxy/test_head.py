"""The head of a message is passed on as it came, or refused where it could be read in two ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._proxy.framing import Length, UntilClose, answer_framing, request_framing
from dynaopenai._proxy.head import Refusal, passed_answer, passed_request, request_head, status_head, stays_open
from dynaopenai._transport.chunked import Chunked

TOKEN = st.text("abcXYZ-_9!#", min_size=1, max_size=12)
VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30)
OURS = {"host", "connection", "upgrade", "http2-settings", "proxy-connection", "proxy-authorization"}


def request(*lines: str, start: str = "GET /a HTTP/1.1") -> bytes:
    return "\r\n".join([start, *(lines or ("Host: x",)), "", ""]).encode("latin-1")


@given(st.lists(st.tuples(TOKEN, VALUE)))
def test_lines_are_passed_on_byte_by_byte_in_their_order(fields: list[tuple[str, str]]) -> None:
    lines = [f"{name}: {value}" for name, value in fields if name.lower() not in OURS]
    head = request_head(request("Host: client", *lines))

    passed = passed_request(head, "api.example").split(b"\r\n")

    assert passed == [b"GET /a HTTP/1.1", b"Host: api.example", *(line.encode("latin-1") for line in lines), b"", b""]
    answer = "\r\n".join(["HTTP/1.1 200 Very Well", *lines, "", ""]).encode("latin-1")
    assert passed_answer(status_head(answer), {}) == answer


def test_only_what_is_for_this_connection_stays_here() -> None:
    head = request_head(
        request(
            "hOST: client", "X-A: 1", "Connection: keep-alive, X-Hop", "x-hop: secret", "Upgrade: h2c", "X-A: 2", "TE: trailers"
        )
    )

    assert passed_request(head, "up:8").split(b"\r\n") == [
        b"GET /a HTTP/1.1",
        b"hOST: up:8",
        b"X-A: 1",
        b"Connection: keep-alive",
        b"X-A: 2",
        b"TE: trailers",
        b"",
        b"",
    ]


@pytest.mark.parametrize("named", ["content-length", "transfer-encoding", "host"])
def test_what_frames_a_message_cannot_be_named_away(named: str) -> None:
    head = request_head(request("Host: x", f"Connection: {named}", "Content-Length: 3"))

    assert b"Content-Length: 3" in passed_request(head, "up")
    assert b"Host: up" in passed_request(head, "up")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request(start="GET /a HTTP/2.0"), 505),
        (request(start="GET /a"), 400),
        (request(start="GET  /a HTTP/1.1"), 400),
        (request(start="G(T /a HTTP/1.1"), 400),
        (request(start="GET a HTTP/1.1"), 400),
        (request(start="GET ftp://x/a HTTP/1.1"), 400),
        (request(start="CONNECT x:443 HTTP/1.1"), 501),
        (request("X: 1"), 400),
        (request("Host: x", "Host: y"), 400),
        (request("Host: x", "X : 1"), 400),
        (request("Host: x", " folded"), 400),
        (request("Host: x", "X"), 400),
        (request("Host: x", "X: a\nY: b"), 400),
        (request("Host: x", "X: a\rY: b"), 400),
        (request("Host: x", "X: \0"), 400),
        (request("Host: x", "Upgrade: websocket", "Connection: Upgrade"), 501),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(data: bytes, status: int) -> None:
    with pytest.raises(Refusal) as caught:
        request_head(data)

    assert caught.value.status == status


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("Transfer-Encoding: chunked", "Content-Length: 3"), 400),
        (("Content-Length: 3", "Content-Length: 4"), 400),
        (("Content-Length: 3", "Content-Length: 3"), 400),
        (("Content-Length: +3",), 400),
        (("Content-Length: 3, 3",), 400),
        (("Content-Length:",), 400),
        (("Content-Length: 9999999999999999999",), 400),
        (("Transfer-Encoding: gzip, chunked",), 501),
        (("Transfer-Encoding: identity",), 501),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 501),
    ],
)
def test_a_body_without_a_clear_end_is_refused(lines: tuple[str, ...], status: int) -> None:
    with pytest.raises(Refusal) as caught:
        request_framing(request_head(request("Host: x", *lines)))

    assert caught.value.status == status


@pytest.mark.parametrize(
    ("method", "answer", "kind"),
    [
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", Length),
        ("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Chunked),
        ("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Chunked),
        ("GET", "HTTP/1.0 200\r\n\r\n", UntilClose),
    ],
)
def test_how_an_answer_ends(method: str, answer: str, kind: type) -> None:
    framing = answer_framing(status_head(answer.encode()), method)

    assert isinstance(framing, kind)
    assert not framing.ended


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("GET", 103)])
def test_an_answer_without_a_body_ends_with_its_head(method: str, status: int) -> None:
    head = status_head(f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n".encode())

    assert answer_framing(head, method).ended


@pytest.mark.parametrize("answer", [b"ICY 200 OK\r\n\r\n", b"HTTP/1.1 2000 X\r\n\r\n", b"HTTP/1.1 200 OK\r\nX Y: 1\r\n\r\n"])
def test_an_answer_that_is_none_is_refused(answer: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        status_head(answer)

    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("line", "start", "expected"),
    [
        ("X: 1", "GET / HTTP/1.1", True),
        ("Connection: Close", "GET / HTTP/1.1", False),
        ("X: 1", "GET / HTTP/1.0", False),
        ("Connection: Keep-Alive", "GET / HTTP/1.0", True),
    ],
)
def test_who_keeps_a_connection(line: str, start: str, expected: bool) -> None:
    assert stays_open(request_head(request("Host: x", line, start=start))) is expected


@pytest.mark.parametrize(("target", "passed"), [("http://x/a?b", "/a?b"), ("http://x", "/"), ("/a//b?c#d", "/a//b?c#d")])
def test_a_target_is_passed_on_as_a_path(target: str, passed: str) -> None:
    assert request_head(request(start=f"GET {target} HTTP/1.1")).target == passed


@given(st.binary(max_size=200), st.integers(1, 50))
def test_a_length_is_found_however_the_bytes_are_cut(body: bytes, size: int) -> None:
    framing, content, data = Length(len(body)), b"", body + b"NEXT"
    rest = data if framing.ended else b""
    while not framing.ended:
        content += framing.feed(data[:size])
        data = data[size:]
        rest = framing.rest + data

    assert (content, rest) == (body, b"NEXT")
