"""Schema Objects of every version -> JSON Schema 2020-12, once per document and direction.

Rules of this file:
1. What comes out is a self-contained bundle: every ``$ref`` names one of its own ``$defs``.
2. What the author meant counts (`keywords`): ``nullable`` works in every position, keywords beside ``$ref`` apply.
3. ``readOnly`` and ``writeOnly`` depend on the direction (OAS 3.0.4 §4.7.24): in a request a read-only
   property is neither required nor allowed, in a response a write-only one.
4. A ``format`` stays only where it is checked (``schema.FORMATS``); ``x-binary`` marks file content.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag

from .._display.words import short
from .._document.document import Node, joined
from ..errors import Diagnostic, SpecError
from .keywords import ANNOTATIONS, KEYWORDS, NOTHING, TYPES, Direction, is_binary, nullable

__all__ = ["ANNOTATIONS", "NOTHING", "TYPES", "Bundle", "Dialect", "Direction"]


@dataclass(frozen=True)
class Bundle:
    """A canonical schema on its own.

    Attributes:
        schema: the schema, with ``$defs``.
        places: where each of its ``$defs`` stands in the document; the schema itself under ``""``.
    """

    schema: dict[str, Any] | bool
    places: dict[str, Node]


@dataclass
class _Translated:
    schema: Any
    refs: set[str]
    node: Node
    dynamic: bool = False


@dataclass(frozen=True, eq=False)
class Dialect:
    """The translator for one direction; remembers what it has translated. Thread-safe."""

    direction: Direction
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _named: dict[str, _Translated] = field(default_factory=dict)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def bundle(self, node: Node) -> Bundle:
        """The schema at ``node`` and all it refers to.

        Raises:
            SpecError: a ``$ref`` in it leads nowhere.
        """
        with self._lock:
            root = _Translated(None, set(), node)
            root.schema = self.translate(node, root)
            reached, queue = {}, list(root.refs)
            while queue:
                name = queue.pop()
                if name not in reached:
                    reached[name] = self._translate(name)
                    queue += reached[name].refs
        if not isinstance(root.schema, dict):
            return Bundle(root.schema, {"": node})
        schema = dict(root.schema)
        if reached:
            schema["$defs"] = {name: reached[name].schema for name in sorted(reached)}
        if root.dynamic or any(part.dynamic for part in reached.values()):
            schema = _as_resources(schema)
        return Bundle(schema, {"": node} | {name: part.node for name, part in reached.items()})

    def _translate(self, name: str) -> _Translated:
        part = self._named[name]
        if part.schema is None:
            refs: set[str] = set()
            fresh = _Translated(None, refs, part.node)
            part.schema = self.translate(part.node, fresh)
            part.refs, part.dynamic = refs, fresh.dynamic
        return part

    def _name(self, target: Node) -> str:
        """The key in ``$defs`` of a schema that is referred to; its own name where that is free."""
        key = (target.document.uri, target.pointer)
        if key not in self._names:
            wanted = re.sub(r"[^A-Za-z0-9_.-]", "_", target.pointer.rsplit("/", 1)[-1]) or "root"
            name, number = wanted, 2
            while name in self._named:
                name, number = f"{wanted}_{number}", number + 1
            self._names[key] = name
            self._named[name] = _Translated(None, set(), target)
        return self._names[key]

    def refer(self, node: Node, ref: str, part: _Translated) -> str:
        name = self._name(node.follow(ref))
        part.refs.add(name)
        return f"#/$defs/{name}"

    def defect(self, node: Node, code: str, message: str, remedy: str = "") -> None:
        """Note a keyword that had to be passed over."""
        self.diagnostics.append(
            Diagnostic("warning", code, message, node.document.name, node.place, None, remedy)
        )

    # --- one schema ------------------------------------------------------------------------------

    def translate(self, node: Node, part: _Translated) -> Any:
        declared = node.value
        if isinstance(declared, bool):
            return {} if declared else False
        if not isinstance(declared, dict):
            self.defect(node, "schema-is-no-mapping", f"found {short(declared)}, expected a schema", "taken as {}")
            return {}
        if isinstance(declared.get("$id"), str):
            base = urldefrag(joined(node.base, declared["$id"]))[0]
            node = Node(node.document, node.pointer, declared, base)
        schema: dict[str, Any] = {}
        for keyword in declared:
            translate = KEYWORDS.get(keyword)
            if translate is not None:
                translate(self, node.child(keyword), keyword, schema, part)
        self._settle(node, declared, schema)
        return nullable(schema) if _is_nullable(declared) else schema

    def _settle(self, node: Node, declared: dict[str, Any], schema: dict[str, Any]) -> None:
        """What depends on more than one keyword."""
        for name, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if declared.get(name) is True and limit in schema:  # OAS 3.0: a flag beside the limit
                schema[name] = schema.pop(limit)
        if isinstance(declared.get("items"), list):  # draft-07 tuples
            schema["prefixItems"] = schema.pop("items", [])
            if "additionalItems" in schema:
                schema["items"] = schema.pop("additionalItems")
        schema.pop("additionalItems", None)
        if self.direction != "any" and "required" in schema:
            hidden = set(self._hidden(node, set()))
            if hidden:
                schema["required"] = [name for name in schema["required"] if name not in hidden]
        if schema.get("additionalProperties") is False and "required" in schema and "patternProperties" not in schema:
            self._settle_required(node, schema)
        if is_binary(declared):
            schema["x-binary"] = True
            schema.pop("format", None)

    def _settle_required(self, node: Node, schema: dict[str, Any]) -> None:
        """A name that is required and, in the same breath, not allowed: no value could ever be valid."""
        impossible = [name for name in schema["required"] if name not in schema.get("properties", {})]
        if impossible:
            message = f"required names {short(impossible)}, which is not declared where nothing undeclared is allowed"
            self.defect(node.child("required"), "impossible-required", message, "taken as not required")
            schema["required"] = [name for name in schema["required"] if name not in impossible]

    def _hidden(self, node: Node, seen: set[str]) -> Iterator[str]:
        """Names of the properties that this direction does not carry, through ``allOf`` and ``$ref``."""
        try:
            node = node.resolve()
        except SpecError:
            return
        if node.pointer in seen or not isinstance(node.value, dict):
            return
        seen.add(node.pointer)
        properties, branches = node.get("properties"), node.get("allOf")
        for name, child in properties.children() if properties else ():
            if self.is_hidden(child):
                yield name
        for _, child in branches.children() if branches else ():
            yield from self._hidden(child, seen)

    def is_hidden(self, node: Node) -> bool:
        flag = {"request": "readOnly", "response": "writeOnly"}.get(self.direction)
        if flag is None or not isinstance(node.value, dict):
            return False
        if node.value.get(flag) is True:
            return True
        if "$ref" not in node.value:
            return False
        try:
            target = node.resolve().value
        except SpecError:
            return False
        return isinstance(target, dict) and target.get(flag) is True


def _is_nullable(declared: dict[str, Any]) -> bool:
    """``nullable``, or a member of ``allOf`` that says nothing but that: how it is put beside a ``$ref``."""
    branches = declared.get("allOf")
    return declared.get("nullable") is True or (
        isinstance(branches, list)
        and any(
            isinstance(branch, dict) and branch.get("nullable") is True and not (KEYWORDS.keys() - ANNOTATIONS - {"example"}) & branch.keys()
            for branch in branches
        )
    )


def _as_resources(schema: dict[str, Any]) -> dict[str, Any]:
    """Every ``$defs`` entry a resource of its own, as dynamic references need (JSON Schema 2020-12 §8.2.3.2)."""

    def rewrite(value: Any) -> Any:
        if isinstance(value, list):
            return [rewrite(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            key: re.sub(r"^#/\$defs/", "urn:dynaopenai:", item)
            if key in ("$ref", "$dynamicRef") and isinstance(item, str)
            else rewrite(item)
            for key, item in value.items()
        }

    bundle: dict[str, Any] = rewrite(schema)
    bundle["$defs"] = {
        name: part | {"$id": f"urn:dynaopenai:{name}"} if isinstance(part, dict) else part
        for name, part in bundle.get("$defs", {}).items()
    }
    return bundle
