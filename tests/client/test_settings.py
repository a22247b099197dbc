"""Settings are checked when they are made, and changed only in a copy."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest

from dynaopenai import Client, DynaOpenAIWarning, Limits
from dynaopenai._request.options import Options
from dynaopenai._request.settings import Settings


@pytest.mark.parametrize(
    ("timeout", "steps", "total"),
    [
        (None, None, None),
        (3, 3, None),
        ((1, 2), (1, 2), None),
        ((1, None), (1, None), None),
        ((1, 2, 30), (1, 2), 30),
        ((None, None, 30), (None, None), 30),
    ],
)
def test_a_timeout_is_for_each_step_and_for_all(timeout: Any, steps: Any, total: Any) -> None:
    settings = Settings(timeout=timeout)

    assert (settings.steps, settings.total) == (steps, total)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": 0}, "timeout: found 0, expected seconds, (connect, read) or (connect, read, total) seconds, or None"),
        ({"timeout": (1,)}, "timeout: found (1,)"),
        ({"timeout": (1, 2, 3, 4)}, "timeout: found (1, 2, 3, 4)"),
        ({"timeout": (1, (2, 3))}, "timeout: found (1, (2, 3))"),
        ({"timeout": True}, "timeout: found True"),
        ({"timeout": "3"}, "timeout: found '3'"),
        ({"max_retries": -1}, "max_retries: found -1, expected a count, 0 for none"),
        ({"max_retries": True}, "max_retries: found True"),
        ({"max_retries": 1.5}, "max_retries: found 1.5"),
        ({"validate_requests": "no"}, 'validate_requests: found \'no\', expected "strict", "warn" or "off"'),
        ({"on_retry": 3}, "on_retry: found 3, expected a callable"),
        ({"progress": "bar"}, "progress: found 'bar', expected a callable or True"),
        ({"limits": 3}, "limits: found 3, expected Limits(...)"),
        ({"security": {"type": "magic"}}, 'security: found {"type": "magic"}, expected a Security Scheme Object such as'),
        ({"security": {"type": "apiKey", "in": "header"}}, "security: found"),
        ({"security": "bearer"}, "security: found"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Settings(**options)

    assert message in str(caught.value)


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "1"])
@pytest.mark.parametrize("name", ["answer", "event", "headers", "depth"])
def test_a_limit_is_a_count_or_none(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"limits: found {name}="):
        Limits(**{name: value})

    assert getattr(Limits(**{name: None}), name) is None


def test_they_are_frozen() -> None:
    for value, name in ((Settings(), "timeout"), (Limits(), "answer")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, 1)


def test_headers_are_added_whatever_their_case_and_query_too() -> None:
    settings = Settings(headers={"X-A": "1", "X-B": "2"}, query={"a": 1})

    changed = settings.with_options(headers={"x-a": "3"}, query={"b": 2}).with_options(timeout=9)

    assert changed.headers == {"X-B": "2", "x-a": "3"}
    assert changed.query == {"a": 1, "b": 2}
    assert changed.timeout == 9
    assert settings.headers == {"X-A": "1", "X-B": "2"}


def test_what_is_written_down_has_no_secret_and_no_callable() -> None:
    settings = Settings(
        headers={"Authorization": "s", "X-Auth-Token": "s", "X-Kept": "k", "Idempotency-Key": "k"},
        query={"key": "s"},
        credentials="s",
        base_url="https://me:s@host/v1?api-version=1&sig=s",
        on_retry=print,
        progress=print,
    )

    bare = settings.without_secrets(frozenset())

    assert bare.headers == {"X-Kept": "k", "Idempotency-Key": "k"}
    assert (bare.query, bare.credentials, bare.on_retry, bare.progress) == ({}, None, None, None)
    assert bare.base_url == "https://host/v1?api-version=1"


def test_options_are_keywords_for_those_who_ask_for_a_signature() -> None:
    for owner in (Client(api_key="k"), Client(api_key="k").listModels):
        parameters = inspect.signature(owner.with_options).parameters
        assert {"timeout", "max_retries", "headers", "extra", "progress"} <= parameters.keys() == Options.__annotations__.keys()
        assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
        with pytest.raises(TypeError) as caught:
            owner.with_options(nothing_like_it=1)
        assert str(caught.value).partition("it has ")[2].split(", ") == sorted(Options.__annotations__)


def test_a_list_in_the_query_is_taken_as_it_was() -> None:
    tags = ["a"]
    client = Client(base_url="http://127.0.0.1:9", api_key="k").with_options(query={"tag": tags})

    tags.append("b")

    assert str(client.listModels.prepare().url).endswith("/models?tag=a")


@pytest.mark.parametrize("name", ["headers", "query", "api_key"])
def test_what_the_caller_changes_later_in_what_was_given_changes_nothing(name: str) -> None:
    given = {"ApiKeyAuth": "before"} if name == "api_key" else {"x-one": "before"}
    client = Client(base_url="http://127.0.0.1:9", api_key="k").with_options(**{name: given})
    first, before = client.listModels.prepare(), dict(given)

    given.update(dict.fromkeys(given, "after"))
    again, other = client.listModels.prepare(), client.with_options(max_retries=0).listModels.prepare()

    assert "before" in f"{first.url}{first.headers}"
    assert before != given
    assert (again.url, again.headers) == (other.url, other.headers) == (first.url, first.headers)


def test_a_call_without_a_credential_is_warned_of_each_time_where_it_is_let_pass() -> None:
    client = Client(base_url="https://api.example.test/v1", validate_requests="warn")
    listing = client.listModels

    for _ in range(2):
        with pytest.warns(DynaOpenAIWarning, match="sent without a credential"):
            listing._request((), {})


def test_parameters_of_one_call_are_not_in_the_next() -> None:
    """What requests have in common is worked out once; what a call adds to it stays with that call."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:9"}],
        "paths": {
            "/a": {
                "get": {
                    "operationId": "a",
                    "parameters": [
                        {"name": place, "in": place, "schema": {"type": "string"}} for place in ("query", "header", "cookie")
                    ],
                    "responses": {"200": {"description": ""}},
                }
            }
        },
    }
    op = Client(document).with_options(query={"every": "1"}, headers={"X-Every": "1"}).a
    bare = op.prepare()

    full = op.prepare(query="q", header="h", cookie="c")
    after = op.prepare()

    assert (full.url, full.headers["header"], full.headers["Cookie"]) == ("http://127.0.0.1:9/a?query=q&every=1", "h", "cookie=c")
    assert (after.url, after.headers) == (bare.url, bare.headers)
    assert bare.url == "http://127.0.0.1:9/a?every=1"
    assert not {"header", "cookie"} & {name.lower() for name in bare.headers}
