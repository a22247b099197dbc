"""Paths and methods -> names in groups, as client packages spell them: ``GET /files/{id}`` is ``files.retrieve``.

Rules of this file:
1. The words of a path are the groups, what stands in braces is an argument. ``api`` and a version that all paths begin
   with are left out; a fixed query leads (``/things?beta=true``: ``beta.things``). A path that begins with an item which
   the document has only further in (``/shops/{id}`` in ``/chains/shops/{id}``) is read as standing there.
2. Then comes what is done: list and create for a collection; retrieve, update and delete for an item, and for what there is
   once: nothing is below it, and GET answers no list and is not called one. PUT beside PATCH is replace, POST beside one of
   these create.
3. A path's last word is itself what is done where the path has one operation and nothing below, and the operationId begins
   with that word (``cancelJob``, ``jobs_cancel``: ``jobs.cancel``; not ``Jobs_Create``) or is the path's end (``usage-files``:
   ``usage.files``); or where it is no plural, and posted to below an item or a plural (``/jobs/{id}/cancel``).
4. The document may say otherwise, under ``x-client-names`` at its root: names by ``METHOD /path``, groups by the beginnings
   of paths, the longest first; each one text, or a list of them.
5. Of several operations with one name, one that the document names goes first, then the one with the longest path, then the
   first of the document. A group goes before an operation of its name. Who gives way is called by its operationId in
   snake_case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl

from .._display.words import short
from .._document.document import Node
from .._document.openapi import Entry, OpenAPI
from .._request.arguments import identifier
from .._response.page import ITEMS, fold
from ..errors import SpecError
from .naming import snake_case

KEYWORD = "x-client-names"
ITEM = "{}"
FIRST = -1000  # the rank of a name that the document gives
OF_ITEM = {"GET": "retrieve", "POST": "update", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
OF_ALL = {**OF_ITEM, "GET": "list", "POST": "create"}
DONE = frozenset({*OF_ALL.values(), *OF_ITEM.values(), *map(str.lower, OF_ALL)})  # words that say no more than the method
UPDATES = {"PATCH": "update", "PUT": "replace", "POST": "create"}  # the first of them is the update, the others are these
VAGUE = re.compile(r"api|rest|_?v?\d+((alpha|beta|rc)\d*)?")  # words that all paths of an API may begin with
Parts = tuple[str, ...]  # of a path: words in snake_case, parameters in braces


def grouped(api: OpenAPI) -> dict[str, str]:
    """operationId by dotted name, ``files.list``, in document order; an operation may have none, or several."""
    claims = sorted(_claims(api), key=lambda claim: claim[0])
    groups = {name[:end] for _, name, _ in claims for end in range(len(name)) if name[end : end + 1] == "."}
    found: dict[str, str] = {}
    late = []
    for _, name, operation_id in claims:
        if name in groups or found.setdefault(name, operation_id) != operation_id:
            late.append((name, operation_id))
    for wanted, operation_id in late:
        name = ".".join([*wanted.split(".")[:-1], snake_case(operation_id)])
        while name in groups or found.get(name, operation_id) != operation_id:
            name += "_"
        found[name] = operation_id
    order = {operation_id: place for place, operation_id in enumerate(api.entries)}
    return dict(sorted(found.items(), key=lambda item: order[item[1]]))


def _claims(api: OpenAPI) -> Iterator[tuple[int, str, str]]:
    """Who wants which name, each with its rank."""
    paths = Paths(api.entries.values())
    names = ClientNames(api, paths.beginning)
    for entry in api.entries.values():
        parts = paths.parts[entry.id]
        given = names.of(entry)
        yield from ((FIRST, name, entry.id) for name in given)
        done = [] if paths.is_action(entry) else [paths.done(entry)]
        for group in names.groups(parts) if not given else ():
            if group:
                yield -len(parts), ".".join([*group, *done]), entry.id


# --- what the document says ----------------------------------------------------------------------


class ClientNames:
    """What a document has under ``x-client-names``; what is none of it is passed over."""

    def __init__(self, api: OpenAPI, beginning: Parts) -> None:
        """``beginning``: what is left out of all paths."""
        self._names: dict[str, list[str]] = {}
        self._groups: dict[Parts, list[str]] = {}
        for place, node in _members(api.document.node, KEYWORD):
            names = [name for name in _each(node.value) if _is_dotted(name)]
            key = _key(_parts(place))
            if not place.startswith("/"):
                self._names[place] = names
            elif names:
                self._groups[key[len(beginning) :] if key[: len(beginning)] == beginning else key] = names

    def of(self, entry: Entry) -> list[str]:
        """The names that are given to one operation."""
        return self._names.get(f"{entry.method} {entry.path}", [])

    def groups(self, parts: Parts) -> list[list[str]]:
        """The groups that a path leads through; where several are given, each."""
        key = _key(parts)
        end = next((end for end in range(len(key), 0, -1) if key[:end] in self._groups), 0)
        rest = [word for word in key[end:] if word != ITEM]
        return [[*name.split("."), *rest] for name in self._groups[key[:end]]] if end else [rest]


def passed_over(api: OpenAPI) -> Iterator[tuple[Node, str]]:
    """What under ``x-client-names`` names nothing: where, and why."""
    declared = api.document.node.get(KEYWORD)
    if declared is not None and not isinstance(declared.value, dict):
        yield declared, f"found {short(declared.value)}, expected names by METHOD /path, and by the beginnings of paths"
        return
    places = {f"{entry.method} {entry.path}": entry.path for entry in api.entries.values()}
    keys = {_key(parts) for parts in (*Paths(api.entries.values()).parts.values(), *map(_parts, places.values()))}
    for place, node in _members(api.document.node, KEYWORD):
        wrong = [name for name in _each(node.value) if not _is_dotted(name)]
        beginning = _key(_parts(place))
        if wrong:
            yield node, f"found {short(wrong[0])}, expected a name such as group.word"
        elif place not in places and not (place.startswith("/") and any(key[: len(beginning)] == beginning for key in keys)):
            yield node, f"the document has no {'path that begins so' if place.startswith('/') else 'such operation'}: {short(place)}"


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_dotted(name: Any) -> bool:
    """Whether it can be typed after ``client.``: ``files.list``."""
    return isinstance(name, str) and all(word and identifier(word) == word and word[0] != "_" for word in name.split("."))


# --- paths ---------------------------------------------------------------------------------------


class Paths:
    """What stands at which path of a document, and what is below it.

    Attributes:
        beginning: what all paths begin with, and is left out of them.
        parts: words and parameters of each operation's path, where it belongs, by operationId.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        entries = list(entries)
        whole = [_parts(entry.path) for entry in entries]
        self.beginning = _beginning(whole)
        led = [_led(entry.path, parts[len(self.beginning) :]) for entry, parts in zip(entries, whole, strict=True)]
        self.parts = {entry.id: parts for entry, parts in zip(entries, _at_home(led), strict=True)}
        self._at: dict[Parts, dict[str, Entry]] = {}
        for entry in entries:
            self._at.setdefault(_key(self.parts[entry.id]), {}).setdefault(entry.method, entry)
        self._above = {key[:end] for key in self._at for end in range(1, len(key))}

    def done(self, entry: Entry) -> str:
        """The word for what an operation does with what its path leads to."""
        key = _key(self.parts[entry.id])
        table = OF_ITEM if key[-1:] == (ITEM,) or self._is_single(key) else OF_ALL
        word = table.get(entry.method, snake_case(entry.method))
        first = next((method for method in UPDATES if method in self._at[key] and table[method] == "update"), entry.method)
        return UPDATES[entry.method] if word == "update" and first != entry.method else word

    def is_action(self, entry: Entry) -> bool:
        """Whether the path's last word says what is done."""
        key = _key(self.parts[entry.id])
        if key[-1:] in ((), (ITEM,)) or len(self._at[key]) > 1 or key in self._above:
            return False
        id_words, last = _id_words(entry), key[-1].split("_")
        is_verb_first = id_words[:1] == last[:1] or (not _is_plural(key[-1]) and id_words[:2] == [key[0], last[0]])
        if is_verb_first and (len(id_words) < 2 or id_words[-1] not in DONE):
            return True
        if entry.method == "GET":
            return len(id_words) > len(last) and id_words == "_".join(key).split("_")[-len(id_words) :]
        return entry.method == "POST" and not _is_plural(key[-1]) and (key[-2:-1] == (ITEM,) or any(map(_is_plural, key[-2:-1])))

    def _is_single(self, key: Parts) -> bool:
        """Whether there is one of it: it can be asked for, and answers no list."""
        asked = self._at[key].get("GET")
        if asked is None or key in self._above:
            return False
        return "list" not in _id_words(asked) and not _answers_list(asked, key[-1:])


