"""A JSON pointer <-> the JSONPath that an overlay's action has for its target (RFC 6901, RFC 9535 §2.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def tokens_of(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.lstrip("#").split("/")[1:]]


def at(root: Any, tokens: Sequence[str]) -> Any:
    """What stands at a place.

    Raises:
        LookupError, TypeError, ValueError: nothing does.
    """
    for token in tokens:
        root = root[int(token)] if isinstance(root, list) else root[token]
    return root


def jsonpath(root: Any, tokens: Sequence[str]) -> str:
    """The normalized path to a place that is there.

    Raises:
        LookupError, TypeError, ValueError: it is not.
    """
    steps = ["$"]
    for token in tokens:
        steps.append(f"[{token}]" if isinstance(root, list) else f"[{quoted(token)}]")
        root = root[int(token)] if isinstance(root, list) else root[token]
    return "".join(steps)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
