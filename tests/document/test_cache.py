"""Parsed documents are remembered by their text, and a bad memory is as good as none."""

import threading
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from dynaopenai._document import cache as _cache
from dynaopenai._document import syntax as _syntax
from dynaopenai._document.document import load

LARGE = "openapi: 3.0.3\ninfo: {title: L, version: '1', version: '2'}\npaths: {}\nx-list:\n" + "  - some words to fill the page\n" * 1000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DYNAOPENAI_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def only_entry(folder: Path) -> Path:
    (entry,) = folder.glob("*.json")
    return entry


def test_the_second_load_does_not_parse(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(LARGE)
    monkeypatch.setattr(_syntax, "parse", lambda *_: pytest.fail("parsed again"))

    second = load(LARGE)

    assert (second.root, second.diagnostics) == (first.root, first.diagnostics)
    assert len(first.diagnostics) == 1


def test_another_text_is_another_entry(folder: Path) -> None:
    load(LARGE)
    load(LARGE + "# more\n")

    assert len(list(folder.glob("*.json"))) == 2


def test_small_texts_are_not_worth_a_file(folder: Path) -> None:
    load("openapi: 3.0.3\npaths: {}\n")

    assert not folder.exists()


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"dynaopenai-3":"00000000",}', b"\xff\xfe", b"\n" * 10])
def test_a_damaged_entry_is_parsed_anew_and_mended(folder: Path, damage: bytes) -> None:
    first = load(LARGE)
    only_entry(folder).write_bytes(damage)

    assert load(LARGE).root == first.root
    assert _cache.recall(LARGE.encode()) is not None


def test_an_entry_that_was_tampered_with_is_not_believed(folder: Path) -> None:
    load(LARGE)
    entry = only_entry(folder)
    entry.write_bytes(entry.read_bytes().replace(b"some words", b"evil words"))

    assert _cache.recall(LARGE.encode()) is None


def test_off_means_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNAOPENAI_CACHE", "off")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    load(LARGE)

    assert list(tmp_path.rglob("*")) == []


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("DYNAOPENAI_CACHE", str(tmp_path / "file" / "cache"))

    assert load(LARGE).root["openapi"] == "3.0.3"


def test_many_writers_at_once_leave_one_whole_entry(folder: Path) -> None:
    threads = [threading.Thread(target=load, args=(LARGE,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert only_entry(folder).exists()
    assert list(folder.glob(".new-*")) == []
    assert _cache.recall(LARGE.encode()) is not None


def test_the_oldest_entries_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cache, "MOST_ENTRIES", 2)
    for number in range(4):
        load(LARGE + f"# {number}\n")

    assert len(list(folder.glob("*.json"))) == 2


@pytest.mark.parametrize("setting", [None, "", "/somewhere/else", "relative", "~/not-expanded"])
def test_without_a_setting_it_is_where_platformdirs_says(setting: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DYNAOPENAI_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if setting is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", setting)

    path = _cache._path(b"")

    assert path is not None
    assert path.parent == user_cache_path("dynaopenai", appauthor=False)


def test_a_text_is_decoded_when_somebody_looks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(LARGE.encode("utf-8-sig"))
    decode = _syntax.decoded
    monkeypatch.setattr(_syntax, "decoded", lambda *_: pytest.fail("decoded"))
    document = load(LARGE.encode("utf-8-sig"))

    monkeypatch.setattr(_syntax, "decoded", decode)
    assert document.text == LARGE
    assert document.line("/x-list") == 4
