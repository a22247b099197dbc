"""The items of a stream make the whole answer, however it was cut into them; and of a broken one it is told what is missing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from awaited import Awaited
from fault_server import CLOSE, DRIP, FaultServer, answer, chunked, stream
from hypothesis import example, given
from hypothesis import strategies as st

from dynaopenai import APIConnectionError, Client, DynaOpenAIError, InternalServerError, ResponseValidationError
from dynaopenai._checking.check import violations
from dynaopenai._client.inside import contract_of, plan_of
from dynaopenai._mock.server import MockServer
from dynaopenai._response import sequence as _sequence
from dynaopenai._response.assembly import Assembly
from dynaopenai._response.texts import Texts

CORPUS, TRAFFIC = (os.environ.get(f"DYNAOPENAI_{name}", "") for name in ("CORPUS", "TRAFFIC"))
TEXT, LABEL = {"type": "string"}, {"type": "string", "enum": ["end", "length"]}


def an_object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


def a_list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


WORDS = an_object("role content", role={"const": "bot"}, content=or_null(TEXT), tools=a_list(an_object("id name", id=TEXT, name=TEXT, input=TEXT)))
PART = an_object(role={"const": "bot"}, content=TEXT, tools=a_list(an_object("index", index={"type": "integer"}, id=TEXT, name=TEXT, input=TEXT)))
SCHEMAS = {
    "Reply": an_object(
        "id object turns", id=TEXT, object={"const": "reply"}, usage=an_object(words={"type": "integer"}),
        turns=a_list(an_object("index says end", index={"type": "integer"}, says=WORDS, end=LABEL)),
    ),
    "ReplyPiece": an_object(
        "id object turns", id=TEXT, object={"const": "reply.piece"}, usage=or_null(an_object(words={"type": "integer"})), padding=TEXT,
        turns=a_list(an_object("index delta", index={"type": "integer"}, delta=PART, end=or_null(LABEL), finish_reason=or_null(TEXT))),
    ),
    "Story": an_object("id output", id=TEXT, output=a_list(an_object("kind", kind=TEXT, content=a_list(an_object("text", text=TEXT))))),
    "StoryEvent": {
        "oneOf": [
            an_object("type story", type={"const": "story.begun"}, story={"$ref": "#/components/schemas/Story"}),
            an_object("type output_index item", type={"const": "story.item.added"}, output_index={"type": "integer"}, item=an_object(kind=TEXT)),
            an_object("type delta", type={"const": "story.text.delta"}, output_index={"type": "integer"}, content_index={"type": "integer"}, delta=TEXT),
            an_object("type story", type={"const": "story.completed"}, story={"$ref": "#/components/schemas/Story"}),
        ]
    },
}  # fmt: skip


def an_operation(name: str, item: str, whole: str) -> dict[str, Any]:
    content = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{whole}"}},
        "text/event-stream": {"schema": {"$ref": f"#/components/schemas/{item}"}},
    }
    return {"get": {"operationId": name, "responses": {"200": {"description": "", "content": content}}}}


TALK = {
    "openapi": "3.1.0",
    "info": {"title": "Talk", "version": "1"},
    "paths": {"/reply": an_operation("reply", "ReplyPiece", "Reply"), "/story": an_operation("story", "StoryEvent", "Story")},
    "components": {"schemas": SCHEMAS},
}
CLIENT = Client(TALK)
REPLY = {
    "id": "r1", "object": "reply", "usage": {"words": 3},
    "turns": [
        {"index": 0, "says": {"role": "bot", "content": "High water", "tools": [{"id": "t1", "name": "moon", "input": '{"at": 3}'}]}, "end": "end"},
        {"index": 1, "says": {"role": "bot", "content": "Ebb"}, "end": "length"},
    ],
}  # fmt: skip


def put_together(operation: Any, items: list[Any]) -> Any:
    reader = plan_of(CLIENT[operation] if isinstance(operation, str) else operation).reader
    media = reader.declared(200).content  # type: ignore[union-attr]
    assembly = Assembly(reader.schema(media["text/event-stream"]), reader.schema(media["application/json"]))
    assembly.add_all(json.loads(json.dumps(items)))
    return assembly.whole()


# --- pieces of one shape -------------------------------------------------------------------------


@st.composite
def replies(draw: st.DrawFn) -> dict[str, Any]:
    tools = st.lists(st.fixed_dictionaries({"id": st.text(min_size=1), "name": st.text(min_size=1), "input": st.text()}), min_size=1, max_size=3)
    says = st.fixed_dictionaries({"role": st.just("bot"), "content": st.text()}, optional={"tools": tools})
    turns = [{"index": index, "says": draw(says), "end": draw(st.sampled_from(["end", "length"]))} for index in range(draw(st.integers(1, 3)))]
    return {"id": draw(st.text(min_size=1)), "object": "reply", "turns": turns, "usage": {"words": draw(st.integers())}}


@st.composite
def cuts(draw: st.DrawFn, whole: dict[str, Any]) -> list[dict[str, Any]]:
    """The pieces of a reply: texts cut anywhere, the turns in any order beside each other."""

    def cut(text: str) -> list[str]:
        places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
        return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]

    def deltas(turn: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"index": turn["index"], "delta": {"role": "bot"}, "end": None}
        yield from ({"index": turn["index"], "delta": {"content": part}} for part in cut(turn["says"]["content"]))
        for index, tool in enumerate(turn["says"].get("tools", ())):
            parts = [{"index": index, "id": tool["id"], "name": tool["name"], "input": ""}, *({"index": index, "input": part} for part in cut(tool["input"]))]
            yield from ({"index": turn["index"], "delta": {"tools": [part]}} for part in parts)
        yield {"index": turn["index"], "delta": {}, "end": turn["end"]}

    waiting = [deltas(turn) for turn in whole["turns"]]
    pieces = []
    while waiting:
        one = draw(st.sampled_from(waiting))
        piece = next(one, None)
        if piece is None:
            waiting.remove(one)
        else:
            pieces.append({"id": whole["id"], "object": "reply.piece", "turns": [piece], "usage": None, "padding": "x"})
    return [*pieces, {"id": whole["id"], "object": "reply.piece", "turns": [], "usage": whole["usage"]}]


@given(st.data())
def test_what_was_cut_is_put_together_again(data: st.DataObject) -> None:
    whole = data.draw(replies())

    assert put_together("reply", data.draw(cuts(whole))) == whole


def test_a_label_is_no_piece_though_every_chunk_repeats_it() -> None:
    pieces = [{"id": "r", "object": "reply.piece", "turns": [{"index": 0, "delta": {"role": "bot", "content": word}, "end": None}]} for word in "abc"]

    assert put_together("reply", pieces)["turns"][0]["says"] == {"role": "bot", "content": "abc"}


@pytest.mark.parametrize(
    ("items", "whole"),
    [
        (["Hi", " ", "there"], "Hi there"),
        ([{"text": "a", "n": 1}, {"text": "b", "n": 2}], {"text": "ab", "n": 2}),
        ([{"choices": [{"index": 1, "text": "b"}]}, {"choices": [{"index": 0, "text": "a"}, {"index": 1, "text": "c"}]}],
         {"choices": [{"index": 0, "text": "a"}, {"index": 1, "text": "bc"}]}),
        ([{"choices": [{"index": 0, "delta": {"content": "a"}, "logprobs": {"content": [1]}}]}, {"choices": [{"index": 0, "delta": {"content": "b"}, "logprobs": {"content": [2]}}]}],
         {"choices": [{"index": 0, "message": {"content": "ab"}, "logprobs": {"content": [1, 2]}}]}),
        ([{"message": {"role": "bot", "content": "a"}, "done": False}, {"message": {"role": "bot", "content": "b"}, "done": True}],
         {"message": {"role": "bot", "content": "ab"}, "done": True}),
        ([{"delta": "a"}, {"delta": "b"}], {"text": "ab"}),
        ([1, 2], 2),
        ([], None),
        ([{"type": "speech.delta", "audio": "QQ"}, {"type": "speech.delta", "audio": "Qg"}, {"type": "speech.done", "usage": {"n": 1}}],
         {"audio": "QQQg", "usage": {"n": 1}}),
        ([{"type": "speech.delta", "audio": "QQ=="}, {"type": "speech.delta", "audio": "Qg=="}, {"type": "speech.done"}], {"audio": "QUI="}),
        ([{"choices": [{"index": 0, "delta": {"data": "a=b"}}]}, {"choices": [{"index": 0, "delta": {"data": "=c"}}]}],
         {"choices": [{"index": 0, "message": {"data": "a=b=c"}}]}),
        ([{"type": "message_start", "message": {"id": "m", "content": []}}], {}),
        ([{"delta": {"l": [1]}}, {"delta": {"l": "x"}}, {"delta": {"l": [2]}}], {"message": {"l": [2]}}),
        ([{"delta": {"l": "ab"}}, {"delta": {"l": ["p"]}}, {"delta": {"l": "c"}}], {"message": {"l": "c"}}),
        ([{"content": "ab"}, {"content": ["p"]}, {"content": ["q"]}], {"content": ["q"]}),
        ([{"type": "x.delta", "delta": {"l": [{"index": 0, "a": "b"}]}}, {"type": "x.delta", "delta": "c", "l": {"d": 1}}], {"l": [{"index": 0, "a": "b"}], "x": "c"}),
        ([{"type": "x", "index": 10**9, "delta": "a"}, {"type": "x", "index": -1, "delta": {"a": "b"}}], {"x": "a", "a": "b"}),
    ],
)  # fmt: skip
def test_without_a_document_it_is_what_came(items: list[Any], whole: Any) -> None:
    assembly = Assembly(None, None)
    for item in items:
        assembly.add(item)

    assert assembly.whole() == whole


TEXTS = st.text(min_size=1, max_size=2)


@given(st.lists(st.fixed_dictionaries({"delta": st.fixed_dictionaries({"l": TEXTS | st.lists(st.integers() | TEXTS, min_size=1, max_size=2)})})))
def test_texts_and_lists_by_one_name_are_never_mixed(items: list[dict[str, dict[str, Any]]]) -> None:
    assembly = Assembly(None, None)
    for item in items:
        assembly.add(item)
    whole = assembly.whole()
    came = [item["delta"]["l"] for item in items]
    last = type(came[-1]) if came else None
    alike = came[len(came) - next((back for back, each in enumerate(reversed(came)) if type(each) is not last), len(came)) :]

    assert whole == ({"message": {"l": "".join(alike) if last is str else [each for part in alike for each in part]}} if came else None)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["type", "delta", "index", "output_index", "output", "content", "text", "turns", "says", "story", "id", "item"]) | st.text(), inner
), max_leaves=12)  # fmt: skip


@given(st.lists(JSON), st.sampled_from(["reply", "story"]))
def test_no_items_are_too_odd(items: list[Any], operation: str) -> None:
    json.dumps(put_together(operation, items))


# --- items with a type ---------------------------------------------------------------------------

STORY = {"id": "s", "output": [{"kind": "verse", "content": [{"text": "ebb"}, {"text": "flow"}]}]}
EVENTS = [
    {"type": "story.begun", "story": {"id": "s", "output": []}},
    {"type": "story.item.added", "output_index": 0, "item": {"kind": "verse", "content": []}},
    {"type": "story.text.delta", "output_index": 0, "content_index": 0, "delta": "eb"},
    {"type": "story.text.delta", "output_index": 0, "content_index": 1, "delta": "flow"},
    {"type": "story.text.delta", "output_index": 0, "content_index": 0, "delta": "b"},
]


def test_the_last_event_that_carries_the_answer_is_the_answer() -> None:
    other = {"id": "s", "output": [{"kind": "prose", "content": []}]}

    assert put_together("story", [*EVENTS, {"type": "story.completed", "story": other}]) == other


def test_without_one_events_are_put_where_they_say() -> None:
    assert put_together("story", EVENTS) == STORY


@given(st.data())
def test_pieces_at_their_places_make_the_whole(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.lists(st.text(min_size=1), min_size=1, max_size=3), max_size=3))
    whole = {"id": "s", "output": [{"kind": "verse", "content": [{"text": text} for text in each]} for each in texts]}
    events: list[Any] = [{"type": "story.begun", "story": {"id": "s", "output": []}}]
    for place, each in enumerate(texts):
        events.append({"type": "story.item.added", "output_index": place, "item": {"kind": "verse", "content": []}})
        for inner, text in enumerate(each):
            at = data.draw(st.integers(0, len(text)))
            events += [{"type": "story.text.delta", "output_index": place, "content_index": inner, "delta": part} for part in (text[:at], text[at:])]

    assert put_together("story", events) == whole


# --- over the wire -------------------------------------------------------------------------------


def talking(a_client: Callable[..., Any], url: str, **options: Any) -> Any:
    return a_client(TALK, base_url=url, **options)


PIECES = [
    {"id": "r1", "object": "reply.piece", "turns": [{"index": 0, "delta": {"role": "bot", "content": "High"}}]},
    {"id": "r1", "object": "reply.piece", "turns": [{"index": 0, "delta": {"content": " water"}}]},
    {"id": "r1", "object": "reply.piece", "turns": [{"index": 0, "delta": {}, "end": "end", "finish_reason": "stop"}]},
]
WHOLE = {"id": "r1", "object": "reply", "turns": [{"index": 0, "says": {"role": "bot", "content": "High water"}, "end": "end"}]}


LEAVES = st.sampled_from([None, "", "a", "b", "x.text.delta", "x.reasoning.delta", "x.id.delta", "x.done", 1, 2.5, True])
NAMES = st.sampled_from(["delta", "content", "text", "index", "type", "id", "turns", "says", "x"])


def nested(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    indexed = st.lists(st.builds(lambda index, more: {"index": index, **more}, st.integers(0, 2), st.dictionaries(NAMES, values, max_size=2)), max_size=3)
    return st.dictionaries(NAMES, values, max_size=4) | st.lists(values, max_size=3) | indexed


ITEMS = st.lists(st.dictionaries(NAMES, st.recursive(LEAVES, nested, max_leaves=6), max_size=4), max_size=5)
USUAL = st.builds(lambda words, index: {"id": "r", "turns": [{"index": index, "delta": {"content": words}}]}, st.sampled_from(["", "a", "b", None]), st.integers(0, 1))

TYPED = st.builds(
    lambda kind, delta, number, more: {"type": kind, "delta": delta, "sequence_number": number, **more},
    st.sampled_from(["x.text.delta", "x.text.delta", "x.reasoning.delta", "x.id.delta", "x.done"]),
    st.sampled_from(["", "a", "b", None, {"text": "c"}]), st.integers(0, 3),
    st.dictionaries(st.sampled_from(["index", "turns_index", "x"]), st.sampled_from([0, 1, True, "a", {"a": 1}]), max_size=2),
)  # fmt: skip


@example(batches=[[{"x": "a"}, {"x": ""}, {"x": None}]], is_declared=False)
@example(batches=[[{"turns": [{"index": 1, "delta": {"content": "a"}}]}, {"turns": [{"index": 0, "delta": {"content": "b"}}]}]], is_declared=True)
@example(batches=[[{"delta": {"content": "a", "text": "b"}}, {"delta": {"content": "c"}}]], is_declared=False)
@example(batches=[[{"x": 1, "turns": [{"index": 1, "delta": {"text": "a"}}]}, {"x": [{"index": 2, "delta": {"text": "b"}}]}]], is_declared=True)
@example(batches=[[{f"{n}{m}": "a" for n in range(30)} | {"x": m} for m in range(5)]], is_declared=True)
@given(st.lists(ITEMS | st.lists(USUAL, max_size=5) | st.lists(TYPED, max_size=5), max_size=4), st.booleans())
def test_items_put_together_at_once_are_what_they_are_one_by_one(batches: list[list[Any]], is_declared: bool) -> None:
    piece = CLIENT.schema("ReplyPiece") if is_declared else None
    at_once, one_by_one = Assembly(piece, None), Assembly(piece, None)
    words, each_words = Texts(piece), Texts(piece)

    for items in batches:
        at_once.add_all(deepcopy(items))
        for item in deepcopy(items):
            one_by_one.add(item)
        assert words.of_all(items) == "".join(map(each_words.of, items))

    assert json.dumps(at_once.whole()) == json.dumps(one_by_one.whole())


@pytest.mark.parametrize(
    ("name", "piece", "whole", "came", "told"),
    [
        ("object", {"example": "x.piece"}, {"example": "x"}, "x.piece", "x"),
        ("object", {"example": "x.piece"}, {"example": "x"}, "y", "y"),
        ("object", {"example": "x.piece"}, {}, "x.piece", "x.piece"),
        ("object", {"enum": ["x.piece"]}, {"enum": ["x"]}, "x.piece", "x"),
        ("object", {"enum": ["x.piece"]}, {"enum": ["x", "y"]}, "x.piece", "x.piece"),
        ("id", {"example": "x.piece"}, {"example": "x"}, "x.piece", "x.piece"),
    ],
)
def test_the_whole_is_of_the_kind_that_the_document_says(name: str, piece: Any, whole: Any, came: str, told: str) -> None:
    schemas = {"Piece": an_object("", **{name: {**TEXT, **piece}}), "Whole": an_object("", **{name: {**TEXT, **whole}})}
    operation = Client({**TALK, "paths": {"/a": an_operation("a", "Piece", "Whole")}, "components": {"schemas": schemas}})["a"]

    assert put_together(operation, [{name: came}]) == {name: told}


@pytest.mark.parametrize("drawn", [0, 1, 3])
def test_the_whole_has_what_was_drawn_before(a_client: Any, drawn: int) -> None:
    with FaultServer(stream(*PIECES, "[DONE]")) as server, talking(a_client, server.url) as api:
        items = api.reply()
        for _ in range(drawn):
            next(items)

        assert items.final() == items.final() == WHOLE
        assert items.text == "High water"
        assert items.complete is True


def test_its_words_come_as_they_come(a_client: Any) -> None:
    with FaultServer(stream(*PIECES, "[DONE]")) as server, talking(a_client, server.url) as api:
        items = api.reply()

        assert list(items.texts()) == ["High", " water"]
        assert items.final() == WHOLE


def test_events_that_come_one_by_one_are_kept_together(a_client: Any) -> None:
    with FaultServer([DRIP, stream(*PIECES, "[DONE]")]) as server, talking(a_client, server.url) as api:
        items = api.reply()
        assert list(items) == PIECES
        held = items._held if isinstance(items, Awaited) else items

        assert [len(region.texts) for region in held._sequence._kept] == [len(PIECES)]
        assert items.final() == WHOLE


def test_a_long_stream_is_put_together_as_it_comes(a_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sequence, "MOST_KEPT", 100)
    words = [{"id": "r1", "object": "reply.piece", "turns": [{"index": 0, "delta": {"content": f"{n} "}}]} for n in range(200)]
    script = chunked(*(b"data: " + json.dumps(word).encode() + b"\n\n" for word in [*words, PIECES[-1]]), content_type="text/event-stream")
    with FaultServer(script) as server, talking(a_client, server.url) as api:
        items = api.reply()
        list(items)
        held = items._held if isinstance(items, Awaited) else items

        assert isinstance(held._sequence._assembly, Assembly)
        assert items.text == "".join(f"{n} " for n in range(200))


@pytest.mark.parametrize(
    ("script", "error", "missing"),
    [
        ([stream(*PIECES[:2], end=False), CLOSE], APIConnectionError, "turns[0].end"),
        (stream(*PIECES[:2]), ResponseValidationError, "turns[0].end"),
        (stream(*PIECES[:2], {"error": {"message": "out of luck"}}), InternalServerError, "turns[0].end"),
        (stream(PIECES[0], {"id": 7}), ResponseValidationError, "turns[0].end"),
    ],
)
def test_a_broken_one_says_what_is_missing_each_time(a_client: Any, script: Any, error: type[DynaOpenAIError], missing: str) -> None:
    with FaultServer(script) as server, talking(a_client, server.url) as api:
        items = api.reply()
        for ask in (items.final, items.final, lambda: items.text):
            with pytest.raises(error) as caught:
                ask()
            assert str(caught.value).count(f"what came of the answer is error.partial, without {missing}") == 1
            assert caught.value.partial.turns[0].says.content.startswith("High")


def test_one_that_was_closed_early_is_not_whole(a_client: Any) -> None:
    with FaultServer(stream(*PIECES, "[DONE]")) as server, talking(a_client, server.url) as api:
        with api.reply() as items:
            next(items)

        with pytest.raises(APIConnectionError, match="the stream was closed before its end"):
            items.final()


@pytest.mark.parametrize("policy", ["warn", "off"])
@pytest.mark.filterwarnings("ignore::dynaopenai.DynaOpenAIWarning")
def test_where_answers_may_deviate_the_whole_is_what_came(a_client: Any, policy: str) -> None:
    with FaultServer(stream(*PIECES[:2])) as server, talking(a_client, server.url, validate_responses=policy) as api:
        assert api.reply().final().turns[0].says.content == "High water"


def test_an_item_knows_the_name_and_the_id_of_its_event(a_client: Any) -> None:
    one = json.dumps({**EVENTS[0], "id": "own"}).encode()
    body = b"event: story.begun\nid: 7\ndata: " + one + b"\n\nevent: story.text.delta\ndata: " + json.dumps(EVENTS[2]).encode() + b"\n\n"
    last = json.dumps({"type": "story.completed", "story": STORY}).encode()
    for cut in ([body, b"data: " + last + b"\n\n"], [body + b"data: " + last + b"\n\n"]):
        with FaultServer(chunked(*cut, content_type="text/event-stream")) as server, talking(a_client, server.url) as api:
            first, second, third = api.story()

        assert (first.event, second.event) == ("story.begun", "story.text.delta")
        assert (first.id, second.id, third.id) == ("own", "7", "7")  # a key of its own comes first
        assert (third.event, "event" in third, dict(second)) == ("message", False, EVENTS[2])


def test_of_answers_beside_each_other_one_is_heard_out(a_client: Any) -> None:
    both = [{"id": "r1", "object": "reply.piece", "turns": [{"index": index, "delta": {"content": word}}]} for word in ("High ", "tide") for index in (0, 1)]
    with FaultServer(stream(*both, PIECES[-1], "[DONE]"), stream(*both, PIECES[-1], "[DONE]")) as server, talking(a_client, server.url) as api:
        assert list(api.reply().texts()) == ["High ", "tide"]
        assert api.reply().text == "High tide"


# --- against the mock server ---------------------------------------------------------------------


def whole_and_texts(client: Client, operation: str, **arguments: Any) -> tuple[Any, str]:
    drawn = client[operation](**arguments)
    words = "".join(drawn.texts())
    whole = client[operation](**arguments).final()
    assert client[operation].validate_response(whole) == []
    assert drawn.final().keys() == whole.keys()
    return whole, words


def test_the_answers_of_the_bundled_document_are_put_together() -> None:
    with MockServer(contract_of(Client())) as server:
        client = Client(base_url=server.url, api_key="sk-mock")
        chat, words = whole_and_texts(client, "createChatCompletion", model="gpt-4", messages=[{"role": "user", "content": "Hi"}], stream=True)
        assert chat.choices[0].message.content == words != ""
        assert chat.object == client.createChatCompletion(model="gpt-4", messages=[{"role": "user", "content": "Hi"}]).object
        completion, words = whole_and_texts(client, "createCompletion", model="gpt-3.5-turbo-instruct", prompt="Hi", stream=True)
        assert completion.choices[0].text == words != ""


@pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents")
def test_the_answers_of_a_large_document_are_put_together() -> None:
    spec = Path(CORPUS) / "openai-2.3.0.yaml"
    with MockServer(contract_of(Client(spec))) as server:
        client = Client(spec, base_url=server.url, api_key="sk-mock")
        chat, words = whole_and_texts(client, "createChatCompletion", model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], stream=True)
        assert chat.choices[0].message.content == words != ""
        response, words = whole_and_texts(client, "createResponse", model="gpt-4o", input="Hi", stream=True)
        assert response.output[0].content[0].text == words != ""
        transcript, words = whole_and_texts(client, "createTranscription", model="gpt-4o-transcribe", file=b"x", stream=True)
        assert transcript.text == words != ""


def test_a_path_that_no_document_has_is_put_together_too() -> None:
    with FaultServer(answer(b"".join(b"data: " + json.dumps(piece).encode() + b"\n\n" for piece in PIECES), content_type="text/event-stream")) as server:
        with Client(base_url=server.url, api_key="x") as api:
            whole = api.request("POST", "/new/thing", json={}, stream=True).data.final()

    assert whole["turns"][0]["message"] == {"role": "bot", "content": "High water"}


@pytest.mark.skipif(not (CORPUS and TRAFFIC), reason="DYNAOPENAI_CORPUS and DYNAOPENAI_TRAFFIC name no folders")
def test_what_the_api_really_streamed_is_put_together() -> None:
    client = Client(Path(CORPUS) / "openai-2.3.0.yaml")
    chat, response = (plan_of(client[name]).reader for name in ("createChatCompletion", "createResponse"))
    seen = dict.fromkeys(("/chat/completions", "/responses"), 0)
    with (Path(TRAFFIC) / "openai-recorded.jsonl").open(encoding="utf-8") as lines:
        for recorded in map(json.loads, lines):
            if "event-stream" not in str(recorded["content_type"]) or recorded["path"] not in seen:
                continue
            seen[recorded["path"]] += 1
            reader = chat if recorded["path"] == "/chat/completions" else response
            media = reader.declared(200).content  # type: ignore[union-attr]
            assembly = Assembly(reader.schema(media["text/event-stream"]), reader.schema(media["application/json"]))
            for item in recorded["answers"]:
                assembly.add(item)
            if reader is chat:
                assert violations(reader.schema(media["application/json"]), assembly.whole()) == []  # type: ignore[arg-type]
            else:
                assert assembly.whole() == recorded["answers"][-1]["response"]

    assert min(seen.values()) > 10
