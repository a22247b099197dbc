"""Whatever a server sends or a caller passes, a call ends in a value or in an error of ours, and soon.

``DYNAOPENAI_FUZZ`` sets how many of each are tried (150 by default); above a thousand, each is held to two seconds.
"""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import json
import os
import random
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fault_server import CLOSE, FaultServer, answer, chunked, stream
from small_api import API

from dynaopenai import Client, DynaOpenAIError, RequestValidationError
from dynaopenai._checking.contract import Contract
from dynaopenai._transport import retry as _retry

MANY = int(os.environ.get("DYNAOPENAI_FUZZ", "150"))
SECONDS = 2.0 if MANY > 1000 else 60.0

VALUES: list[Any] = [
    *(None, True, 0, -1, 2**63, 10**400, 1.5, 1e308, -0.0, "", "a", "\x00", "\ud83d\ude00", "é" * 50, " ", "a\nb", "[DONE]"),
    *([], {}, [[]], [{}], {"": 0}, {"a": {"b": {}}}, [None] * 50, {"error": None}, {"error": {}}, {"error": []}, {"error": "x"}),
    *({"error": {"message": {}, "type": [], "code": {}, "param": 1}}, {"error": {"type": {"a": 1}, "status": "4" * 3}}),
    *({"id": "a", "size": 1}, {"id": 1}, {"data": [{"id": "a"}], "has_more": True}, {"n": 1}, {"object": "list", "next": "/things"}),
]
TEXTS = [
    *(b"", b" ", b"{", b"[", b'"', b"nul", b"NaN", b"1e999", b"-1E+4000", b"9" * 5_000, b"[" * 5_000, b'{"a":' * 300, b"\xff\xfe{", b"\xef\xbb\xbf{}"),
    *(b'{"a":1,"a":2}', b'"\\ud800"', b'"\\u12"', b"\x00", b"<html><p>no", b"{}{}", b"data: {}\n\n", b"{}\n{}\n", b"\x1e{}\n", b"\xc3\x28"),
]
TYPES = [
    *("application/json", "application/json; charset=utf-16", "application/json; charset=idna", "text/plain; charset=punycode"),
    *("text/event-stream", "application/x-ndjson", "application/json-seq", "application/octet-stream", "text/html", "", "a", "/", ";;;", "application/problem+json"),
    *("text/plain; charset=undefined", "text/plain; charset=hex", "text/plain; charset=\u00e9", "multipart/mixed; boundary=x", "image/png", "text/plain; charset="),
    *("application/x-www-form-urlencoded", "application/xml", "application/json; charset=unicode_escape", "TEXT/EVENT-STREAM;;"),
]
HEADERS = [
    *("Content-Length: " + "9" * 5_000, "Content-Length: -1", "Content-Length: 3", "Content-Length: 1, 2", "Content-Length: x"),
    *("Content-Encoding: gzip", "Content-Encoding: deflate", "Content-Encoding: br", "Content-Encoding: nonsense", "Content-Encoding: gzip, gzip", "Content-Encoding: " + ", ".join(["gzip"] * 200)),
    *("Retry-After: nan", "Retry-After: -1", "Retry-After: 1e400", "Retry-After: Wed, 99 Foo", "retry-after-ms: inf", "x-should-retry: maybe"),
    *("Location: ", "Location: http://[", "Location: //", "Location: \x80\xff", "Location: http://127.0.0.1:1/", "Location: ?" + "a" * 5_000),
    *('Link: <>; rel="next"', "Link: <" * 500, 'Link: <http://[>; rel="next"', "x-request-id: \xff", "Set-Cookie: a=b; Domain=[", "Transfer-Encoding: chunked"),
    *("ETag: x", "Content-Range: bytes 9-1/2", "Connection: close", "X: " + "y" * 2_000, "Content-Type: text/event-stream", "Date: 0", "Age: " + "1" * 5_000),
]


