"""Uploads, and the parts of a form -> streamed bodies (RFC 7578, RFC 2046 §5.1; WHATWG HTML §4.10.21.8 for names).

Rules of this file:
1. A body is iterated, never held whole: files are read piece by piece while they are sent.
2. Its length is known before it is sent wherever it can be; what then comes short or long is an error, not half a file.
3. A body that can be sent again says so (``replayable``), and starts over each time it is iterated.
4. No name, filename or content type can end its header line.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import AsyncIterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from .._display.words import nearest, short, short_path
from .._document.source import names_in

CHUNK = 1 << 18
UNNAMED = "upload"  # servers take a part for a file by its filename
BINARY = "application/octet-stream"
ESCAPED = {'"': "%22", "\r": "%0D", "\n": "%0A"}
_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+[ -~]*")

Source = bytes | Path | IO[bytes] | AsyncIterable[bytes]


class UploadError(ValueError):
    """File content that cannot be sent."""


@dataclass(frozen=True, eq=False)
class Upload:
    """The content of a file.

    Attributes:
        source: bytes, the path of a file, an open binary file, read from where it stands, or an asynchronous iterator of bytes.
        filename, content_type: what the receiver is told, where known.
        length: bytes, None where it is not known before the end (a pipe).
    """

    source: Source
    filename: str | None = None
    content_type: str | None = None
    length: int | None = None
    start: int | None = None

    @classmethod
    def of(cls, value: Any) -> Upload:
        """What a user gave: bytes, a path, an open binary file, or ``(filename, content[, content type])``.

        Raises:
            UploadError: it is none of them, or cannot be read.
        """
        if isinstance(value, Upload):
            return value
        if isinstance(value, tuple):
            return cls._named(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            content = bytes(value)
            return cls(content, None, None, len(content), 0)
        if hasattr(value, "__fspath__"):
            return _from_path(Path(value))
        if hasattr(value, "__aiter__"):
            return cls(value)
        if hasattr(value, "read"):
            return _from_file(value)
        message = f"found {short(value)}, expected a Path, an open binary file, bytes, or (filename, content)"
        raise UploadError(message)

    @classmethod
    def _named(cls, value: tuple[Any, ...]) -> Upload:
        if not 2 <= len(value) <= 3 or not isinstance(value[0], str) or isinstance(value[1], (str, tuple)):
            raise UploadError(f"found {short(value)}, expected (filename, content) or (filename, content, content type)")
        filename, content, *rest = value
        declared = rest[0] if rest else None
        if declared is not None and not (isinstance(declared, str) and _TYPE.fullmatch(declared)):
            raise UploadError(f"found the content type {short(declared)}, expected one such as {short('image/png')}")
        inner = cls.of(content)
        return cls(inner.source, filename, declared or _guessed(filename), inner.length, inner.start)

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return self.start is not None

    def __repr__(self) -> str:
        size = "unknown length" if self.length is None else f"{self.length:,} bytes"
        return f"<Upload {self.filename or UNNAMED}, {size}>"

    def flat(self) -> Iterator[bytes | Upload]:
        """What is sent, in its order: bytes, and the files whose content goes in between."""
        yield self

    def __iter__(self) -> Iterator[bytes]:
        if isinstance(self.source, AsyncIterable):
            raise UploadError("found an asynchronous iterator, which an AsyncClient sends; expected a file, a Path or bytes")
        if isinstance(self.source, bytes):
            yield from _cut(self.source)
        elif isinstance(self.source, Path):
            with self.source.open("rb") as file:
                yield from self._read(file)
        else:
            if self.start is not None:
                self.source.seek(self.start)
            yield from self._read(self.source)

    def _read(self, file: IO[bytes]) -> Iterator[bytes]:
        left = self.length
        while left is None or left:
            piece = file.read(CHUNK if left is None else min(CHUNK, left))
            if not piece:
                break
            if left is not None:
                left -= len(piece)
            yield piece
        if left:
            raise UploadError(f"{self.filename or UNNAMED} ended {left:,} bytes early: it was changed while it was sent")


def _cut(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


def _from_path(path: Path) -> Upload:
    try:
        status = path.stat()
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        close = nearest(path.name, names_in(path.absolute().parent))
        hint = f"; did you mean {short_path(path.with_name(close[0]))}?" if close else ""
        raise UploadError(f"cannot read {short_path(path)}: {reason.lower()}{hint}") from None
    regular = os.path.isfile(path)  # noqa: PTH113 - the name follows links, a pipe is none
    return Upload(path, path.name, _guessed(path.name), status.st_size if regular else None, 0 if regular else None)


def _from_file(file: Any) -> Upload:
    if isinstance(file, io.TextIOBase):
        raise UploadError('found a file opened as text, expected one opened as bytes: open(path, "rb")')
    if getattr(file, "closed", False):
        raise UploadError("found a closed file, expected an open one")
    named = getattr(file, "name", None)
    filename = Path(named).name if isinstance(named, str) and named else None
    start = length = None
    try:
        if file.seekable():
            start = file.tell()
            length = max(file.seek(0, os.SEEK_END) - start, 0)
            file.seek(start)
    except (AttributeError, OSError, ValueError):
        start = length = None
    return Upload(file, filename, _guessed(filename), length, start)


def _guessed(filename: str | None) -> str | None:
    import mimetypes

    return mimetypes.guess_type(filename, strict=False)[0] if filename else None


# --- forms ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a form."""

    name: str
    content: bytes | Upload
    content_type: str | None = None
    filename: str | None = None

    def __post_init__(self) -> None:
        _ = self.head  # a part that cannot be written is not made

    @property
    def head(self) -> bytes:
        """The part's header lines with the blank line that ends them."""
        lines = [f'Content-Disposition: form-data; name="{_escaped(self.name)}"']
        content_type = self.content_type
        if isinstance(self.content, Upload):
            lines[0] += f'; filename="{_escaped(self.filename or UNNAMED)}"'
            content_type = content_type or BINARY
        if content_type:
            if not _TYPE.fullmatch(content_type):
                raise UploadError(f"found the content type {short(content_type)}, expected one such as {short('image/png')}")
            lines.append(f"Content-Type: {content_type}")
        try:
            return "\r\n".join([*lines, "", ""]).encode("utf-8")
        except UnicodeEncodeError:
            raise UploadError(f"found the name {short(self.filename or self.name)}, expected Unicode text") from None


