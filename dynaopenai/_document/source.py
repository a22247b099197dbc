"""Where a document is read from: a path, a URL, a text, a mapping -> its bytes, its URI and its name.

Rules of this file:
1. Sizes and times are bounded: `MAX_BYTES`, and `FETCH_TIMEOUT` for the whole of an answer, not for each piece.
2. A URL is asked without credentials; it may redirect within http and https, and where ``hosts`` are named, only to them.
3. What cannot be read is a `SpecError` that says what to give instead.
"""

from __future__ import annotations

import json
import math
import os
import socket
import stat
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Union
from urllib.parse import unquote, urlsplit

from .._display.words import nearest, short, short_path
from ..errors import SpecError
from .syntax import MAX_BYTES

FETCH_TIMEOUT = 30.0
BUNDLED = "openapi.yaml"
BUNDLED_URI = f"file:///{BUNDLED}"
MEMORY = "memory:"
CHECKOUTS = (".git", ".hg", ".svn")
SUFFIXES = (".yaml", ".yml", ".json")
TEXT_STARTS = ("{", "[", "<", "openapi:", "swagger:", "---", "%YAML")

GIVE_A_DOCUMENT = "give the path of an OpenAPI document"  # where none has a name like the one that is not there


class Text(NamedTuple):
    """The text of a document, the URI that its references are relative to, and what messages call it."""

    text: str | bytes
    uri: str
    name: str


Readable = Union[str, bytes, "os.PathLike[str]", None]


def read(source: Readable) -> Text:
    """The text at a path, the text itself, or for None that of the bundled document.

    Raises:
        SpecError: it cannot be read.
    """
    if source is None:
        return Text(_bundled(), BUNDLED_URI, BUNDLED)
    if isinstance(source, (bytes, bytearray)):
        return Text(bytes(source), MEMORY, "<text>")
    if isinstance(source, str) and (not source.strip() or "\n" in source or source.lstrip().startswith(TEXT_STARTS)):
        return Text(source, MEMORY, "<text>")
    if isinstance(source, str) and source.lower().startswith("file:"):
        return Text(read_file(path_of(source)), source, name_of(source))
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return Text(read_file(path), path.absolute().as_uri(), path.name)
    raise SpecError(
        "a document is read from a path, a URL, a mapping or a text", found=f"a value of type {type(source).__name__}"
    )


def path_of(uri: str) -> Path:
    from urllib.request import url2pathname

    return Path(url2pathname(urlsplit(uri).path))


def name_of(uri: str) -> str:
    from .._secrecy.redaction import redacted_text

    return unquote(urlsplit(uri).path.rsplit("/", 1)[-1]) or redacted_text(uri)


def _bundled() -> bytes:
    for folder in Path(__file__).parents[1:3]:  # the package's, or a checkout's that is installed as it is
        with suppress(OSError):
            return (folder / BUNDLED).read_bytes()
    from importlib import resources

    return resources.files("dynaopenai").joinpath(BUNDLED).read_bytes()  # in a zip


# --- files ---------------------------------------------------------------------------------------


def read_file(path: Path) -> bytes:
    """The bytes of a file of bounded size.

    Raises:
        SpecError: it is not there, no file, or too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SpecError(f"cannot read {short_path(path)}: {reason}", remedy=_remedy(path)) from error
    return _bounded(data, str(path))


def read_neighbour(path: Path, home: Path, folders: bool | Collection[str | os.PathLike[str]]) -> bytes:
    """The bytes of a file that a document refers to: a regular one, in a folder that it may refer to, links resolved.

    Args:
        home: the document's own path.
        folders: further ones that it may refer to; True for any.

    Raises:
        SpecError: it is elsewhere, or `read_file` refuses it.
    """
    try:
        target = path.resolve()
        if folders is not True and not any(target.is_relative_to(folder) for folder in _own_folders(home, folders or [])):
            raise SpecError(
                f"{short_path(path)} is outside the document's folder, its checkout and the working directory",
                remedy=f"allow it: local_refs=[{str(path.parent)!r}]",
            )
        if not stat.S_ISREG(target.stat().st_mode):
            raise SpecError(f"cannot read {short_path(path)}: it is no regular file")
    except (OSError, ValueError, RuntimeError):  # of what is not there, which is told by who reads it
        target = path
    return read_file(target)


def _own_folders(home: Path, folders: Collection[str | os.PathLike[str]]) -> Iterator[Path]:
    named = [folders] if isinstance(folders, (str, os.PathLike)) else folders
    here = Path.cwd()
    working = [here] if here != here.parent else []  # who works at the root means no folder by it
    yield from (Path(folder).resolve() for folder in [home.parent, home.resolve().parent, *working, *named])
    yield from (folder for folder in home.resolve().parents if any((folder / name).exists() for name in CHECKOUTS))


def _remedy(path: Path) -> str:
    held = names_in(path)
    inside = [name for name in held if name.endswith(SUFFIXES)]
    close = inside[:1] if held else nearest(path.name, names_in(path.absolute().parent))
    if close:
        return f"nearest: {path / close[0] if inside else path.with_name(close[0])}"
    return GIVE_A_DOCUMENT


def names_in(folder: Path) -> list[str]:
    """The names in a folder, in order; none where it cannot be read."""
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except (OSError, ValueError):
        return []


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise SpecError(
            "the document is too large", source=name, found=f"over {MAX_BYTES >> 20} MiB", expected="less than that"
        )
    return data


# --- the network ---------------------------------------------------------------------------------


class Fetched(NamedTuple):
    """An answer's bytes, and what to ask with next time: headers of a conditional request (RFC 9110 §13)."""

    data: bytes
    marks: dict[str, str]


