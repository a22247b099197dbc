"""How a bulk goes: how fast, how far, and what of its rows are arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

from .run import Bounds


@dataclass(frozen=True)
class Options:
    """How a bulk goes.

    Attributes:
        concurrency: calls at once, at most.
        rpm, tpm: calls and tokens a minute, at most; 0 for what the server bears.
        invalid: ``stop`` sends nothing where a row breaks the document, ``skip`` goes on without such rows.
        id: the column that names a row; a hash of its arguments where left out.
        ignore: columns that are no arguments.
        words: arguments of all rows as words of the command line, with ``{column}`` filled in.
        ordered: the output ends in the order of the rows, not of the answers.
        tries: of one row, before it counts as failed.
        max_errors, max_tokens_total, until: failed rows, tokens, and the time (`time.time`; `map` takes a datetime) at which it stops.
        anew: go on with the ledger of a run that had another document or other shared arguments.
        engine: None for this process, ``dask`` or a scheduler's address for a cluster.
        show: whether progress is shown on standard error.
    """

    concurrency: int = 32
    rpm: float = 0
    tpm: float = 0
    invalid: Literal["stop", "skip"] = "stop"
    id: str = ""
    ignore: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    ordered: bool = False
    tries: int = 5
    max_errors: int | None = None
    max_tokens_total: int | None = None
    until: float | None = None
    anew: bool = False
    engine: str | None = None
    show: bool = True

    def __post_init__(self) -> None:
        for name in ("concurrency", "tries"):
            self._expect(name, "a count of 1 or more", lambda value: _is_number(value, int) and value >= 1)
        for name in ("rpm", "tpm"):
            self._expect(name, "calls or tokens a minute, 0 for no limit", lambda value: _is_number(value, int, float) and value >= 0)
        for name in ("max_errors", "max_tokens_total"):
            self._expect(name, "a count, or None", lambda value: value is None or _is_number(value, int))
        self._expect("until", "seconds as of time.time(), or None", lambda value: value is None or _is_number(value, int, float))
        for name in ("words", "ignore"):
            self._expect(name, "a list of texts", lambda value: all(isinstance(each, str) for each in value))
        self._expect("invalid", '"stop" or "skip"', lambda value: value in ("stop", "skip"))

    def _expect(self, name: str, expected: str, holds: Callable[[Any], bool]) -> None:
        value = getattr(self, name)
        if not holds(value):
            msg = f"{name}: found {value!r}, expected {expected}"
            raise ValueError(msg)

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.tries, self.max_errors, self.max_tokens_total, self.until)


OPTIONS = frozenset(option.name for option in fields(Options))


def _is_number(value: Any, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)
