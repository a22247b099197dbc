"""What the command line takes of a project's settings file.

Rules of this file:
1. The nearest file at or above the working directory counts, alone. What is said on the command line goes before it.
2. A key that is not known is refused: a setting that is misspelt must not be silently lost.
3. A file holds no credentials, and where it leads elsewhere than the document does, the environment's key does not
   follow by itself: a file may come with a checkout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._display.words import did_you_mean, short
from .._document.api import NAME as API_NAME
from .._document.project import nearest_table
from ..errors import SpecError

KEYS: Mapping[str, tuple[type, ...]] = {
    "spec": (str,),
    "base_url": (str,),
    "headers": (dict,),
    "timeout": (int, float),
    "max_retries": (int,),
    "validate_requests": (str,),
    "validate_responses": (str,),
    "drift": (str,),
    "apis": (dict,),
}


@dataclass(frozen=True)
class Config:
    """``options`` are for `Client`; ``source``: the file they are from, empty where there is none."""

    source: str = ""
    spec: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def read(start: Path | None = None) -> Config:
    """The settings that hold in a folder.

    Raises:
        SpecError: the file cannot be read, or says something that is no setting.
    """
    table = nearest_table(start)
    return _config(*table) if table is not None else Config()


def _config(path: Path, table: Mapping[str, Any]) -> Config:
    for key, value in table.items():
        if key not in KEYS:
            remedy = did_you_mean(key, KEYS) or f"known are {', '.join(KEYS)}"
            raise SpecError(f"there is no setting {short(key)}", source=str(path), remedy=remedy)
        if not isinstance(value, KEYS[key]) or isinstance(value, bool):
            expected = " or ".join(kind.__name__ for kind in KEYS[key])
            raise SpecError(f"{key} cannot be used", source=str(path), found=short(value), expected=expected)
    spec = table.get("spec")
    if spec is not None and "://" not in spec and not _is_name(path, spec):
        spec = str(path.parent / spec)
    options = {key: value for key, value in table.items() if key not in ("spec", "apis")}
    if "drift" in options:
        options["drift"] = str(path.parent / options["drift"])
    return Config(str(path), spec, options)


def _is_name(path: Path, spec: str) -> bool:
    return API_NAME.fullmatch(spec) is not None and not (path.parent / spec).exists()
