"""What a document may reach, and how much work it may make: files beside it, caches of our own, sizes with an end."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer

from dynaopenai import Client, SpecError
from dynaopenai._document import cache as _cache
from dynaopenai._document import source as _source
from dynaopenai._document.document import load
from dynaopenai._document.overlay import apply
from dynaopenai._document.parsed import Parsed
from dynaopenai._document.selection import select

SECRET = "secret-27182818"
BARE: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}


def referring(ref: str) -> dict[str, Any]:
    """A document whose only operation has an example from elsewhere."""
    example = {"examples": {"it": {"$ref": ref}}}
    body = {"content": {"text/plain": {"schema": {"type": "string"}, **example}}, "required": True}
    return {**BARE, "paths": {"/a": {"post": {"operationId": "it", "requestBody": body, "responses": {}}}}}


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``home/api/doc.json`` refers; ``elsewhere/secret.json`` is nobody's business; the working directory is another one."""
    for name in ("home/api/more", "elsewhere", "working"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("elsewhere", "home", "home/api/more", "working"):
        (tmp_path / name / "secret.json").write_text(json.dumps({"value": SECRET}))
    monkeypatch.chdir(tmp_path / "working")
    return tmp_path


def read(folders: Path, ref: str, **options: Any) -> str:
    """What is told of a document with this reference: its example, and its defects."""
    path = folders / "home/api/doc.json"
    path.write_text(json.dumps(referring(ref)))
    client = Client(path, base_url="http://127.0.0.1:9", **options)
    try:
        followed = str(load(path, **options).node.follow(ref).value)
    except SpecError as error:
        followed = str(error)
    return f"{client.it.example()} {client.diagnostics} {followed}"


OUTSIDE = "is outside the document's folder, its checkout and the working directory"


@pytest.mark.parametrize("ref", ["../../elsewhere/secret.json", "file://{root}/elsewhere/secret.json", "../secret.json", "link.json", "linked/secret.json", "more/../../secret.json"])
def test_a_reference_does_not_leave_the_documents_folder(folders: Path, ref: str) -> None:
    (folders / "home/api/link.json").symlink_to(folders / "elsewhere/secret.json")
    (folders / "home/api/linked").symlink_to(folders / "elsewhere")
    said = read(folders, ref.format(root=folders))

    assert OUTSIDE in said
    assert SECRET not in said


@pytest.mark.parametrize("ref", ["more/secret.json", "within.json", "../../working/secret.json", "./more/../more/secret.json"])
def test_what_lies_within_is_read(folders: Path, ref: str) -> None:
    (folders / "home/api/within.json").symlink_to("more/secret.json")

    assert SECRET in read(folders, ref)


def test_a_checkout_is_one_folder(folders: Path) -> None:
    (folders / "home/.git").mkdir()

    assert SECRET in read(folders, "../secret.json")
    assert OUTSIDE in read(folders, "../../elsewhere/secret.json")


@pytest.mark.parametrize("allowed", [True, "{root}/elsewhere", ["{root}/elsewhere"]])
def test_more_is_allowed_by_an_option(folders: Path, allowed: Any) -> None:
    named = [each.format(root=folders) for each in allowed] if isinstance(allowed, list) else allowed if allowed is True else Path(allowed.format(root=folders))

    assert SECRET in read(folders, "../../elsewhere/secret.json", local_refs=named)
    assert (SECRET in read(folders, "../secret.json", local_refs=named)) is (allowed is True)


def test_who_works_at_the_root_means_no_folder_by_it(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    assert OUTSIDE in read(folders, "../../elsewhere/secret.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_reference_to_what_is_no_regular_file_does_not_wait(folders: Path) -> None:
    os.mkfifo(folders / "home/api/pipe")

    assert "it is no regular file" in read(folders, "pipe")
    assert "it is no regular file" in read(folders, "/dev/zero", local_refs=True)


# --- the cache -----------------------------------------------------------------------------------

TEXT = json.dumps({**BARE, "servers": [{"url": "https://api.example"}], "x": "y" * 20_000}).encode()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("DYNAOPENAI_CACHE", str(folder))
    _cache.remember(TEXT, Parsed({"x": 1}, ()))
    assert _cache.recall(TEXT) == Parsed({"x": 1}, ())
    return folder


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777, 0o702])
def test_a_folder_that_others_may_write_is_not_believed(cache: Path, mode: int) -> None:
    cache.chmod(mode)

    assert _cache.recall(TEXT) is None
    [entry] = cache.iterdir()
    entry.unlink()
    _cache.remember(TEXT, Parsed({"x": 2}, ()))
    assert list(cache.iterdir()) == []


def test_an_entry_that_others_may_write_is_not_believed(cache: Path) -> None:
    [entry] = cache.iterdir()
    entry.chmod(0o666)

    assert _cache.recall(TEXT) is None


def test_an_entry_that_is_a_link_or_no_file_is_not_believed(cache: Path, tmp_path: Path) -> None:
    [entry] = cache.iterdir()
    entry.rename(tmp_path / "moved")
    entry.symlink_to(tmp_path / "moved")
    assert _cache.recall(TEXT) is None

    entry.unlink()
    os.mkfifo(entry)
    assert _cache.recall(TEXT) is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make what another user owns")
@pytest.mark.parametrize("what", ["folder", "entry"])
def test_what_another_user_made_is_not_believed(cache: Path, what: str) -> None:
    os.chown(cache if what == "folder" else next(cache.iterdir()), 12345, 12345)

    assert _cache.recall(TEXT) is None


# --- sizes ---------------------------------------------------------------------------------------


def overlay(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"overlay": "1.1.0", "info": {"title": "o", "version": "1"}, "actions": list(actions)}


@pytest.mark.parametrize(
    "action",
    [
        {"target": "$.x", "copy": "$.x"},
        {"target": "$.x", "copy": "$"},
        {"target": "$.x[*].y", "copy": "$.x"},
    ],
)
def test_overlays_that_grow_without_bound_are_refused(action: dict[str, Any]) -> None:
    document = load({**BARE, "x": [{"y": [1]}, {"y": [2]}]})

    with pytest.raises(SpecError, match="a document that grows without bound"):
        apply(document, [overlay(*({**action, "description": str(number)} for number in range(60)))])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ('$.x[?search(@, "^(a+)+$")]', 0),
        ('$.x[?match(@, "(a|a)*b")]', 0),
        ('$.x[?match(@, "a|a+!")]', 1),
        ('$.x[?search(@, "a!")]', 1),
        ('$.x[?search(@, "(")]', 0),
        ('$.x[?match(@.y, "a")]', 0),
    ],
)
def test_a_regular_expression_in_a_path_takes_linear_time(path: str, found: int) -> None:
    assert len(select({"x": ["a" * 5_000 + "!"]}, path)) == found


