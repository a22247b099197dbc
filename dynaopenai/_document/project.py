"""The nearest settings file of a project, ``dynaopenai.toml`` or pyproject.toml, and its table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import SpecError

NAME = "dynaopenai.toml"


class Table(NamedTuple):
    """What a settings file says, and the file."""

    path: Path
    values: dict[str, Any]


def nearest_table(start: Path | None = None) -> Table | None:
    """The settings of the nearest file at or above a folder, the working directory's by default.

    Raises:
        SpecError: the file is no TOML.
    """
    folder = start or Path.cwd()
    for place in (folder, *folder.parents):
        for path in (place / NAME, place / "pyproject.toml"):
            values = _values(path)
            if values is not None:
                return Table(path, values)
    return None


def _values(path: Path) -> dict[str, Any] | None:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if path.name != NAME and "tool.dynaopenai" not in text:
        return None
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"this is no TOML: {error}", source=str(path)) from None
    found = parsed if path.name == NAME else parsed.get("tool", {}).get("dynaopenai")
    return found if isinstance(found, dict) else None
