"""What the ``$anchor``s and ``$id``s of a document name (JSON Schema 2020-12 §8.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

if TYPE_CHECKING:
    from .document import Node


def anchors(resource: Node) -> Iterator[tuple[str, str]]:
    """The pointers of a resource's parts by their ``$anchor``; another resource within it has its own."""
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


def ids(root: Node, base: str) -> Iterator[tuple[str, str]]:
    """The pointers of a document's resources by their absolute ``$id``. ``base``: what the outermost is relative to."""
    stack = [(root, base)]
    while stack:
        node, base = stack.pop()
        if isinstance(node.value, dict) and isinstance(node.value.get("$id"), str):
            base = urldefrag(joined(base, node.value["$id"]))[0]
            yield base, node.pointer
        stack += [(child, base) for _, child in node.children() if isinstance(child.value, (dict, list))]


def joined(base: str, reference: str) -> str:
    """A reference made absolute (RFC 3986 §5)."""
    try:
        return urljoin(base, reference)
    except ValueError:  # no URI at all: as if it were not there
        return base
