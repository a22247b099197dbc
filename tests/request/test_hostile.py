"""Hostile arguments are written so that they arrive as they are, or refused clearly; a server that records bytes is the judge."""

from __future__ import annotations

import email.parser
import email.policy
import json
from typing import Any
from urllib.parse import unquote

import pytest
from fault_server import FaultServer, Received, answer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_api import KEY, client

from dynaopenai import Client, RequestValidationError

CRLF = "a\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1\r\n\r\n"
DEEP: Any = 1
for _ in range(10_000):
    DEEP = [DEEP]
SURROGATE = "a\ud800b"
NAMES = {"GET", "POST", "PUT"}


@pytest.fixture(scope="module")
def server() -> Any:
    with FaultServer(answer({"id": "a"})) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: FaultServer) -> Any:
    with client(server.url, validate_responses="off") as made:
        yield made


def arrived(server: FaultServer, call: Any) -> Received:
    """The one request that a call made, and that nothing else came along with it."""
    before = len(server.received)
    call()
    assert len(server.received) == before + 1
    request = server.received[-1]
    assert request.line.split(b" ")[0].decode() in NAMES
    assert request.line.endswith(b" HTTP/1.1")
    assert request.header("X-Evil") is None
    assert all(b":" in line and b"\r" not in line and b"\n" not in line for line in request.header_lines)
    return request


def refused(server: FaultServer, call: Any) -> RequestValidationError:
    before = len(server.received)
    with pytest.raises(RequestValidationError) as caught:
        call()
    assert len(server.received) == before
    assert len(str(caught.value)) < 2000
    return caught.value


SEGMENTS = ["a/b", "../../etc/passwd", "%2f", "%2e%2e", "a?b=c#d", "a;b", "a b", "\0", CRLF, "ü€😀", "a\\b", "//evil.example", "a%", "+", "http://evil", "\u2028"]


@pytest.mark.parametrize("text", SEGMENTS)
def test_a_path_argument_stays_one_segment(server: FaultServer, api: Client, text: str) -> None:
    target = arrived(server, lambda: api.getThing(text)).target

    assert target.startswith("/things/")
    segment = target.removeprefix("/things/")
    assert not set(segment) & set("/?#\\ ")
    assert unquote(segment) == text


@pytest.mark.parametrize("text", [".", ".."])
def test_a_path_argument_that_would_walk_the_tree(server: FaultServer, api: Client, text: str) -> None:
    """Dots cannot be told from a walk once they are a whole segment, however they are encoded."""
    try:
        target = arrived(server, lambda: api.getThing(text)).target
    except RequestValidationError as error:
        assert "id" in str(error)  # noqa: PT017 - one of two good ends
    else:
        assert target.startswith("/things/%2E")


@pytest.mark.parametrize("text", [*SEGMENTS, ".", "", "&x=y", "a=b", "x" * 20_000])
def test_a_query_argument_stays_one_value(server: FaultServer, api: Client, text: str) -> None:
    target = arrived(server, lambda: api.listThings(q=text)).target

    path, _, query = target.partition("?")
    assert path == "/things"
    assert query.startswith("q=")
    assert not set(query[2:]) & set("&=#?\\ ") or text == "http://evil"
    assert unquote(query[2:]) == text


@pytest.mark.parametrize("text", ["plain", 'a: b, c; d="e"', "a  b"])
def test_a_header_argument_that_a_header_can_carry_arrives(server: FaultServer, api: Client, text: str) -> None:
    request = arrived(server, lambda: api.getThing("a", **{"X-Note": text}))

    assert (request.header("X-Note") or "").strip() == text.strip()


@pytest.mark.parametrize("text", [CRLF, "a\nb", "a\rb", "a\0b", "€", SURROGATE, "a\x7f", "\x1b[31m"])
def test_a_header_argument_that_no_header_can_carry_is_refused(server: FaultServer, api: Client, text: str) -> None:
    error = refused(server, lambda: api.getThing("a", **{"X-Note": text}))

    assert {violation.path for violation in error.violations} <= {"X-Note", "X_Note"}


