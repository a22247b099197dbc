"""JSON text <-> Python values, exactly.

Rules of this file (RFC 8259):
1. Integers of any size come and go exact; NaN and infinities are refused both ways; key order stays.
2. What cannot be said in JSON is refused with its path, never bent into something that can.
3. Depth is bounded before anything recursive looks at a value.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any

from .._collector import resting
from .._display.words import short
from .plain import MAX_DEPTH, NotJSONError, joined, member, sound, survey, taken

_SECRET = os.urandom(8).hex().replace("e", "g")  # so that it is no number's exponent
_BETWEEN = f',"{_SECRET}",'.encode()
_SHAPES = bytes.maketrans(b"123456789E+", b"000000000e0")  # each digit 0, and the sign of an exponent
WITHOUT_EXPONENT = 1e21  # whole numbers below are written to their last digit, as JavaScript does
_LARGE, _SAMPLE = 1 << 16, 1 << 12  # bytes of a text
_VAST = (b"0e000", b"0" * 200)  # in each number beyond 1e308, in few others; without the sign of an exponent

__all__ = ["MAX_DEPTH", "DecodeError", "NotJSONError", "decode", "decode_each", "encode", "joined", "member", "mended", "sound", "survey", "taken", "text_of"]


class DecodeError(ValueError):
    """A text that is not JSON. ``position``: byte offset, where known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        self.position = position
        super().__init__(message)


def types_of(value: Any) -> frozenset[str]:
    """The JSON types that a value has: 3 is an integer and a number."""
    if value is None:
        return frozenset({"null"})
    if isinstance(value, bool):
        return frozenset({"boolean"})
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return frozenset({"integer", "number"})
    for kind, name in ((float, "number"), (str, "string"), (dict, "object"), (list, "array"), (tuple, "array")):
        if isinstance(value, kind):
            return frozenset({name})
    return frozenset()


# --- values -> text ------------------------------------------------------------------------------

def _marked(value: Any) -> str:
    """A decimal as a text that nobody else writes: as a number it would lose digits."""
    if isinstance(value, Decimal):
        return f"{_SECRET}{value}"
    raise TypeError(type(value).__name__)


_STYLE: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}
_encode = json.JSONEncoder(check_circular=False, **_STYLE).encode  # what holds itself ends in a RecursionError
_encode_marked = json.JSONEncoder(default=_marked, **_STYLE).encode
_MARKED = re.compile(f'"{_SECRET}([^"]*)"')


def encode(value: Any) -> bytes:
    """``value`` as JSON text in UTF-8.

    Raises:
        NotJSONError: with the path of every place that JSON cannot carry.
    """
    try:
        return _encode(value).encode("utf-8")
    except Exception:  # noqa: BLE001 - a value of another kind, or a class of the caller's that fails
        return _MARKED.sub(r"\1", _encode_marked(sound(value))).encode("utf-8")


def text_of(scalar: Any) -> str:
    """A number, boolean or null where only text travels: 3.0 as 3, an integer to JSON Schema, and to whoever reads integers only so."""
    if isinstance(scalar, float) and scalar.is_integer() and abs(scalar) < WITHOUT_EXPONENT and str(scalar) != "-0.0":
        return str(int(scalar))
    return encode(scalar).decode()


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
        value = _fast(data)
    except ValueError as error:
        value = _decode_slowly(data, str(error), max_depth)
    else:
        if _may_have_infinity(data) and _has_infinity(value):
            value = _decode_slowly(data, "", max_depth)
        if max_depth == MAX_DEPTH:  # the fast decoder's own limit
            return value
    if max_depth is not None and is_deeper(value, max_depth):
        raise DecodeError(f"nested deeper than {max_depth} levels")
    return value


