"""A value -> XML, as a schema's XML Objects say (OAS 3.1.1 §4.8.26).

Rules of this file:
1. Members stand in the order in which the document declares them, which many servers hold requests to; attributes first.
2. A namespace is declared where it begins. One without a prefix is its children's, too; a prefix without one is left out.
3. null is ``xsi:nil``; of an attribute or a text nothing is written.
4. What XML cannot hold (a control character, a name with a space, an attribute twice) is refused with its place; so is a name that its
   charset cannot hold, while a text there has references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._checking.json import NotJSONError, member, text_of
from .._checking.markup import Markup, Member
from .._checking.schema import Schema
from .._display.words import short
from .codec import codec_of
from .xml_reading import XML, XSI, undeclared

ROOT, ITEM = "root", "item"  # where the document gives no name
_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
    "\U00010000-\U000effff"
)
_NAME = re.compile(f"[{_START}][{_START}.0-9\xb7\u0300-\u036f\u203f\u2040-]*")  # XML 1.0 §2.3, without colons
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_OUTSIDE = re.compile("]]>|\r")  # what no CDATA section can hold
_APART = {"]]>": "]]]]><![CDATA[>", "\r": "]]>&#13;<![CDATA["}
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_QUOTED = {**_REFERENCES, **str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})}
XMLNS = "http://www.w3.org/2000/xmlns/"
RESERVED = ("xml", "xmlns")  # prefixes that are declared nowhere


@dataclass(frozen=True)
class Scope:
    """What holds where an element stands: the prefixes, with the namespaces that they stand for, and the charset of the document."""

    prefixes: Mapping[str, str]
    charset: str

    def holds(self, text: str) -> bool:
        """Whether the charset has these characters."""
        try:
            return text.isascii() or bool(text.encode(codec_of(self.charset)))
        except UnicodeEncodeError:
            return False


def write(value: Any, schema: Schema, encoding: str = "utf-8") -> bytes:
    """The document of a value.

    Raises:
        NotJSONError: XML, or the encoding, cannot hold it, with the path of the place.
    """
    try:
        codec = codec_of(encoding)
    except LookupError:
        raise _refused("", value, f"the text cannot be written as {encoding}") from None
    text = _element(schema.markup.root or ROOT, value, schema, Scope({}, encoding), "")
    return f'<?xml version="1.0" encoding="{encoding.upper()}"?>\n{text}'.encode(codec, "xmlcharrefreplace")


class _Start:
    """A start tag on its way: its name, its attributes, and the namespaces that begin with it."""

    def __init__(self, scope: Scope) -> None:
        self._prefixes, self._charset, self._holds = dict(scope.prefixes), scope.charset, scope.holds
        self._here: set[str] = set()  # prefixes whose namespace is settled for this tag
        self._attributes: list[str] = []
        self._names: set[tuple[str, str]] = set()

    @property
    def scope(self) -> Scope:
        return Scope(self._prefixes, self._charset)

    def named(self, name: str, markup: Markup, path: str, *, is_attribute: bool = False) -> str:
        """A name as it stands here, its namespace declared."""
        head, _, local = name.rpartition(":")  # as some write a prefix
        self._check(name, markup, path, is_attribute)
        prefix = next((word for word in (markup.prefix, head) if self._is_prefix(word)), "")
        if markup.namespace == XML or (is_attribute and not markup.namespace and "xml" in (markup.prefix, head)):
            return f"xml:{local}"
        if markup.namespace:
            prefix = self._declared(prefix, markup.namespace, path, is_attribute)
        elif prefix not in self._prefixes:
            prefix = ""
        self._here.add(prefix)
        return f"{prefix}:{local}" if prefix else local

    def _is_prefix(self, word: str) -> bool:
        return word not in RESERVED and _NAME.fullmatch(word) is not None and self._holds(word)

    def _check(self, name: str, markup: Markup, path: str, is_attribute: bool) -> None:
        head, _, local = name.rpartition(":")
        hint = 'xml: {name: "..."} in the document gives it one'
        if not _NAME.fullmatch(local):
            raise _refused(path, name, f"found the name {short(name)}, which nothing in XML can have", hint)
        if markup.namespace == XMLNS or (is_attribute and (head or local) == "xmlns"):
            raise _refused(path, name, f"found the name {short(name)}, which declares a namespace", 'xml: {namespace: "..."} in the document does that')
        if not self._holds(local):
            raise _refused(path, name, f"found the name {short(local)}, which {self._charset} cannot hold", hint)

    def _declared(self, prefix: str, namespace: str, path: str, is_attribute: bool) -> str:
        """The prefix of a namespace, which is declared here unless it is already: the one that is wanted, where that is free."""
        if is_attribute and not prefix:  # which the default namespace is not for
            prefix = next((key for key, uri in self._prefixes.items() if key and uri == namespace), "")
        is_other = self._prefixes.get(prefix) != namespace
        if (is_attribute and not prefix) or (is_other and prefix in self._here):
            prefix = next(key for n in range(len(self._prefixes) + 1) if (key := f"ns{n + 1}") not in self._prefixes)
        if self._prefixes.get(prefix) != namespace:
            self._prefixes[prefix] = namespace
            _ = _escaped(namespace, path)
            self._attributes.append(f" xmlns{':' if prefix else ''}{prefix}={_quoted(namespace)}")
        return prefix

    def add(self, name: str, text: str, markup: Markup, path: str) -> None:
        """One more attribute."""
        written = self.named(name, markup, path, is_attribute=True)
        prefix, _, local = written.rpartition(":")
        key = self._prefixes.get(prefix, prefix) if prefix else "", local
        if key in self._names:
            raise _refused(path, text, f"found the attribute {short(written)} twice")
        self._names.add(key)
        self._attributes.append(f" {written}={_quoted(text)}")

    def null(self, path: str) -> None:
        self._attributes.append(f' {self._declared("xsi", XSI, path, is_attribute=True)}:nil="true"')

    def around(self, tag: str, content: str) -> str:
        head = f"<{tag}{''.join(self._attributes)}"
        return f"{head}>{content}</{tag}>" if content else f"{head}/>"


def _element(name: str, value: Any, schema: Schema, scope: Scope, path: str) -> str:
    start = _Start(scope)
    tag = start.named(name, schema.markup, path)
    if value is None:
        start.null(path)
        return start.around(tag, "")
    if isinstance(value, dict):
        return start.around(tag, "".join(_members(value, schema, start, path)))
    if isinstance(value, (list, tuple)):
        items = schema.items or schema.sub({})
        inner = items.markup.name or name if path else items.markup.root or schema.markup.name or ITEM
        return start.around(tag, "".join(_element(inner, item, items, start.scope, member(path, n)) for n, item in enumerate(value)))
    return start.around(tag, _escaped(_text(value, path), path))


def _members(value: Mapping[str, Any], schema: Schema, start: _Start, path: str) -> Iterator[str]:
    declared = schema.markup.members
    order = {name: index for index, name in enumerate(declared)}
    found = [(declared.get(name) or undeclared(schema, name), item) for name, item in value.items()]
    found.sort(key=lambda pair: (pair[0].node != "attribute", order.get(pair[0].name, len(order))))
    for one, item in found:
        place = member(path, one.name)
        if one.node == "element":
            yield from _elements(one, item, start.scope, place)
        elif item is not None and one.node == "attribute":
            text = " ".join(_word(part, place) for part in item) if isinstance(item, (list, tuple)) else _text(item, place)
            _ = _escaped(text, place)
            start.add(one.names[0], text, one.schema.markup, place)
        elif item is not None:
            text, escaped = _text(item, place), _escaped(_text(item, place), place)
            yield _cdata(text, start.scope) if one.node == "cdata" else escaped


def _elements(one: Member, value: Any, scope: Scope, path: str) -> Iterator[str]:
    """A property as its elements."""
    if one.items is not None and isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield _element(_name(one.items, item, one.names[0]), item, one.items, scope, member(path, index))
    else:
        yield _element(_name(one.schema, value, one.names[0]), value, one.schema, scope, path)


def _name(schema: Schema, value: Any, otherwise: str) -> str:
    """What an element is called: of branches that have names, by that of the one that its value fits."""
    if len(schema.markup.names("")) > 1 and not schema.markup.name:
        branches = [schema.sub(branch) for part in schema.in_place() for word in ("oneOf", "anyOf") for branch in part.get(word, ())]
        return next((branch.markup.name for branch in branches if branch.markup.name and branch.is_valid(value)), otherwise)
    return otherwise


# --- texts ---------------------------------------------------------------------------------------


def _text(value: Any, path: str) -> str:
    if isinstance(value, (dict, list, tuple)):
        raise _refused(path, value, f"found {short(value)}, expected a single value: it is no element of its own")
    return value if isinstance(value, str) else text_of(value)


def _word(value: Any, path: str) -> str:
    text = _text(value, path)
    if not text or re.search(r"\s", text):
        raise _refused(path, value, f"found {short(text)}, expected a text without spaces, which part the items of an attribute")
    return text


def _escaped(text: str, path: str) -> str:
    found = _FORBIDDEN.search(text)
    if found:
        raise _refused(path, text, f"found {short(found[0])}, which XML cannot hold")
    return text.translate(_REFERENCES)


def _cdata(text: str, scope: Scope) -> str:
    """A text as it stands, but for what a section cannot hold, which stands between two."""
    text = _OUTSIDE.sub(lambda found: _APART[found[0]], text)
    if not scope.holds(text):
        text = _BEYOND_ASCII.sub(lambda found: "".join(char if scope.holds(char) else f"]]>&#{ord(char)};<![CDATA[" for char in found[0]), text)
    return f"<![CDATA[{text}]]>"


def _quoted(text: str) -> str:
    return f'"{text.translate(_QUOTED)}"'


def _refused(path: str, value: Any, message: str, hint: str = "") -> NotJSONError:
    return NotJSONError([(path, message, value, hint)])
