"""A document's value, changed at random: parts taken out, put elsewhere, replaced by what does not belong there."""

from __future__ import annotations

import copy
import random
from typing import Any

from json_places import places

JUNK: list[Any] = [
    *(None, True, False, 0, -1, 2**70, 1.5, "", "x", "#", "#/", "#/nowhere", "{", "{id}", "http://[", "\ud800", "\x00", "~2", "%zz"),
    *([], {}, [None], [[]], {"": None}, {"$ref": "#"}, {"$ref": 5}, {"$ref": "#/components/schemas/Node"}, {"type": "object"}),
    *({"$ref": "../up.yaml#/x"}, {"$ref": "https://h.example/x"}, {"nullable": True}, ["string", "null"], {"a": {"b": {}}}),
    *({"$id": "http://["}, {"$anchor": "a"}, {"$dynamicRef": "#a"}, {"pattern": "["}, {"allOf": [{"$ref": "#/paths"}]}),
]


def mutate(root: Any, chance: random.Random, among: list[tuple[Any, Any]] | None = None) -> None:
    """Change one of the places, which are looked for where they are not given."""
    found = places(root) if among is None else among
    container, key = chance.choice(found)
    action = chance.randrange(5)
    if action == 0:
        del container[key]
    elif action == 1:
        container[key] = copy.deepcopy(chance.choice(JUNK))
    elif action == 2:
        other, name = chance.choice(found)
        container[key] = copy.deepcopy(other[name])
    elif action == 3 and isinstance(container, dict):
        container[chance.choice(["$ref", "type", "x", "", "parameters", "get", "schema", "items", "a/b~"])] = container.pop(key)
    else:
        container[key] = {"$ref": "#/" + "/".join(chance.choice(["paths", "components", "schemas", "Node", "card", "0"]) for _ in range(3))}
