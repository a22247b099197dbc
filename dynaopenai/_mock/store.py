"""What a mock server was given, to be read back: created, listed, changed, downloaded, deleted.

Rules of this file (conventions of paths, so that no API is known here):
1. Which call does what to which collection is `convention`'s to say.
2. An item is known by ``id``, or by the property that its path's template names. Where who creates it says the latter, it is a
   reference to something else, and its id is that one's; to take it away again is no mistake.
3. A file that was sent with it comes back, byte by byte, from the GET below the item that answers with a file.
4. What was created and deleted is gone (404), and all below it. What was never created is made up, as if it had always
   been there; what it is changed to is remembered until it is deleted. A store that is empty at the beginning has nothing
   but what was created, of what can be created, and what an answer named of itself. PUT creates what is not there.
5. A list holds what was created, there or along with something else, before that the document's own example; ``limit``,
   ``after``, ``before`` and ``order`` page through it.
6. What is created and says how far it is waits first, is worked on at the next look and done after (`job`).
7. Nothing is changed that would make an answer invalid.
8. What is kept is bounded, in number, in memory and on disk; the oldest goes first, which is told once.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._checking.example import example
from .._checking.schema import Schema
from .._document import openapi
from .._request import media_type as _media_type
from .._request.body_reading import File
from . import job
from .convention import Role, along, below, filled, is_collection, is_item, role_of
from .paging import items_of, page
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


@dataclass
class Store:
    """The items by collection. Thread-safe."""

    paths: frozenset[str]
    pace: int = 1  # how many looks a stage of a job lasts
    creatable: frozenset[str] = frozenset()  # the collections that have nothing but what was created
    _items: OrderedDict[Key, Item] = field(default_factory=OrderedDict)
    _gone: OrderedDict[Key, bool] = field(default_factory=OrderedDict)
    _sown: deque[tuple[str, str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_ITEMS))  # sent along, until it is listed
    _named: OrderedDict[str | Key, None] = field(default_factory=OrderedDict)  # ids that answers named of themselves
    _count: int = 0
    _has_forgotten: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def of(cls, entries: Iterable[openapi.Entry], pace: int = 1, is_empty: bool = False) -> Store:
        entries = list(entries)
        paths = frozenset(entry.path for entry in entries)
        posted = {entry.path for entry in entries if entry.method == "POST"} if is_empty else set()
        return cls(paths, pace, frozenset(path for path in posted if is_collection(path, paths)))

    # --- before the answer is made up ------------------------------------------------------------

    def absence(self, call: Submission) -> str:
        """Why there is nothing where it is asked for; empty where there is, or it is made up."""
        pieces = call.operation.path.split("/")
        for index in (index for index in range(2, len(pieces)) if pieces[index].startswith("{")):
            collection = "/".join(pieces[:index])
            key = filled(collection, call.variables), str(call.variables.get(pieces[index][1:-1], ""))
            method = call.operation.method if index == len(pieces) - 1 else ""  # of the item itself
            if method == "PUT" or (method == "DELETE" and self._gone.get(key)):
                continue
            if key in self._gone:
                return "it was deleted"
            if collection in self.creatable and key not in self._items and key not in self._named and key[1] not in self._named:
                return "it was never created"
        return ""

    def content(self, call: Submission) -> File | Stored | None:
        """The file that was sent with the item that is asked for."""
        role = role_of(call.operation, self.paths)
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
        role = role_of(call.operation, self.paths)
        with self._lock:
            settle = getattr(self, f"_{role.action or 'plain'}")
            settled = settle(call, role, value, schema)
            settled = settled if schema.is_valid(settled) else value
            if self.creatable:
                self._hear(settled, call)
        return settled

    def done(self, call: Submission) -> None:
        """Remember what a request did that is answered without a value."""
        role = role_of(call.operation, self.paths)
        with self._lock:
            key = self._key(call, role)
            item = self._items.get(key)
            if role.action == "delete":
                self._remove(key)
            elif role.action == "change" and item is not None and item.schema is not None:
                item.value = _changed(item.value, call, item.schema)

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
        variables = {**call.variables, **dict.fromkeys(self._variables(role), made[name])}
        if role.above:
            made = self._create_above(call, role, made, schema)
            variables[role.above] = made.get(role.above, "")
        self._sow(role.collection, call.inputs, variables)
        collection = filled(role.collection, variables)
        stages = job.stages(schema, call.inputs)
        item = Item(made, call.files, schema=schema, stages=stages, is_reference=made[name] == referred)
        self._keep({(collection, str(made[name])): item})
        return self._shown(item, schema)

    def _create_above(self, call: Submission, role: Role, made: dict[str, Any], schema: Schema) -> dict[str, Any]:
        """What is created with the item that it is below: the answer names that one, and it is there from now on."""
        if role.above not in made and role.above in schema.properties:
            made = _set(made, schema, role.above, example(schema.properties[role.above]))
        if role.above in made and role.above not in call.inputs:
            made = _set(made, schema, role.above, self._new_id(made, role.above, schema))
        outer, sent = role.collection.partition(f"/{{{role.above}}}")[0], call.inputs.get(role.above.removesuffix("_id"))
        variables = {**call.variables, role.above: made.get(role.above, "")}
        self._name([(filled(outer, variables), str(variables[role.above]))])
        self._sow(outer, sent if isinstance(sent, dict) else {}, variables)
        return made

    def _shown(self, item: Item, schema: Schema) -> dict[str, Any]:
        """An item as far as it is."""
        if not item.stages:
            return dict(item.value)
        return job.at_stage(item.value, schema, item.stages, item.looks, self.pace)

    def _sow(self, collection: str, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        """Remember what a call sends along for other collections than that of what it creates."""
        for other, variable, sent in along(collection, inputs, self.paths):
            place = filled(other, variables)
            self._sown.extend((place, variable, one) for one in sent)
            self._name((place, one) for one in sent if isinstance(one, str))

    def _hear(self, answer: Any, call: Submission) -> None:
        """Remember the ids that an answer names and its request did not: what they are of is there."""
        names = {"id"} | {path.rpartition("/")[2][1:-1] for path in self.paths if path.endswith("}")}
        sent = {item for _, item in _texts([call.variables, call.inputs])}
        self._name(item for name, item in _texts(answer) if name in names and item not in sent)

    def _name(self, ids: Iterable[str | Key]) -> None:
        self._named |= dict.fromkeys(ids)
        _bound(self._named)

    def _remove(self, key: Key) -> None:
        item = self._items.pop(key, None)
        if (item is not None and item.is_created) or key in self._named or key[1] in self._named:
            self._gone[key] = item is not None and item.is_reference
        self._sown = deque((each for each in self._sown if (each[0], each[2]) != key), MOST_ITEMS)
        _bound(self._gone)

    def _keep(self, items: Mapping[Key, Item]) -> None:
        self._items |= items
        for key in items:
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
        collection = filled(role.collection, call.variables)
        self._reap(collection, call, value, schema)
        created = [item.value for key, item in self._items.items() if key[0] == collection and item.is_created]
        is_used = bool(created) or role.collection in self.creatable or any(key[0] == collection for key in self._gone)
        return page(value, schema, created if is_used else None, call.inputs)

    def _reap(self, collection: str, call: Submission, value: Any, schema: Schema) -> None:
        """Make items of what was sent along for a collection, like those that its list shows."""
        sent = [(name, one) for place, name, one in self._sown if place == collection]
        if not sent:
            return
        self._sown = deque((each for each in self._sown if each[0] != collection), MOST_ITEMS)
        shown, items = items_of(value, schema)
        model = None if items is None else next((each for each in [*shown, example(items)] if isinstance(each, dict)), None)
        if items is None or model is None:  # of other lists nothing is known by an id
            return
        made = [self._grown(model, items, name, one, call) for name, one in sent]
        self._keep({(collection, name): item for name, item in made if name})

    def _grown(self, model: dict[str, Any], schema: Schema, name: str, sent: Any, call: Submission) -> tuple[str, Item]:
        """An item like another, of what was sent along, and its id; empty where it has none."""
        made, identity = model, "id" if "id" in model else name
        for member, said in {**call.variables, **(sent if isinstance(sent, dict) else {identity: sent})}.items():
            made = _set(made, schema, member, said)
        if isinstance(sent, dict) and identity in made:
            made = {**made, identity: self._new_id(made, identity, schema)}
        return str(made.get(identity, "")), Item(dict(made), schema=schema, is_reference=isinstance(sent, str))

    def _read(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        item = self._items.get(self._key(call, role))
        if item is None:
            return _under_its_name(value, schema, call, role)
        item.looks += 1
        return self._shown(item, schema)

    def _delete(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        self._remove(self._key(call, role))
        value = _under_its_name(value, schema, call, role)
        return _set(value, schema, "deleted", True) if isinstance(value, dict) else value

    def _change(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        item = self._items.get(self._key(call, role))
        if item is None:
            value = _under_its_name(value, schema, call, role)
            if not isinstance(value, dict):
                return value
            item = Item(value, is_created=call.operation.method == "PUT", schema=schema)
            self._keep({self._key(call, role): item})
        item.value = _changed(item.value, call, schema)
        return dict(item.value)

    def _below(self, call: Submission, role: Role, value: Any, schema: Schema) -> Any:
        """An action on an item: of what its answer may say, what begins as the action's name, ``cancelled`` after ``cancel``."""
        item = self._items.get(self._key(call, role))
        if call.operation.method == "GET" or not isinstance(value, dict):
            return page(value, schema, None, call.inputs)
        if item is None or not _are_alike(item.value, value) or not schema.is_valid(item.value):
            return _under_its_name(value, schema, call, role)
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
        return filled(role.collection, call.variables), str(call.variables.get(role.variable, ""))

    def _identity(self, _call: Submission, role: Role, value: Any) -> str | None:
        """The property that an item is known by."""
        if not isinstance(value, dict):
            return None
        return next((name for name in ("id", *self._variables(role)) if name in value), None)

    def _variables(self, role: Role) -> list[str]:
        """What the paths of a collection's items call them."""
        return sorted({below(role.collection, path)[1] for path in self.paths if is_item(path, role.collection)})

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


def _bound(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > MOST_ITEMS:
        kept.popitem(last=False)


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value, and the name that it stands under."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for inner, item in value.items():
            yield from _texts(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name)


def _are_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two objects are of a kind: most of their names are the same."""
    return 2 * len(one.keys() & other.keys()) > len(one.keys() | other.keys())


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


def _under_its_name(value: Any, schema: Schema, call: Submission, role: Role) -> Any:
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
