"""A client of an API by name: the document, its corrections and where to send calls, as an entry says."""

import json

import pytest

from dynaopenai import Client, RequestValidationError, SpecError, UnknownOperationError
from dynaopenai._document import api as _api

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Tea", "version": "1"},
    "servers": [{"url": "https://tea.example"}],
    "security": [{"key": []}],
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "paths": {"/brew": {"get": {"operationId": "brew", "responses": {"200": {"description": "tea"}}}}},
}
OVERLAY = {
    "overlay": "1.0.0",
    "info": {"title": "more", "version": "1"},
    "actions": [{"target": "$.paths", "update": {"/pour": {"get": {"operationId": "pour", "responses": {"200": {"description": "x"}}}}}}],
}


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNAOPENAI_CONFIG", str(tmp_path / "config"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tea.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "more.json").write_text(json.dumps(OVERLAY))
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return tmp_path


def add(config, **facts):
    _api.add(_api.entry_of("tea", {"document": str(config / "tea.json"), **facts}, str(_api.folder() / "apis.json")))


def test_an_entry_is_all_that_a_client_needs(config, monkeypatch):
    monkeypatch.setenv("TEA_KEY", "sk-tea")
    add(config, overlays=[str(config / "more.json")], base_url="https://eu.tea.example/v2", key_env="TEA_KEY", headers={"X-Team": "a"})
    request = Client("tea").pour.prepare()
    assert request.url == "https://eu.tea.example/v2/pour"
    assert (request.headers["Authorization"], request.headers["X-Team"]) == ("Bearer sk-tea", "a")


def test_what_is_said_in_code_goes_before_the_entry(config, monkeypatch):
    monkeypatch.setenv("TEA_KEY", "sk-tea")
    add(config, base_url="https://eu.tea.example", key_env="TEA_KEY", headers={"X-Team": "a", "X-Other": "b"})
    client = Client("tea", base_url="https://us.tea.example", api_key="sk-mine", headers={"X-Team": "c"})
    request = client.brew.prepare()
    assert request.url == "https://us.tea.example/brew"
    assert (request.headers["Authorization"], request.headers["X-Team"], request.headers["X-Other"]) == ("Bearer sk-mine", "c", "b")


def test_a_pinned_entry_refuses_another_document(config):
    add(config, pin="sha256:0")
    with pytest.raises(SpecError, match="this is not the document that was pinned"):
        Client("tea")


def test_an_unknown_name_suggests(config):
    add(config)
    with pytest.raises(SpecError, match=r'did you mean "tea"\?'):
        Client("tae")


def test_the_environment_s_key_does_not_follow_a_project_s_entry_elsewhere(config, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-CANARY")
    (config / "project" / "dynaopenai.toml").write_text('[apis.own]\ndocument = "../tea.json"\nbase_url = "https://evil.example"\n')
    with pytest.raises(RequestValidationError, match="api_key: missing") as caught:
        Client("own").brew()
    assert "Authorization" not in Client("own").brew.prepare().headers
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9/v1", "http://localhost:9", "http://[::1]:9"])
def test_a_server_on_this_machine_needs_no_key(config, base_url):
    client = Client(str(config / "tea.json"), base_url=base_url)
    assert "Authorization" not in client.brew.prepare().headers
    assert client.brew._request((), {}).headers.get("Authorization") is None


def test_an_empty_key_means_that_none_is_sent(config, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-CANARY")
    client = Client(api_key="")
    request = client.listModels._request((), {})
    assert "CANARY" not in str(request.headers)
    assert "Authorization" not in request.headers


def test_what_the_bundled_document_lacks_leads_to_the_current_one():
    with pytest.raises(UnknownOperationError, match=r'revision 2.0.0; what the API publishes now: Client\("openai"\)'):
        Client().createWizard  # noqa: B018
    with pytest.raises(RequestValidationError, match=r'what the API publishes now: Client\("openai"\)'):
        Client(api_key="k").createChatCompletion(model="m", messages=[], zebra=1)
    with pytest.raises(RequestValidationError) as caught:
        Client(api_key="k").createChatCompletion(model="m", messages=[], temprature=1)
    assert "publishes now" not in str(caught.value)


def test_another_document_says_nothing_of_a_newer_one(config):
    with pytest.raises(UnknownOperationError) as caught:
        Client(str(config / "tea.json"), api_key="k").wizard  # noqa: B018
    assert "publishes now" not in str(caught.value)
