"""What a mock makes up is what clients believe: values, streams, and what a request offers, by conventions alone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from dynaopenai import Client
from dynaopenai._mock.server import MockServer


def thing(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def listed(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def constant(value: str) -> dict[str, Any]:
    return {"type": "string", "const": value}


TEXT, WHOLE, FLAG, ANYTHING = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": "object"}
NO_TEXT = {"type": ["string", "null"]}
USAGE = thing("in_tokens", "out_tokens", "total_tokens", in_tokens=WHOLE, out_tokens=WHOLE, total_tokens=WHOLE)
SAID = thing("kind", "words", kind=constant("said"), words=TEXT, text=TEXT)
CALL = thing("kind", "id", "name", "input", kind=constant("call"), id=TEXT, name=TEXT, input=ANYTHING)
PROSE = thing("type", "text", type=constant("prose"), text=TEXT)
USE = thing("type", "id", "name", "input", type=constant("use"), id=TEXT, name=TEXT, input=ANYTHING)
LETTER = thing(
    "id", "role", "content", "stop_reason", "made_at", "usage", "regret", "type", "kind",
    id=TEXT,
    role=constant("writer"),
    content=listed({"oneOf": [PROSE, USE]}),
    stop_reason={"anyOf": [{"enum": ["end", "tool_use"]}, {"type": "null"}]},
    made_at=WHOLE,
    usage=USAGE,
    regret={"anyOf": [thing("why", why=TEXT), {"type": "null"}]},
    refusal=TEXT,
    mood={"type": "string", "examples": ["calm"]},
    object=constant("letter"),
    type={"type": "string", "description": "What this is (`letter.sent`)."},
    kind={"type": "string", "description": "Either `a` or `b`."},
)  # fmt: skip
EVENTS = {
    "oneOf": [
        thing("type", type=constant("ping")),
        thing("type", "letter", type=constant("letter_start"), letter=LETTER),
        thing("type", "index", "content_block", type=constant("content_block_start"), index=WHOLE, content_block={"oneOf": [PROSE, USE]}),
        thing("type", "index", "delta", type=constant("content_block_delta"), index=WHOLE, delta={"oneOf": [thing("type", "text", type=constant("prose_delta"), text=TEXT)]}),
        thing("type", "index", type=constant("content_block_stop"), index=WHOLE),
        thing("type", "letter", type=constant("letter_stop"), letter=LETTER),
        thing("type", "why", type=constant("error"), why=TEXT),
    ]
}  # fmt: skip
ASK = thing(
    "topic",
    topic=TEXT,
    n=WHOLE,
    tools=listed(thing("name", "input_schema", name=TEXT, input_schema=ANYTHING)),
    tool_choice=thing("type", type={"enum": ["auto", "any", "tool", "none"]}, name=TEXT),
    output_format=thing("type", type=TEXT, schema=ANYTHING),
    texts=listed(TEXT),
    stream=FLAG,
)
VECTORS = thing("vectors", "total", "model", vectors=listed(thing("index", "values", index=WHOLE, values=listed({"type": "number"}))), total=WHOLE, model=TEXT)
CHUNK = thing("id", "choices", id=TEXT, choices=listed(thing("index", "delta", index=WHOLE, delta=thing(text=TEXT, by=TEXT), finish_reason={"enum": ["stop", None]})))
SPOKEN = thing("id", "choices", id=TEXT, choices=listed(thing("index", "answer", "finish_reason", index=WHOLE, answer=thing("text", "by", text=TEXT, by=TEXT), finish_reason={"enum": ["stop"]})))
SIDES = [thing("type", "text", type=constant(f"{side}_words"), text=TEXT) for side in ("input", "output")]
TALK = thing("role", "parts", role={"enum": ["user", "assistant"]}, parts=listed({"oneOf": SIDES}))
PHASES = {"anyOf": [thing("event", event=constant(f"{name}")) for name in ("trip.ride.completed", "trip.ride.created", "trip.created", "trip.ride.delta", "trip.done", "trip.ride.failed")]}  # fmt: skip


def operation(name: str, answer: Any, events: Any = None) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}, **({"text/event-stream": {"schema": events}} if events else {})}
    return {
        "post": {
            "operationId": name,
            "requestBody": {"required": True, "content": {"application/json": {"schema": ASK}}},
            "responses": {"200": {"description": "", "content": content}},
        }
    }


API = {
    "openapi": "3.1.0",
    "info": {"title": "Letters", "version": "1"},
    "paths": {
        "/letters": operation("write", LETTER, EVENTS),
        "/vectors": operation("measure", VECTORS),
        "/spoken": operation("speak", SPOKEN, CHUNK),
        "/trips": operation("travel", ANYTHING, PHASES),
        "/talks": operation("talk", TALK),
    },
}


@pytest.fixture(scope="module")
def api() -> Iterator[Client]:
    with MockServer(API) as server, Client(API, base_url=server.url, max_retries=0) as client:
        yield client


def test_a_value_says_what_an_answer_would(api: Client) -> None:
    letter = api.write(topic="x")

    assert letter.regret is None
    assert "refusal" not in letter
    assert letter.mood == "calm"
    assert (letter.object, letter.type, letter.kind) == ("letter", "letter.sent", "kind")
    assert abs(letter.made_at - time.time()) < 60
    assert letter.usage.total_tokens == letter.usage.in_tokens + letter.usage.out_tokens
    assert letter.content[0].text.count(" ") > 2


def test_who_answers_is_not_who_asked(api: Client) -> None:
    talk = api.talk(topic="x")

    assert (talk.role, talk.parts[0].type) == ("assistant", "output_words")


def test_a_stream_is_a_life_that_adds_up_to_the_answer(api: Client) -> None:
    whole = api.write(topic="x")
    events = list(api.write(topic="x", stream=True))
    kinds = [event.type for event in events]

    assert kinds[:2] == ["letter_start", "content_block_start"]
    assert kinds[-2:] == ["content_block_stop", "letter_stop"]
    assert set(kinds[2:-2]) == {"content_block_delta"}
    assert events[0].letter.content == []
    assert "".join(event.delta.text for event in events[2:-2]) == whole.content[0].text == events[-1].letter.content[0].text


def test_chunks_add_up_too(api: Client) -> None:
    whole = api.speak(topic="x", n=2)
    chunks = list(api.speak(topic="x", n=2, stream=True))

    for index, choice in enumerate(whole.choices):
        mine = [chunk.choices[0] for chunk in chunks if chunk.choices[0].index == index]
        assert "".join(one.delta.get("text", "") for one in mine) == choice.answer.text
        assert [one.finish_reason for one in mine] == [None] * (len(mine) - 1) + ["stop"]


def test_things_begin_and_end_in_the_order_of_their_names(api: Client) -> None:
    kinds = [event.event for event in api.travel(topic="x", stream=True)]

    assert kinds == ["trip.created", "trip.ride.created", "trip.ride.delta", "trip.ride.completed", "trip.done"]


@pytest.mark.parametrize(("choice", "is_used"), [({"type": "any"}, True), ({"type": "tool", "name": "post"}, True), ({"type": "auto"}, False), (None, False)])
def test_a_tool_is_used_where_one_is_required(choice: Any, is_used: bool, api: Client) -> None:
    schema = {"type": "object", "required": ["to"], "properties": {"to": {"enum": ["Ada"]}}}
    tools = [{"name": "post", "input_schema": schema}]
    letter = api.write(topic="x", tools=tools, **({"tool_choice": choice} if choice else {}))

    if is_used:
        assert (letter.content[0].name, letter.content[0].input, letter.stop_reason) == ("post", {"to": "Ada"}, "tool_use")
    else:
        assert (letter.content[0].type, letter.stop_reason) == ("prose", "end")


def test_a_schema_for_the_text_is_kept_to(api: Client) -> None:
    schema = {"$defs": {"n": {"type": "integer", "minimum": 7}}, "type": "object", "required": ["n"], "properties": {"n": {"$ref": "#/$defs/n"}}}
    letter = api.write(topic="x", output_format={"type": "json_schema", "schema": schema})
    streamed = list(api.write(topic="x", output_format={"type": "json_schema", "schema": schema}, stream=True))

    assert json.loads(letter.content[0].text) == {"n": 7}
    assert "".join(event.delta.text for event in streamed if event.type == "content_block_delta") == letter.content[0].text


@pytest.mark.parametrize(("ask", "many"), [({}, 1), ({"texts": ["a", "b", "c"]}, 3), ({"n": 2}, 2), ({"n": 2, "texts": ["a", "b"]}, 4)])
def test_there_are_as_many_items_as_were_asked_for(ask: Any, many: int, api: Client) -> None:
    answer = api.measure(topic="x", **ask)

    assert [vector.index for vector in answer.vectors] == list(range(many))
    assert answer.total == many


@pytest.mark.parametrize("schema", [{"type": 3}, {"$ref": "#/nowhere"}, {"type": "object", "properties": {"a": {"pattern": "("}}}, {"enum": []}])
def test_a_schema_of_the_callers_that_makes_no_sense_breaks_nothing(schema: Any, api: Client) -> None:
    tools = [{"name": "post", "input_schema": schema}]
    assert api.write.send(topic="x", tools=tools, tool_choice={"type": "any"}).status_code == 200
    assert api.write.send(topic="x", output_format={"type": "json_schema", "schema": schema}).status_code == 200


def test_a_required_switch_that_may_be_null_may_be_left_out() -> None:
    body = thing("a", "b", a=NO_TEXT, b={"type": ["boolean", "null"]})
    api = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": body}}}, "responses": {"200": {"description": ""}}}}}}
    with MockServer(api) as server:
        found = [requests.post(f"{server.url}/a", json=sent, timeout=5).status_code for sent in ({"a": "x"}, {"b": "x"}, {"a": "x", "b": 1})]

    assert found == [200, 400, 400]
    assert "b: missing" in server.requests[0].doubts[0]
