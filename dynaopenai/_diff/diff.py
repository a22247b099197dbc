"""Two documents -> the changes between them: operation by operation, then what is shared.

Rules of this file:
1. A change in a shared schema is one change that names the operations it touches, not one for each of them.
2. A place is told by the shortest way to it, in the first operation that leads there.
3. Breaking is what a payload shows. Where witnesses are looked for and none is found, it is dangerous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from .._checking.contract import Contract
from .._checking.json import member
from .._display.words import nearest
from .._document.document import Document, Node, Source, escape, load
from .change import CODES, NARROWS, NO_WITNESS, SEVERITIES, WIDENS, Change, severity
from .compare import ANY, ITEM
from .findings import Root
from .lifecycle import is_unsettled
from .pair import Difference, Edge, Pair
from .promise import Promises
from .witness import ELSEWHERE, HERE, Proof, Witnesses

__all__ = ["diff"]

KNOWN_AS = {  # where it breaks something: as it was always told; the finer code is for what is safe
    "condition-tightened": "condition-changed", "condition-loosened": "condition-changed",
    "type-narrowed": "type-changed", "type-widened": "type-changed",
}  # fmt: skip
PROVED = {"overlap-may-refuse": "overlap-refuses", "overlap-may-admit": "overlap-admits"}  # with a payload that shows it


@dataclass(eq=False)
class Found:
    """A difference, and where it was met."""

    root: Root
    pair: Pair
    difference: Difference
    path: str
    way: tuple[Edge, ...]
    operations: dict[str, None] = field(default_factory=dict)


def diff(old: Source | Contract, new: Source | Contract, *, witnesses: bool = True) -> list[Change]:
    """The changes from one document to another, by operation, the worst first.

    Args:
        old, new: paths, URLs, mappings, texts, or loaded documents.
        witnesses: also look for a payload that shows each breaking change; without, it is as fast as it can be.

    Raises:
        SpecError: one of them cannot be read.
    """
    return Differ(_contract(old), _contract(new)).changes(witnesses)


def _contract(source: Source | Contract) -> Contract:
    return source if isinstance(source, Contract) else Contract(load(source))


class Differ:
    """One comparison of two documents."""

    def __init__(self, old: Contract, new: Contract) -> None:
        self.new, self.promises = new, Promises(old, new)
        self._finders: dict[tuple[int, int], Witnesses] = {}

    def changes(self, witnesses: bool) -> list[Change]:
        order = self.promises.read()
        collected = self._collected()
        proofs = [self._proof(each) if witnesses else None for each in collected]
        found = [self._change(*each) for each in zip(collected, _own(collected, proofs), strict=True)]
        merged = _merged(_located([*self.promises.entries, *found]))
        entries = dict(self.promises.old.openapi.entries)
        return _ordered([_settled(each) if is_unsettled(each, entries) else each for each in merged], order)

    def _collected(self) -> list[Found]:
        telling = _telling([root.pair for root in self.promises.roots])
        found: dict[tuple[int, int], Found] = {}
        for root in self.promises.roots:
            if root.pair in telling:
                self._gather(root, telling, found)
        return list(found.values())

    def _gather(self, root: Root, telling: set[Pair], found: dict[tuple[int, int], Found]) -> None:
        """Breadth first, so that the shortest way to a place is the one that is told."""
        seen: dict[Pair, int] = {}
        queue: list[tuple[Pair, int, str, tuple[Edge, ...]]] = [(root.pair, NARROWS | WIDENS, root.path, ())]
        for pair, mask, path, way in queue:
            if seen.get(pair, 0) | mask == seen.get(pair, 0):
                continue
            seen[pair] = seen.get(pair, 0) | mask
            for index, difference in enumerate(pair.differences):
                if difference.effect and not difference.effect & mask:
                    continue
                key = id(pair), index
                if key not in found:
                    found[key] = Found(root, pair, difference, _joined(path, difference.step), way)
                if root.operation:
                    found[key].operations[root.operation] = None
            queue += [
                (edge.node, edge.mask & mask, _joined(path, edge.step), (*way, edge))
                for edge in pair.edges
                if edge.mask & mask and edge.node in telling
            ]

    def _change(self, found: Found, proof: Proof | None) -> tuple[Change, Node]:
        """``proof``: None where none was looked for."""
        difference, way = found.difference, found.root.direction
        node = self._place(found)
        code, hint = difference.code, _rename(found)
        if proof is not None and proof.grade >= HERE:
            code = PROVED.get(code, code)
        rated = severity(code, way)
        code = code if rated == "safe" else KNOWN_AS.get(code, code)
        if proof is not None:
            if not proof.grade and rated == "breaking":
                rated, hint = "dangerous", hint or proof.hint or "no payload was found that shows it"
            hint = hint or proof.hint
        component, inside = _home(node, difference.step if not node.pointer.endswith(escape(difference.step)) else "")
        change = Change(
            code, rated, way, tuple(found.operations), found.path,
            f"oneOf: {CODES[code].says}" if code in PROVED.values() else difference.message,
            node.place, node.document.name, difference.old, difference.new,
            NO_WITNESS if proof is None else proof.witness, hint, component, inside, self._both(found),
        )  # fmt: skip
        return change, node

    def _both(self, found: Found) -> tuple[str, str]:
        """The place in both documents."""
        difference, comparison = found.difference, found.root.comparison
        sides = (comparison.old, difference.before), (comparison.new, difference.after)
        nodes = [side.node(part, difference.step) if part is not None else None for side, part in sides]
        shown = [f"{node.document.uri}#{node.document.pointer_in_text(node.pointer)}" if node else "" for node in nodes]
        return shown[0], shown[1]

    def _proof(self, found: Found) -> Proof | None:
        """A payload that shows the difference, where one is to be looked for."""
        difference, way = found.difference, found.root.direction
        wanted = NARROWS if way == "request" else WIDENS
        if severity(difference.code, way) == "safe" or not difference.effect & wanted:
            return None
        roots = (found.root.old, found.root.new) if wanted == NARROWS else (found.root.new, found.root.old)
        key = id(found.root.comparison), wanted
        if key not in self._finders:
            self._finders[key] = Witnesses(found.root.comparison, wanted)
        return self._finders[key].find(difference, found.pair, found.way, roots)

    def _place(self, found: Found) -> Node:
        """Where it is declared: in the new document, in the old one where it is gone."""
        difference = found.difference
        old_side, new_side = found.root.comparison.old, found.root.comparison.new
        gone = difference.code.endswith(("removed", "forbidden")) and bool(difference.step)
        part, side = (difference.before, old_side) if gone or difference.after is None else (difference.after, new_side)
        if part is None or part.name not in side.places:
            return self.new.document.node
        return side.node(part, difference.step)


def _own(collected: list[Found], proofs: list[Proof | None]) -> list[Proof | None]:
    """The proofs; where a payload fails for another change too, and that one has its own, it shows the other alone."""
    shown = {id(each.root) for each, proof in zip(collected, proofs, strict=True) if proof and proof.grade >= HERE}
    other = Proof(hint="another change refuses all that would show it")
    return [
        other if proof and proof.grade == ELSEWHERE and id(each.root) in shown else proof
        for each, proof in zip(collected, proofs, strict=True)
    ]


# --- places and order ----------------------------------------------------------------------------


def _joined(path: str, step: str) -> str:
    if not step:
        return path
    return path + step if step == "[]" else f"{path}.*" if step == ANY else member(path, step)


def _located(found: list[tuple[Change, Node]]) -> list[Change]:
    """The changes with the lines of their places, each text looked through once."""
    wanted: dict[int, tuple[Document, set[str]]] = {}
    for _, node in found:
        wanted.setdefault(id(node.document), (node.document, set()))[1].add(node.document.pointer_in_text(node.pointer))
    lines = {key: document.lines(pointers) for key, (document, pointers) in wanted.items()}
    located = []
    for change, node in found:
        line = lines[id(node.document)].get(node.document.pointer_in_text(node.pointer))
        located.append(replace(change, source=f"{change.source}:{line}") if line else change)
    return located


def _telling(pairs: list[Pair]) -> set[Pair]:
    """The pairs from which a difference is reached."""
    parents: dict[Pair, list[Pair]] = {}
    seen, queue = set(pairs), list(pairs)
    while queue:
        pair = queue.pop()
        for edge in pair.edges:
            parents.setdefault(edge.node, []).append(pair)
            if edge.node not in seen:
                seen.add(edge.node)
                queue.append(edge.node)
    telling: set[Pair] = set()
    queue = [pair for pair in seen if pair.differences]
    while queue:
        pair = queue.pop()
        if pair not in telling:
            telling.add(pair)
            queue += parents.get(pair, ())
    return telling


def _rename(found: Found) -> str:
    if not found.difference.code.startswith(("property-removed", "required-property-removed", "property-forbidden")):
        return ""
    new = [
        each.step
        for each in found.pair.differences
        if each.code in ("property-added", "required-property-added", "property-allowed")
    ]
    close = nearest(found.difference.step, new, cutoff=0.75)
    return f"renamed to {close[0]}?" if close else ""


def _settled(change: Change) -> Change:
    """A change in what promised nothing yet; that it promises nothing any more is told as it is."""
    if change.severity == "safe" or change.code.startswith("stability-"):
        return change
    return replace(change, severity="safe", hint="; ".join(filter(None, [change.hint, "it was draft or alpha"])))


def _home(node: Node, step: str) -> tuple[str, str]:
    """The shared component that a node stands in, and where in it."""
    if not re.match(r"/components/[^/]+/[^/]", node.pointer):
        return "", ""
    kind, name, *tokens = node.pointer.split("/")[2:]
    path = ""
    for before, token in zip(["", *tokens], tokens, strict=False):
        if before in ("properties", "patternProperties"):
            path = member(path, _plain(token))
        elif token == "items" and before != "properties":
            path += ITEM
    return _plain(name) if kind == "schemas" else f"{kind}.{_plain(name)}", _joined(path, step)


def _plain(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def _merged(changes: list[Change]) -> list[Change]:
    """The same change in several operations as one; in a shared component, wherever it is reached from."""
    found: dict[tuple[str, ...], Change] = {}
    for change in changes:
        place = (change.component, change.inside) if change.component else (change.severity, change.path)
        key: tuple[str, ...] = (change.code, change.direction, *place, change.message)
        if change.code.startswith("operation-"):
            key = (*key, *change.operations)
        known = found.get(key)
        if known is None:
            found[key] = change
        else:
            worse = min(known, change, key=lambda each: SEVERITIES.index(each.severity))
            operations = tuple(dict.fromkeys(known.operations + change.operations))
            found[key] = replace(worse, operations=operations)
    return list(found.values())


def _ordered(changes: list[Change], operations: list[str]) -> list[Change]:
    order = {name: number for number, name in enumerate(operations)}
    return sorted(
        changes,
        key=lambda change: (
            SEVERITIES.index(change.severity),
            order.get(change.operations[0], -1) if change.operations else -1,
        ),
    )
