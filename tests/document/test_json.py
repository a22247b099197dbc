"""JSON texts become values exactly, one by one or all at once."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._checking.json import DecodeError, decode, decode_each

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_texts_decoded_at_once_are_what_each_of_them_is(values: list[Any]) -> None:
    texts = [json.dumps(value).encode() for value in values]

    assert decode_each(texts) == [decode(text) for text in texts] == values


def test_integers_of_any_size_stay_exact() -> None:
    assert decode_each([b"18446744073709551617", b"-9223372036854775809"]) == [2**64 + 1, -(2**63) - 1]


def test_a_number_beyond_those_that_a_computer_holds_is_refused_alone_as_among_others() -> None:
    with pytest.raises(DecodeError, match="beyond the numbers"):
        decode(b"[1e400]")
    assert decode_each([b'{"id": "0e123 -1e400"}', b"[1e99, 1e-400]"]) == [{"id": "0e123 -1e400"}, [1e99, 0.0]]


@pytest.mark.parametrize("vast", [b"1e400", b"-1E+0400", b"9" * 400 + b".0"], ids=len)
@pytest.mark.parametrize("before", [*range(65_120, 65_545, 17), 0, 200_000])
def test_it_is_found_anywhere_in_a_large_text(before: int, vast: bytes) -> None:
    words = b'["%b", %%b, "%b"]' % (b"a" * before, b"b" * 100_000)
    numbers = b"[%b%%b%b]" % (b"0.5, " * (before // 5), b", 0.5" * 20_000)

    for text in (words, numbers):
        decode(text % b"1e300")
        with pytest.raises(DecodeError, match="beyond the numbers"):
            decode(text % vast)


@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_rests_and_is_as_it_was(is_on: bool) -> None:
    large, seen = b"[%b{}]" % (b"{}," * 30_000), list[str]()

    def told(phase: str, _: Any) -> None:
        seen.append(phase)

    (gc.enable if is_on else gc.disable)()
    gc.callbacks.append(told)
    try:
        assert len(decode(large)) == 30_001
        assert gc.isenabled() == is_on
        assert len(seen) < 10  # one collection is told twice, and where it does not rest there are forty
        with pytest.raises(DecodeError):
            decode(large[:-1])
        assert gc.isenabled() == is_on
    finally:
        gc.callbacks.remove(told)
        gc.enable()


@pytest.mark.parametrize(
    "texts",
    [
        [b"1,2", b"3"],
        [b"[1", b"2]"],
        [b"1,[2", b"3]"],
        [b'{"a":1},{"b":[{"c":1}', b'{"d":2}]}'],
        [b"", b"1"],
        [b"1", b""],
        [b"1]", b"[2"],
        [b'"a', b'b"'],
        [b"NaN", b"1"],
        [b"\xef\xbb\xbf1", b"2"],
        [b"[1e400]", b"2"],
        [b'{"a": [-1.5E+0400]}', b"2"],
        [b'{"a":1000e306}', b"2"],
        [b"1" * 310 + b".0", b"2"],
        [b"1" * 220 + b"e99", b"2"],
        [b"[" * 200 + b"1" + b"]" * 200, b"1"],
    ],
    ids=lambda texts: repr(texts)[:40],
)
def test_texts_that_are_values_only_together_are_not_taken_for_values(texts: list[bytes]) -> None:
    assert decode_each(texts) is None


def test_a_text_that_holds_what_another_lacks_is_told_on_its_own() -> None:
    with pytest.raises(DecodeError):
        decode(b"1,[2")


@pytest.mark.parametrize("text", [b'{"key": "CANARY', b"\xff CANARY", b'{"CANARY": 1e400}', b'["CANARY", ' + b"9" * 5000 + b"]", b'{"CANARY": NaN}'])
def test_a_refusal_brings_nothing_along_that_holds_the_text(text: bytes) -> None:
    """Some packages pickle what hangs on an error, and what hangs on that."""
    with pytest.raises(DecodeError) as caught:
        decode(text)

    assert "CANARY" not in repr(vars(caught.value.__context__ or Exception())) + repr(getattr(caught.value.__context__, "args", ""))
