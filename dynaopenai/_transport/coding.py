"""Content codings -> the content, no I/O (RFC 9110 §8.4.1): a few bytes at a time, and held to their end.

Rules of this file:
1. However far a few bytes unfold, no more than was asked for is unfolded at a time.
2. A body that ends before its coding does is not whole. After a gzip member comes another (RFC 1952 §2.2), or padding.
3. A coding that nobody here knows is left as it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Protocol

GZIP, RAW = 16 + zlib.MAX_WBITS, -zlib.MAX_WBITS
MOST = 5  # codings of one body, one inside the other


class CodingError(ValueError):
    """A body that is not coded as its Content-Encoding says."""


class CutShortError(CodingError):
    """A coded body that ends before its coding does."""


class Coding(Protocol):
    """Undoes one coding. ``has_more``: whether it holds content still; ``is_whole``: whether it may end here."""

    @property
    def has_more(self) -> bool: ...

    @property
    def is_whole(self) -> bool: ...

    def feed(self, data: bytes, size: int) -> bytes: ...


class Decoder:
    """Undoes the codings of a body, in the order of its ``Content-Encoding``."""

    def __init__(self, codings: str) -> None:
        names = [name.strip().lower() for name in codings.split(",") if name.strip()]
        known = _codings()
        self._is_refused = len(names) > MOST
        self._stages = [known[name]() for name in reversed(names)] if all(name in known for name in names) else []

    @property
    def is_known(self) -> bool:
        """Whether something is undone at all."""
        return bool(self._stages) and not self._is_refused

    @property
    def has_more(self) -> bool:
        """Whether there is content that `feed` has held back."""
        return any(stage.has_more for stage in self._stages)

    def feed(self, data: bytes, size: int) -> bytes:
        """The content of these bytes, about ``size`` of it; more with no bytes, as long as `has_more`.

        Raises:
            CodingError: it is not coded as it says, or too often.
        """
        if self._is_refused:
            raise CodingError("found too many codings")
        for stage in self._stages:
            data = stage.feed(data, size)
        return data

    def end(self) -> None:
        """No more will come.

        Raises:
            CutShortError: more should have.
        """
        if not all(stage.is_whole for stage in self._stages):
            raise CutShortError("ended early")


class _Deflate:
    """``gzip`` and ``deflate``, which is RFC 1950's by the book, and RFC 1951's by many a server."""

    def __init__(self, bits: int | None) -> None:
        self._bits = bits
        self._inner: Any = zlib.decompressobj(bits) if bits is not None else None
        self._waiting = b""
        self._is_full = self._is_over = False
        self._members = 0

    @property
    def has_more(self) -> bool:
        return bool(self._waiting and self._inner is not None) or self._is_full

    @property
    def is_whole(self) -> bool:
        return self._members == 0 or self._is_over or bool(self._inner and self._inner.eof)

    def feed(self, data: bytes, size: int) -> bytes:
        data, content = self._waiting + data, b""
        if self._inner is None and len(data) >= 2:
            self._inner = zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_head(data) else RAW)
        self._members = self._members or len(data[:1])
        while (data or self._is_full) and not content and self._inner is not None and not self._is_over:
            if self._inner.eof:
                data = data.lstrip(b"\0") if self._bits == GZIP else b""
                if not data:
                    self._is_full = False  # the last piece was as long as was asked for, and the last
                    break
                self._inner, self._members = zlib.decompressobj(GZIP), self._members + 1
            try:
                content = self._inner.decompress(data, size)
            except zlib.error:
                if self._members < 2:
                    raise CodingError("not coded as it says") from None
                self._is_over, self._is_full, data = True, False, b""  # what follows the last member is none
                break
            data = self._inner.unconsumed_tail or self._inner.unused_data
            self._is_full = len(content) == size
        self._waiting = b"" if self._is_over else data
        return content


def decoded(body: bytes, codings: str, limit: int) -> bytes:
    """The content of a whole body, more than ``limit`` bytes of it where there is more.

    Raises:
        CodingError: it is not coded as it says, or too often, or is not whole.
    """
    decoder = Decoder(codings)
    content = decoder.feed(body, limit + 1)
    while decoder.has_more and len(content) <= limit:
        content += decoder.feed(b"", limit + 1 - len(content))
    if len(content) <= limit:
        decoder.end()
    return content


def _has_zlib_head(data: bytes) -> bool:
    return data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0


class _Foreign:
    """A coding that another package undoes; a second frame is begun where the first ended."""

    def __init__(self, make: Callable[[], Any], feed: Callable[[Any, bytes, int], bytes], ended: Callable[[Any], bool]) -> None:
        self._make, self._feed, self._ended = make, feed, ended
        self._inner = make()
        self._begun = self._is_full = False

    @property
    def has_more(self) -> bool:
        return self._is_full

    @property
    def is_whole(self) -> bool:
        return not self._begun or self._ended(self._inner)

    def feed(self, data: bytes, size: int) -> bytes:
        if not data and not self._is_full:
            return b""
        if self._ended(self._inner):
            data = getattr(self._inner, "unused_data", b"") + data
            if not data:
                self._is_full = False
                return b""
            self._inner = self._make()
        self._begun = self._begun or bool(data)
        try:
            content = self._feed(self._inner, data, size)
        except Exception as error:  # noqa: BLE001 - each package has its own
            raise CodingError(type(error).__name__) from None
        self._is_full = len(content) >= size or bool(self._ended(self._inner) and getattr(self._inner, "unused_data", b""))
        return content


@cache
def _codings() -> dict[str, Callable[[], Coding]]:
    """How each coding that is known here is undone."""
    known: dict[str, Callable[[], Coding]] = {
        "gzip": lambda: _Deflate(GZIP),
        "x-gzip": lambda: _Deflate(GZIP),
        "deflate": lambda: _Deflate(None),
    }
    brotli = _module("brotli")
    if brotli and hasattr(brotli.Decompressor, "can_accept_more_data"):  # those before it unfold without a bound
        known["br"] = lambda: _Foreign(
            brotli.Decompressor,
            lambda inner, data, size: bytes(inner.process(data, output_buffer_limit=size)),
            lambda inner: bool(inner.is_finished()),
        )
    zstd = _module("compression.zstd") or _module("backports.zstd")
    if zstd:
        known["zstd"] = lambda: _Foreign(
            zstd.ZstdDecompressor, lambda inner, data, size: bytes(inner.decompress(data, size)), lambda inner: bool(inner.eof)
        )
    return known


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


@cache
def accepted() -> str:
    """What an ``Accept-Encoding`` offers."""
    return ", ".join(name for name in _codings() if name != "x-gzip")
