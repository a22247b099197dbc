"""Components that nothing uses: they are no promise to anyone, so that a change in them is told and harmless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._checking.contract import Contract
from .._document.document import Node
from .._document.operation_ids import dict_of
from .alternative import text_of
from .findings import WHOLE, Findings

ELSEWHERE = ("securitySchemes",)  # used by name, compared where they are asked for
WORDS = frozenset({"description", "summary", "title", "example", "examples", "externalDocs"})


def components(findings: Findings) -> None:
    """Components that neither document uses, or that came or went unused."""
    old, new = dict(_unused(findings.old)), dict(_unused(findings.new))
    declared = {*_declared(findings.old)}, {*_declared(findings.new)}
    for name, node in old.items():
        if name not in declared[1]:
            findings.tell("component-removed", WHOLE, name, "is gone; nothing used it", node, old=True)
        elif name in new and _bare(node.value) != _bare(new[name].value):
            findings.tell("component-changed", WHOLE, name, "says something else; nothing uses it", new[name])
    for name, node in new.items():
        if name not in declared[0]:
            findings.tell("component-added", WHOLE, name, "is new; nothing uses it yet", node)


def _declared(contract: Contract) -> Iterator[str]:
    for kind, members in dict_of(contract.document.root.get("components")).items():
        if kind not in ELSEWHERE:
            yield from (f"components.{kind}.{name}" for name in dict_of(members))


def _unused(contract: Contract) -> Iterator[tuple[str, Node]]:
    node = contract.document.node.get("components")
    reached = _reached(contract.document.root)
    for kind, members in node.children() if node else ():
        for name, member in members.children() if kind not in ELSEWHERE and isinstance(members.value, dict) else ():
            if (kind, name) not in reached:
                yield f"components.{kind}.{name}", member


def _reached(root: dict[str, Any]) -> set[tuple[str, str]]:
    """The components that paths and webhooks lead to, as (kind, name)."""
    found: set[tuple[str, str]] = set()
    queue: list[Any] = [value for key, value in root.items() if key != "components"]
    held = dict_of(root.get("components"))
    while queue:
        value = queue.pop()
        if isinstance(value, list):
            queue += value
        elif isinstance(value, dict):
            queue += value.values()
            for at in _named_by(value):
                if at not in found:
                    found.add(at)
                    queue.append(dict_of(held.get(at[0])).get(at[1]))
    return found


def _named_by(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a mapping refers to; a discriminator's mapping names schemas, with or without the way to them."""
    targets = [value.get("$ref"), value.get("$dynamicRef")]
    if isinstance(value.get("propertyName"), str):
        targets += dict_of(value.get("mapping")).values()
    for target in targets:
        if isinstance(target, str):
            _, marked, name = target.partition("#/components/")
            kind, _, name = name.partition("/") if marked else ("schemas", "", target)
            yield kind, name.partition("/")[0].replace("~1", "/").replace("~0", "~")


def _bare(value: Any) -> str:
    return text_of(_without(value))


def _without(value: Any) -> Any:
    if isinstance(value, list):
        return [_without(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _without(item) for key, item in value.items() if key not in WORDS or isinstance(item, dict)}
