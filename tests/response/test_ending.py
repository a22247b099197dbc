"""A stream that ends without what its convention ends it with is told, after all that came was delivered."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from fault_server import FaultServer, drained, stream

from dynaopenai import DynaOpenAIWarning, ResponseValidationError

CHOICE = {"type": "object", "properties": {"text": {"type": "string"}, "finish_reason": {"type": ["string", "null"]}}}
WITH_REASON = {"type": "object", "properties": {"choices": {"type": "array", "items": CHOICE}}}
WITH_TYPE = {
    "oneOf": [
        {"type": "object", "properties": {"type": {"const": name}}, "required": ["type"]}
        for name in ("answer.delta", "answer.completed", "answer.failed")
    ]
}
PLAIN = {"type": "object"}


def api(schema: Any, description: str = "") -> dict[str, Any]:
    content = {"text/event-stream": {"schema": schema}}
    operation = {"operationId": "watch", "responses": {"200": {"description": description, "content": content}}}
    return {"openapi": "3.1.0", "info": {"title": "Streams", "version": "1"}, "paths": {"/watch": {"get": operation}}}


def choice(reason: str | None) -> dict[str, Any]:
    return {"choices": [{"text": "a", "finish_reason": reason}]}


WHOLE, SHORT, OPEN = True, False, None


@pytest.mark.parametrize(
    ("document", "items", "complete"),
    [
        (api(PLAIN), [{"n": 1}], OPEN),
        (api(PLAIN), [{"n": 1}, "[DONE]"], WHOLE),
        (api(PLAIN, "a stream, terminated by `data: [DONE]`"), [{"n": 1}, "[DONE]"], WHOLE),
        (api(PLAIN, "a stream, terminated by `data: [DONE]`"), [{"n": 1}], SHORT),
        (api(PLAIN, "a stream, terminated by `data: [DONE]`"), [], SHORT),
        (api(WITH_REASON), [choice(None), choice(None)], SHORT),
        (api(WITH_REASON), [choice(None), choice("stop")], WHOLE),
        (api(WITH_REASON), [choice(None), choice("stop"), {"choices": [], "usage": {"tokens": 3}}], WHOLE),
        (api(WITH_REASON, "... [DONE]"), [choice(None), choice("length")], WHOLE),
        (api(WITH_TYPE), [{"type": "answer.delta"}], SHORT),
        (api(WITH_TYPE), [{"type": "answer.delta"}, {"type": "answer.failed"}], WHOLE),
    ],
)
def test_it_says_whether_it_is_complete(a_client: Any, document: Any, items: list[Any], complete: bool | None) -> None:
    with FaultServer(stream(*items)) as server, a_client(document, base_url=server.url) as client:
        events = client.watch()
        assert events.complete is None
        came, error = drained(events)

    assert came == [item for item in items if item != "[DONE]"]
    assert events.complete is complete
    assert isinstance(error, ResponseValidationError) is (complete is SHORT)
    if error is not None:
        assert "watch" in str(error)
        assert "found the end of the stream, expected " in str(error)


def test_what_was_seen_once_is_expected_from_then_on(a_client: Any) -> None:
    with FaultServer(stream({"n": 1}), stream({"n": 1}, "[DONE]"), stream({"n": 1})) as server:
        with a_client(api(PLAIN), base_url=server.url) as client:
            assert [drained(client.watch())[1] is None for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("policy", ["warn", "off"])
def test_other_policies_let_it_pass(a_client: Any, policy: str) -> None:
    with FaultServer(stream(choice(None))) as server:
        with a_client(api(WITH_REASON), base_url=server.url, validate_responses=policy) as client:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                events = client.watch()
                assert len(list(events)) == 1
    assert events.complete is False
    assert [each.category for each in told] == ([DynaOpenAIWarning] if policy == "warn" else [])


def test_one_that_is_left_early_is_not_judged(a_client: Any) -> None:
    with FaultServer(stream(choice(None), choice(None))) as server, a_client(api(WITH_REASON), base_url=server.url) as client:
        with client.watch() as events:
            next(events)
        assert events.complete is None
