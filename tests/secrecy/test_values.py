"""A credential is found wherever it stands, however it is spelled, and nothing else is touched."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._secrecy.values import Scrubber, secret_members, secret_values, without_members

KEY = "sk-CANARY/012+34é&56<789"
SPELLED = {
    "as it is": KEY,
    "in a URL": quote(KEY, safe=""),
    "in a URL, in small letters": quote(KEY, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "in a URL in a URL": quote(quote(KEY, safe=""), safe=""),
    "every octet in a URL": "".join(f"%{octet:02X}" for octet in KEY.encode()),
    "in JSON": json.dumps(KEY),
    "in JSON in JSON": json.dumps(json.dumps(KEY)),
    "in JSON as PHP writes it": json.dumps(KEY).replace("/", "\\/"),
    "every character in JSON": "".join(f"\\u{ord(char):04x}" for char in KEY),
    "in Python's repr": "".join(f"\\x{ord(char):02x}" for char in KEY),
    "in HTML": html.escape(KEY),
    "every character in HTML": "".join(f"&#{ord(char)};" for char in KEY),
    "every character in HTML, hexadecimal": "".join(f"&#x{ord(char):X};" for char in KEY),
    "in hexadecimal": KEY.encode().hex(),
    **{f"in base64 after {before!r}": base64.b64encode((before + KEY + "zz").encode()).decode() for before in ("", "a", "me", "user:")},
    **{f"in a URL's base64 after {before!r}": base64.urlsafe_b64encode((before + KEY).encode()).decode() for before in ("", "a", "me")},
    "in base64 in a URL": quote(base64.b64encode(f"me:{KEY}".encode()).decode(), safe=""),
}


@pytest.mark.parametrize("how", SPELLED)
def test_it_is_found_however_it_is_spelled(how: str) -> None:
    clean = Scrubber([KEY]).text(f"<p>{SPELLED[how]}</p>")

    assert "***" in clean
    assert "CANARY" not in clean
    assert len(clean) < 25
    assert (clean[:3], clean[-4:]) == ("<p>", "</p>")


@given(st.lists(st.integers(0, 5), min_size=len(KEY), max_size=len(KEY)))
def test_it_is_found_however_each_character_is_spelled(choices: list[int]) -> None:
    ways = [str, lambda c: quote(c, safe=""), lambda c: f"\\u{ord(c):04X}", lambda c: f"&#{ord(c)};", lambda c: quote(quote(c, safe="")), html.escape]
    text = "".join(ways[choice](char) for choice, char in zip(choices, KEY, strict=True))

    assert Scrubber([KEY]).text(f"a {text} b") == "a *** b"


@given(st.text(max_size=200))
def test_what_holds_none_is_untouched(text: str) -> None:
    known = Scrubber([KEY, "another-one-of-them"])

    assert known.text(text) == text
    assert known.octets(text.encode("utf-8", "surrogatepass") + b"\xff\x00") == text.encode("utf-8", "surrogatepass") + b"\xff\x00"


def test_a_value_keeps_its_shape() -> None:
    value = {"a": [1, KEY, {KEY: None}], "b": "plain"}
    known = Scrubber([KEY])

    assert known.value(value) == {"a": [1, "***", {"***": None}], "b": "plain"}
    assert known.value(value["b"]) is value["b"]
    assert known.value(plain := {"a": [1, "x"]}) is plain


def test_what_was_cut_off_is_found_too() -> None:
    assert Scrubber([KEY]).text(f'found "{KEY[:9]}…, expected') == 'found "***…, expected'
    assert Scrubber([KEY]).text("found s…") == "found s…"


def test_what_is_short_is_looked_for_nowhere() -> None:
    assert Scrubber(["", "short"]).text("short") == "short"
    assert not Scrubber(["short"])


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"Authorization": "Bearer secret-one"}, ["secret-one"]),
        ({"Authorization": "Basic " + base64.b64encode(b"me:secret-one").decode()}, ["bWU6c2VjcmV0LW9uZQ==", "secret-one"]),
        ({"Authorization": "secret-one"}, ["secret-one"]),
        ({"Authorization": 'Digest username="somebody", realm="everywhere", response="0123456789"'}, ["0123456789"]),
        ({"Set-Cookie": "session=secret-one; HttpOnly; Domain=.example.com; SameSite=Strict"}, ["secret-one"]),
        ({"Cookie": "a=secret-one; b=secret%2Dtwo"}, ["secret-one", "secret-two"]),
        ({"X-Vault-Token": "secret-one"}, ["secret-one"]),
        ({"X-Kept": "something-else"}, []),
    ],
)
def test_what_headers_show(headers: Any, found: list[str]) -> None:
    assert secret_values(headers, "", frozenset()) == found


def test_what_a_url_shows() -> None:
    assert secret_values({}, "http://me:secret%2Done@h/?sig=secret-two&q=something", frozenset()) == ["secret-one", "secret-two"]


BODY = {"password": "secret-one", "deep": [{"api_key": "secret-two", "key": "something"}], "client_secret": {"value": "secret-three"}, "n": 1}


def test_what_members_hold() -> None:
    assert sorted(secret_members(BODY, frozenset())) == ["secret-one", "secret-three", "secret-two"]
    assert without_members(BODY, frozenset()) == {
        "password": "***",
        "deep": [{"api_key": "***", "key": "something"}],
        "client_secret": {"value": "***"},
        "n": 1,
    }
