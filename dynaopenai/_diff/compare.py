"""Two schemas -> where they differ, each place told once however often it is referred to.

Rules of this file:
1. Sound: where no difference narrows, every value of the old schema is one of the new; where none widens, the
   other way round. (A property that is new and optional counts for neither: payloads did not carry it.)
2. Differences hang in a graph of pairs of schemas; a pair is compared once, and recursion is an edge back to it.
3. Branches of a union are paired by name, by tag, by content, by likeness; what is left over is gone or new.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from .._display.words import one_of, short
from .alternative import KINDS, LIMITS, Alternative, Parts, Shape, admits, is_anything, kind_of
from .annotation import notes
from .branches import (
    MOST_COMPARISONS,
    kinds_text,
    label,
    limit_text,
    limit_value,
    order_of,
    pairing,
    word,
)
from .change import CODES, NARROWS, WIDENS
from .condition import effect_of
from .pair import Difference, Edge, Pair
from .shape import Side

CONDITION = {NARROWS: "condition-tightened", WIDENS: "condition-loosened", NARROWS | WIDENS: "condition-changed"}
OVERLAPS = {"overlap-may-refuse": WIDENS, "overlap-may-admit": NARROWS}  # and what has to happen for it
ITEM, ANY = "[]", "*"  # steps that are no property


class Comparison:
    """Compares schemas of two sides; remembers every pair."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old, self.new = old, new
        self._pairs: dict[Any, Pair] = {}
        self._overlaps: list[Pair] = []
        self._kept: list[Any] = []  # alternatives that a key of _pairs stands for

    def pair(self, old: Parts, new: Parts) -> Pair:
        """The pair of two schemas, compared."""
        old, new = tuple(map(self.old.deref, old)), tuple(map(self.new.deref, new))
        key = tuple(part.key for part in old), tuple(part.key for part in new)
        if key not in self._pairs:
            pair = self._pairs[key] = Pair(old, new)
            self._shapes(pair, self.old.shape(old), self.new.shape(new))
        return self._pairs[key]

    def settle(self) -> None:
        """Say where overlapping branches of ``oneOf`` matter, once all the differences around them are known.

        What only narrows cannot come to overlap, and what only widens cannot cease to.
        """
        going = True
        while going:
            going = False
            for pair in self._overlaps:
                effect, codes = pair.effect_but(tuple(OVERLAPS)) | pair.shuffled, {each.code for each in pair.differences}
                for code, flag in OVERLAPS.items():
                    if effect & flag and code not in codes and self._is_overlapping(pair):
                        self._add(pair, code, f"oneOf: {CODES[code].says}", keyword="oneOf")
                        going = True

    def _is_overlapping(self, pair: Pair) -> bool:
        sides = self.old.shape(pair.old), self.new.shape(pair.new)
        keywords = [{key for group in shape.values() for one in group for key, _ in one.conditions} for shape in sides]
        return all("oneOf" in each for each in keywords)

    def _alternatives_pair(self, old: Alternative, new: Alternative, parent: Pair) -> Pair:
        key = id(old), id(new)
        if key not in self._pairs:
            before = (old.origin,) if old.origin is not None else parent.old
            after = (new.origin,) if new.origin is not None else parent.new
            self._kept += [old, new]
            pair = self._pairs[key] = Pair(before, after)
            self._alternative(pair, old, new)
        return self._pairs[key]

    def _add(
        self, pair: Pair, code: str, message: str, step: str = "", old: Any = None, new: Any = None, keyword: str = "type"
    ) -> None:
        before, after = pair.old[0] if pair.old else None, pair.new[0] if pair.new else None
        pair.differences.append(Difference(code, message, step, old, new, before, after, keyword))

    # --- kinds -----------------------------------------------------------------------------------

    def _shapes(self, pair: Pair, old: Shape, new: Shape) -> None:
        if is_anything(old) or is_anything(new):
            if not is_anything(new):
                self._add(pair, "schema-added", f"anything → {kinds_text(new)}")
            elif not is_anything(old):
                self._add(pair, "schema-removed", f"{kinds_text(old)} → anything")
            return
        gone, added = [kind for kind in old if kind not in new], [kind for kind in new if kind not in old]
        solid_old, solid_new = set(old) - {"null"}, set(new) - {"null"}
        if solid_old and solid_new and not solid_old & solid_new:
            self._add(
                pair, "type-changed", f"{kinds_text(old)} → {kinds_text(new)}", old=kinds_text(old), new=kinds_text(new)
            )
            gone, added = [kind for kind in gone if kind == "null"], [kind for kind in added if kind == "null"]
        if "null" in (*gone, *added) and self._is_null_by_version(pair):
            gone, added = [kind for kind in gone if kind != "null"], [kind for kind in added if kind != "null"]
        for kind in gone:
            code = "null-forbidden" if kind == "null" else "type-removed"
            self._add(pair, code, f"{kinds_text(old)} → {kinds_text(new)}", old=kind)
        for kind in added:
            code = "null-allowed" if kind == "null" else "type-added"
            self._add(pair, code, f"{kinds_text(old)} → {kinds_text(new)}", new=kind)
        for kind in KINDS:
            if kind in old and kind in new:
                self._group(pair, old[kind], new[kind])

    def _is_null_by_version(self, pair: Pair) -> bool:
        """Whether both say null and list values without it: ``nullable`` in the one version, a type in the other."""
        nodes = [side.node(parts[0]).value for side, parts in ((self.old, pair.old), (self.new, pair.new)) if parts]
        found = [each for each in nodes if isinstance(each, dict) and None not in each.get("enum", [None])]
        is_typed = [isinstance(each.get("type"), list) and "null" in each["type"] for each in found]
        is_flagged = [each.get("nullable") is True for each in found]
        return sorted(zip(is_typed, is_flagged, strict=True)) == [(False, True), (True, False)]

    # --- alternatives ----------------------------------------------------------------------------

    def _group(self, pair: Pair, old: tuple[Alternative, ...], new: tuple[Alternative, ...]) -> None:
        if len(old) == len(new) == 1:
            self._alternative(pair, old[0], new[0])
            return

        def same(mine: Alternative, theirs: Alternative) -> bool:
            return self._lacks(mine, theirs, pair, NARROWS | WIDENS)

        if any(one.conditions for one in (*old, *new)):
            self._overlaps.append(pair)
        matched = pairing((self.old, old), (self.new, new), same)
        for mine, theirs in matched:
            self._follow(pair, "", self._alternatives_pair(mine, theirs, pair), NARROWS | WIDENS, mine, theirs)
        gone = [one for one in old if all(one is not mine for mine, _ in matched)]
        added = [one for one in new if all(one is not theirs for _, theirs in matched)]
        pair.shuffled |= (NARROWS if gone else 0) | (WIDENS if added else 0)
        patient = len(gone) * len(new) + len(added) * len(old) <= MOST_COMPARISONS
        for one in gone:
            if not (patient and self._is_covered(pair, ((one, other) for other in new), NARROWS)):
                self._add(pair, "alternative-removed", f"{label(self.old, one)} is gone", old=label(self.old, one))
        for one in added:
            if not (patient and self._is_covered(pair, ((other, one) for other in old), WIDENS)):
                self._add(pair, "alternative-added", f"{label(self.new, one)} is new", new=label(self.new, one))

    def _is_covered(self, pair: Pair, candidates: Iterable[tuple[Alternative, Alternative]], effect: int) -> bool:
        """Whether an old and a new alternative are a pair without this effect, which is followed then."""
        for old, new in candidates:
            if self._lacks(old, new, pair, effect):
                self._follow(pair, "", self._alternatives_pair(old, new, pair), effect, old, new)
                return True
        return False

    def _follow(self, pair: Pair, step: str, node: Pair, mask: int, old: Alternative, new: Alternative) -> None:
        pair.edges.append(Edge(step, node, mask, old, new))

    def _lacks(self, old: Alternative, new: Alternative, pair: Pair, effect: int) -> bool:
        return not self._alternatives_pair(old, new, pair).effect & effect

    # --- one kind, all constraints ---------------------------------------------------------------

    def _alternative(self, pair: Pair, old: Alternative, new: Alternative) -> None:
        known = len(pair.differences)
        self._constraints(pair, old, new)
        pair.differences[known:] = [replace(each, between=(old, new)) for each in pair.differences[known:]]

    def _constraints(self, pair: Pair, old: Alternative, new: Alternative) -> None:
        if self._values(pair, old, new):
            return
        if old.integral != new.integral:
            code = "number-became-integer" if new.integral else "integer-became-number"
            self._add(pair, code, f"{word(old)} → {word(new)}", keyword="integer")
        for keyword in LIMITS.get(old.kind, ()):
            self._limit(pair, keyword, old.limits.get(keyword), new.limits.get(keyword))
        self._marks(pair, old, new)
        self._conditions(pair, old, new)
        if old.kind == "array" and (old.items or new.items):
            self._follow(pair, ITEM, self.pair(old.items, new.items), NARROWS | WIDENS, old, new)
        if old.kind == "object":
            self._object(pair, old, new)

    def _values(self, pair: Pair, old: Alternative, new: Alternative) -> bool:
        """Differences of listed values; True where nothing else is to be compared."""
        self._known(pair, old, new)
        if old.values is None and new.values is None:
            return False
        if old.values is not None and new.values is not None:
            gone = [old.values[text] for text in old.values if text not in new.values]
            added = [new.values[text] for text in new.values if text not in old.values]
            if len(old.values) == len(new.values) == 1 and gone:
                message = f"{short(gone[0])} → {short(added[0])}"
                self._add(pair, "const-changed", message, old=gone[0], new=added[0], keyword="enum")
                return True
            self._each(pair, "enum-value-removed", gone, "is gone")
            self._each(pair, "enum-value-added", added, "is new")
            return not (old.marks or new.marks or old.conditions or new.conditions)
        listed, free = (old, new) if old.values is not None else (new, old)
        values = list((listed.values or {}).values())
        became = "enum-removed" if listed is old else "enum-added"
        words = f"{one_of(values)} → any {word(new)}" if listed is old else f"any {word(old)} → {one_of(values)}"
        before, after = (None, values) if listed is new else (values, None)
        self._add(pair, became, words, old=before, new=after, keyword="enum")
        if not free.is_free:
            lost = [value for value in values if kind_of(value) in ("object", "array") or not admits(free, value)]
            self._each(pair, "enum-value-removed" if listed is old else "enum-value-added", lost, "differs")
        return True

    def _known(self, pair: Pair, old: Alternative, new: Alternative) -> None:
        """Values that are named among free ones; one that was listed before had its name already."""
        mine, theirs = {**old.known, **(old.values or {})}, {**new.known, **(new.values or {})}
        gone = [value for text, value in old.known.items() if text not in theirs]
        self._each(pair, "known-value-removed", gone, "is not named any more")
        added = [value for text, value in new.known.items() if text not in mine]
        self._each(pair, "known-value-added", added, "is named now")

    def _each(self, pair: Pair, code: str, values: list[Any], verb: str) -> None:
        for value in values:
            side = "new" if code.endswith("added") else "old"
            self._add(pair, code, f"{short(value)} {verb}", keyword="enum", **{side: value})

    def _limit(self, pair: Pair, keyword: str, old: Any, new: Any) -> None:
        if old == new:
            return
        name = {"Length": "-length", "Items": "-items", "Properties": "-properties"}.get(keyword[3:], keyword[3:])
        code = keyword[:3] + name
        if old is None or new is None:
            verb = "added" if old is None else "removed"
        else:
            verb = "raised" if order_of(keyword, new) > order_of(keyword, old) else "lowered"
        message = f"{keyword} {limit_text(old)} → {limit_text(new)}"
        self._add(pair, f"{code}-{verb}", message, old=limit_value(old), new=limit_value(new), keyword=keyword)

    def _marks(self, pair: Pair, old: Alternative, new: Alternative) -> None:
        names = {"multipleOf": "multiple-of", "uniqueItems": "unique-items"}
        for keyword in sorted({keyword for keyword, _ in old.marks ^ new.marks}):
            gone = sorted(text for key, text in old.marks - new.marks if key == keyword)
            added = sorted(text for key, text in new.marks - old.marks if key == keyword)
            if keyword == "x-binary":
                message = "file content → text" if gone else "text → file content"
                self._add(pair, "file-content-changed", message, keyword=keyword)
                continue
            verb = "changed" if gone and added else "removed" if gone else "added"
            message = f"{keyword} {' and '.join(gone) or 'none'} → {' and '.join(added) or 'none'}"
            facts = {"old": _value(gone), "new": _value(added)}
            self._add(pair, f"{names.get(keyword, keyword)}-{verb}", message, keyword=keyword, **facts)

    def _conditions(self, pair: Pair, old: Alternative, new: Alternative) -> None:
        gone = {keyword for keyword, _ in old.conditions - new.conditions}
        added = {keyword for keyword, _ in new.conditions - old.conditions}
        for keyword in sorted(gone | added):
            if keyword == "oneOf" and keyword in gone & added:
                self._overlaps.append(pair)
                continue
            verb = "changed" if keyword in gone & added else "removed" if keyword in gone else "added"
            code = f"condition-{verb}"
            if verb == "changed":
                code = CONDITION[self._effect_of(keyword, old, new)]
            if keyword == "oneOf":
                code = "overlap-may-admit" if verb == "removed" else "overlap-may-refuse"
            self._add(pair, code, f"{keyword}: {CODES[code].says}", keyword=keyword)

    def _effect_of(self, keyword: str, old: Alternative, new: Alternative) -> int:
        mine, theirs = (sorted(each for each in pair if each[0] == keyword) for pair in (old.conditions - new.conditions, new.conditions - old.conditions))
        is_open = keyword != "patternProperties" or (old.extra == () == new.extra)  # what a pattern takes from the rest
        if len(mine) != 1 or len(theirs) != 1 or not is_open:
            return NARROWS | WIDENS
        fragments = self.old.fragment(mine[0]), self.new.fragment(theirs[0])
        return effect_of(keyword, *fragments, lambda before, after: self.pair(before, after).effect)

    # --- objects ---------------------------------------------------------------------------------

    def _object(self, pair: Pair, old: Alternative, new: Alternative) -> None:
        for name in old.properties:
            if name in new.properties:
                self._property(pair, name, old, new)
            else:
                self._removed(pair, name, old, new)
        for name in new.properties:
            if name not in old.properties:
                self._added(pair, name, old, new)
        self._required(pair, old, new)
        self._extra(pair, old, new)

    def _property(self, pair: Pair, name: str, old: Alternative, new: Alternative) -> None:
        before, after = self.old.shape(old.properties[name]), self.new.shape(new.properties[name])
        if bool(before) != bool(after):
            forbidden = "required-property-forbidden" if name in old.required else "property-forbidden"
            code, verb = (forbidden, "is forbidden now") if before else ("property-allowed", "is allowed now")
            self._add(pair, code, f"{short(name)} {verb}", name, keyword="properties")
        elif before:
            node = self.pair(old.properties[name], new.properties[name])
            self._follow(pair, name, node, NARROWS | WIDENS, old, new)
            sides = (self.old, old.properties[name]), (self.new, new.properties[name])
            pair.differences += notes(*sides, name)

    def _removed(self, pair: Pair, name: str, old: Alternative, new: Alternative) -> None:
        if not self.old.shape(old.properties[name]):
            if new.extra is not None and self.old.is_told_to_travel(old.properties[name]):
                self._add(pair, "property-allowed", f"{short(name)} is not forbidden any more", name, keyword="properties")
            return
        need = "required-property" if name in old.required and name not in new.required else "property"
        if new.extra is None:
            message = f"{short(name)} is gone, and undeclared properties are forbidden"
            self._add(pair, f"{need}-forbidden", message, name, keyword="properties")
            return
        self._add(pair, f"{need}-removed", f"{short(name)} is not declared any more", name, keyword="required")
        if new.extra:
            self._follow(pair, name, self.pair(old.properties[name], new.extra), NARROWS | WIDENS, old, new)

    def _added(self, pair: Pair, name: str, old: Alternative, new: Alternative) -> None:
        forbidden = not self.new.shape(new.properties[name])
        if forbidden:
            if old.extra is not None and self.new.is_told_to_travel(new.properties[name]):
                self._add(pair, "property-forbidden", f"{short(name)} is forbidden now", name, keyword="properties")
            return
        if old.extra is None:
            message = f"{short(name)} is new, undeclared properties were forbidden"
            self._add(pair, "property-allowed", message, name, keyword="properties")
        elif name not in new.required:
            self._add(pair, "property-added", f"{short(name)} is new", name)
        if old.extra:
            self._follow(pair, name, self.pair(old.extra, new.properties[name]), NARROWS | WIDENS, old, new)

    def _required(self, pair: Pair, old: Alternative, new: Alternative) -> None:
        for name in sorted(new.required - old.required):
            code = "property-required" if name in old.properties else "required-property-added"
            self._add(
                pair,
                code,
                f"{short(name)} became required" if name in old.properties else f"{short(name)} is new and required",
                name,
                keyword="required",
            )
        for name in sorted(old.required - new.required):
            is_gone = name in old.properties and name not in new.properties and self.old.shape(old.properties[name])
            if not is_gone:  # told as such otherwise
                self._add(pair, "property-optional", f"{short(name)} became optional", name, keyword="required")

    def _extra(self, pair: Pair, old: Alternative, new: Alternative) -> None:
        if old.extra is None or new.extra is None:
            if (old.extra is None) != (new.extra is None):
                verb = "forbidden" if new.extra is None else "allowed"
                self._add(pair, f"additional-properties-{verb}", f"undeclared properties are {verb} now", keyword="additionalProperties")
        elif bool(old.extra) != bool(new.extra):
            verb = "restricted" if new.extra else "freed"
            change = "have a schema now" if new.extra else "may be anything now"
            self._add(pair, f"additional-properties-{verb}", f"undeclared properties {change}", keyword="additionalProperties")
        elif old.extra:
            self._follow(pair, ANY, self.pair(old.extra, new.extra), NARROWS | WIDENS, old, new)


# --- words ---------------------------------------------------------------------------------------


def _value(texts: list[str]) -> Any:
    values = [json.loads(text) for text in texts]
    return values[0] if len(values) == 1 else values or None
