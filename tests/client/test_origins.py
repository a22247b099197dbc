"""Credentials go where they may, asked for each request by the URL that is sent; servers on loopback watch."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fault_server import FaultServer, answer
from small_api import API

from dynaopenai import Client, CredentialError, RequestValidationError
from dynaopenai._cli import cli as _cli

CANARY = "canary-27182818284590452353"
OK = answer({"id": "a"})


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)


def api(server: str | None = "https://api.openai.com/v1", operation: str | None = None, path: str | None = None) -> dict[str, Any]:
    """The small document with servers: of the document, of one operation, of its path."""
    root = copy.deepcopy(API)
    if server is not None:
        root["servers"] = [{"url": server}]
    if operation is not None:
        root["paths"]["/things/{id}"]["get"]["servers"] = [{"url": operation}]
    if path is not None:
        root["paths"]["/things/{id}"]["servers"] = [{"url": path}]
    return root


def shown(client: Client) -> list[str]:
    """The credentials in the request that would be sent."""
    headers = client.getThing.prepare("a").headers
    return [name for name, value in headers.items() if CANARY in str(value)]


HOME, EVIL = "https://api.openai.com/v1", "https://evil.example"
BOTH = ["OpenAI-Organization", "Authorization"]


@pytest.mark.parametrize(
    ("document", "options", "expected"),
    [
        (api(HOME), {}, BOTH),
        (api("http://127.0.0.1:1"), {}, BOTH),
        (api(EVIL), {}, []),
        (api(HOME, operation=EVIL), {}, []),
        (api(HOME, path=EVIL), {}, []),
        (api(HOME, operation="http://api.openai.com"), {}, []),
        (api("http://api.openai.com/v1"), {}, []),
        (api("https://127.0.0.1.evil.example"), {}, []),
        (api("http://0.0.0.0:1"), {}, []),
        (api("https://api.openai.com.evil.example"), {}, []),
        (api("https://api.openai.com@evil.example"), {}, []),
        (api(EVIL), {"base_url": "http://mine.example"}, BOTH),
        (api(HOME, operation=EVIL), {"base_url": "http://mine.example"}, BOTH),
        (api(EVIL), {"trusted_origins": [EVIL]}, BOTH),
        (api(EVIL), {"api_key": {}}, []),
    ],
)
def test_the_environments_key(document: Any, options: Any, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_ORG_ID", CANARY)

    assert shown(Client(document, **options)) == expected
    assert shown(pickle.loads(pickle.dumps(Client(document, **options)))) == (expected if options.get("api_key") != {} else [])


@pytest.mark.parametrize(
    ("document", "options", "refused"),
    [
        (api(EVIL), {}, ""),
        (api(HOME, operation=EVIL), {}, EVIL),
        (api(HOME, path="http://127.0.0.1:9"), {}, "http://127.0.0.1:9"),
        (api(HOME, operation="http://api.openai.com/v1"), {}, "http://api.openai.com"),
        (api(HOME, operation="https://api.openai.com/v2"), {}, ""),
        (api(HOME, operation=EVIL), {"trusted_origins": [EVIL]}, ""),
        (api(HOME, operation=EVIL), {"base_url": "http://mine.example"}, ""),
    ],
)
def test_a_key_given_in_code(document: Any, options: Any, refused: str) -> None:
    client = Client(document, api_key=CANARY, **options)
    for depth in (lambda: client.getThing("a"), lambda: client.getThing.prepare("a"), lambda: list(client.getThing.pages("a"))):
        if refused:
            with pytest.raises(RequestValidationError) as caught:
                depth()
            assert f"api_key: is not sent to {refused}, expected" in str(caught.value)
            assert f'Client(trusted_origins=["{refused}"]) allows it' in str(caught.value)
            assert CANARY not in str(caught.value)
    if not refused:
        assert shown(client) == ["Authorization"]


@pytest.mark.parametrize("options", [{"headers": {"X-Auth-Token": CANARY}}, {"query": {"access_token": CANARY}}])
def test_a_secret_beside_the_call_is_refused_alike(options: Any) -> None:
    document = api(HOME, operation=EVIL)
    document["security"] = []
    client = Client(document).with_options(**options)

    with pytest.raises(RequestValidationError, match=r"is not sent to https://evil.example"):
        client.getThing("a")
    assert CANARY in str(vars(client.listThings.prepare()))


@pytest.mark.parametrize("policy", ["strict", "warn", "off"])
def test_no_policy_sends_it_astray(policy: Any) -> None:
    with pytest.raises(RequestValidationError, match="api_key: is not sent to"):
        Client(api(HOME, operation=EVIL), api_key=CANARY, validate_requests=policy).getThing("a")


@pytest.fixture
def moving() -> Iterator[tuple[str, list[Any]]]:
    """A URL with a document that moves."""
    documents = [api(HOME)]
    with FaultServer(lambda _: answer(documents[-1])) as server:
        yield f"{server.url}/doc.json", documents


def test_a_document_that_moves_does_not_take_the_key_along(moving: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    url, documents = moving
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    lent, given = Client(url), Client(url, api_key=CANARY)
    documents.append(api("http://evil.example"))
    lent.reload(), given.reload()

    assert shown(lent) == []
    with pytest.raises(RequestValidationError, match=r"OPENAI_API_KEY is not sent to http://evil.example: give Client"):
        lent.getThing("a")
    with pytest.raises(RequestValidationError, match=r"api_key: is not sent to http://evil.example"):
        given.getThing("a")


def test_a_settings_file_that_names_a_document_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_ORG_ID", CANARY)
    monkeypatch.chdir(tmp_path)
    with FaultServer(OK) as server:
        far = server.url.replace("127.0.0.1", "0.0.0.0")  # reaches the server, and is no loopback address
        (tmp_path / "doc.json").write_text(json.dumps(api(far)))
        (tmp_path / "dynaopenai.toml").write_text('spec = "doc.json"\n')
        assert _cli.run(["call", "getThing", "a"]) == 1
        (tmp_path / "dynaopenai.toml").write_text(f'spec = "doc.json"\nbase_url = "{far}"\n')
        assert _cli.run(["call", "getThing", "a"]) == 1
    assert CANARY not in str(server.received) + "".join(capsys.readouterr())


def test_a_path_cannot_lengthen_the_hosts_name() -> None:
    document = api(HOME)
    document["servers"] = [{"url": "https://api.openai.com"}]
    document["paths"] = {path: {"get": {"operationId": f"op{index}", "responses": {}}} for index, path in enumerate([".evil.example/x", "@evil.example/x"])}

    for operation in Client(document, api_key=CANARY).operations.values():
        assert str(operation.prepare().url).startswith("https://api.openai.com/")


@pytest.mark.parametrize("url", ["http://0.0.0.0:1\\@api.openai.com", "https://api.openai.com\\.evil.example", "http://a@b@api.openai.com"])
def test_a_url_that_is_read_in_two_ways_is_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"base_url: found .*, expected an absolute URL"):
        Client(api(), base_url=url)
    with pytest.raises(ValueError, match=r"server: found .*, expected an absolute URL"):
        Client(api(url), api_key=CANARY, session=requests.Session()).getThing("a")


# --- redirects -----------------------------------------------------------------------------------


def laden(url: str) -> Client:
    """A client whose session and hook add a credential in every way there is."""
    session = requests.Session()
    session.params = {"plain": CANARY}
    session.headers["X-Plain"] = CANARY
    session.cookies.set("plain", CANARY)
    session.auth = ("me", CANARY)
    return Client(API, base_url=url, session=session, api_key=CANARY, on_request=lambda request: request.headers.update({"X-Hook": CANARY}))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["another port", "another host", "back again"])
def test_nothing_follows_a_redirect_to_another_origin(status: int, where: str) -> None:
    with FaultServer(OK) as far, FaultServer(lambda _: answer(b"", status, f"Location: {target}")) as near:
        target = far.url.replace("127.0.0.1", "localhost") if where == "another host" else far.url
        far.script = [answer(b"", status, f"Location: {near.url}/end"), OK] if where == "back again" else [OK]
        client = laden(near.url)
        client.getThing("a")

    assert CANARY in str(near.received[0])
    assert far.received
    assert CANARY not in str(far.received) + str(near.received[1:])


def test_a_redirect_at_its_own_origin_keeps_everything() -> None:
    with FaultServer(answer(b"", 307, "Location: /elsewhere"), OK) as server:
        laden(server.url).getThing("a")

    last = server.received[-1]
    assert "plain=canary" in last.target
    assert all(last.header(name) for name in ("X-Hook", "X-Plain", "Cookie", "Authorization"))


def test_every_page_shows_who_asks_where_the_key_is_in_the_query() -> None:
    document = copy.deepcopy(API)
    document["components"] = {"securitySchemes": {"bearer": {"type": "apiKey", "in": "query", "name": "strange"}}}
    pages = [answer([{"id": "a"}], 200, 'Link: </things?page=2>; rel="next"'), answer([{"id": "b"}], 200)]
    with FaultServer(*pages) as server:
        items = list(Client(document, base_url=server.url, api_key=CANARY).listThings.items())

    assert [item.id for item in items] == ["a", "b"]
    assert [request.target for request in server.received] == [f"/things?strange={CANARY}", f"/things?page=2&strange={CANARY}"]


def test_a_next_page_elsewhere_goes_without() -> None:
    document = copy.deepcopy(API)
    document["components"] = {"securitySchemes": {"bearer": {"type": "apiKey", "in": "query", "name": "strange"}}}
    with FaultServer(answer([{"id": "b"}])) as far, FaultServer(answer([{"id": "a"}], 200, f'Link: <{far.url}/x>; rel="next"')) as near:
        list(Client(document, base_url=near.url, api_key=CANARY).listThings.items())

    assert far.received[0].target == "/x"


# --- what a credential is ------------------------------------------------------------------------


@pytest.mark.parametrize("key", [b"sk-canary", ["sk-canary"], 7, {"bearer": b"sk-canary"}, ("a", "b", "c"), ("a", b"sk-canary"), object()])
def test_a_credential_that_is_none_is_refused_unseen(key: Any) -> None:
    for use in (lambda: Client(API, api_key=key), lambda: Client(API).with_options(api_key=key)):
        with pytest.raises(ValueError, match=r"api_key: found a value of type .*, expected a string, a pair") as caught:
            use()
        assert "canary" not in str(caught.value)


@pytest.mark.parametrize("key", [CANARY, lambda: CANARY, {"bearer": lambda: CANARY}])
def test_a_credential_is_a_text_or_what_a_callable_returns(key: Any) -> None:
    client = Client(API, base_url="http://127.0.0.1:1", api_key=key)

    assert client.getThing.prepare("a").headers["Authorization"] == f"Bearer {CANARY}"


def test_a_callable_that_returns_no_credential_is_refused() -> None:
    with pytest.raises(CredentialError, match="returned a value of type bytes, expected a string or a pair"):
        Client(API, base_url="http://127.0.0.1:1", api_key=lambda: b"sk-canary").getThing("a")