@pytest.mark.parametrize(("name", "value"), [("X-A", CRLF), ("X-A\r\nX-Evil", "1"), ("X A", "1"), ("", "1"), ("X-A", 3), ("X:A", "1")])
def test_a_header_beside_the_call_is_refused_alike(server: FaultServer, api: Client, name: str, value: Any) -> None:
    error = refused(server, lambda: api.getThing.with_options(headers={name: value})("a"))

    assert error.violations[0].path.startswith("headers[")


@pytest.mark.parametrize("text", [*SEGMENTS, "</script>", "\u2028", "\x1f", "x" * 10_000_000])
def test_a_body_arrives_as_it_is(server: FaultServer, api: Client, text: str) -> None:
    request = arrived(server, lambda: api.createThing(text=text, **{text[:50]: 1}))

    assert json.loads(request.body) == {"text": text, text[:50]: 1}
    assert request.header("Content-Length") == str(len(request.body))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (float("nan"), "found nan, which JSON does not know"),
        (float("inf"), "found inf, which JSON does not know"),
        (-float("inf"), "found -inf, which JSON does not know"),
        (SURROGATE, "found a lone surrogate"),
        ({SURROGATE: 1}, "found a lone surrogate"),
        (DEEP, "nested deeper than 200 levels"),
        (b"bytes", "found a value of type bytes"),
        ({1: 2}, "found the key 1 (int), expected a string"),
        (object(), "found a value of type object"),
    ],
    ids=range(9),
)
def test_a_body_that_json_cannot_carry_is_refused(server: FaultServer, api: Client, value: Any, says: str) -> None:
    error = refused(server, lambda: api.createThing(text=[value]))

    assert says in str(error)
    assert error.violations[0].path.startswith("text[0]")


@pytest.mark.filterwarnings("ignore::dynaopenai.DynaOpenAIWarning")
@pytest.mark.parametrize("policy", ["strict", "warn", "off"])
@pytest.mark.parametrize("value", [float("nan"), SURROGATE, DEEP], ids=["nan", "surrogate", "deep"])
@pytest.mark.parametrize("place", ["body", "path", "query", "header"])
def test_no_policy_sends_what_cannot_be_written(server: FaultServer, api: Client, policy: str, value: Any, place: str) -> None:
    calls: dict[str, Any] = {
        "body": lambda: free.createThing(text=value),
        "path": lambda: free.getThing(value),
        "query": lambda: free.listThings(q=value),
        "header": lambda: free.getThing("a", **{"X-Note": value}),
    }
    free = api.with_options(validate_requests=policy)

    refused(server, calls[place])


@pytest.mark.parametrize("text", [CRLF, 'a"; filename="evil', "../../evil", "ü", "\0", "a\\", "%0d%0a"])
def test_a_forms_names_and_values_stay_in_their_part(server: FaultServer, api: Client, text: str) -> None:
    request = arrived(server, lambda: api.sendFile(file=(text, b"\r\n--x\r\n"), purpose=text))

    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        b"Content-Type: " + (request.header("Content-Type") or "").encode() + b"\r\n\r\n" + request.body
    )
    parts = list(message.iter_parts())
    assert len(parts) == 2
    assert [part.get_param("name", header="Content-Disposition") for part in parts] == ["file", "purpose"]
    assert b"\r\n\r\n\r\n--x\r\n\r\n--" in request.body
    assert f"\r\n\r\n{text}\r\n--".encode() in request.body


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_arrives(server: FaultServer, api: Client, segment: str, text: str) -> None:
    if segment in (".", ".."):
        return
    assert unquote(arrived(server, lambda: api.getThing(segment)).target.removeprefix("/things/")) == segment
    assert unquote(arrived(server, lambda: api.listThings(q=text)).target.removeprefix("/things?q=")) == text
    assert json.loads(arrived(server, lambda: api.createThing(t=text)).body) == {"t": text}


@pytest.mark.parametrize("key", [f"{KEY}\r\nX-Evil: 1", "ü", "a\0"])
def test_a_hostile_key_is_refused_unseen(server: FaultServer, api: Client, key: str) -> None:
    error = refused(server, lambda: api.with_options(api_key=key).getThing("a"))

    assert KEY not in str(error)
