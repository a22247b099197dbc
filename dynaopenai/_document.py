"""A document: where it came from, what it holds, and where its ``$ref``s lead.

Rules of this file:
1. A document is data. Nothing in it is executed, and nothing in it is changed after loading.
2. A ``$ref`` is followed within the document, to files beside a file, to the same host for a URL.
   Another host only when ``remote_refs`` names it; a document from the network never reaches a file.
3. Sizes and times are bounded.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Union
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from . import _cache, _yaml
from .errors import Diagnostic, SpecError, nearest, short

MAX_BYTES = 64 * 1024 * 1024
FETCH_TIMEOUT = 30.0
BUNDLED = "openapi.yaml"
MEMORY = "memory:"

Source = Union[str, bytes, "os.PathLike[str]", Mapping[str, Any], "Document", None]


@dataclass(frozen=True, eq=False)
class Library:
    """The documents that belong together, each loaded once, by URI."""

    remote_refs: bool | Collection[str] = False
    documents: dict[str, Document] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


@dataclass(frozen=True, eq=False)
class Document:
    """One parsed document.

    Attributes:
        uri: absolute base URI of its references; ``memory:`` for a mapping or a text.
        name: what messages call it.
        root: the parsed value.
        text: as it was read, None for a mapping.
        diagnostics: what the parser had to mend.
    """

    uri: str
    name: str
    root: Any
    text: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    library: Library = field(default_factory=Library)
    _anchors: dict[str, dict[str, str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Document {self.name}>"

    @property
    def node(self) -> Node:
        return Node(self, "", self.root, self.uri)

    def line(self, pointer: str) -> int | None:
        """The 1-based line of the node at ``pointer``, where the document has a text."""
        return _yaml.line_of(self.text, pointer) if self.text is not None else None

    def digest(self) -> str:
        """SHA-256 of the text (of the canonical JSON, for a mapping), hexadecimal."""
        import json

        text = self.text if self.text is not None else json.dumps(self.root, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Node:
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
        return "#" + self.pointer

    def child(self, key: str | int) -> Node:
        """The value under ``key``, which must be there."""
        value = self.value[key]
        return Node(self.document, f"{self.pointer}/{escape(str(key))}", value, self.base)

    def get(self, key: str) -> Node | None:
        """The value under ``key``, or None where there is none or this is no mapping."""
        return self.child(key) if isinstance(self.value, dict) and key in self.value else None

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

    def follow(self, ref: str) -> Node:
        """The node that ``ref``, written at this place, names."""
        uri, fragment = urldefrag(urljoin(self.base, ref))
        resource = self.document.node if uri in ("", self.document.uri) else self._resource(uri, ref)
        if fragment and not fragment.startswith("/"):
            return self._anchor(resource, fragment, ref)
        try:
            return self._walk(resource, fragment, ref)
        except SpecError:
            if not ref.startswith("#") or resource.pointer == "":
                raise
            return self._walk(self.document.node, fragment, ref)  # under an $id, yet meant from the document's root

    def _walk(self, resource: Node, fragment: str, ref: str) -> Node:
        node = resource
        for token in fragment.split("/")[1:]:
            key: str | int = unquote(token).replace("~1", "/").replace("~0", "~")
            value = node.value
            if isinstance(value, list) and str(key).isdigit() and int(key) < len(value):
                key = int(key)
            elif not isinstance(value, dict) or key not in value:
                raise self._nowhere(node, str(key), ref)
            node = node.child(key)
            if isinstance(node.value, dict) and isinstance(node.value.get("$id"), str):
                node = Node(node.document, node.pointer, node.value, urljoin(node.base, node.value["$id"]))
        return node

    def _nowhere(self, reached: Node, key: str, ref: str) -> SpecError:
        close = nearest(key, map(str, reached.value)) if isinstance(reached.value, dict) else []
        remedy = f"nearest: {reached.place}/{escape(close[0])}" if close else f"nothing is declared under {reached.place}"
        return self.error("$ref leads nowhere", found=short(ref), remedy=remedy)

    def _anchor(self, resource: Node, name: str, ref: str) -> Node:
        index = resource.document._anchors  # noqa: SLF001
        if resource.pointer not in index:
            index[resource.pointer] = dict(_anchors(resource))
        if name not in index[resource.pointer]:
            raise self.error("$ref leads nowhere", found=short(ref), expected="a JSON pointer or a declared $anchor")
        return self._walk(resource, index[resource.pointer][name][len(resource.pointer) :], ref)

    def _resource(self, uri: str, ref: str) -> Node:
        for document in list(self.document.library.documents.values()):
            if document.uri == uri:
                return document.node
            index = document._anchors  # noqa: SLF001
            if "$id" not in index:
                index["$id"] = dict(_ids(document.node, document.uri)) if _has_id(document) else {}
            if uri in index["$id"]:
                node = self._walk(document.node, index["$id"][uri], ref)
                return Node(node.document, node.pointer, node.value, uri)
        return self._load(uri, ref).node

    def _load(self, uri: str, ref: str) -> Document:
        library = self.document.library
        home, target = urlsplit(self.document.uri), urlsplit(uri)
        allowed = library.remote_refs
        named = allowed is True or (not isinstance(allowed, bool) and target.hostname in allowed)
        if target.scheme in ("http", "https"):
            if not named and (home.scheme not in ("http", "https") or home.netloc != target.netloc):
                raise self.error(
                    "$ref leads to another host", found=short(ref), remedy=f"allow it: remote_refs=[{target.hostname!r}]"
                )
        elif target.scheme != "file" or home.scheme != "file":
            raise self.error(
                "$ref leads outside the document",
                found=short(ref),
                expected="a reference within the document, since it was not read from a file",
                remedy="load the document by its path or URL, so that its neighbours can be found",
            )
        with library.lock:
            if uri not in library.documents:
                try:
                    text = _fetch(uri) if target.scheme != "file" else _read_file(_path_of(uri))
                except SpecError as error:
                    raise self.error("$ref leads to a document that cannot be read", found=short(ref)) from error
                library.documents[uri] = _parse(text, uri, _name_of(uri), library)
            return library.documents[uri]


def escape(token: str) -> str:
    """A key as a JSON pointer token (RFC 6901 §3)."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def _has_id(document: Document) -> bool:
    return document.text is None or "$id" in document.text


