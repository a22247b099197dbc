"""What a call and an event may cost, in function calls of this package: the same on every machine and at any load.

A number here is a little more than what was counted when it was written. To raise one takes a reason.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from fault_server import CHAT_ANSWER, FaultServer, answer, chunked

import dynaopenai
from dynaopenai import Client
from dynaopenai._checking import cause as _cause

PACKAGE = str(Path(dynaopenai.__file__).parent)
CHAT = {"model": "m", "messages": [{"role": "user", "content": "Why?"}]}
EVENT = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
    b'"choices":[{"index":0,"delta":{"content":"So"},"finish_reason":null}]}\n\n'
)


def calls(work: Callable[[], Any], below: str = PACKAGE) -> int:
    """How often a function of this package is entered, generators' steps included; an answer that came in pieces takes more."""
    return min(counted(work, below) for _ in range(5))


def counted(work: Callable[[], Any], below: str) -> int:
    found = 0

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal found
        found += event == "call" and frame.f_code.co_filename.startswith(below)

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found


@pytest.fixture(params=[False, True], ids=["events together", "an event a chunk"])
def client_of(request: pytest.FixtureRequest) -> Iterator[Callable[[int], Client]]:
    """A client whose streams have so many events."""
    servers = []

    def made(number: int) -> Client:
        pieces = [EVENT] * number if request.param else [EVENT * number]
        server = FaultServer(chunked(*pieces, b"data: [DONE]\n\n", content_type="text/event-stream"))
        servers.append(server.__enter__())
        return Client(base_url=server.url, api_key="k")

    yield made
    for server in servers:
        server.__exit__()


def test_a_checked_call() -> None:
    with FaultServer(answer(CHAT_ANSWER)) as server:
        client = Client(base_url=server.url, api_key="k")
        call = lambda: client.createChatCompletion(**CHAT)  # noqa: E731
        call()

        assert calls(call) <= 125  # with what `requests`, urllib3 and http.client would do in 300 more
        assert calls(call, below="") <= 142  # theirs and the standard library's with them


def test_a_call_costs_the_same_however_large_the_document(tmp_path: Path) -> None:
    operation = {"operationId": "ask", "responses": {"200": {"description": "", "content": {"application/json": {}}}}}
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/ask": {"get": operation}}}
    others = {f"/other/{n}": {"get": {**operation, "operationId": f"other{n}"}} for n in range(500)}
    large = {**document, "paths": {**others, **document["paths"]}}  # type: ignore[dict-item]

    with FaultServer(answer({})) as server:
        counts = []
        for each in (document, large):
            ask = Client(each, base_url=server.url)["ask"]
            ask()
            counts.append(calls(ask))

    assert counts[0] == counts[1]


def for_each(work: Callable[[Client], Any], client_of: Callable[[int], Client]) -> float:
    few, many = (partial(work, client_of(number)) for number in (50, 450))
    few(), many()
    return (calls(many) - calls(few)) / 400


def test_an_event_read_as_attributes(client_of: Callable[[int], Client]) -> None:
    def read(client: Client) -> list[str]:
        return [event.choices[0].delta.content for event in client.createChatCompletion(**CHAT, stream=True)]

    assert read(client_of(7)) == ["So"] * 7
    assert for_each(read, client_of) <= 4.5


def test_an_event_as_a_part_of_the_whole(client_of: Callable[[int], Client]) -> None:
    def whole(client: Client) -> str:
        return str(client.createChatCompletion(**CHAT, stream=True).final().choices[0].message.content)

    assert whole(client_of(7)) == "So" * 7
    assert for_each(whole, client_of) <= 1.5


def test_an_array_of_numbers_costs_no_call_for_each() -> None:
    def with_vectors(width: int) -> bytes:
        data = [{"object": "embedding", "index": 0, "embedding": [0.5] * width}]
        return answer({"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}})

    counts = []
    for width in (10, 1_000):
        with FaultServer(with_vectors(width)) as server:
            embed = partial(Client(base_url=server.url, api_key="k").createEmbedding, model="m", input="a")
            embed()
            counts.append(calls(embed))

    assert counts[0] == counts[1]


def deviating(number: int) -> Callable[[], int]:
    """A stream under ``warn`` whose every event breaks the document in the same two ways."""
    event = EVENT.replace(b'"created":1', b'"created":null').replace(b'"index":0,', b"")
    server = FaultServer(chunked(event * number, b"data: [DONE]\n\n", content_type="text/event-stream"))
    client = Client(base_url=server.__enter__().url, api_key="k", validate_responses="warn")
    return lambda: sum(1 for _ in client.createChatCompletion(**CHAT, stream=True))


@pytest.mark.filterwarnings("ignore::dynaopenai.DynaOpenAIWarning")
def test_an_event_that_deviates_as_one_before_it() -> None:
    few, many = deviating(50), deviating(450)
    assert (few(), many()) == (50, 450)

    assert (calls(many) - calls(few)) / 400 <= 40


@pytest.mark.filterwarnings("ignore::dynaopenai.DynaOpenAIWarning")
def test_what_was_found_once_is_not_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[Any] = []
    search = _cause.causes
    monkeypatch.setattr(_cause, "causes", lambda *words: searches.append(words) or search(*words))
    read = deviating(300)

    assert (read(), read(), len(searches)) == (300, 300, 1)
