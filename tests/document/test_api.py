"""APIs by name: where entries stand, which goes before which, and what is kept of their documents."""

import contextlib
import json
import os
import time

import pytest
from served_site import Page, Site

from dynaopenai import SpecError
from dynaopenai._document import api as _api
from dynaopenai._document import kept as _kept
from dynaopenai._document.kept import recall, text_of

DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Tea", "version": "1"}, "paths": {}}


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("DYNAOPENAI_CONFIG", str(tmp_path / "config"))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "config"


@contextlib.contextmanager
def publisher(document=DOCUMENT):
    """A server of one document with an ETag; ``.asked`` tells how it was asked."""

    class Root(Page):
        def do_GET(self):
            body = json.dumps(site.document).encode() if isinstance(site.document, dict) else site.document
            tag = f'"{hash(body)}"'
            site.asked.append(self.headers.get("If-None-Match"))
            unchanged = self.headers.get("If-None-Match") == tag
            self.answer(304 if unchanged else site.status, b"" if unchanged else body, ETag=tag)

    with Site(Root) as site:
        site.document, site.status, site.asked = document, 200, []
        site.url += "/openapi.json"
        yield site


def entry(name="tea", document="http://127.0.0.1:9/openapi.json", **facts):
    return _api.entry_of(name, {"document": document, **facts}, str(_api.folder() / "apis.json"))


# --- entries -------------------------------------------------------------------------------------


def test_the_project_goes_before_the_user_and_the_user_before_the_package(tmp_path):
    shipped = _api.find("openai")
    assert shipped.document.startswith("https://")
    _api.add(entry("openai", "https://user.example/a.yaml"))
    assert _api.find("openai").document == "https://user.example/a.yaml"
    (tmp_path / "project" / "pyproject.toml").write_text('[tool.dynaopenai.apis.openai]\ndocument = "own.yaml"\n')
    found = _api.find("openai")
    assert found.place(found.document) == str(tmp_path / "project" / "own.yaml")


@pytest.mark.parametrize(
    ("source", "is_name"),
    [("openai", True), ("my-api", True), ("openapi.yaml", False), ("./openai", False), ("https://a.example", False), (7, False), ("", False)],
)
def test_what_could_be_a_path_or_a_url_is_no_name(source, is_name):
    assert _api.is_name(source) is is_name


def test_a_file_goes_before_a_name(tmp_path):
    (tmp_path / "project" / "openai").write_text("{}")
    assert not _api.is_name("openai")


def test_a_wrong_name_leads_to_the_right_one():
    with pytest.raises(SpecError, match=r'no file and no API named "opanai"(?s:.*)did you mean "openai"\?'):
        _api.find("opanai")
    with pytest.raises(SpecError, match="dynaopenai api add zebra URL"):
        _api.find("zebra")


@pytest.mark.parametrize(
    ("name", "facts", "message"),
    [
        ("a", {}, "names no document"),
        ("a", {"document": "x", "api_key": "sk-1"}, r'no setting "api_key"(?s:.*)a key stands in the environment: key_env'),
        ("a", {"document": "x", "overlay": []}, r'did you mean "overlays"\?'),
        ("a", {"document": 7}, "apis.a.document cannot be used"),
        ("a/b", {"document": "x"}, '"a/b" cannot be a name'),
        ("a", [], "names no document"),
    ],
)
def test_an_entry_that_makes_no_sense_is_told_with_its_file(name, facts, message):
    with pytest.raises(SpecError, match=message) as caught:
        _api.entry_of(name, facts, "apis.json")
    assert "apis.json" in str(caught.value)


def test_entries_come_and_go(config):
    added = entry(base_url="http://127.0.0.1:1/v1", headers={"X-Team": "a"}, overlays=["a.yaml"], remote_refs=["b.example"])
    assert _api.add(added) == config / "apis.json"
    assert _api.find("tea") == added
    assert _api.remove("tea")
    assert not _api.remove("tea")


def test_a_key_is_read_from_the_variable_that_is_named(monkeypatch):
    monkeypatch.setenv("TEA_KEY", "sk-tea")
    assert entry(key_env="TEA_KEY").key() == "sk-tea"
    assert entry(key_env="OTHER_KEY").key() is None
    assert entry().key() is None


def test_a_project_s_entry_reads_no_variable_before_the_user_said_so(tmp_path, monkeypatch):
    monkeypatch.setenv("TEA_KEY", "sk-tea")
    file = tmp_path / "project" / "dynaopenai.toml"
    text = '[apis.tea]\ndocument = "tea.yaml"\nbase_url = "https://{}.example"\nkey_env = "TEA_KEY"\n'
    file.write_text(text.format("good"))
    with pytest.raises(SpecError, match=r"would have \$TEA_KEY sent to https://good.example(?s:.*)dynaopenai api trust tea"):
        _api.find("tea").key()
    _api.trust(_api.find("tea"))
    assert _api.find("tea").key() == "sk-tea"
    file.write_text(text.format("evil"))
    with pytest.raises(SpecError, match=r"\$TEA_KEY sent to https://evil.example"):
        _api.find("tea").key()


