"""What a schema says of its values as XML: names, namespaces, and which kind of node each is (OAS 3.1.1 §4.8.26, XML Object).

Rules of this file:
1. A schema's own word goes before that of what it refers to, and of its ``allOf``. ``nodeType`` (OAS 3.2.0) goes before the flags
   that it took the place of.
2. A property is an element of its name. An array is as many elements as it has items, named by ``items``, or else as the property;
   wrapped, it is one element, whose name its items have where ``items`` names none.
3. Where branches name their elements themselves, each of the names will do, and the branch that a value fits is written.
4. What no schema declares is an element of its name; ``@name`` is an attribute, ``#text`` the text beside attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .outline import name_at

if TYPE_CHECKING:
    from .schema import Schema

ATTRIBUTE, TEXT = "@", "#text"  # of names that no schema declares
LISTS = frozenset({"array", "null"})


@dataclass(frozen=True)
class Member:
    """A property as a node. ``names``: of its elements, the first its own; ``items``: of an array that is not wrapped, what each is."""

    name: str
    schema: Schema
    names: tuple[str, ...]
    node: str = "element"
    items: Schema | None = None

    @property
    def is_list(self) -> bool:
        """Whether it can be nothing but an array."""
        return self.items is not None and self.schema.types <= LISTS


class Markup:
    """One schema's XML Object. ``node``: ``""`` where the type decides; ``name``: ``""`` where the place does."""

    def __init__(self, schema: Schema) -> None:
        fields: dict[str, Any] = {}
        for part in _together(schema):
            fields = {**part.get("xml", {}), **fields}
        self._schema = schema
        self.name: str = fields.get("name", "")
        self.namespace: str = fields.get("namespace", "")
        self.prefix: str = fields.get("prefix", "")
        flags = "attribute" if fields.get("attribute") else "element" if fields.get("wrapped") else ""
        self.node: str = fields.get("nodeType", flags)
        self.is_declared = bool(fields)

    @property
    def is_wrapped(self) -> bool:
        """Whether an array is one element that holds its items."""
        return self.node == "element"

    def names(self, otherwise: str) -> tuple[str, ...]:
        """What an element may be called: by its own name, else by those of its branches or that of its place."""
        if self.name:
            return (self.name,)
        branches = (self._schema.sub(branch) for part in _together(self._schema) for word in ("oneOf", "anyOf") for branch in part.get(word, ()))
        return (otherwise, *dict.fromkeys(branch.markup.name for branch in branches if branch.markup.name))

    @cached_property
    def root(self) -> str:
        """What an element is called that stands alone: by its own name, else by that of the component, if it is one."""
        return self.name or component(self._schema)

    @cached_property
    def members(self) -> dict[str, Member]:
        """The declared properties, by name, in the document's order."""
        return {name: member_of(name, declared) for name, declared in self._schema.properties.items()}

    @cached_property
    def text(self) -> Member | None:
        """The property that is the element's text."""
        return next((member for member in self.members.values() if member.node in ("text", "cdata")), None)

    @cached_property
    def elements(self) -> dict[str, list[Member]]:
        """The properties that are elements, by each local name that one may have."""
        return _by_name(member for member in self.members.values() if member.node == "element")

    @cached_property
    def attributes(self) -> dict[str, list[Member]]:
        """The properties that are attributes, by local name; of a property that is none, where an attribute comes in its place."""
        found = _by_name(member for member in self.members.values() if member.node == "attribute")
        return {**{name: [member] for name, member in self.members.items()}, **found}


def component(schema: Schema) -> str:
    """The name of the component that a schema is or refers to, ``""`` where it is none."""
    ref = schema.schema.get("$ref") if isinstance(schema.schema, dict) else None
    node = schema.places.get(schema.name_of(ref) if ref else "") if ref or schema.name else None
    above, _, name = node.pointer.rpartition("/") if node is not None else ("", "", "")
    return name_at(name) if above in ("/components/schemas", "/definitions") else ""


def _together(schema: Schema) -> Iterator[dict[str, Any]]:
    """The schemas that hold of every value: itself, what it refers to, its ``allOf``."""
    seen: set[str] = set()
    todo: list[Any] = [schema.schema]
    while todo:
        part = todo.pop(0)
        if isinstance(part, dict):
            yield part
            ref = part.get("$ref")
            todo += [schema.target(ref)] if ref and ref not in seen else []
            seen.add(ref or "")
            todo += part.get("allOf", ())


def member_of(name: str, declared: Schema) -> Member:
    """A property as a node."""
    markup = declared.markup
    if markup.node in ("attribute", "text", "cdata"):
        return Member(name, declared, (markup.name or name,), markup.node)
    if "array" not in declared.types or markup.is_wrapped:
        return Member(name, declared, markup.names(name))
    items = declared.items or declared.sub({})
    names = items.markup.names(name)
    own = (component(items), markup.name) if declared.types <= LISTS else (markup.name,)  # as some name the items, or the whole
    return Member(name, declared, tuple(dict.fromkeys([*names, *filter(None, own)])), items=items)


def _by_name(members: Iterator[Member]) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = {}
    listed = list(members)
    for rank in range(max((len(member.names) for member in listed), default=0)):  # first names go before others
        for member in listed:
            for name in member.names[rank : rank + 1]:
                found.setdefault(name.rpartition(":")[2], []).append(member)
    return found
