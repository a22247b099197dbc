"""Files of our own on a user's disk: read where nobody else can have written them, written whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def read_own(path: Path) -> bytes:
    """An entry, of a file and a folder that are nobody else's to write.

    Raises:
        OSError: they are, or it is not there.
    """
    if not is_own(path.parent.stat()):
        raise PermissionError(path)
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "rb") as file:  # noqa: PTH123 - of a descriptor
        facts = os.fstat(handle)
        if not (stat.S_ISREG(facts.st_mode) and is_own(facts)):
            raise PermissionError(path)
        return file.read()


def read_trusted(path: Path) -> bytes:
    """What a user wrote down, of a file and a folder of the user's or the system's, and not for everybody to write; links are followed.

    Raises:
        OSError: a `PermissionError` where somebody else may have written it.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "rb") as file:  # noqa: PTH123 - of a descriptor
        facts = os.fstat(handle)
        if not (stat.S_ISREG(facts.st_mode) and _is_trusted(facts) and _is_trusted(path.parent.stat())):
            raise PermissionError(path)
        return file.read()


def _is_trusted(facts: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or (facts.st_uid in (os.geteuid(), 0) and not facts.st_mode & 0o002)


def is_own(facts: os.stat_result) -> bool:
    """Whether it is ours, and nobody else may write it; where the system has no such owners, it is."""
    return not hasattr(os, "geteuid") or (facts.st_uid == os.geteuid() and not facts.st_mode & 0o022)


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in its place in one step: who reads it meets the old one or the new one. It is its owner's alone; links are followed.

    Raises:
        OSError: it cannot be written, and what was there still is.
    """
    import tempfile

    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():  # a device or a pipe, where nothing can be put in its place
        target.write_bytes(data)
        return
    handle, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
