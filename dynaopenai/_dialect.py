"""Schema Objects of every version -> JSON Schema 2020-12, once per document and direction.

Rules of this file:
1. What comes out is a self-contained bundle: every ``$ref`` names one of its own ``$defs``.
2. What the author meant counts: ``nullable`` works in every position, keywords beside ``$ref`` apply,
   a keyword of the wrong shape is passed over with a diagnostic instead of making the schema unusable.
3. ``readOnly`` and ``writeOnly`` depend on the direction (OAS 3.0.4 §4.7.24): in a request a read-only
   property is neither required nor allowed, in a response a write-only one.
4. A ``format`` stays only where it is checked (``_schema.FORMATS``); ``x-binary`` marks file content.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urldefrag, urljoin

from ._document import Node
from .errors import Diagnostic, SpecError, short

Direction = Literal["request", "response", "any"]

TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
CHECKED_FORMATS = frozenset({"date", "date-time", "uuid", "ipv4", "ipv6", "email", "uri", "byte"})
ONE_SCHEMA = frozenset(
    {"not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "unevaluatedProperties"}
    | {"unevaluatedItems", "items", "additionalItems"}
)
MANY_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED_SCHEMAS = frozenset({"properties", "patternProperties", "dependentSchemas"})
NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
COUNTS = frozenset(
    {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"}
)
BOUND_TO_NULL = frozenset({"$ref", "allOf", "anyOf", "oneOf", "not", "if", "const", "enum", "$dynamicRef"})
NOTHING: dict[str, Any] = {"not": {}}  # as `false`, but jsonschema tells where it stands
ANNOTATIONS = frozenset({"title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples"})


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
            root.schema = self._schema(node, root)
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
            part.schema = self._schema(part.node, fresh)
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

    def _refer(self, node: Node, ref: str, part: _Translated) -> str:
        name = self._name(node.follow(ref))
        part.refs.add(name)
        return f"#/$defs/{name}"

    def defect(self, node: Node, code: str, message: str, remedy: str = "") -> None:
        """Note a keyword that had to be passed over."""
        self.diagnostics.append(
            Diagnostic("warning", code, message, node.document.name, node.place, None, remedy)
        )

    # --- one schema ------------------------------------------------------------------------------

    def _schema(self, node: Node, part: _Translated) -> Any:
        declared = node.value
        if isinstance(declared, bool):
            return {} if declared else False
        if not isinstance(declared, dict):
            self.defect(node, "schema-is-no-mapping", f"found {short(declared)}, expected a schema", "taken as {}")
            return {}
        if isinstance(declared.get("$id"), str):
            base = urldefrag(urljoin(node.base, declared["$id"]))[0]
            node = Node(node.document, node.pointer, declared, base)
        schema: dict[str, Any] = {}
        for keyword in declared:
            translate = _KEYWORDS.get(keyword)
            if translate is not None:
                translate(self, node.child(keyword), keyword, schema, part)
        self._settle(node, declared, schema)
        return _nullable(schema) if declared.get("nullable") is True else schema

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
        if is_binary(declared):
            schema["x-binary"] = True
            schema.pop("format", None)

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
            if self._is_hidden(child):
                yield name
        for _, child in branches.children() if branches else ():
            yield from self._hidden(child, seen)

    def _is_hidden(self, node: Node) -> bool:
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


# --- one keyword ---------------------------------------------------------------------------------

_Keyword = Callable[[Dialect, Node, str, dict[str, Any], _Translated], None]


def _one(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    if isinstance(node.value, list):  # items as a tuple, settled later
        schema[keyword] = [dialect._schema(child, part) for _, child in node.children()]  # noqa: SLF001
    else:
        schema[keyword] = dialect._schema(node, part)  # noqa: SLF001


def _many(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    if not isinstance(node.value, list) or not node.value:
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(node.value)}, expected a list of schemas")
        return
    schema[keyword] = [dialect._schema(child, part) for _, child in node.children()]  # noqa: SLF001


def _named(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    if not isinstance(node.value, dict):
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(node.value)}, expected a mapping")
        return
    schema[keyword] = {
        name: NOTHING if child.value is False or _hides(dialect, keyword, child) else dialect._schema(child, part)  # noqa: SLF001
        for name, child in node.children()
    }


def _hides(dialect: Dialect, keyword: str, child: Node) -> bool:
    return keyword == "properties" and dialect._is_hidden(child)  # noqa: SLF001


def _type(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    declared = node.value if isinstance(node.value, list) else [node.value]
    known = [name for name in declared if isinstance(name, str) and name in TYPES]
    if len(known) < len(declared):
        dialect.defect(node, "unknown-type", f"found type {short(node.value)}, expected {', '.join(sorted(TYPES))}")
    if known and len(known) == len(declared):
        schema[keyword] = known[0] if len(known) == 1 else list(dict.fromkeys(known))


def _ref(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    if isinstance(node.value, str):
        schema[keyword] = dialect._refer(node, node.value, part)  # noqa: SLF001


def _recursive_ref(dialect: Dialect, node: Node, _keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    """JSON Schema 2019-09's ``$recursiveRef``: the outermost enclosing schema that says ``$recursiveAnchor``."""
    tokens = node.pointer.split("/")
    value, enclosing = node.document.root, ""
    for index, token in enumerate(tokens[1:-1], 2):
        key = token.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
        if not enclosing and isinstance(value, dict) and value.get("$recursiveAnchor") is True:
            enclosing = "/".join(tokens[:index])
    if not enclosing:
        dialect.defect(node, "wrong-keyword", "$recursiveRef without an enclosing $recursiveAnchor: true")
        return
    schema["$ref"] = dialect._refer(node, f"#{enclosing}", part)  # noqa: SLF001


