"""What came of a bulk, and what one would come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._checking import json as _json
from .watch import amount, duration


@dataclass(frozen=True)
class Bulk:
    """What came of a bulk.

    Attributes:
        output, failures: the files; there is none for failures where there were none.
        total: rows; earlier: rows that were answered before; done: rows answered now.
        invalid: answers that break the document; they are kept, with their violations.
        refused: rows not sent; failed: rows without an answer.
        tokens: what the answers of this run took.
        seconds: how long it took.
        stopped: why it stopped before its end, empty where it did not.
    """

    output: Path
    failures: Path
    total: int
    earlier: int
    done: int
    invalid: int
    refused: int
    failed: int
    tokens: int
    seconds: float
    stopped: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        """The counts, for a program."""
        return {**{name: str(value) if isinstance(value, Path) else value for name, value in vars(self).items()}, "left": self.left}

    @property
    def left(self) -> int:
        """Rows that were not asked for, since the run stopped."""
        return self.total - self.earlier - self.done - self.refused - self.failed

    def results(self) -> Iterator[dict[str, Any]]:
        """The lines of the output: ``row``, ``id``, ``data``, ``attempts``, and what else there is."""
        return _lines(self.output)

    def errors(self) -> Iterator[dict[str, Any]]:
        """The lines of the file of failures: ``row``, ``id``, ``error``, ``attempts``."""
        return _lines(self.failures) if self.failures.exists() else iter(())

    def __str__(self) -> str:
        counts = [f"{self.done + self.earlier:,} done" + (f" ({self.earlier:,} of them before)" if self.earlier else "")]
        counts += [f"{self.invalid:,} of the answers break the document"] * bool(self.invalid)
        counts += [f"{self.refused:,} refused before sending"] * bool(self.refused)
        counts += [f"{self.failed:,} failed"] * bool(self.failed)
        counts += [f"{self.left:,} left"] * bool(self.left)
        parts = [", ".join(counts), duration(self.seconds)]
        parts += [f"{amount(self.tokens)} tokens"] * bool(self.tokens)
        parts += [f"stopped: {self.stopped}"] * bool(self.stopped)
        parts += ["resume: the same line again"] * bool(self.left or self.failed)
        return "; ".join(parts)


@dataclass(frozen=True)
class Estimate:
    """What a run would send.

    Attributes:
        rows, refused: rows that would be sent, and those that would not.
        bytes: of all their bodies.
        tokens: in the texts of all of them; None where no tokeniser is installed.
    """

    rows: int
    refused: int
    bytes: int
    tokens: int | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """The counts, for a program."""
        return dict(vars(self))

    def __str__(self) -> str:
        parts = [f"{self.rows:,} rows to send", f"{self.bytes:,} bytes"]
        if self.tokens is not None:
            parts.append(f"{amount(self.tokens)} tokens")
        return ", ".join(parts) + (f"; {self.refused:,} refused" if self.refused else "")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            yield _json.decode(line)
