"""A chunked body gives the content that was put in, wherever its pieces end."""

from __future__ import annotations

import io
from http.client import HTTPResponse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._transport.chunked import MAX_LINE, Chunked, ChunkError

CONTENTS = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


def framed(contents: list[bytes], extension: bytes = b"", trailers: bytes = b"") -> bytes:
    chunks = b"".join(b"%x%b\r\n%b\r\n" % (len(content), extension, content) for content in contents)
    return chunks + b"0%b\r\n%b\r\n" % (extension, trailers)


def read(*pieces: bytes) -> tuple[list[bytes], bool]:
    chunked = Chunked()
    return [chunked.feed(piece) for piece in pieces], chunked.ended


def by_http_client(body: bytes) -> bytes:
    """An independent reader of the same bytes."""

    class Socket:
        def makefile(self, *_: Any) -> io.BytesIO:
            return io.BytesIO(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)

    response = HTTPResponse(Socket())  # type: ignore[arg-type]
    response.begin()
    return response.read()


@given(CONTENTS, st.sampled_from([b"", b";name=value", b' ; a="b"']), st.sampled_from([b"", b"Digest: x\r\nB: y\r\n"]), st.data())
def test_any_cut_gives_the_same_content(contents: list[bytes], extension: bytes, trailers: bytes, data: st.DataObject) -> None:
    body = framed(contents, extension, trailers)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=5)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    found, ended = read(*pieces)

    assert b"".join(found) == b"".join(contents) == by_http_client(body)
    assert ended


def test_content_is_passed_on_with_the_byte_that_brings_it() -> None:
    found, ended = read(b"5\r\nab", b"c", b"de", b"\r\n", b"0\r\n", b"\r\n")

    assert found == [b"ab", b"c", b"de", b"", b"", b""]
    assert ended


def test_chunks_that_came_together_are_passed_on_together() -> None:
    assert read(framed([b"one", b"two", b"three"])) == ([b"onetwothree"], True)


def test_lines_may_end_in_lf_alone() -> None:
    assert read(b"3\nabc\n0\n\n") == ([b"abc"], True)


def test_what_follows_the_end_is_not_content() -> None:
    assert read(framed([b"abc"]) + b"HTTP/1.1 200 OK") == ([b"abc"], True)


@pytest.mark.parametrize(
    "body",
    [b"zz\r\n", b"-1\r\n", b"\r\n", b"3\r\nabcd\r\n", b"3\r\nabc\r\nzz\r\n", b"1" * (MAX_LINE + 1)],
    ids=["no number", "a negative size", "no size", "longer than its size", "after a good one", "an endless size"],
)
def test_what_is_no_chunk_is_refused(body: bytes) -> None:
    with pytest.raises(ChunkError):
        read(body)
