"""Colour, where a terminal wants it; the only place that knows how."""

from __future__ import annotations

import os
import sys


def wants_colour() -> bool:
    """Whether standard output is a terminal whose owner has not refused colour (https://no-color.org)."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(text: str) -> str:
    """``text`` with its numbers, strings and names in colour; as it is where colour is not wanted."""
    if not wants_colour():
        return text
    from rich.console import Console
    from rich.highlighter import ReprHighlighter
    from rich.text import Text

    console = Console(force_terminal=True, color_system="standard", width=10_000, legacy_windows=False)
    shown = Text(text)
    ReprHighlighter().highlight(shown)
    with console.capture() as captured:
        console.print(shown, end="", soft_wrap=True)
    return captured.get()