def _anchors(resource: Node) -> Iterator[tuple[str, str]]:
    stack = [resource]
    while stack:
        node = stack.pop()
        if isinstance(node.value, dict):
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.value.get(keyword), str):
                    yield node.value[keyword], node.pointer
            if node is not resource and isinstance(node.value.get("$id"), str):
                continue
        stack += [child for _, child in node.children() if isinstance(child.value, (dict, list))]


def _ids(root: Node, base: str) -> Iterator[tuple[str, str]]:
    stack = [(root, base)]
    while stack:
        node, base = stack.pop()
        if isinstance(node.value, dict) and isinstance(node.value.get("$id"), str):
            base = urldefrag(urljoin(base, node.value["$id"]))[0]
            yield base, node.pointer
        stack += [(child, base) for _, child in node.children() if isinstance(child.value, (dict, list))]


# --- reading -------------------------------------------------------------------------------------


def load(source: Source = None, *, remote_refs: bool | Collection[str] = False) -> Document:
    """Read a document from a path, URL, mapping or text; None is the bundled one.

    Raises:
        SpecError: it cannot be read, or is no mapping.
    """
    if isinstance(source, Document):
        return source
    library = Library(remote_refs)
    document = _open(source, library)
    if not isinstance(document.root, dict):
        raise SpecError(
            "this is no OpenAPI document",
            source=document.name,
            found=short(document.root),
            expected='a mapping with an "openapi" or "swagger" field',
        )
    library.documents[document.uri] = document
    return document


def _open(source: Source, library: Library) -> Document:
    if source is None:
        return _parse(_bundled(), f"file:///{BUNDLED}", BUNDLED, library)
    if isinstance(source, Mapping):
        return Document(MEMORY, "<mapping>", _plain(source), None, (), library)
    if isinstance(source, bytes) or (isinstance(source, str) and _is_text(source)):
        return _parse(source, MEMORY, "<text>", library)
    if isinstance(source, str) and source.startswith(("http://", "https://")):
        return _parse(_fetch(source), source, _name_of(source), library)
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        return _parse(_read_file(path), path.absolute().as_uri(), path.name, library)
    raise SpecError(
        "a document is read from a path, a URL, a mapping or a text", found=f"a value of type {type(source).__name__}"
    )


def _plain(value: Any) -> Any:
    """A mapping as JSON sees it: string keys, lists, no subclass surprises."""
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _is_text(source: str) -> bool:
    return "\n" in source or source.lstrip().startswith(("{", "openapi:", "swagger:"))


def _parse(text: str | bytes, uri: str, name: str, library: Library) -> Document:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    parsed = _cache.recall(data)
    if parsed is None:
        parsed = _yaml.parse(text, name)
        _cache.remember(data, parsed)
    decoded = text if isinstance(text, str) else text.decode("utf-8-sig", "replace")
    return Document(uri, name, parsed.value, decoded, parsed.diagnostics, library)


def _bundled() -> str:
    packaged = resources.files(__package__).joinpath(BUNDLED)
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).parent.parent / BUNDLED).read_text("utf-8")  # an editable install


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        close = nearest(path.name, _neighbours(path))
        remedy = f"nearest: {path.with_name(close[0])}" if close else "give the path of an OpenAPI document"
        raise SpecError(f"cannot read {short(str(path))}: {reason}", remedy=remedy) from error
    return _bounded(data, str(path))


def _neighbours(path: Path) -> list[str]:
    try:
        return [entry.name for entry in path.absolute().parent.iterdir()]
    except (OSError, ValueError):
        return []


def _fetch(url: str) -> bytes:
    # urllib, since what is read here is a document: no retries, no session, no credentials.
    from http.client import HTTPException
    from urllib.request import Request, urlopen

    request = Request(url, headers={"Accept": "application/yaml, application/json, */*", "User-Agent": "dynaopenai"})  # noqa: S310
    try:
        with urlopen(request, timeout=FETCH_TIMEOUT) as answer:  # noqa: S310
            return _bounded(answer.read(MAX_BYTES + 1), url)
    except (OSError, HTTPException, ValueError) as error:
        raise SpecError(f"cannot fetch {short(url)}: {error}", remedy="check the address and the network") from error


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise SpecError(
            "the document is too large", source=name, found=f"over {MAX_BYTES >> 20} MiB", expected="less than that"
        )
    return data


def _path_of(uri: str) -> Path:
    from urllib.request import url2pathname

    return Path(url2pathname(urlsplit(uri).path))


def _name_of(uri: str) -> str:
    return unquote(urlsplit(uri).path.rsplit("/", 1)[-1]) or uri


def revive(uri: str, name: str, root: Any, text: str | None) -> Document:
    """A document as it was before pickling; its neighbours are found again when they are asked for."""
    library = Library()
    document = Document(uri, name, root, text, (), library)
    library.documents[uri] = document
    return document