@pytest.mark.parametrize("changed", ["tea.yaml", "more.yaml"])
def test_what_the_user_said_does_not_hold_for_another_content_of_the_files_beside_it(tmp_path, monkeypatch, changed):
    monkeypatch.setenv("TEA_KEY", "sk-tea")
    project = tmp_path / "project"
    (project / "dynaopenai.toml").write_text('[apis.tea]\ndocument = "tea.yaml"\noverlays = ["more.yaml"]\nkey_env = "TEA_KEY"\n')
    for name in ("tea.yaml", "more.yaml"):
        (project / name).write_text("servers: [{url: https://good.example}]")
    _api.trust(_api.find("tea"))
    assert _api.find("tea").key() == "sk-tea"
    (project / changed).write_text("servers: [{url: https://evil.example}]")
    with pytest.raises(SpecError, match=r"your word that it may"):
        _api.find("tea").key()


# --- documents -----------------------------------------------------------------------------------


def test_a_document_is_fetched_once_and_kept():
    lines = []
    with publisher() as server:
        tea = entry(document=server.url)
        texts = [text_of(tea, lines.append).text for _ in range(3)]
    assert [json.loads(text) for text in texts] == [DOCUMENT] * 3
    assert len(server.asked) == 1
    assert len(lines) == 1
    assert lines[0].startswith(f"tea: fetched {server.url} (0.0 MB), kept in ")


def test_it_is_asked_for_again_by_its_mark_a_day_later(monkeypatch):
    with publisher() as server:
        tea = entry(document=server.url)
        text_of(tea, print)
        later = time.time() + _kept.DAY + 1
        monkeypatch.setattr(time, "time", lambda: later)
        for _ in range(3):
            assert json.loads(text_of(tea, print).text) == DOCUMENT
        assert len(server.asked) == 2
        assert server.asked[1]
        server.document = {**DOCUMENT, "paths": {"/new": {}}}
        assert json.loads(text_of(tea, print, now=True).text) == server.document


@pytest.mark.parametrize("trouble", ["offline", "status", "no document"])
def test_what_is_kept_serves_where_nothing_newer_can_be_had(monkeypatch, trouble):
    lines = []
    with publisher() as server:
        tea = entry(document=server.url)
        text_of(tea, lines.append)
        later = time.time() + _kept.DAY + 1
        monkeypatch.setattr(time, "time", lambda: later)
        server.status = 500 if trouble == "status" else 200
        server.document = b"<html>maintenance</html>" if trouble == "no document" else {**DOCUMENT, "x": 1}
        if trouble == "offline":
            server.shutdown()
            server.server_close()
        assert json.loads(text_of(tea, lines.append).text) == DOCUMENT
        assert "serves, since no newer one can be had" in lines[-1]
        if trouble == "offline":
            return
        with pytest.raises(SpecError):
            text_of(tea, lines.append, now=True)


def test_a_pinned_document_is_not_asked_for_again(monkeypatch):
    with publisher() as server:
        tea = entry(document=server.url, pin="sha256:0")
        text_of(tea, print)
        later = time.time() + 100 * _kept.DAY
        monkeypatch.setattr(time, "time", lambda: later)
        text_of(tea, print)
    assert len(server.asked) == 1


def test_a_kept_document_that_was_changed_is_not_believed(config):
    with publisher() as server:
        tea = entry(document=server.url)
        text_of(tea, print)
        [path] = (config / "documents").iterdir()
        path.write_bytes(path.read_bytes().replace(b"Tea", b"Tar"))
        assert recall(tea) is None
        assert json.loads(text_of(tea, print).text) == DOCUMENT


def test_what_was_never_fetched_and_cannot_be_is_told():
    with pytest.raises(SpecError, match="cannot fetch"):
        text_of(entry(), print)


def test_a_path_is_read_where_it_stands(tmp_path):
    (tmp_path / "tea.json").write_text(json.dumps(DOCUMENT))
    assert text_of(entry(document=str(tmp_path / "tea.json")), print).name == "tea.json"


def test_a_file_goes_before_a_name_and_a_folder_does_not(tmp_path):
    (tmp_path / "project" / "tea").mkdir()
    (tmp_path / "project" / "coffee").write_text("{}")
    assert (_api.is_name("tea"), _api.is_name("coffee"), _api.is_name("milk")) == (True, False, True)


ONLY_POSIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes of POSIX")


@ONLY_POSIX
@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_list_that_anybody_may_write_is_not_believed(config, where):
    _api.add(_api.entry_of("tea", {"document": "https://tea.test/openapi.json", "key_env": "TEA_KEY"}, "here"))
    (config if where == "folder" else config / _api.FILE).chmod(0o777)

    with pytest.raises(SpecError, match="not believed"):
        _api.find("tea")


@ONLY_POSIX
def test_a_list_of_another_user_is_not_believed(config, monkeypatch):
    _api.add(_api.entry_of("tea", {"document": "https://tea.test/openapi.json"}, "here"))
    owner = (config / _api.FILE).stat().st_uid
    if owner == 0:
        os.chown(config / _api.FILE, 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    with pytest.raises(SpecError, match="not believed"):
        _api.find("tea")


@ONLY_POSIX
def test_a_list_may_be_a_link_to_a_file_of_the_users(config, tmp_path):
    _api.add(_api.entry_of("tea", {"document": "https://tea.test/openapi.json"}, "here"))
    (config / _api.FILE).rename(tmp_path / "dotfile.json")
    (config / _api.FILE).symlink_to(tmp_path / "dotfile.json")

    assert _api.find("tea").document == "https://tea.test/openapi.json"


@ONLY_POSIX
def test_a_list_that_is_no_file_is_not_waited_for(config):
    config.mkdir()
    os.mkfifo(config / _api.FILE)

    with pytest.raises(SpecError, match="not believed"):
        _api.find("tea")
