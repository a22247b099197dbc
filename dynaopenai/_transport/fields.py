"""The header fields of an answer: a mapping that is asked by name in any case (RFC 9110 §5.1), repeated fields joined (§5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any


class Headers(MutableMapping[str, str]):
    """Names are found in any case, and told as the server spelled them."""

    __slots__ = ("_fields",)

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        fields: dict[str, tuple[str, str]] = {}
        for name, value in lines:
            key = name.lower()
            if key in fields:
                name, value = fields[key][0], f"{fields[key][1]}, {value}"  # noqa: PLW2901 - the same field, again
            fields[key] = (name, value)
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def get(self, name: str, default: Any = None) -> Any:  # a tenth of what Mapping's own takes where there is none
        found = self._fields.get(name.lower())
        return default if found is None else found[1]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __setitem__(self, name: str, value: str) -> None:
        self._fields[name.lower()] = (name, value)

    def __delitem__(self, name: str) -> None:
        del self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self.lower_items()) == dict(Headers(other.items()).lower_items())

    __hash__ = None  # type: ignore[assignment]  # it can be changed, as a dict can

    def __repr__(self) -> str:
        return repr(dict(self.items()))

    def lower_items(self) -> Iterator[tuple[str, str]]:
        """The fields with their names in lower case, as `requests` has them."""
        return ((key, value) for key, (_, value) in self._fields.items())

    def copy(self) -> Headers:
        return Headers(self._fields.values())
