"""Rows -> the calls to be made: each row checked and known by its identity before anything is sent.

The rows are read twice: once to check them all and enter them in the ledger, once to send those that are pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

from .._checking import json as _json
from .._display.words import short
from .._request.words import WordError
from ..errors import RequestValidationError, Violation
from .ledger import Ledger, key_of
from .rows import Row, Rows
from .run import Task
from .template import Template

Check = Callable[[Mapping[str, Any]], list[Violation]]


@dataclass(frozen=True)
class Surveyed:
    """A row that was looked at. ``error``: why it is not sent; ``is_answered``: whether the output has its answer."""

    row: Row
    identity: str = ""
    is_answered: bool = False
    error: Exception | None = None

    @property
    def words(self) -> str:
        """What is wrong with it, in one line."""
        if isinstance(self.error, RequestValidationError):
            first, *others = self.error.violations
            return str(first) + (f" (and {len(others)} more)" if others else "")
        return str(self.error or "")


@dataclass(frozen=True)
class Plan:
    """The calls of one run. ``salt``: what tells its Idempotency-Keys from those of other runs."""

    operation_id: str
    rows: Rows
    template: Template
    check: Check
    ledger: Ledger
    salt: bytes

    def survey(self) -> Iterator[Surveyed]:
        """Every row, checked and entered in the ledger."""
        self.ledger.begin_pass()
        for row in self.rows.read():
            yield self._surveyed(row)

    def _surveyed(self, row: Row) -> Surveyed:
        try:
            keywords, identity = self._known(row)
        except (WordError, ValueError) as error:
            return Surveyed(row, error=error)
        key = key_of(identity)
        if self.ledger.is_answered(key):
            self.ledger.add(key, row.number, refused=False)
            return Surveyed(row, identity, is_answered=True)
        violations = self.check(keywords)
        self.ledger.add(key, row.number, refused=bool(violations))
        return Surveyed(row, identity, error=RequestValidationError(self.operation_id, violations) if violations else None)

    def tasks(self) -> Iterator[Task]:
        """The calls that are still to be made, in the order of their rows."""
        self.ledger.begin_pass()
        for row in self.rows.read():
            try:
                keywords, identity = self._known(row)
            except (WordError, ValueError):
                continue  # refused by the survey
            key = key_of(identity)
            if self.ledger.is_pending(key):
                yield Task(row.number, identity, key, self._idempotency_key(key), keywords)

    def _idempotency_key(self, key: bytes) -> str:
        return "dynaopenai-" + blake2b(key, key=self.salt[:64], digest_size=16).hexdigest()

    def _known(self, row: Row) -> tuple[dict[str, Any], str]:
        if row.problem:
            raise ValueError(row.problem)
        keywords = self.template.fill(row)
        name = self.template.identity
        if not name:
            identity = self._hash(keywords)
            times = self.ledger.occurrence(key_of(identity))
            return keywords, identity if times == 1 else f"{identity}-{times}"
        if name not in row.columns:
            raise ValueError(f"the row has no {short(name)}, which names the rows")
        value = row.columns[name]
        identity = value if isinstance(value, str) else _json.encode(known(value)).decode()
        if self.ledger.occurrence(key_of(identity)) > 1:
            raise ValueError(f"{name}: found {short(identity)} again, expected a value of its own in every row")
        return keywords, identity

    def _hash(self, keywords: Mapping[str, Any]) -> str:
        return blake2b(self._prefix + _json.encode(known(keywords)), digest_size=16).hexdigest()

    @cached_property
    def _prefix(self) -> bytes:
        return self.operation_id.encode() + b"\n"


def known(value: Any) -> Any:
    """``value``, whatever it is, as JSON by which it is known again: members in one order, contents by their hash."""
    if isinstance(value, Mapping):
        return {str(name): known(value[name]) for name in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [known(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": blake2b(value, digest_size=16).hexdigest()}
    if isinstance(value, Path):
        return {"file": str(value)}
    return {"value": repr(value)}
