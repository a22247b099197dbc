r"""A regular expression as authors write it -> one that the verdict's engine reads the same way.

Rules of this file:
1. What ECMA-262 allows (§22.2, and Annex B for the web) is no defect, even where the engine spells it in another way.
2. What was plainly taken from another language (POSIX classes, ``\A``, ``(?P<name>...)``, ``{,3}``) is read as it is meant
   there, and ``remark`` says so.
3. A limit beyond what an engine compiles becomes a length where the pattern is one kind of character throughout;
   anywhere else it is dropped, and ``remark`` says so.
4. What is no regular expression in any of them stays as it is; the schema tells it (`Schema.broken_patterns`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

LARGE = 1_000  # a limit from which on compiling is dear
POSIX = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "A-Za-z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s", "blank": r" \t",
    "punct": r"!-\/:-@\[-`{-~", "xdigit": "0-9A-Fa-f", "word": r"\w", "cntrl": r"\x00-\x1f\x7f", "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e", "ascii": r"\x00-\x7f",
}  # fmt: skip
FOREIGN = {"A": "^", "Z": "$", "z": "$", "h": r"[ \t]", "H": r"[^ \t]", "R": r"(?:\r\n|[\n\r])", "e": r"\x1b"}
NEVER, ANY = r"[^\s\S]", r"[\s\S]"  # what [] and [^] match

_LITERAL = re.compile(r"/(\^.*\$)/([a-z]*)", re.DOTALL)  # as JavaScript's source has it
_TOKEN = re.compile(
    r"""(?P<quoted>\\Q.*?\\E)
    | (?P<backref>\\k<(?P<by_name>\w+)>|\(\?P=(?P<by_p>\w+)\))
    | (?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
    | (?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})
    | (?P<property>\\[pP](?:\{\^?[\w=:-]*\}|[A-Z]))
    | (?P<escape>\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|.))
    | (?P<comment>\(\?\#[^)]*\))
    | (?P<atomic>\(\?>)
    | (?P<named>\(\?P?<(?P<name>[A-Za-z_]\w*)>)
    | (?P<special>\(\?)
    | (?P<group>\()
    | (?P<set>\[)
    | (?P<count>\{(?P<least>\d*)(?P<comma>,?)(?P<most>\d*)\}(?P<how>[?+]?))
    | (?P<repeat>[*+?](?P<lazy>[?+]?))
    | (?P<any>.)""",
    re.VERBOSE | re.DOTALL,
)
_MEMBER = re.compile(
    r"""(?P<posix>\[:(?P<negated>\^?)(?P<kind>[a-z]+):\])
    | (?P<kinds>\\(?:[dDsSwW]|[pP](?:\{\^?[\w=:-]*\}|[A-Z])))
    | (?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
    | (?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})
    | (?P<escape>\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|.))
    | (?P<any>.)""",
    re.VERBOSE | re.DOTALL,
)
_ONE_KIND = re.compile(r"\^(?P<atom>\.|\\[dDsSwW]|\[(?:\\.|[^\\\]])*\])\{(?P<least>\d+),?(?P<most>\d*)\}\$", re.DOTALL)
_LARGE = re.compile(r"(?<!\\)\{(\d+)(,?)(\d*)\}")
_AT_END = re.compile(r"(?<=\d),\d*\}$")  # an upper limit where nothing follows, which says nothing


@dataclass(frozen=True)
class Reading:
    """``pattern`` with the ``limits`` of length that hold beside it; ``remark``: what was not ECMA-262's."""

    pattern: str
    limits: Mapping[str, int] = field(default_factory=dict)
    remark: str = ""


@lru_cache(maxsize=4096)
def read(pattern: str) -> Reading:
    """How a regular expression is read."""
    literal = _LITERAL.fullmatch(pattern)
    source = ("(?i)" if literal and "i" in literal[2] else "") + (literal[1] if literal else pattern)
    reader = _Reader(source)
    text = reader.text()
    one_kind = _ONE_KIND.fullmatch(text)
    if one_kind and max(int(one_kind["least"]), int(one_kind["most"] or 0)) > LARGE:
        least, most = int(one_kind["least"]), int(one_kind["most"] or (0 if "," in text[one_kind.end("least") :] else one_kind["least"]))
        limits = {**({"minLength": least} if least else {}), **({"maxLength": most} if most else {})}
        return Reading(f"^{one_kind['atom']}*$", limits, "foreign" if literal or reader.is_foreign else "")
    loosened = _LARGE.sub(_without_large, text)
    is_exact = loosened == text or _AT_END.sub("", loosened) == _AT_END.sub("", text)
    return Reading(loosened, {}, "loosened" if not is_exact else "foreign" if literal or reader.is_foreign else "")


def _without_large(count: re.Match[str]) -> str:
    least, comma, most = int(count[1]), count[2], int(count[3] or 0)
    if max(least, most) <= LARGE:
        return count[0]
    return f"{{{min(least, LARGE)},}}" if most or not comma or least > LARGE else count[0]


class _Reader:
    """One pass over a pattern. ``is_foreign``: whether it held what ECMA-262 does not have."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.is_foreign = False
        self.groups = [found["name"] for found in _TOKEN.finditer(source) if found["named"] or found["group"]]

    def text(self) -> str:
        return "".join(self._tokens())

    def _tokens(self) -> Iterator[str]:
        position = 0
        repeats = False  # whether there is something that a quantifier may repeat
        while found := _TOKEN.match(self.source, position):
            position = found.end()
            kind = _PARTS.get(found.lastgroup or "", found.lastgroup or "")
            if kind == "set":
                text, position = self._set(position)
            else:
                text = self._token(kind, found, repeats)
            repeats = kind not in ("group", "named", "atomic", "special") and not (kind == "any" and found[0] in "^|")
            yield text

    def _token(self, kind: str, found: re.Match[str], repeats: bool) -> str:
        whole = found[0]
        if kind == "backref":
            return self._backref(found["by_name"] or found["by_p"], whole)
        if kind == "pair":
            return _joined(whole)
        if kind == "half":
            return NEVER  # text holds none
        if kind == "escape":
            return self._escape(whole)
        if kind in ("quoted", "comment", "atomic"):
            self.is_foreign = True
            return {"quoted": re.escape(whole[2:-2]), "comment": "", "atomic": "(?:"}[kind]
        if kind == "named":
            self.is_foreign |= whole.startswith("(?P")
            return f"(?<{found['name']}>"
        if kind == "count":
            return self._count(found, repeats)
        if kind == "repeat" and found["lazy"] == "+":  # possessive: it matches no less, where it matches
            self.is_foreign = True
            return whole[:-1]
        return "\\{" if whole == "{" else whole

    def _backref(self, name: str, whole: str) -> str:
        self.is_foreign |= whole.startswith("(?P")
        return f"(?:\\{self.groups.index(name) + 1})" if name in self.groups else whole

    def _escape(self, whole: str) -> str:
        if whole[1:] in FOREIGN:
            self.is_foreign = True
            return FOREIGN[whole[1:]]
        return r"\x00" if whole == "\\0" else whole

    def _count(self, found: re.Match[str], repeats: bool) -> str:
        least, most = found["least"], found["most"]
        if not repeats or not (least or (found["comma"] and most)):
            return "\\" + found[0]  # no quantifier, the text itself (Annex B)
        self.is_foreign |= not least or found["how"] == "+"
        return f"{{{least or 0}{found['comma']}{most}}}" + found["how"].rstrip("+")

    # --- [...] -----------------------------------------------------------------------------------

    def _set(self, position: int) -> tuple[str, int]:
        """A class, and where it ends; ``position``: after its bracket."""
        negated = self.source.startswith("^", position)
        position += negated
        members: list[tuple[str, bool]] = []  # text, whether it is one character
        dropped = False
        while position < len(self.source) and self.source[position] != "]":
            found = _MEMBER.match(self.source, position)
            assert found is not None  # any character is one
            position = found.end()
            if found["half"]:
                dropped = True
                self._drop_range(members)
            else:
                members.append(self._member(found))
        if position >= len(self.source):
            return "[" + self.source[position:], position  # never closed: no regular expression
        if not members or (dropped and all(text == "-" for text, _ in members)):
            return (ANY if negated else NEVER), position + 1
        return f"[{'^' if negated else ''}{''.join(_ranged(members))}]", position + 1

    @staticmethod
    def _drop_range(members: list[tuple[str, bool]]) -> None:
        """Half a character, which no text holds: neither does a range of them."""
        if members and members[-1] == ("-", True):
            members.pop()

    def _member(self, found: re.Match[str]) -> tuple[str, bool]:
        whole = found[0]
        if found["posix"] and found["kind"] in POSIX and not found["negated"]:
            self.is_foreign = True
            return POSIX[found["kind"]], False
        if found["kinds"]:
            return whole, False
        if found["pair"]:
            return _joined(whole), True
        if found["escape"]:
            special = {"\\b": r"\x08", "\\0": r"\x00", "\\h": r" \t", "\\e": r"\x1b"}
            return special.get(whole, whole), whole != "\\h"
        return ("\\[" if whole[0] == "[" else whole), True


_PARTS = {"by_name": "backref", "by_p": "backref", "name": "named", "how": "count", "lazy": "repeat"}


def _ranged(members: list[tuple[str, bool]]) -> Iterator[str]:
    """The members of a class, a hyphen escaped where it makes no range (Annex B)."""
    end = -1  # of the last range
    for index, (text, is_one) in enumerate(members):
        if (text, is_one) != ("-", True):
            yield text
            continue
        around = members[max(index - 1, 0) : index] + members[index + 1 : index + 2]
        makes_range = len(around) == 2 and all(one for _, one in around) and index - 1 != end
        end = index + 1 if makes_range else end
        yield "-" if makes_range else "\\-"


def _joined(pair: str) -> str:
    high, low = int(pair[2:6], 16), int(pair[8:12], 16)
    return f"\\u{{{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:X}}}"