def test_repeated_keys_are_told_in_linear_time() -> None:
    names = ",".join(f'"k{index}": 1' for index in range(5_000))
    document = load(f'{{"openapi": "3.1.0", "paths": {{}}, "x": {{{names},{names}}}}}')

    assert len([item for item in document.diagnostics if item.code == "duplicate-key"]) == 5_000


@pytest.mark.parametrize("token", ["9" * 5_000, "\u00b2", "-1", "\u0663"])
def test_an_index_that_is_none_leads_nowhere(token: str) -> None:
    node = load({**BARE, "x": [1, 2, 3, 4]}).node

    with pytest.raises(SpecError, match="leads nowhere"):
        node.follow(f"#/x/{token}")


def test_a_server_that_drips_its_headers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_source, "FETCH_TIMEOUT", 0.5)
    with FaultServer([b"HTTP/1.1 200 OK\r\n", *[b"X-Slow: a\r\n", 0.2] * 50]) as server:
        with pytest.raises(SpecError, match=r"not received within 0\.5 seconds"):
            Client(f"{server.url}/doc.json")


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(*_: Any, **__: Any) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.delenv("DYNAOPENAI_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", homeless)
    monkeypatch.setattr(Path, "home", homeless)
    _cache.remember(TEXT, Parsed({"x": 1}, ()))

    assert _cache.recall(TEXT) is None
