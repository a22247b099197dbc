"""Group: operations under one word of their paths, or one tag, and the groups below: ``client.chat.completions``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._display.colour import Paint, plain
from .._display.visible import visible
from .._display.words import count, nearest
from .._document.openapi import Entry
from ..errors import UnknownOperationError
from . import listing as _listing
from .any_operation import AnyOperation, Doc
from .naming import by_first_word, names

if TYPE_CHECKING:
    from .operations import Operations

OperationT = TypeVar("OperationT", bound=AnyOperation)


class Group(Generic[OperationT]):
    """Operations by a word for what they do, and the groups below; by operationId and snake_case, too.

    Its attributes are the API's names, so that whatever is ours begins with an underscore.
    """

    def __init__(self, operations: Operations[OperationT], name: str, named: Mapping[str, str], tagged: Sequence[str] = ()) -> None:
        """``named``: operationId by name in this group, dotted below it; ``tagged``: further ones, which have its tag."""
        self._operations, self._name, self._named = operations, name, named
        wanted = {*named.values(), *tagged}
        self._ids = [operation_id for operation_id in operations if operation_id in wanted]
        self._members: dict[str, str | Group[OperationT]] = {
            first: inner[""] if "" in inner else Group(operations, f"{name}.{first}", inner) for first, inner in by_first_word(named).items()
        }

    __doc__ = Doc(__doc__, lambda group: group._manual_())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in _OWN:
            raise AttributeError(name)
        if name.startswith("_") and self._find(name) is None:
            raise AttributeError(name)  # what shells and notebooks ask of everything
        return self[name]

    def __getitem__(self, name: str) -> OperationT | Group[OperationT]:
        member = self._find(name)
        if member is None:
            where = f"client.{self._name}"
            raise UnknownOperationError(name, self._ids, where, closest=self._closest(name), look=where)
        return member

    def __iter__(self) -> Iterator[OperationT]:
        return (self._operations[operation_id] for operation_id in self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __dir__(self) -> list[str]:
        inside = set(self._named.values())
        return [*self._members, *names(name for name in self._ids if name not in inside).listed]

    def _find(self, name: str) -> OperationT | Group[OperationT] | None:
        """A member by its name, dotted for what is further in."""
        first, _, rest = name.partition(".")
        member = self._members.get(first)
        if isinstance(member, Group):
            return member._find(rest) if rest else member  # noqa: SLF001 - the same class
        operation_id = member if not rest else None
        operation_id = operation_id or (name if name in self._ids else names(self._ids).operations.get(name))
        return self._operations[operation_id] if operation_id is not None else None

    def _closest(self, wanted: str) -> list[str]:
        """The names that were probably meant: like it, the same further in, or of what is found by that word."""
        further_in = [name for name in self._named if name.rpartition(".")[2] == wanted]
        close = [*nearest(wanted, self._members, 3), *further_in, *nearest(wanted, self._named, 1)]
        if not close:
            from .find import search

            pages = [page for page in self._operations.engine.pages if page.kind == "operation" and page.name in self._ids]
            close = [self._called.get(page.name, page.name) for page in search(pages, wanted)]
        return list(dict.fromkeys(close))[:3]

    # --- as it is shown --------------------------------------------------------------------------

    @property
    def _called(self) -> dict[str, str]:
        """What each operation is called here, by operationId."""
        return {operation_id: name for name, operation_id in reversed(list(self._named.items()))}

    @property
    def _entries(self) -> list[Entry]:
        """The operations as they are listed here, by the names that they have here."""
        entries, called = self._operations.entries, self._called
        return [replace(entries[operation_id], id=called.get(operation_id, operation_id)) for operation_id in self._ids]

    def __repr__(self) -> str:
        return visible(self._repr_painted_(plain))

    def _repr_painted_(self, paint: Paint) -> str:
        head = paint(f"<Group {self._name}: {count(len(self), 'operation')}>", "heading")
        return "\n".join([head, *_listing.rows(self._entries, paint)])

    def _repr_html_(self) -> str:
        from .._display import html as _html

        return _html.listing(map(_listing.row, self._entries), (), self._name, count(len(self), "operation"))

    def _manual_(self) -> str:
        """What ``help(client.files)`` shows."""
        first = self._called.get(self._ids[0], self._ids[0])
        return visible(f"{self._repr_painted_(plain)}\n\nhelp(client.{self._name}.{first}) has all of one of them.")


_OWN = frozenset({"_operations", "_name", "_named", "_ids", "_members"})  # set when it is made
