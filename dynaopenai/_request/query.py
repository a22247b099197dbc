"""Parameters that share one text, a query or a Cookie header: each as it is written, and each name given once.

An exploded object is written under the names of its members (OAS 3.1.1 §4.8.12.3), which another parameter may have, too.
Rules of this file:
1. What both say alike is written once: a server reads it as both.
2. Where they differ, a parameter of that very name goes before an object's member, and the caller is told (`Joined.left_out`).
3. Two members that differ have nothing that goes before: that is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from .._display.words import short
from ..errors import Violation
from .arguments import Argument


class Written(NamedTuple):
    """An argument and its text; ``is_spread``: whether the names in it are those of an object's members."""

    argument: Argument
    text: str
    is_spread: bool


class Joined(NamedTuple):
    """The texts as one; ``left_out``: the places of members that a parameter of their name went before."""

    text: str
    left_out: Sequence[str]
    violations: Sequence[Violation]


def is_spread(argument: Argument, value: Any) -> bool:
    """Whether an object's members are written under their own names."""
    parameter = argument.parameter
    return isinstance(value, dict) and parameter is not None and parameter.style in ("form", "cookie") and parameter.explode


def joined(written: Sequence[Written], separator: str = "&") -> Joined:
    """All that is written, each name once."""
    if not any(one.is_spread for one in written):
        return Joined(separator.join(one.text for one in written if one.text), (), ())
    pairs = [_by_name(one.text, separator) for one in written]
    holders: dict[str, int] = {}
    for index in sorted(range(len(written)), key=lambda index: written[index].is_spread):
        for name in pairs[index]:
            holders.setdefault(name, index)
    left_out: list[str] = []
    violations: list[Violation] = []
    for one, mine in zip(written, pairs, strict=True):
        for name in (name for name in mine if pairs[holders[name]][name] != mine[name]):
            holder, place = written[holders[name]], f"{one.argument.spelled}.{unquote_plus(name)}"
            if holder.is_spread:
                found, expected = _value(mine[name]), _value(pairs[holders[name]][name])
                message = f"found {short(found)}, expected {short(expected)}, which {holder.argument.spelled} says under that name"
                violations.append(Violation(place, message, found))
            else:
                left_out.append(place)
    kept = [pair for index, mine in enumerate(pairs) for name in mine if holders[name] == index for pair in mine[name]]
    return Joined(separator.join(kept), left_out, violations)


def _by_name(text: str, separator: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in filter(None, text.split(separator)):
        found.setdefault(pair.partition("=")[0], []).append(pair)
    return found


def _value(pairs: Iterable[str]) -> str:
    return ",".join(unquote_plus(pair.partition("=")[2]) for pair in pairs)
