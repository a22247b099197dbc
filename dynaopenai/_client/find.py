"""Ranked search: words -> the operations and schemas that are most likely meant.

Rules of this file:
1. Every word must be met somewhere: as a whole word best, then as a beginning, then by its stem, then within, then nearly.
   Words of no weight (``to``, ``the``) are not looked for, unless there are no others.
2. A name outweighs a path, a path a summary, a summary what the operation takes, and that its description. Words that stand
   beside each other as they were typed outweigh all: ``speech to text`` is not ``text to speech``.
3. Operations go before schemas, and what is deprecated counts half. Of equals, what makes something goes before what lists
   it, and that before what is done to one of them.
4. The text is the raw document's: nothing is compiled to look for something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from os.path import commonpath
from typing import Any

from .._display.prose import brief
from .._display.words import nearest
from .._document.document import Node
from .._document.openapi import Entry, OpenAPI
from ..errors import SpecError

NAME, PATH, SUMMARY, MEMBERS, PROSE, ASIDE = 12.0, 8.0, 6.0, 3.0, 1.0, 0.5
WHOLE, BEGINNING, STEM, WITHIN, NEARLY = 1.0, 0.7, 0.5, 0.35, 0.6
TOGETHER = 16.0  # what two words side by side weigh more than two words
DEPTH = 2  # levels of a body's properties that are looked at
IDLE = frozenset(["a", "an", "and", "as", "at", "by", "can", "do", "for", "from", "get", "how", "i", "in", "into", "is", "it", "me", "my", "of", "on", "or", "some", "that", "the", "this", "to", "use", "using", "with"])
METHODS = ("POST", "GET", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Page:
    """What is searched of one operation or schema: words and pairs of them, each with the weight of where it stands.

    Attributes:
        order: which of equals is meant rather, the lesser first.
    """

    kind: str
    name: str
    weights: Mapping[str, float]
    is_old: bool = False
    order: tuple[int, ...] = ()


def search(pages: Iterable[Page], query: str) -> list[Page]:
    """The pages that have every word of the query, best first; where none has, those that have most of them."""
    typed = tokens(query)
    wanted = [word for word in typed if word not in IDLE] or typed
    if not wanted:
        return []
    pages = list(pages)
    vocabulary = sorted({word for page in pages for word in page.weights if " " not in word})
    chances = [_chances(word, vocabulary) for word in wanted]
    scored = [(page, [_score(page, near) for near in chances]) for page in pages]
    most = max((sum(score > 0 for score in scores) for _, scores in scored), default=0)
    hits = [(page, scores) for page, scores in scored if most and sum(score > 0 for score in scores) == most]
    totals = {id(page): sum(scores) + _together(page, typed) for page, scores in hits}
    hits.sort(key=lambda hit: (hit[0].kind, -totals[id(hit[0])] * (0.5 if hit[0].is_old else 1), hit[0].order, len(tokens(hit[0].name))))
    return [page for page, _ in hits]


def _pairs(words: list[str]) -> Iterator[str]:
    """Each two words of weight with what is between them."""
    places = [place for place, word in enumerate(words) if word not in IDLE]
    return (" ".join(words[first : last + 1]) for first, last in pairwise(places))


def _together(page: Page, typed: list[str]) -> float:
    return sum(TOGETHER + page.weights[pair] for pair in _pairs(typed) if pair in page.weights)


def _chances(word: str, vocabulary: list[str]) -> dict[str, float]:
    """The words of the vocabulary that may be meant, with how likely."""
    found, one = {}, _singular(word)
    for known in vocabulary:
        if known == word or _singular(known) == one:
            found[known] = WHOLE
        elif known.startswith(word):
            found[known] = BEGINNING
        elif _share_a_stem(known, word):
            found[known] = STEM
        elif len(word) > 2 and word in known:
            found[known] = WITHIN
    return found or _nearly(nearest(word, vocabulary, 5, 0.7), vocabulary)


def _nearly(near: list[str], vocabulary: list[str]) -> dict[str, float]:
    """The chances of a misspelled word: those of the nearest, and the less near for themselves."""
    likely = _chances(near[0], vocabulary) if near else {}
    return {**dict.fromkeys(near, NEARLY / 4), **{word: NEARLY * chance for word, chance in likely.items()}}


def _singular(word: str) -> str:
    """``batches`` is batch, ``policies`` policy, ``files`` file."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("ches", "shes", "xes", "sses")) else word.removesuffix("s")


def _share_a_stem(one: str, other: str) -> bool:
    """``transcribe`` and ``transcription``: all but their ends, which are as long as ends are."""
    stem = len(commonpath((one, other)))
    return stem > 4 and stem >= 0.75 * min(len(one), len(other)) and max(len(one), len(other)) - stem <= 5


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
    tag_descriptions = {tag.get("name"): tag.get("description") for tag in _listed(api.document.node.value.get("tags"))}
    gathered = Gathered()
    operations = [
        Page("operation", entry.id, gathered.operation(entry, tag_descriptions), entry.deprecated, _order(entry))
        for entry in api.entries.values()
    ]
    schemas = api.document.node.get("components")
    node = schemas.get("schemas") if schemas else None
    return operations + [Page("schema", name, gathered.weights(_schema(name, each))) for name, each in (node.children() if node else ())]


