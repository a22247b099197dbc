"""A value -> what is wrong with it. Where nothing is, nothing is imported that could explain it."""

from __future__ import annotations

from typing import Any

from ..errors import Violation
from .json import mended
from .schema import Schema


def violations(schema: Schema, value: Any, path: str = "") -> list[Violation]:
    """What is wrong with ``value``; empty when nothing is.

    Args:
        schema: what it should be.
        value: JSON values only, of bounded depth.
        path: the place of ``value`` in what the user knows, put before every path.
    """
    try:
        return [] if schema.is_valid(value) else _explained(schema, value, path)
    except UnicodeEncodeError:  # a lone surrogate, which JSON text may hold and the verdict cannot look at
        value = mended(value)
        return [] if schema.is_valid(value) else _explained(schema, value, path)


def _explained(schema: Schema, value: Any, path: str) -> list[Violation]:
    from .violation import explain

    return explain(schema, value, path)
