"""How many schemas a verdict may have to ask of one value: branches and references, unfolded.

A verdict asks every branch anew, however often it was asked before. Where each of a chain of schemas names the next one
twice, that doubles at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

HEAVIEST = 1_000_000  # schemas asked of one value; real documents stay below some thousands
IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
IN_PLACE = ("not", "if", "then", "else")


def distinct(branches: list[Any]) -> list[Any]:
    """Each of the branches once: that another one says the same changes neither ``allOf`` nor ``anyOf``."""
    found: dict[str, Any] = {}
    for branch in branches:
        found.setdefault(repr(branch), branch)
    return list(found.values())


def weight(schema: Any, defs: Mapping[str, Any], name_of: Callable[[str], str]) -> int:
    """How many schemas may be asked of one value; counted up to a little beyond `HEAVIEST`.

    Args:
        defs: what references lead to, by the names that ``name_of`` gives them.
    """
    known: dict[str, int] = {}  # what leads back to where it came from is asked further in, or never ends: 0
    own, todo = _local(schema), [""]
    waiting = {"": own}
    while todo:
        name = todo[-1]
        count, refs = waiting[name]
        deeper = [each for each in map(name_of, refs) if each not in known and each not in waiting]
        if deeper:
            waiting[deeper[0]] = _local(defs.get(deeper[0], True))
            todo.append(deeper[0])
            continue
        known[name] = min(count + sum(known.get(name_of(ref), 0) for ref in refs), HEAVIEST + 1)
        todo.pop()
    return known[""]


def _local(schema: Any) -> tuple[int, list[str]]:
    """How many schemas are asked of a value before a reference is followed, and the references."""
    count, refs, todo = 0, [], [schema]
    while todo:
        part = todo.pop()
        count += 1
        if isinstance(part, dict):
            refs += [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            todo += _branches(part)
    return count, refs


def _branches(schema: Mapping[str, Any]) -> Iterator[Any]:
    for keyword in IN_PLACE_LISTS:
        branches = schema.get(keyword)
        yield from branches if isinstance(branches, list) else ()
    for keyword in IN_PLACE:
        if keyword in schema:
            yield schema[keyword]
    dependent = schema.get("dependentSchemas")
    yield from dependent.values() if isinstance(dependent, dict) else ()