def _id_words(entry: Entry) -> list[str]:
    """The words of an operationId that the document declares."""
    declared = entry.node.value.get("operationId")
    return snake_case(declared).split("_") if isinstance(declared, str) else []


def _parts(path: str) -> Parts:
    """``/pets/{id}:feed`` is ``pets``, ``{id}``, ``feed``."""
    return tuple(chain.from_iterable(map(_pieces, re.split(r"[/#]", path.partition("?")[0]))))


@lru_cache(maxsize=4096)
def _pieces(segment: str) -> Parts:
    found: list[str] = []
    for piece in re.findall(r"\{[^{}]*\}|[^{}]+", re.sub(r"\.(json|xml)$", "", segment)):
        found += [piece] if piece[0] == "{" else [_word(text) for text in re.split(r"[.:]", piece) if re.search(r"[^\W_]", text)]
    return tuple(found)


@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    return identifier(snake_case(text).strip("_"))


def _key(parts: Parts) -> Parts:
    """A path whatever its parameters are called."""
    return tuple(ITEM if part[0] == "{" else part for part in parts)


def _beginning(paths: list[Parts]) -> Parts:
    """``api`` and the version that all of them begin with."""
    end = 0
    while paths and all(len(path) > end + 1 and path[: end + 1] == paths[0][: end + 1] for path in paths) and VAGUE.fullmatch(paths[0][end]):
        end += 1
    return paths[0][:end] if paths else ()


