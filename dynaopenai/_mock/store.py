"""What a mock server was given, to be read back: created, listed, changed, downloaded, deleted.

Rules of this file (conventions of paths, so that no API is known here):
1. A path is a collection where the path below it, with one template more, is declared: ``/things`` of ``/things/{id}``.
   POST to it creates, GET of it lists; what is below it is an item's: GET reads, DELETE deletes, PUT, PATCH and POST
   change, and a POST further down that answers with the same item acts on it (``/things/{id}/cancel``).
2. An item is known by ``id``, or by the property that its path's template names. Where who creates it says the latter, it is a
   reference to something else, and its id is that one's; to take it away again is no mistake.
3. A file that was sent with it comes back, byte by byte, from the GET below the item that answers with a file.
4. What was created and deleted is gone (404), and all below it. What was never created is made up, as if it had always
   been there; what it is changed to is remembered until it is deleted. A store that is empty at the beginning has nothing
   but what was created, of what can be created. PUT creates what is not there.
5. A list holds what was created, before that the document's own example; ``limit``, ``after``, ``before`` and ``order`` page
   through it.
6. What is created and says how far it is waits first, is worked on at the next look and done after (`job`).
7. Nothing is changed that would make an answer invalid.
8. What is kept is bounded, in number, in memory and on disk; the oldest goes first, which is told once.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._checking.schema import Schema
from .._dataclasses import dataclass, field
from .._document import openapi
from .._request import media_type as _media_type
from .._request.received import File
from . import job
from .paging import page
from .spool import Stored

logger = logging.getLogger("dynaopenai.mock")

MOST_ITEMS = 10_000
MOST_BYTES = 1 << 27  # of files in memory
MOST_STORED = 1 << 30  # bytes of files on disk
MOST_LARGE = 200  # items with files on disk, each of which may keep one open
NAMES = ("filename", "file_name", "name")
SIZES = ("bytes", "size", "file_size")

Key = tuple[str, str]  # a collection's path, an item's id


@dataclass
class Item:
    """One thing that was created."""

    value: dict[str, Any]
    files: tuple[File | Stored, ...] = ()
    is_created: bool = True  # and not only changed, as if it had always been there
    schema: Schema | None = None  # of the answer that it came from
    is_reference: bool = False
    stages: tuple[str, ...] = ()
    looks: int = 0

    @property
    def size(self) -> int:
        return sum(len(file) for file in self.files if isinstance(file, File))

    @property
    def stored(self) -> int:
        return sum(file.size for file in self.files if isinstance(file, Stored))


@dataclass(frozen=True)
class Submission:
    """A request to an operation: the path's variables, the members of its body and query, its files."""

    operation: openapi.Operation
    variables: Mapping[str, Any]
    inputs: Mapping[str, Any]
    files: tuple[File | Stored, ...] = ()


@dataclass(frozen=True)
class Role:
    """What an operation does to a collection. ``collection``: its path's template; ``variable``: the item's; ``rest``."""

    action: str
    collection: str = ""
    variable: str = ""
    rest: str = ""


NONE = Role("")