def body(chance: random.Random) -> bytes:
    kind = chance.randrange(6)
    if kind == 0:
        return chance.choice(TEXTS)
    if kind == 1:
        return b"".join(b"%s: %s\n" % (chance.choice([b"data", b"event", b"id", b"retry", b"", b"x"]), text) + b"\n" * chance.randrange(3) for text in (mutated(chance), b"[DONE]", json.dumps(chance.choice(VALUES)).encode()))
    if kind == 2:
        return b"\n".join(json.dumps(chance.choice(VALUES)).encode() for _ in range(3))
    if kind == 3:
        return chance.choice([gzip.compress, zlib.compress])(mutated(chance))[: chance.randrange(5, 200)]
    return mutated(chance)


def mutated(chance: random.Random) -> bytes:
    text = bytearray(json.dumps(chance.choice(VALUES)).encode())
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randrange(3)] = chance.choice([b"", b"\xff", b"{", b"\\", b"\x00", b'"', b"e999", b"\n", b"9" * 20])
    return bytes(text)


def answers(seed: int) -> Iterator[Any]:
    """Answers without end: well-formed, mistaken, cut off."""
    chance = random.Random(seed)
    while True:
        content = body(chance)
        whole = answer(content, chance.choice([200, 200, 200, 201, 204, 206, 301, 302, 307, 304, 400, 401, 429, 500, 503, 299, 599, 999]),
            *chance.sample(HEADERS, chance.randrange(3)), content_type=chance.choice(TYPES).encode().decode("latin-1") or None,
        )  # fmt: skip
        if chance.random() < 0.2:
            whole = chance.choice([chunked(content, content[:3]), stream(*[chance.choice(VALUES)] * 3), chunked(content, end=False)])
        if chance.random() < 0.2:
            raw = bytearray(whole)
            at = chance.randrange(len(raw))
            raw[at : at + chance.randrange(1, 4)] = chance.choice([b"", b"\x00", b"\r\n", b"\xff", b":", b" "])
            whole = bytes(raw)
        yield [whole[: chance.randrange(len(whole) + 1)] if chance.random() < 0.15 else whole, CLOSE]


