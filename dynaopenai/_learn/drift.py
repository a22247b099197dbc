"""What a server really answers, against what the document says of it: counted, with an example of each deviation.

Rules of this file:
1. Only the ``warn`` policy collects; nothing is kept anywhere but here, in memory, and it is bounded.
2. What is collected can be said as an overlay that would make the document true (`Drift.overlay`).
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._checking.contract import Contract
from .._display.words import count
from .._response.binary import Binary
from .deviation import Answer, Deviation, deviations

if TYPE_CHECKING:
    from os import PathLike

    from .._response.response import Response

MOST = 2_000  # deviations
MOST_ANSWERS = 200  # whole answers that an overlay is tried on
MOST_CHARACTERS = 200_000  # of such an answer


class Drift:
    """The deviations seen so far. Thread-safe."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._lock = threading.Lock()
        self._found: dict[tuple[Any, ...], Deviation] = {}
        self._answers: dict[str, Answer] = {}
        self.answers = 0

    def __repr__(self) -> str:
        return f"<Drift {count(len(self), 'deviation')} in {count(self.answers, 'answer')}>"

    def __str__(self) -> str:
        head = f"{count(len(self), 'deviation')} in {count(self.answers, 'answer')}"
        return "\n".join([head, *(f"  {deviation}" for deviation in self)])

    def __iter__(self) -> Iterator[Deviation]:
        with self._lock:
            found = list(self._found.values())
        return iter(sorted(found, key=lambda each: (each.operation_id, each.status, each.path, each.message)))

    def __len__(self) -> int:
        return len(self._found)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._found.clear()
            self._answers.clear()
            self.answers = 0

    def saw(self, response: Response, body: Any) -> None:
        """Look at what an answer brought, and remember how it differs."""
        is_file = isinstance(body, Binary)
        kept = None if is_file else body
        answer = Answer(response.operation_id, response.status_code, response.content_type, kept, is_file)
        found = list(deviations(self._contract, answer))
        with self._lock:
            self.answers += 1
            for deviation in found:
                key = (deviation.kind, deviation.operation_id, deviation.status, deviation.path, deviation.message)
                known = self._found.get(key)
                if known is not None:
                    self._found[key] = replace(known, count=known.count + 1)
                elif len(self._found) < MOST:
                    self._found[key] = deviation
                    self._keep(answer)

    def _keep(self, answer: Answer) -> None:
        text = json.dumps([answer.operation_id, answer.status, answer.content_type, answer.body], default=str)
        if len(self._answers) < MOST_ANSWERS and len(text) <= MOST_CHARACTERS:
            self._answers.setdefault(text, replace(answer, body=copy.deepcopy(answer.body)))

    def overlay(self) -> dict[str, Any]:
        """An overlay that would make the document true; it has no actions where nothing differed."""
        from .repair import repair

        with self._lock:
            answers = list(self._answers.values())
        return repair(self._contract.document, answers)

    def write(self, path: str | PathLike[str]) -> None:
        """Write `overlay` to a file, as YAML, or as JSON where the file is called so."""
        from pathlib import Path

        import yaml

        made = self.overlay()
        as_json = str(path).endswith(".json")
        text = json.dumps(made, indent=2) if as_json else yaml.safe_dump(made, sort_keys=False, allow_unicode=True)
        Path(path).write_text(text, "utf-8")
