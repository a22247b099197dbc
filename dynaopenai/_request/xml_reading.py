"""XML -> the value that a schema makes of it, typed as the schema says; whether it is valid is for the check.

Rules of this file:
1. No DTD, no entity, nothing external: XML 1.0 as far as data needs it, of at most `MAX_BYTES` and `MAX_ELEMENTS`, as deep as JSON may be.
2. Names decide, and a namespace where two share a name; prefixes and the order of elements are nobody's business.
3. Nothing is lost of an object: what no schema declares is told under its own name, ``@name`` for an attribute, ``#text`` for text
   beside others, a list where two share a name. A single value and a list are what their schema says, without attributes.
4. Servers differ: an attribute for an element, a wrapper that is not declared, items of any name in one that is, are read as meant.
5. ``xsi:nil`` is null, and so is an empty element where only null fits one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .._checking.dialect import TYPES
from .._checking.json import MAX_DEPTH, DecodeError
from .._checking.markup import ATTRIBUTE, TEXT, Markup, Member, member_of
from .._checking.parts import at_name
from .._checking.schema import Schema
from .codec import codec_of, declared_in
from .style import SCALARS, scalar

MAX_BYTES = 64 * 1024 * 1024
MAX_ELEMENTS = 2_000_000
XML = "http://www.w3.org/XML/1998/namespace"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SPACE = " \t\r\n"
_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
_NO_CHILDREN: tuple[Element, ...] = ()
_NUMBER = re.compile(r"([+-]?)0*(\d*)(?:\.(\d*))?([eE][+-]?\d+)?")


@dataclass(slots=True)
class Element:
    """One element. ``text``: all that stands directly in it."""

    namespace: str
    name: str
    attributes: Mapping[str, str]
    children: Sequence[Element]
    text: str = ""


def read(data: bytes | str, schema: Schema, encoding: str | None = None, max_depth: int | None = MAX_DEPTH) -> Any:
    """The value of a document. ``encoding``: what the Content-Type says, which goes before what the document says of itself.

    Raises:
        DecodeError: it is no XML, has a DTD, or is too large or too deep.
    """
    return _value(parsed(data, encoding, max_depth), schema)


# --- the text ------------------------------------------------------------------------------------


class _Builder:
    """What the parser tells, made into elements."""

    def __init__(self, max_depth: int | None) -> None:
        self._max_depth = max_depth
        self._open: list[Element] = []
        self._texts: list[list[str]] = []  # of each that is open, its pieces
        self._names: dict[str, tuple[str, str]] = {}
        self._root: Element | None = None
        self._left = MAX_ELEMENTS

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._max_depth is not None and len(self._open) >= self._max_depth:
            raise DecodeError(f"nested more than {self._max_depth} levels deep")
        if not self._left:
            raise DecodeError(f"over {MAX_ELEMENTS:,} elements, of which at most so many are read as XML")
        self._left -= 1
        names = self._names.get(tag) or self._names.setdefault(tag, _split(tag))
        element = Element(*names, attributes or _NO_ATTRIBUTES, _NO_CHILDREN)
        if self._open:
            above = self._open[-1]
            if isinstance(above.children, list):
                above.children.append(element)
            else:
                above.children = [element]
        self._root = self._root or element
        self._open.append(element)
        self._texts.append([])

    def end(self, _tag: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def data(self, text: str) -> None:
        self._texts[-1].append(text)

    def close(self) -> Element:
        assert self._root is not None  # or the parser had failed
        return self._root


def parsed(data: bytes | str, encoding: str | None = None, max_depth: int | None = MAX_DEPTH) -> Element:
    """The root of a document.

    Raises:
        DecodeError: it is no XML, has a DTD, or is too large or too deep.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    data = _as_text(data, encoding) if isinstance(data, bytes) else data
    octets = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(octets) > MAX_BYTES:
        raise DecodeError(f"{len(octets):,} bytes, of which at most {MAX_BYTES:,} are read as XML")
    builder = _Builder(max_depth)
    parser = DefusedXMLParser(target=builder, encoding="utf-8" if isinstance(data, str) else None, forbid_dtd=True)
    try:
        parser.feed(octets)
        parser.close()
    except ParseError as error:
        raise DecodeError(str(error)) from None
    except DefusedXmlException:
        raise DecodeError("a document type declaration, which is not read") from None
    except (LookupError, ValueError) as error:
        raise error if isinstance(error, DecodeError) else DecodeError(str(error)) from None
    return builder.close()


