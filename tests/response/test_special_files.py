"""A download into what is no regular file goes there, and leaves it what it is."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from fault_server import FaultServer, answer
from small_api import client

CONTENT = bytes(range(256)) * 4_000
FILE = answer(CONTENT, content_type="application/octet-stream")


def save(target: Path) -> None:
    with FaultServer(FILE) as server, client(server.url) as api:
        assert api.getFile().save(target) == target


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder/real")
    for _ in range(2):  # where it leads nowhere yet, and where it does
        save(tmp_path / "link")

        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "folder/real").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "link", "real"]


def test_a_device_stays_one() -> None:
    save(Path(os.devnull))

    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    save(pipe)
    reader.join(10)

    assert got == [CONTENT]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
