"""A schema as answers are made by it: members, items, and of its branches the one that a value has chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._checking.dialect import NOTHING
from .._checking.json import types_of
from .._checking.schema import Schema

BRANCHING = ("anyOf", "oneOf")


class Shape:
    """A schema that values are looked at by. What is compiled for it is kept. Not to be shared by documents."""

    def __init__(self, schema: Schema, kept: dict[int, tuple[Any, Shape]] | None = None) -> None:
        self.schema = schema
        self._kept: dict[int, tuple[Any, Shape]] = {} if kept is None else kept
        self.worked_out: dict[str, Any] = {}  # by others, once for all values

    def sub(self, part: Any) -> Shape:
        """A subschema, the same object each time."""
        if id(part) not in self._kept:
            self._kept[id(part)] = part, Shape(self.schema.sub(part), self._kept)
        return self._kept[id(part)][1]

    def parts(self, value: Any) -> list[dict[str, Any]]:
        """The schemas that speak of ``value``: of branches, the first that it is valid by."""
        return list(self._parts(self.schema.schema, value, ()))

    def _parts(self, part: Any, value: Any, seen: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        if not isinstance(part, dict):
            return
        yield part
        ref = part.get("$ref")
        if isinstance(ref, str) and ref not in seen:
            seen = (*seen, ref)
            yield from self._parts(self.schema.target(ref), value, seen)
        for branch in part.get("allOf", ()):
            yield from self._parts(branch, value, seen)
        for keyword in BRANCHING:
            fitting = [branch for branch in part.get(keyword, ()) if self.may_be(branch, value)]
            for branch in fitting:
                if len(fitting) == 1 or self.sub(branch).schema.is_valid(value):
                    yield from self._parts(branch, value, seen)
                    break

    def may_be(self, part: Any, value: Any) -> bool:
        """Whether nothing that is quickly seen speaks against a value: its type, and the names that it gives itself."""
        shape = self.sub(part)
        if not types_of(value) & shape.schema.types:
            return False
        if not isinstance(value, dict):
            return True
        for name, item in value.items() if len(value) < 100 else ():
            declared = shape.schema.properties.get(name)
            if declared is not None and isinstance(item, str):
                listed = [values for own in declared.in_place() for values in _listed(own)]
                if listed and item not in listed and not any("enum" not in own and own.get("type") == "string" for own in declared.in_place()):
                    return False
        return True

    def members(self, value: Any) -> dict[str, Shape]:
        """The declared properties of an object, each with its own schema."""
        found: dict[str, Shape] = {}
        for part in self.parts(value):
            for name, declared in part.get("properties", {}).items():
                if declared != NOTHING and name not in found:
                    found[name] = self.sub(declared)
        return found

    def items(self, value: Any) -> Shape | None:
        """What the items of a list are."""
        for part in self.parts(value):
            if isinstance(part.get("items"), dict):
                return self.sub(part["items"])
        return None

    def required(self, value: Any) -> frozenset[str]:
        return frozenset(name for part in self.parts(value) for name in part.get("required", ()))

    def branches(self) -> list[Shape]:
        """The alternatives of a union, unions within it seen through; itself where it is none."""
        return [self.sub(part) for part in self._branches(self.schema.schema, ())]

    def _branches(self, part: Any, seen: tuple[str, ...]) -> Iterator[Any]:
        target = part
        if isinstance(part, dict) and isinstance(part.get("$ref"), str) and part["$ref"] not in seen:
            seen = (*seen, part["$ref"])
            target = self.schema.target(part["$ref"])
        inner = [branch for keyword in BRANCHING for branch in (target.get(keyword, ()) if isinstance(target, dict) else ())]
        if not inner:
            yield part
        for branch in inner:
            yield from self._branches(branch, seen)

    @property
    def constant(self) -> Any:
        """The one value that is allowed, None where there are more."""
        values = [value for part in self.schema.in_place() for value in _listed(part)]
        return values[0] if len(values) == 1 else None

    @property
    def listed(self) -> list[str]:
        """The texts that are listed."""
        return [value for part in self.schema.in_place() for value in _listed(part) if isinstance(value, str)]

    @property
    def description(self) -> str:
        """What the document says of it, the nearest first."""
        parts = [part for part in self.schema.in_place() if isinstance(part, dict)]
        return next((str(part["description"]) for part in parts if part.get("description")), "")

    @property
    def is_declared(self) -> bool:
        """Whether the document gives a value for it."""
        parts = [part for part in self.schema.in_place() if isinstance(part, dict)]
        return any(part.get("examples") or part.get("default") is not None or "const" in part for part in parts)


def _listed(part: dict[str, Any]) -> list[Any]:
    return [part["const"]] if "const" in part else list(part.get("enum", ()))
