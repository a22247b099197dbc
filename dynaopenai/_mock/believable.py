"""A value that was made up -> one that clients believe, by the names that APIs have for things.

Rules of this file:
1. Nothing becomes invalid: a change is kept where the value is valid with it.
2. What may be null is null where nothing asks for more: no example, no request; the text of an answer is no such thing,
   nor why it ended, nor a list. An error in an answer that is none, a refusal, a warning, is left out where it may be.
3. An optional property with an example of the document's own is given, and so is one that has a single value, and what an
   answer is about (`WANTED`); where nothing is required, all texts and numbers are.
4. Now is now (``created``, ``..._at``), an item's ``index`` is its place, an item's ``id`` its own, what is done says so.
5. Who answers is the assistant or the model, and says what is put out, where a document lists both sides of a conversation.
6. What is counted agrees: a ``total`` is the sum of its parts, or as many as there are items.
7. Values that the document declares for the whole answer are kept; only what they say of time is brought up to date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import count
from typing import Any

from .._checking.example import example
from ..errors import SpecError
from .shape import Shape

TEXT = "This answer was made up by a mock server."
TEXTS = ("content", "text", "output_text", "value", "transcript", "completion")
REASONS = ("finish_reason", "stop_reason", "done_reason")
ALARMS = frozenset({"error", "errors", "last_error", "refusal", "warning", "warnings", "failure", "incomplete_details", "failed", "cancelled"})
KINDS = ("object", "type", "kind")  # what says what a thing is
EXTRAS = frozenset({"annotations", "logprobs", "top_logprobs", "tool_calls", "tools", "citations", "attachments", *ALARMS})
WANTED = ("usage", "status", "data", "choices", "output", "results", "items")
ANSWERING = ("assistant", "model")  # roles of who answers
DONE = ("completed", "succeeded", "success", "done", "finished", "ready", "active", "processed", "complete", "ok")
_NOW = re.compile(r"(created|updated|modified|started|timestamp|date)(_?at|_?time|_?on)?|.*(_at|At)|.*_?timestamp", re.IGNORECASE)
_LATER = re.compile(r"expire|expir|until|deadline", re.IGNORECASE)
HOUR = 3600


@dataclass
class Believable:
    """Makes a value believable.

    Attributes:
        inputs: what the request said, whose names ask for more.
        is_made_up: whether the value is none of the document's own.
        now: what it says of when, in seconds of the epoch.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    is_made_up: bool = True
    now: int = 0
    _ids: Any = field(default_factory=lambda: count(1))

    def of(self, value: Any, shape: Shape) -> Any:
        """The value with all that stands in it."""
        if isinstance(value, dict) and self.is_made_up:
            value = _put_out(value, shape)
        changed = self._object(value, shape) if isinstance(value, dict) else value
        if isinstance(value, list):
            inside = shape.items(value)
            items = [self._placed(self.of(item, inside), inside, index) for index, item in enumerate(value)] if inside else value
            changed = items
        return changed if changed != value and shape.schema.is_valid(changed) else value

    def _placed(self, item: Any, shape: Shape, index: int) -> Any:
        """An item that says where it stands."""
        if self.is_made_up and isinstance(item, dict) and type(item.get("index")) is int:
            placed = {**item, "index": index}
            return placed if shape.schema.is_valid(placed) else item
        return item

    def _object(self, value: dict[str, Any], shape: Shape) -> dict[str, Any]:
        members = shape.members(value)
        required = shape.required(value)
        made: dict[str, Any] = {}
        for name, item in value.items():
            inside = members.get(name)
            if inside is None:
                made[name] = item
            elif not (self.is_made_up and name in ALARMS and name not in required and name not in self.inputs):
                made[name] = self._member(name, item, inside, value)
        if self.is_made_up:
            for name, inside in members.items():
                is_plain = not (required or inside.schema.types & {"object", "array", "null"})
                if name not in made and name not in ALARMS and (inside.is_declared or name in WANTED or is_plain or inside.constant is not None):
                    made = self._with(made, name, inside, shape)
        return agreed(made) if self.is_made_up else made

    def _with(self, value: dict[str, Any], name: str, inside: Shape, shape: Shape) -> dict[str, Any]:
        try:
            more = {**value, name: self._member(name, example(inside.schema), inside, value)}
        except SpecError:  # there is no such value after all
            return value
        return more if shape.schema.is_valid(more) else value

    def _member(self, name: str, item: Any, inside: Shape, holder: Mapping[str, Any]) -> Any:
        is_valid = inside.schema.is_valid
        for proposal in self._proposals(name, item, inside, holder):
            if is_valid(proposal):
                return proposal
        return self.of(item, inside)

    def _proposals(self, name: str, item: Any, inside: Shape, holder: Mapping[str, Any]) -> list[Any]:
        found: list[Any] = []
        is_moment = bool(_NOW.fullmatch(name)) and item is not None
        if self.is_made_up and self._may_go(name, item, inside):
            found.append(None)
        if self.is_made_up and name in EXTRAS and isinstance(item, list) and item and not self.inputs.get(name):
            found.append([])
        if is_moment and type(item) is int:
            found.append(self.now + HOUR * bool(_LATER.search(name)))
        if is_moment and isinstance(item, str) and re.match(r"\d{4}-\d\d-\d\dT", item):
            found.append(datetime.fromtimestamp(self.now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
        if self.is_made_up and isinstance(item, str) and not inside.is_declared:
            if name == "id" and item == "id":
                kind = next((holder[key] for key in ("object", "type") if isinstance(holder.get(key), str)), "item")
                found.append(f"{str(kind).rpartition('.')[2]}_{next(self._ids):06d}")
            if name in KINDS and item == name:
                found += _quoted(inside.description)
            if name in TEXTS and item == name:
                found.append(TEXT)
            if name == "role":
                found += [word for word in ANSWERING if word in inside.listed]
            if name in ("status", "state"):
                found += [word for word in DONE if word in inside.listed]
        return found

    def _may_go(self, name: str, item: Any, inside: Shape) -> bool:
        """Whether null says enough."""
        is_kept = isinstance(item, list) and name not in EXTRAS
        if item is None or is_kept or name in (*TEXTS, *REASONS, *WANTED) or self.inputs.get(name):
            return False
        return "null" in inside.schema.types and not inside.is_declared


def _put_out(value: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """What an answer puts out, where the like of what was put in was taken: ``output_text`` for ``input_text``."""
    for name in KINDS:
        word = value.get(name)
        if isinstance(word, str) and word.startswith("input"):
            for branch in shape.branches():
                member = branch.members(value).get(name)
                if member is not None and member.constant == word.replace("input", "output", 1):
                    return example(branch.schema)  # type: ignore[no-any-return]  # an object, as the branch has a member
    return value


def _quoted(description: str) -> list[str]:
    """The one word that a description has as code, as in: The type of this object (`thing.file`)."""
    words = re.findall(r"`([^`]+)`", description)
    return words if len(words) == 1 else []


def agreed(value: dict[str, Any]) -> dict[str, Any]:
    """An object whose counts agree."""
    counts = {name: item for name, item in value.items() if type(item) is int}
    for name in counts:
        parts = _summed(name, counts)
        lists = [item for item in value.values() if isinstance(item, list)]
        if parts:
            counts = {part: 0 if part in ALARMS or part == "in_progress" else value[part] or 8 + n for n, part in enumerate(parts)}
            value = {**value, **counts, name: sum(counts.values())}
        elif name in ("total", "count", "total_count", "num_results", "size") and len(lists) == 1:
            value = {**value, name: len(lists[0])}
    return value


def _summed(name: str, counts: Mapping[str, int]) -> list[str]:
    """The counts that a total is the sum of: ``a_tokens`` and ``b_tokens`` of ``total_tokens``."""
    if name == "total":
        return [other for other in counts if other != name]
    if not name.startswith("total_"):
        return []
    ending = name.removeprefix("total")
    return [other for other in counts if other != name and other.endswith(ending)]
