"""Each keyword of a Schema Object, of any version -> the same in JSON Schema 2020-12, as its author meant it.

Rules of this file:
1. `KEYWORDS` is the table; a keyword that is not in it says nothing about a value and is left out.
2. A value of the wrong shape is passed over with a diagnostic, or read as what was plainly meant, with one too.
3. A keyword looks at itself alone; what takes two of them is settled by `dialect`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .._display.words import short
from .._document.document import Node, escape
from ..errors import SpecError
from .overlap import CHECKED_FORMATS
from .weight import distinct

if TYPE_CHECKING:
    from .pattern import Reading

Direction = Literal["request", "response", "any"]
Severity = Literal["error", "warning"]

TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
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
ANNOTATED = {"title": str, "description": str, "deprecated": bool, "readOnly": bool, "writeOnly": bool}
XML_FIELDS = {"name": str, "namespace": str, "prefix": str, "attribute": bool, "wrapped": bool, "nodeType": str}
NODE_TYPES = frozenset({"element", "attribute", "text", "cdata", "none"})
ANNOTATIONS = frozenset({"title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples"})


# --- one keyword ---------------------------------------------------------------------------------


class Part(Protocol):
    """The schema that a keyword is in, as far as it has been translated."""

    dynamic: bool


class Translator(Protocol):
    """What a keyword asks of the dialect."""

    @property
    def direction(self) -> Direction:
        """What travels."""

    def translate(self, node: Node, part: Any) -> Any:
        """The canonical schema at ``node``."""

    def refer(self, node: Node, ref: str, part: Any) -> str:
        """The canonical ``$ref``."""

    def is_hidden(self, node: Node) -> bool:
        """Whether this direction does not carry the property."""

    def defect(self, node: Node, code: str, message: str, remedy: str = "", severity: Severity = "warning") -> None:
        """Note what had to be passed over, or was read as meant."""


FOLLOWED = MANY_SCHEMAS | NAMED_SCHEMAS | frozenset({"enum", "required", "type", "dependentRequired"})
HIDDEN: dict[str, Any] = {"x-hidden": True}  # a property that may be there, and that nobody is told of


_Keyword = Callable[[Translator, Node, str, dict[str, Any], Any], None]


def _one(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], part: Any) -> None:
    if isinstance(node.value, list):  # items as a tuple, settled later
        schema[keyword] = [dialect.translate(child, part) for _, child in node.children()]
    else:
        schema[keyword] = dialect.translate(node, part)


def _many(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], part: Any) -> None:
    if not isinstance(node.value, list) or not node.value:
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(node.value)}, expected a list of schemas")
        return
    branches = [dialect.translate(child, part) for _, child in node.children()]
    schema[keyword] = distinct(branches) if keyword in ("allOf", "anyOf") else branches


def _named(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], part: Any) -> None:
    if not isinstance(node.value, dict):
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(node.value)}, expected a mapping")
        return
    schema[keyword] = {
        _property_name(dialect, keyword, name, child): _property(dialect, keyword, child, part)
        for name, child in node.children()
    }


def _property(dialect: Translator, keyword: str, child: Node, part: Any) -> Any:
    if child.value is False:
        return NOTHING
    if keyword == "properties" and dialect.is_hidden(child):
        return HIDDEN if dialect.direction == "request" else NOTHING
    return dialect.translate(child, part)


def _property_name(dialect: Translator, keyword: str, name: str, child: Node) -> str:
    if keyword != "patternProperties":
        return name
    from .pattern import read as _pattern_of

    reading = _pattern_of(name)
    _remark(dialect, child, name, reading)
    return reading.pattern


def _type(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    declared = node.value if isinstance(node.value, list) else [node.value]
    meant = [_meant(name, isinstance(node.value, list)) for name in declared]
    if None in meant or not meant:
        dialect.defect(node, "unknown-type", f"found type {short(node.value)}, expected {', '.join(sorted(TYPES))}")
        return
    if meant != declared and "file" not in declared:
        dialect.defect(node, "misspelt-type", f"found type {short(node.value)}", f"read as {', '.join(map(str, meant))}")
    schema[keyword] = meant[0] if len(meant) == 1 else list(dict.fromkeys(meant))


def _meant(name: Any, in_list: bool) -> str | None:
    """``String`` is string; ``null`` without quotes, in a list of types, is the type of that name."""
    if name is None and in_list:
        return "null"
    if name == "file":
        return "string"  # Swagger 2.0's, in a file beside the document
    return name.lower() if isinstance(name, str) and name.lower() in TYPES else None


def _ref(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], part: Any) -> None:
    if isinstance(node.value, str):
        schema[keyword] = dialect.refer(node, node.value, part)


def _recursive_ref(dialect: Translator, node: Node, _keyword: str, schema: dict[str, Any], part: Any) -> None:
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
    schema["$ref"] = dialect.refer(node, f"#{enclosing}", part)


def _dynamic(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], part: Any) -> None:
    if not isinstance(node.value, str):
        return
    part.dynamic = True
    uri, _, fragment = node.value.partition("#")
    if keyword == "$dynamicRef" and uri:
        schema[keyword] = dialect.refer(node, uri, part) + f"#{fragment}"
    else:
        schema[keyword] = node.value


def _own_defs(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], part: Any) -> None:
    """``$defs`` are reached by ``$ref``; they stay in place only where they hold a ``$dynamicAnchor``."""
    kept = {
        name: dialect.translate(child, part)
        for name, child in node.children()
        if isinstance(child.value, dict) and "$dynamicAnchor" in child.value
    }
    if kept:
        schema[keyword] = kept


def _number(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    value = node.value
    if isinstance(value, bool) and keyword.startswith("exclusive"):
        return  # OAS 3.0's flag, settled later
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (keyword == "multipleOf" and value <= 0):
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(value)}, expected a number")
    else:
        schema[keyword] = value


def _count(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0 or value != int(value):
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(value)}, expected a count")
    else:
        _set_count(schema, keyword, int(value))


def _set_count(schema: dict[str, Any], keyword: str, value: int) -> None:
    """A limit that two keywords may set; the narrower holds."""
    stricter = max if keyword.startswith("min") else min
    schema[keyword] = stricter(value, schema.get(keyword, value))


def _required(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    if not isinstance(node.value, list):
        dialect.defect(node, "wrong-keyword", f"required: found {short(node.value)}, expected a list of names")
        return
    names = [name for name in node.value if isinstance(name, str)]
    schema[keyword] = list(dict.fromkeys(names))
    if len(schema[keyword]) < len(node.value):
        dialect.defect(node, "repeated-required", f"required names one twice: {short(node.value)}", "taken once")


def _enum(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    if not isinstance(node.value, list) or not node.value:
        dialect.defect(node, "wrong-keyword", f"enum: found {short(node.value)}, expected a list of values")
    else:
        schema[keyword] = node.value


def _pattern(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    from .pattern import read as _pattern_of

    if not isinstance(node.value, str):
        dialect.defect(node, "wrong-keyword", f"pattern: found {short(node.value)}, expected a regular expression")
        return
    reading = _pattern_of(node.value)
    schema[keyword] = reading.pattern
    for limit, value in reading.limits.items():
        _set_count(schema, limit, value)
    _remark(dialect, node, node.value, reading)


def _remark(dialect: Translator, node: Node, pattern: str, reading: Reading) -> None:
    if reading.remark == "foreign":
        message = f"found {short(pattern)}, expected a regular expression of ECMA-262"
        dialect.defect(node, "foreign-pattern", message, f"read as {short(reading.pattern)}")
    elif reading.remark:
        message = f"found {short(pattern)}, whose limit is beyond what engines compile"
        dialect.defect(node, "loosened-pattern", message, f"read as {short(reading.pattern)}; maxLength says a length")


def _flag(_dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    if node.value is True:
        schema[keyword] = True


def _format(_dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    if isinstance(node.value, str) and node.value in CHECKED_FORMATS:
        schema[keyword] = node.value


def _const(_dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    schema[keyword] = node.value


def _annotation(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    wanted = ANNOTATED.get(keyword, object)
    if isinstance(node.value, wanted):
        schema[keyword] = node.value
    else:  # the verdict's engine refuses the whole schema for it
        expected = "a text" if wanted is str else "true or false"
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(node.value)}, expected {expected}")


def _example(_dialect: Translator, node: Node, _keyword: str, schema: dict[str, Any], _part: Any) -> None:
    schema.setdefault("examples", [node.value])


def _dependencies(dialect: Translator, node: Node, _keyword: str, schema: dict[str, Any], part: Any) -> None:
    for name, child in node.children():
        if isinstance(child.value, list):
            schema.setdefault("dependentRequired", {})[name] = child.value
        else:
            schema.setdefault("dependentSchemas", {})[name] = dialect.translate(child, part)


def _dependent_required(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Part) -> None:
    if isinstance(node.value, dict) and all(isinstance(names, list) for names in node.value.values()):
        schema[keyword] = {name: list(dict.fromkeys(map(str, names))) for name, names in node.value.items()}
    else:
        dialect.defect(node, "wrong-keyword", f"{keyword}: found {short(node.value)}, expected lists of names")


def _discriminator(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], part: Any) -> None:
    """Kept as a hint for explanations (OAS 3.1.1 §4.8.25: it must not change the verdict)."""
    declared = {"propertyName": node.value} if isinstance(node.value, str) else node.value  # Swagger 2.0's is a name
    if not isinstance(declared, dict) or not isinstance(declared.get("propertyName"), str):
        return
    mapping = {}
    declared_mapping = node.get("mapping")
    for value, child in declared_mapping.children() if declared_mapping else ():
        if isinstance(child.value, str):
            ref = _mapped(node.document.root, child.value)
            try:
                mapping[value] = dialect.refer(child, ref, part)
            except SpecError:
                dialect.defect(child, "discriminator-leads-nowhere", f"{value}: found {short(child.value)}")
    schema[keyword] = {"propertyName": declared["propertyName"], "mapping": mapping}


def _mapped(root: Any, value: str) -> str:
    """A mapping's value is a schema's name where there is one of that name, else a URI (OAS 3.1.1 §4.8.25)."""
    components = root.get("components") if isinstance(root, dict) else None
    schemas = components.get("schemas") if isinstance(components, dict) else None
    is_name = (isinstance(schemas, dict) and value in schemas) or not ("#" in value or "." in value or "/" in value)
    return f"#/components/schemas/{escape(value)}" if is_name else value


def _xml(dialect: Translator, node: Node, keyword: str, schema: dict[str, Any], _part: Any) -> None:
    """An XML Object; a field of the wrong kind says nothing."""
    fields = node.value if isinstance(node.value, dict) else {}
    sound = {name: value for name, value in fields.items() if isinstance(value, XML_FIELDS.get(name, ()))}
    if sound.get("nodeType", "element") not in NODE_TYPES:
        del sound["nodeType"]
    wrong = sorted(name for name in XML_FIELDS.keys() & fields.keys() if name not in sound)
    if wrong or not isinstance(node.value, dict):
        found = f"{wrong[0]}: {short(fields[wrong[0]])}" if wrong else short(node.value)
        dialect.defect(node, "wrong-keyword", f"xml: found {found}, expected an XML Object", "passed over")
    if sound:
        schema[keyword] = sound


KEYWORDS: dict[str, _Keyword] = {
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
    "xml": _xml,
}


def _always(_value: Any) -> bool:
    return True


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_flag(value: Any) -> bool:
    return type(value) is bool


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


PLAIN: dict[str, Callable[[Any], bool]] = {
    **{keyword: _is_text if kind is str else _is_flag for keyword, kind in ANNOTATED.items()},
    **dict.fromkeys(COUNTS, _is_count),
    "default": _always,
    "const": _always,
    "type": lambda value: type(value) is str and value in TYPES,
    "enum": lambda value: type(value) is list and bool(value),
    "format": lambda value: type(value) is str and value in CHECKED_FORMATS,
}  # whether a value stands as it is, as nearly all do: `KEYWORDS` says so of each, and what becomes of the others


# --- what two of them say together ---------------------------------------------------------------


def is_binary(declared: dict[str, Any]) -> bool:
    """Whether a schema stands for the bytes of a file (OAS 3.0.4 §4.7.14.2, OAS 3.1.1 §4.8.14.1)."""
    if declared.get("format") == "binary" or declared.get("type") == "file":
        return True
    media_type = declared.get("contentMediaType")
    if not isinstance(media_type, str) or "contentEncoding" in declared or "contentSchema" in declared:
        return False
    return media_type == "application/octet-stream" or media_type.partition("/")[0] in ("image", "audio", "video")


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" not in schema and not BOUND_TO_NULL & schema.keys():
        return schema  # no type: null is admitted already
    if not BOUND_TO_NULL & schema.keys():
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return schema | {"type": [*types, "null"] if "null" not in types else types}
    outside = {key: schema.pop(key) for key in list(schema) if key in ANNOTATIONS}
    return outside | {"anyOf": [schema, {"type": "null"}], "x-nullable": True}
