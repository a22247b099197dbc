"""One table: each way in which a credential gets in, and each channel through which anything gets out.

A server repeats the canary in every spelling and place that it can think of; nothing that is said or kept may hold it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import io
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from fault_server import FaultServer, answer, stream
from small_api import API

from dynaopenai import AsyncClient, Client, DynaOpenAIError
from dynaopenai._cli import cli as _cli
from dynaopenai._transport import retry as _retry
from dynaopenai.testing import record

CANARY = "canary/27182818+284590452353"
SPELLINGS = (
    *(CANARY, quote(CANARY, safe=""), CANARY.replace("/", "\\/"), "".join(f"\\u{ord(char):04x}" for char in CANARY)),
    *(base64.b64encode(before.encode() + CANARY.encode()).decode()[4:36] for before in ("", "u", "me:")),
)
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Strange"},
    "query": {"type": "apiKey", "in": "query", "name": "strange"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "strange"},
}


def api(scheme: str = "bearer") -> dict[str, Any]:
    document = copy.deepcopy(API)
    return {**document, "security": [{scheme: []}], "components": {**document["components"], "securitySchemes": SCHEMES}}


def session(**facts: Any) -> requests.Session:
    made = requests.Session()
    for name, value in facts.items():
        getattr(made, name).update(value) if isinstance(value, dict) else setattr(made, name, value)
    return made


WAYS: dict[str, Callable[[str], dict[str, Any]]] = {
    "bearer": lambda _: {"spec": api("bearer"), "api_key": CANARY},
    "basic": lambda _: {"spec": api("basic"), "api_key": ("me", CANARY)},
    "header": lambda _: {"spec": api("header"), "api_key": CANARY},
    "query": lambda _: {"spec": api("query"), "api_key": CANARY},
    "cookie": lambda _: {"spec": api("cookie"), "api_key": CANARY},
    "callable": lambda _: {"api_key": lambda: CANARY},
    "mapping": lambda _: {"api_key": {"bearer": CANARY}},
    "environment": lambda _: {"api_key": None},
    "given scheme": lambda _: {"api_key": CANARY, "security": {"type": "apiKey", "in": "query", "name": "odd"}},
    "headers=": lambda _: {"headers": {"X-Vault-Token": CANARY}},
    "query=": lambda _: {"query": {"access_token": CANARY}},
    "user info": lambda url: {"base_url": url.replace("//", f"//me:{quote(CANARY, safe='')}@")},
    "query of the base": lambda url: {"base_url": f"{url}?sig={quote(CANARY, safe='')}"},
    "session's headers": lambda _: {"session": session(headers={"X-Session-Token": CANARY})},
    "session's params": lambda _: {"session": session(params={"sig": CANARY})},
    "session's auth": lambda _: {"session": session(auth=("me", CANARY)), "spec": {**api(), "security": []}},
    "session's cookies": lambda _: {"session": session(cookies={"sid": CANARY})},
}
SAID = (*SPELLINGS[:4], *(base64.b64encode((before + CANARY).encode()).decode() for before in ("", "u", "me:")))
ANSWERS: dict[str, Any] = {
    "an error status": answer({"error": {"message": f"bad key {CANARY}", "code": CANARY, "param": SPELLINGS[1]}}, 401, f"X-Request-Id: {CANARY}"),
    "an error as text": answer(f"bad key {SPELLINGS[1]}".encode(), 403, content_type="text/plain"),
    "an error object with 200": answer({"error": {"message": f"bad key {CANARY}"}}),
    "a broken answer": answer({"id": [*SAID], CANARY: 1, "size": CANARY}),
    "a broken answer, escaped": answer(b'{"id": 1, "size": "' + SPELLINGS[2].encode() + b'"}'),
    "no JSON": answer(f'{{"id": {CANARY}'.encode()),
    "another type": answer(CANARY.encode(), content_type=f"text/html; key={CANARY}"),
    "headers": answer({"id": 1}, 200, f"X-Echo: {SPELLINGS[1]}", f"Set-Cookie: s={CANARY}", f"Location: /x?k={SPELLINGS[1]}"),
    "a redirect": answer(b"", 302, f"Location: http://127.0.0.1:1/{SPELLINGS[1]}"),
    "an error that is tried again": answer({"error": {"message": CANARY}}, 503, f"X-Echo: {CANARY}"),
}
STREAMS: dict[str, Any] = {
    "an error event": stream({"error": {"message": f"bad key {CANARY}"}}),
    "a broken event": stream({"n": CANARY}),
    "an event that is no JSON": stream(f"{{{CANARY}"),
}


def client(way: str, url: str, kind: Any = Client, **more: Any) -> Any:
    options = {"spec": api(), "base_url": url, "api_key": "plain", "timeout": 5, "max_retries": 1, **WAYS[way](url), **more}
    beside = {"query": options.pop("query")} if "query" in options else {}
    made = kind(options.pop("spec"), **options)
    return made.with_options(**beside) if beside else made


def caught(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """What a call returned or raised; its frame shows nothing."""
    try:
        return call(), None
    except DynaOpenAIError as error:
        return None, error


def told(result: Any, error: BaseException | None) -> Iterator[str]:
    """All that an error, or an answer, says of itself."""
    if error is not None:
        yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        yield repr(error) + str(error) + repr(vars(error)) + repr(error.args)
        for violation in getattr(error, "violations", ()):
            yield repr(violation) + str(violation)
        yield pickle.dumps(error).decode("latin-1")
        response = getattr(error, "response", None)
        if response is not None:
            yield repr(response) + repr(response.headers) + repr(response.data) + response.text + repr(response.request)
    response = result if error is None else getattr(error, "response", None)
    if response is not None:
        yield repr(response) + pickle.dumps(response).decode("latin-1")


# --- the channels --------------------------------------------------------------------------------


def reprs(way: str, url: str, _: Path) -> Iterator[str]:
    with client(way, url) as made:
        yield repr(made) + str(made) + repr(made._settings) + repr(made.getThing) + made.getThing.curl("a") + made.getThing.__doc__
        yield repr(copy.copy(made)) + repr(copy.deepcopy(made.getThing)) + made._repr_html_()
        for request in (made.getThing._written(made.getThing._proven(made._settings.credentials), ("a",), {}),):
            yield repr(request) + pickle.dumps(request).decode("latin-1")


def pickles(way: str, url: str, _: Path) -> Iterator[str]:
    with client(way, url) as made:
        yield from (pickle.dumps(each).decode("latin-1") for each in (made, made.getThing, made.with_options(timeout=3)))


def errors(way: str, url: str, _: Path) -> Iterator[str]:
    with client(way, url) as made:
        yield from told(*caught(lambda: made.getThing.send("a")))


def streams(way: str, url: str, _: Path) -> Iterator[str]:
    with client(way, url) as made:
        yield from told(*caught(lambda: list(made.streamItems())))


def pages(way: str, url: str, _: Path) -> Iterator[str]:
    with client(way, url) as made:
        for each in (made.listThings.pages, made.listThings.items):
            yield from told(None, caught(lambda each=each: list(each()))[1])


def warned(way: str, url: str, _: Path) -> Iterator[str]:
    with warnings.catch_warnings(record=True) as found, client(way, url, validate_responses="warn") as made:
        warnings.simplefilter("always")
        caught(lambda: made.getThing("a"))
        caught(lambda: list(made.streamItems()))
        yield str(made.drift) + repr(list(made.drift)) + json.dumps(made.drift.overlay())
    yield "".join(str(each.message) for each in found)


def refusals(way: str, url: str, _: Path) -> Iterator[str]:
    with client(way, url) as made:
        for call in (lambda: made.getThing(3), lambda: made.getThing("a", nonsense=1), lambda: made.listThings(q=[1])):
            yield from told(None, caught(call)[1])


def log(way: str, url: str, _: Path) -> Iterator[str]:
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with client(way, url) as made:
            caught(lambda: made.getThing("a"))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert "getThing > GET" in text.getvalue()
    yield text.getvalue()


def retries(way: str, url: str, _: Path) -> Iterator[str]:
    events: list[Any] = []
    with client(way, url, on_retry=events.append) as made:
        caught(lambda: made.getThing("a"))
    yield "".join(map(str, events)) + "".join(map(repr, events))


def cassettes(way: str, url: str, folder: Path) -> Iterator[str]:
    path = folder / "calls.yaml"
    with client(way, url) as made, record(path, made, validate="off") as recording:
        caught(lambda: made.getThing("a"))
    yield path.read_text() + repr(recording.exchanges)


def traffic(way: str, url: str, folder: Path) -> Iterator[str]:
    """A browser's own recording, which hides nothing."""
    with client(way, url) as made:
        sent = made.getThing.prepare("a")
    got = requests.get(f"{url}/things/a", timeout=5, allow_redirects=False, headers={"X-Vault-Token": CANARY})
    pairs = [[{"name": name, "value": value} for name, value in held.items()] for held in ({**sent.headers, "X-Vault-Token": CANARY}, got.headers)]
    entry = {
        "request": {"method": "GET", "url": sent.url, "headers": pairs[0]},
        "response": {"status": got.status_code, "headers": pairs[1], "content": {"text": got.text, "mimeType": got.headers.get("Content-Type", "")}},
    }
    (folder / "calls.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    (folder / "api.json").write_text(json.dumps(api()))
    for form in ([], ["--json"]):
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            _cli.run(["traffic", str(folder / "calls.har"), "--spec", str(folder / "api.json"), *form])
        yield out.getvalue()


def asynchronous(way: str, url: str, _: Path) -> Iterator[str]:
    if way.startswith("session's"):
        return

    async def call() -> list[str]:
        async with client(way, url, AsyncClient) as made:
            try:
                result, error = await made.getThing.send("a"), None
            except DynaOpenAIError as raised:
                result, error = None, raised
            return [repr(made) + made.getThing.curl("a"), *told(result, error and error.with_traceback(None))]

    yield from asyncio.run(call())


CHANNELS = {
    each.__name__: each for each in (reprs, pickles, errors, streams, pages, warned, refusals, log, retries, cassettes, traffic, asynchronous)
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("way", WAYS)
def test_the_canary_is_never_heard(way: str, channel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "FIRST_DELAY", 0.0)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", CANARY if way == "environment" else "plain")
    scripts = {**(STREAMS if channel in ("streams", "warned") else {}), **(ANSWERS if channel != "streams" else {})}
    if channel in ("reprs", "pickles", "refusals"):
        scripts = {"nothing": ANSWERS["a broken answer"]}
    heard = []
    for name, script in scripts.items():
        with FaultServer(script) as server:
            for text in CHANNELS[channel](way, server.url, tmp_path):
                heard += [(name, spelled, text[max(0, text.find(spelled) - 100) :][:200]) for spelled in SPELLINGS if spelled in text]
    assert heard == []
