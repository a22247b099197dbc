"""Where changes are collected as they are found, with the pairs of schemas that are still to be compared.

Rule of this file: what cannot be read is a change of its own (`operation-broken`), never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .._checking.contract import Contract
from .._checking.schema import Schema
from .._document import openapi
from .._document.document import Node
from ..errors import SpecError
from .annotation import notes
from .change import NO_WITNESS, Change, Way, severity
from .compare import Comparison
from .counterpart import covering
from .pair import Pair
from .shape import Side
from .text import TEXT, TextComparison, Textual

WHOLE = ""  # as an operation: the document as a whole
ABOUT_NEITHER = ("operation-", "tag-", "server-", "component-", "security-scheme-", "sunset-", "stability-")


@dataclass(frozen=True, eq=False)
class Root:
    """A place of an operation that has a schema: a parameter, a body, an answer, a header."""

    operation: str
    direction: Way
    path: str
    pair: Pair
    old: Schema | Textual | None
    new: Schema | Textual | None
    comparison: Comparison


class Findings:
    """``entries``: changes outside schemas, and where each is declared; ``roots``: where schemas are compared."""

    def __init__(self, old: Contract, new: Contract) -> None:
        self.old, self.new = old, new
        self.entries: list[tuple[Change, Node]] = []
        self.roots: list[Root] = []
        self.comparisons: dict[tuple[Way, bool], Comparison] = {}

    def tell(
        self, code: str, operation: str | tuple[str, ...], path: str, message: str, node: Node | None = None,
        *, way: Way = "request", old: bool = False, hint: str = "", witness: Any = NO_WITNESS,
    ) -> None:  # fmt: skip
        """Note a change; ``node``: where it is declared, ``old``: in the old document."""
        way = "" if code.startswith(ABOUT_NEITHER) else way
        if node is None:
            node = (self.old if old else self.new).document.node
        operations = operation if isinstance(operation, tuple) else (operation,) if operation else ()
        shown = NO_WITNESS
        if severity(code, way) == "breaking":
            shown = self._line(operations) if witness is NO_WITNESS else witness
        at = f"{node.document.uri}{node.place}"
        change = Change(
            code, severity(code, way), way, operations, path, message, node.place, node.document.name,
            witness=shown, hint=hint, at=(at, "") if old else ("", at),
        )  # fmt: skip
        self.entries.append((change, node))

    def _line(self, operations: tuple[str, ...]) -> Any:
        for contract in (self.old, self.new):
            for name in operations[:1]:
                if name in contract.openapi.entries:
                    return f"{contract.openapi.entries[name].method} {contract.openapi.entries[name].path}"
        return NO_WITNESS

    # --- schemas ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Say what can only be said once all schemas have been compared."""
        for comparison in self.comparisons.values():
            comparison.settle()

    def contents(
        self, operation: str, way: Way, path: str,
        old: Mapping[str, openapi.MediaType], new: Mapping[str, openapi.MediaType],
    ) -> None:  # fmt: skip
        """Compare what the media types of both carry, each with the one that takes its place."""
        for name in dict.fromkeys((*old, *new)):
            before, after = covering(name, old), covering(name, new)
            if before is None or after is None or (name not in old and after != name) or (name not in new and before != name):
                continue
            place = path if "json" in name or len(new) == 1 else f"{path} ({name})"
            for kind in ("schema", "item_schema"):
                self.root(operation, way, place, getattr(old[before], kind), getattr(new[after], kind))

    def root(
        self, operation: str, way: Way, path: str, old: Node | None, new: Node | None, *, is_text: bool = False
    ) -> None:
        """Compare two schemas. ``is_text``: their values travel as text."""
        if old is None and new is None:
            return
        comparison = self._comparison(way, is_text)
        try:
            before = self.old.schema(old, way or "any") if old else None
            after = self.new.schema(new, way or "any") if new else None
            nothing = TEXT if is_text else ()
            mine = (comparison.old.root(before),) if before else nothing
            theirs = (comparison.new.root(after),) if after else nothing
            pair, holder = comparison.pair(mine, theirs), Pair(mine, theirs)
            holder.differences += notes((comparison.old, mine), (comparison.new, theirs), "")
        except (SpecError, RecursionError) as error:
            self.tell("operation-broken", operation, path, f"its schema cannot be read: {why(error)}", new or old, way=way)
            return
        holder.differences = [each for each in holder.differences if not each.code.startswith("property-")]
        verdicts = [Textual(each) if is_text and each else each for each in (before, after)]
        for each in (pair, holder):
            self.roots.append(Root(operation, way, path, each, verdicts[0], verdicts[1], comparison))

    def _comparison(self, way: Way, is_text: bool) -> Comparison:
        if (way, is_text) not in self.comparisons:
            kind = TextComparison if is_text else Comparison
            self.comparisons[way, is_text] = kind(Side(self.old.document.node), Side(self.new.document.node))
        return self.comparisons[way, is_text]


def tell_flags(tell: Callable[[str, str], None], kind: str, old: openapi.Parameter, new: openapi.Parameter) -> None:
    """What became of two flags that parameters and headers have. ``kind``: what the codes begin with."""
    if old.required != new.required:
        verb = "required" if new.required else "optional"
        tell(f"{kind}-{verb}", f"became {verb}")
    if old.deprecated != new.deprecated:
        verb = "deprecated" if new.deprecated else "undeprecated"
        tell(f"{kind}-{verb}", "deprecated" if new.deprecated else "not deprecated any more")


def why(error: Exception) -> str:
    """What kept a part from being read, in one line."""
    found = f" ({error.found})" if isinstance(error, SpecError) and error.found else ""
    return str(error).splitlines()[0] + found
