"""OpenAPI text, YAML or JSON -> plain JSON values, and the line of a node on demand.

Rules of this file:
1. Values are built from parser events; PyYAML's constructors are never reached, so no tag is ever executed.
2. Scalars are read by YAML 1.2's core schema, as OpenAPI authors mean them: ``no``, ``2024-01-01``, ``12:30`` and
   ``1_000`` are strings, ``010`` is ten. Mapping keys are strings as they are spelled.
3. Anchors may repeat; the latest before an alias counts. An alias costs what it unfolds to, and the sum is bounded.
4. What can be read is read; what had to be mended is a diagnostic with its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .errors import Diagnostic, SpecError, short

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200
MAX_NODES = 5_000_000
MAX_DIGITS = 4_300

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NOT_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset({"str", "timestamp", "binary", "map", "seq", "omap", "set", "int", "float", "bool", "null"})


class Parsed(NamedTuple):
    """``value``: dicts, lists, strings, numbers, booleans and None, all keys strings."""

    value: Any
    diagnostics: tuple[Diagnostic, ...]


def parse(text: str | bytes, source: str = "<text>") -> Parsed:
    """The value of a YAML or JSON text.

    Raises:
        SpecError: it is neither, or larger or deeper than a document may be.
    """
    text = _decoded(text, source)
    if text.lstrip()[:1] in ("{", "["):
        parsed = _parse_json(text, source)
        if parsed is not None:
            return parsed
    return _Composer(source).compose(text)


def _decoded(text: str | bytes, source: str) -> str:
    if len(text) > MAX_BYTES:
        raise SpecError("the document is too large", source=source, found=f"over {MAX_BYTES >> 20} MiB")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise SpecError(
            "the document is no Unicode text",
            source=source,
            line=line,
            found=f"byte {text[error.start]:#04x} at offset {error.start}",
            expected="UTF-8",
            remedy="save the file as UTF-8",
        ) from None


# --- JSON ----------------------------------------------------------------------------------------


def _parse_json(text: str, source: str) -> Parsed | None:
    """The value of a JSON text; None where it is none, which YAML's flow style may still be."""
    from jiter import from_json

    try:
        return Parsed(from_json(text.encode("utf-8"), allow_inf_nan=False, catch_duplicate_keys=True), ())
    except (ValueError, UnicodeEncodeError):
        pass
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(items)
        if len(value) < len(items):
            seen: set[str] = set()
            repeated.extend(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return value

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=str)
    except RecursionError:
        raise _too_deep(source, None) from None
    except ValueError:
        return None
    if _depth_exceeds(value):
        raise _too_deep(source, None)
    found = tuple(
        Diagnostic("warning", "duplicate-key", f"the key {short(key)} is there twice", source, "", None, "the last one counts")
        for key in repeated
    )
    return Parsed(value, found)


def _depth_exceeds(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        below = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, (dict, list))]
        level = [part for item in below for part in item]
        if not level:
            return False
    return True


def _too_deep(source: str, line: int | None) -> SpecError:
    return SpecError("the document is nested too deep", source=source, line=line, expected=f"at most {MAX_DEPTH} levels")


# --- YAML ----------------------------------------------------------------------------------------


def _events(text: str) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CLoader", yaml.Loader)  # only its parser is used: events, no objects
    return iter(yaml.parse(text, Loader=loader))


