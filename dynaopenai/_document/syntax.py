"""A document's text -> plain JSON values: JSON where it is JSON, else YAML.

Rules of this file:
1. The fast reader (jiter) goes first; what it refuses is read again with patience, and told as a diagnostic.
2. Sizes and depths are bounded before anything recursive looks at a value.
3. What is read holds Unicode text and finite numbers only, so that it can be written down again.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from .._display.words import short
from ..errors import Diagnostic, SpecError
from .parsed import Parsed

MAX_BYTES = 64 * 1024 * 1024

_HUGE_EXPONENT = r"[0-9][eE]\+?[0-9]{3}"
_BEFORE_NUMBER = r"[:,\[]\s*-?[0-9.]*$"
_ESCAPED_SURROGATE = r"\\u[dD][89a-fA-F]"
_SURROGATES = "[\ud800-\udfff]"


def parse(text: str | bytes, source: str = "<text>") -> Parsed:
    """The value of a YAML or JSON text.

    Raises:
        SpecError: it is neither, or larger or deeper than a document may be.
    """
    from .yaml import compose

    text = decoded(text, source)
    if text.lstrip()[:1] in ("{", "["):
        parsed = _parse_json(text, source)
        if parsed is not None:
            return parsed
    return compose(text, source)


def decoded(text: str | bytes, source: str) -> str:
    """Bytes as Unicode text, without a byte order mark.

    Raises:
        SpecError: they are none, or too many.
    """
    if len(text) > MAX_BYTES:
        raise SpecError("the document is too large", source=source, found=f"over {MAX_BYTES >> 20} MiB")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise SpecError(
            "the document is no Unicode text",
            source=source,
            line=line,
            found=f"byte {text[error.start]:#04x} at offset {error.start}",
            expected="UTF-8",
            remedy="save the file as UTF-8",
        ) from None


# --- JSON ----------------------------------------------------------------------------------------


def _parse_json(text: str, source: str) -> Parsed | None:
    """The value of a JSON text; None where it is none, which YAML's flow style may still be."""
    from jiter import from_json

    from .yaml import too_deep

    try:
        if not _has_huge_number(text):
            return Parsed(from_json(text.encode("utf-8"), allow_inf_nan=False, catch_duplicate_keys=True), ())
    except (ValueError, UnicodeEncodeError):
        pass
    reader = _JSONReader(source)
    try:
        value = reader.read(text)
    except RecursionError:
        raise too_deep(source, None) from None
    except ValueError:
        return None
    if _depth_exceeds(value):
        raise too_deep(source, None)
    return Parsed(value, tuple(reader.diagnostics))


def _has_huge_number(text: str) -> bool:
    """Whether there may be a number that the fast reader would make infinite."""
    found = re.finditer(_HUGE_EXPONENT, text)
    return any(re.search(_BEFORE_NUMBER, text[max(0, one.start() - 400) : one.start() + 1]) for one in found)


class _JSONReader:
    """JSON that the fast reader refuses: repeated keys, lone surrogates, raw tabs, numbers out of range."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.repeated: list[str] = []
        self.diagnostics: list[Diagnostic] = []

    def read(self, text: str) -> Any:
        value = json.loads(
            text,
            strict=False,
            object_pairs_hook=self._pairs,
            parse_constant=self._no_number,
            parse_float=self._float,
        )
        if self.repeated:
            self.diagnostics += self._repeated(text)
        if re.search(_SURROGATES, text) or re.search(_ESCAPED_SURROGATE, text):
            value, mended = _without_surrogates(value)
            if mended:
                self._note("lone-surrogate", f"{short(mended[0])} holds half a character", "read as U+FFFD")
        return value

    def _pairs(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(items)
        if len(value) < len(items):
            times = Counter(key for key, _ in items)
            self.repeated += [key for key in value if times[key] > 1]
        return value

    def _repeated(self, text: str) -> list[Diagnostic]:
        """With their lines where YAML's parser, which knows lines, can read the text too."""
        from .yaml import compose, duplicate

        try:
            diagnostics = compose(text, self.source).diagnostics
        except SpecError:
            diagnostics = ()
        found = [item for item in diagnostics if item.code == "duplicate-key"]
        return found or [duplicate(self.source, key, None, None) for key in self.repeated]

    def _float(self, text: str) -> Any:
        from .yaml import INFINITIES

        value = float(text)
        return self._no_number(text) if value in INFINITIES else value

    def _no_number(self, text: str) -> str:
        self._note("no-json-number", f"{short(text)} is a number that JSON does not know", "read as a string")
        return text

    def _note(self, code: str, message: str, remedy: str) -> None:
        self.diagnostics.append(Diagnostic("warning", code, message, self.source, "", None, remedy))


def _without_surrogates(value: Any) -> tuple[Any, list[str]]:
    """A copy in which half characters are U+FFFD, and the strings that held them."""
    mended: list[str] = []

    def mend(part: Any) -> Any:
        if isinstance(part, str):
            if part.isascii() or not re.search(_SURROGATES, part):
                return part
            mended.append(part)
            return re.sub(_SURROGATES, "\ufffd", part)
        if isinstance(part, dict):
            return {mend(key): mend(item) for key, item in part.items()}
        return [mend(item) for item in part] if isinstance(part, list) else part

    return mend(value), mended


def _depth_exceeds(value: Any) -> bool:
    from .yaml import MAX_DEPTH

    level = [value]
    for _ in range(MAX_DEPTH + 1):
        below = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, (dict, list))]
        level = [part for item in below for part in item]
        if not level:
            return False
    return True
