"""Control characters made visible, so that a text from elsewhere can only be read, never obeyed.

What a document, a server or a file says may hold escape sequences that clear a screen, change a title or a clipboard
(ECMA-48 §5.3: C0, C1, ESC, OSC), and marks that turn the order of letters round or hide them (Unicode UAX #9, TR36).
"""

from __future__ import annotations

import re

# Joiners (U+200C, U+200D) are part of words and emoji; "\r\n" ends a line as "\n" does.
_UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction
    "\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb"  # without width, ends of lines, notes between lines
    "\ud800-\udfff\U000e0000-\U000e007f"  # halves of a character, tags
)
_IN_TEXT = rf"[{_UNSEEN}]|\r(?!\n)"
_IN_LINE = rf"[{_UNSEEN}\t\r\n]"


def visible(text: str) -> str:
    r"""A text of any number of lines, its control characters spelled as Python does: ``\x1b``, ``\u202e``."""
    return re.sub(_IN_TEXT, _spelled, text)


def visible_line(text: str) -> str:
    r"""The same for what stands on one line: tabs and ends of lines are spelled too, ``\n``."""
    return text if text.isascii() and text.isprintable() else re.sub(_IN_LINE, _spelled, text)


def _spelled(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
