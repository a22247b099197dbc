"""A file of our own is written whole or not at all, and read only where nobody else can have written it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from dynaopenai._document.own_file import read_own, write_whole


def test_it_takes_the_place_of_what_was_there_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o644)

    write_whole(path, b"new")

    assert read_own(path) == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_what_cannot_be_written_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))

    with pytest.raises(OSError, match="full"):
        write_whole(path, b"new")

    assert ([each.name for each in tmp_path.iterdir()], path.read_bytes()) == (["a"], b"old")


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "a").symlink_to(tmp_path / "there" / "b")

    write_whole(tmp_path / "a", b"new")

    assert (tmp_path / "a").is_symlink()
    assert (tmp_path / "there" / "b").read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(path, b"new")
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no such owners")
def test_what_others_may_write_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_whole(path, b"mine")
    path.chmod(0o666)

    with pytest.raises(PermissionError):
        read_own(path)
