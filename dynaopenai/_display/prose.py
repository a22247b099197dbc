"""What a document says in Markdown, as a terminal reads it: without marks of links and weight, filled to the width.

CommonMark is what descriptions are written in (OAS 3.1.1 §3.5). Rules of this file:
1. A link is its words; where it leads is told where that is a whole address.
2. A list keeps its items, each filled; code, tables and quotations are left as they are.
3. What stands in bold or between rules before all else is a notice; a text in brief is what comes after it.
"""

from __future__ import annotations

import re
import textwrap

from .width import columns, filled

_LINK = re.compile(r"!?\[([^\[\]]*)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)")
_WEIGHT = re.compile(r"(?<![\w*])(\*\*|__)(?=\S)(.{1,200}?)(?<=\S)\1(?![\w*])", re.DOTALL)
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_ITEM = re.compile(r"(\s*(?:[-*+]|\d{1,3}[.)])\s+)(.*)", re.DOTALL)
_LEFT_AS_IT_IS = (" ", "\t", "|", "#", "```", "~~~", ">")
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)
_END = re.compile(r"(?<![.\s]\w)(?<!\be\.g)(?<!\bi\.e)[.!?](?:\s|$)")


def words(text: str) -> str:
    """The text without the marks of links and weight."""
    return _WEIGHT.sub(r"\2", _LINK.sub(_linked, text))


def _linked(found: re.Match[str]) -> str:
    name, target = found[1], found[2]
    return f"{name} ({target})" if target.startswith(("http://", "https://")) and target != name else name


def brief(text: str) -> str:
    """What the text is about, as a line: its first sentence that is no notice."""
    blocks = [block for block in _blocks(text.strip()) if not _RULE.fullmatch(block)]
    about = next((block for block in blocks if not block.lstrip().startswith(("**", ">"))), blocks[0] if blocks else "")
    line = " ".join(_WEIGHT.sub(r"\2", _LINK.sub(r"\1", about)).split())
    end = _END.search(line)
    return line[: end.start() + 1] if end else line


def paragraphs(text: str, indent: str = "") -> str:
    """The text with its paragraphs and lists filled to the columns that there are."""
    most = columns() - len(indent)
    return "\n\n".join(textwrap.indent("\n".join(_lines(block, most)), indent) for block in _blocks(text))


def _blocks(text: str) -> list[str]:
    """What stands between blank lines; code between fences is one."""
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if blocks and len(_FENCE.findall(blocks[-1])) % 2:
            blocks[-1] += f"\n\n{block}"
        else:
            blocks.append(block)
    return blocks


def _lines(block: str, most: int) -> list[str]:
    lines = block.splitlines()
    if any(line.startswith(_LEFT_AS_IT_IS) and not _ITEM.match(line) for line in lines) or _RULE.fullmatch(block):
        return lines
    first = next((number for number, line in enumerate(lines) if _ITEM.match(line)), len(lines))
    text = filled(" ".join(words("\n".join(lines[:first])).split()), most=most)
    return [*text.splitlines(), *_items(lines[first:], most)]


def _items(lines: list[str], most: int) -> list[str]:
    """The items of a list, each with the lines that go on with it."""
    items: list[str] = []
    for line in lines:
        if _ITEM.match(line) or not items:
            items.append(line)
        else:
            items[-1] += f" {line.strip()}"
    filled_items = []
    for item in items:
        match = _ITEM.match(item)
        mark, text = (match[1], match[2]) if match else ("", item)
        filled_items.append(filled(" ".join(words(text).split()), mark, " " * len(mark), most))
    return filled_items
