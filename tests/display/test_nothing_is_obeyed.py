"""Control characters of documents and servers are spelled out wherever they are shown: nothing of them reaches a terminal."""

from __future__ import annotations

import copy
import io
import json
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, answer, stream
from small_api import API

from dynaopenai import Client, DynaOpenAIError, diff
from dynaopenai._cli import cli as _cli

EVIL = "a\x1b]0;evil\x07b\x1b[2Jc\x9b31md\u202ee\u2066f\x08g\x7fh"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def document() -> dict[str, Any]:
    root = copy.deepcopy(API)
    root["info"] = {"title": EVIL, "version": EVIL, "description": EVIL}
    root["tags"] = [{"name": EVIL, "description": EVIL}]
    member = {"type": "string", "description": EVIL, "enum": [EVIL, "x"], "default": EVIL, "title": EVIL}
    schema = {"type": "object", "description": EVIL, "required": [EVIL], "properties": {EVIL: member, "plain": {"type": "integer", "format": EVIL}}}
    root["components"]["schemas"] = {"Evil": schema}
    for path in root["paths"].values():
        for operation in path.values():
            operation |= {"summary": EVIL, "description": f"{EVIL}. {EVIL}", "tags": [EVIL], "externalDocs": {"url": EVIL, "description": EVIL}}
    post = root["paths"]["/things"]["post"]
    post["requestBody"]["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/Evil"}
    post["requestBody"]["description"] = EVIL
    root["paths"]["/things/{id}"]["get"]["parameters"] += [{"name": EVIL, "in": "query", "description": EVIL, "schema": {"pattern": EVIL, "type": "string"}}]
    root["paths"][f"/{EVIL}"] = {"get": {"operationId": EVIL, "responses": {"200": {"description": EVIL}}}, EVIL: 1}
    root[EVIL] = EVIL
    return root


def caught(call: Callable[[], Any]) -> str:
    try:
        return repr(call())
    except DynaOpenAIError as error:
        return f"{error}"


def of_a_document(client: Client) -> Iterator[str]:
    yield from (repr(client), str(client), repr(client.operations), repr(client.createThing), repr(client.getThing), repr(client["a" + EVIL[1:]]))
    yield from (client.createThing.__doc__ or "", client.getThing.__doc__ or "", repr(client.schema("Evil")), str(client.createThing.__signature__))
    yield from (repr(client.find("thing")), repr(client.find(EVIL)), *map(str, client.diagnostics), client._repr_html_(), client.createThing._repr_html_())
    yield from (repr(getattr(client, name)) for name in dir(client) if name not in dir(Client) and not name.startswith("__"))
    yield client.createThing.curl(**{EVIL: "x"})
    changed = document()
    changed["components"]["schemas"]["Evil"]["properties"][EVIL] = {"type": "integer"}
    del changed["paths"]["/file"]
    changes = diff(document(), changed)
    yield repr(changes) + "".join(map(str, changes))


def of_refusals(client: Client) -> Iterator[str]:
    yield from (caught(lambda: client.createThing(**{EVIL: EVIL + "!", "plain": EVIL})), caught(lambda: client.createThing(**{EVIL + "?": 1})))
    yield from (caught(lambda: client.getThing("a", **{EVIL: EVIL})), caught(lambda: client[EVIL + "!"]), caught(lambda: client.schema(EVIL)))
    yield caught(lambda: client.getThing.with_options(headers={EVIL: EVIL})("a"))
    yield caught(lambda: Client(f"{EVIL}.yaml")) + caught(lambda: Client(f"openapi: 3.1.0\n{EVIL}: [\n"))


ANSWERS = (
    answer({"error": {"message": EVIL, "code": EVIL, "type": EVIL, "param": EVIL}}, 400, f"x-request-id: a{EVIL[1:8]}"),
    answer(EVIL.encode(), 500, content_type="text/plain"),
    answer(f"<html><body>{EVIL}</body></html>".encode(), 502, content_type="text/html"),
    answer({"id": 1, EVIL: EVIL, "size": EVIL}),
    answer(EVIL.encode()),
    answer(b"{}", content_type=f"text/{EVIL[:4]}"),
)


def of_a_server(_: Client) -> Iterator[str]:
    for each in ANSWERS:
        with FaultServer(each) as server, warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            client = Client(API, base_url=server.url, api_key="k", max_retries=0)
            yield caught(lambda client=client: client.getThing("a"))
            warned = client.with_options(validate_responses="warn")
            yield caught(lambda warned=warned: warned.getThing("a")) + str(warned.drift)
        yield "".join(str(each.message) for each in found)
    with FaultServer(stream({"error": {"message": EVIL}})) as server:
        yield caught(lambda: list(Client(API, base_url=server.url, api_key="k", max_retries=0).streamItems()))


@pytest.mark.parametrize("shown", [of_a_document, of_refusals, of_a_server])
def test_what_is_shown_can_only_be_read(shown: Callable[[Client], Iterator[str]]) -> None:
    client = Client(document(), base_url="http://127.0.0.1:9", api_key="k")
    texts = list(shown(client))

    assert [text[max(0, found.start() - 80) : found.end() + 10] for text in texts if (found := RAW.search(text))] == []
    assert any("\\x1b" in text or "evil" in text for text in texts)


COMMANDS = (
    ["ls"], ["ls", "thing"], ["ls", "--json"], ["show", "createThing"], ["show", "Evil"], ["check"], ["show", "getThing"],
    ["call", "getThing", "a"], ["call", "getText"], ["call", "streamItems"], ["call", "createThing", "x=y"], ["call", "nothing\x1b[2J"],
    ["validate", "Evil", "-"], ["call", "getThing", "a", "--dry-run"], ["call", "getThing", "a", "--curl"], ["show", EVIL],
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_a_command_prints_on_a_terminal_can_only_be_read(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    (tmp_path / "api.json").write_text(json.dumps(document()))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps({EVIL: EVIL + "!"}).encode())))
    told = {
        "/text": answer(EVIL.encode(), content_type="text/plain"),
        "/stream": stream({"n": 1, EVIL: EVIL}, {"n": EVIL}),
        "/things/a": answer({"id": EVIL, EVIL: EVIL}),
    }
    with FaultServer(lambda request: told.get(request.target, ANSWERS[0])) as server:
        options = ["--spec", str(tmp_path / "api.json"), *(["--base-url", server.url] if words[0] == "call" else [])]
        out = Terminal()
        with redirect_stdout(out), redirect_stderr(out):
            _cli.run([*words, *options])

    found = RAW.search(out.getvalue())
    assert found is None or out.getvalue()[max(0, found.start() - 100) : found.end() + 20] == ""
    assert out.getvalue()
