"""A mapping whose members are read out of a text when they are first looked at: who uses a tenth of a document reads a tenth."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Any


class Unread(dict[str, Any]):
    """A dict as any other to who reads it; like all of a document, it is never changed.

    Args:
        text: JSON of all members.
        places: where in it each of them stands; until it is looked at, its place stands for it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: memoryview, places: Mapping[str, slice]) -> None:
        super().__init__(places)
        self._text = text

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if type(value) is slice:
            from jiter import from_json

            value = from_json(bytes(self._text[value]))
            super().__setitem__(key, value)
        return value

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()  # with an iterator of its own, no dict is made of it but by what is below

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 - this is what `get` is

    def values(self) -> ValuesView[Any]:  # type: ignore[override]  # a view, and not of the places
        return ValuesView(self)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # as above
        return ItemsView(self)

    def copy(self) -> dict[str, Any]:
        return dict(self)

    def __eq__(self, other: object) -> bool:
        return dict(self) == other

    def __ne__(self, other: object) -> bool:
        return dict(self) != other

    __hash__ = None

    def __or__(self, other: Any) -> Any:
        return dict(self) | other

    def __ror__(self, other: Any) -> Any:
        return other | dict(self)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)
