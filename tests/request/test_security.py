"""A credential is shown as the document says, and never where it must not be."""

from __future__ import annotations

from typing import Any

import pytest

from dynaopenai._document.openapi import SecurityScheme
from dynaopenai._request.security import (
    MissingCredentialError,
    prove,
    scheme_of,
    secret_names,
)
from dynaopenai._secrecy.names import is_secret
from dynaopenai._secrecy.redaction import redacted_headers, redacted_url
from dynaopenai._secrecy.values import secret_values

BEARER = SecurityScheme("bearer", "http", "bearer")
BASIC = SecurityScheme("basic", "http", "basic")
DIGEST = SecurityScheme("digest", "http", "digest")
HEADER = SecurityScheme("header", "apiKey", "", "X-Key", "header")
QUERY = SecurityScheme("query", "apiKey", "", "key", "query")
COOKIE = SecurityScheme("cookie", "apiKey", "", "session", "cookie")
OAUTH = SecurityScheme("oauth", "oauth2")
OPEN_ID = SecurityScheme("openid", "openIdConnect")
MUTUAL = SecurityScheme("mutual", "mutualTLS")
SCHEMES = {scheme.key: scheme for scheme in (BEARER, BASIC, DIGEST, HEADER, QUERY, COOKIE, OAUTH, OPEN_ID, MUTUAL)}


@pytest.mark.parametrize(
    ("key", "credential", "headers", "query", "cookies"),
    [
        ("bearer", "s3", {"Authorization": "Bearer s3"}, (), ()),
        ("basic", ("me", "pä:ss"), {"Authorization": "Basic bWU6cMOkOnNz"}, (), ()),
        ("basic", "me:s3", {"Authorization": "Basic bWU6czM="}, (), ()),
        ("digest", "s3", {"Authorization": "Digest s3"}, (), ()),
        ("header", "s3", {"X-Key": "s3"}, (), ()),
        ("query", "ü&=", {}, (("key", "ü&="),), ()),
        ("cookie", "a;b", {}, (), (("session", "a%3Bb"),)),
        ("oauth", "s3", {"Authorization": "Bearer s3"}, (), ()),
        ("openid", "s3", {"Authorization": "Bearer s3"}, (), ()),
        ("mutual", "s3", {}, (), ()),
    ],
)
def test_each_scheme_has_its_place(key: str, credential: Any, headers: Any, query: Any, cookies: Any) -> None:
    proof = prove([[key]], SCHEMES, credential)

    assert (proof.headers, proof.query, proof.cookies) == (headers, query, cookies)
    assert "s3" not in repr(proof)


@pytest.mark.parametrize(
    ("alternatives", "credentials", "shown"),
    [
        ([], None, []),
        ([[]], None, []),
        ([["bearer"], []], None, []),
        ([["bearer"], ["header"]], {"header": "h"}, ["X-Key"]),
        ([["bearer", "header"]], {"bearer": "b", "header": "h"}, ["Authorization", "X-Key"]),
        ([["bearer"], ["header"]], "one", ["Authorization"]),
    ],
)
def test_the_first_alternative_with_credentials_is_used(alternatives: Any, credentials: Any, shown: list[str]) -> None:
    assert sorted(prove(alternatives, SCHEMES, credentials).headers) == shown


@pytest.mark.parametrize(
    ("alternatives", "credentials", "lacking"),
    [
        ([["bearer"]], None, ["bearer"]),
        ([["bearer"]], "", ["bearer"]),
        ([["bearer", "header"]], {"bearer": "b"}, ["header"]),
        ([["nonsense"]], "s", ["nonsense"]),
    ],
)
def test_what_is_missing_is_named(alternatives: Any, credentials: Any, lacking: list[str]) -> None:
    with pytest.raises(MissingCredentialError) as caught:
        prove(alternatives, SCHEMES, credentials)

    assert [scheme.key for scheme in caught.value.schemes] == lacking


@pytest.mark.parametrize("credential", ["a\nb", "a\r\nX: y", "ü", "a\0", " a", "a "])
def test_what_no_header_can_carry_is_refused_unseen(credential: str) -> None:
    with pytest.raises(ValueError, match="the credential for bearer has characters that no header can carry") as caught:
        prove([["bearer"]], SCHEMES, credential)

    assert credential.strip() not in str(caught.value) or credential.strip() == "a"


def test_a_scheme_can_be_given_in_the_documents_words() -> None:
    given = scheme_of({"type": "apiKey", "in": "header", "name": "api-key"})

    assert given is not None
    assert prove([[given.key]], {given.key: given}, "s3").headers == {"api-key": "s3"}
    assert scheme_of(None) is None
    assert scheme_of(BEARER) is BEARER


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Authorization", True),
        ("proxy-authorization", True),
        ("Cookie", True),
        ("Set-Cookie", True),
        ("api-key", True),
        ("x-api-key", True),
        ("X-Auth-Token", True),
        ("access_token", True),
        ("apiKey", True),
        ("client_secret", True),
        ("sig", True),
        ("Ocp-Apim-Subscription-Key", True),
        ("x-goog-api-key", True),
        ("session", True),
        ("Idempotency-Key", False),
        ("Content-Type", False),
        ("max_tokens", False),
        ("monkey", False),
        ("author", False),
        ("X-Request-Id", False),
        ("design", False),
    ],
)
def test_what_is_secret_by_its_name(name: str, secret: bool) -> None:
    assert is_secret(name, secret_names([COOKIE])) is secret


def test_secrets_are_starred_out() -> None:
    secrets = secret_names(SCHEMES.values())

    assert redacted_headers({"X-Key": "s", "x-kept": "k"}, secrets) == {"X-Key": "***", "x-kept": "k"}
    url = "https://me:s@host:1/a?x=1&KEY=s&access%5Ftoken=s&y=#f"
    assert redacted_url(url, secrets) == "https://host:1/a?x=1&KEY=***&access%5Ftoken=***&y=#f"


def test_the_values_that_a_request_shows_are_known() -> None:
    headers = {"Authorization": "Bearer secret-one", "Cookie": "session=secret-two; x=short", "X-Kept": "something"}

    url = "http://me:secret-5@h/?key=secret-3&q=visible-text"
    assert secret_values(headers, url, secret_names(SCHEMES.values())) == ["secret-5", "secret-one", "secret-two", "secret-3"]
    basic = {"Authorization": "Basic bWU6cGFzc3dvcmQ="}
    assert secret_values(basic, "http://h/", frozenset()) == ["bWU6cGFzc3dvcmQ=", "password"]
