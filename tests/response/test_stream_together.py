"""Items that came together are told apart: what was right before the first wrong one has been delivered."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from fault_server import CLOSE, FaultServer, chunked
from hypothesis import given, settings
from hypothesis import strategies as st
from small_api import client as plain_client

from dynaopenai import Data, Limits
from dynaopenai._checking import json as _json
from dynaopenai._response import sequence as _sequence
from dynaopenai.errors import APIConnectionError, DynaOpenAIError, DynaOpenAIWarning, ResponseValidationError

DONE = b"data: [DONE]\n\n"


def event(data: Any) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"


def delivered(*pieces: bytes, **options: Any) -> tuple[list[Any], Exception | None]:
    """The items of a stream of these HTTP chunks, and what ended it."""
    found: list[Any] = []
    with FaultServer(chunked(*pieces, content_type="text/event-stream")) as server:
        try:
            with plain_client(server.url, **options).streamItems() as stream:
                found.extend(iter(stream))
        except DynaOpenAIError as error:
            return found, error
    return found, None


def together(*events: bytes) -> tuple[bytes, ...]:
    return (b"".join(events),)


def apart(*events: bytes) -> tuple[bytes, ...]:
    return events


@pytest.fixture(params=[together, apart])
def cut(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_items_are_data(cut: Any) -> None:
    found, error = delivered(*cut(*(event({"n": n, "more": [{"a": n}]}) for n in range(5)), DONE))

    assert error is None
    assert [item.more[0].a for item in found] == [item["n"] for item in found] == [0, 1, 2, 3, 4]
    assert all(type(item) is Data for item in found)


@pytest.mark.parametrize("wrong", [{"n": "two"}, {}, [1], b"{", b'{"n": 1}, {"n": 2}', b'{"n": NaN}', b'{"n": 1, "undeclared": 1e400}'], ids=str)
def test_a_wrong_item_is_told_after_those_before_it(cut: Any, wrong: Any) -> None:
    found, error = delivered(*cut(event({"n": 0}), event({"n": 1}), event(wrong), event({"n": 3}), DONE))

    assert found == [{"n": 0}, {"n": 1}]
    assert isinstance(error, ResponseValidationError)


def test_an_error_among_the_items_is_raised_in_its_place(cut: Any) -> None:
    found, error = delivered(*cut(event({"n": 0}), event({"error": {"message": "no more"}}), event({"n": 2})))

    assert found == [{"n": 0}]
    assert "no more" in str(error)


def test_an_error_event_is_raised_in_its_place(cut: Any) -> None:
    found, error = delivered(*cut(event({"n": 0}), b'event: error\ndata: {"message": "no more"}\n\n', event({"n": 2})))

    assert found == [{"n": 0}]
    assert "no more" in str(error)


def test_nothing_after_the_last_item_is_looked_at(cut: Any) -> None:
    assert delivered(*cut(event({"n": 0}), event({"n": 1}), DONE, event({"n": "x"}), event(b"{"))) == ([{"n": 0}, {"n": 1}], None)


def test_an_event_with_nothing_in_it_is_no_item(cut: Any) -> None:
    assert delivered(*cut(event({"n": 0}), event(b""), event(b"  "), event({"n": 1}), event(b" [DONE]  "), event(b"{"))) == ([{"n": 0}, {"n": 1}], None)


def test_integers_of_any_size_stay_exact(cut: Any) -> None:
    assert delivered(*cut(event({"n": 2**70}), event({"n": -(2**70)}), DONE))[0] == [{"n": 2**70}, {"n": -(2**70)}]


def test_warn_delivers_the_wrong_one_too(cut: Any) -> None:
    with pytest.warns(DynaOpenAIWarning, match="found"):
        found, error = delivered(*cut(event({"n": 0}), event({"n": "x"}), event({"n": 2}), DONE), validate_responses="warn")

    assert (found, error) == ([{"n": 0}, {"n": "x"}, {"n": 2}], None)


def test_a_smaller_depth_holds_for_each_item(cut: Any) -> None:
    deep = {"n": 0, "more": [[[[[1]]]]]}

    found, error = delivered(*cut(event({"n": 0}), event(deep), DONE), limits=Limits(depth=4))

    assert found == [{"n": 0}]
    assert "nested deeper than 4" in str(error)


def test_a_connection_lost_in_the_middle_takes_nothing_that_came(client: Any) -> None:
    pieces = event({"n": 0}) + event({"n": 1}), event({"n": 2})[:-1]
    with FaultServer([chunked(*pieces, content_type="text/event-stream", end=False), CLOSE]) as server:
        found: list[Any] = []
        with pytest.raises(APIConnectionError):
            _ = [found.append(item) for item in client(server.url).streamItems()]

    assert found == [{"n": 0}, {"n": 1}]


def test_the_connection_is_used_again_after_a_stream(client: Any, cut: Any) -> None:
    with FaultServer(chunked(*cut(event({"n": 0}), event({"n": 1}), DONE), content_type="text/event-stream")) as server:
        reader = client(server.url)
        for _ in range(3):
            assert len(list(reader.streamItems())) == 2

        assert server.connections == 1


def test_nothing_comes_after_it_was_closed_though_it_had_arrived(cut: Any) -> None:
    with FaultServer(chunked(*cut(*(event({"n": n}) for n in range(5)), DONE), content_type="text/event-stream")) as server:
        stream = plain_client(server.url).streamItems()

        assert next(stream) == {"n": 0}
        stream.close()
        assert list(stream) == []


def test_an_item_says_its_event_where_that_has_a_name(cut: Any) -> None:
    (first, second), error = delivered(*cut(event({"n": 0}), b"event: more\n" + event({"n": 1}), DONE))

    assert (type(first), second.event, error) == (Data, "more", None)


BLOCKS = [
    event({"n": 0}), event({"n": 1, "more": [{"a": {"b": [1]}}]}), event({"n": "two"}), event({"m": 1}), event(b'{"n": 1e400}'), event(b"{"),
    event(b" "), event(b'{"n": 1}, {"n": 2}'), event({"n": 2, "error": None}), event({"error": {"message": "no more"}}), event([1]), DONE,
    b"event: more\n" + event({"n": 3}), b"id: 7\n" + event({"n": 4}), b"event: error\n" + event({"n": 5}), b": ping\n\n", b'data: {"n":\ndata: 6}\n\n',
    event(b'{"n": 7, "text": "\\ud800"}'),
]  # fmt: skip
GOOD = st.lists(st.sampled_from(BLOCKS[:2]), max_size=6)


@given(GOOD, st.lists(st.sampled_from(BLOCKS), max_size=6), st.sampled_from(["strict", "warn", "off"]), st.sampled_from([1, 2, 3, 128]))
@settings(max_examples=60)
def test_events_taken_together_are_what_each_of_them_is(good: list[bytes], blocks: list[bytes], policy: str, at_once: int) -> None:
    def outcome() -> tuple[Any, ...]:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", DynaOpenAIWarning)
            found, error = delivered(b"".join([*good, *blocks]), validate_responses=policy)
        return [(type(item), item) for item in found], type(error), str(error), [str(each.message) for each in told]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_sequence, "TOGETHER", at_once)
        fast = outcome()
        patched.setattr(_json, "decode_each", lambda *_: None)
        slow = outcome()

    assert fast == slow
