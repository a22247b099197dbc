"""Numbers and texts that keep to their limits, plain ones first, the same on every run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain, count, islice, product
from math import ceil, floor, gcd, inf, isfinite, lcm

from .parts import Parts, stated
from .spelling import LONGEST, VARIANTS, once, spellings

WORD = "text"

_LIMITS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")


def _fractions(parts: Parts, *keywords: str) -> list[Fraction]:
    values = [value for keyword in keywords for value in stated(parts, keyword)]
    return [Fraction(value if isinstance(value, int) else str(value)) for value in values if isfinite(value)]


def numbers(parts: Parts, kind: str) -> Iterator[float]:
    low = max(_fractions(parts, *_LIMITS[:2]), default=None)
    high = min(_fractions(parts, *_LIMITS[2:]), default=None)
    steps = _fractions(parts, "multipleOf") + ([Fraction(1)] if kind == "integer" else [])
    step = Fraction(lcm(*(s.numerator for s in steps)), gcd(*(s.denominator for s in steps))) if steps else None
    unit = step or Fraction(1)
    if step is None and low is not None and high is not None and 0 < high - low < 64:
        unit = (high - low) / 64
    base = low if low is not None else high if high is not None else Fraction(1)
    way = -1 if low is None and high is not None else 1
    forbidden = tuple(part for part in stated(parts, "not") if isinstance(part, dict))
    beyond = [edge + side for edge in _fractions(forbidden, *_LIMITS) for side in (unit, -unit)]
    plain = [Fraction(1), Fraction(0), base, base + way * unit / 2, *beyond]
    points = chain(plain, (base + way * n * unit for n in count(1)))
    fitted = ([point] if step is None else [ceil(point / step) * step, floor(point / step) * step] for point in points)
    for value in once(chain.from_iterable(fitted)):
        yield int(value) if value.denominator == 1 else float(value)


_FORMATTED: dict[str, Callable[[int], str]] = {
    "date": lambda n: f"{2025 + n}-01-31",
    "date-time": lambda n: f"{2025 + n}-01-31T12:00:00Z",
    "uuid": lambda n: f"123e4567-e89b-42d3-a456-{426614174000 + n}",
    "email": lambda n: f"user{n or ''}@example.com",
    "uri": lambda n: f"https://example.com/{n or ''}",
    "ipv4": lambda n: f"192.0.{2 + n // 254}.{n % 254 + 1}",
    "ipv6": lambda n: f"2001:db8::{n + 1:x}",
    "byte": lambda n: b64encode(f"example{n or ''}".encode()).decode(),
}
_SHORT = ("a:b", "a@b", "::1", "AAAA", "AA", "")  # of the formats that can be short


def texts(parts: Parts, hint: str) -> Iterator[str]:
    least = max(stated(parts, "minLength"), default=0)
    most = min(stated(parts, "maxLength"), default=inf)
    if least > LONGEST:
        return
    formats = [name for name in stated(parts, "format") if name in _FORMATTED]
    words = [hint, WORD, *(_FORMATTED[name](0) for name in formats)]
    spelled = (islice(spellings(pattern, least), VARIANTS // 4) for pattern in stated(parts, "pattern"))
    varied = (_FORMATTED[name](n) for n in range(1, VARIANTS) for name in formats)
    numbered = (f"{hint[: int(min(most, 99)) - len(str(n))]}{n}" for n in range(1, VARIANTS) if len(str(n)) <= most)
    plain = chain(reversed(words) if formats else words, _grafted(formats, parts), chain.from_iterable(spelled), varied, _SHORT, numbered)
    yield from once(chain.from_iterable(_fitted(word, least, most) for word in plain))


def _grafted(formats: list[str], parts: Parts) -> Iterator[str]:
    """Texts of a format that begin or end as a pattern wants."""
    for name, pattern in product(formats, stated(parts, "pattern")):
        text = _FORMATTED[name](0)
        for spelled in islice(spellings(pattern), VARIANTS // 8):
            yield spelled + text[len(spelled) :]
            yield text[: -len(spelled)] + spelled
            yield text + spelled
            yield spelled + text.rpartition(":")[2]


def _fitted(word: str, least: int, most: float) -> Iterator[str]:
    if len(word) < least:
        yield ((word or "a") * least)[:least]
        yield word + "a" * (least - len(word))
        yield "a" * (least - len(word)) + word
    elif len(word) <= most:
        yield word
    else:
        yield word[: int(most)]
