"""`dynaopenai api`: entries added, shown, asked for again and removed, over a publisher on loopback."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fault_server import FaultServer, Received, answer

from dynaopenai._cli.verbs.api import command
from dynaopenai._cli.verbs.show import command as show_spec

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Tea", "version": "1"},
    "servers": [{"url": "https://tea.example"}],
    "paths": {"/brew": {"get": {"operationId": "brew", "responses": {"200": {"description": "tea"}}}}},
}
ETAG = 'ETag: "one"'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DYNAOPENAI_CONFIG", str(tmp_path / "config"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(command, list(words), standalone_mode=False)


def publisher(request: Received) -> bytes:
    return answer(b"", 304, ETAG) if request.header("If-None-Match") == '"one"' else answer(DOCUMENT, 200, ETAG)


def test_from_add_to_rm() -> None:
    with FaultServer(publisher) as server:
        added = run("add", "tea", f"{server.url}/tea.json", "--key-env", "TEA_KEY", "--base-url", "https://eu.tea.example", "-H", "X-Team: a")
        assert (added.return_value, 'Client("tea"), --spec tea' in added.output) == (0, True)
        assert f"  tea     {server.url}/tea.json" in run("ls").output
        facts = json.loads(run("show", "tea", "--json").output)
        assert (facts["key_env"], facts["headers"], facts["base_url"]) == ("TEA_KEY", {"X-Team": "a"}, "https://eu.tea.example")
        assert "kept" in facts
        assert "tea: nothing newer" in run("update", "tea").output
        assert [received.header("Authorization") for received in server.received] == [None, None]
        assert run("rm", "tea").output == "tea is forgotten\n"
    assert "tea" not in json.loads(run("ls", "--json").output)
    assert not list(Path("../config/documents").iterdir())


def test_what_the_publisher_gives_anew_takes_its_place() -> None:
    documents = [answer(DOCUMENT), answer({**DOCUMENT, "info": {"title": "Tea", "version": "2"}})]
    with FaultServer(*documents) as server:
        run("add", "tea", server.url)
        assert "tea: fetched" in run("update").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "tae"], "there is no file and no API named"),
        (["rm", "tae"], "there is no file and no API named"),
        (["add", "1tea", "x.json"], "cannot be a name"),
        (["add", "tea", "nowhere.json"], "nowhere.json"),
        (["add", "tea", "x.json", "-H", "X-Api-Key: sk-canary"], "X-Api-Key holds a secret, which an entry never does"),
        (["add", "tea", "x.json", "-H", "nothing"], "expected NAME:VALUE"),
        (["trust", "openai"], "needs no word from you"),
    ],
)
def test_wrong_usage_says_so(words: list[str], message: str) -> None:
    done = run(*words)
    assert message in f"{done.output}{done.exception}"
    assert "canary" not in f"{done.output}{done.exception}"
    assert not Path("../config/apis.json").exists()


def test_what_is_no_document_is_not_added() -> None:
    with FaultServer(answer(b"<html>sorry</html>", content_type="text/html")) as server:
        assert "no OpenAPI document" in str(run("add", "tea", server.url).exception)
    assert "tea" not in json.loads(run("ls", "--json").output)


def test_what_is_shipped_is_not_removed() -> None:
    done = run("rm", "openai")
    assert (done.return_value, "is not yours alone" in done.output) == (1, True)


@pytest.mark.parametrize(("begun", "proposed"), [("", ["openai", "tea"]), ("op", ["openai"]), ("./do", ["./do"])])
def test_names_are_proposed_for_spec_and_files_where_none_begins_so(home: Path, begun: str, proposed: list[str]) -> None:
    (home / "tea.json").write_text(json.dumps(DOCUMENT))
    run("add", "tea", "../tea.json")
    items = next(parameter for parameter in show_spec.params if parameter.name == "spec").shell_complete(None, begun)
    assert [item.value for item in items] == proposed
    assert [item.type for item in items] == (["file"] if begun == "./do" else ["plain"] * len(proposed))


def test_the_page_s_entry_is_one(home: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "apis.md").read_text("utf-8")
    (home / "project" / "pyproject.toml").write_text(re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[0])
    assert json.loads(run("show", "shop", "--json").output)["key_env"] == "SHOP_KEY"


# --- whom it is not believed ---------------------------------------------------------------------


def client_of(name: str, **options: Any) -> Any:
    from dynaopenai import Client

    return Client(name, **options)


def project(home: Path, text: str) -> None:
    (home / "tea.json").write_text(json.dumps({**DOCUMENT, "security": [{"key": []}], "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}}))
    (home / "project" / "dynaopenai.toml").write_text(f'[apis.tea]\ndocument = "../tea.json"\n{text}')


def test_a_project_reads_a_variable_only_where_its_user_said_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    project(home, 'key_env = "OPENAI_API_KEY"\nbase_url = "https://evil.example"\n')
    with pytest.raises(Exception, match=r"would have \$OPENAI_API_KEY sent to https://evil\.example") as caught:
        client_of("tea")
    assert "canary" not in str(caught.value)
    assert "may have $OPENAI_API_KEY sent to https://evil.example" in run("trust", "tea").output
    assert client_of("tea").brew.prepare().headers["Authorization"] == "Bearer sk-canary"
    project(home, 'key_env = "OPENAI_API_KEY"\nbase_url = "https://worse.example"\n')
    with pytest.raises(Exception, match=r"sent to https://worse\.example"):
        client_of("tea")


def test_a_publisher_that_redirects_is_asked_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    with FaultServer(answer(DOCUMENT)) as far, FaultServer(answer(b"", 302, f"Location: {far.url}/tea.json")) as near:
        run("add", "tea", near.url)
        assert b"canary" not in far.received[0].head + near.received[0].head


@pytest.mark.parametrize("change", ["text", "mode"])
def test_a_kept_document_that_another_could_write_is_fetched_again(change: str) -> None:
    with FaultServer(lambda _: answer(DOCUMENT)) as server:
        run("add", "tea", server.url)
        kept = next(Path("../config/documents").glob("tea.document"))
        if change == "text":
            kept.write_bytes(kept.read_bytes().replace(b"https://tea.example", b"https://bad.example"))
        else:
            kept.chmod(0o666)
        assert client_of("tea").base_url == "https://tea.example"
        assert len(server.received) == 2
