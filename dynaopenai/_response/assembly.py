"""The items of a stream -> the whole answer. No I/O.

Rules of this file:
1. An item that carries the answer, as the document declares one, is the answer so far; where it is the last of its kind
   (``x.completed``), it is the answer.
2. Other items with a type say what is added, and where: ``output_index: 0`` is a place in ``output``, a bare ``index`` one in the
   only list that there is; a ``delta`` is a piece of what is there, by the type's last word: ``x.text.delta`` of ``text``.
3. Items without a type are pieces of one shape (`pieces`).
4. What comes out has the answer's shape: a ``delta`` is called what the answer calls it, a value that can be only one is that,
   a piece's only example of its kind becomes the answer's only one, and what only pieces have is left out. Without a document
   it is what came, a ``delta`` called ``message``.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import groupby, repeat
from operator import contains
from typing import Any

from .._checking.alternatives import alternatives
from .._checking.schema import Schema
from .ending import LAST_TYPE
from .pieces import DELTA, INDEX, LABELS, TEXTS, Indexed, Text, is_enumerated, joined

OCTETS = frozenset({"audio", "b64_json", "data"})  # where a piece of a file has its bytes, in Base64
KINDS = frozenset({"object", "type"})  # where a thing says what it is
MOST_GAP = 64  # items that a place may lie beyond the end of its list
_PLACE = re.compile(r"(?:(\w+)_)?index")
_ITS_OWN = frozenset({DELTA, "event_id", "sequence_number", "obfuscation"})  # what each event has otherwise than the one before it
_OF_THE_EVENT = frozenset({"type", "event", "event_id", "sequence_number", "item_id", "obfuscation"})


class Assembly:
    """What has been put together so far.

    Args:
        item: what an item must be.
        answer: what a whole answer must be, where the document says it.
    """

    def __init__(self, item: Schema | None, answer: Schema | None) -> None:
        self._item, self.answer = item, answer
        self._alternatives = [each for each in alternatives(answer) if "object" in each.types] if answer is not None else []
        self._whole: Any = None  # of what came: pieces joined, or the answer as far as it was told
        self._is_typed = False
        self._is_final = False

    def add_all(self, items: Sequence[Any], names: Sequence[str] | None = None) -> None:
        """Take the next items; ``names``: those of the events that they came with, where one has a name."""
        if names is None and set(map(type, items)) == {dict} and not any(map(contains, items, repeat("type"))):
            self._whole = joined(self._whole, items, self._item)
        else:
            for _, group in groupby(zip(items, names or ["message"] * len(items), strict=True), _likeness):
                self._add_run(list(group))

    def _add_run(self, run: list[tuple[Any, str]]) -> None:
        """Take items that differ in nothing but the text of their delta."""
        item, name = run[0]
        kind = _kind_of(item, name) if len(run) > 1 else ""
        if kind and _field(kind) not in LABELS:
            self._is_typed = True
            self._add_typed(item, kind, [each[DELTA] for each, _ in run])
        else:
            for item, name in run:
                self.add(item, name)

    def add(self, item: Any, event: str = "message") -> None:
        """Take the next item; ``event``: the name of the event that it came with."""
        if isinstance(item, str):
            self._whole = self._whole if isinstance(self._whole, Text) else Text()
            self._whole.append(item)
        elif not isinstance(item, dict):
            self._whole = item
        elif kind := _kind_of(item, event):
            self._is_typed = True
            self._add_typed(item, kind, [item.get(DELTA)])
        else:
            self._whole = joined(self._whole, [item], self._item)

    def whole(self) -> Any:
        """The answer, as plain JSON values."""
        if self._is_final:
            return self._whole  # as the server has it
        return _shaped(self._whole, self.answer, None if self._is_typed else self._item)

    # --- items with a type -----------------------------------------------------------------------

    def _add_typed(self, item: dict[str, Any], kind: str, deltas: list[Any]) -> None:
        is_last = bool(LAST_TYPE.search(kind))
        carried = self._carried(item, is_last)
        if carried is not None:
            if not self._is_final or is_last:
                self._whole, self._is_final = deepcopy(carried), is_last
            return
        if self._is_final:
            return
        target, is_placed = self._place(item)
        if DELTA in item:
            _add_delta(target, item, kind, deltas)
        elif is_placed:
            _fill(target, item)
        elif is_last:
            target.update(_own(item))
        elif kind.endswith(DELTA):
            joined(target, [{DELTA: _own(item)}], None)
            _lift(target)

    def _carried(self, item: dict[str, Any], is_last: bool) -> dict[str, Any] | None:
        """The answer that an item carries: one of its members, or, in the last, itself."""
        for value in item.values():
            if isinstance(value, dict) and self._is_answer(value):
                return value
        own = _own(item)
        if is_last and DELTA not in item and not any(map(_PLACE.fullmatch, item)) and self._is_answer(own):
            return own
        return None

    def _is_answer(self, value: dict[str, Any]) -> bool:
        return any(
            each.required <= value.keys() and 2 * len(value.keys() & each.properties.keys()) > len(value)
            for each in self._alternatives
            if each.required
        )

    def _place(self, item: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """What an item adds to; and whether that is a place in it."""
        if not isinstance(self._whole, dict):
            self._whole = {}
        target, schema, is_placed = self._whole, self.answer, False
        for name, position in list(item.items()):
            match = _PLACE.fullmatch(name)
            if match is None or type(position) is not int or position < 0:
                continue
            key = _list_called(match[1], target, schema)
            items = target.get(key) if key else None
            if key is None or not (items is None or isinstance(items, list)):
                break
            items = target.setdefault(key, [])
            if position > len(items) + MOST_GAP:
                break
            items += [{} for _ in range(position + 1 - len(items))]
            if not isinstance(items[position], dict):
                break
            declared = schema.properties.get(key) if schema is not None else None
            target, schema, is_placed = items[position], declared.items if declared is not None else None, True
        return target, is_placed


def _likeness(pair: tuple[Any, str]) -> object:
    """What items have in common that say the same but for the text of their delta; of any other, what no item has in common with it."""
    item, name = pair
    if type(item) is not dict or type(item.get(DELTA)) is not str:
        return object()
    rest = {key: value for key, value in item.items() if key not in _ITS_OWN}
    kinds = list(map(type, rest.values()))
    return object() if dict in kinds else (name, rest, kinds)


def _kind_of(item: Mapping[str, Any], event: str) -> str:
    kind = item.get("type")
    return kind if isinstance(kind, str) else "" if event == "message" else event


def _own(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in _OF_THE_EVENT}


def _list_called(name: str | None, holder: Mapping[str, Any], schema: Schema | None) -> str | None:
    """The list that ``NAME_index`` is a place in; the only one for a bare ``index``."""
    properties = schema.properties if schema is not None else {}
    if name:
        return next((key for key in (name, f"{name}s") if isinstance(holder.get(key), list) or key in properties), None)
    lists = [key for key, value in holder.items() if isinstance(value, list)]
    lists = lists or [key for key, value in properties.items() if value.items is not None and "object" in value.items.types]
    return lists[0] if len(lists) == 1 else None


def _add_delta(target: dict[str, Any], item: dict[str, Any], kind: str, deltas: list[Any]) -> None:
    pieces = [{_field(kind): delta} if isinstance(delta, str) else delta for delta in deltas]
    if isinstance(pieces[0], dict):
        known = {"type"} & target.keys()
        joined(target, [{DELTA: {name: value for name, value in piece.items() if name not in known}} for piece in pieces], None)
        _lift(target)
    beside = {name: value for name, value in _own(item).items() if name != DELTA and type(target.get(name)) is dict and isinstance(value, dict)}
    for name, value in beside.items():
        target[name] = {**target[name], **value}


def _lift(target: dict[str, Any]) -> None:
    """What was joined within ``delta`` belongs to what the delta is of."""
    for name, value in target.pop(DELTA, {}).items():
        before = target.get(name)
        if isinstance(value, Text) and isinstance(before, Text):
            before += value
        elif isinstance(value, Text) and isinstance(before, str):
            target[name] = Text([before, *value])
        else:
            target[name] = value


def _field(kind: str) -> str:
    """``x.output_text.delta`` adds to ``text``."""
    words = [word for word in re.split(r"[._]", kind) if word and word != DELTA]
    return words[-1] if words else "text"


def _fill(target: dict[str, Any], item: dict[str, Any]) -> None:
    """What stands at a place from now on: what the item brings along, or new values of its members."""
    own = {name: value for name, value in _own(item).items() if not _PLACE.fullmatch(name)}
    objects = [value for value in own.values() if isinstance(value, dict)]
    if len(objects) == 1:
        target.update(deepcopy(objects[0]))
    else:
        target.update({name: deepcopy(value) for name, value in own.items() if name in target})


# --- the shape -----------------------------------------------------------------------------------


def _shaped(value: Any, schema: Schema | None, piece: Schema | None) -> Any:
    """What was put together, as the document has the whole. ``piece``: what was declared of its pieces."""
    if isinstance(value, Text):
        return "".join(value)
    if isinstance(value, Indexed):
        value = [item for _, item in sorted(value.items())]
    if isinstance(value, list):
        items, pieces = schema.items if schema is not None else None, piece.items if piece is not None else None
        return [_shaped(item, items, pieces) for item in value]
    return _object(value, schema, piece) if isinstance(value, dict) else value


def _object(value: dict[str, Any], schema: Schema | None, piece: Schema | None) -> dict[str, Any]:
    declared = schema.properties if schema is not None else {}
    of_pieces = piece.properties if piece is not None else {}
    found: dict[str, Any] = {}
    for key, member in value.items():
        name = _called(member, declared, value) if key == DELTA and DELTA not in declared else key
        inner = declared.get(name)
        if declared and inner is None and (name in of_pieces or name == INDEX):
            continue
        made = _only(inner) or _instead(name, member, inner, of_pieces.get(key)) if isinstance(member, str) else None
        if made is None:
            made = _octets(member) if isinstance(member, Text) and name in OCTETS else _shaped(member, inner, of_pieces.get(key))
        if made is None and inner is not None and "null" not in inner.types and name not in (schema.required if schema else ()):
            continue
        found[name] = made
    for name in sorted((schema.required if schema is not None else frozenset()) - found.keys()):
        inner = declared.get(name)
        if inner is not None and "null" in inner.types:
            found[name] = None
        elif inner is not None and (only := _only(inner)) is not None:
            found[name] = only
    return found


def _octets(pieces: Text) -> str:
    """Base64 in pieces, which may each be padded, as one text of it."""
    whole = "".join(pieces)
    if "=" not in whole.rstrip("="):
        return whole
    try:
        return b64encode(b"".join(b64decode(piece, validate=True) for piece in pieces)).decode()
    except ValueError:
        return whole


def _called(delta: Any, declared: Mapping[str, Schema], beside: Mapping[str, Any]) -> str:
    """What the answer calls that of which ``delta`` is a piece."""
    free = {name: schema for name, schema in declared.items() if name not in beside}
    if isinstance(delta, dict):
        shares = {name: len(delta.keys() & schema.properties.keys()) for name, schema in free.items() if "object" in schema.types}
        return max(shares, key=lambda name: shares[name], default="message") if any(shares.values()) or not declared else "message"
    texts = [name for name, schema in free.items() if "string" in schema.types]
    return next((name for name in texts if name in TEXTS), texts[0] if len(texts) == 1 else "text")


def _instead(name: str, member: str, whole: Schema | None, piece: Schema | None) -> str | None:
    """What the whole calls itself where the document only has examples of that: one of its pieces, as it came, and another of the whole."""
    if name not in KINDS or whole is None or piece is None or _examples(piece) != [member]:
        return None
    examples = _examples(whole)
    return examples[0] if len(examples) == 1 and isinstance(examples[0], str) else None


def _examples(schema: Schema) -> list[Any]:
    return [example for part in schema.in_place() for example in part.get("examples", ())]


def _only(schema: Schema | None) -> str | None:
    """The only text that a schema takes."""
    if schema is None or not is_enumerated(schema):
        return None
    values = {value for part in schema.in_place() for value in part.get("enum", [part.get("const")] if "const" in part else ())}
    only = next(iter(values)) if len(values) == 1 else None
    return only if isinstance(only, str) else None
