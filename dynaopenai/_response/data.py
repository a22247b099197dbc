"""What the caller holds: `Data`, a dict that also reads as attributes, and `Binary`, a body not read yet.

Nested objects become `Data` when they are first looked at, so a large answer costs what is read of it.
"""

from __future__ import annotations

import os
from collections.abc import ItemsView, Iterator, ValuesView
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._display.colour import Paint
from .._display.pretty import pretty
from .._request.settings import Progress
from .._transport.progress import shown
from ..errors import nearest, short
from .download import CHUNK, save

if TYPE_CHECKING:
    from .._transport.reply import Reply
    from .response import Response

__all__ = ["Binary", "Data"]


class Data(dict[str, Any]):
    """A JSON object: a real dict whose keys are attributes too, at any depth.

    A key that is also a method (``items``, ``keys``, ``get``, ``to_dict``) is reached as ``data["items"]``. ``str(data)``
    is all of it; ``repr(data)``, which the prompt shows, folds what is long.
    """

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        kind = type(value)
        if kind is dict or kind is list:
            value = wrap(value)
            super().__setitem__(key, value)
        return value

    def __getattribute__(self, name: str) -> Any:
        # Not __getattr__: what Python does before it comes to that takes four times as long as all of this.
        if name in _METHODS:
            return _native(self, name)
        try:
            value = _item(self, name)
        except KeyError:
            return _declared(self, name)
        kind = type(value)
        if kind is dict or kind is list:
            value = wrap(value)
            _keep(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise _no_attribute(self, name) from None

    def __repr__(self) -> str:
        return pretty(self)

    def _repr_painted_(self, paint: Paint) -> str:
        return pretty(self, paint=paint)

    def __str__(self) -> str:
        return repr(plain(self))

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dicts and lists, for what asks for these exactly (PyYAML, pickles for others)."""
        return {key: plain(value) for key, value in dict.items(self)}

    def _repr_html_(self) -> str:
        from .._display.html import value

        return value(self)

    def __dir__(self) -> list[str]:
        return [*(key for key in self if key.isidentifier()), *super().__dir__()]

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 - get() is what this defines

    def pop(self, key: str, *default: Any) -> Any:
        return wrap(super().pop(key, *default))

    def setdefault(self, key: str, default: Any = None) -> Any:
        super().setdefault(key, default)
        return self[key]

    def popitem(self) -> tuple[str, Any]:
        key, value = super().popitem()
        return key, wrap(value)

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # the builtin types its own view class
        self._wrap_all()
        return super().values()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        self._wrap_all()
        return super().items()

    def copy(self) -> Data:
        return Data(self)

    def _wrap_all(self) -> None:
        for key in self:
            self[key]

    def __reduce__(self) -> tuple[Any, ...]:
        return Data, (dict(self),)


_METHODS = frozenset(dir(Data))
_OBJECTS = {dict}
_native, _item, _keep = object.__getattribute__, dict.__getitem__, dict.__setitem__


class DataList(list[Any]):
    """A list whose objects are `Data` already."""

    __slots__ = ()

    def __repr__(self) -> str:
        return pretty(self)

    def _repr_painted_(self, paint: Paint) -> str:
        return pretty(self, paint=paint)

    def __str__(self) -> str:
        return repr(plain(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return DataList, (list(self),)


def wrap(value: Any) -> Any:
    """``value`` with its outermost objects readable as attributes."""
    kind = type(value)
    if kind is dict:
        return Data(value)
    if kind is list:
        kinds = set(map(type, value))
        if kinds == _OBJECTS:
            return DataList(map(Data, value))
        return DataList(map(wrap, value)) if dict in kinds or list in kinds else DataList(value)
    return value


def plain(value: Any) -> Any:
    """``value`` with plain dicts and lists at any depth."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _declared(data: Data, name: str) -> Any:
    """What a subclass declares."""
    try:
        return _native(data, name)
    except AttributeError:
        raise _no_attribute(data, name) from None


def _no_attribute(data: Data, name: str) -> AttributeError:
    close = nearest(name, data)
    hint = f'; did you mean "{close[0]}"?' if close else f"; it has {short(list(data))}"
    return AttributeError(f"the answer has no {short(name)}{hint}")


class Binary:
    """A body that is neither JSON nor text, read on demand. A context manager.

    Attributes:
        response: the `Response` it came with, without the ``data`` that this is.
        content_type: as the server says.
    """

    def __init__(self, response: Response, reply: Reply, content_type: str) -> None:
        self.response = response
        self.content_type = content_type
        self._reply = reply
        self._content: bytes | None = None
        self._taken = False

    def __repr__(self) -> str:
        length = self.response.headers.get("content-length")
        size = f"{int(length):,} bytes" if length and length.isdigit() else "size unknown"
        return f"<Binary {self.content_type or 'without content type'}, {size}>"

    def read(self) -> bytes:
        """All of it. Kept, so that it can be read again.

        Raises:
            APIConnectionError: the connection was lost before the end.
        """
        if self._content is None:
            self._take()
            self._content = self._reply.read()
        return self._content

    def __iter__(self) -> Iterator[bytes]:
        """Piece by piece, as it arrives; once, unless it was `read`."""
        return iter([self._content]) if self._content is not None else self._chunks()

    def _chunks(self) -> Iterator[bytes]:
        self._take()
        done = 0
        with shown(self._reply.settings.progress, "receiving") as report:
            for piece in self._reply.chunks(CHUNK):
                done += len(piece)
                if report is not None:
                    report(done, self._reply.length)
                yield piece

    def _take(self) -> None:
        if self._taken:
            msg = "this body was read piece by piece already; read() keeps it, save() writes it"
            raise ValueError(msg)
        self._taken = True

    def save(self, path: str | os.PathLike[str], *, progress: Progress = None) -> Path:
        """Write it to ``path``, all or nothing: a temporary file beside it takes its place at the end.

        Where the connection breaks, it is asked for the rest, or for all of it again.

        Args:
            path: where to.
            progress: called with (bytes done, bytes in all or None); True for a bar in a terminal.

        Raises:
            APIConnectionError: it could not be had whole; ``path`` is as it was.
            OSError: it cannot be written there.
        """
        target = Path(path)
        if self._content is not None:
            target.write_bytes(self._content)
            return target
        self._take()
        with shown(self._reply.settings.progress if progress is None else progress, target.name) as report:
            save(self._reply, target, report)
        return target

    def close(self) -> None:
        """Give the connection back without reading the rest."""
        self._reply.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()  # a connection does not travel

    def __enter__(self) -> Binary:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
