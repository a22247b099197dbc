"""Every place in a JSON value, for tests that change one at random."""

from typing import Any


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a value."""
    found, stack = [], [value]
    while stack:
        part = stack.pop()
        keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        for key in keys:
            found.append((part, key))
            stack.append(part[key])
    return found