def _led(path: str, parts: Parts) -> Parts:
    """With what a fixed query says: a word that is merely set leads, a value ends the path."""
    fixed = [(name, value) for name, value in parse_qsl(path.partition("?")[2], keep_blank_values=True) if "{" not in value]
    lead = [_word(name) for name, value in fixed if value in ("", "true", "1")]
    return (*lead, *parts, *(_word(value) for _, value in fixed if value not in ("", "true", "1")))


def _at_home(paths: list[Parts]) -> list[Parts]:
    """Where a path begins with an item that the document has only further in, the path there."""
    known = {_key(parts) for parts in paths}
    items = {parts for parts in paths if len(parts) > 2 and parts[-1][0] == "{"}

    def at_home(parts: Parts) -> Parts:
        is_astray = len(parts) > 2 and _key(parts[:2])[1:] == (ITEM,) and not {_key(parts[:1]), _key(parts[:2])} & known
        homes = [item for item in items if item[-2:] == parts[:2]] if is_astray else []
        return (*homes[0], *parts[2:]) if len(homes) == 1 else parts

    return [at_home(parts) for parts in paths]


def _is_plural(word: str) -> bool:
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))


# --- answers -------------------------------------------------------------------------------------


def _answers_list(entry: Entry, words: Parts) -> bool:
    """Whether it answers an array, or an object that holds one under a usual name or the path's last word."""
    usual = {*ITEMS, *map(fold, words)}
    return any(
        _is_array(shape) or any(fold(name) in usual and _is_array(_resolved(child)) for name, child in _members(shape, "properties"))
        for media in _members(_answer(entry), "content")
        for shape in _shapes(media[1].get("schema"))
    )


def _answer(entry: Entry) -> Node | None:
    """The first answer that is a success."""
    return next((_resolved(child) for status, child in _members(entry.node, "responses") if status[:1] == "2"), None)


def _shapes(node: Node | None) -> Iterator[Node]:
    """What a schema is, as it is written: itself and the parts of its ``allOf``."""
    found = _resolved(node)
    if found is not None:
        yield found
        yield from (part for _, child in _members(found, "allOf") for part in (_resolved(child),) if part is not None)


def _members(node: Node | None, key: str) -> Iterator[tuple[str, Node]]:
    held = node.get(key) if node is not None else None
    return held.children() if held is not None else iter(())


def _is_array(node: Node | None) -> bool:
    kind = node.value.get("type") if node is not None and isinstance(node.value, dict) else None
    return kind == "array" or (isinstance(kind, list) and "array" in kind)


def _resolved(node: Node | None) -> Node | None:
    try:
        return node.resolve() if node is not None else None
    except SpecError:
        return None  # which is told where the operation is used
