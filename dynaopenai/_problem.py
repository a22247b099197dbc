"""What is found wrong, as values: a `Violation` in a payload, a `Diagnostic` of a document; and both as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ._display.visible import visible
from ._display.words import short

SHOWN_VIOLATIONS = 5
REQUIRED_MISSING = "missing, expected since it is required"


@dataclass(frozen=True)
class Violation:
    """One place where a payload and the document disagree.

    Attributes:
        path: the place in the payload as a person would type it, ``messages[0].role``; empty for the whole.
        message: what was found and what was expected, without the path.
        value: what was found at ``path``.
        schema_path: JSON pointer of the broken keyword in the document, ``#/components/schemas/X/enum``.
        hint: what to do next, ``did you mean "system"?``; empty when there is nothing to add.
        source: file and line of ``schema_path``, ``openapi.yaml:31361``, where known.
        context: the object that it stands in, on a line, where the payload is too large for the path to show it.
    """

    path: str
    message: str
    value: Any = None
    schema_path: str = field(default_factory=str)  # a factory leaves nothing on the class, where `__getattr__` is asked
    hint: str = field(default_factory=str)
    source: str = field(default_factory=str)
    context: str = field(default_factory=str, compare=False)

    @classmethod
    def worded_by(cls, account: Any, path: str, value: Any) -> Violation:
        """One whose words are made when they are read: ``account`` has them, under the names that they have here."""
        violation = cls.__new__(cls)
        violation.__dict__.update(path=path, value=value, account=account)
        return violation

    def __getattr__(self, name: str) -> Any:
        account = self.__dict__.get("account")
        if account is None or name not in self.__dataclass_fields__:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        words = self.__dict__[name] = getattr(account, name)
        return words

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def __repr__(self) -> str:
        parts = {name: getattr(self, name) for name in ("path", "message", "schema_path", "hint", "source") if getattr(self, name)}
        facts = ", ".join(f"{name}={text!r}" for name, text in parts.items())
        return f"Violation({facts}, value={short(self.value)})"

    def __str__(self) -> str:
        line = f"{self.path}: {self.message}" if self.path else self.message
        return visible(f"{line}; {self.hint}" if self.hint else line)


@dataclass(frozen=True)
class Diagnostic:
    """One defect of a document that did not keep the rest of it from being used.

    Attributes:
        severity: ``"error"`` when the part cannot be used as written, ``"warning"`` when it was mended.
        code: a stable, hyphenated name, ``ref-leads-nowhere``.
        message: what was found and what was expected.
        source: file or URL of the document.
        pointer: JSON pointer to the place, ``#/paths/~1pets/get``; empty when only the line is known.
        line: 1-based line in ``source``, where known.
        remedy: what to change.
    """

    severity: Literal["error", "warning"]
    code: str
    message: str
    source: str = ""
    pointer: str = ""
    line: int | None = None
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        lines = [f"{place}: {self.severity}: {self.message} [{self.code}]"]
        if self.pointer:
            lines.append(f"  at      {self.pointer}")
        if self.remedy:
            lines.append(f"  remedy  {self.remedy}")
        return visible("\n".join(lines))


def violations_text(violations: Sequence[Violation]) -> str:
    """The violations as indented lines, the first few of them."""
    lines = []
    for violation in violations[:SHOWN_VIOLATIONS]:
        lines.append(f"  {violation.path}: {violation.message}" if violation.path else f"  {violation.message}")
        notes = [violation.hint] if violation.hint else []
        if violation.schema_path:
            source = f" ({violation.source})" if violation.source else ""
            notes.append(f"declared at {violation.schema_path}{source}")
        if notes:
            lines.append("    " + "   ".join(notes))
        if violation.context:
            lines.append(f"    in {violation.context}")
    if len(violations) > SHOWN_VIOLATIONS:
        lines.append(f"  … and {len(violations) - SHOWN_VIOLATIONS} more in error.violations")
    return "\n".join(lines)
