"""Docstrings as a page shows them: what a prompt makes of them at run time, an extension of griffe makes of them here."""

from __future__ import annotations

import re
from typing import Any

import griffe

_SESSION = re.compile(r"^( *)((?:(?:>>>|\.\.\.) .*\n?)+(?:(?! *$).*\n?)*)", re.MULTILINE)
_SEVERAL = re.compile(r"^( +)(\w+(?:, \w+)+): ((?:.*\n?)(?:^\1 +.*\n?)*)", re.MULTILINE)


class Docstrings(griffe.Extension):
    """Sessions are blocks, ``a, b:`` are two arguments, a class without a docstring has its first base's, a dataclass is one."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Once the package is whole."""
        self._mend(pkg)

    def _mend(self, found: griffe.Object) -> None:
        if isinstance(found, griffe.Class) and found.docstring is None:
            found.docstring = next((base.docstring for base in found.mro() if base.docstring), None)
        elif found.docstring is not None:
            found.docstring.value = shown(found.docstring.value)
        for member in list(found.members.values()):
            if isinstance(member, griffe.Object):
                self._mend(member)
            elif isinstance(member, griffe.Alias) and "._dataclasses." in member.target_path:
                home = "typing" if member.name == "NamedTuple" else "dataclasses"
                member.target_path = f"{home}.{member.name}"  # which griffe knows, and which they are to a type checker


def shown(text: str) -> str:
    """A docstring's text as Markdown."""
    text = _SEVERAL.sub(lambda part: "".join(f"{part[1]}{name}: {part[3].rstrip()}\n" for name in part[2].split(", ")), text)
    return _SESSION.sub(lambda part: f"{part[1]}```pycon\n{part[1]}{part[2].rstrip()}\n{part[1]}```\n", text)