def _as_text(data: bytes, encoding: str | None) -> bytes | str:
    """The text, where an encoding is named that expat may not know; else what came, which it finds out about itself.

    Raises:
        DecodeError: the document says an encoding that is none.
    """
    declared = declared_in(data)
    name = encoding or declared
    with suppress(LookupError, ValueError):
        return data.decode(codec_of(name)) if name and len(data) <= MAX_BYTES else data
    try:
        _ = codec_of(declared or "utf-8")  # or expat would ask Python for any
    except LookupError:
        raise DecodeError(f"unknown encoding: {declared}") from None
    return data


def _split(tag: str) -> tuple[str, str]:
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    return namespace, name


# --- its value -----------------------------------------------------------------------------------


def _value(element: Element, schema: Schema) -> Any:
    if element.attributes.get(f"{{{XSI}}}nil", "").strip(SPACE) in ("true", "1"):
        return None
    types = schema.types
    if types == TYPES and not schema.properties and schema.items is None:
        return _undescribed(element)
    if "object" in types and _is_object(element, schema):
        return _object(element, schema)
    if "array" in types and (element.children or not types & SCALARS):
        return _items(element, schema.items or schema.sub({}))
    return _undescribed(element) if element.children else _scalar(element.text, types)


def _is_object(element: Element, schema: Schema) -> bool:
    """Whether it can be nothing else: by what is in it, or since no text, and no list, may stand there."""
    own = schema.markup.attributes.keys() & {_split(name)[1] for name in element.attributes}
    if "array" in schema.types and element.children:
        return any(child.name in schema.markup.elements for child in element.children)
    return bool(element.children or own or not schema.types & SCALARS)


def _items(element: Element, items: Schema) -> list[Any]:
    if not element.children and element.text.strip(SPACE):
        return [_scalar(element.text, items.types)]
    return [_value(child, items) for child in element.children]


def _object(element: Element, schema: Schema) -> dict[str, Any]:
    markup = schema.markup
    found: dict[str, Any] = {}
    for name, member, text in _attributes(element, markup):
        value = _attribute(text, member)
        found[name] = _together(found[name], value) if name in found else value
    meant: dict[tuple[str, str], Member] = {}
    for child in element.children:
        key = child.namespace, child.name
        if key not in meant:
            meant[key] = _meant(markup.elements.get(child.name, ()), child.namespace) or undeclared(schema, child.name)
        _add(found, meant[key], child)
    if markup.text is not None and (element.text or not element.children):
        found[markup.text.name] = _scalar(element.text, markup.text.schema.types)
    elif element.text.strip(SPACE):
        found[TEXT] = element.text
    for name in schema.required - found.keys():
        if name in markup.members and markup.members[name].is_list:
            found[name] = []  # of which nothing is written
    return found


def _attributes(element: Element, markup: Markup) -> Iterator[tuple[str, Member | None, str]]:
    """The attributes, each with the property that it is. Of those that share a local name, that of the property's namespace is it."""
    named = [(*_split(tag), text) for tag, text in element.attributes.items()]
    taken: set[str] = set()
    for namespace, name, text in sorted(named, key=lambda one: not _is_of(one[0], markup.attributes.get(one[1], ()))):
        member = _meant(markup.attributes.get(name, ()), namespace)
        if namespace == XSI:
            continue
        if member is not None and member.name not in taken:
            taken.add(member.name)
            yield member.name, member, text
        else:
            yield _attribute_name(namespace, name), None, text


