"""A regular expression -> texts that it matches, plain ones first, the same on every run.

Patterns are ECMA-262's; they are read by Python's own parser, as far as one example needs. What is spelled here is a
proposal: the verdict stays the schema's.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, product
from typing import Any

VARIANTS = 400  # how many candidates of one kind are looked at
LONGEST = 100_000  # characters or items that are made up at most

_parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-. /:@+=,;!#$%&()*<>?[]{}|~'\"\\^`\t\n"
_OF_CATEGORY: dict[str, Callable[[str], bool]] = {
    "DIGIT": lambda letter: "0" <= letter <= "9",
    "SPACE": str.isspace,
    "WORD": lambda letter: letter.isascii() and (letter.isalnum() or letter == "_"),
}
_OF_PROPERTY = {"Lu": "A", "N": "1", "Nd": "1", "P": "-", "Z": " ", "Zs": " ", "S": "+"}  # others: a letter


def _pythonic(pattern: str) -> str:
    """ECMA-262's spelling -> Python's, as far as one example needs."""
    pattern = re.sub(r"\\p\{(?:\w+=)?(\w+)\}", lambda found: _OF_PROPERTY.get(found[1], "a"), pattern)
    pattern = re.sub(r"\\P\{\w+\}", "-", pattern)
    pattern = re.sub(r"\\u\{([0-9A-Fa-f]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", pattern)
    pattern = re.sub(r"\(\?[a-z]+(-[a-z]+)?\)|\(\?-[a-z]+\)", "", pattern)  # flags in the middle, which Python refuses
    return re.sub(r"\(\?<(?![=!])", "(?P<", pattern)


def spellings(pattern: str, least: int = 0) -> Iterator[str]:
    """Texts that a regular expression is likely to match, plain ones first."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sets that Python may read differently one day
            tree = _parser.parse(_pythonic(pattern))
    except (re.error, OverflowError, RecursionError):
        return
    speller = _Speller()
    missing = max(0, least - len(speller.spell(tree, 0, 0)))
    tries = chain(product([0], [0, missing, *range(1, 64)]), product(range(1, VARIANTS), [0, missing]))
    texts = (speller.spell(tree, turn, extra) for turn, extra in tries)
    yield from once(text for text in texts if not re.search("[\ud800-\udfff]", text))


class _Speller:
    """Spells a text: `turn` selects among what may stand in one place, `extra` repeats are handed out."""

    def __init__(self) -> None:
        self.turn = self.extra = 0
        self.groups: dict[int | None, str] = {}
        self.letters: dict[int, list[str]] = {}  # of each class in the tree, by its identity

    def spell(self, tree: Any, turn: int, extra: int) -> str:
        self.turn, self.extra, self.groups = turn, extra, {}
        return self.text(tree)

    def text(self, tree: Any) -> str:
        return "".join(self.token(op.name, argument) for op, argument in tree)

    def token(self, op: str, argument: Any) -> str:
        if op == "LITERAL":
            return chr(argument)
        if op in ("IN", "NOT_LITERAL", "ANY"):
            if id(argument) not in self.letters:
                self.letters[id(argument)] = [letter for letter in _candidates(argument) if _admits(op, argument, letter)]
            letters = self.letters[id(argument)]
            return letters[self.turn % len(letters)] if letters else ""
        if op == "BRANCH":
            return self.text(argument[1][self.turn % len(argument[1])])
        if op == "SUBPATTERN":
            self.groups[argument[0]] = self.text(argument[3])
            return self.groups[argument[0]]
        if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            more = min(self.extra, int(argument[1]) - argument[0])
            self.extra -= more
            return "".join(self.text(argument[2]) for _ in range(min(argument[0] + more, LONGEST)))
        if op == "GROUPREF":
            return self.groups.get(argument, "")
        if op == "ASSERT":  # ahead: what must come may as well come here
            return self.text(argument[1]) if argument[0] > 0 and self.turn % 2 == 0 else ""
        return self.text(argument) if op == "ATOMIC_GROUP" else ""


def _candidates(argument: Any) -> str:
    """The letters that a class may mean, the readable ones first."""
    own = ""
    for op, item in argument if isinstance(argument, list) else ():
        if op.name == "LITERAL":
            own += chr(item)
        elif op.name == "RANGE":
            own += "".join(map(chr, range(item[0], min(item[1], item[0] + 64) + 1)))
    return _LETTERS + own


def _admits(op: str, argument: Any, letter: str) -> bool:
    if op != "IN":
        return letter != "\n" if op == "ANY" else bool(ord(letter) != argument)
    negated = bool(argument[0][0].name == "NEGATE")
    return negated != any(_is_one_of(item.name, of, letter) for item, of in argument)


def _is_one_of(op: str, argument: Any, letter: str) -> bool:
    if op == "LITERAL":
        return bool(ord(letter) == argument)
    if op == "RANGE":
        return bool(argument[0] <= ord(letter) <= argument[1])
    if op == "CATEGORY":
        _, _, name = argument.name.partition("CATEGORY_")
        kind = name.removeprefix("NOT_")
        return kind in _OF_CATEGORY and bool(_OF_CATEGORY[kind](letter)) != (kind != name)
    return False


def once(values: Iterable[Any]) -> Iterator[Any]:
    seen = set()
    for value in values:
        if value not in seen:
            seen.add(value)
            yield value
