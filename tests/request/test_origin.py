"""A URL has one origin or none, whoever reads it; and which origins a credential is for."""

from __future__ import annotations

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from dynaopenai._document.openapi import Server
from dynaopenai._request.origin import Origin, origin
from dynaopenai._request.settings import Environment, Settings


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "https://a.example"),
        ("HTTPS://A.Example:443/x?y@z#w", "https://a.example"),
        ("http://a.example:8080/", "http://a.example:8080"),
        ("http://me:s%40@a.example", "http://a.example"),
        ("http://me@a.example?x", "http://a.example"),
        ("http://a.example:", "http://a.example"),
        ("http://[::1]:80/", "http://[::1]"),
        ("http://bücher.example", "http://bücher.example"),
        ("http://a_b.example", "http://a_b.example"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: str) -> None:
    assert str(origin(url)) == expected


@pytest.mark.parametrize(
    "url",
    [
        *("", "a.example", "//a.example", "ftp://a.example", "file:///etc/passwd", "http://", "http:///x", "http://:80", "http://@"),
        *("http://a\\@b.example", "http://a.example:1\\@b.example", "http://a@b@c.example", "http://a/@b".replace("/@", "\t@")),
        *("http://a b.example", "http://a%2eb", "http://a.example:99999", "http://a.example:0", "http://a.example:x", "http://[a]"),
        *("http://a\u2100b.example", "http://\uff0fa.example", "http://a.example:\u0661", "http://a<b", "http://[::1]x", "http:/\\a.example"),
    ],
)
def test_what_can_be_read_in_two_ways_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match=r"no absolute|parts expected"):
        origin(url)


PIECES = st.lists(st.sampled_from(["a", ".example", "@", ":", "80", "\\", "/", "?", "#", "%40", "[", "]", "::1", " ", "\t", "http://"]), max_size=8)


@given(PIECES)
def test_where_there_is_an_origin_the_wire_leads_there(pieces: list[str]) -> None:
    url = "http://" + "".join(pieces)
    try:
        found = origin(url)
    except ValueError:
        return
    parsed = urllib3.util.parse_url(url)
    assert (parsed.scheme, (parsed.host or "").lower(), parsed.port or 80) == found


@pytest.mark.parametrize(
    ("url", "home", "loopback"),
    [
        ("https://api.openai.com/v1", True, False),
        ("https://openai.com", True, False),
        ("https://eu.api.openai.com:8443", True, False),
        ("http://api.openai.com/v1", False, False),
        ("https://notopenai.com", False, False),
        ("https://api.openai.com.evil.example", False, False),
        ("https://api.openai.com@evil.example", False, False),
        ("http://localhost:8000", False, True),
        ("http://127.0.0.1", False, True),
        ("http://127.9.9.9", False, True),
        ("http://[::1]:1", False, True),
        ("http://[::ffff:127.0.0.1]", False, True),
        ("http://127.0.0.1.evil.example", False, False),
        ("http://127.evil.example", False, False),
        ("http://127.1", False, False),
        ("http://0.0.0.0", False, False),
        ("http://[::]", False, False),
        ("http://localhost.evil.example", False, False),
        ("http://2130706433", False, False),
    ],
)
def test_home_is_https_and_loopback_an_address(url: str, home: bool, loopback: bool) -> None:
    where = origin(url)

    assert (where.is_home, where.is_loopback) == (home, loopback)


EVIL, GIVEN, DECLARED = Origin("https", "evil.example", 443), Origin("http", "given.example", 80), Origin("https", "api.example", 443)


@pytest.mark.parametrize(
    ("settings", "trusted", "lent"),
    [
        (Settings(), [], []),
        (Settings(base_url="http://given.example/v1"), [GIVEN], [GIVEN]),
        (Settings(servers=(Server("https://api.example/v1"),)), [DECLARED], []),
        (Settings(servers=(Server("/v1"),), uri="https://api.example/doc.json"), [DECLARED], []),
        (Settings(servers=(Server("https://{host}", {"host": {"default": "api.example"}}),)), [DECLARED], []),
        (Settings(servers=(Server("https://{host}", {"host": {}}),), server_variables={"host": "evil.example"}), [EVIL], []),
        (Settings(servers=(Server("/v1"), Server("https://{host}"), Server("nonsense"))), [], []),
        (Settings(trusted_origins=["https://evil.example/a"]), [EVIL], [EVIL]),
    ],
)
def test_who_may_see_what(settings: Settings, trusted: list[Origin], lent: list[Origin]) -> None:
    asked = [EVIL, GIVEN, DECLARED]

    assert [where for where in asked if settings.trusts(where)] == trusted
    assert [where for where in asked if settings.lends(where)] == lent


def test_the_environments_key_is_shown_where_it_is_lent() -> None:
    settings = Settings(base_url="http://given.example", environment=Environment("k"))

    assert settings.credentials_for(GIVEN) == "k"
    assert settings.credentials_for(EVIL) is None
    assert Settings(credentials="c", environment=Environment("k")).credentials_for(EVIL) == "c"


@pytest.mark.parametrize("origins", ["https://a.example", ["a.example"], [None], ["ftp://a.example"], 3])
def test_an_origin_that_is_none_is_refused(origins: object) -> None:
    with pytest.raises(ValueError, match=r"trusted_origins: found .*, expected origins such as"):
        Settings(trusted_origins=origins)  # type: ignore[arg-type]
