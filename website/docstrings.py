"""Docstrings as a page shows them: what a prompt makes of them at run time, an extension of griffe makes of them here."""

from __future__ import annotations

import re
from typing import Any

import griffe

_SESSION = re.compile(r"^( *)((?:(?:>>>|\.\.\.) .*\n?)+(?:(?! *$).*\n?)*)", re.MULTILINE)
_SEVERAL = re.compile(r"^( +)(\w+(?:, \w+)+): ((?:.*\n?)(?:^\1 +.*\n?)*)", re.MULTILINE)


class Docstrings(griffe.Extension):
    """Sessions are blocks, ``a, b:`` are two arguments, and a class without a docstring has its first base's."""

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


def shown(text: str) -> str:
    """A docstring's text as Markdown."""
    text = _SEVERAL.sub(lambda part: "".join(f"{part[1]}{name}: {part[3].rstrip()}\n" for name in part[2].split(", ")), text)
    return _SESSION.sub(lambda part: f"{part[1]}```pycon\n{part[1]}{part[2].rstrip()}\n{part[1]}```\n", text)
