"""A whole answer -> the events that it is streamed in: a life, in the order in which things begin, go on and end.

Rules of this file:
1. Of a union of events, each names itself by a constant. The last word of its name says what it tells: that something
   begins (``created``, ``added``), goes on (``delta``) or ends (``done``, ``completed``); the words before say of what. What
   fails or waits for somebody is no part of a life.
2. An event that carries the whole answer begins and ends it. Between them stands what the answer holds: each item of its
   lists is added, its texts come in deltas that add up to them, and it is done.
3. Where no event carries the whole, things begin in the document's order, the outer before the inner, and end in the reverse.
4. A chunk, which is no union, holds a list whose items have a piece (``delta``, ``text``) of what the answer has whole: the
   last chunk says why it ended, and one with ``usage`` follows where that was asked for.
5. ``sequence_number`` rises; an ``..._index`` says where in its list an item stands.
6. An event that would be invalid is left as it can be made, so that each that is sent is valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from .._checking.example import example
from ..errors import SpecError
from . import pieces as _pieces
from .believable import REASONS, TEXTS, Believable
from .shape import Shape

NAMED_BY = ("type", "event", "object", "kind", "event_type")
BEGIN = ("created", "start", "started", "begin", "opened", "in_progress", "added")
GO = ("delta", "partial", "progress", "chunk", "update", "updated")
END = ("done", "stop", "stopped", "end", "ended", "finished", "succeeded", "complete", "completed")
NEVER = frozenset({"failed", "incomplete", "error", "cancelled", "canceled", "expired", "requires_action", "queued", "ping", "cancelling"})
PIECES = ("delta", "text")  # what a chunk's item holds a piece in


@dataclass(frozen=True)
class Kind:
    """One kind of event: its name as the thing that it tells of and what it tells of it."""

    name: str
    shape: Shape
    noun: str
    phase: str


def events(shape: Shape, whole: Any, base: Any, inputs: Mapping[str, Any], now: int) -> list[Any] | None:
    """The events of a stream; None where the document says too little of them for a life.

    Args:
        shape: what an event is.
        whole: the answer that would come where no stream is asked for, None where there is none.
        base: an event that was made up.
        inputs: what the request said.
        now: what events say of when, in seconds of the epoch.
    """
    if "kinds" not in shape.worked_out:
        shape.worked_out["kinds"] = _kinds(shape)
    union = shape.worked_out["kinds"]
    made = _Life(union, inputs, now).of(whole) if union else _chunks(shape, whole, base, inputs)
    return made if made and all(map(shape.schema.is_valid, made)) else None


# --- unions --------------------------------------------------------------------------------------


def _kinds(shape: Shape) -> list[Kind]:
    branches = shape.branches()
    if len(branches) < 2:
        return []
    for key in NAMED_BY:
        found = [(branch.schema.properties.get(key), branch) for branch in branches]
        named = [(shape.sub(declared.schema).constant, branch) for declared, branch in found if declared is not None]
        kinds = [_kind(name, branch) for name, branch in named if isinstance(name, str)]
        if len(kinds) == len(branches) and len({kind.name for kind in kinds}) > 1:
            return kinds
    return []


def _kind(name: str, shape: Shape) -> Kind:
    parts = name.split(".")
    if len(parts) == 1:
        cut = re.fullmatch(rf"(.+?)[_-]({'|'.join((*BEGIN, *GO, *END))})", name)
        parts = [cut[1], cut[2]] if cut else [name]
    phase = parts[-1]
    stem = phase.partition("_")[0]  # partial_image
    return Kind(name, shape, ".".join(parts[:-1]), phase if phase not in GO and stem not in GO else "delta")


@dataclass
class _Life:
    kinds: Sequence[Kind]
    inputs: Mapping[str, Any]
    now: int
    _number: Any = field(default_factory=count)
    _made: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, whole: Any) -> list[Any]:
        carriers = {kind.name: self._carried(kind, whole) for kind in self.kinds if isinstance(whole, dict)}
        ends = [kind for kind in self._of_phase(END) if carriers.get(kind.name)]
        if not ends:
            return list(self._in_order(whole))
        last = min(ends, key=lambda kind: len(kind.noun))
        begins = [kind for kind in self._of_phase(BEGIN) if carriers.get(kind.name) and kind.noun == last.noun]
        return list(self._whole(whole, [(kind, carriers[kind.name]) for kind in begins], (last, carriers[last.name])))

    def _of_phase(self, words: Sequence[str]) -> list[Kind]:
        found = [kind for kind in self.kinds if kind.phase in words]
        return sorted(found, key=lambda kind: words.index(kind.phase))

    def _carried(self, kind: Kind, value: Any) -> str:
        """The name under which an event carries a whole object."""
        for name, declared in kind.shape.schema.properties.items():
            inside = kind.shape.sub(declared.schema)
            if "object" in declared.types and inside.schema.is_valid(value) and value.keys() & declared.properties.keys():
                return name
        return ""

    def _event(self, kind: Kind, **facts: Any) -> dict[str, Any]:
        """An event that says these facts as far as it has names for them."""
        if kind.name not in self._made:
            if "event" not in kind.shape.worked_out:
                kind.shape.worked_out["event"] = example(kind.shape.schema)
            self._made[kind.name] = Believable(self.inputs, now=self.now).of(kind.shape.worked_out["event"], kind.shape)
        event = dict(self._made[kind.name])
        for name, fact in {"sequence_number": next(self._number), **facts}.items():
            declared = kind.shape.schema.properties.get(name)
            if declared is not None and kind.shape.sub(declared.schema).schema.is_valid(fact):
                event[name] = fact
        return event

    # --- around the whole answer ---------------------------------------------------------------

    def _whole(self, whole: dict[str, Any], begins: Sequence[tuple[Kind, str]], end: tuple[Kind, str]) -> Iterator[Any]:
        inside = end[0].shape.members(self._event(end[0], **{end[1]: whole}))[end[1]]
        self._number = count()
        begun = _pieces.early(whole, inside)
        for kind, name in begins:
            yield self._event(kind, **{name: begun})
        yield from self._lists(whole, inside, {})
        yield self._event(end[0], **{end[1]: whole})

    def _lists(self, holder: dict[str, Any], shape: Shape, place: Mapping[str, Any]) -> Iterator[Any]:
        members = shape.members(holder)
        for name, items in _pieces.lists_of(holder):
            inside = members[name].items(items) if name in members else None
            for index, item in enumerate(items) if inside is not None else ():
                at = {**place, f"{name}_index": index, f"{name.removesuffix('s')}_index": index, "index": index}
                if isinstance(item.get("id"), str):
                    at["item_id"] = item["id"]
                yield from self._item(item, inside, name, at) if inside is not None else ()

    def _item(self, item: dict[str, Any], shape: Shape, list_name: str, place: Mapping[str, Any]) -> Iterator[Any]:
        begun = _pieces.early(item, shape)
        added = self._carrying(("added", "start", "started", "created"), begun, list_name)
        yield from (self._event(one, **place, **{name: begun}) for one, name in added)
        nouns = {one.noun for one, _ in added}
        kind = str(item.get("type", ""))
        own = [one for one in self.kinds if kind and one.noun.rpartition(".")[2] == kind and one.phase not in NEVER]
        if any(one.phase == "delta" for one in own):
            own = []  # they tell of its text
        yield from (self._event(one, **place) for one in own if one.phase not in END)
        members = shape.members(item)
        named: dict[str, Any] = {name: item[name] for name in ("name", "call_id") if name in item}
        for name, text in item.items():
            if _pieces.is_text(name, text, members.get(name)):
                mine = [one for one in self.kinds if _is_about(one.noun.rpartition(".")[2], kind, name)]
                around = [one for one in self.kinds if one.noun in nouns and one.phase == "delta"]
                yield from self._text(mine or around, name, text, {**place, **named})
        yield from self._lists(item, shape, place)
        yield from (self._event(one, **place) for one in own if one.phase in END)
        done = self._carrying(("done", "stop", "completed"), item, list_name)
        bare = [(one, "") for one in self.kinds if one.noun in nouns and one.phase in END]
        yield from (self._event(one, **place, **({name: item} if name else {})) for one, name in done or bare[:1])

    def _carrying(self, phases: Sequence[str], item: Any, list_name: str) -> list[tuple[Kind, str]]:
        """The event that says that an item of a list begins or ends, with the name under which it carries the item."""
        stem = list_name.removesuffix("s")
        for kind in self.kinds:
            words = re.split(r"[._-]", kind.noun)
            if kind.phase in phases and (stem in words or list_name in words):
                name = self._carried(kind, item)
                if name:
                    return [(kind, name)]
        return []

    def _text(self, mine: Sequence[Kind], name: str, text: str, place: Mapping[str, Any]) -> Iterator[Any]:
        """The deltas of a text, and that it is done."""
        for delta in (one for one in mine if one.phase == "delta"):
            for piece in _pieces.texts(text):
                yield self._event(delta, **{**place, **self._piece(delta, name, piece)})
            break
        for done in (one for one in mine if one.phase in END):
            yield self._event(done, **{**place, name: text})
            break

    def _piece(self, kind: Kind, name: str, piece: str) -> dict[str, Any]:
        """Where an event holds a piece of text: in ``delta``, under its own name, or in an object under ``delta``."""
        declared = kind.shape.schema.properties.get("delta")
        if declared is not None and "object" in declared.types:
            for branch in kind.shape.sub(declared.schema).branches():
                if name in branch.schema.properties:
                    with suppress(SpecError):
                        return {"delta": {**example(branch.schema), name: piece}}
        return {"delta": piece, name: piece}

    # --- in the document's order ----------------------------------------------------------------

    def _in_order(self, whole: Any) -> Iterator[Any]:
        text = _told_text(whole)
        nouns = list(dict.fromkeys(kind.noun for kind in self.kinds if kind.phase not in NEVER))
        outermost = [noun for noun in nouns if not any(noun != other and _is_below(noun, other) for other in nouns)]
        for noun in outermost:
            yield from self._thing(noun, nouns, text)

    def _thing(self, noun: str, nouns: Sequence[str], text: str) -> Iterator[Any]:
        mine = [kind for kind in self.kinds if kind.noun == noun and kind.phase not in NEVER]
        for kind in sorted((one for one in mine if one.phase in BEGIN), key=lambda one: BEGIN.index(one.phase)):
            yield self._event(kind)
        for kind in (one for one in mine if one.phase not in (*BEGIN, *END)):
            pieces = _pieces.texts(text) if kind.phase == "delta" and text else [""]
            for piece in pieces:
                names = dict.fromkeys(("delta", *TEXTS), piece) if piece else {}
                yield self._event(kind, **names)
        below = [other for other in nouns if other != noun and _is_below(other, noun)]
        for other in below:
            if not any(other != between and _is_below(other, between) for between in below):
                yield from self._thing(other, nouns, text)
        for kind in sorted((one for one in mine if one.phase in END), key=lambda one: END.index(one.phase)):
            yield self._event(kind, **(dict.fromkeys(TEXTS, text) if text else {}))


def _is_about(noun: str, kind: str, name: str) -> bool:
    """Whether events of this name tell of the text ``name`` in an item of a type."""
    return noun in (kind, f"{kind}_{name}", name) or noun.endswith(f"_{kind}")


def _is_below(noun: str, other: str) -> bool:
    return noun.startswith(f"{other}.") if other else bool(noun)


def _told_text(whole: Any) -> str:
    """The text that an answer tells."""
    if isinstance(whole, dict):
        for name in TEXTS:
            if isinstance(whole.get(name), str) and whole[name]:
                return str(whole[name])
    return ""


# --- chunks --------------------------------------------------------------------------------------


def _chunks(shape: Shape, whole: Any, base: Any, inputs: Mapping[str, Any]) -> list[Any]:
    for name, items in _pieces.lists_of(base) if isinstance(whole, dict) else ():
        inside = shape.members(base)[name].items(items) if name in shape.members(base) else None
        wholes = whole.get(name)
        if inside is not None and isinstance(wholes, list) and wholes:
            rounds = [_rounds(items[0], inside, item, index) for index, item in enumerate(wholes) if isinstance(item, dict)]
            if all(rounds):
                same = {key: whole[key] for key in base if key in whole and key != name and _is_same(shape, base, key, whole[key])}
                head = {key: value for key, value in {**base, **same}.items() if key != "usage"}
                chunks = [{**head, name: [item]} for one in rounds for item in one]
                return _with_usage(chunks, shape, name, whole.get("usage"), inputs)
    return []


def _is_same(shape: Shape, base: Any, key: str, value: Any) -> bool:
    """Whether a member of the whole says the same of each chunk."""
    inside = shape.members(base).get(key) if key not in NAMED_BY else None
    return inside is not None and not isinstance(value, (dict, list)) and inside.constant is None and inside.schema.is_valid(value)


def _rounds(item: dict[str, Any], shape: Shape, whole: dict[str, Any], index: int) -> list[dict[str, Any]]:
    """The pieces of one item of a chunk's list, and the last one, which says why it ended."""
    members = shape.members(item)
    place = next((name for name in PIECES if name in members), None)
    if place is None:
        return []
    plain = {**item, **({"index": index} if "index" in members else {})}
    for name in ("logprobs", *REASONS):
        if name in members:
            plain = _set_null(plain, name, shape)
    if "object" in members[place].schema.types:
        complete = next((value for value in whole.values() if isinstance(value, dict)), {})
        pieces: list[Any] = _pieces.deltas(complete, members[place])
        last: Any = {}
    else:
        pieces, last = _pieces.texts(str(whole.get(place, ""))), ""
    reasons = {name: whole[name] for name in REASONS if name in members and isinstance(whole.get(name), str)}
    rounds = [{**plain, place: piece} for piece in pieces]
    ended = {**plain, place: last, **reasons}
    return [one for one in [*rounds, ended] if shape.schema.is_valid(one)]


def _set_null(item: dict[str, Any], name: str, shape: Shape) -> dict[str, Any]:
    nulled = {**item, name: None}
    without = {key: value for key, value in item.items() if key != name}
    return next((one for one in (nulled, without) if shape.schema.is_valid(one)), item)


def _with_usage(chunks: list[Any], shape: Shape, name: str, usage: Any, inputs: Mapping[str, Any]) -> list[Any]:
    options = next((value for key, value in inputs.items() if "stream" in key and isinstance(value, dict)), {})
    if not any("usage" in key and value for key, value in options.items()):
        return chunks
    with_null = [{**one, "usage": None} for one in chunks]
    last = {**chunks[-1], name: [], "usage": usage}
    nulled = with_null if all(map(shape.schema.is_valid, with_null)) else chunks
    return [*nulled, last] if usage is not None and shape.schema.is_valid(last) else chunks
