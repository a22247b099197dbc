"""The pages that people read, and the blocks of code in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))
_BLOCK = re.compile(r"^```(\w+)(?: ([\w.]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block; ``package`` is what its info string names besides the language: what must be installed for it."""

    page: str
    line: int
    language: str
    package: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def text_of(page: str) -> str:
    """A page, whole."""
    return (ROOT / page).read_text("utf-8")


def blocks(page: str, *languages: str) -> list[Block]:
    """Its blocks in these languages, or all."""
    text = text_of(page)
    found = [Block(page, text.count("\n", 0, part.start()) + 2, part[1], part[2] or "", part[3]) for part in _BLOCK.finditer(text)]
    return [block for block in found if not languages or block.language in languages]


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """A block's lines for the shell, each with the output that is shown for it: of ``console`` what follows ``$ ``, of ``sh`` every line."""
    text = re.sub(r" *\\\n\s*", " ", block.text)
    if block.language == "sh":
        yield from ((line, "") for line in text.splitlines() if shlex.split(line, comments=True))
        return
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield line, output