def fetch(url: str, hosts: Collection[str] | None = None) -> bytes:
    """The bytes of an answer of bounded size, in bounded time; as `fetch_newer`, unconditionally."""
    fetched = fetch_newer(url, {}, hosts)
    assert fetched is not None
    return fetched.data


def fetch_newer(url: str, marks: Mapping[str, str], hosts: Collection[str] | None = None) -> Fetched | None:
    """An answer of bounded size, in bounded time; None where nothing is newer than what ``marks`` tell of.

    Args:
        marks: those of the answer before, empty for any answer.
        hosts: those that it may be redirected to; any where None.

    Raises:
        SpecError: no answer, an error status, too large, or too slow.
    """
    # urllib, since what is read here is a document: no retries, no session, no credentials.
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    from .._secrecy.redaction import redacted_text

    class Redirects(HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            target = urlsplit(newurl)
            if target.scheme not in ("http", "https") or (hosts is not None and target.hostname not in hosts):
                raise ValueError(f"redirected to {short(redacted_text(newurl))}, where it must not go")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    shown, until = _shown(url), time.monotonic() + FETCH_TIMEOUT
    headers = {"Accept": "application/yaml, application/json, */*", "User-Agent": "dynaopenai", **marks}
    try:
        with _until(FETCH_TIMEOUT) as handlers, build_opener(Redirects, *handlers).open(Request(url, headers=headers), timeout=FETCH_TIMEOUT) as answer:  # noqa: S310 - http and https alone, as above
            validators = {"If-None-Match": answer.headers.get("ETag"), "If-Modified-Since": answer.headers.get("Last-Modified")}
            data = _bounded(_received(answer, until), shown)
            return Fetched(data, {name: value for name, value in validators.items() if value})
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()
            if error.code == 304 and marks:
                return None
        if time.monotonic() > until:
            error = TimeoutError(f"not received within {FETCH_TIMEOUT:g} seconds")
        raise SpecError(f"cannot fetch {shown}: {error}", remedy="check the address and the network") from error


@contextmanager
def _until(seconds: float) -> Iterator[tuple[Any, ...]]:
    """Handlers of urllib whose connections end after so long, however slowly a server drips its headers."""
    from http.client import HTTPConnection, HTTPSConnection
    from urllib.request import HTTPHandler, HTTPSHandler

    sockets: list[socket.socket] = []

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    class Near(HTTPHandler):
        def http_open(self, req: Any) -> Any:
            return self.do_open(Plain, req)

    class Far(HTTPSHandler):
        def https_open(self, req: Any) -> Any:
            return self.do_open(Secure, req)

    def end() -> None:
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield (Near, Far)
    finally:
        timer.cancel()


def _received(answer: Any, until: float) -> bytes:
    pieces, size = [], 0
    while size <= MAX_BYTES and (piece := answer.read1(1 << 16)):
        pieces.append(piece)
        size += len(piece)
        if time.monotonic() > until:
            break
    if time.monotonic() > until:
        raise TimeoutError(f"not received within {FETCH_TIMEOUT:g} seconds")
    return b"".join(pieces)


def _shown(url: str) -> str:
    """The URL for a message; with a password in it, it is refused and not shown."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SpecError(f"cannot fetch {short(url)}: {error}", remedy="check the address") from None
    if "@" in parts.netloc:
        host = parts.netloc.rpartition("@")[2]
        raise SpecError(
            f"cannot fetch from {short(host)}: the URL holds a user name", remedy="fetch it yourself, and give its text"
        )
    return short(url)


# --- mappings ------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A mapping as JSON sees it: string keys, lists, no subclass surprises.

    Raises:
        SpecError: it is nested too deep, or in itself, or too large.
    """
    return _Plain().copy(value, 0)


class _Plain:
    """One copy, with its bounds."""

    def __init__(self) -> None:
        self.nodes = 0

    def copy(self, value: Any, depth: int) -> Any:
        from .yaml import MAX_DEPTH, MAX_NODES

        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            expected = f"at most {MAX_DEPTH} levels and {MAX_NODES:,} nodes"
            raise SpecError("the document is nested too deep, or in itself", source="<mapping>", expected=expected)
        if isinstance(value, Mapping):
            return {_key(key): self.copy(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.copy(item, depth + 1) for item in value]
        return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")  # no half characters
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)  # a date, as YAML 1.1 loaders make them


def _key(key: Any) -> str:
    """``200`` and ``True`` as a JSON text would spell them."""
    return json.dumps(key) if key is None or isinstance(key, bool) else str(_scalar(key))
