"""Who uses a component, and a copy of it for some of them: so that a correction reaches no further than its evidence.

Rules of this file:
1. A use is an operation and a side of it: what it sends, or what it is answered.
2. A component that others use, too, is copied with those that lead to it, and the references of the users are led to
   the copies; where all of its users are meant, it is corrected as it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Any

from .place import at as value_at
from .place import jsonpath, quoted, tokens_of

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


def owner(pointer: str) -> str:
    """The component that a place stands in, ``/components/schemas/X``; of a place in an operation, a side of it."""
    tokens = pointer.split("/")
    if tokens[1:2] == ["components"]:
        return "/".join(tokens[:4])
    side = "answer" if tokens[4:5] == ["responses"] else "request"
    return "/".join([*tokens[:4], side])


class Uses:
    """What refers to what in a document, and which operations reach it."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.references: dict[str, list[tuple[str, str]]] = {}  # by owner: the place, and the owner of what it names
        for pointer, value in _sections(root):
            mine = self.references.setdefault(owner(pointer), [])
            mine += [(place, owner(ref[1:])) for place, ref in _references(value, pointer)]

    @cached_property
    def users(self) -> dict[str, set[str]]:
        """By owner: the sides of operations that reach it."""
        found: dict[str, set[str]] = {}
        for side in [each for each in self.references if not each.startswith("/components/")]:
            for reached in self.reached([side]):
                found.setdefault(reached, set()).add(side)
        return found

    def reached(self, sides: Iterable[str]) -> set[str]:
        """What some sides of operations lead to, themselves included."""
        seen: set[str] = set()
        todo = list(sides)
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                todo += [target for _, target in self.references.get(at, ())]
        return seen

    def leading_to(self, component: str, among: Collection[str]) -> set[str]:
        """Those that lead to a component, itself included."""
        found = {component}
        while True:
            more = {at for at in among if at not in found and any(target in found for _, target in self.references.get(at, ()))}
            if not more:
                return found
            found |= more


def _sections(root: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a document that own what stands in them."""
    components = root.get("components")
    for kind, named in components.items() if isinstance(components, dict) else ():
        for name, value in named.items() if isinstance(named, dict) else ():
            yield f"/components/{kind}/{_token(name)}", value
    for section in ("paths", "webhooks"):
        for path, item in root.get(section, {}).items() if isinstance(root.get(section), dict) else ():
            for method, operation in item.items() if isinstance(item, dict) else ():
                for key, value in operation.items() if isinstance(operation, dict) and method in METHODS else ():
                    yield f"/{section}/{_token(path)}/{method}/{_token(key)}", value


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _references(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """The places of references to components below a place."""
    if isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str) and ref.startswith("#/components/"):
            yield pointer, ref
        for key, item in value.items():
            if isinstance(item, (dict, list)):
                yield from _references(item, f"{pointer}/{_token(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                yield from _references(item, f"{pointer}/{index}")


# --- copies --------------------------------------------------------------------------------------


def fork(uses: Uses, component: str, sides: Collection[str], name: str) -> list[dict[str, Any]]:
    """Actions after which ``sides`` of operations have copies of a component and of what leads to it.

    Args:
        sides: as `owner` tells them.
        name: what the copies' names end in.
    """
    reached = uses.reached(sides)
    leading = uses.leading_to(component, reached)
    shared = {at for at in leading if at.startswith("/components/") and not uses.users.get(at, set()) <= set(sides)}
    copies = {at: _free(uses.root, at, name) for at in sorted(shared)}
    actions: list[dict[str, Any]] = []
    for at, new in copies.items():
        *above, key = tokens_of(new)
        actions.append({"target": jsonpath(uses.root, above), "update": {key: {}}})
        actions.append({"target": f"{jsonpath(uses.root, above)}[{quoted(key)}]", "copy": jsonpath(uses.root, tokens_of(at))})
    for at in sorted(leading):
        for place, target in uses.references.get(at, ()):
            led = _led(uses.root, place, at, copies, target) if target in copies else None
            if led is not None and led not in actions:
                actions.append(led)
    return actions


def _led(root: Any, place: str, at: str, copies: dict[str, str], target: str) -> dict[str, Any]:
    """References led to a copy: told by what they name, since an index may move; alone where nothing of ours is around."""
    tokens, mine = tokens_of(place), tokens_of(at)[:3]
    ref = value_at(root, tokens)["$ref"]
    is_inside = len(tokens) > len(mine) + (mine[0] != "components")
    path = jsonpath(root, tokens[:-1] if is_inside else tokens)
    if at in copies:
        path = f"{jsonpath(root, mine[:-1])}[{quoted(tokens_of(copies[at])[-1])}]{path.removeprefix(jsonpath(root, mine))}"
    path += f"[?@['$ref'] == {quoted(ref)}]" if is_inside else ""
    return {"target": path, "update": {"$ref": "#" + copies[target] + ref[1 + len(target) :]}}


def _free(root: Any, component: str, name: str) -> str:
    """A name for a copy that nothing has."""
    *above, key = tokens_of(component)
    there = value_at(root, above)
    wanted, number = f"{key}.{name}", 2
    while wanted in there:
        wanted, number = f"{key}.{name}{number}", number + 1
    return f"{component.rpartition('/')[0]}/{_token(wanted)}"
