"""Colour: what each kind of thing is painted in, where a terminal wants it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Any, Protocol

from .visible import visible

Paint = Callable[[str, str], str]  # a text and what it is -> the text as it is shown

_RED, _GREEN, _YELLOW, _CYAN, _BOLD, _FAINT = "31", "32", "33", "36", "1", "2"

COLOURS = {  # SGR parameters (ECMA-48 §8.3.117)
    # values
    "key": _CYAN, "string": _GREEN, "number": _YELLOW, "constant": _YELLOW, "folded": _FAINT,
    # operations
    "id": _BOLD, "tag": "1;36", "summary": _FAINT, "GET": _GREEN, "DELETE": _RED,
    **dict.fromkeys(("POST", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY"), _YELLOW),
    # verdicts
    "breaking": _RED, "dangerous": _YELLOW, "safe": _GREEN, "error": _RED, "warning": _YELLOW, "valid": _GREEN,
    # pages
    "heading": _BOLD, "typed": _CYAN, "place": _BOLD, "context": _FAINT,
}  # fmt: skip


class Shown(Protocol):
    """What is shown in colour where a terminal wants it; its repr is the same without."""

    def _repr_painted_(self, paint: Paint) -> str: ...


def wants_colour() -> bool:
    """Whether standard output is a terminal whose owner has not refused colour (https://no-color.org)."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def plain(text: str, _kind: str) -> str:
    """No colour."""
    return text


def coloured(text: str, kind: str) -> str:
    """The text in the colour of its kind; as it is where the kind has none."""
    colour = COLOURS.get(kind)
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and text else text


def paint() -> Paint:
    """Colour where it is wanted."""
    return coloured if wants_colour() else plain


# --- on its way to a terminal --------------------------------------------------------------------

_OURS = "(\x1b\\[(?:" + "|".join(sorted({"0", *COLOURS.values()})) + ")m)"


def readable(text: str) -> str:
    """A text in colours of ours, every other control character in it made visible."""
    return "".join(part if index % 2 else visible(part) for index, part in enumerate(re.split(_OURS, text)))


class Readable:
    """A terminal's stream on which everything is `readable`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write it so that it can only be read."""
        self._stream.write(readable(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write them one by one."""
        for line in lines:
            self.write(line)