@dataclass
class Store:
    """The items by collection. Thread-safe."""

    paths: frozenset[str]
    pace: int = 1  # how many looks a stage of a job lasts
    creatable: frozenset[str] = frozenset()  # the collections that have nothing but what was created
    _items: OrderedDict[Key, Item] = field(default_factory=OrderedDict)
    _gone: OrderedDict[Key, bool] = field(default_factory=OrderedDict)
    _count: int = 0
    _has_forgotten: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def of(cls, entries: Iterable[openapi.Entry], pace: int = 1, is_empty: bool = False) -> Store:
        entries = list(entries)
        paths = frozenset(entry.path for entry in entries)
        posted = {entry.path for entry in entries if entry.method == "POST"} if is_empty else set()
        return cls(paths, pace, frozenset(path for path in posted if any(_is_item(other, path) for other in paths)))

    # --- before the answer is made up ------------------------------------------------------------

    def absence(self, call: Submission) -> str:
        """Why there is nothing where it is asked for; empty where there is, or it is made up."""
        pieces = call.operation.path.split("/")
        for index in (index for index in range(2, len(pieces)) if pieces[index].startswith("{")):
            collection = "/".join(pieces[:index])
            key = _filled(collection, call.variables), str(call.variables.get(pieces[index][1:-1], ""))
            method = call.operation.method if index == len(pieces) - 1 else ""  # of the item itself
            if method == "PUT" or (method == "DELETE" and self._gone.get(key)):
                continue
            if key in self._gone:
                return "it was deleted"
            if collection in self.creatable and key not in self._items:
                return "it was never created"
        return ""

    def content(self, call: Submission) -> File | Stored | None:
        """The file that was sent with the item that is asked for."""
        role = self.role(call.operation)
        names = {media.name for response in call.operation.responses.values() for media in response.content.values()}
        if role.action != "below" or call.operation.method != "GET" or "binary" not in map(_media_type.kind_of, names):
            return None
        item = self._items.get(self._key(call, role))
        return item.files[0] if item is not None and item.files else None

    # --- the answer ------------------------------------------------------------------------------

    def settled(self, call: Submission, value: Any, schema: Schema | None) -> Any:
        """The answer that was made up, as what was created, changed and deleted so far makes it."""
        if schema is None:
            return value
        role = self.role(call.operation)
        with self._lock:
            settle = getattr(self, f"_{role.action or 'plain'}")
            settled = settle(call, role, value, schema)
        return settled if schema.is_valid(settled) else value

    def done(self, call: Submission) -> None:
        """Remember what a request did that is answered without a value."""
        role = self.role(call.operation)
        with self._lock:
            key = self._key(call, role)
            item = self._items.get(key)
            if role.action == "delete":
                self._remove(key)
            elif role.action == "change" and item is not None and item.schema is not None:
                item.value = _changed(item.value, call, item.schema)

    def role(self, operation: openapi.Operation) -> Role:
        path, method = operation.path, operation.method
        if any(_is_item(other, path) for other in self.paths):
            return Role({"POST": "create", "GET": "list"}.get(method, ""), path)
        for collection in sorted(self.paths, key=len, reverse=True):
            head, variable, rest = _below(collection, path)
            if head:
                action = {"GET": "read", "DELETE": "delete"}.get(method, "change") if not rest else "below"
                return Role(action, collection, variable, rest)
        bare = path.rpartition("/{")[0]
        last = path.rpartition("/")[2]
        is_one = last[:1] + last[-1:] == "{}" and last.count("{") == 1  # and no {a}.{b}
        if is_one and "{" not in path.rpartition("/")[0].rpartition("/")[2] and bare:
            return Role({"GET": "read", "DELETE": "delete"}.get(method, "change"), bare, path[len(bare) + 2 : -1])
        return Role("list", path) if method == "GET" else NONE

    def _plain(self, _call: Submission, _role: Role, value: Any, _schema: Schema) -> Any:
        return value

    def _create(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        name = self._identity(call, role, value)
        if name is None:
            return value
        made = _described(dict(value), schema, call.files)
        for input_name in call.inputs:
            made = made if input_name in made else _set(made, schema, input_name, call.inputs[input_name])
        referred = next((call.inputs[each] for each in self._variables(role) if isinstance(call.inputs.get(each), str)), None)
        made = _set(made, schema, name, referred) if referred is not None else made
        if made.get(name) not in (call.inputs.get(name), referred):
            made[name] = self._new_id(made, name, schema)
        collection = _filled(role.collection, call.variables)
        stages = job.stages(schema, call.inputs)
        item = Item(made, call.files, schema=schema, stages=stages, is_reference=made[name] == referred)
        self._keep((collection, str(made[name])), item)
        return self._shown(item, schema)

    def _shown(self, item: Item, schema: Schema) -> dict[str, Any]:
        """An item as far as it is."""
        if not item.stages:
            return dict(item.value)
        return job.at_stage(item.value, schema, item.stages, item.looks, self.pace)

    def _remove(self, key: Key) -> None:
        item = self._items.pop(key, None)
        if item is not None and item.is_created:
            self._gone[key] = item.is_reference
        if len(self._gone) > MOST_ITEMS:
            self._gone.popitem(last=False)

    def _keep(self, key: Key, item: Item) -> None:
        self._items[key] = item
        self._gone.pop(key, None)
        while len(self._items) > 1 and self._is_full():
            (collection, name), _ = self._items.popitem(last=False)
            if not self._has_forgotten:
                self._has_forgotten = True
                logger.warning("the store is full: %s/%s and what is oldest after it are forgotten", collection, ascii(name))

    def _is_full(self) -> bool:
        items = self._items.values()
        return (
            len(items) > MOST_ITEMS
            or sum(item.size for item in items) > MOST_BYTES
            or sum(item.stored for item in items) > MOST_STORED
            or sum(item.stored > 0 for item in items) > MOST_LARGE
        )

    def _list(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        collection = _filled(role.collection, call.variables)
        created = [item.value for key, item in self._items.items() if key[0] == collection and item.is_created]
        is_used = bool(created) or role.collection in self.creatable or any(key[0] == collection for key in self._gone)
        return page(value, schema, created if is_used else None, call.inputs)

    def _read(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        item = self._items.get(self._key(call, role))
        if item is None:
            return _named(value, schema, call, role)
        item.looks += 1
        return self._shown(item, schema)

    def _delete(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        self._remove(self._key(call, role))
        value = _named(value, schema, call, role)
        return _set(value, schema, "deleted", True) if isinstance(value, dict) else value

    def _change(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        item = self._items.get(self._key(call, role))
        if item is None:
            value = _named(value, schema, call, role)
            if not isinstance(value, dict):
                return value
            item = Item(value, is_created=call.operation.method == "PUT", schema=schema)
            self._keep(self._key(call, role), item)
        item.value = _changed(item.value, call, schema)
        return dict(item.value)

    def _below(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        """An action on an item: of what its answer may say, what begins as the action's name, ``cancelled`` after ``cancel``."""
        item = self._items.get(self._key(call, role))
        if call.operation.method == "GET" or not isinstance(value, dict):
            return page(value, schema, None, call.inputs)
        if item is None or not _are_alike(item.value, value) or not schema.is_valid(item.value):
            return _named(value, schema, call, role)
        acted = self._shown(item, schema)
        item.stages = ()
        stem = role.rest.strip("/").rstrip("e")
        for name, declared in schema.properties.items():
            listed = [word for part in declared.in_place() for word in part.get("enum", ())]
            words = [word for word in (value.get(name), *listed) if isinstance(word, str)]
            done = [word for word in words if word.startswith(stem) and stem]
            if done:
                acted = _set(acted, schema, name, done[0])
        item.value = acted
        return dict(acted)

    # --- names -----------------------------------------------------------------------------------

    def _key(self, call: Submission, role: Role) -> Key:
        return _filled(role.collection, call.variables), str(call.variables.get(role.variable, ""))

    def _identity(self, _call: Submission, role: Role, value: Any) -> str | None:
        """The property that an item is known by."""
        if not isinstance(value, dict):
            return None
        return next((name for name in ("id", *self._variables(role)) if name in value), None)

    def _variables(self, role: Role) -> list[str]:
        """What the paths of a collection's items call them."""
        return sorted({_below(role.collection, path)[1] for path in self.paths if _is_item(path, role.collection)})

    def _new_id(self, value: Mapping[str, Any], name: str, schema: Schema) -> Any:
        """An id like the example's, and unlike any other's."""
        self._count += 1
        shown = value[name]
        if isinstance(shown, int) and not isinstance(shown, bool):
            return shown + self._count - 1
        stem = str(shown).rstrip("".join(map(chr, [*range(48, 58), *range(65, 91), *range(97, 123)])))
        for candidate in (f"{stem}{self._count:06d}", str(uuid.UUID(int=self._count)), f"{shown}{self._count}"):
            if schema.is_valid({**value, name: candidate}):
                return candidate
        return shown


def _is_item(path: str, collection: str) -> bool:
    head, _, rest = _below(collection, path)
    return bool(head) and not rest


def _below(collection: str, path: str) -> tuple[str, str, str]:
    """A path below a collection, cut: the collection, the item's variable, the rest; empty where it is not below it."""
    if not path.startswith(f"{collection.rstrip('/')}/{{"):
        return "", "", ""
    variable, _, rest = path[len(collection.rstrip("/")) + 2 :].partition("}")
    return (collection, variable, rest) if not rest or rest.startswith("/") else ("", "", "")


def _are_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two objects are of a kind: most of their names are the same."""
    return 2 * len(one.keys() & other.keys()) > len(one.keys() | other.keys())


def _filled(template: str, variables: Mapping[str, Any]) -> str:
    for name, value in variables.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


def _set(value: dict[str, Any], schema: Schema, name: str, new: Any) -> dict[str, Any]:
    """``value`` with one property changed, where the schema has it and the whole stays valid."""
    changed = {**value, name: new}
    return changed if name in schema.properties and schema.is_valid(changed) else value


def _changed(value: Mapping[str, Any], call: Submission, schema: Schema) -> dict[str, Any]:
    """An item with what a request says of it."""
    changed = dict(value)
    for name, sent in call.inputs.items():
        if name in schema.properties and name not in call.variables:
            changed = _set(changed, schema, name, sent)
    return changed


def _named(value: Any, schema: Schema, call: Submission, role: Role) -> Any:
    """An item that was made up, under the name that it was asked for by."""
    if not isinstance(value, dict) or role.variable not in call.variables:  # one in a path's fragment is never sent
        return value
    name = role.variable if role.variable in schema.properties else "id"
    return _set(value, schema, name, call.variables[role.variable])


def _described(value: dict[str, Any], schema: Schema, files: Sequence[File | Stored]) -> dict[str, Any]:
    """An item that tells the name and the size of the one file it was sent."""
    if len(files) != 1:
        return value
    facts: dict[str, Any] = {next((name for name in NAMES if name in schema.properties), ""): files[0].filename}
    facts[next((name for name in SIZES if name in schema.properties), "")] = files[0].size
    for name, fact in facts.items():
        value = _set(value, schema, name, fact)
    return value
