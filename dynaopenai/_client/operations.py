"""The operations of a document as they are looked up: by operationId, snake_case and group, or by a search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from .._display.colour import Paint, plain
from .._display.visible import visible
from .._document import openapi
from .._request.settings import Settings
from ..errors import UnknownOperationError
from .any_operation import AnyOperation
from .engine import Engine

if TYPE_CHECKING:
    from .group import Group
    from .naming import Names

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

    def find(self, name: str) -> OperationT | Group[OperationT] | None:
        """By operationId, by its snake_case or its dotted name; or a group."""
        if name in self.entries:
            return self[name]
        if name in self.attributes.operations:
            return self[self.attributes.operations[name]]
        first, _, rest = name.partition(".")
        group = self.groups.get(first)
        return group._find(rest) if group is not None and rest else group  # noqa: SLF001 - its public names are the API's

    def names(self) -> list[str]:
        """Everything that leads to an operation or a group."""
        return [*self.attributes.operations, *self.attributes.groups, *self.attributes.tags, *self.engine.grouped]

    def within(self, name: str) -> list[str]:
        """The groups further in that are called so: ``jobs`` is ``tuning.jobs``."""
        paths = (dotted.split(".")[:-1] for dotted in self.engine.grouped)
        return list(dict.fromkeys(".".join(path[: path.index(name) + 1]) for path in paths if name in path[1:]))

    @property
    def attributes(self) -> Names:
        """What reads as an attribute of a client, and what it leads to."""
        return self.engine.names

    @property
    def snake(self) -> dict[str, str]:
        """operationId by snake_case name."""
        found = self.attributes.operations.items()
        return {name: operation_id for name, operation_id in found if name == name.lower()}

    @cached_property
    def groups(self) -> dict[str, Group[OperationT]]:
        """The groups of operations, by a word of their paths or by tag, under their attribute names."""
        from .group import Group
        from .naming import by_first_word

        tagged: dict[str, list[str]] = {}
        for entry in self.entries.values():
            for tag in entry.tags:
                tagged.setdefault(tag, []).append(entry.id)
        named = by_first_word(self.engine.grouped)
        words, tags = self.attributes.groups, self.attributes.tags
        return {
            name: Group(self, name, named[words[name]] if name in words else {}, tagged[tags[name]] if name in tags else ())
            for name in dict.fromkeys([*words, *tags])
        }


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
        from . import listing as _listing

        entries = [operation._entry for operation in self]  # noqa: SLF001 - the listing needs no more of them
        return "\n".join(_listing.found(entries, self.schemas, paint)) or f"  nothing fits {self._words!r}"

    def _repr_html_(self) -> str:
        from .._display import html as _html
        from . import listing as _listing

        entries = [operation._entry for operation in self]  # noqa: SLF001 - the listing needs no more of them
        shown = _html.listing(map(_listing.row, entries), self.schemas)
        return shown or _html.heading("nothing fits", self._words)
