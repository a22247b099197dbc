"""Python source as far as it is typed -> where its end stands: in which call, at which place of its arguments, with what begun.

Rules of this file:
1. The source is read, never run, and may be in the midst of anything: what is not understood stands nowhere.
2. A string that is begun is part of what will be replaced, its quote included: ``size="10`` has begun ``"10``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_STRING = re.compile(r"[rRbBuUfF]{0,2}('''|\"\"\"|'|\")")
_NAME = re.compile(r"[^\W\d]\w*")
_CALLEE = re.compile(r"[^\W\d]\w*(?:\s*\.\s*\w+|\[\s*(?:\d+|-\d+|'[^'\n]*'|\"[^\"\n]*\")\s*\])*$")


@dataclass
class Bracket:
    """A bracket that is open at the end of the source.

    Attributes:
        sign: ``(``, ``[`` or ``{``; ``dict(`` reads as ``{``.
        before: what stands before it: what is called, or looked into.
        item_start: where the value began that it is in.
        key: the keyword or key whose value is being typed, None at a value without one, or at a key itself.
        index: how many values were before this one.
        given: the values that are there already, as they were typed, by keyword or key.
    """

    sign: str
    before: str
    item_start: int
    key: str | None = None
    index: int = 0
    is_dict_call: bool = False
    given: dict[str, str] = field(default_factory=dict)

    @property
    def takes_keywords(self) -> bool:
        return self.sign == "(" or self.is_dict_call


@dataclass(frozen=True)
class End:
    """Where the source ends: the open brackets, outermost first; what of a value is begun; the quote that is open in it."""

    brackets: tuple[Bracket, ...]
    begun: str
    quote: str


def end_of(source: str) -> End | None:
    """Where the source ends; None within a comment, a string of several lines or an f-string."""
    reader = _Reader(source)
    return End(tuple(reader.open), source[reader.item_start :].lstrip(), reader.quote) if reader.read() else None


class _Reader:
    """Goes through a source once."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.open: list[Bracket] = []
        self.item_start = 0  # where the value begins that is being typed
        self.quote = ""

    def read(self) -> bool:
        """Go to the end; whether it stands somewhere."""
        place = 0
        while place < len(self.source):
            char = self.source[place]
            string = _STRING.match(self.source, place) if char in "rRbBuUfF'\"" else None
            name = _NAME.match(self.source, place) if string is None else None
            if string is not None:
                after = self._after_string(string)
                if after is None:
                    self.quote = string[1]
                    return len(self.quote) == 1 and string[0] == self.quote
                place = after
            elif name is not None:
                place = name.end()
            elif char == "#":
                line_end = self.source.find("\n", place)
                if line_end < 0:
                    return False
                place = line_end
            else:
                self._sign(char, place)
                place += 1
        return True

    def _after_string(self, string: re.Match[str]) -> int | None:
        place, quote = string.end(), string[1]
        while place < len(self.source):
            if self.source[place] == "\\":
                place += 2
            elif self.source.startswith(quote, place):
                return place + len(quote)
            elif self.source[place] == "\n" and len(quote) == 1:
                return place  # which is no string, and no worry of ours
            else:
                place += 1
        return None

    def _sign(self, char: str, place: int) -> None:
        top = self.open[-1] if self.open else None
        if char in "([{":
            callee = _CALLEE.search(self.source, self.item_start if top else 0, place)
            before = callee[0] if callee is not None else ""
            is_dict = char == "(" and before == "dict"
            self.open.append(Bracket("{" if is_dict else char, before, self.item_start, is_dict_call=is_dict))
            self.item_start = place + 1
        elif char in ")]}" and self.open:
            self.item_start = self.open.pop().item_start
        elif char == "," and top is not None:
            if top.key is not None:
                top.given[top.key] = self.source[self.item_start : place].strip()
            top.key, top.index, self.item_start = None, top.index + 1, place + 1
        elif char in ":=" and top is not None and top.key is None:
            self._key(top, char, place)
        elif char in "\n;" and top is None:
            self.item_start = place + 1

    def _key(self, top: Bracket, char: str, place: int) -> None:
        text = self.source[self.item_start : place].strip()
        if char == "=" and top.takes_keywords and _NAME.fullmatch(text) and self.source[place + 1 : place + 2] != "=":
            top.key, self.item_start = text, place + 1
        elif char == ":" and top.sign == "{" and not top.is_dict_call and (key := literal(text)) is not None:
            top.key, self.item_start = key, place + 1


def literal(text: str) -> str | None:
    """The value of a plain string literal on one line; None for anything else."""
    match = re.fullmatch(r"(['\"])((?:(?!\1)[^\\\n])*)\1", text)
    return match[2] if match is not None else None
