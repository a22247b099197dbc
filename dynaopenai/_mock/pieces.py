"""A whole thing -> the pieces that it is streamed in, which add up to it again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .shape import Shape

MOST = 6  # pieces of one text
GROWS = frozenset({"content", "text", "output_text", "transcript", "arguments", "input", "code", "refusal", "thinking", "partial_json"})
NAMES = frozenset({"id", "type", "name", "role", "object", "status", "call_id", "model"})  # texts that come whole


def texts(text: str) -> list[str]:
    """A text in a few pieces, cut between its words where it has any."""
    words = re.findall(r"\s*\S+", text) if " " in text.strip() else re.findall(r"(?s).{1,4}", text)
    rest = text[len("".join(words)) :]
    size = max(1, -(-len(words) // MOST))
    joined = ["".join(words[start : start + size]) for start in range(0, len(words), size)]
    return [*joined[:-1], joined[-1] + rest] if joined else [text] if text else []


def is_text(name: str, value: Any, shape: Shape | None) -> bool:
    """Whether a member is a text that grows, rather than a name that comes whole."""
    return isinstance(value, str) and name not in NAMES and not name.endswith("_id") and not (shape and shape.listed)


def early(value: Any, shape: Shape | None, status: str = "in_progress") -> Any:
    """A thing as it is when it begins: no text yet, no items, not done; what cannot be so stays."""
    if not isinstance(value, dict) or shape is None:
        return value
    members = shape.members(value)
    changed = dict(value)
    for name, item in value.items():
        inside = members.get(name)
        empty: Any = None
        if name in GROWS and is_text(name, item, inside):
            empty = ""
        elif isinstance(item, list) and name != "tools":
            empty = []
        elif name in ("status", "state"):
            empty = status
        elif name in ("usage", "completed_at"):
            empty = None
        else:
            continue
        if inside is not None and inside.schema.is_valid(empty):
            changed[name] = empty
        elif name == "usage" and name not in shape.required(value):
            changed.pop(name)
    return changed if shape.schema.is_valid(changed) else value


def deltas(whole: Mapping[str, Any], shape: Shape) -> list[dict[str, Any]]:
    """An object in pieces of the shape that its pieces have: first all that is known at once, then text by text."""
    allowed = shape.schema.properties
    first: dict[str, Any] = {}
    later: list[dict[str, Any]] = []
    for name, value in whole.items():
        inside = shape.members({}).get(name) if name in allowed else None
        if inside is None or value is None:
            continue
        if is_text(name, value, inside):
            first[name] = ""
            later += [{name: piece} for piece in texts(value)]
        elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
            item_shape = inside.items(value)
            heads, rest = [], []
            for index, item in enumerate(value):
                head, tails = _cut(item)
                place = {"index": index} if item_shape and "index" in item_shape.schema.properties else {}
                heads.append({**place, **head})
                rest += [{name: [{**place, **tail}]} for tail in tails]
            first[name] = heads
            later += rest
        else:
            head, tails = _cut(value)
            first[name] = head
            later += [{name: tail} for tail in tails]
    proposals = [first, *later]
    return [piece for piece in proposals if piece and shape.schema.is_valid(piece)]


def _cut(value: Any) -> tuple[Any, list[Any]]:
    """A value without its texts, and the pieces of those, each at its place."""
    if not isinstance(value, dict):
        return value, []
    head: dict[str, Any] = {}
    tails: list[Any] = []
    for name, item in value.items():
        if is_text(name, item, None):
            head[name] = ""
            tails += [{name: piece} for piece in texts(item)]
        else:
            head[name], below = _cut(item)
            tails += [{name: tail} for tail in below]
    return head, tails


def lists_of(value: Any) -> Iterator[tuple[str, list[Any]]]:
    """The lists of objects among an object's members."""
    for name, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, list) and item and all(isinstance(one, dict) for one in item):
            yield name, item
