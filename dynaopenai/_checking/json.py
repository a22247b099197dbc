"""JSON text <-> Python values, exactly.

Rules of this file (RFC 8259):
1. Integers of any size come and go exact; NaN and infinities are refused both ways; key order stays.
2. What cannot be said in JSON is refused with its path, never bent into something that can.
3. Depth is bounded before anything recursive looks at a value.
"""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any

from .._display.words import short
from ..errors import Violation

MAX_DEPTH = 200
SCALARS = frozenset({str, int, float, bool, type(None)})
_TEXT = frozenset({str})

_SECRET = secrets.token_hex(8)
_BETWEEN = f',"{_SECRET}",'.encode()

_HINTS = {
    "bytes": "decode it, or base64-encode it, to a str",
    "bytearray": "decode it, or base64-encode it, to a str",
    "datetime": "send value.isoformat()",
    "date": "send value.isoformat()",
    "Decimal": "send float(value) or str(value)",
    "UUID": "send str(value)",
    "set": "send a list",
    "frozenset": "send a list",
    "generator": "send a list",
    "ndarray": "send value.tolist()",
}


class NotJSONError(ValueError):
    """A value that JSON cannot carry. ``troubles``: (path, message, value, hint) of each place."""

    def __init__(self, troubles: list[tuple[str, str, Any, str]]) -> None:
        self.troubles = troubles
        super().__init__("; ".join(f"{path}: {message}" for path, message, _, _ in troubles[:3]))

    def violations(self, path: str = "") -> list[Violation]:
        """The troubles of the value at ``path``, the first hundred."""
        return [Violation(joined(path, inner), message, value, "", hint) for inner, message, value, hint in self.troubles[:100]]


class DecodeError(ValueError):
    """A text that is not JSON. ``position``: byte offset, where known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        self.position = position
        super().__init__(message)


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


# --- values -> text ------------------------------------------------------------------------------

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def encode(value: Any) -> bytes:
    """``value`` as JSON text in UTF-8. Call `survey` first.

    Raises:
        NotJSONError: with the path of every place that JSON cannot carry.
    """
    try:
        return _encode(value).encode("utf-8")
    except (ValueError, TypeError, RecursionError) as error:
        raise NotJSONError(list(troubles(value)) or [("", str(error), value, "")]) from error


def survey(value: Any) -> set[str]:
    """The keys in use anywhere in ``value``.

    Raises:
        NotJSONError: there is a value that JSON does not know, or it is nested too deep.
    """
    keys: set[str] = set()
    if not _survey(value, keys, MAX_DEPTH) or not _is_text(keys):
        found = list(troubles(value))
        if found:
            raise NotJSONError(found)
    return keys


def _is_text(keys: set[str]) -> bool:
    return _TEXT.issuperset(map(type, keys)) or all(isinstance(key, str) for key in keys)


def _survey(value: Any, keys: set[str], depth: int) -> bool:
    kind = type(value)
    if kind in SCALARS:
        return True
    if not depth:
        return False
    if kind is dict or isinstance(value, dict):
        keys.update(value)
        items: Iterable[Any] = dict.values(value)
    elif kind is list or isinstance(value, (list, tuple)):
        items = value
    else:
        return isinstance(value, (str, int, float))
    if SCALARS.issuperset(map(type, items)):
        return True
    for item in items:  # noqa: SIM110 - a generator would be another frame at each level
        if type(item) not in SCALARS and not _survey(item, keys, depth - 1):
            return False
    return True


def troubles(value: Any, path: str = "", depth: int = MAX_DEPTH) -> Iterator[tuple[str, str, Any, str]]:
    """Every place in ``value`` that JSON cannot carry: (path, message, value, hint)."""
    if isinstance(value, str):
        if not value.isascii() and _surrogate(value):
            yield path, f"found a lone surrogate {_surrogate(value)!r}, expected Unicode text", value, ""
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield path, f"found {value!r}, which JSON does not know", value, "leave it out, or send null or a string"
    elif isinstance(value, (dict, list, tuple)) and not depth:
        yield path[:80], f"nested deeper than {MAX_DEPTH} levels", None, ""
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                yield path, f"found the key {short(key)} ({type(key).__name__}), expected a string", value, "use str(key)"
            else:
                yield from troubles(key, path, 1)
                yield from troubles(item, member(path, key), depth - 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            if type(item) is not int:
                yield from troubles(item, member(path, index), depth - 1)
    elif not isinstance(value, (int, type(None))):
        kind = type(value).__name__
        yield path, f"found a value of type {kind}, which JSON does not know", value, _HINTS.get(kind, "")


def _surrogate(text: str) -> str:
    match = re.search("[\ud800-\udfff]", text)
    return match[0] if match else ""


def mended(value: Any) -> Any:
    """A copy with U+FFFD for each lone surrogate, for those who can only look at Unicode text."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {mended(key): mended(item) for key, item in value.items()}
    return [mended(item) for item in value] if isinstance(value, (list, tuple)) else value


