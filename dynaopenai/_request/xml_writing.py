"""A value -> XML, as a schema's XML Objects say (OAS 3.1.1 §4.8.26).

Rules of this file:
1. Members stand in the order in which the document declares them, which many servers hold requests to; attributes first.
2. A namespace is declared where it begins. One without a prefix is its children's, too; a prefix without one is left out.
3. null is ``xsi:nil``; of an attribute or a text nothing is written.
4. What XML cannot hold (a control character, a name with a space) is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._checking.json import NotJSONError, encode, member
from .._checking.markup import Markup, Member
from .._checking.schema import Schema
from .._display.words import short
from .xml_reading import XSI, undeclared

ROOT, ITEM = "root", "item"  # where the document gives no name
_NAME = re.compile(r"[^\W\d][\w.-]*")
_OUTSIDE = re.compile("]]>|\r")  # what no CDATA section can hold
_APART = {"]]>": "]]]]><![CDATA[>", "\r": "]]>&#13;<![CDATA["}
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_QUOTED = {**_REFERENCES, **str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})}
Scope = Mapping[str, str]  # prefixes, and the namespaces that they stand for


def write(value: Any, schema: Schema, encoding: str = "utf-8") -> bytes:
    """The document of a value.

    Raises:
        NotJSONError: XML cannot hold it, with the path of the place.
    """
    text = _element(schema.markup.root or ROOT, value, schema, {}, "")
    declared = f'<?xml version="1.0" encoding="{encoding.upper()}"?>\n{text}'
    try:
        return declared.encode(encoding, "xmlcharrefreplace")
    except LookupError:
        raise _refused("", value, f"the text cannot be written as {encoding}") from None


class _Start:
    """A start tag on its way: its name, its attributes, and the namespaces that begin with it."""

    def __init__(self, scope: Scope, path: str) -> None:
        self.scope, self._path = dict(scope), path
        self._attributes: list[str] = []

    def named(self, name: str, markup: Markup, *, is_attribute: bool = False) -> str:
        """A name as it stands here, its namespace declared."""
        head, _, local = name.rpartition(":")  # as some write a prefix
        if not _NAME.fullmatch(local):
            raise _refused(self._path, name, f"found the name {short(name)}, which nothing in XML can have", 'xml: {name: "..."} in the document gives it one')
        prefix = next(filter(_NAME.fullmatch, (markup.prefix, head)), "")
        if markup.namespace:
            if is_attribute and not prefix:  # which the default namespace is not for
                known = [key for key, uri in self.scope.items() if key and uri == markup.namespace]
                prefix = known[0] if known else next(key for n in range(len(self.scope) + 1) if (key := f"ns{n + 1}") not in self.scope)
            if self.scope.get(prefix) != markup.namespace:
                self.scope[prefix] = markup.namespace
                self._attributes.append(f" xmlns{':' if prefix else ''}{prefix}={_quoted(markup.namespace)}")
        return f"{prefix}:{local}" if prefix and prefix in self.scope else local

    def add(self, name: str, text: str, markup: Markup) -> None:
        """One more attribute."""
        self._attributes.append(f" {self.named(name, markup, is_attribute=True)}={_quoted(text)}")

    def null(self) -> None:
        self._attributes.append(f' xmlns:xsi="{XSI}" xsi:nil="true"')

    def around(self, tag: str, content: str) -> str:
        head = f"<{tag}{''.join(self._attributes)}"
        return f"{head}>{content}</{tag}>" if content else f"{head}/>"


def _element(name: str, value: Any, schema: Schema, scope: Scope, path: str) -> str:
    start = _Start(scope, path)
    tag = start.named(name, schema.markup)
    if value is None:
        start.null()
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
            start.add(one.names[0], text, one.schema.markup)
        elif item is not None:
            text, escaped = _text(item, place), _escaped(_text(item, place), place)
            yield f"<![CDATA[{_OUTSIDE.sub(lambda found: _APART[found[0]], text)}]]>" if one.node == "cdata" else escaped


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
    return value if isinstance(value, str) else encode(value).decode()


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


def _quoted(text: str) -> str:
    return f'"{text.translate(_QUOTED)}"'


def _refused(path: str, value: Any, message: str, hint: str = "") -> NotJSONError:
    return NotJSONError([(path, message, value, hint)])
