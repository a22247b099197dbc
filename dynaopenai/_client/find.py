"""Ranked search: words -> the operations and schemas that are most likely meant.

Rules of this file:
1. Every word must be met somewhere: as a whole word best, then as a beginning, then within, then nearly.
2. A name outweighs a path, a path a summary, a summary what the operation takes, and that its description.
3. Operations go before schemas, and what is deprecated counts half.
4. The text is the raw document's: nothing is compiled to look for something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._display.words import nearest
from .._document.document import Node
from .._document.openapi import Entry, OpenAPI
from ..errors import SpecError

NAME, PATH, SUMMARY, MEMBERS, PROSE = 12.0, 8.0, 6.0, 3.0, 1.0
WHOLE, BEGINNING, WITHIN, NEARLY = 1.0, 0.7, 0.35, 0.25
DEPTH = 2  # levels of a body's properties that are looked at


@dataclass(frozen=True)
class Page:
    """What is searched of one operation or schema: words, each with the weight of where it stands."""

    kind: str
    name: str
    weights: Mapping[str, float]
    is_old: bool = False


def search(pages: Iterable[Page], query: str) -> list[Page]:
    """The pages that have every word of the query, best first; where none has, those that have most of them."""
    wanted = tokens(query)
    if not wanted:
        return []
    pages = list(pages)
    vocabulary = sorted({word for page in pages for word in page.weights})
    chances = [_chances(word, vocabulary) for word in wanted]
    scored = [(page, [_score(page, near) for near in chances]) for page in pages]
    most = max((sum(score > 0 for score in scores) for _, scores in scored), default=0)
    hits = [(page, scores) for page, scores in scored if most and sum(score > 0 for score in scores) == most]
    hits.sort(key=lambda hit: (hit[0].kind, -sum(hit[1]) * (0.5 if hit[0].is_old else 1), len(hit[0].name)))
    return [page for page, _ in hits]


def _chances(word: str, vocabulary: list[str]) -> dict[str, float]:
    """The words of the vocabulary that may be meant, with how likely."""
    found = {}
    for known in vocabulary:
        if known == word or known.removesuffix("s") == word.removesuffix("s"):
            found[known] = WHOLE
        elif known.startswith(word):
            found[known] = BEGINNING
        elif len(word) > 2 and word in known:
            found[known] = WITHIN
    return found or dict.fromkeys(nearest(word, vocabulary, 5, 0.75), NEARLY)


def _score(page: Page, chances: Mapping[str, float]) -> float:
    fewer, more = (chances, page.weights) if len(chances) < len(page.weights) else (page.weights, chances)
    return max((value * more[word] for word, value in fewer.items() if word in more), default=0.0)


def tokens(text: str) -> list[str]:
    """``createFineTuning_job`` is create, fine, tuning, job."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return re.findall(r"[^\W_]+", spaced.lower())


# --- the pages of a document ---------------------------------------------------------------------


def pages(api: OpenAPI) -> list[Page]:
    """One for each operation and each schema, in document order."""
    operations = [Page("operation", entry.id, _weights(_operation(entry)), entry.deprecated) for entry in api.entries.values()]
    schemas = api.document.node.get("components")
    node = schemas.get("schemas") if schemas else None
    return operations + [Page("schema", name, _weights(_schema(name, each))) for name, each in (node.children() if node else ())]


def _weights(texts: Iterable[tuple[float, Any]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for weight, text in texts:
        for word in tokens(text) if isinstance(text, str) else ():
            if weight > found.get(word, 0):
                found[word] = weight
    return found


def _operation(entry: Entry) -> Iterator[tuple[float, Any]]:
    declared = entry.node.value
    yield NAME, entry.id
    yield PATH, entry.path
    yield PATH, entry.method
    yield SUMMARY, entry.summary
    yield from ((SUMMARY, tag) for tag in entry.tags)
    yield PROSE, declared.get("description")
    for owner in (entry.item, entry.node):
        parameters = owner.get("parameters")
        for _, parameter in parameters.children() if parameters else ():
            yield MEMBERS, _member(_resolved(parameter), "name")
    for node in (entry.node.get("requestBody"), entry.node.get("responses")):
        yield from _bodies(node)


def _bodies(node: Node | None) -> Iterator[tuple[float, Any]]:
    if node is None:
        return
    node = _resolved(node)
    for holder in [node] if "content" in node.value else [_resolved(child) for _, child in node.children()]:
        content = holder.get("content")
        for _, media in content.children() if content else ():
            schema = media.get("schema")
            if schema is not None:
                yield MEMBERS, _member(schema, "$ref").rpartition("/")[2]
                yield from ((MEMBERS, name) for name in _properties(schema, DEPTH))


def _schema(name: str, node: Node) -> Iterator[tuple[float, Any]]:
    yield NAME - 1, name  # an operation of the same name goes first
    yield PROSE, _member(node, "description")
    yield from ((MEMBERS, member) for member in _properties(node, 1))


def _properties(node: Node, depth: int) -> Iterator[str]:
    """The names of the members of a raw schema."""
    node = _resolved(node)
    members = node.get("properties")
    for name, child in members.children() if members else ():
        yield name
        if depth > 1:
            yield from _properties(child, depth - 1)
    for keyword in ("allOf", "anyOf", "oneOf"):
        branches = node.get(keyword)
        for _, branch in branches.children() if branches and depth > 0 else ():
            yield from _properties(branch, depth - 1)
    items = node.get("items")
    if items is not None and depth > 1:
        yield from _properties(items, depth - 1)


def _resolved(node: Node) -> Node:
    try:
        found = node.resolve()
    except SpecError:
        return Node(node.document, node.pointer, {}, node.base)
    return found if isinstance(found.value, dict) else Node(node.document, node.pointer, {}, node.base)


def _member(node: Node, key: str) -> str:
    value = node.value.get(key) if isinstance(node.value, dict) else None
    return value if isinstance(value, str) else ""
