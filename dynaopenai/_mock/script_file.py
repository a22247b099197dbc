"""A file of answers (YAML or JSON) -> registrations, for tests in any language: what `MockOperation` takes, said as data.

Rules of this file:
1. Operations by their names; of each one answer, or a list of them, given in turn.
2. An answer is ``returns``, ``raises``, ``streams`` or ``file`` (a path beside the file), with the options of that method
   beside it, and ``when`` with the arguments that it is for.
3. What is wrong is told with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._checking import json as _json
from .._display.words import did_you_mean, one_of, short
from .._document.document import Document, Node, load
from ..errors import SpecError, UnknownOperationError
from .given_answer import RegistrationError
from .registration import MockOperation, Registration
from .script import Scripted

OPTIONS: Mapping[str, frozenset[str]] = {
    "returns": frozenset({"status", "content_type", "headers", "completed"}),
    "file": frozenset({"status", "content_type", "headers"}),
    "raises": frozenset({"message", "code", "type", "param", "retry_after", "headers"}),
    "streams": frozenset({"status", "headers"}),
}

SHAPE = "operations by their names, with their answers: {getThing: {returns: {...}}}"


def register(path: str | Path, mock: Scripted) -> None:
    """Give a mock the answers of a file.

    Raises:
        SpecError: the file cannot be read, or says what is no answer of the document.
    """
    document = _read(Path(path))
    for name, node in document.node.children():
        try:
            operation = getattr(mock, name) if name.isidentifier() else mock[name]
        except UnknownOperationError as error:
            raise node.error(str(error)) from None
        if not isinstance(operation, MockOperation):
            raise node.error(f"{short(name)} is a tag, expected an operation")
        entries = [child for _, child in node.children()] if isinstance(node.value, list) else [node]
        groups: dict[bytes, Registration] = {}
        for entry in entries:
            _register(entry, operation, groups, Path(path).parent)


def _read(path: Path) -> Document:
    try:
        return load(path)
    except SpecError as error:
        if "openapi" not in error.expected.lower():
            raise
        raise SpecError("this is no file of answers", source=error.source, found=error.found or "nothing", expected=SHAPE) from None


def _register(entry: Node, operation: MockOperation, groups: dict[bytes, Registration], folder: Path) -> None:
    given = entry.value
    kinds = [name for name in OPTIONS if isinstance(given, dict) and name in given]
    if len(kinds) != 1:
        raise entry.error(f"found {short(given)}, expected one of {one_of(list(OPTIONS))}")
    (kind,) = kinds
    options = {name: value for name, value in given.items() if name not in (kind, "when")}
    for name in options:
        if name not in OPTIONS[kind]:
            remedy = did_you_mean(name, [*OPTIONS[kind], "when"])
            raise entry.error(f"{short(name)} says nothing beside {kind}", remedy=remedy)
    try:
        _give(given, kind, options, operation, groups, folder)
    except RegistrationError as error:
        raise entry.error(str(error)) from None
    except OSError as error:
        raise entry.error(f"cannot read {short(str(given[kind]))}: {error.strerror}", remedy="a path beside the file of answers") from None
    except (TypeError, ValueError) as error:
        raise entry.error(f"found an answer that cannot be given: {short(str(error), 200).strip(chr(34))}") from None


def _give(
    given: Mapping[str, Any],
    kind: str,
    options: dict[str, Any],
    operation: MockOperation,
    groups: dict[bytes, Registration],
    folder: Path,
) -> None:
    wanted = given.get("when") or {}
    key = _json.encode(wanted)
    if key not in groups:
        groups[key] = operation.when(**wanted) if wanted else operation.always
    if kind == "raises":
        message = options.pop("message", None)
        groups[key].raises(given[kind], *([] if message is None else [message]), **options)
    elif kind == "file":
        groups[key].returns((folder / given[kind]).read_bytes(), **options)
    else:
        getattr(groups[key], kind)(given[kind], **options)
