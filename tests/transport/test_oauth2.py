"""OAuth 2.0 over real HTTP: a token is fetched on first use, kept, renewed before it ends and once after a 401."""

import asyncio
import json
import pickle
import threading
from urllib.parse import parse_qs

import pytest
from served_site import Page, Site

from dynaopenai import AsyncClient, AuthenticationError, Client, OAuth2
from dynaopenai._request import oauth2 as _oauth2
from dynaopenai.errors import CredentialError

SECRET = "CANARY-secret"


class Server(Site):
    """A token server and an API in one: tokens ``t1``, ``t2``, ...; the API takes ``valid`` alone."""

    def __init__(self):
        super().__init__(Handler)
        self.issued, self.forms, self.calls, self.valid = 0, [], [], None
        self.life, self.refresh, self.status, self.error = 3600, "", 200, None


class Handler(Page):
    def reply(self, status, value, **headers):
        self.answer(status, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def do_POST(self):
        server = self.server
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        server.forms.append((self.headers["Authorization"], {name: values[0] for name, values in parse_qs(text).items()}))
        if server.status == 302:
            self.reply(302, {}, Location="http://127.0.0.1:9/elsewhere")
            return
        if server.error:
            self.reply(400, server.error)
            return
        server.issued += 1
        server.valid = f"t{server.issued}"
        token = {"access_token": server.valid, "token_type": "Bearer", "expires_in": server.life}
        self.reply(200, token | ({"refresh_token": server.refresh} if server.refresh else {}))

    def do_GET(self):
        self.server.calls.append(self.headers["Authorization"])
        good = self.headers["Authorization"] == f"Bearer {self.server.valid}"
        self.reply(200 if good else 401, {} if good else {"error": {"message": "no"}})


@pytest.fixture
def server():
    with Server() as server:
        yield server


def document(server, token_url="/token", **flow):
    flows = {"clientCredentials": {"tokenUrl": token_url, "scopes": {}, **flow}} if token_url is not None else {}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tea", "version": "1"},
        "servers": [{"url": server.url}],
        "security": [{"login": []}],
        "components": {"securitySchemes": {"login": {"type": "oauth2", "flows": flows}}},
        "paths": {"/brew": {"get": {"operationId": "brew", "responses": {"200": {"description": "tea", "content": {"application/json": {}}}}}}},
    }


def client(server, oauth2=None, kind=Client, **flow):
    declared = document(server, flow.pop("token_url", f"{server.url}/token"), **flow)
    return kind(declared, api_key=oauth2 or OAuth2("me", SECRET, scopes=("read",)), max_retries=0)


def test_a_token_is_fetched_on_first_use_and_kept(server):
    with client(server) as api:
        assert server.forms == []
        for _ in range(3):
            api.brew()
    [(authorization, form)] = server.forms
    assert form == {"grant_type": "client_credentials", "scope": "read"}
    assert authorization == "Basic bWU6Q0FOQVJZLXNlY3JldA=="
    assert server.calls == ["Bearer t1"] * 3


def test_it_is_renewed_before_it_ends(server, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(_oauth2.time, "monotonic", lambda: now)
    server.life = 100
    with client(server) as api:
        api.brew()
        now += 89
        api.brew()
        now += 2
        api.brew()
    assert server.calls == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_it_is_renewed_once_after_a_401(server):
    with client(server) as api:
        api.brew()
        server.valid = "another"
        api.brew()
        assert server.calls == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_server_that_takes_no_token_is_not_asked_for_ever(server, monkeypatch):
    monkeypatch.setattr(Handler, "do_GET", lambda self: self.reply(401, {"error": {"message": "never"}}))
    with client(server) as api, pytest.raises(AuthenticationError):
        api.brew()
    assert server.issued == 2


def test_a_refresh_token_is_used_and_replaced(server):
    server.refresh = "r2"
    with client(server, OAuth2("me", SECRET, refresh_token="r1"), refreshUrl=f"{server.url}/refresh") as api:
        api.brew()
        server.valid = "another"
        api.brew()
    assert [form for _, form in server.forms] == [
        {"grant_type": "refresh_token", "refresh_token": "r1"},
        {"grant_type": "refresh_token", "refresh_token": "r2"},
    ]


def test_threads_share_one_token(server):
    with client(server) as api:
        threads = [threading.Thread(target=api.brew) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.issued == 1
    assert len(server.calls) == 8


def test_tasks_share_one_token(server):
    async def main():
        async with client(server, kind=AsyncClient) as api:
            await asyncio.gather(*(api.brew() for _ in range(8)))

    asyncio.run(main())
    assert (server.issued, len(server.calls)) == (1, 8)


def test_a_refusal_is_told_with_the_server_s_word_and_without_the_secret(server):
    server.error = {"error": "invalid_client", "error_description": f"no such client, {SECRET}"}
    with client(server) as api, pytest.raises(CredentialError) as caught:
        api.brew()
    assert "OAuth2('me'): http://127.0.0.1" in str(caught.value)
    assert "answered 400: invalid_client (no such client, " in str(caught.value)
    assert SECRET not in str(caught.value)
    assert server.calls == []


def test_a_redirect_of_the_token_server_is_not_followed(server):
    server.status = 302
    with client(server) as api, pytest.raises(CredentialError, match="answered 302"):
        api.brew()


@pytest.mark.parametrize(
    ("token_url", "message"),
    [(None, r"declares no token URL; give OAuth2\(token_url=...\)"), ("http://token.example/t", "the token URL at http://token.example is not https")],
)
def test_where_not_to_ask_is_told(server, token_url, message):
    with client(server, token_url=token_url) as api, pytest.raises(CredentialError, match=message):
        api.brew()


def test_the_secret_is_shown_nowhere_and_does_not_travel(server):
    oauth2 = OAuth2("me", SECRET, refresh_token=SECRET + "r")
    with client(server, oauth2) as api:
        api.brew()
        shown = [repr(oauth2), str(oauth2), repr(api), repr(api.brew), api.brew.curl(), repr(api._settings), repr(api._settings.credentials)]
        kept = pickle.dumps([oauth2, api, api.brew])
    assert not [text for text in shown if SECRET in text or "t1" in text]
    assert SECRET.encode() not in kept
