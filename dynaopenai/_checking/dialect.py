"""Schema Objects of every version -> JSON Schema 2020-12, once per document and direction.

Rules of this file:
1. What comes out is a self-contained bundle: every ``$ref`` names one of its own definitions. Where they are a great many, each is
   translated when it is asked for.
2. What the author meant counts (`keywords`): ``nullable`` works in every position, keywords beside ``$ref`` apply.
3. ``readOnly`` and ``writeOnly`` depend on the direction (OAS 3.0.4 §4.7.24): in a request a read-only property is
   neither required nor offered, though an answer that is put back may hold it; in a response a write-only one is not
   allowed.
4. A ``format`` stays only where it is checked (`formats`); ``x-binary`` marks file content.
"""

from __future__ import annotations

import re
import threading
from collections import ChainMap
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urldefrag

from .._display.words import short
from .._document.anchors import joined
from .._document.document import Node
from .._document.operation_ids import dict_of
from ..errors import Diagnostic, SpecError
from .bundle import Bundle, Definitions, Separate, as_resources
from .keywords import (
    ANNOTATIONS,
    FOLLOWED,
    HIDDEN,
    KEYWORDS,
    NOTHING,
    PLAIN,
    TYPES,
    Direction,
    Severity,
    is_binary,
    nullable,
)
from .listed import settle_values
from .overlap import overlap
from .reach import Reach, property_names

__all__ = ["ANNOTATIONS", "HIDDEN", "NOTHING", "TYPES", "Bundle", "Dialect", "Direction"]

SETTLED = frozenset(  # keywords that mean something else beside others, or that others mean something beside
    {"enum", "const", "exclusiveMinimum", "exclusiveMaximum", "items", "additionalItems", "required", "allOf", "oneOf"}
    | {"additionalProperties", "format", "contentMediaType"}
)
UNCARRIED = {"request": "readOnly", "response": "writeOnly"}
MOST_LEVELS = 12  # of allOf within allOf that are looked through


@dataclass
class _Translated:
    schema: Any
    refs: set[str]
    node: Node
    dynamic: bool = False
    is_sound: bool = True  # nothing had to be passed over in it


class Alone(NamedTuple):
    """A schema without what it refers to, which is not looked at; ``is_sound``: nothing had to be passed over in it."""

    schema: Any
    targets: list[Node]
    is_sound: bool


def _bundled(root: _Translated, reached: Mapping[str, _Translated]) -> Bundle:
    schema, defs = root.schema, {name: reached[name].schema for name in sorted(reached)}
    if isinstance(schema, dict) and (root.dynamic or any(part.dynamic for part in reached.values())):
        schema, defs = as_resources(schema, defs)
    return Bundle(schema, defs, {"": root.node} | {name: part.node for name, part in reached.items()})


