"""The chunked coding: the content that it carries, and content as a chunk; no I/O (RFC 9112 §7.1).

Rules of this file:
1. Content is passed on with the very byte that brings it, wherever a piece ends.
2. Chunks that came together are passed on together: a stream that writes each event as a chunk of its own then costs
   a reader what it costs to split it, and not a call into three libraries for every event.
3. Chunk extensions and trailers are passed over. A line longer than ``MAX_LINE`` is refused, and so is a size that is
   not written in hexadecimal digits alone: whoever reads it otherwise finds another end. Trailers come to an end.
"""

from __future__ import annotations

import re

MAX_LINE = 1 << 16
MAX_TRAILERS = 1000
SHORT = 5  # bytes of a size's line, up to which chunks are small enough to be taken by the dozen
HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]+")
LAST_CHUNK = b"0\r\n\r\n"


class ChunkError(ValueError):
    """Bytes that are no chunk."""


def chunk(content: bytes) -> bytes:
    """Content, of which there is some, as a chunk of its own."""
    return b"%x\r\n%b\r\n" % (len(content), content)


class Chunked:
    """Takes the pieces of a chunked body as they come.

    Attributes:
        ended: the last chunk and the trailers have come.
        rest: what came after them.
    """

    def __init__(self) -> None:
        self.ended = False
        self.rest = b""
        self._left = 0  # bytes of content that the current chunk still owes
        self._line = b""  # the beginning of a line whose end has not come
        self._before = False  # whether the line break that ends a chunk's content is still to come
        self._trailers = 0
        self._last = False  # whether the last chunk was seen, so that only trailers follow

    def feed(self, piece: bytes) -> bytes:
        """The content in this piece; empty where it brought none.

        Raises:
            ChunkError: the sizes and the content do not fit together.
        """
        if not (self._line or self._left or self._before or self._last):
            content = _only(piece)
            if content:
                return content
        data = self._line + piece if self._line else piece
        self._line = b""
        found: list[bytes] = []
        at = 0
        looked = False
        while at < len(data) and not self.ended:
            if self._left:
                content = data[at : at + self._left]
                found.append(content)
                at += len(content)
                self._left -= len(content)
                self._before = True
            elif not (looked or self._before or self._last) and data.find(b"\r\n", at, at + SHORT) > 0:
                looked = True
                contents, size = _whole(data[at:])
                found += contents
                at += size
            else:
                end = data.find(b"\n", at)
                if end < 0:
                    self._keep(data[at:])
                    break
                self._take(data[at:end].removesuffix(b"\r"))
                at = end + 1
        self.rest = data[at:] if self.ended else b""
        return found[0] if len(found) == 1 else b"".join(found)

    def _keep(self, line: bytes) -> None:
        if len(line) > MAX_LINE:
            raise ChunkError("a line between two chunks is too long")
        self._line = line

    def _take(self, line: bytes) -> None:
        """One line between the contents of two chunks."""
        if self._before:
            if line:
                raise ChunkError("a chunk is longer than its size")
            self._before = False
        elif self._last:
            self.ended = not line
            self._trailers += 1
            if self._trailers > MAX_TRAILERS:
                raise ChunkError("trailers without an end")
        else:
            size = line.partition(b";")[0].rstrip(b" \t")
            if not HEXADECIMAL.fullmatch(size) or len(size) > 16:
                raise ChunkError("a chunk has no size")
            self._left = int(size, 16)
            self._last = not self._left


def _only(piece: bytes) -> bytes:
    """The content of a piece that is one chunk, as most are where events come one by one; empty of any other."""
    end = piece.find(b"\r\n", 0, 18)
    size = piece[: max(end, 0)]
    is_one = HEXADECIMAL.fullmatch(size) and end + 4 + int(size, 16) == len(piece) and piece.endswith(b"\r\n")
    return piece[end + 2 : -2] if is_one else b""


def _whole(data: bytes) -> tuple[list[bytes], int]:
    """The contents of the chunks that are here from their size to their end, and where the first other thing begins.

    Split at every line end, sizes and contents take turns, as long as no content has a line end of its own.
    """
    parts = data.split(b"\r\n")
    contents = parts[1:-1:2]
    if b"" in contents:  # that of the last chunk, or of none
        del contents[contents.index(b"") :]
    sizes = parts[: 2 * len(contents) : 2]
    distinct = set(zip(sizes, map(len, contents), strict=True))
    if not all(HEXADECIMAL.fullmatch(size) and int(size, 16) == length for size, length in distinct):
        return [], 0  # an extension, a mistake, or a content that has a line end
    return contents, sum(map(len, sizes)) + sum(map(len, contents)) + 4 * len(contents)
