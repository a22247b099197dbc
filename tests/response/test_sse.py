"""Bytes become events by the WHATWG rules, however the stream is cut into chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._response.sse import Event, EventTooLarge, events

CASES = json.loads(Path(__file__).with_name("sse.json").read_text("utf-8"))


def expected(case: dict[str, Any]) -> list[Event]:
    return [Event(item["data"].encode(), **{k: v for k, v in item.items() if k != "data"}) for item in case["events"]]


def byte_by_byte(data: bytes) -> Iterator[bytes]:
    return (data[index : index + 1] for index in range(len(data)))


def naive(data: bytes) -> list[Event]:
    """The standard's algorithm, line by line, as it is written there."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found: list[Event] = []
    lines, last_id = text.split("\n")[:-1], ""
    kind, parts, retry = "", [], None
    for line in lines:
        if not line:
            if parts:
                found.append(Event("\n".join(parts).encode(), kind or "message", last_id, retry))
            kind, parts, retry = "", [], None
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            parts.append(value)
        elif field == "event":
            kind = value
        elif field == "id" and "\0" not in value:
            last_id = value
        elif field == "retry" and value.isascii() and value.isdigit() and len(value) <= 18:
            retry = int(value)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
class TestTheRules:
    def test_whole(self, case: dict[str, Any]) -> None:
        assert list(events([case["stream"].encode()])) == expected(case)

    def test_byte_by_byte(self, case: dict[str, Any]) -> None:
        assert list(events(byte_by_byte(case["stream"].encode()))) == expected(case)

    def test_with_the_beginning_of_another_event_behind_it(self, case: dict[str, Any]) -> None:
        data = case["stream"].encode() + b"\n\ndata: never finished"

        complete = list(events([data]))

        assert complete[: len(case["events"])] == expected(case)
        assert b"never finished" not in [event.data for event in complete]

    def test_the_plain_algorithm_agrees(self, case: dict[str, Any]) -> None:
        assert naive(case["stream"].encode()) == expected(case)


LINES = st.sampled_from([
    b"data: a", b"data:b", b"data:  c", b"data", b"data:", b": note", b"event: x", b"event", b"id: 1", b"id", b"id: a\0b",
    b"retry: 10", b"retry: x", b"other: y", b"", b"", b"\xef\xbb\xbfdata: bom", b"data: \xff\xc3", "data: ü€".encode(), b"data: [DONE]",
])  # fmt: skip
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
STREAMS = st.lists(st.tuples(LINES, ENDS), max_size=25).map(lambda pairs: b"".join(a + b for a, b in pairs))


@given(STREAMS, st.booleans(), st.data())
def test_no_chunking_changes_the_events(stream: bytes, bom: bool, data: st.DataObject) -> None:
    stream = b"\xef\xbb\xbf" * bom + stream
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    found = list(events(chunks))

    assert found == naive(stream)
    assert found == list(events(byte_by_byte(stream)))


@given(st.binary(max_size=200), st.integers(1, 7))
def test_any_bytes_are_events_or_nothing(stream: bytes, size: int) -> None:
    chunks = [stream[start : start + size] for start in range(0, len(stream), size)]

    assert list(events(chunks)) == naive(stream)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), max_size=6))
def test_what_was_written_as_events_is_read_as_events(texts: list[str]) -> None:
    stream = "".join(f"data: {text}\n\n" for text in texts).encode()

    assert [event.text for event in events(byte_by_byte(stream))] == texts


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_an_event_is_delivered_with_the_byte_that_completes_it(end: bytes) -> None:
    fed: list[bytes] = []

    def feed() -> Iterator[bytes]:
        for byte in byte_by_byte(b"data: a" + end + end + b"data: b"):
            fed.append(byte)
            yield byte

    assert next(events(feed())).data == b"a"
    assert b"".join(fed) == (b"data: a" + end + end)[: None if end != b"\r\n" else -1]


class TestSize:
    @pytest.mark.parametrize("feed", [lambda data: [data], byte_by_byte])
    def test_an_event_of_just_the_limit_passes(self, feed: Any) -> None:
        stream = b"data: 1234\n\n"

        assert [event.data for event in events(feed(stream * 2), max_event_size=10)] == [b"1234"] * 2

    @pytest.mark.parametrize("feed", [lambda data: [data], byte_by_byte])
    def test_a_larger_one_is_refused_after_those_before_it(self, feed: Any) -> None:
        stream = events(feed(b"data: 1\n\ndata: 2\n\ndata: 12345\n\ndata: 3\n\n"), max_event_size=10)

        assert [next(stream).data, next(stream).data] == [b"1", b"2"]
        with pytest.raises(EventTooLarge) as caught:
            next(stream)
        assert str(caught.value) == "found an event of more than 10 bytes, expected its end before that"

    def test_a_line_without_an_end_is_not_kept_for_ever(self) -> None:
        fed = 0

        def endless() -> Iterator[bytes]:
            nonlocal fed
            while True:
                fed += 100
                yield b"x" * 100

        with pytest.raises(EventTooLarge):
            list(events(endless(), max_event_size=1000))
        assert fed <= 1200