class _Composer:
    """Events -> values, one document."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open: list[str] = []
        self.nodes = 0

    def compose(self, text: str) -> Parsed:
        import yaml

        value: Any = None
        documents = 0
        try:
            self.events = _events(text)
            for event in self.events:
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._note("several-documents", "a second document begins here", event, "only the first is read")
                        break
                    value = self._node(next(self.events), 0)
        except yaml.MarkedYAMLError as error:
            raise self._syntax_error(text, error) from None
        except yaml.YAMLError as error:
            raise SpecError(f"this is no YAML: {error}", source=self.source) from None
        if not documents:
            raise SpecError("the document is empty", source=self.source, expected="an OpenAPI document")
        return Parsed(value, tuple(self.diagnostics))

    def _note(self, code: str, message: str, event: Any, remedy: str = "") -> None:
        line = event.start_mark.line + 1
        self.diagnostics.append(Diagnostic("warning", code, message, self.source, "", line, remedy))

    def _fail(self, message: str, event: Any, **facts: str) -> SpecError:
        return SpecError(message, source=self.source, line=event.start_mark.line + 1, **facts)

    def _syntax_error(self, text: str, error: Any) -> SpecError:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        lines = text.splitlines()
        found = short(lines[mark.line].strip()) if mark and mark.line < len(lines) else ""
        remedy = "indent with spaces" if mark and mark.line < len(lines) and "\t" in lines[mark.line] else ""
        problem = " ".join(filter(None, [error.context, error.problem]))
        return SpecError(f"this is no YAML: {problem}", source=self.source, line=line, found=found, remedy=remedy)

    # --- nodes -----------------------------------------------------------------------------------

    def _node(self, event: Any, depth: int) -> Any:
        import yaml

        if depth > MAX_DEPTH:
            raise _too_deep(self.source, event.start_mark.line + 1)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._fail("the document unfolds to too many nodes", event, expected=f"at most {MAX_NODES:,}")
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = self._scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1)
            return value
        if kind is yaml.AliasEvent:
            return self._alias(event)
        before = self.nodes
        if event.anchor:
            self.open.append(event.anchor)
        if event.tag:
            self._check_tag(event)
        value = self._mapping(event, depth) if kind is yaml.MappingStartEvent else self._sequence(depth)
        if event.anchor:
            self.open.pop()
            self.anchors[event.anchor] = (value, self.nodes - before + 1)
        return value

    def _alias(self, event: Any) -> Any:
        if event.anchor in self.open:
            raise self._fail(f"*{event.anchor} is inside the value that &{event.anchor} names", event)
        if event.anchor not in self.anchors:
            raise self._fail(f"*{event.anchor} names nothing", event, expected=f"&{event.anchor} before it")
        value, size = self.anchors[event.anchor]
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise self._fail("the document's aliases unfold to too many nodes", event, expected=f"at most {MAX_NODES:,}")
        return value

    def _sequence(self, depth: int) -> list[Any]:
        import yaml

        items = []
        while type(event := next(self.events)) is not yaml.SequenceEndEvent:
            items.append(self._node(event, depth + 1))
        return items

    def _mapping(self, start: Any, depth: int) -> dict[str, Any]:
        import yaml

        value: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: list[Any] = []
        while type(event := next(self.events)) is not yaml.MappingEndEvent:
            key = self._key(event, depth)
            item = self._node(next(self.events), depth + 1)
            if key is None:
                continue
            if key == "<<" and type(event) is yaml.ScalarEvent and not event.style:
                merged += self._merged(item, event)
                continue
            if key in lines:
                message = f"the key {short(key)} is there twice, first in line {lines[key]}"
                self._note("duplicate-key", message, event, "the last one counts")
            lines[key] = event.start_mark.line + 1
            value[key] = item
        for other in merged:
            for key, item in other.items():
                value.setdefault(key, item)
        del start
        return value

    def _key(self, event: Any, depth: int) -> str | None:
        import yaml

        if type(event) is yaml.ScalarEvent:
            if event.anchor:
                self.anchors[event.anchor] = (self._scalar(event), 1)
            return str(event.value)
        key = self._node(event, depth + 1)
        if isinstance(key, str):
            return key
        if isinstance(key, (dict, list)):
            self._note("complex-key", "a key is a mapping or a sequence, expected a string", event, "left out")
            return None
        return json.dumps(key)

    def _merged(self, item: Any, event: Any) -> list[Any]:
        found = item if isinstance(item, list) else [item]
        if not all(isinstance(part, dict) for part in found):
            self._note("broken-merge", f"<< takes a mapping or a list of them, found {short(item)}", event, "left out")
        return [part for part in found if isinstance(part, dict)]

    # --- scalars ---------------------------------------------------------------------------------

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.tag and event.tag != "!":
            return self._tagged(event)
        if event.style or event.tag == "!":  # a plain scalar's style is None or "", by the parser
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in "0123456789+-.":
            return text
        value = _number(text)
        if value is None:
            return text
        if value is _number:
            self._note("no-json-number", f"{short(text)} is a number that JSON does not know", event, "read as a string")
            return text
        return value

    def _check_tag(self, event: Any) -> str:
        """The short name of a standard tag; any other tag is passed over."""
        name = str(event.tag).removeprefix(_STANDARD)
        if name in _PLAIN_TAGS and str(event.tag).startswith(_STANDARD):
            return name
        if event.tag != "!":
            self._note("unknown-tag", f"the tag {short(event.tag)} means nothing here", event, "read as if it were not there")
        return ""

    def _tagged(self, event: Any) -> Any:
        name, text = self._check_tag(event), event.value
        if name in ("str", "timestamp", "binary"):
            return text
        if name == "" and event.style:
            return text
        value = _WORDS[text] if text in _WORDS else _number(text)
        wanted = {"int": int, "float": (int, float), "bool": bool, "null": type(None)}.get(name)
        if text in _WORDS or value is not None:
            if name == "float" and type(value) is int:
                return float(value)
            if wanted is None or (isinstance(value, wanted) and (name == "bool") == isinstance(value, bool)):  # type: ignore[arg-type]
                return text if value is _number else value
        if wanted is not None:
            self._note("wrong-tag", f"{short(text)} is no {name}", event, "read as a string")
        return text


def _number(text: str) -> Any:
    """The number that a plain scalar is; None where it is none, this function itself where JSON has no such number."""
    if _INT.fullmatch(text):
        if len(text) > MAX_DIGITS:
            return _number
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return _number if value in (float("inf"), float("-inf")) else value
    return _number if _NOT_JSON.fullmatch(text) else None


# --- lines ---------------------------------------------------------------------------------------


def line_of(text: str, pointer: str) -> int | None:
    """The 1-based line of the node at a JSON pointer, its key's where it has one; of the nearest ancestor that is there."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.lstrip("#").split("/")[1:]]
    if not tokens:
        return 1
    fast = _block_line(text, tokens)
    return fast if fast is not None else _event_line(text, tokens)