# --- text -> values ------------------------------------------------------------------------------


def decode(data: bytes, max_depth: int | None = MAX_DEPTH) -> Any:
    """The value of a JSON text. A byte order mark is passed over; a repeated key's last value counts.

    Args:
        data: the text.
        max_depth: levels of nesting; None for as many as the interpreter can bear.

    Raises:
        DecodeError: it is not JSON, holds NaN or an infinity, or is nested deeper.
    """
    try:
        value = _decoder()(data)
    except ValueError as error:
        value = _decode_slowly(data, str(error), max_depth)
    else:
        if max_depth == MAX_DEPTH:  # the fast decoder's own limit
            return value
    if max_depth is not None and _is_deeper(value, max_depth):
        raise DecodeError(f"nested deeper than {max_depth} levels")
    return value


def decode_each(texts: Sequence[bytes], max_depth: int | None = MAX_DEPTH) -> list[Any] | None:
    """The value of each text, all decoded at once; None where that cannot be, and `decode` has to say why.

    Each text is one value if, and only if, the separators are every second member of the whole: no text can hold one,
    since nobody knows it.
    """
    try:
        values = _decoder()(b"[" + _BETWEEN.join(texts) + b"]", cache_mode="all")
    except ValueError:
        return None
    if len(values) != 2 * len(texts) - 1 or values[1::2] != [_SECRET] * (len(texts) - 1):
        return None
    found: list[Any] = values[::2]
    if max_depth is not None and max_depth < MAX_DEPTH and _is_deeper(found, max_depth + 1):
        return None
    return found


@cache
def _decoder() -> Callable[..., Any]:
    from jiter import from_json

    return partial(from_json, allow_inf_nan=False, cache_mode="keys")


def _is_deeper(value: Any, max_depth: int) -> bool:
    """Whether it has more levels, looked at level by level since recursion has a limit of its own."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(max_depth):
        if not level:
            return False
        items = (item for held in level for item in (held.values() if isinstance(held, dict) else held))
        level = [item for item in items if isinstance(item, (dict, list))]
    return bool(level)


def _decode_slowly(data: bytes, refusal: str, max_depth: int | None) -> Any:
    """What the fast decoder refused: a byte order mark, a lone surrogate, or a real mistake to be explained."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodeError(f"byte {error.start} is not UTF-8", error.start) from None
    if "recursion" in refusal and max_depth is not None and max_depth <= MAX_DEPTH:
        raise DecodeError(f"nested deeper than {max_depth} levels")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        if not text.strip():
            raise DecodeError("found nothing, expected JSON", 0) from None
        message = f"{error.msg} at line {error.lineno} column {error.colno}"
        raise DecodeError(f"{message}, near {short(text[max(0, error.pos - 20) : error.pos + 20])}", error.pos) from None
    except RecursionError:
        raise DecodeError("nested deeper than the interpreter can bear; see sys.setrecursionlimit()") from None


def _refuse_constant(name: str) -> None:
    raise DecodeError(f"found {name}, which JSON does not know")
