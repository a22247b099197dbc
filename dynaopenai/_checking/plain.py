"""What a caller passes -> the JSON value that it is, or a refusal that says why it is none.

Rules of this file:
1. Who passes plain values pays for one look at their types; nothing is copied.
2. What is a JSON value under another name becomes that value: subclasses, enums, mappings, sequences, numpy's numbers and
   arrays, dataclasses, pydantic models, UUIDs, dates, aware times, decimals to their last digit. Nothing else becomes text.
3. What holds itself, or unfolds without end, is refused before anything walks through it.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from .._display.words import short
from ..errors import Violation

MAX_DEPTH = 200
MOST_UNFOLDED = 1_000_000  # values, each counted as often as it is held, where that is far oftener than they are there
MOST_TROUBLES = 100
MOST_AT_A_GLANCE = 200_000  # lists and objects that are looked at without asking whether they were seen before
SCALARS = frozenset({str, int, float, bool, type(None)})
_TEXT = frozenset({str})
_NUMBERS = frozenset({int, float})
MAX_PATH = 200  # characters
MOST_BITS = 14_000  # of an integer that Python writes (4,300 digits)
MOST_DIGITS = 300  # before or behind the point of a decimal that is made a number of Python's

_HINTS = {
    "bytes": "decode it, or base64-encode it, to a str",
    "bytearray": "decode it, or base64-encode it, to a str",
    "datetime": "it has no time zone: send value.astimezone() for local time, value.replace(tzinfo=timezone.utc) for UTC",
    "time": "send value.isoformat()",
    "timedelta": "send value.total_seconds()",
    "set": "send a list",
    "frozenset": "send a list",
    "range": "send a list",
    "generator": "send a list",
}

Trouble = tuple[str, str, Any, str]


class NotJSONError(ValueError):
    """A value that JSON cannot carry. ``troubles``: (path, message, value, hint) of each place."""

    def __init__(self, troubles: list[Trouble]) -> None:
        self.troubles = troubles
        super().__init__("; ".join(f"{path}: {message}" for path, message, _, _ in troubles[:3]))

    def violations(self, path: str = "") -> list[Violation]:
        """The troubles of the value at ``path``."""
        return [Violation(joined(path, inner), message, value, "", hint) for inner, message, value, hint in self.troubles]


def member(path: str, key: object) -> str:
    """The path of a member of the value at ``path``: ``messages[0].role``, ``metadata["a b"]``."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    name = str(key)
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
        return f"{path}.{name}" if path else name
    return f"{path}[{short(name, 40)}]"


def joined(path: str, inner: str) -> str:
    """The path ``inner`` as seen from where ``path`` is."""
    return path + inner if not path or not inner or inner.startswith("[") else f"{path}.{inner}"


class Plain(NamedTuple):
    """A JSON value, and the keys in use anywhere in it; ``has_kept``: it holds what was to be kept, and is none yet."""

    value: Any
    keys: set[str]
    has_kept: bool = False


def taken(value: Any, keep: Callable[[Any], bool] | None = None) -> Plain:
    """The JSON value that ``value`` is.

    Args:
        keep: tells what is left as it is, whatever it is: files.

    Raises:
        NotJSONError: it is none, or is nested too deep.
    """
    keys: set[str] = set()
    if type(value) in SCALARS:
        return Plain(value, keys)
    if _is_plain(value, keys) and _TEXT.issuperset(map(type, keys)):
        return Plain(value, keys)
    return _looked_through(value, keep)


def sound(value: Any) -> Any:
    """The JSON value that ``value`` is, every text and every number in it looked at.

    Raises:
        NotJSONError: it is none.
    """
    kind = type(value)
    is_sound = kind in (bool, type(None)) or (kind is str and value.isascii()) or (kind is int and value.bit_length() < MOST_BITS)
    return value if is_sound else _looked_through(value).value


def _looked_through(value: Any, keep: Callable[[Any], bool] | None = None) -> Plain:
    taker = _Taker(keep)
    made = taker.take(value, "", MAX_DEPTH).value
    if taker.troubles:
        raise NotJSONError(taker.troubles)
    return Plain(made, taker.keys, taker.has_kept)


