"""How many columns there are, and texts that keep to them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

USUAL = 96  # where there is no terminal
LEAST, MOST = 40, 120  # a longer line is hard to read


def terminal() -> int | None:
    """The width of the terminal that standard output is; None where it is none."""
    import shutil

    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return max(LEAST, min(shutil.get_terminal_size().columns, MOST)) if is_terminal else None


def columns() -> int:
    """The width to write for: the terminal's, where there is one."""
    return terminal() or USUAL


def width(text: str) -> int:
    """How many columns a text takes: a wide letter two, one that stands on another none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, most: int) -> str:
    """The text in at most ``most`` columns, ``…`` for what is left out."""
    if width(text) <= most:
        return text
    shown = text[: most - 1]
    while width(shown) > most - 1:
        shown = shown[:-1]
    return shown + "…"


def padded(text: str, least: int) -> str:
    """The text with spaces up to ``least`` columns."""
    return text + " " * (least - width(text))


def filled(text: str, first: str = "", rest: str = "", most: int = 0) -> str:
    """The text in lines of ``most`` columns (those that there are, where 0), the first and the others indented."""
    import textwrap

    return textwrap.fill(
        text, most or columns(), initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False
    )


def listed(words: Iterable[str], gap: int = 3) -> str:
    """Words beside each other, two columns in, none of them broken."""
    kept = (" " * gap).join(word.replace(" ", "\xa0") for word in words)
    return filled(kept, "  ", "  ").replace("\xa0", " ")


def folded(text: str) -> str:
    """A text of several lines with those that are longer than the terminal broken between words, further in; as it is elsewhere."""
    most = terminal()
    return text if most is None else "\n".join(_broken(line, most) for line in text.split("\n"))


def _broken(line: str, most: int) -> str:
    inside = line.lstrip(" ")
    indent = line[: len(line) - len(inside)]
    return line if width(line) <= most else filled(inside, indent, f"{indent}  ", most)
