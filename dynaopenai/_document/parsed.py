"""What a text of a document is read to: plain JSON values, and what had to be mended in it."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import Diagnostic


class Parsed(NamedTuple):
    """``value``: dicts, lists, strings, numbers, booleans and None, all keys strings."""

    value: Any
    diagnostics: tuple[Diagnostic, ...]