def survey(value: Any) -> set[str]:
    """The keys in use anywhere in ``value``.

    Raises:
        NotJSONError: there is a value that JSON does not know, or it is nested too deep.
    """
    return taken(value).keys


def _is_plain(value: Any, keys: set[str]) -> bool:
    """Whether it is made of nothing but Python's own JSON types, as far as a glance tells; looked at level by level."""
    level, seen = [value], 0
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for held in level:
            kind = type(held)
            if kind is dict:
                keys.update(held)
                items: Iterable[Any] = held.values()
            elif kind is list:
                items = held
            else:
                return False
            if not SCALARS.issuperset(map(type, items)):
                below += [item for item in items if type(item) not in SCALARS]
        if not below:
            return True
        level, seen = below, seen + len(below)
        if seen > MOST_AT_A_GLANCE:
            return False
    return False


# --- one by one ----------------------------------------------------------------------------------


class _Taken(NamedTuple):
    """A value as it was taken, with the levels below it, and how many values it holds.

    ``source``: what it was made of, kept so that nothing else gets its place in memory.
    """

    value: Any
    height: int = 0
    size: int = 1
    source: Any = None


class _Taker:
    """Looks at every value once, however often it is held."""

    def __init__(self, keep: Callable[[Any], bool] | None) -> None:
        self.keep = keep
        self.keys: set[str] = set()
        self.has_kept = False
        self._looked_at = 0
        self.troubles: list[Trouble] = []
        self._seen: dict[int, _Taken | None] = {}  # by id; None while it is looked at

    def take(self, value: Any, path: str, depth: int) -> _Taken:
        self._looked_at += 1
        if type(value) in SCALARS:
            return self._scalar(value, path)
        if self.keep is not None and self.keep(value):
            self.has_kept = True
            return _Taken(value)
        if id(value) not in self._seen:
            self._seen[id(value)] = None
            self._seen[id(value)] = self._made(value, path, depth)
        known = self._seen[id(value)]
        if known is None:
            return self._refuse(path, "found a value that holds itself", None)
        if known.height > depth:
            return self._refuse(path, f"nested deeper than {MAX_DEPTH} levels", None)
        return known

    def _made(self, value: Any, path: str, depth: int) -> _Taken:
        kind = type(value).__name__
        try:
            plain = _plain(value)
        except Exception as error:  # noqa: BLE001 - whatever a caller's own class raises
            return self._refuse(path, f"found a value of type {kind} that cannot be read: {short(str(error))}", None)
        if plain is UNKNOWN:
            return self._refuse(path, f"found a value of type {kind}, which JSON does not know", value, _HINTS.get(kind, ""))
        if type(plain) not in (dict, list):
            return self._scalar(plain, path)._replace(source=value)
        if not depth:
            return self._refuse(path, f"nested deeper than {MAX_DEPTH} levels", None)
        made, inner = (self._object if type(plain) is dict else self._list)(plain, path, depth - 1)
        size = 1 + sum(each.size for each in inner)
        if size > MOST_UNFOLDED and size > 4 * self._looked_at:
            return self._refuse(path, f"found what unfolds to more than {MOST_UNFOLDED:,} values", None)
        return _Taken(value if _is_same(made, value) else made, 1 + max((each.height for each in inner), default=0), size, value)

    def _object(self, value: dict[Any, Any], path: str, depth: int) -> tuple[dict[str, Any], list[_Taken]]:
        made, inner = {}, []
        for key, item in value.items():
            name = _plain(key) if isinstance(key, str) else key
            if not isinstance(name, str):
                self._refuse(path, f"found the key {short(key)} ({type(key).__name__}), expected a string", value, "use str(key)")
                continue
            self._scalar(name, path)
            self.keys.add(name)
            inner.append(self.take(item, member(path, name), depth))
            made[name] = inner[-1].value
        return made, inner

    def _list(self, value: list[Any], path: str, depth: int) -> tuple[list[Any], list[_Taken]]:
        if _are_numbers(value):
            self._looked_at += len(value)
            return value, [_Taken(None, size=len(value))]
        inner = [self.take(item, f"{path}[{index}]", depth) for index, item in enumerate(value)]
        return [each.value for each in inner], inner

    def _scalar(self, value: Any, path: str) -> _Taken:
        if isinstance(value, str):
            half = None if value.isascii() else re.search("[\ud800-\udfff]", value)
            if half:
                return self._refuse(path, f"found a lone surrogate {half[0]!r}, expected Unicode text", value)
        elif isinstance(value, int) and value.bit_length() > MOST_BITS:
            return self._refuse(path, f"found {short(value)}, longer than Python writes", value)
        elif (isinstance(value, float) and not math.isfinite(value)) or (isinstance(value, Decimal) and not value.is_finite()):
            return self._refuse(path, f"found {value!r}, which JSON does not know", value, "leave it out, or send null or a string")
        return _Taken(value)

    def _refuse(self, path: str, message: str, value: Any, hint: str = "") -> _Taken:
        if len(self.troubles) < MOST_TROUBLES:
            self.troubles.append((path if len(path) < MAX_PATH else path[:80], message, value, hint))
        return _Taken(None)