@dataclass(frozen=True, eq=False)
class Dialect:
    """The translator for one direction; remembers what it has translated. Thread-safe."""

    direction: Direction
    diagnostics: list[Diagnostic] = field(default_factory=list)
    compiled: dict[str, Any] = field(default_factory=dict)
    _named: dict[str, _Translated] = field(default_factory=dict)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)  # the next for a name that is taken
    _places: dict[str, Node] = field(default_factory=dict)
    reach: Reach = field(default_factory=Reach)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def bundle(self, node: Node) -> Bundle:
        """The schema at ``node`` and all it refers to.

        Raises:
            SpecError: a ``$ref`` in it leads nowhere.
        """
        with self._lock:
            root = self._fresh(node)
            reached = self._reached(root.refs, self.reach.few)
            if len(reached) > self.reach.few and root.refs and self.reach.are_plain([node]):
                return self._later(root, self.reach.is_far([node]))
            reached = self._reached(root.refs)
        return _bundled(root, reached)

    def _reached(
        self, names: Collection[str], most: float = float("inf"), translate: Callable[[str], _Translated] | None = None
    ) -> dict[str, _Translated]:
        """The schemas of these names and what they need; one more than ``most`` of them are enough."""
        translate = translate or self._translate
        reached: dict[str, _Translated] = {}
        queue = list(names)
        while queue and len(reached) <= most:
            name = queue.pop()
            if name not in reached:
                reached[name] = translate(name)
                queue += reached[name].refs
        return reached

    def _translated_or_anything(self, name: str) -> _Translated:
        with suppress(SpecError):
            return self._translate(name)
        return _Translated({}, set(), self._named[name].node)

    def _later(self, root: _Translated, is_far: bool) -> Bundle:
        """A schema whose references lead to more than is worth translating before it is asked for."""
        defs = (Separate if is_far else Definitions)(root.refs, self)
        return Bundle(root.schema, defs, ChainMap({"": root.node}, self._places))

    def translated(self, name: str) -> tuple[Any, set[str]]:
        """The schema of a name that something refers to, and the names that it refers to."""
        with self._lock:
            part = self._translate(name)
            return part.schema, part.refs

    def names_beyond(self, roots: Collection[str]) -> Iterator[set[str]]:
        """The names of properties that the schemas of these names declare, and those that they need; a set for each."""
        return map(property_names, self.reach.reached(self._places[name] for name in roots))

    def alone(self, node: Node) -> Alone:
        """The schema at ``node``.

        Raises:
            SpecError: a ``$ref`` of its own leads nowhere.
        """
        with self._lock:
            name = self._name(node)  # what is referred to from elsewhere is translated once
            part = self._translate(name)
            return Alone(part.schema, [self._named[name].node for name in sorted(part.refs)], part.is_sound)

    def together(self, nodes: Mapping[str, Node]) -> Bundle:
        """One schema of an object whose members are what these nodes say; those that lead nowhere take anything."""
        root = _Translated({}, set(), next(iter(nodes.values())))
        with self._lock:
            properties = {}
            for key, node in nodes.items():
                with suppress(SpecError):
                    properties[key] = self.translate(node, root)
            root.schema["properties"] = properties
            if self.reach.is_far(nodes.values()):
                return self._later(root, True)
            reached = self._reached(root.refs, translate=self._translated_or_anything)
        return _bundled(root, reached)

    def _fresh(self, node: Node) -> _Translated:
        """The schema at a place that need not be kept; that which is kept, where it is."""
        kept = self._named.get(self._names.get((node.document.uri, node.pointer), ""))
        if kept is not None and kept.schema is not None:
            return kept
        made = _Translated(None, set(), node)
        made.schema = self.translate(node, made)
        return made

    def _translate(self, name: str) -> _Translated:
        part = self._named[name]
        if part.schema is None:
            refs: set[str] = set()
            fresh, told = _Translated(None, refs, part.node), len(self.diagnostics)
            part.schema = self.translate(part.node, fresh)
            part.refs, part.dynamic, part.is_sound = refs, fresh.dynamic, len(self.diagnostics) == told
        return part

    def _name(self, target: Node) -> str:
        """The key in ``$defs`` of a schema that is referred to; its own name where that is free."""
        key = (target.document.uri, target.pointer)
        if key not in self._names:
            wanted = re.sub(r"[^A-Za-z0-9_.-]", "_", target.pointer.rsplit("/", 1)[-1]) or "root"
            name, number = wanted, self._numbers.get(wanted, 2)
            while name in self._named:
                name, number = f"{wanted}_{number}", number + 1
            self._numbers[wanted] = number
            self._names[key] = name
            self._named[name] = _Translated(None, set(), target)
            self._places[name] = target
        return self._names[key]

    def refer(self, node: Node, ref: str, part: _Translated) -> str:
        name = self._name(node.follow(ref))
        part.refs.add(name)
        return f"#/$defs/{name}"

    def defect(self, node: Node, code: str, message: str, remedy: str = "", severity: Severity = "warning") -> None:
        """Note a keyword that had to be passed over, or was read as meant."""
        self.diagnostics.append(
            Diagnostic(severity, code, message, node.document.name, node.place, None, remedy)
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
        for keyword, value in declared.items():
            is_plain = PLAIN.get(keyword)
            if is_plain is not None and keyword not in schema and is_plain(value):
                schema[keyword] = value
            elif keyword in KEYWORDS:
                KEYWORDS[keyword](self, _member(node, keyword), keyword, schema, part)
        if not SETTLED.isdisjoint(declared) or declared.get("type") == "file":
            self._settle(node, declared, schema, part)
        if not _is_nullable(declared):
            return schema
        if declared.get("nullable") is True and str(dict_of(node.document.root).get("openapi", "")).startswith(("3.1", "3.2")):
            message = "nullable is no keyword since OpenAPI 3.1, which has the type null"
            self.defect(node.child("nullable"), "nullable-since-3.1", message, "read as meant; name null among the types")
        return nullable(schema)

    def _settle(self, node: Node, declared: dict[str, Any], schema: dict[str, Any], part: _Translated) -> None:
        """What depends on more than one keyword."""
        for keyword in ("enum", "const"):
            if keyword in schema and "type" in schema:
                settle_values(self, node.child(keyword), keyword, schema)
        for name, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if declared.get(name) is True and limit in schema:  # OAS 3.0: a flag beside the limit
                schema[name] = schema.pop(limit)
        if isinstance(declared.get("items"), list):  # draft-07 tuples
            schema["prefixItems"] = schema.pop("items", [])
            if not schema["prefixItems"]:
                self.defect(node.child("items"), "wrong-keyword", "items: found [], expected a schema", "taken as {}")
                del schema["prefixItems"]
            if "additionalItems" in schema:
                schema["items"] = schema.pop("additionalItems")
        schema.pop("additionalItems", None)
        if self.direction != "any" and ("required" in schema or "allOf" in schema):
            hidden = frozenset(self._hidden(node, set()))
            if hidden:
                self._relax(node, schema, hidden, part)
        if "oneOf" in schema:
            self._settle_branches(node.child("oneOf"), schema)
        if "allOf" in schema:
            self._settle_branches_closed(node, schema, part)
        if schema.get("additionalProperties") is False and "allOf" in schema and "unevaluatedProperties" not in schema:
            self._settle_closed(node, schema)
        if schema.get("additionalProperties") is False and "required" in schema and "patternProperties" not in schema:
            self._settle_required(node, schema)
        if is_binary(declared):
            schema["x-binary"] = True
            schema.pop("format", None)

    def _settle_branches(self, node: Node, schema: dict[str, Any]) -> None:
        """Branches that nothing keeps apart, or that a discriminator does where their schemas do not: alternatives."""
        found = overlap(node)
        if not found:
            return
        message = "oneOf: one branch takes all that another takes, so that no value of that one fits exactly one"
        if "anyOf" in schema or (found == "one-way" and "discriminator" not in schema):
            self.defect(node, "overlapping-branches", message, "require in each branch what tells it apart")
            return
        self.defect(node, "overlapping-branches", message, "read as anyOf")
        schema["anyOf"] = schema.pop("oneOf")
        schema["x-one-of"] = True

    def _settle_closed(self, node: Node, schema: dict[str, Any]) -> None:
        """A name that ``allOf`` declares and something requires, where only one's own names are allowed: no value could ever be valid."""
        own = schema.get("properties", {}).keys()
        shut_out = sorted((self._required_by(node, 0) & frozenset(self._declared_by(node, 0))) - own)
        if shut_out:
            message = f"additionalProperties: false forbids {short(shut_out)}, which allOf declares and which is required"
            self.defect(node.child("additionalProperties"), "closed-to-all-of", message, "read as unevaluatedProperties: false")
            schema["unevaluatedProperties"] = schema.pop("additionalProperties")

    def _settle_branches_closed(self, node: Node, schema: dict[str, Any], part: _Translated) -> None:
        """Branches of ``allOf`` that allow their own names alone, where something beside them is required."""
        for index, (_, branch) in enumerate(_member(node, "allOf").children()):
            with suppress(SpecError):
                target = branch.resolve()
                if dict_of(target.value).get("additionalProperties") is not False or "patternProperties" in target.value:
                    continue
                beside = frozenset(self._declared_by(node, 0)) - frozenset(self._declared_by(target, 0))
                shut_out = sorted(self._required_by(node, 0) & beside)
                if shut_out:
                    message = f"allOf: a branch with additionalProperties: false forbids {short(shut_out)}, which is required beside it"
                    self.defect(branch, "closed-branch", message, "read without additionalProperties: false")
                    own = self.translate(target, part)
                    own = {key: value for key, value in own.items() if key not in ("additionalProperties", "unevaluatedProperties")}
                    self._put(node, schema, index, own, part)

    def _declared_by(self, node: Node, depth: int) -> Iterator[str]:
        """The names that a schema declares, through ``allOf`` and ``$ref``."""
        try:
            node = node.resolve()
        except SpecError:
            return
        yield from dict_of(dict_of(node.value).get("properties"))
        branches = node.get("allOf") if depth < MOST_LEVELS else None
        for _, branch in branches.children() if branches is not None and isinstance(branches.value, list) else ():
            yield from self._declared_by(branch, depth + 1)

    def _settle_required(self, node: Node, schema: dict[str, Any]) -> None:
        """A name that is required and, in the same breath, not allowed: no value could ever be valid."""
        impossible = [name for name in schema["required"] if name not in schema.get("properties", {})]
        if impossible:
            message = f"required names {short(impossible)}, which is not declared where nothing undeclared is allowed"
            self.defect(node.child("required"), "impossible-required", message, "taken as not required")
            schema["required"] = [name for name in schema["required"] if name not in impossible]

    def _relax(self, node: Node, schema: dict[str, Any], hidden: frozenset[str], part: _Translated, depth: int = 0) -> None:
        """Drop what is required and not carried, whichever branch of ``allOf`` says the one and whichever the other."""
        if "required" in schema:
            schema["required"] = [name for name in schema["required"] if name not in hidden]
        branches = node.get("allOf")
        for index, (_, branch) in enumerate(branches.children() if branches and "allOf" in schema and depth < MOST_LEVELS else ()):
            if hidden & self._required_by(branch, 0):
                target = branch.resolve()
                own = self.translate(target, part)  # in its place, since elsewhere it means what it says
                if isinstance(own, dict):
                    self._relax(target, own, hidden, part, depth + 1)
                self._put(node, schema, index, own, part)

    def _put(self, node: Node, schema: dict[str, Any], index: int, branch: Any, part: _Translated) -> None:
        """A branch of ``allOf`` in the place of what it was translated to; equal ones had become one."""
        children = [child for _, child in _member(node, "allOf").children()]
        if len(children) != len(schema["allOf"]):
            schema["allOf"] = [self.translate(child, part) for child in children]
        schema["allOf"][index] = branch

    def _required_by(self, node: Node, depth: int) -> frozenset[str]:
        """The names that a branch requires, through ``allOf`` and ``$ref``."""
        try:
            node = node.resolve()
        except SpecError:
            return frozenset()
        declared = node.value.get("required") if isinstance(node.value, dict) else None
        names = frozenset(name for name in declared if isinstance(name, str)) if isinstance(declared, list) else frozenset()
        branches = node.get("allOf") if depth < MOST_LEVELS else None
        return names.union(*(self._required_by(child, depth + 1) for _, child in (branches.children() if branches else ())))

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

    def is_hidden(self, node: Node, depth: int = 0) -> bool:
        """Whether this direction does not carry a property: by its own word, its ``$ref``'s, or that of its ``allOf``."""
        flag = UNCARRIED.get(self.direction)
        if flag is None or not isinstance(node.value, dict) or depth > MOST_LEVELS or node.value.keys().isdisjoint((flag, "$ref", "allOf")):
            return False
        if node.value.get(flag) is True:
            return True
        branches = [child for _, child in node.get("allOf").children()] if isinstance(node.value.get("allOf"), list) else []  # type: ignore[union-attr]  # it is there
        if "$ref" in node.value:
            try:
                branches.append(node.resolve())
            except SpecError:
                return False
        return any(self.is_hidden(branch, depth + 1) for branch in branches)


def _member(node: Node, keyword: str) -> Node:
    """The value of a keyword; where a reference stands for a mapping or a list, what it leads to."""
    child = node.child(keyword)
    is_elsewhere = keyword in FOLLOWED and isinstance(child.value, dict) and isinstance(child.value.get("$ref"), str)
    return child.resolve() if is_elsewhere else child


def _is_nullable(declared: dict[str, Any]) -> bool:
    """``nullable``, or a member of ``allOf`` that says nothing but that: how it is put beside a ``$ref``."""
    branches = declared.get("allOf")
    return declared.get("nullable") is True or declared.get("x-nullable") is True or (
        isinstance(branches, list)
        and any(
            isinstance(branch, dict) and branch.get("nullable") is True and not (KEYWORDS.keys() - ANNOTATIONS - {"example"}) & branch.keys()
            for branch in branches
        )
    )
