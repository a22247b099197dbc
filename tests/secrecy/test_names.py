"""A name is secret by its words, however they are joined."""

from __future__ import annotations

import pytest

from dynaopenai._secrecy.names import is_secret, is_secret_member

SECRET = ["Authorization", "proxy-authorization", "X-Forwarded-Authorization", "X-Authentication", "Cookie", "Set-Cookie", "Set-Cookie2", "api-key", "x-api-key", "X-Auth", "X-Auth-Token", "access_token", "accesstoken", "id_token", "refresh_token", "apiKey", "client_secret", "sig", "Ocp-Apim-Subscription-Key", "x-goog-api-key", "X-JWT", "X-Session", "X-Session-Id", "session_id", "sessionid", "X-Passwd", "X-Bearer", "Private-Token", "X-Vault-Token", "X-Amz-Security-Token", "X-Signature", "X-Amz-Credential", "X-Amz-Signature", "X-Goog-Signature", "X-Hub-Signature-256", "X-CSRF-Token", "X-XSRF-TOKEN", "PHPSESSID", "JSESSIONID", "connect.sid", "sid", "password", "passwd", "pwd", "passphrase", "X-Password", "userPassword", "api_secret", "auth", "X-Access-Key", "x-functions-key", "key", "X-Secret", "token", "X-OTP", "x-amz-access-key-id", "signing_key", "X-Client-Secret", "AccountKey", "X-Shopify-Access-Token", "DD-API-KEY", "DD-APPLICATION-KEY"]
PUBLIC = ["Idempotency-Key", "Sec-WebSocket-Key", "Content-Type", "max_tokens", "tokens", "total_tokens", "monkey", "keyboard", "keep-alive", "author", "authority", "X-Request-Id", "design", "assignment", "significance", "signal", "broken", "token_type", "page_token", "nextPageToken", "next_token", "x-ms-continuation-token", "stop_token", "WWW-Authenticate", "password_policy", "secret_name", "Access-Control-Allow-Credentials", "sort_key", "partition-key", "Cache-Key", "public_key", "key_id", "expires_in", "x-ratelimit-remaining-tokens", "openai-processing-ms", "tokenizer", "User-Agent", "Session-Type", "X-Amz-SignedHeaders"]


@pytest.mark.parametrize("name", SECRET)
def test_a_name_that_tells_of_a_credential(name: str) -> None:
    for spelled in (name, name.lower()):
        assert is_secret(spelled)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_name_that_tells_of_none(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        *((name, "a1b2c3d4", True) for name in ("private_key", "api_key", "apiKey", "access_token", "password", "client_secret", "cookie")),
        *((name, "a1b2c3d4", False) for name in ("key", "sort_key", "object_key", "page_token", "user", "name")),
        ("token", "tok-12345678", True),
        ("token", " Hello", False),
        ("token", "responsibilities", False),
        ("token", "abcdefghijklmnopqrstuvwxyz", True),
        ("client_secret", {"value": "ek_1"}, True),
        ("session", {"id": "s"}, False),
        ("session", "s-12345678", True),
    ],
)
def test_a_member_is_secret_by_its_name_and_what_it_holds(name: str, value: object, secret: bool) -> None:
    assert is_secret_member(name, value) is secret


def test_what_is_declared_is_secret() -> None:
    assert is_secret("Strange", frozenset({"strange"}))
    assert is_secret_member("key", "x", frozenset({"key"}))