def _is_same(made: Any, value: Any) -> bool:
    """Whether nothing had to be changed; what was there is handed on then."""
    if type(value) is not type(made) or len(made) != len(value):
        return False
    if type(made) is dict:
        return all(one is two for pair in zip(made.items(), value.items(), strict=True) for one, two in zip(*pair, strict=True))
    return all(one is two for one, two in zip(made, value, strict=True))


def _are_numbers(items: list[Any]) -> bool:
    """Whether these are plain numbers, none of them infinite; a vector has many."""
    if not _NUMBERS.issuperset(map(type, items)):
        return False
    try:
        return math.isfinite(sum(items))
    except OverflowError:
        return False


# --- one value of another kind -------------------------------------------------------------------

UNKNOWN: Any = object()


def _plain(value: Any) -> Any:
    """A value under its JSON type, its members as they are; `UNKNOWN` where it has none."""
    for kinds, made in _KINDS:
        if isinstance(value, kinds):
            return made(value)
    uuid = sys.modules.get("uuid")  # whoever has one has imported it
    if uuid is not None and isinstance(value, uuid.UUID):
        return str(value)
    if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
        made = value.tolist()
        return made if type(made) in SCALARS or type(made) is list else _plain(made)
    if hasattr(type(value), "__dataclass_fields__"):
        from dataclasses import fields  # any, not those of this package alone

        return {each.name: getattr(value, each.name) for each in fields(value)}
    if hasattr(type(value), "__pydantic_core_schema__"):
        return _of_model(value)
    return UNKNOWN


def _of_model(model: Any) -> Any:
    """What pydantic makes of its model, without what nobody set and nothing is the default of."""
    whole = model.model_dump(mode="json", by_alias=True)
    return _without_unset(whole, model.model_dump(mode="json", by_alias=True, exclude_unset=True))


def _without_unset(whole: Any, given: Any) -> Any:
    if isinstance(whole, dict) and isinstance(given, dict):
        return {
            name: _without_unset(item, given[name]) if name in given else item
            for name, item in whole.items()
            if item is not None or name in given
        }
    if isinstance(whole, list) and isinstance(given, list) and len(whole) == len(given):
        return [_without_unset(one, two) for one, two in zip(whole, given, strict=True)]
    return whole


def _of_enum(value: Enum) -> Any:
    return value.value if type(value.value) in SCALARS or type(value.value) in (dict, list) else _plain(value.value)


def _of_time(value: datetime) -> Any:
    return value.isoformat() if value.utcoffset() is not None else UNKNOWN


def _of_decimal(value: Decimal) -> Any:
    """An integer or a float where that is the same number; else the decimal itself, which is written to its last digit."""
    if not value.is_finite() or abs(value.adjusted()) > MOST_DIGITS:
        return value
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else value


_KINDS: Sequence[tuple[Any, Callable[[Any], Any]]] = (
    (Enum, _of_enum),
    (str, str.__str__),
    (bool, bool),
    (int, int.__int__),
    (float, float.__float__),
    ((bytes, bytearray, memoryview, range), lambda _: UNKNOWN),
    (dict, lambda value: value if type(value) is dict else dict(value)),
    (Mapping, dict),
    (Sequence, list),
    (datetime, _of_time),
    (date, date.isoformat),
    (Decimal, _of_decimal),
)