def _dynamic(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    if not isinstance(node.value, str):
        return
    part.dynamic = True
    uri, fragment = urldefrag(node.value)
    if keyword == "$dynamicRef" and uri:
        schema[keyword] = dialect._refer(node, uri, part) + f"#{fragment}"  # noqa: SLF001
    else:
        schema[keyword] = node.value


def _own_defs(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    """``$defs`` are reached by ``$ref``; they stay in place only where they hold a ``$dynamicAnchor``."""
    kept = {
        name: dialect._schema(child, part)  # noqa: SLF001
        for name, child in node.children()
        if isinstance(child.value, dict) and "$dynamicAnchor" in child.value
    }
    if kept:
        schema[keyword] = kept


def _number(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    value = node.value
    if isinstance(value, bool) and keyword.startswith("exclusive"):
        return  # OAS 3.0's flag, settled later
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (keyword == "multipleOf" and value <= 0):
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(value)}, expected a number")
    else:
        schema[keyword] = value


def _count(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 or value != int(value):
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(value)}, expected a count")
    else:
        schema[keyword] = int(value)


def _required(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    if not isinstance(node.value, list):
        dialect.defect(node, "wrong-keyword", f"required: found {short(node.value)}, expected a list of names")
        return
    names = [name for name in node.value if isinstance(name, str)]
    schema[keyword] = list(dict.fromkeys(names))
    if len(schema[keyword]) < len(node.value):
        dialect.defect(node, "repeated-required", f"required names one twice: {short(node.value)}", "taken once")


def _enum(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    if not isinstance(node.value, list) or not node.value:
        dialect.defect(node, "wrong-keyword", f"enum: found {short(node.value)}, expected a list of values")
    else:
        schema[keyword] = node.value


def _pattern(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    if isinstance(node.value, str):
        schema[keyword] = node.value
    else:
        dialect.defect(node, "wrong-keyword", f"pattern: found {short(node.value)}, expected a regular expression")


def _flag(_dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    if node.value is True:
        schema[keyword] = True


def _format(_dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    if node.value in CHECKED_FORMATS:
        schema[keyword] = node.value


def _const(_dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    schema[keyword] = node.value


def _annotation(_dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    schema[keyword] = node.value


def _example(_dialect: Dialect, node: Node, _keyword: str, schema: dict[str, Any], _part: _Translated) -> None:
    schema.setdefault("examples", [node.value])


def _dependencies(dialect: Dialect, node: Node, _keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    for name, child in node.children():
        if isinstance(child.value, list):
            schema.setdefault("dependentRequired", {})[name] = child.value
        else:
            schema.setdefault("dependentSchemas", {})[name] = dialect._schema(child, part)  # noqa: SLF001


def _dependent_required(
    dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], _part: _Translated
) -> None:
    if isinstance(node.value, dict) and all(isinstance(names, list) for names in node.value.values()):
        schema[keyword] = {name: list(dict.fromkeys(map(str, names))) for name, names in node.value.items()}
    else:
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(node.value)}, expected lists of names")


def _discriminator(dialect: Dialect, node: Node, keyword: str, schema: dict[str, Any], part: _Translated) -> None:
    """Kept as a hint for explanations (OAS 3.1.1 §4.8.25: it must not change the verdict)."""
    declared = node.value
    if not isinstance(declared, dict) or not isinstance(declared.get("propertyName"), str):
        return
    mapping = {}
    declared_mapping = node.get("mapping")
    for value, child in declared_mapping.children() if declared_mapping else ():
        if isinstance(child.value, str):
            ref = child.value if "#" in child.value or "." in child.value else f"#/components/schemas/{child.value}"
            try:
                mapping[value] = dialect._refer(child, ref, part)  # noqa: SLF001
            except SpecError:
                dialect.defect(child, "discriminator-leads-nowhere", f"{value}: found {short(child.value)}")
    schema[keyword] = {"propertyName": declared["propertyName"], "mapping": mapping}


_KEYWORDS: dict[str, _Keyword] = {
    **dict.fromkeys(ONE_SCHEMA, _one),
    **dict.fromkeys(MANY_SCHEMAS, _many),
    **dict.fromkeys(NAMED_SCHEMAS, _named),
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(COUNTS, _count),
    **dict.fromkeys(ANNOTATIONS - {"examples"}, _annotation),
    "examples": lambda _d, node, keyword, schema, _p: (
        schema.__setitem__(keyword, node.value) if isinstance(node.value, list) and node.value else None
    ),
    "example": _example,
    "$ref": _ref,
    "$recursiveRef": _recursive_ref,
    "$dynamicRef": _dynamic,
    "$dynamicAnchor": _dynamic,
    "$defs": _own_defs,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "pattern": _pattern,
    "uniqueItems": _flag,
    "format": _format,
    "dependencies": _dependencies,
    "dependentRequired": _dependent_required,
    "discriminator": _discriminator,
}


def is_binary(declared: dict[str, Any]) -> bool:
    """Whether a schema stands for the bytes of a file (OAS 3.0.4 §4.7.14.2, OAS 3.1.1 §4.8.14.1)."""
    if declared.get("format") == "binary" or declared.get("type") == "file":
        return True
    media_type = declared.get("contentMediaType")
    if not isinstance(media_type, str) or "contentEncoding" in declared or "contentSchema" in declared:
        return False
    return media_type == "application/octet-stream" or media_type.partition("/")[0] in ("image", "audio", "video")


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" not in schema and not BOUND_TO_NULL & schema.keys():
        return schema  # no type: null is admitted already
    if not BOUND_TO_NULL & schema.keys():
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return schema | {"type": [*types, "null"] if "null" not in types else types}
    outside = {key: schema.pop(key) for key in list(schema) if key in ANNOTATIONS}
    return outside | {"anyOf": [schema, {"type": "null"}], "x-nullable": True}


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