def ended(call: Callable[[], Any], *known: type[BaseException]) -> float:
    """How long it took to end in a value or in one of the known errors."""
    began = time.perf_counter()
    try:
        result = call()
        if hasattr(result, "__next__"):
            for _ in zip(range(1000), result, strict=False):
                pass
    except (DynaOpenAIError, *known) as error:
        told = f"{error} {error!r}"
    else:
        told = repr(result)
    assert told
    return time.perf_counter() - began


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("policy", ["strict", "warn", "off"])
def test_whatever_a_server_sends(policy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "FIRST_DELAY", 0.0)
    monkeypatch.setattr(_retry, "LONGEST_ASKED", 0.0, raising=False)
    script = answers({"strict": 1, "warn": 2, "off": 3}[policy])
    with FaultServer(lambda _: next(script)) as server:
        api = Client(API, base_url=server.url, api_key="k", timeout=(2, 2, 5), max_retries=1, validate_responses=policy, max_retry_after=0.001)
        calls = [
            lambda: api.getThing("a"),
            api.listThings,
            lambda: api.createThing(a=1),
            api.streamItems,
            api.getText,
            lambda: api.getFile.send().content,
            api.listThings.pages,
            api.listThings.items,
            lambda: api.getThing.send("a").text,
            lambda: api.headThing("a"),
        ]
        slowest = max(ended(call) for _ in range(MANY // len(calls) + 1) for call in calls)
        assert str(api.drift)
    assert slowest < SECONDS


# --- arguments -----------------------------------------------------------------------------------


class Odd:
    def __str__(self) -> str:
        raise RuntimeError("mine")

    def __repr__(self) -> str:
        return "Odd"


class Mapped(dict):  # type: ignore[type-arg]
    def items(self) -> Any:
        raise KeyError("mine")


ITSELF: list[Any] = []
ITSELF.append(ITSELF)
ARGUMENTS: list[Any] = [
    *VALUES,
    *(b"x", bytearray(b"x"), {1, 2}, {1: 2}, {None: 1}, object(), Odd(), Odd, Mapped(a=1), ITSELF, range(3), iter([1]), (1, 2), ("a.txt", b"x"), float("nan"), float("inf")),
    *(10**5000, decimal.Decimal("NaN"), decimal.Decimal("1E+999999"), decimal.Decimal("0.1"), dt.datetime(2025, 1, 2), dt.date.max, "\ud800", "\r\nX: y", "..", ".", "/", "%"),  # noqa: DTZ001
    *(complex(1, 2), Ellipsis, NotImplemented, lambda: 1, type, "x" * 100_000, [[[[[[]]]]]], {"a" * 5_000: 1}, memoryview(b"x"), Exception("x"), slice(1)),
]


def twisted(chance: random.Random, depth: int = 3) -> Any:
    kind = chance.randrange(4) if depth else 0
    if kind == 1:
        return [twisted(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 2:
        return {chance.choice(["a", "id", "", "size", "\ud800", "x y"]): twisted(chance, depth - 1) for _ in range(chance.randrange(4))}
    return chance.choice(ARGUMENTS)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("policy", ["strict", "warn", "off"])
def test_whatever_a_caller_passes(policy: Any) -> None:
    chance = random.Random(4)
    api = Client(API, base_url="http://127.0.0.1:9", api_key="k", validate_requests=policy)
    names = ["id", "q", "X-Note", "a", "body", "file", "purpose", "from", "", "x y"]
    slowest = 0.0
    for _ in range(MANY):
        operation = chance.choice(list(api.operations.values()))
        keywords = {chance.choice(names): twisted(chance) for _ in range(chance.randrange(3))}
        positional = [twisted(chance) for _ in range(chance.randrange(3))]
        slowest = max(slowest, ended(lambda: operation.prepare(*positional, **keywords)), ended(lambda: operation.validate_request(*positional, **keywords)))  # noqa: B023
        slowest = max(slowest, ended(lambda: operation.curl(*positional, **keywords)), ended(lambda: operation.validate_response(twisted(chance))))  # noqa: B023
    assert slowest < SECONDS


@pytest.mark.parametrize("option", ["headers", "query", "timeout", "max_retries", "base_url", "api_key", "trusted_origins", "server", "server_variables", "limits", "validate_requests"])
def test_whatever_an_option_is_set_to(option: str) -> None:
    chance = random.Random(5)
    for _ in range(MANY // 5):
        value = twisted(chance)

        def use(value: Any = value) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    return Client(API, base_url="http://127.0.0.1:9", api_key="k").with_options(**{option: value}).getThing.prepare("a")
                except (KeyError, RuntimeError) as error:
                    if "mine" in str(error):  # a class of the caller's own
                        return None
                    raise

        ended(use, ValueError, TypeError)


# --- the mock ------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
def test_whatever_document_a_mock_is_given() -> None:
    import copy

    import documents
    from json_places import places
    from mutation import mutate
    from werkzeug.test import Client as Caller

    from dynaopenai._document.document import load
    from dynaopenai._mock.mock import MockApp

    chance = random.Random(6)
    for _ in range(MANY // 3):
        root = copy.deepcopy(chance.choice(list(documents.ALL.values())))
        for _ in range(chance.randrange(1, 6)):
            if places(root):
                mutate(root, chance)
        try:
            app = MockApp(Contract(load(root)))
        except DynaOpenAIError:
            continue
        for entry in list(app.contract.openapi.entries.values())[:3]:
            with Caller(app).open(entry.path.replace("{", "").replace("}", ""), method=entry.method) as response:
                assert response.status_code < 600
    with pytest.raises(RequestValidationError):
        Client(API).getThing()
