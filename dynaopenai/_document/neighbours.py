"""A document -> all the documents that it is read with, and one digest of them together.

Rule of this file: what cannot be read is passed over here; who uses it is told.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urlsplit

from ..errors import SpecError
from .anchors import joined
from .document import Document


def neighbours(document: Document) -> list[Document]:
    """The documents that its references lead to, and theirs, in the order in which they are met."""
    found: dict[str, Document] = {document.uri: document}
    queue = [document]
    for each in queue:
        for uri in dict.fromkeys(_named(each)):
            if uri not in found and uri != each.base:
                try:
                    found[uri] = each.node.follow(uri).document
                except SpecError:
                    continue
                queue.append(found[uri])
    return list({id(each): each for each in found.values() if each is not document}.values())


def digest(document: Document) -> str:
    """SHA-256 of a document with all that it is read with; where it stands alone, that of its text."""
    import hashlib

    beside = neighbours(document)
    if not beside:
        return document.digest()
    lines = sorted(f"{_name(each, document)} {each.digest()}" for each in beside)
    return hashlib.sha256("\n".join([document.digest(), *lines]).encode()).hexdigest()


def _named(document: Document) -> Iterator[str]:
    """The other documents that references in this one name."""
    text = document.text
    if text is not None and "$ref" not in text:
        return
    queue: list[Any] = [document.root]
    while queue:
        value = queue.pop()
        if isinstance(value, dict):
            ref = value.get("$ref")
            if isinstance(ref, str) and not ref.startswith("#"):
                yield urldefrag(joined(document.base, ref))[0]
            queue += [item for item in value.values() if isinstance(item, (dict, list))]
        elif isinstance(value, list):
            queue += [item for item in value if isinstance(item, (dict, list))]


def _name(document: Document, home: Document) -> str:
    """The same name wherever the documents lie together."""
    mine, theirs = urlsplit(document.uri), urlsplit(home.uri)
    if mine[:2] != theirs[:2]:
        return document.uri
    return os.path.relpath(mine.path, theirs.path.rpartition("/")[0] or "/").replace(os.sep, "/")
