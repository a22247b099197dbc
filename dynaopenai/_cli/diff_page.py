"""Changes -> one HTML page that stands alone: each change with its payload and both documents' lines side by side.

Rules of this file:
1. Every text comes from a document, so every text is escaped; there is no script, and nothing is fetched.
2. Lines are looked up once for each document, however many changes point into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from textwrap import dedent
from typing import Any

from .._checking.contract import Contract
from .._diff.change import SEVERITIES, Change
from .._display.html import escape, fold
from .._display.words import count
from .._document.document import Document
from .report import Group, cut, grouped, headline, is_shown, place, proof, shortened, summary

MOST_SHOWN = 14  # lines of a document beside a change
WIDEST = 400  # characters of a line; beyond it, a text is no text for people
STYLE = """
:root { color-scheme: light dark; --line: #8884; --faint: #888; --gone: #f8514926; --new: #2ea04326; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; overflow-wrap: anywhere; }
.faint, .no { color: var(--faint); } .sums { display: flex; gap: .5rem; margin: .75rem 0; flex-wrap: wrap; }
.sums a { text-decoration: none; }
.badge { display: inline-block; border-radius: 1rem; padding: 0 .6rem; color: #fff; font-size: .85rem; white-space: nowrap; }
.breaking { background: #cf222e; } .dangerous { background: #9a6700; } .safe { background: #1a7f37; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; margin: .6rem 0; }
article p { margin: .3rem 0; overflow-wrap: anywhere; } code, pre { font: 13px/1.45 ui-monospace, monospace; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem; margin-top: .5rem; }
@media (max-width: 50rem) { .sides { grid-template-columns: 1fr; } }
.side { border: 1px solid var(--line); border-radius: .35rem; overflow: hidden; min-width: 0; }
.side header { padding: .15rem .5rem; border-bottom: 1px solid var(--line); font-size: .85rem; color: var(--faint); }
.side pre { margin: 0; padding: .3rem 0; } .reach details { display: inline-block; vertical-align: top; }
.row { display: block; padding: 0 .5rem 0 4.5em; text-indent: -4em; white-space: pre-wrap; overflow-wrap: anywhere; }
.no { display: inline-block; min-width: 3.2em; padding-right: .8em; text-align: right; text-indent: 0; user-select: none; }
.gone { background: var(--gone); } .new { background: var(--new); }
"""


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a document. ``first``: the number of the first, None where they are made up from its values."""

    name: str
    first: int | None
    lines: tuple[str, ...]


def as_page(old: Contract, new: Contract, changes: Sequence[Change], *, by: str = "schema") -> str:
    """The page."""
    names = escape(old.document.name), escape(new.document.name)
    excerpts = _excerpts(old, 0, changes), _excerpts(new, 1, changes)
    sums = "".join(
        f'<a href="#{name}"><span class="badge {name}">{number} {name}</span></a>'
        for name, number in summary(changes).items()
        if number
    )
    body = "".join(_section(name, [each for each in changes if each.severity == name], by, excerpts) for name in SEVERITIES)
    title = f"{names[0]} → {names[1]}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}: {escape(headline(changes))}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
        f'<h1>{title}</h1><div class="faint">{_versions(old, new)}</div><div class="sums">{sums or "no changes"}</div>{body}'
        "</body></html>\n"
    )


def _versions(old: Contract, new: Contract) -> str:
    facts = [f"{each.openapi.title} {each.openapi.api_version}, {count(len(each.openapi.entries), 'operation')}" for each in (old, new)]
    return escape(" → ".join(facts))


Excerpts = tuple[dict[str, Excerpt], dict[str, Excerpt]]


def _section(name: str, changes: list[Change], by: str, excerpts: Excerpts) -> str:
    if not changes:
        return ""
    body = "".join(_group(group, by, excerpts) for group in grouped(changes, by))
    if name == "safe":
        body = fold(f'<span class="badge safe">{count(len(changes), "safe change")}</span>', body)
    return f'<section id="{name}">{body}</section>'


def _group(group: Group, by: str, excerpts: Excerpts) -> str:
    names = list(group.operations)
    listed = escape(shortened(names))
    if len(names) > 4:
        listed = fold(listed, escape(", ".join(names)))
    reach = f"reaches {count(len(names), 'operation')}: {listed}" if group.name and names else ""
    title = group.name or shortened(names) or "the document"
    cards = "".join(_card(change, by, excerpts) for change in group.changes)
    return f'<h2>{escape(title)}</h2><div class="faint reach">{reach}</div>{cards}'


def _card(change: Change, by: str, excerpts: Excerpts) -> str:
    at = place(change, by)
    where = f"<code>{escape(at)}</code> " if at else ""
    hint = f' <span class="faint">{escape(change.hint)}</span>' if change.hint else ""
    shown = f"<p>{proof(change)}: <code>{escape(cut(change.witness))}</code></p>" if is_shown(change) else ""
    return (
        f'<article><p><span class="badge {change.severity}">{change.severity}</span> {where}{escape(change.message)}{hint} '
        f'<span class="faint">{change.code}</span></p>{shown}{_sides(change, excerpts)}</article>'
    )


# --- both documents' lines -----------------------------------------------------------------------


def _sides(change: Change, excerpts: Excerpts) -> str:
    old, new = (found.get(at) for found, at in zip(excerpts, _places(change), strict=True))
    if old is None and new is None:
        return ""
    mine, theirs = ([line.strip() for line in each.lines] if each else [] for each in (old, new))
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    same = (
        {index for block in blocks for index in range(block.a, block.a + block.size)},
        {index for block in blocks for index in range(block.b, block.b + block.size)},
    )
    sides = [_side(each, kept, mark) for each, kept, mark in ((old, same[0], "gone"), (new, same[1], "new"))]
    return f'<div class="sides">{"".join(sides)}</div>'


def _side(excerpt: Excerpt | None, same: set[int], mark: str) -> str:
    if excerpt is None:
        return '<div class="side"><header>nothing here</header></div>'
    rows = "".join(
        f'<span class="row{"" if index in same else f" {mark}"}"><span class="no">{_number(excerpt, index)}</span>{escape(line)}</span>'
        for index, line in enumerate(excerpt.lines)
    )
    at = f":{excerpt.first}" if excerpt.first else ""
    return f'<div class="side"><header>{escape(excerpt.name)}{at}</header><pre>{rows}</pre></div>'


def _number(excerpt: Excerpt, index: int) -> str:
    return str(excerpt.first + index) if excerpt.first else ""


def _places(change: Change) -> tuple[str, str]:
    """Where it is in both; what is told of one document alone is looked for at the same place in the other."""
    old, new = change.at
    return old or new, new or old


def _excerpts(contract: Contract, side: int, changes: Sequence[Change]) -> dict[str, Excerpt]:
    """The lines at every place of one document that a change points to, by the place."""
    home, wanted = contract.document, dict[str, dict[str, str]]()
    for change in changes:
        at, other = _places(change)[side], not change.at[side]
        uri, _, pointer = at.partition("#")
        wanted.setdefault(home.uri if other else uri, {})[pointer] = at
    found: dict[str, Excerpt] = {}
    for uri, pointers in wanted.items():
        document = home.library.documents.get(uri, home)
        lines = document.lines(pointers)
        for pointer, at in pointers.items():
            excerpt = _excerpt(document, pointer, lines.get(pointer))
            if excerpt is not None and pointer:
                found[at] = excerpt
    return found


def _excerpt(document: Document, pointer: str, line: int | None) -> Excerpt | None:
    there, value = _value(document.root, pointer)
    if not there:
        return None
    text = (document.text or "").splitlines()
    if line is not None and line <= len(text) and len(text[line - 1]) < WIDEST:
        return Excerpt(document.name, line, tuple(dedent("\n".join(_block(text, line - 1))).splitlines()))
    return Excerpt(document.name, None, tuple(json.dumps(value, indent=2, ensure_ascii=False, default=str).splitlines()[:MOST_SHOWN]))


def _block(text: list[str], start: int) -> Iterator[str]:
    """A line and those that are indented further, as a block of YAML or of indented JSON has them."""
    depth = _depth(text[start])
    yield text[start]
    for line in text[start + 1 : start + MOST_SHOWN]:
        if line.strip() and _depth(line) <= depth:
            if line.strip()[0] in "}]":
                yield line
            return
        yield line


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _value(root: Any, pointer: str) -> tuple[bool, Any]:
    value = root
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return False, None
    return True, value