class Gathered:
    """What texts and schemas weigh: many operations say the same, and refer to the same."""

    def __init__(self) -> None:
        self._words: dict[str, list[str]] = {}
        self._schemas: dict[tuple[str, str], dict[str, float]] = {}

    def operation(self, entry: Entry, tag_descriptions: Mapping[Any, Any]) -> dict[str, float]:
        """The weights of an operation's words."""
        schemas = [*_bodies(entry.node.get("requestBody")), *_bodies(entry.node.get("responses"))]
        names = ((MEMBERS, _member(schema, "$ref").rpartition("/")[2]) for schema in schemas)
        found = self.weights(chain(_operation(entry, tag_descriptions), names))
        for schema in schemas:
            for word, weight in self._schema(schema).items():
                if weight > found.get(word, 0):
                    found[word] = weight
        return found

    def _schema(self, node: Node) -> dict[str, float]:
        node = _resolved(node)
        place = (node.document.uri, node.pointer)
        if place not in self._schemas:
            self._schemas[place] = self.weights(_properties(node, DEPTH))
        return self._schemas[place]

    def weights(self, texts: Iterable[tuple[float, Any]]) -> dict[str, float]:
        """Of each word, and of each two of weight with what is between them, the most that one of the texts gives it."""
        found: dict[str, float] = {}
        for weight, text in texts:
            for word in self._words_of(text) if isinstance(text, str) else ():
                if weight > found.get(word, 0):
                    found[word] = weight
        return found

    def _words_of(self, text: str) -> list[str]:
        if text not in self._words:
            words = tokens(text)
            self._words[text] = [*words, *_pairs(words)]
        return self._words[text]


def _order(entry: Entry) -> tuple[int, ...]:
    """What makes something, then what lists it, then what is done to one of them."""
    return entry.path.count("/"), METHODS.index(entry.method) if entry.method in METHODS else len(METHODS)


def _listed(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _operation(entry: Entry, tag_descriptions: Mapping[Any, Any]) -> Iterator[tuple[float, Any]]:
    declared = entry.node.value
    yield NAME, entry.id
    yield PATH, entry.path
    yield PATH, entry.method
    yield SUMMARY, brief(entry.summary)
    yield PROSE, entry.summary
    yield from ((SUMMARY, tag) for tag in entry.tags)
    yield from ((ASIDE, tag_descriptions.get(tag)) for tag in entry.tags)
    yield PROSE, declared.get("description")
    for owner in (entry.item, entry.node):
        parameters = owner.get("parameters")
        for _, parameter in parameters.children() if parameters else ():
            yield MEMBERS, _member(_resolved(parameter), "name")
            yield ASIDE, _member(_resolved(parameter), "description")


def _bodies(node: Node | None) -> Iterator[Node]:
    """The schemas of a body, or of answers."""
    if node is None:
        return
    node = _resolved(node)
    for holder in [node] if "content" in node.value else [_resolved(child) for _, child in node.children()]:
        content = holder.get("content")
        for _, media in content.children() if content else ():
            schema = media.get("schema")
            if schema is not None:
                yield schema


def _schema(name: str, node: Node) -> Iterator[tuple[float, Any]]:
    yield NAME - 1, name  # an operation of the same name goes first
    yield PROSE, _member(node, "description")
    yield from ((weight, text) for weight, text in _properties(node, 1) if weight == MEMBERS)


def _properties(node: Node, depth: int) -> Iterator[tuple[float, Any]]:
    """The names of the members of a raw schema, what is said of them, and the values that they list."""
    node = _resolved(node)
    members = node.get("properties")
    for name, child in members.children() if members else ():
        yield MEMBERS, name
        yield ASIDE, _member(child, "description")
        yield from ((ASIDE, value) for value in _values(child.value))
        if depth > 1:
            yield from _properties(child, depth - 1)
    for keyword in ("allOf", "anyOf", "oneOf"):
        branches = node.get(keyword)
        for _, branch in branches.children() if branches and depth > 0 else ():
            yield from ((ASIDE, value) for value in _values(branch.value))
            yield from _properties(branch, depth - 1)
    items = node.get("items")
    if items is not None and depth > 1:
        yield from _properties(items, depth - 1)


def _values(schema: Any) -> list[Any]:
    values = schema.get("enum") if isinstance(schema, dict) else None
    return values if isinstance(values, list) else []


def _resolved(node: Node) -> Node:
    try:
        found = node.resolve()
    except SpecError:
        return Node(node.document, node.pointer, {}, node.base)
    return found if isinstance(found.value, dict) else Node(node.document, node.pointer, {}, node.base)


def _member(node: Node, key: str) -> str:
    value = node.value.get(key) if isinstance(node.value, dict) else None
    return value if isinstance(value, str) else ""
