"""Random schemas that say of themselves that they are not what they are."""

from collections.abc import Iterator
from typing import Any


def in_place(schema: Any, is_turned: bool = False) -> Iterator[tuple[str, bool]]:
    """The components that a schema asks about the same value, and whether it turns what they say."""
    for keyword, part in schema.items() if isinstance(schema, dict) else ():
        if keyword == "$ref":
            yield part.rpartition("/")[2], is_turned
        elif keyword in ("not", "if", "then", "else"):
            yield from in_place(part, is_turned or keyword in ("not", "if"))
        elif keyword in ("anyOf", "oneOf", "allOf", "dependentSchemas"):
            for branch in part.values() if isinstance(part, dict) else part:
                yield from in_place(branch, is_turned or keyword == "oneOf")


def is_paradox(schemas: dict[str, Any]) -> bool:
    """Whether a schema is what it is not (JSON Schema Core 2020-12 §9.4.1 leaves open what is valid then)."""
    for name in schemas:
        todo, seen = [(name, False)], set[tuple[str, bool]]()
        while todo:
            here, turned = todo.pop()
            ways = {(other, turned or turns) for other, turns in in_place(schemas[here])} - seen
            seen |= ways
            todo += ways
        if (name, True) in seen:
            return True
    return False