def _block_line(text: str, tokens: list[str]) -> int | None:
    """By indentation, through block mappings and no further; None where that is not sure."""
    start, end, indent = 0, len(text), 0
    position = -1
    for token in tokens:
        pattern = rf"(?m)^ {{{indent}}}(?:{re.escape(token)}|\"{re.escape(token)}\"|'{re.escape(token)}')[ ]*:(?=[ \r\n]|$)"
        matches = list(re.compile(pattern).finditer(text, start, end))
        if len(matches) != 1:
            return None
        match = matches[0]
        position = match.start()
        rest = text[match.end() : text.find("\n", match.end()) if "\n" in text[match.end() :] else None].strip()
        closing = re.compile(rf"(?m)^ {{0,{indent}}}[^ \r\n#]").search(text, match.end(), end)
        start, end = match.end(), closing.start() if closing else end
        child = re.compile(r"(?m)^( +)[^ \r\n#-]").search(text, start, end)
        if token is tokens[-1]:
            break
        if rest and not rest.startswith("#"):
            return None
        if child is None or len(child[1]) <= indent:
            return None
        indent = len(child[1])
    return text.count("\n", 0, position) + 1


def _event_line(text: str, tokens: list[str]) -> int | None:
    """By the parser's marks; slower, and sure."""
    import yaml

    try:
        events = _events(text)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                return _find(events, next(events), tokens)
    except (yaml.YAMLError, StopIteration, RecursionError):
        return None
    return None


def _find(events: Iterator[Any], event: Any, tokens: list[str]) -> int:
    import yaml

    line = int(event.start_mark.line) + 1
    for token in tokens:
        found: tuple[Any, int] | None = None
        if isinstance(event, yaml.MappingStartEvent):
            while not isinstance(key := next(events), yaml.MappingEndEvent):
                _skip(events, key) if not isinstance(key, yaml.ScalarEvent) else None
                value = next(events)
                if isinstance(key, yaml.ScalarEvent) and key.value == token:
                    found = (value, key.start_mark.line + 1)
                    break
                _skip(events, value)
        elif isinstance(event, yaml.SequenceStartEvent):
            index = 0
            while not isinstance(value := next(events), yaml.SequenceEndEvent):
                if str(index) == token:
                    found = (value, value.start_mark.line + 1)
                    break
                _skip(events, value)
                index += 1
        if found is None:
            return line
        event, line = found
    return line


def _skip(events: Iterator[Any], event: Any) -> None:
    import yaml

    depth = int(isinstance(event, yaml.CollectionStartEvent))
    while depth:
        event = next(events)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
