"""Content codings are undone a few bytes at a time, to their end, and never beyond what was asked for."""

from __future__ import annotations

import gzip
import sys
import zlib
from importlib import import_module

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._transport.coding import CodingError, CutShortError, Decoder

zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


def deflated(data: bytes, bits: int) -> bytes:
    coder = zlib.compressobj(wbits=bits)
    return coder.compress(data) + coder.flush()


CODED = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :]),
    "deflate": lambda data: deflated(data, 15),
    "DEFLATE": lambda data: deflated(data, -15),
    "gzip, deflate": lambda data: deflated(gzip.compress(data), 15),
    "br": brotli.compress,
    "zstd": zstd.compress,
    "zstd, gzip": lambda data: gzip.compress(zstd.compress(data)),
    "identity-of-sorts": lambda data: data,
}


def decoded(codings: str, pieces: list[bytes], size: int = 1 << 16) -> bytes:
    decoder, found = Decoder(codings), b""
    for piece in pieces:
        content = decoder.feed(piece, size)
        found += content
        while decoder.has_more:
            content = decoder.feed(b"", size)
            found += content
    decoder.end()
    return found


@pytest.mark.parametrize("codings", CODED)
@given(data=st.binary(max_size=300).map(lambda data: data * 50), cut=st.integers(1, 400), size=st.integers(1, 9999))
def test_what_was_coded_comes_back_under_any_cutting(codings: str, data: bytes, cut: int, size: int) -> None:
    body = CODED[codings](data)

    assert decoded(codings, [body[at : at + cut] for at in range(0, len(body), cut)], max(size, len(data) // 50)) == data


@pytest.mark.parametrize("codings", CODED)
@pytest.mark.parametrize("length", [1, 64, 128, 4096])
def test_a_last_piece_as_long_as_was_asked_for_is_the_last(codings: str, length: int) -> None:
    data = bytes(range(64)) * (length // 64) or b"x"

    assert decoded(codings, [CODED[codings](data)], min(length, 64)) == data


@pytest.mark.parametrize("codings", [name for name in CODED if name != "identity-of-sorts"])
def test_a_body_that_ends_before_its_coding_is_not_whole(codings: str) -> None:
    body = CODED[codings](bytes(range(256)) * 40)
    for cut in range(1, len(body), max(len(body) // 40, 1)):
        with pytest.raises(CodingError):
            decoded(codings, [body[:cut]])


def test_a_member_that_is_cut_short_after_a_whole_one_is_told() -> None:
    with pytest.raises(CutShortError):
        decoded("gzip", [gzip.compress(b"a" * 1000) + gzip.compress(b"b" * 1000)[:-5]])


@pytest.mark.parametrize("more", [b"\0" * 512, b"rubbish"])
def test_padding_after_the_last_member_is_passed_over(more: bytes) -> None:
    assert decoded("gzip", [gzip.compress(b"abc") + more]) == b"abc"


def test_a_bomb_is_unfolded_no_further_than_asked() -> None:
    decoder = Decoder("gzip")

    assert len(decoder.feed(gzip.compress(b"0" * 50_000_000), 1000)) == 1000
    assert decoder.has_more
    assert len(decoder.feed(b"", 1000)) == 1000


@pytest.mark.parametrize("codings", ["gzip", "deflate"])
def test_what_is_not_coded_so_is_refused(codings: str) -> None:
    with pytest.raises(CodingError):
        decoded(codings, [b"plain text, and more of it"])


def test_a_chain_without_end_is_refused() -> None:
    with pytest.raises(CodingError):
        decoded(", ".join(["gzip"] * 6), [b"x"])


def test_nothing_at_all_is_whole() -> None:
    assert decoded("gzip", []) == b""
