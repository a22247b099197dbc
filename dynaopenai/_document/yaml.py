"""YAML text -> plain JSON values.

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
from typing import Any

from .._display.words import short
from ..errors import Diagnostic, SpecError
from .parsed import Parsed

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
INFINITIES = (float("inf"), float("-inf"))
_ESCAPED_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_TABS = re.compile(r"(?<=\S)[ \t]*\t[ \t]*(?=#|$)|^[ \t]*\t[ \t]*(?=#|$)", re.MULTILINE)  # before a comment, or before nothing
_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset({"str", "timestamp", "binary", "map", "seq", "omap", "set", "int", "float", "bool", "null"})


def events_of(text: str) -> Iterator[Any]:
    """The parser's events: what is there and where, with no meaning given to it."""
    import yaml

    loader = getattr(yaml, "CLoader", yaml.Loader)  # only its parser is used: events, no objects
    return iter(yaml.parse(text, Loader=loader))


def _mended(text: str) -> str:
    """The text without what the parser stumbles over: tabs before a comment, escaped surrogates, control characters."""
    text = _TABS.sub(lambda tabs: " " * len(tabs[0]), text)
    text = _ESCAPED_PAIR.sub(lambda pair: "\\U" + f"{_joined(pair[1], pair[2]):08X}", text)
    return _CONTROLS.sub("\ufffd", _ESCAPED_HALF.sub(r"\\uFFFD", text))


def _joined(high: str, low: str) -> int:
    return 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00


def compose(text: str, source: str = "<text>") -> Parsed:
    """The value of a YAML text.

    Raises:
        SpecError: it is none, or unfolds to more, or deeper, than a document may be.
    """
    return _Composer(source).compose(text)


class _Composer:
    """Events -> values, one document."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.anchors: dict[str, tuple[Any, int, int]] = {}  # value, nodes in it, levels in it
        self.open: list[str] = []
        self.nodes = 0
        self.deepest = 0

    def compose(self, text: str) -> Parsed:
        import yaml

        try:
            try:
                return self._compose(text)
            except yaml.YAMLError:
                mended = _mended(text)
                if mended == text:
                    raise
                parsed = _Composer(self.source)._compose(mended)  # noqa: SLF001 - the same class
                if mended == _TABS.sub(lambda tabs: " " * len(tabs[0]), text):
                    return parsed  # YAML has tabs there (YAML 1.2.2 §6.2), the parser does not
                message = "characters that YAML does not know, escaped or not"
                diagnostic = Diagnostic("warning", "mended-characters", message, self.source, "", None, "read as meant, or as U+FFFD")
                return Parsed(parsed.value, (diagnostic, *parsed.diagnostics))
        except yaml.MarkedYAMLError as error:
            raise self._syntax_error(text, error) from None
        except yaml.YAMLError as error:
            reason = str(error).partition("\n")[0]
            raise SpecError(f"this is no YAML: {reason}", source=self.source, line=_line_of(text, error)) from None

    def _compose(self, text: str) -> Parsed:
        import yaml

        value: Any = None
        documents = 0
        self.events = events_of(text)
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._note("several-documents", "a second document begins here", event, "only the first is read")
                    break
                value = self._node(next(self.events), 0)
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
            raise too_deep(self.source, event.start_mark.line + 1)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._fail("the document unfolds to too many nodes", event, expected=f"at most {MAX_NODES:,}")
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = self._scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1, 0)
            return value
        if kind is yaml.AliasEvent:
            return self._alias(event, depth)
        before, above = self.nodes, self.deepest
        self.deepest = depth
        if event.anchor:
            self.open.append(event.anchor)
        if event.tag:
            self._check_tag(event)
        value = self._mapping(depth) if kind is yaml.MappingStartEvent else self._sequence(depth)
        if event.anchor:
            self.open.pop()
            self.anchors[event.anchor] = (value, self.nodes - before + 1, self.deepest - depth)
        self.deepest = max(self.deepest, above)
        return value

    def _alias(self, event: Any, depth: int) -> Any:
        if event.anchor in self.open:
            raise self._fail(f"*{event.anchor} is inside the value that &{event.anchor} names", event)
        if event.anchor not in self.anchors:
            raise self._fail(f"*{event.anchor} names nothing", event, expected=f"&{event.anchor} before it")
        value, size, levels = self.anchors[event.anchor]
        self.nodes += size
        self.deepest = max(self.deepest, depth + levels)
        if self.nodes > MAX_NODES:
            raise self._fail("the document's aliases unfold to too many nodes", event, expected=f"at most {MAX_NODES:,}")
        if self.deepest > MAX_DEPTH:
            raise too_deep(self.source, event.start_mark.line + 1)
        return value

    def _sequence(self, depth: int) -> list[Any]:
        import yaml

        items = []
        while type(event := next(self.events)) is not yaml.SequenceEndEvent:
            items.append(self._node(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
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
                self.diagnostics.append(duplicate(self.source, key, event.start_mark.line + 1, lines[key]))
            lines[key] = event.start_mark.line + 1
            value[key] = item
        for other in merged:
            for key, item in other.items():
                value.setdefault(key, item)
        return value

    def _key(self, event: Any, depth: int) -> str | None:
        import yaml

        if type(event) is yaml.ScalarEvent:
            if event.anchor:
                self.anchors[event.anchor] = (self._scalar(event), 1, 0)
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
            if wanted is None or (isinstance(value, wanted) and (name == "bool") == isinstance(value, bool)):  # type: ignore[arg-type]  # a table of types
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
        return _number if value in INFINITIES else value
    return _number if _NOT_JSON.fullmatch(text) else None


def _line_of(text: str, error: Any) -> int | None:
    position = getattr(error, "position", None)
    return text.count("\n", 0, position) + 1 if isinstance(position, int) else None


# --- words ---------------------------------------------------------------------------------------


def duplicate(source: str, key: str, line: int | None, first: int | None) -> Diagnostic:
    message = f"the key {short(key)} is there twice" + (f", first in line {first}" if first else "")
    return Diagnostic("warning", "duplicate-key", message, source, "", line, "the last one counts")


def too_deep(source: str, line: int | None) -> SpecError:
    return SpecError("the document is nested too deep", source=source, line=line, expected=f"at most {MAX_DEPTH} levels")
