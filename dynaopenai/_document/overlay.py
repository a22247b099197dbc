"""OpenAPI Overlays (1.0, 1.1): corrections that stand beside a document; applied to it, made from two of it.

Rules of this file:
1. The document is not changed; applying makes another one, which lives where the first did.
2. Actions apply in order, each to what the one before it left (Overlay 1.1.0 §4.4.1).
3. A target that matches nothing succeeds, as the specification says, and is told: a correction that does not hold
   any more is what its author wants to know. So is one that does not fit, of an overlay made for another version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .._display.words import short
from ..errors import Diagnostic, SpecError
from .action import Action, read
from .document import Document, Library, Source
from .selection import select
from .yaml import MAX_DEPTH

__all__ = ["apply", "make"]

Root = dict[str, Any]
MOST_ADDED = 200_000  # values that an overlay adds, beside as many as the document has


def apply(document: Document, overlays: Sequence[Source]) -> Document:
    """The document with the overlays applied, in their order.

    Raises:
        SpecError: an overlay cannot be read, or says something that cannot be done.
    """
    if not overlays:
        return document
    root, diagnostics = apart(document.root), list(document.diagnostics)
    for source in overlays:
        diagnostics += act(root, source)
    library = Library(document.library.remote_refs, document.library.local_refs, document.library.read_file)
    made = Document(document.uri, document.name, root, None, tuple(diagnostics), library)
    library.documents[made.uri] = made
    return made


def act(root: Root, source: Source) -> list[Diagnostic]:
    """Carry out an overlay on a document's root, which is changed; what met nothing is told.

    Raises:
        SpecError: it cannot be read, or says something that cannot be done.
    """
    overlay, unmatched = read(source), []
    room = _extent(root)[0] + MOST_ADDED
    info = root.get("info")
    is_moved = overlay.made_for not in ("", str(info.get("version", "")) if isinstance(info, dict) else "")
    for action in overlay.actions:
        try:
            added, matched = _act(root, action, overlay.name, room)
        except SpecError as error:
            if not is_moved:
                raise
            unmatched.append(_nothing(action, overlay.name, f"does not fit: {short(error.found)}"))
            continue
        room -= added
        unmatched += [] if matched else [_nothing(action, overlay.name)]
    return unmatched


def apart(value: Any) -> Any:
    """A copy in which nothing is shared: what YAML anchors made one node is changed in one place and not in the other."""
    if isinstance(value, dict):
        return {key: apart(item) for key, item in value.items()}
    return [apart(item) for item in value] if isinstance(value, list) else value


def _nothing(action: Action, name: str, why: str = "") -> Diagnostic:
    message = f"action {action.number} of the overlay {why or f'matches nothing: {short(action.target)}'}"
    remedy = "the document has changed: take the action out, or correct its target"
    return Diagnostic("warning", "overlay-matches-nothing", message, name, "", None, remedy)


# --- applying ------------------------------------------------------------------------------------


def _places(root: Root, path: str, action: Action, name: str) -> list[tuple[str | int, ...]]:
    try:
        return select(root, path)
    except ValueError as error:
        raise action.wrong(name, found=f"{short(path)}: {error}"[:200], expected="a JSONPath (RFC 9535)"
        ) from None


def _act(root: Root, action: Action, name: str, room: int) -> tuple[int, bool]:
    """How many values an action adds, and whether it matches anything. ``room``: how many it may add."""
    added, places = 0, _places(root, action.target, action, name)
    if action.remove:
        _remove(root, places, action, name)
    elif action.copy is not None or action.has_update:
        content = _copied(root, action, name) if action.copy is not None else action.update
        kinds = {_kind(_at(root, place)) for place in places}
        if len(kinds) > 1:
            raise action.wrong(name, found=f"a target that selects {' and '.join(sorted(kinds))}",
                expected="nodes of one kind",
            )
        size, height = _extent(content)
        added = size * len(places)
        if added > room or height + max(map(len, places), default=0) > MAX_DEPTH:
            expected = f"to add at most {MOST_ADDED:,} values and the document once more, {MAX_DEPTH} levels deep"
            raise action.wrong(name, found="a document that grows without bound", expected=expected)
        for place in places:
            _update(root, place, apart(content), action, name)
    return added, bool(places)


def _extent(value: Any) -> tuple[int, int]:
    """How many values there are in a value, itself included, and in how many levels; looked at level by level."""
    size, height, level = 0, 0, [value]
    while level and height <= MAX_DEPTH:
        size += len(level)
        height += 1
        held = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, (dict, list))]
        level = [item for items in held for item in items]
    return size, height


def _copied(root: Root, action: Action, name: str) -> Any:
    places = _places(root, action.copy or "", action, name)
    if len(places) != 1:
        raise action.wrong(name, found=f"copy: {short(action.copy)} selects {len(places)} nodes", expected="one node"
        )
    return apart(_at(root, places[0]))


def _remove(root: Root, places: list[tuple[str | int, ...]], action: Action, name: str) -> None:
    if () in places:
        raise action.wrong(name, found="a target that selects the whole document", expected="a part of it")
    # The last index first, so that the others keep their place.
    for place in sorted(
        places, key=lambda each: [(isinstance(token, int), str(token).zfill(9)) for token in each], reverse=True
    ):
        holder = _at(root, place[:-1])
        if isinstance(holder, list):
            del holder[int(place[-1])]
        else:
            holder.pop(place[-1], None)  # gone already, with what it stood in


def _update(root: Root, place: tuple[str | int, ...], content: Any, action: Action, name: str) -> None:
    target = _at(root, place)
    if isinstance(target, list):
        target += content if isinstance(content, list) else [content]
    elif isinstance(target, dict):
        if not isinstance(content, dict):
            raise action.wrong(name, found=f"an object to be updated by {short(content)}", expected="an object"
            )
        _merge(target, content, action, name)
    elif isinstance(content, (dict, list)) or not place:
        raise action.wrong(name, found=f"{short(target)} to be updated by {_kind(content)}", expected="a scalar",
            remedy="to replace it by something else, remove it and update what it stands in",
        )  # fmt: skip
    else:
        _at(root, place[:-1])[place[-1]] = content


def _merge(target: Root, content: Root, action: Action, name: str) -> None:
    for key, value in content.items():
        there = target.get(key)
        if key not in target or (_kind(there) == _kind(value) == "scalars"):
            target[key] = value
        elif isinstance(there, dict) and isinstance(value, dict):
            _merge(there, value, action, name)
        elif isinstance(there, list) and isinstance(value, list):
            there += value
        else:
            raise action.wrong(name, found=f"{short(key)}: {_kind(there)} to be updated by {_kind(value)}",
                expected="the same kind", remedy="to replace it, remove it in an action before",
            )  # fmt: skip


def _at(root: Any, place: tuple[str | int, ...]) -> Any:
    for token in place:
        if (isinstance(root, dict) and token not in root) or (isinstance(root, list) and int(token) >= len(root)):
            return {}  # removed a moment ago, with what it stood in
        root = root[token]
    return root


def _kind(value: Any) -> str:
    return "objects" if isinstance(value, dict) else "arrays" if isinstance(value, list) else "scalars"


# --- making --------------------------------------------------------------------------------------


def make(old: Document, new: Document) -> Root:
    """The overlay that turns one document into the other."""
    actions = list(_actions(old.root, new.root, "$"))
    info = new.root.get("info") if isinstance(new.root.get("info"), dict) else {}
    return {
        "overlay": "1.1.0",
        "info": {"title": f"{old.name} to {new.name}", "version": str(info.get("version", "1.0.0"))},
        "actions": actions or [{"target": "$", "update": {}}],
    }


def _actions(old: Root, new: Root, target: str) -> Iterator[dict[str, Any]]:
    """What is gone is removed, what is new is merged in at its parent, what changed inside is followed."""
    added: Root = {}
    deeper: list[dict[str, Any]] = []
    for key in old:
        if key not in new:
            yield {"target": target + _step(key), "remove": True}
    for key, value in new.items():
        there = old.get(key)
        if key not in old:
            added[key] = value
        elif _same(there, value):
            continue
        elif isinstance(there, dict) and isinstance(value, dict):
            deeper += _actions(there, value, target + _step(key))
        elif _kind(there) == _kind(value) == "scalars":
            added[key] = value
        elif isinstance(there, list) and isinstance(value, list):
            inside = list(_items(there, value, target + _step(key)))
            if inside:
                deeper += inside
            else:
                yield {"target": target + _step(key), "remove": True}
                added[key] = value
        else:
            yield {"target": target + _step(key), "remove": True}
            added[key] = value
    if added:
        yield {"target": target, "update": added}
    yield from deeper


def _items(old: list[Any], new: list[Any], target: str) -> Iterator[dict[str, Any]]:
    """Changes within a list whose first items stay; nothing where the list is another one."""
    pairs = list(zip(old, new, strict=False))
    if len(new) < len(old) or not all(
        _same(mine, theirs) or (isinstance(mine, dict) and isinstance(theirs, dict)) for mine, theirs in pairs
    ):
        return
    for index, (mine, theirs) in enumerate(pairs):
        if not _same(mine, theirs):
            yield from _actions(mine, theirs, f"{target}[{index}]")
    if len(new) > len(old):
        yield {"target": target, "update": new[len(old) :]}


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1, and 1.0 is written otherwise than 1."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _step(key: str) -> str:
    """A key as a step of a normalized path (RFC 9535 §2.7)."""
    plain = key.replace("\\", "\\\\").replace("'", "\\'")
    return "['" + re.sub(r"[\x00-\x1f]", lambda match: f"\\u{ord(match[0]):04x}", plain) + "']"
