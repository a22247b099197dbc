"""Items that came together are told apart: what was right before the first wrong one has been delivered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fault_server import CLOSE, FaultServer, chunked
from small_api import client as plain_client

from dynaopenai import Data, Limits
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
