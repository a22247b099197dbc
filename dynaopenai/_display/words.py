"""Values, names and numbers as they stand in a sentence; and the name that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

SHOWN_VALUE = 80  # characters of a value in a message


def short(value: object, limit: int = SHOWN_VALUE, depth: int = 4) -> str:
    """``value`` as JSON-like text of at most ``limit`` characters, built without walking all of a large value."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        text = value if len(value) <= limit else value[:limit]
        text = '"' + text.encode("unicode_escape", "backslashreplace").decode("ascii").replace('"', '\\"') + '"'
        if not value.isascii() and len(value) <= limit and value.isprintable():
            text = f'"{value}"'
    elif not depth:
        text = "…"
    elif isinstance(value, dict):
        head = ", ".join(f"{short(key, 20, depth - 1)}: {short(item, 20, depth - 1)}" for key, item in _first(dict.items(value), 5))
        text = "{" + head + (", …}" if len(value) > 5 else "}")
    elif isinstance(value, (list, tuple)):
        head = ", ".join(short(item, 20, depth - 1) for item in _first(value, 5))
        text = "[" + head + (f", … {len(value)} items]" if len(value) > 5 else "]")
    elif isinstance(value, int) and abs(value) >= 10**limit:
        text = f"an integer of {value.bit_length()} bits"
    else:
        text = in_python(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def in_python(value: object) -> str:
    """A value as Python writes it, or its kind where it fails to say."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - whatever a caller's own class raises
        return f"<{type(value).__name__}>"


def short_path(path: object, limit: int = SHOWN_VALUE) -> str:
    """A path in quotes, its end where it is too long: the file's name tells most."""
    text = short(str(path), 12 * len(str(path)) + 2)
    return text if len(text) <= limit else '"…' + text[2 - limit :]


def _first(items: Iterable[Any], count: int) -> list[Any]:
    return [item for item, _ in zip(items, range(count), strict=False)]


def count(number: int, noun: str) -> str:
    """``1 problem``, ``2 problems``, ``3 properties``."""
    plural = f"{noun[:-1]}ies" if re.search("[^aeiou]y$", noun) else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def one_of(values: Sequence[object], limit: int = 8) -> str:
    """``"a", "b" or "c"``, the first ``limit`` of them."""
    shown = [short(value, 40) for value in values[:limit]]
    if len(values) > limit:
        return ", ".join(shown) + f" … ({len(values)} values)"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" or {shown[-1]}" if shown else "nothing"


def not_declared(found: str, declared: Iterable[object]) -> str:
    """What is said of what a document does not have: ``found`` in words, ``declared``: what it has."""
    return f"found {found}, which is not declared, expected {one_of(list(declared))}"


def first_few(lines: Iterable[object], limit: int) -> list[str]:
    """The first ``limit`` lines, and one that says how many more there are."""
    every = list(map(str, lines))
    return every[:limit] + ([f"… and {len(every) - limit} more"] if len(every) > limit else [])


def nearest(name: str, names: Iterable[str], limit: int = 1, cutoff: float = 0.6) -> list[str]:
    """Those of ``names`` that ``name`` was probably meant to be, best first; case and separators do not count."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in names:
        folded.setdefault(_fold(candidate), candidate)
    wanted = _fold(name)
    if not wanted or len(wanted) > 200:
        return []
    cutoff = cutoff if len(wanted) > 4 else cutoff - 0.1
    return [folded[match] for match in get_close_matches(wanted, list(folded), limit, cutoff)]


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(".", "")


def did_you_mean(name: object, names: Iterable[object]) -> str:
    """``did you mean "system"?``, or nothing when no name is near."""
    if not isinstance(name, str):
        return ""
    close = nearest(name, [other for other in names if isinstance(other, str)])
    return f'did you mean "{close[0]}"?' if close else ""


def alike(wanted: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """Those of ``names`` that are made of the same words, in whatever order: ``chat.create`` is ``createChat``."""
    words = _words(wanted)
    if len(words) < 2:
        return []
    shares = {name: len(words & other) / max(len(words), len(other)) for name in names if (other := _words(name))}
    return sorted((name for name, share in shares.items() if share >= 2 / 3), key=lambda name: -shares[name])[:limit]


def _words(name: str) -> frozenset[str]:
    """The words of a name, singular and in lower case."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", name)
    return frozenset(word.lower().removesuffix("s") for word in found)


def one_spelling(names: Iterable[str]) -> list[str]:
    """Each name once, where it is there in several spellings."""
    return list({_fold(name): name for name in reversed(list(names))}.values())[::-1]
