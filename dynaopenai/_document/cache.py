"""Parsed documents on disk, so that the second start of a large one is cheap.

Rules of this file:
1. An entry is named by a digest of the text it was parsed from, so it can never be stale.
2. It is JSON, after a line with its checksum; never code. A broken one is as good as none.
3. Of what most is referred to and little is used, each member stands by itself, to be read when it is looked at (`APART`).
4. Writing is atomic and may fail: a cache that cannot be written costs time, nothing else.
5. What another user made, or may write, is not believed, and nothing is written there.
6. ``DYNAOPENAI_CACHE`` is a folder of your own, or ``off``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from .._collector import resting
from ..errors import Diagnostic
from .own_file import is_own, read_own, write_whole
from .parsed import Parsed
from .unread import Unread

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter without it; where it is, `hashlib` would load OpenSSL first
    from hashlib import blake2b

FORMAT = "dynaopenai-4"  # counts up whenever `yaml` reads a text differently
SMALLEST = 16 * 1024
MOST_ENTRIES = 64
APART = ("components", "definitions")  # the root's mappings whose members, or those of whose members, stand by themselves
ANDROID = frozenset({"ANDROID_DATA", "ANDROID_ROOT"})


def recall(text: bytes) -> Parsed | None:
    """What this text parses to, if it was remembered."""
    path = _path(text)
    if path is None:
        return None
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = memoryview(read_own(path))
        rest = data[LENGTH:]
        length = int(bytes(data[LENGTH - 9 : LENGTH]), 16)
        if data[:LENGTH] != _head(rest, length):
            return None
        from jiter import from_json

        with resting():
            entry = from_json(bytes(rest[:length]))
        for way in entry["apart"]:
            _join(entry["value"], way, rest[length:])
        return Parsed(entry["value"], tuple(Diagnostic(**facts) for facts in entry["diagnostics"]))
    return None


def remember(text: bytes, parsed: Parsed) -> None:
    """Keep what this text parses to; large texts only."""
    path = _path(text)
    if path is None or len(text) < SMALLEST:
        return
    from dataclasses import asdict

    diagnostics = [asdict(diagnostic) for diagnostic in parsed.diagnostics]
    with suppress(OSError, ValueError, RecursionError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_own(path.parent.stat()):
            return
        value, ways, members = _taken_apart(parsed.value)
        entry = _json({"value": value, "apart": ways, "diagnostics": diagnostics})
        rest = b"".join([entry, *members])
        write_whole(path, _head(rest, len(entry)) + rest)
        _forget_oldest(path.parent)


def _head(rest: bytes | memoryview, length: int) -> bytes:
    """How a file begins that goes on like this. ``length``: of what is read at once."""
    return f"{FORMAT} {crc32(rest):08x} {length:08x}\n".encode("ascii")


LENGTH = len(_head(b"", 0))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


# --- what stands by itself -----------------------------------------------------------------------


def _taken_apart(root: Any) -> tuple[Any, list[list[str]], list[bytes]]:
    """A document with places for what stands by itself, the ways to the mappings of that, and the JSON of each member."""
    ways: list[list[str]] = []
    members: list[bytes] = []
    if not isinstance(root, dict):
        return root, ways, members
    root, position = dict(root), 0
    for way in _ways_apart(root):
        holder = root
        for key in way[:-1]:
            holder[key] = holder = dict(holder[key])
        places = {}
        for name, member in holder[way[-1]].items():
            members.append(_json(member))
            places[name] = [position, position + len(members[-1])]
            position += len(members[-1])
        holder[way[-1]] = places
        ways.append(way)
    return root, ways, members


def _ways_apart(root: Mapping[str, Any]) -> Iterator[list[str]]:
    for first in APART:
        section = root.get(first)
        if isinstance(section, dict) and first == "definitions":
            yield [first]
        elif isinstance(section, dict):
            yield from ([first, kind] for kind, each in section.items() if isinstance(each, dict))


def _join(root: Any, way: list[str], text: memoryview) -> None:
    *holders, last = way
    for key in holders:
        root = root[key]
    root[last] = Unread(text, {name: slice(*place) for name, place in root[last].items()})


# --- files ---------------------------------------------------------------------------------------


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
