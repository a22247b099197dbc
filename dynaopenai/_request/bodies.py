"""The bodies that an operation takes, one for each media type; of several, the one that is meant.

Rules of this file:
1. A Content-Type that the caller gives decides. It is never sent over a body that is written in another way.
2. Else what is passed decides: the media type that can carry it, declares its names and lacks none that it requires.
3. Where several are left, a declared type goes before a range, JSON before forms, and then the document's order counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._checking.json import types_of
from .._checking.schema import Schema
from .._document.openapi import MediaType
from . import media_type as _media_type
from .media_type import PREFERENCE, essence, holds_file, holds_upload, is_upload, kind_for

CARRIES: Mapping[str, frozenset[str]] = {  # the types whose values each kind can write; where unsaid, any
    "multipart": frozenset({"object"}),
    "form": frozenset({"object", "string"}),
    "binary": frozenset({"string"}),
}


@dataclass(frozen=True)
class Alternative:
    """One media type of a request body, and the schema of what it carries."""

    media: MediaType
    schema: Schema

    @property
    def takes_properties(self) -> bool:
        """Whether what it carries is an object with names of its own."""
        return "object" in self.schema.types and bool(self.schema.properties)

    @property
    def is_open(self) -> bool:
        """Whether its object takes any name."""
        return "object" in self.schema.types and self.schema.is_open


def preferred(alternatives: Iterable[Alternative]) -> list[Alternative]:
    """The same, those first that are meant where nothing else decides."""
    return sorted(alternatives, key=lambda one: ("*" in essence(one.media.name), PREFERENCE.index(kind_for(one.media.name, None))))


def chosen(alternatives: Sequence[Alternative], value: Any, content_type: str = "") -> Alternative | None:
    """The one that ``value`` is written in; None where there is none.

    Args:
        alternatives: the preferred first.
        content_type: what the caller says of the body, where anything is said.
    """
    if content_type:
        media = _media_type.match({one.media.name.lower(): one.media for one in alternatives}, content_type)
        alternatives = [one for one in alternatives if media is None or one.media is media]
    best = alternatives[0] if len(alternatives) == 1 else min(alternatives, key=lambda one: _misfit(one, value), default=None)
    return replace(best, media=replace(best.media, name=content_type)) if best is not None and content_type else best


def _misfit(one: Alternative, value: Any) -> tuple[int, ...]:
    """How little a media type suits a value: less is better."""
    kind = kind_for(one.media.name, value)
    if is_upload(value):
        return (kind not in ("binary", "text", "xml"), _misnamed(one.media.name, value), kind != "binary")
    carried = CARRIES.get(kind)
    types = types_of(value)
    cannot = bool(carried is not None and not types & carried) or (kind in ("json", "lines") and holds_upload(value))
    fits = bool(types & one.schema.types) or (kind in ("text", "xml") and isinstance(value, str)) or (kind == "lines" and "array" in types)
    if not isinstance(value, dict):
        return (cannot, not fits)
    properties, is_open = one.schema.properties, one.is_open
    strange = sum(not _takes(properties[name], item) if name in properties else not (is_open or name in one.schema.required) for name, item in value.items())
    missing = sum(name not in value for name in one.schema.required)
    return (cannot, not fits, strange, missing)


def _takes(declared: Schema, item: Any) -> bool:
    """Whether a property may be this, as far as types tell; a file is none but where one is declared."""
    if holds_file(item):
        return declared.is_binary or (declared.items is not None and declared.items.is_binary)
    return bool(types_of(item) & declared.types) and not (declared.is_binary and isinstance(item, str) and declared.types == {"string"})


def _misnamed(name: str, value: Any) -> int:
    """0 where an upload's own type is the declared one, 1 where it is within its range, 2 where it says none, else 3."""
    from .multipart import Upload, UploadError

    try:
        own = Upload.of(value).content_type
    except UploadError:
        own = None
    if own is None:
        return 2
    if _media_type.match({name.lower(): MediaType(name)}, own) is None:
        return 3 if "*" not in name else 2
    return int("*" in name)
