"""Bodies that are too large for memory: on disk while they are read, and as long as somebody keeps a part of them.

Rules of this file:
1. What is on disk has no name: it goes with the last who holds it, also where the process is killed.
2. Of a large body with files, what is judged and shown is an abridged one: each large file's first bytes in its place.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, FileIO
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any

from .._request import media_type as _media_type
from .._request.body_reading import File

LARGE = 1 << 24  # bytes of a body, or of a part in JSON, that are kept in memory
HEAD = 1 << 16  # bytes of a file of a large body that are judged and shown
PIECE = 1 << 16


class Disk(FileIO):
    """A file without a name, which is closed with its last holder."""

    @classmethod
    def new(cls) -> Disk:
        with TemporaryFile() as file:
            return cls(os.dup(file.fileno()), "r+b")

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, eq=False)
class Stored(Sequence[bytes]):
    """A file's content on disk, as the pieces that it is sent in. ``head``: its first bytes. Thread-safe."""

    disk: IO[bytes]
    offset: int
    size: int
    head: bytes
    filename: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return (self.size + PIECE - 1) // PIECE

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        with self.lock:
            self.disk.seek(self.offset + index * PIECE)
            return self.disk.read(min(PIECE, self.size - index * PIECE))


def spooled(pieces: Iterable[bytes], limit: int) -> tuple[IO[bytes], int]:
    """These bytes, on disk where they are many, and how many they are; no more are taken than what passes ``limit``."""
    spool: IO[bytes] = BytesIO()
    size = 0
    for piece in pieces:
        if size <= LARGE < size + len(piece):
            spool = _on_disk(spool)
        size += spool.write(piece)
        if size > limit:
            break
    spool.seek(0)
    return spool, size


def _on_disk(spool: IO[bytes]) -> IO[bytes]:
    disk = Disk.new()
    spool.seek(0)
    disk.write(spool.read())
    return disk


def pieces_of(source: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: source.read(PIECE), b"")


def abridged(body: IO[bytes], content_type: str) -> tuple[bytes, tuple[Stored, ...]]:
    """A large body as it is judged, and what of it stays on disk: the files of a form, or a body that is a file."""
    kind = _media_type.kind_of(content_type)
    if kind == "binary":
        head, size = body.read(HEAD), body.seek(0, 2)
        return head, (Stored(body, 0, size, head),)
    if _media_type.essence(content_type) == "multipart/form-data":
        try:
            return _abridged_form(body, content_type)
        except ValueError:  # it is no form, which the verdict says
            body.seek(0)
    return body.read(), ()


def with_stored(files: Iterable[File], stored: Iterable[Stored]) -> tuple[File | Stored, ...]:
    """The files of a body that was abridged, each that is on disk as that."""
    left, found = list(stored), list[File | Stored]()
    for file in files:
        whole = next((each for each in left if (each.head, each.filename) == (file, file.filename)), None)
        found.append(file if whole is None else left.pop(left.index(whole)))
    return tuple(found)


class Part:
    """One part of a form while it is read: in memory as far as its limit, then on disk."""

    def __init__(self, filename: str | None, headers: Iterable[tuple[str, str]], disk: IO[bytes]) -> None:
        self.head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
        media = [value for name, value in headers if name.lower() == "content-type"]
        is_json = "json" in map(_media_type.kind_of, media)
        self._most = LARGE if is_json or filename is None else HEAD  # a text is judged, and JSON may be no file
        self._is_file, self._filename, self._disk = filename is not None, filename, disk
        self._is_stored, self._offset, self._size, self.content = False, 0, 0, bytearray()

    def take(self, data: bytes) -> None:
        if self._is_file and not self._is_stored and len(self.content) + len(data) > self._most:
            self._is_stored, self._offset = True, self._disk.tell()
            data = bytes(self.content) + data
            self.content.clear()
        if self._is_stored:
            self._size += self._disk.write(data)
            data = data[: max(0, HEAD - len(self.content))]
        self.content += data

    def stored(self) -> Stored | None:
        if not self._is_stored:
            return None
        return Stored(self._disk, self._offset, self._size, bytes(self.content), self._filename or None)


def _abridged_form(body: IO[bytes], content_type: str) -> tuple[bytes, tuple[Stored, ...]]:
    """Raises ValueError: it is no form."""
    from werkzeug.http import parse_options_header
    from werkzeug.sansio.multipart import Data, Epilogue, Field, MultipartDecoder, NeedData
    from werkzeug.sansio.multipart import File as FilePart

    boundary = parse_options_header(content_type)[1].get("boundary", "").encode()
    decoder, disk, parts = MultipartDecoder(boundary), Disk.new(), list[Part]()
    for piece in chain(pieces_of(body), [None]):
        decoder.receive_data(piece)
        while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
            if isinstance(event, (Field, FilePart)):
                filename = event.filename if isinstance(event, FilePart) else None
                parts.append(Part(filename, list(event.headers), disk))
            elif isinstance(event, Data):
                parts[-1].take(event.data)
    stored = tuple(whole for part in parts if (whole := part.stored()) is not None)
    frame = b"--" + boundary
    written = [b"\r\n".join((frame, part.head, part.content, b"")) for part in parts]
    return b"".join([*written, frame, b"--\r\n"]), stored
