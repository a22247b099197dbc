"""Which operations a code base calls: its Python files, read and never run.

Rules of this file: an attribute or a text that is an operationId, or its snake_case name, counts; so does the verb
``dynaopenai call`` in a shell script. Rather one too many than one too few: what is found decides what is reported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .._client.naming import snake_case
from .._display.words import short_path
from ..errors import SpecError

MOST_BYTES = 4_000_000
SKIPPED = {".git", ".venv", "venv", "node_modules", "__pycache__", "site-packages", ".tox", "build", "dist"}


def used_in(source: Path, operation_ids: Iterable[str]) -> dict[str, list[str]]:
    """The operations that are used under ``source``, each with the places, ``app/chat.py:12``.

    Raises:
        SpecError: there is no such file or folder.
    """
    if not source.exists():
        raise SpecError(
            f"cannot read {short_path(source)}: there is no such file or folder", remedy="give the code's folder"
        )
    names: dict[str, str] = {}
    for operation_id in operation_ids:
        names.setdefault(operation_id, operation_id)
        names.setdefault(snake_case(operation_id), operation_id)
    found: dict[str, list[str]] = {}
    for path in _files(source):
        for name, line in _names(path):
            if name in names:
                place = f"{path.relative_to(source) if path != source else path.name}:{line}"
                places = found.setdefault(names[name], [])
                if place not in places:
                    places.append(place)
    return found


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for path in sorted(source.rglob("*")):
        hidden = SKIPPED.intersection(path.relative_to(source).parts)
        if path.suffix in (".py", ".sh", ".ipynb") and not hidden and path.is_file():
            yield path


def _names(path: Path) -> Iterator[tuple[str, int]]:
    try:
        text = path.read_bytes()[:MOST_BYTES].decode("utf-8", "replace")
    except OSError:
        return
    if path.suffix == ".py":
        tree = _tree(text)
        if tree is not None:
            yield from _python(tree)
            return
    for number, line in enumerate(text.splitlines(), 1):
        for word in re.findall(r"[A-Za-z_][\w.-]*", line):
            yield from ((part, number) for part in {word, *word.split(".")})


def _tree(text: str) -> ast.AST | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None  # not this Python's: its words then


def _python(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.end_lineno or node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno
