"""Classes of a stub as text.

Rules of this file:
1. A name that a class has for a member is not that of a type within it: there the type goes by another (``bytes: builtins.bytes``).
2. What Python cannot spell as a name is a key of a TypedDict in its functional form, and no attribute of an answer.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .._display.visible import visible

MODULES = frozenset({"_abc", "_datetime", "_os", "_t", "_uuid", "_dynaopenai", "_te"})  # as the file calls them
BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Member:
    """A key of a TypedDict, or an attribute of an answer."""

    name: str
    type: str
    is_required: bool = True
    about: str = ""


@dataclass
class Declaration:
    """A class, or another name for a type.

    Attributes:
        base: what the class is derived from; ``TypedDict``; empty for an alias.
        alias: what an alias stands for.
    """

    name: str
    base: str = ""
    members: list[Member] = field(default_factory=list)
    about: str = ""
    alias: str = ""

    def lines(self) -> Iterator[str]:
        if not self.base:
            yield f"{self.name}: _t.TypeAlias = {self.alias}"
        elif self.base == TYPED_DICT and not all(is_name(member.name) for member in self.members):
            members = ", ".join(f"{member.name!r}: {wanted(member)}" for member in self.members)
            yield f'{self.name} = {TYPED_DICT}("{self.name}", {{{members}}})'
        else:
            yield f"class {self.name}({self.base}):"
            yield from indented(self._body())

    def hidden(self) -> set[str]:
        """Classes that are to have another name, since a member here has theirs."""
        names = {member.name for member in self.members}
        return {name for member in self.members for name in hidden(member.type, names)} - BUILTINS

    def _body(self) -> Iterator[str]:
        names = {member.name for member in self.members}
        yield from docstring(self.about)
        for member in self.members:
            yield f"{member.name}: {apart(wanted(member) if self.base == TYPED_DICT else member.type, names)}"
            yield from docstring(member.about)
        if not self.members:
            yield "..."


TYPED_DICT = "_te.TypedDict"


def wanted(member: Member) -> str:
    return member.type if member.is_required else f"_te.NotRequired[{member.type}]"


def is_name(name: str) -> bool:
    """Whether a class may have a member of that name: Python can spell it, and the file's modules do not go by it."""
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__") and name not in MODULES


def apart(annotation: str, names: Iterable[str]) -> str:
    """An annotation where some names mean members: a builtin by its module, another class by its other name."""
    others = {name: f"builtins.{name}" if name in BUILTINS else other_name(name) for name in hidden(annotation, names)}
    return _WORD.sub(lambda word: others.get(word[0], word[0]), annotation) if others else annotation


def hidden(annotation: str, names: Iterable[str]) -> list[str]:
    """Those of the names that stand in an annotation as types."""
    words = {word[0] for word in _WORD.finditer(annotation)}
    return [name for name in names if name in words]


def other_name(name: str) -> str:
    """What a class is called, where a member has its name."""
    return f"_{name}_"  # which no name of the file's own ends with


def quoted(text: str) -> str:
    """A text as Python writes it, in ASCII."""
    return json.dumps(text, ensure_ascii=False).encode("ascii", "backslashreplace").decode()


_WORD = re.compile(r"\"(?:[^\"\\]|\\.)*\"|(?<![\w.])\w+")  # a whole text, or a name that nothing leads to


def union(types: Iterable[str]) -> str:
    """``str | int | None``, each once, None last."""
    found = list(dict.fromkeys(types))
    if ANY in found:
        return ANY
    found = [one for one in found if one != "None"] + [one for one in found if one == "None"]
    return " | ".join(found) or NEVER


ANY, NEVER = "_t.Any", "_te.Never"


def docstring(text: str) -> list[str]:
    """A docstring's lines; none where there is nothing to say."""
    words = visible(text.strip()).replace("\\", "\\\\").replace('"""', "'''")
    words = words[:-1] + '\\"' if words.endswith('"') else words
    return [f'"""{words}"""'] if words else []


def indented(lines: Iterable[str]) -> Iterator[str]:
    return (textwrap.indent(line, "    ") for line in lines)