@dataclass(frozen=True, eq=False)
class Multipart:
    """A body of several parts, written as it is sent."""

    parts: tuple[Part, ...]
    subtype: str = "form-data"
    boundary: str = field(default_factory=lambda: os.urandom(16).hex())

    @property
    def content_type(self) -> str:
        return f"multipart/{self.subtype}; boundary={self.boundary}"

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return all(part.content.replayable for part in self.parts if isinstance(part.content, Upload))

    @cached_property
    def length(self) -> int | None:
        """Bytes in all, None where a part does not know its own."""
        lengths = [part.content.length if isinstance(part.content, Upload) else len(part.content) for part in self.parts]
        if None in lengths:
            return None
        frame = sum(len(head) + len(b"\r\n") for head in self._heads) + len(self._end)
        return frame + sum(length or 0 for length in lengths)

    @cached_property
    def _heads(self) -> tuple[bytes, ...]:
        return tuple(b"--" + self.boundary.encode() + b"\r\n" + part.head for part in self.parts)

    @property
    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.flat():
            if isinstance(piece, Upload):
                yield from piece
            else:
                yield piece

    def flat(self) -> Iterator[bytes | Upload]:
        """What is sent, in its order: bytes, and the files whose content goes in between."""
        for part, head in zip(self.parts, self._heads, strict=True):
            if isinstance(part.content, Upload):
                yield head
                yield part.content
                yield b"\r\n"
            else:
                yield head + part.content + b"\r\n"
        yield self._end


def _escaped(text: str) -> str:
    for char, escape in ESCAPED.items():
        text = text.replace(char, escape)
    return text