def decode_each(texts: Sequence[bytes], max_depth: int | None = MAX_DEPTH) -> list[Any] | None:
    """The value of each text, all decoded at once; None where that cannot be, and `decode` has to say why.

    Each text is one value if, and only if, the separators are every second member of the whole: no text can hold one,
    since nobody knows it.
    """
    whole = b"[%b]" % _BETWEEN.join(texts)
    try:
        values = _fast(whole, cache_mode="all")
    except ValueError:
        return None
    if len(values) != 2 * len(texts) - 1 or values[1::2] != [_SECRET] * (len(texts) - 1):
        return None
    found: list[Any] = values[::2]
    if _may_have_infinity(whole) and _has_infinity(found):
        return None
    if max_depth is not None and max_depth < MAX_DEPTH and is_deeper(found, max_depth + 1):
        return None
    return found


def _fast(data: bytes, **options: Any) -> Any:
    if len(data) < _LARGE:
        return _decoder()(data, **options)
    with resting():
        return _decoder()(data, **options)


@cache
def _decoder() -> Callable[..., Any]:
    from jiter import from_json

    return partial(from_json, allow_inf_nan=False, cache_mode="keys")


def _may_have_infinity(text: bytes) -> bool:
    if len(text) > _LARGE and _is_mostly_digits(text[len(text) // 2 : len(text) // 2 + _SAMPLE]):
        return True  # in a vector it takes less to look at the numbers
    for begin in range(0, len(text), _LARGE):  # in parts that the processor's cache holds
        shapes = text[begin : begin + _LARGE + len(_VAST[1])].translate(_SHAPES)
        if shapes.rfind(_VAST[0]) >= 0 or shapes.rfind(_VAST[1]) >= 0:  # for `in` it takes twice as long
            return True
    return False


def _is_mostly_digits(text: bytes) -> bool:
    return 2 * len(text.translate(None, b"0123456789")) < len(text)


def _has_infinity(value: Any) -> bool:
    """Whether a number is beyond those that a computer holds, which the fast decoder takes for an infinity."""
    stack = [(value,)]
    while stack:
        held: Any = stack.pop()
        for item in dict.values(held) if type(held) is dict else held:
            kind = type(item)
            if kind is float:
                if not math.isfinite(item):
                    return True
            elif kind is dict or (kind is list and not _is_finite_sum(item)):
                stack.append(item)
    return False


def _is_finite_sum(items: list[Any]) -> bool:
    """Whether these are numbers, and none of them infinite; a vector has many."""
    try:
        return math.isfinite(sum(items))
    except (TypeError, OverflowError):
        return False


def is_deeper(value: Any, max_depth: int) -> bool:
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
    problem: DecodeError | None = None  # raised below, since what is caught here holds the text, and would hang on ours
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = DecodeError(f"byte {error.start} is not UTF-8", error.start)
    if problem is not None:
        raise problem
    if "recursion" in refusal and max_depth is not None and max_depth <= MAX_DEPTH:
        raise DecodeError(f"nested deeper than {max_depth} levels")
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except DecodeError:
        raise
    except json.JSONDecodeError as error:
        problem = _syntax_problem(error, text)
    except ValueError:
        most = sys.get_int_max_str_digits()
        problem = DecodeError(f"found an integer of more than {most:,} digits; see sys.set_int_max_str_digits()")
    except RecursionError:
        problem = DecodeError("nested deeper than the interpreter can bear; see sys.setrecursionlimit()")
    raise problem


def _syntax_problem(error: json.JSONDecodeError, text: str) -> DecodeError:
    if not text.strip():
        return DecodeError("found nothing, expected JSON", 0)
    message = f"{error.msg} at line {error.lineno} column {error.colno}"
    return DecodeError(f"{message}, near {short(text[max(0, error.pos - 20) : error.pos + 20])}", error.pos)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise DecodeError(f"found {short(text, 40)[1:-1]}, which is beyond the numbers that a computer holds")
    return value


def _refuse_constant(name: str) -> None:
    raise DecodeError(f"found {name}, which JSON does not know")