def _is_of(namespace: str, members: Iterable[Member]) -> bool:
    return any(member.schema.markup.namespace == namespace for member in members)


def _attribute_name(namespace: str, name: str) -> str:
    """Under what name an attribute is told that no schema declares; of prefixes, only ``xml`` is the same in all documents."""
    return f"{ATTRIBUTE}xml:{name}" if namespace == XML else ATTRIBUTE + name


def _add(found: dict[str, Any], member: Member, child: Element) -> None:
    """One more element of a property."""
    is_item = member.items is not None and (member.is_list or bool(child.children and "object" not in member.schema.types))
    value: Any
    if is_item and member.items is not None and _is_wrapper(child, member.items):
        value = _items(child, member.items)
    else:
        value = _value(child, member.items if is_item and member.items is not None else member.schema)
        value = [value] if member.is_list else value
    if value == [None] and member.items is not None and "null" in member.schema.types - member.items.types:
        value = None  # the array itself
    if member.name in found:
        value = _together(found[member.name], value)
    found[member.name] = value


def _together(before: Any, value: Any) -> list[Any]:
    """What came under one name; a list that is there already is added to in place, as this is done for each item."""
    values = before if isinstance(before, list) else [before]
    values += value if isinstance(value, list) else [value]
    return values


def _is_wrapper(child: Element, items: Schema) -> bool:
    """Whether an element holds the items of an array though none is declared to: no item has such members."""
    names = {inner.name for inner in child.children}
    if len(names) != 1 or "array" in items.types:
        return False
    return "object" not in items.types or bool(items.properties and not names & items.markup.elements.keys())


def _meant(members: Iterable[Member], namespace: str) -> Member | None:
    """Of properties that share a name, the one in this namespace; else the first."""
    listed = list(members)
    exact = [member for member in listed if namespace and member.schema.markup.namespace == namespace]
    return next(iter(exact or listed), None)


def undeclared(schema: Schema, name: str) -> Member:
    """A member that is no element of its own, by ``additionalProperties`` and the like."""
    if name == TEXT or name.startswith(ATTRIBUTE):
        return Member(name, schema.sub({}), (name.removeprefix(ATTRIBUTE),), "text" if name == TEXT else "attribute")
    held = [part for part in at_name(tuple(schema.in_place()), name) if isinstance(part, dict) and part]
    return member_of(name, schema.sub({"anyOf": held} if len(held) > 1 else held[0] if held else {}))


def _attribute(text: str, member: Member | None) -> Any:
    if member is None:
        return text
    if member.schema.types <= {"array", "null"}:  # a list of XML Schema
        items = member.schema.items or member.schema.sub({})
        return [_scalar(word, items.types) for word in text.split()]
    return _scalar(text, member.schema.types)


def _undescribed(element: Element) -> Any:
    """An element of which no schema says anything: its text, or its members."""
    members: dict[str, list[Any]] = {}
    for tag, text in element.attributes.items():
        namespace, name = _split(tag)
        if namespace != XSI:
            members.setdefault(_attribute_name(namespace, name), []).append(text)
    if not members and not element.children:
        return element.text
    for child in element.children:
        members.setdefault(child.name, []).append(_undescribed(child))
    if element.text.strip(SPACE):
        members[TEXT] = [element.text]
    return {name: values if len(values) > 1 else values[0] for name, values in members.items()}


def _scalar(text: str, types: frozenset[str]) -> Any:
    """A text as the type that the schema gives it, in XML Schema's spellings (``1`` is true, ``+07`` is 7)."""
    if "string" in types:
        return scalar(text, types) if types != TYPES else text
    text = text.strip(SPACE)
    if types <= {"boolean", "null"} and text in ("0", "1"):
        return text == "1"
    number = _NUMBER.fullmatch(text) if types & {"integer", "number"} else None
    if number is not None and (number[2] or number[3] or "0" in text):
        sign, whole, part, power = number.groups()
        text = f"{'-' if sign == '-' else ''}{whole or 0}{f'.{part}' if part else ''}{power or ''}"
    return scalar(text, types)
