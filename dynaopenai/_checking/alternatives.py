"""A schema -> the alternatives that it is a union of."""

from __future__ import annotations

from collections.abc import Iterator

from .schema import Schema


def alternatives(schema: Schema, seen: frozenset[str] = frozenset()) -> Iterator[Schema]:
    """What a union is of, references followed, each once on its way; the schema itself where it is none."""
    own = schema.schema
    if isinstance(own, dict) and "$ref" in own and len(own) == 1:
        if own["$ref"] not in seen:
            yield from alternatives(schema.sub(schema.target(own["$ref"])), seen | {own["$ref"]})
    elif isinstance(own, dict) and ("oneOf" in own or "anyOf" in own) and "properties" not in own:
        for branch in [*own.get("oneOf", ()), *own.get("anyOf", ())]:
            yield from alternatives(schema.sub(branch), seen)
    else:
        yield schema
