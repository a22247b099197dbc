"""A document: where it came from, what it holds, and where its ``$ref``s lead.

Rules of this file:
1. A document is data. Nothing in it is executed, and nothing in it is changed after loading.
2. A ``$ref`` is followed within the document, to files beside a file, to the same host for a URL.
   Another host only when ``remote_refs`` names it, another folder only when ``local_refs`` does; a document from the network
   never reaches a file.
3. A place is told as the author wrote it: a converted document remembers where its parts have moved from.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Union
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from .._display.words import nearest, short
from ..errors import Diagnostic, SpecError
from . import cache as _cache
from . import discovery as _discovery
from . import source as _source
from . import syntax as _syntax
from .anchors import joined
from .source import MEMORY

if TYPE_CHECKING:
    from .lines import Lines

Source = Union[str, bytes, "os.PathLike[str]", Mapping[str, Any], "Document", None]


_INDEX = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, eq=False)
class Library:
    """The documents that belong together, each loaded once, by URI.

    Attributes:
        remote_refs: hosts that a ``$ref`` may lead to; True for any.
        local_refs: folders that a ``$ref`` may lead to beside the document's own, its checkout and the working directory.
        read_file: what gives a file's bytes, where they are not to be read from the disk.
    """

    remote_refs: bool | Collection[str] = False
    local_refs: bool | Collection[str | os.PathLike[str]] = False
    read_file: Callable[[Path], bytes] | None = None
    documents: dict[str, Document] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def neighbour(self, uri: str, home: str) -> bytes:
        """The bytes of a file that a ``$ref`` leads to. ``home``: the URI of the document that refers to it."""
        path = _source.path_of(uri)
        if self.read_file is not None:
            return self.read_file(path)
        return _source.read_neighbour(path, _source.path_of(next(iter(self.documents), home)), self.local_refs)


@dataclass(frozen=True, eq=False)
class Document:
    """One parsed document.

    Attributes:
        uri: absolute base URI of its references; ``memory:`` for a mapping or a text.
        name: what messages call it.
        root: the parsed value.
        written: as it was read, None for a mapping.
        diagnostics: what the parser had to mend.
        moved: for a converted document, where its parts stand in the text: pointer there by pointer here.
        anchors: pointers by ``$anchor``, for each resource in which one was looked for; by ``$id`` under that name.
    """

    uri: str
    name: str
    root: Any
    written: str | bytes | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    library: Library = field(default_factory=Library)
    moved: Mapping[str, str] = field(default_factory=dict)
    anchors: dict[str, dict[str, str]] = field(default_factory=dict)
    _followed: dict[tuple[str, str], Node] = field(default_factory=dict, init=False)  # by base and reference

    def __repr__(self) -> str:
        return f"<Document {self.name}>"

    @property
    def text(self) -> str | None:
        """What was read as text, None for a mapping."""
        return _syntax.decoded(self.written, self.name) if self.written is not None else None

    @property
    def node(self) -> Node:
        return Node(self, "", self.root, self.uri)

    @property
    def base(self) -> str:
        """What relative URLs in it are relative to: its ``$self`` where it has one (OAS 3.2.0 §4.1.2.2)."""
        declared = self.root.get("$self") if isinstance(self.root, dict) else None
        return joined(self.uri, declared) if isinstance(declared, str) else self.uri

    def pointer_in_text(self, pointer: str) -> str:
        """The pointer to the same node in the text that the author wrote."""
        head, tail = pointer, ""
        while self.moved and head and head not in self.moved:
            head, _, token = head.rpartition("/")
            tail = f"/{token}{tail}"
        return self.moved.get(head, head) + tail

    def here(self, pointer: str) -> str:
        """The pointer to what the author's text has at ``pointer``, as another document may refer to it."""
        for here, there in self.moved.items():
            if here.count("/") == 2 and pointer.startswith(there + "/"):  # a section of the whole document
                return here + pointer[len(there) :]
        return pointer

    def line(self, pointer: str) -> int | None:
        """The 1-based line of the node at ``pointer``, where the document has a text."""
        return self._lines.at(self.pointer_in_text(pointer)) if self._lines is not None else None

    def lines(self, places: Iterable[str]) -> dict[str, int]:
        """The lines of many places, each by `pointer_in_text`."""
        return self._lines.of(places) if self._lines is not None else {}

    @cached_property
    def _lines(self) -> Lines | None:
        from .lines import Lines

        text = self.text
        return Lines(text) if text is not None else None

    def digest(self) -> str:
        """SHA-256 of the text (of the canonical JSON, for a mapping), hexadecimal."""
        import hashlib
        import json

        text = self.text
        if text is None:
            text = json.dumps(self.root, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Node(NamedTuple):
    """A value in a document and the way to it.

    Attributes:
        pointer: JSON pointer without the leading ``#``.
        base: the URI that references in this value are relative to.
    """

    document: Document
    pointer: str
    value: Any
    base: str

    @property
    def place(self) -> str:
        return "#" + self.document.pointer_in_text(self.pointer)

    def child(self, key: str | int) -> Node:
        """The value under ``key``, which must be there."""
        value = self.value[key]
        return Node(self.document, f"{self.pointer}/{escape(str(key))}", value, self.base)

    def get(self, key: str) -> Node | None:
        """The value under ``key``, or None where there is none or this is no mapping."""
        return self.child(key) if isinstance(self.value, dict) and key in self.value else None

    def part(self, key: str) -> Node | None:
        """The same, with a ``$ref`` in its place followed, wherever it stands.

        Raises:
            SpecError: the reference leads nowhere.
        """
        found = self.get(key)
        return found.resolve() if found is not None else None

    def children(self) -> Iterator[tuple[str, Node]]:
        """The members of a mapping or sequence, in order; nothing for a scalar."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield key, self.child(key)
        elif isinstance(self.value, list):
            for index in range(len(self.value)):
                yield str(index), self.child(index)

    def error(self, message: str, **facts: str) -> SpecError:
        """A `SpecError` about this place."""
        return SpecError(
            message,
            source=self.document.name,
            line=self.document.line(self.pointer),
            pointer=self.place,
            **facts,
        )

    def resolve(self) -> Node:
        """Follow ``$ref`` until something else is there (OAS 3.1.1 §4.8.23).

        Raises:
            SpecError: the reference leads nowhere, in a circle, or where it must not go.
        """
        node, seen = self, set()
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            at = (node.document.uri, node.pointer)
            if at in seen:
                raise self.error("$ref leads in a circle", found=short(self.value["$ref"]))
            seen.add(at)
            node = node.follow(node.value["$ref"])
        return node

    def follow(self, ref: str, passed: frozenset[tuple[str, str]] = frozenset()) -> Node:
        """The node that ``ref``, written at this place, names. ``passed``: the references on the way to it."""
        followed, way = self.document._followed, (self.base, ref)  # noqa: SLF001 - a document and its nodes are one
        return followed.get(way) or followed.setdefault(way, self._reached(ref, passed))

    def _reached(self, ref: str, passed: frozenset[tuple[str, str]]) -> Node:
        uri, fragment = "", ref[1:]
        if not ref.startswith("#") or self.base != self.document.uri:  # most are within their document
            try:
                uri, fragment = urldefrag(urljoin(self.base, ref))
            except ValueError as error:
                raise self.error("$ref is no URI reference", found=short(ref), expected=str(error)) from None
        resource = self.document.node if uri in ("", self.document.uri) else self._resource(uri, ref)
        if fragment and not fragment.startswith("/"):
            return self._anchor(resource, fragment, ref)
        if resource.document.moved:
            fragment = resource.document.here(fragment)
        try:
            return self._walk(resource, fragment, ref, passed)
        except SpecError:
            if not ref.startswith("#") or resource.pointer == "":
                raise
            return self._walk(self.document.node, fragment, ref, passed)  # under an $id, yet meant from the document's root

    def _walk(self, resource: Node, fragment: str, ref: str, passed: frozenset[tuple[str, str]] = frozenset()) -> Node:
        node = resource
        for token in fragment.split("/")[1:]:
            key: str | int = unquote(token).replace("~1", "/").replace("~0", "~")
            while isinstance(node.value, dict) and key not in node.value and isinstance(node.value.get("$ref"), str):
                at = (node.document.uri, node.pointer)  # a pointer may pass through what is elsewhere
                if at in passed:
                    raise self.error("$ref leads in a circle", found=short(ref))
                passed |= {at}
                node = node.follow(node.value["$ref"], passed)
            value = node.value
            if isinstance(value, dict) and key not in value and "%" in token:
                key = token.replace("~1", "/").replace("~0", "~")  # a key that holds "%", not encoded as it should be
            if isinstance(value, list) and _INDEX.fullmatch(str(key)) and int(key) < len(value):
                key = int(key)
            elif not isinstance(value, dict) or key not in value:
                raise self._nowhere(node, str(key), ref)
            node = node.child(key)
            if isinstance(node.value, dict) and isinstance(node.value.get("$id"), str):
                node = Node(node.document, node.pointer, node.value, joined(node.base, node.value["$id"]))
        return node

    def _nowhere(self, reached: Node, key: str, ref: str) -> SpecError:
        close = nearest(key, map(str, reached.value)) if isinstance(reached.value, dict) else []
        remedy = f"nearest: {reached.place}/{escape(close[0])}" if close else f"nothing is declared under {reached.place}"
        shown = "#" + self.document.pointer_in_text(ref[1:]) if ref.startswith("#/") else ref
        return self.error("$ref leads nowhere", found=short(shown), remedy=remedy)

    def _anchor(self, resource: Node, name: str, ref: str) -> Node:
        from . import anchors as _anchors

        index = resource.document.anchors
        if resource.pointer not in index:
            index[resource.pointer] = dict(_anchors.anchors(resource))
        if name not in index[resource.pointer]:
            raise self.error("$ref leads nowhere", found=short(ref), expected="a JSON pointer or a declared $anchor")
        return self._walk(resource, index[resource.pointer][name][len(resource.pointer) :], ref)

    def _resource(self, uri: str, ref: str) -> Node:
        from . import anchors as _anchors

        for document in list(self.document.library.documents.values()):
            if uri in (document.uri, document.base):
                return document.node
            index = document.anchors
            if "$id" not in index:
                index["$id"] = dict(_anchors.ids(document.node, document.uri)) if _has_id(document) else {}
            if uri in index["$id"]:
                node = self._walk(document.node, index["$id"][uri], ref)
                return Node(node.document, node.pointer, node.value, uri)
        return self._load(uri, ref).node

    def _load(self, uri: str, ref: str) -> Document:
        from .permission import permitted_hosts

        library = self.document.library
        hosts = permitted_hosts(self.document.uri, uri, ref, library.remote_refs, self.error)
        with library.lock:
            if uri not in library.documents:
                try:
                    is_file = urlsplit(uri).scheme == "file"
                    text = library.neighbour(uri, self.document.uri) if is_file else _source.fetch(uri, hosts)
                    library.documents[uri] = _parsed(text, uri, _source.name_of(uri), library)
                except SpecError as error:
                    reason = str(error).partition("\n")[0]
                    raise self.error(
                        "$ref leads to a document that cannot be read", found=short(ref), expected=reason
                    ) from error
            return library.documents[uri]


def escape(token: str) -> str:
    """A key as a JSON pointer token (RFC 6901 §3)."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def _has_id(document: Document) -> bool:
    text = document.text
    return text is None or "$id" in text


# --- loading -------------------------------------------------------------------------------------


def load(
    source: Source = None,
    *,
    remote_refs: bool | Collection[str] = False,
    local_refs: bool | Collection[str | os.PathLike[str]] = False,
) -> Document:
    """Read a document from a path, URL, mapping or text; None is the bundled one.

    Raises:
        SpecError: it cannot be read, or is no mapping.
    """
    if isinstance(source, Document):
        return source
    library = Library(remote_refs, local_refs)
    if isinstance(source, Mapping):
        document = Document(MEMORY, "<mapping>", _source.plain(source), None, (), library)
    else:
        text, uri, name = _discovery.read(source)
        document = _parsed(text, uri, name, library)
    return _first(document)


def load_text(
    text: bytes, uri: str, name: str, *,
    remote_refs: bool | Collection[str] = False, read_file: Callable[[Path], bytes] | None = None,
) -> Document:  # fmt: skip
    """Read a document that was fetched already; its neighbours are read by ``read_file``, where one is given.

    Raises:
        SpecError: it is no mapping.
    """
    return _first(_parsed(text, uri, name, Library(remote_refs, read_file=read_file)))


def _first(document: Document) -> Document:
    """A document that begins its library."""
    if not isinstance(document.root, dict):
        raise _no_document(document)
    document.library.documents[document.uri] = document
    return document


def _no_document(document: Document) -> SpecError:
    text = (document.text or "").lstrip()[:15].lower()
    remedy = "this is an HTML page: give the address of the document itself" if text.startswith(("<!doctype", "<html")) else ""
    return SpecError(
        "this is no OpenAPI document",
        source=document.name,
        found=short(document.root),
        expected='a mapping with an "openapi" or "swagger" field',
        remedy=remedy,
    )


def _parsed(text: str | bytes, uri: str, name: str, library: Library) -> Document:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    parsed = _cache.recall(data)
    if parsed is None:
        parsed = _syntax.parse(text, name)
        _cache.remember(data, parsed)
    found = tuple(replace(item, source=name) for item in parsed.diagnostics)  # the same text may have had another name
    return Document(uri, name, parsed.value, text, found, library)


def revive(uri: str, name: str, root: Any, written: str | bytes | None, moved: Mapping[str, str]) -> Document:
    """A document as it was before pickling; its neighbours are found again when they are asked for."""
    library = Library()
    document = Document(uri, name, root, written, (), library, moved)
    library.documents[uri] = document
    return document
