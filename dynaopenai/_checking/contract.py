"""What a document promises: its operations and its schemas, each worked out once, on first use."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from .._document import objects as _objects
from .._document import openapi
from .._document import source as _source
from .._document.document import Document, Node, revive
from ..errors import Diagnostic
from .dialect import Alone, Dialect, Direction
from .reach import Reach
from .schema import Schema
from .verdict import VALUES

SMALL = 1_000  # characters of a schema that is worth being compared with others
Content = tuple[str, str, Direction, str]


class Contract:
    """A document with everything compiled from it so far. Thread-safe; pickles as its document."""

    def __init__(self, document: Document) -> None:
        self.openapi = _objects.read(document)
        self.document = self.openapi.document
        self._lock = threading.Lock()
        reach = Reach()
        self._dialects: dict[Direction, Dialect] = {name: Dialect(name, reach=reach) for name in ("request", "response", "any")}
        self._schemas: dict[tuple[str, str, str], Schema] = {}
        self._alike: dict[Content, Schema] | None = None
        self._far_reaching: set[tuple[str, str]] = set()
        self._operations: dict[str, openapi.Operation] = {}

    @property
    def newer(self) -> str:
        """Where a newer document is, for messages about what this one lacks; empty where nobody knows."""
        if self.document.uri != _source.BUNDLED_URI:
            return ""
        revision = f"{self.document.name}, revision {self.openapi.api_version}"
        return f'this is {revision}; what the API publishes now: Client("openai"), --spec openai'

    def __reduce__(self) -> tuple[Any, ...]:
        document = self.document
        return _revive, (document.uri, document.name, document.root, document.written, dict(document.moved))

    def operation(self, operation_id: str) -> openapi.Operation:
        """The operation, read in full.

        Raises:
            SpecError: a part of it is broken.
        """
        if operation_id not in self._operations:
            entry = self.openapi.entries[operation_id]
            self._operations[operation_id] = _objects.read_operation(self.openapi, entry)
        return self._operations[operation_id]

    def schema(self, node: Node, direction: Direction) -> Schema:
        """The canonical schema at ``node``, for what travels in ``direction``.

        Raises:
            SpecError: a ``$ref`` in it leads nowhere.
        """
        key = (node.document.uri, node.pointer, direction)
        schema = self._schemas.get(key)
        if schema is None:
            schema = self._schemas[key] = self._shared(node, direction) or self.passing_schema(node, direction)
        return schema

    def _shared(self, node: Node, direction: Direction) -> Schema | None:
        content = content_of(node, direction) if self._alike is not None else None
        if content is None or self._alike is None:
            return None
        if content not in self._alike:
            self._alike[content] = self.passing_schema(node, direction)
        return self._alike[content]

    def passing_schema(self, node: Node, direction: Direction) -> Schema:
        """The same, not kept: for a look at everything, which would not fit into memory at once."""
        return Schema.from_bundle(self._dialects[direction].bundle(node))

    def alone(self, node: Node, direction: Direction) -> tuple[Schema, Alone]:
        """The schema at ``node`` as if what it refers to took anything.

        Raises:
            SpecError: a ``$ref`` of its own leads nowhere.
        """
        alone = self._dialects[direction].alone(node)
        return Schema(_cut(alone.schema), {}, {"": node}), alone

    def reaches_few(self, node: Node, direction: Direction, most: int) -> bool:
        """Whether a schema needs at most so many others, which is known before they are all compiled.

        Raises:
            SpecError: a ``$ref`` leads nowhere.
        """
        todo = self._dialects[direction].alone(node).targets
        first = {(target.document.uri, target.pointer) for target in todo}
        seen = set(first)
        while todo and len(seen) <= most and seen.isdisjoint(self._far_reaching):
            for target in self._dialects["any"].alone(todo.pop()).targets:  # as each is looked at anyway, when all are
                if (target.document.uri, target.pointer) not in seen:
                    seen.add((target.document.uri, target.pointer))
                    todo.append(target)
        if not todo:
            return True
        self._far_reaching |= first if len(first) == 1 else set()
        return False

    def passing(self, alike: dict[Content, Schema] | None = None) -> Contract:
        """The same with nothing kept, for a look that leaves nothing behind.

        Args:
            alike: where small schemas are kept nevertheless, once for all that say the same: each then tells the first one's place.
        """
        other = object.__new__(type(self))  # not by copy(), which makes one from the document, as pickle does
        other.__dict__ |= {**self.__dict__, "_schemas": {}, "_alike": alike}
        return other

    def together(self, nodes: Mapping[str, Node], direction: Direction) -> Schema:
        """One schema of an object whose members are what these nodes say: compiled once for all of them."""
        return Schema.from_bundle(self._dialects[direction].together(nodes))

    def translation_defects(self) -> list[Diagnostic]:
        """What had to be passed over in the schemas that were used so far."""
        return [diagnostic for dialect in self._dialects.values() for diagnostic in dialect.diagnostics]


def content_of(node: Node, direction: Direction) -> Content | None:
    """What a small schema says, the same for all that say the same; None where it refers to others, or is large."""
    if not isinstance(node.value, dict) or not {"$ref", "properties"}.isdisjoint(node.value):
        return None
    text = json.dumps(node.value)
    return (node.document.uri, node.base, direction, text) if len(text) <= SMALL and '"$' not in text else None


def _cut(schema: Any) -> Any:
    """A schema whose references take anything."""
    if isinstance(schema, list):
        return [_cut(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value if key in VALUES or not isinstance(value, (dict, list)) else _cut(value)
        for key, value in schema.items()
        if key not in ("$ref", "$dynamicRef")
    }


def _revive(*facts: Any) -> Contract:
    return Contract(revive(*facts))
