"""The names of operations -> the classes of groups and of both clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .._client.engine import Engine
from .._client.naming import by_first_word
from .._client.naming import names as attributes_of
from .naming import Names, pascal
from .text import apart, docstring, indented, is_name

CLOSED = "__getattr__: None  # type: ignore[assignment, misc]  # what is not declared is unknown"


def clients(engine: Engine, classes: Mapping[str, str], names: Names) -> Iterator[str]:
    """Lines. ``classes``: each operation's class by operationId, ``{}`` where ``Async`` stands in the other's name."""
    found = engine.names
    tagged: dict[str, Mapping[str, str]] = {}
    for spelled, tag in found.tags.items():
        ids = [entry.id for entry in engine.contract.openapi.entries.values() if tag in entry.tags]
        tagged[spelled] = attributes_of(ids).operations
    by_word = by_first_word(engine.grouped)
    groups: dict[str, str] = {}
    for spelled in dict.fromkeys([*found.groups, *found.tags]):
        named = by_word.get(found.groups.get(spelled, ""), {})
        made = _Group(pascal(spelled), named, tagged.get(spelled, {}), names)
        groups[spelled] = f"{{}}{made.name}"
        yield from made.lines(classes)
    for prefix in ("", "Async"):
        yield f"class {prefix}Client(_dynaopenai.{prefix}Client):"
        members = {**{name: classes[each] for name, each in found.operations.items()}, **groups}
        title = engine.contract.openapi.title
        yield from indented([*docstring(title), CLOSED, *_members(members, prefix)])


class _Group:
    """A group's classes, and those of the groups below."""

    def __init__(self, path: str, named: Mapping[str, str], tagged: Mapping[str, str], names: Names) -> None:
        self.name = names.free(f"{path}Group")
        below = by_first_word(named)
        ids = dict.fromkeys(named.values())
        self._operations = {**attributes_of(ids).operations, **tagged} | {first: inner[""] for first, inner in below.items() if "" in inner}
        self._groups = {first: _Group(path + pascal(first), inner, {}, names) for first, inner in below.items() if "" not in inner}

    def lines(self, classes: Mapping[str, str]) -> Iterator[str]:
        for group in self._groups.values():
            yield from group.lines(classes)
        members = {name: classes[operation_id] for name, operation_id in self._operations.items()}
        members |= {name: f"{{}}{group.name}" for name, group in self._groups.items()}
        for prefix in ("", "Async"):
            yield f"class {prefix}{self.name}(_Group[_dynaopenai.{prefix}Operation]):"
            yield from indented(_members(members, prefix))


def _members(members: Mapping[str, str], prefix: str) -> Iterator[str]:
    return (f"{name}: {apart(kind.format(prefix), members)}" for name, kind in members.items() if is_name(name))
