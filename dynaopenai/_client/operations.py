"""The operations of a document as they are looked up: by operationId, snake_case and tag, or by a search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from .._display.colour import Paint, plain
from .._display.visible import visible
from .._display.words import count
from .._document import openapi
from .._request.settings import Settings
from ..errors import UnknownOperationError
from . import listing as _listing
from .any_operation import AnyOperation
from .engine import Engine
from .naming import Names, names

PARTS = frozenset({"_engine", "_following", "_operations", "_settings"})  # of a client, set when it starts

OperationT = TypeVar("OperationT", bound=AnyOperation)


class Operations(Mapping[str, OperationT]):
    """Operations by operationId, in document order; each made when it is first asked for."""

    def __init__(self, engine: Engine, settings: Settings, kind: Callable[[Engine, openapi.Entry, Settings], OperationT]) -> None:
        self.engine = engine
        self._settings, self._kind = settings, kind
        self.entries = engine.contract.openapi.entries
        self._made: dict[str, OperationT] = {}

    def __getitem__(self, operation_id: str) -> OperationT:
        operation = self._made.get(operation_id)
        if operation is None:
            if operation_id not in self.entries:
                contract = self.engine.contract
                raise UnknownOperationError(str(operation_id), self.entries, contract.openapi.title, newer=contract.newer)
            made = self._kind(self.engine, self.entries[operation_id], self._settings)
            operation = self._made.setdefault(operation_id, made)
        return operation

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self.entries

    def __repr__(self) -> str:
        return visible(f"<Operations {', '.join(self)}>") if len(self) <= 5 else f"<{len(self)} operations>"

    def find(self, name: str) -> OperationT | Tag[OperationT] | None:
        """By operationId, by its snake_case, or a tag."""
        if name in self.entries:
            return self[name]
        if name in self.attributes.operations:
            return self[self.attributes.operations[name]]
        return self.tags.get(name)

    def names(self) -> list[str]:
        """Everything that reads as an attribute."""
        return [*self.attributes.operations, *self.attributes.tags]

    @cached_property
    def attributes(self) -> Names:
        """What reads as an attribute of a client, and what it leads to."""
        tags = (tag for entry in self.entries.values() for tag in entry.tags)
        return names(self.entries, tags, self.engine.taken | PARTS)

    @property
    def snake(self) -> dict[str, str]:
        """operationId by snake_case name."""
        found = self.attributes.operations.items()
        return {name: operation_id for name, operation_id in found if name == name.lower()}

    @cached_property
    def tags(self) -> dict[str, Tag[OperationT]]:
        """The tags by their attribute name."""
        found: dict[str, list[str]] = {}
        for entry in self.entries.values():
            for tag in entry.tags:
                found.setdefault(tag, []).append(entry.id)
        return {name: Tag(self, tag, found[tag]) for name, tag in self.attributes.tags.items()}


class Found(Sequence[OperationT]):
    """What a search found, best first: a sequence of operations.

    Attributes:
        schemas: the names of the schemas that fit, best first.
    """

    def __init__(self, operations: list[OperationT], schemas: list[str], words: str) -> None:
        self._operations = operations
        self.schemas = schemas
        self._words = words

    def __getitem__(self, index: Any) -> Any:
        return self._operations[index]

    def __len__(self) -> int:
        return len(self._operations)

    def __repr__(self) -> str:
        return visible(self._repr_painted_(plain))

    def _repr_painted_(self, paint: Paint) -> str:
        entries = [operation._entry for operation in self]  # noqa: SLF001 - the listing needs no more of them
        return "\n".join(_listing.found(entries, self.schemas, paint)) or f"  nothing fits {self._words!r}"

    def _repr_html_(self) -> str:
        from .._display import html as _html

        entries = [operation._entry for operation in self]  # noqa: SLF001 - the listing needs no more of them
        shown = _html.listing(map(_listing.row, entries), self.schemas)
        return shown or _html.heading("nothing fits", self._words)


class Tag(Generic[OperationT]):
    """The operations under one tag, by operationId or snake_case."""

    def __init__(self, operations: Operations[OperationT], name: str, ids: list[str]) -> None:
        self._operations = operations
        self._name = name
        self._ids = ids

    def __repr__(self) -> str:
        return visible(self._repr_painted_(plain))

    def _repr_painted_(self, paint: Paint) -> str:
        entries = [self._operations.entries[operation_id] for operation_id in self._ids]
        head = paint(f"<Tag {self._name}: {count(len(entries), 'operation')}>", "heading")
        return "\n".join([head, *_listing.rows(entries, paint)])

    def _repr_html_(self) -> str:
        from .._display import html as _html

        entries = [self._operations.entries[operation_id] for operation_id in self._ids]
        return _html.listing(map(_listing.row, entries), (), self._name, count(len(entries), "operation"))

    def __getattr__(self, name: str) -> OperationT:
        if name.startswith("__") or name in ("_operations", "_ids", "_name"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> OperationT:
        by_name = names(self._ids).operations
        operation_id = name if name in self._ids else by_name.get(name)
        if operation_id is None:
            raise UnknownOperationError(name, dict.fromkeys([*self._ids, *by_name]), f"tag {self._name}", len(self._ids))
        return self._operations[operation_id]

    def __iter__(self) -> Iterator[OperationT]:
        return (self._operations[operation_id] for operation_id in self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __dir__(self) -> list[str]:
        return list(names(self._ids).operations)
