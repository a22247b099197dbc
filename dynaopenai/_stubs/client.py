"""The names of operations -> the classes of groups and of both clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .._client.engine import Engine
from .._client.naming import by_first_word
from .._client.naming import names as attributes_of
from .naming import Names, pascal
from .text import apart, docstring, indented, is_name

CLOSED = "__getattr__: None  # type: ignore[assignment, misc]  # what is not declared is unknown"


Known = tuple[str, str]  # a class, ``{}`` where ``Async`` stands in the other's name, and what is said of it


def clients(engine: Engine, classes: Mapping[str, Known], names: Names) -> Iterator[str]:
    """Lines. ``classes``: each operation's by operationId."""
    found = engine.names
    tagged: dict[str, Mapping[str, str]] = {}
    for spelled, tag in found.tags.items():
        ids = [entry.id for entry in engine.contract.openapi.entries.values() if tag in entry.tags]
        tagged[spelled] = attributes_of(ids).operations
    by_word = by_first_word(engine.grouped)
    groups: dict[str, Known] = {}
    for spelled in dict.fromkeys([*found.groups, *found.tags]):
        named = by_word.get(found.groups.get(spelled, ""), {})
        made = _Group(pascal(spelled), named, tagged.get(spelled, {}), names)
        groups[spelled] = made.known
        yield from made.lines(classes)
    for prefix in ("", "Async"):
        yield f"class {prefix}Client(_dynaopenai.{prefix}Client):"
        members = {**{name: classes[each] for name, each in found.operations.items()}, **groups}
        title = engine.contract.openapi.title
        yield from indented([*docstring(title), CLOSED, *_members(members, prefix)])


class _Group:
    """A group's classes, and those of the groups below."""

    def __init__(self, path: str, named: Mapping[str, str], tagged: Mapping[str, str], names: Names) -> None:
        self.name = names.free_for_both(f"{path}Group")
        below = by_first_word(named)
        ids = dict.fromkeys(named.values())
        own = {first: inner[""] for first, inner in below.items() if "" in inner}
        self._operations = {**own, **attributes_of(ids).operations, **tagged, **own}  # its own names first, and whatever they hide
        self._groups = {first: _Group(path + pascal(first), inner, {}, names) for first, inner in below.items() if "" not in inner}

    @property
    def known(self) -> Known:
        return f"{{}}{self.name}", ""

    def lines(self, classes: Mapping[str, Known]) -> Iterator[str]:
        for group in self._groups.values():
            yield from group.lines(classes)
        members = {name: classes[operation_id] for name, operation_id in self._operations.items()}
        members |= {name: group.known for name, group in self._groups.items()}
        for prefix in ("", "Async"):
            yield f"class {prefix}{self.name}(_Group[_dynaopenai.{prefix}Operation]):"
            yield from indented(_members(members, prefix) if any(map(is_name, members)) else ["..."])


def _members(members: Mapping[str, Known], prefix: str) -> Iterator[str]:
    told: set[str] = set()
    for name, (kind, about) in members.items():
        if is_name(name):
            yield f"{name}: {apart(kind.format(prefix), members)}"
            yield from docstring(about) if kind not in told else ()  # of several spellings, the first tells
            told.add(kind)
