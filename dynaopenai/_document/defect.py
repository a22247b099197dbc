"""A place in a document and what is wrong with it -> a Diagnostic; its line is found later, with all others."""

from __future__ import annotations

import re
from typing import Any

from ..errors import Diagnostic, SpecError
from .document import Node

LONGEST_CODE = 40


def defect(node: Node, code: str, message: str, remedy: str = "", severity: Any = "error") -> Diagnostic:
    """What is wrong with a node."""
    return Diagnostic(severity, code, message, node.document.name, node.place, None, remedy)


def from_error(node: Node, error: SpecError) -> Diagnostic:
    """What using a node raises."""
    message = f"{error.message}, found {error.found}" if error.found else error.message
    source, pointer = error.source or node.document.name, error.pointer or node.place
    return Diagnostic("error", code_of(error.message), message, source, pointer, error.line, error.remedy)


def code_of(message: str) -> str:
    """A diagnostic's code out of what it says, in whole words: ``$ref leads nowhere`` is ``ref-leads-nowhere``."""
    words = re.sub(r"[^a-z]+", "-", message.lower()).strip("-")
    return words if len(words) <= LONGEST_CODE else words[: LONGEST_CODE + 1].rpartition("-")[0]
