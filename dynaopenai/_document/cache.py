"""Parsed documents on disk, so that the second start of a large one is cheap.

Rules of this file:
1. An entry is named by a digest of the text it was parsed from, so it can never be stale.
2. It is JSON, with a checksum at its beginning; never code. A broken one is as good as none.
3. Writing is atomic and may fail: a cache that cannot be written costs time, nothing else.
4. What another user made, or may write, is not believed, and nothing is written there.
5. ``DYNAOPENAI_CACHE`` is a folder of your own, or ``off``.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from .._collector import resting
from ..errors import Diagnostic
from .own_file import is_own, read_own, write_whole
from .parsed import Parsed

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter without it; where it is, `hashlib` would load OpenSSL first
    from hashlib import blake2b

FORMAT = "dynaopenai-3"  # counts up whenever `yaml` reads a text differently
SMALLEST = 16 * 1024
MOST_ENTRIES = 64
ANDROID = frozenset({"ANDROID_DATA", "ANDROID_ROOT"})


def recall(text: bytes) -> Parsed | None:
    """What this text parses to, if it was remembered."""
    path = _path(text)
    if path is None:
        return None
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = read_own(path)
        if data[:LENGTH] != _head(memoryview(data)[LENGTH:]):
            return None
        from jiter import from_json

        with resting():
            entry = from_json(data)
        return Parsed(entry["value"], tuple(Diagnostic(**facts) for facts in entry["diagnostics"]))
    return None


def remember(text: bytes, parsed: Parsed) -> None:
    """Keep what this text parses to; large texts only."""
    path = _path(text)
    if path is None or len(text) < SMALLEST:
        return
    from dataclasses import asdict

    entry = {"value": parsed.value, "diagnostics": [asdict(diagnostic) for diagnostic in parsed.diagnostics]}
    with suppress(OSError, ValueError, RecursionError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_own(path.parent.stat()):
            return
        rest = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8").removeprefix(b"{")
        write_whole(path, _head(rest) + rest)
        _forget_oldest(path.parent)


def _head(rest: bytes | memoryview) -> bytes:
    """How an entry begins that goes on like this."""
    return f'{{"{FORMAT}":"{crc32(rest):08x}",'.encode("ascii")


LENGTH = len(_head(b""))


def _path(text: bytes) -> Path | None:
    setting = os.environ.get("DYNAOPENAI_CACHE", "")
    if setting.lower() in ("off", "0", "no", "false"):
        return None
    try:
        folder = Path(setting) if setting else _folder()
    except RuntimeError:  # a user without a home
        return None
    return folder / f"{blake2b(text, digest_size=32, person=FORMAT.encode()).hexdigest()}.json"


def _folder() -> Path:
    if sys.platform == "linux" and not ANDROID & os.environ.keys():  # as platformdirs has it, which takes longer than reading a document
        base = Path(os.environ.get("XDG_CACHE_HOME", ""))
        return (base if base.is_absolute() else Path.home() / ".cache") / "dynaopenai"
    from platformdirs import user_cache_path

    return user_cache_path("dynaopenai", appauthor=False)


def _forget_oldest(folder: Path) -> None:
    entries: list[tuple[float, Path]] = []
    for path in folder.glob("*.json"):
        with suppress(OSError):
            entries.append((path.stat().st_mtime, path))
    for _, path in sorted(entries, reverse=True)[MOST_ENTRIES:]:
        path.unlink(missing_ok=True)
