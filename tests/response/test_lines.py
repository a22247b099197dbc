"""Sequences that are no event streams: items however they are cut, streamed where the document says what an item is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fault_server import RESET, FaultServer, answer, chunked, drained
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai import APIConnectionError, Binary, Client, Limits, ResponseValidationError, Stream
from dynaopenai._response.lines import LF, RS, Splitter, separator
from dynaopenai._response.sse import EventTooLarge, Region

JSONL = "application/jsonl"
SEQ = "application/json-seq"


def items(chunks: list[bytes], end: bytes = LF, most: int = 1 << 20) -> list[bytes]:
    return [text for region in regions(chunks, end, most) for text in region.texts]


def regions(chunks: list[bytes], end: bytes, most: int) -> Iterator[Region]:
    splitter = Splitter(end, most)
    for chunk in chunks:
        yield from splitter.feed(chunk)
    yield from splitter.end()


@pytest.mark.parametrize(
    ("text", "end", "found"),
    [
        (b'{"a":1}\n{"a":2}\n', LF, [b'{"a":1}', b'{"a":2}']),
        (b"1\r\n\r\n2", LF, [b"1", b"2"]),
        (b"\n \n", LF, []),
        (b"", LF, []),
        (b"\x1e1\n\x1e[\n2\n]\n", RS, [b"1", b"[\n2\n]"]),
        (b"\x1e\x1e1", RS, [b"1"]),
    ],
)
def test_items_are_the_same_whole_and_byte_by_byte(text: bytes, end: bytes, found: list[bytes]) -> None:
    assert items([text], end) == found
    assert items([text[i : i + 1] for i in range(len(text))], end) == found


@given(st.lists(st.text(), max_size=8), st.lists(st.integers(1, 40), max_size=20), st.sampled_from([LF, RS]))
def test_what_was_written_is_read_under_any_cutting(values: list[str], cuts: list[int], end: bytes) -> None:
    text = b"".join((end if end == RS else b"") + json.dumps(value).encode() + b"\n" for value in values)
    chunks, start = [], 0
    for cut in cuts:
        chunks.append(text[start : start + cut])
        start += cut

    assert [json.loads(item) for item in items([*chunks, text[start:]], end)] == values


@pytest.mark.parametrize("chunks", [[b"1\n2222222\n"], [b"1\n", b"2222", b"222"], [b"1\n", b"2222222"]])
def test_an_item_that_is_too_large_is_refused_after_those_before_it(chunks: list[bytes]) -> None:
    came, error = drained(text for region in regions(chunks, LF, 5) for text in region.texts)

    assert isinstance(error, EventTooLarge)
    assert came == [b"1"]


@pytest.mark.parametrize(("name", "end"), [(JSONL, LF), ("application/x-ndjson", LF), (f"{SEQ}; x=1", RS), ("a/geo+json-seq", RS)])
def test_a_media_type_says_what_stands_between_items(name: str, end: bytes) -> None:
    assert separator(name) == end


# --- through a client ----------------------------------------------------------------------------


def client(url: str, media: dict[str, Any], **options: Any) -> Client:
    content = {"200": {"description": "Items.", "content": media}}
    paths = {"/items": {"get": {"operationId": "streamItems", "responses": content}}}
    document = {"openapi": "3.2.0", "info": {"title": "Items", "version": "1"}, "paths": paths}
    return Client(document, base_url=url, **options)


ITEM = {"itemSchema": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}}


@pytest.mark.parametrize(
    ("name", "script"),
    [
        (JSONL, answer(b'{"n": 1}\n{"n": 2}\n', content_type=JSONL)),
        (JSONL, chunked(b'{"n"', b': 1}\n{"n": 2', b"}", content_type=JSONL)),
        (SEQ, chunked(b'\x1e{"n": 1}', b'\n\x1e{\n"n": 2\n}\n', content_type=SEQ)),
    ],
)
def test_items_come_one_by_one(name: str, script: Any) -> None:
    with FaultServer(script) as server, client(server.url, {name: ITEM}) as api, api.streamItems() as stream:
        assert isinstance(stream, Stream)
        assert [item.n for item in stream] == [1, 2]


def test_an_answer_that_does_not_say_its_type_is_what_is_declared() -> None:
    bare = b'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{"n": 1}\n{"n": 2}\n'
    with FaultServer([bare]) as server, client(server.url, {JSONL: ITEM}) as api:
        assert [item.n for item in api.streamItems()] == [1, 2]


def test_each_item_is_checked_and_those_before_a_broken_one_were_delivered() -> None:
    with FaultServer(answer(b'{"n": 1}\n{"n": "x"}\n', content_type=JSONL)) as server, client(server.url, {JSONL: ITEM}) as api:
        came, error = drained(api.streamItems())

    assert came == [{"n": 1}]
    assert isinstance(error, ResponseValidationError)
    assert 'n: found "x"' in str(error)


def test_a_lost_connection_is_told_after_what_came() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Type: application/jsonl\r\n\r\n"
    with FaultServer([head, b'{"n": 1}\n', RESET]) as server, client(server.url, {JSONL: ITEM}) as api:
        came, error = drained(api.streamItems())

    assert came == [{"n": 1}]
    assert isinstance(error, APIConnectionError)


def test_the_size_of_an_item_is_limited() -> None:
    with FaultServer(answer(b'{"n": 1}\n' + b"1" * 99, content_type=JSONL)) as server:
        with client(server.url, {JSONL: ITEM}, limits=Limits(event=20)) as api:
            with pytest.raises(APIConnectionError, match=r"Limits\(event=...\)"):
                list(api.streamItems())


def test_lines_whose_items_are_not_declared_come_as_a_list() -> None:
    schema = {"schema": {"type": "array", "items": {"type": "integer"}}}
    with FaultServer(answer(b"1\n2\n", content_type=JSONL)) as server, client(server.url, {JSONL: schema}) as api:
        assert api.streamItems() == [1, 2]


@pytest.mark.parametrize("name", ["application/json", "text/plain", "application/pdf"])
def test_bytes_by_the_document_are_bytes_whatever_the_server_calls_them(name: str) -> None:
    schema = {"schema": {"type": "string", "format": "binary"}}
    with FaultServer(answer(b'{"n": 1}', content_type=name)) as server, client(server.url, {"*/*": schema}) as api:
        data = api.streamItems()
        assert isinstance(data, Binary)
        assert data.read() == b'{"n": 1}'
