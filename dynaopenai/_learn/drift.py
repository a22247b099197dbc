"""What a server really answers, against what the document says of it: counted, with an example of each deviation.

Rules of this file:
1. Only the ``warn`` policy collects; nothing is kept anywhere but here, in memory, and in the file that was asked for; it is
   bounded.
2. What is collected can be said as an overlay that would make the document true (`Drift.overlay`).
"""

from __future__ import annotations

import json
import os
import threading
import warnings
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import ref

from .._display.frames import caller
from .._display.words import count
from .._response.data import Data
from ..errors import DynaOpenAIError, DynaOpenAIWarning, SpecError

if TYPE_CHECKING:
    from os import PathLike

    from .._checking.contract import Contract
    from .._checking.known import Mark
    from .._response.response import Response
    from .deviation import Deviation
    from .learn import Overlay
    from .sample import Sample

MOST = 2_000  # deviations
MOST_SAMPLES = 200  # whole answers that an overlay is tried on
MOST_CHARACTERS = 200_000  # of such an answer


CONTAINERS = (dict, list, Data)


class Ground:
    """What is known of one kind of answer: the outlines and the faults that it has had, and the deviations that these are."""

    def __init__(self, contract: Contract, answer: Sample) -> None:
        from .deviation import schema_of

        self._schema = schema_of(contract, answer)
        self._outlines: dict[Any, list[Hashable]] = {}
        self._marks: dict[int, list[Hashable]] = {}

    def again(self, body: Any) -> Sequence[Hashable] | None:
        """The deviations of a body that differs in known ways only; None where it has to be looked at."""
        from .._checking.known import recalled

        if self._schema is None:
            return None
        try:
            found = [] if self._schema.is_valid(body) else recalled(self._schema, body)
        except UnicodeEncodeError:  # a lone surrogate
            return None
        return self.known(body, [mark for mark, _ in found]) if found is not None else None

    def known(self, body: Any, marks: Sequence[Mark]) -> Sequence[Hashable] | None:
        """The same, where it is known what is invalid in it."""
        found = self._outlines.get(_outline(body))
        if found is None or not marks:
            return found
        keys = list(found)
        for mark in marks:
            known = self._marks.get(id(mark))
            if known is None:
                return None
            keys += known
        return keys

    def learn(self, body: Any, deviant: Sequence[Deviation]) -> list[Hashable]:
        """The deviations that were found, to be known again."""
        from .._checking.known import recalled

        if self._schema is not None and len(self._outlines) < MOST:
            self._outlines[_outline(body)] = [each.key for each in deviant if not each.fault]
            for mark, _ in (recalled(self._schema, body) or ()) if any(each.fault for each in deviant) else ():
                self._marks[id(mark)] = [each.key for each in deviant if each.fault == mark.kind]
        return [each.key for each in deviant]


def _outline(value: Any) -> Any:
    """The names of the members of a value, at any depth: two values with the same have the same undeclared members."""
    if isinstance(value, dict):
        inner = [(name, _outline(item)) for name, item in value.items() if item.__class__ in CONTAINERS]
        return (*value, *inner) if inner else tuple(value)
    if not isinstance(value, list):
        return None
    if len(value) == 1:
        return frozenset([_outline(value[0]) if value[0].__class__ in CONTAINERS else None])
    return frozenset([_outline(item) if item.__class__ in CONTAINERS else None for item in value])


class Drift:
    """The deviations seen so far. Thread-safe.

    Args:
        path: a file to which they are added, when something new is seen, when the client is closed and at the end of the process.
    """

    def __init__(self, contract: Contract, path: str | PathLike[str] | None = None) -> None:
        self._contract, self.path = contract, path
        self._kept: tuple[int, dict[Hashable, int], set[str]] = (0, {}, set())  # what the file has been told already
        self._writing = threading.Lock()
        self._is_told = False  # that the file cannot be written
        if path is not None:
            import atexit

            from . import lasting as _lasting

            _lasting.read(path)  # no file of ours is told at once
            atexit.register(_saved, ref(self))
        self._lock = threading.Lock()
        self._found: dict[Hashable, Deviation] = {}
        self._counts: dict[Hashable, int] = {}
        self._grounds: dict[tuple[str, int, str], Ground] = {}
        self._answers: dict[str, Sample] = {}
        self.answers = 0

    def __repr__(self) -> str:
        return f"<Drift {count(len(self), 'deviation')} in {count(self.answers, 'answer')}>"

    def __str__(self) -> str:
        head = f"{count(len(self), 'deviation')} in {count(self.answers, 'answer')}"
        return "\n".join([head, *(f"  {deviation}" for deviation in self)])

    def __iter__(self) -> Iterator[Deviation]:
        with self._lock:
            found = [replace(deviation, count=self._counts[key]) for key, deviation in self._found.items()]
        return iter(sorted(found, key=lambda each: (each.operation_id, each.status, each.path, each.message)))

    def __len__(self) -> int:
        return len(self._found)

    def moved(self, contract: Contract) -> Drift:
        """The same under another document: what it says now is no deviation any more, the rest is still known."""
        self.save()
        made = Drift(contract, self.path)
        with self._lock:
            made._answers, made.answers = dict(self._answers), self.answers  # of the same class
            settled = {key for each in self._answers.values() for key in self._settled(contract, each)}
            made._found = {key: each for key, each in self._found.items() if key not in settled}
            made._counts = {key: self._counts[key] for key in made._found}
        return made

    def _settled(self, contract: Contract, answer: Sample) -> set[Hashable]:
        """What was a deviation in an answer and is none under another document."""
        from .deviation import deviations

        if answer.operation_id not in contract.openapi.entries:
            return {key for key, each in self._found.items() if each.operation_id == answer.operation_id}
        try:
            after = {each.key for each in deviations(contract, answer)}
        except SpecError:
            return set()
        return {each.key for each in deviations(self._contract, answer)} - after

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for kept in (self._found, self._counts, self._grounds, self._answers):
                kept.clear()
            self.answers, self._kept = 0, (0, {}, set())

    def saw(self, response: Response, body: Any) -> None:
        """Look at what an answer brought, and remember how it differs."""
        from .._response.binary import Unread
        from .deviation import deviations
        from .sample import Sample

        is_file = isinstance(body, Unread)
        kept = None if is_file else body
        answer = Sample(response.operation_id, response.status_code, response.scrubber.text(response.content_type), kept, is_file)
        ground = self._ground(answer)
        found, is_new = ground.again(kept), False
        if found is None:
            answer = replace(answer, body=response.scrubber.value(kept))
            deviant = list(deviations(self._contract, answer))
            found = ground.learn(kept, deviant)
            is_new = self._note(answer, deviant)
        with self._lock:
            self.answers += 1
            for key in dict.fromkeys(found):
                if key in self._counts:
                    self._counts[key] += 1
        if is_new:
            self.save()

    def saw_each(self, response: Response, items: Sequence[Any], marks: Sequence[Sequence[Mark]]) -> None:
        """Look at items that came together, and of which it is known what is invalid."""
        from .sample import Sample

        ground = self._ground(Sample(response.operation_id, response.status_code, response.content_type))
        counts: dict[Hashable, int] = {}
        fresh = []
        for item, wrong in zip(items, marks, strict=True):
            keys = ground.known(item, wrong)
            if keys is None:
                fresh.append(item)
            else:
                for key in keys:
                    counts[key] = counts.get(key, 0) + 1
        with self._lock:
            self.answers += len(items) - len(fresh)
            for key in counts.keys() & self._counts.keys():
                self._counts[key] += counts[key]
        for item in fresh:
            self.saw(response, item)

    def _ground(self, answer: Sample) -> Ground:
        key = (answer.operation_id, answer.status, answer.content_type)
        ground = self._grounds.get(key)
        if ground is None:
            ground = self._grounds[key] = Ground(self._contract, answer)
        return ground

    def _note(self, answer: Sample, deviant: list[Deviation]) -> bool:
        with self._lock:
            before = len(self._found)
            for deviation in deviant:
                if deviation.key not in self._found and len(self._found) < MOST:
                    self._found[deviation.key], self._counts[deviation.key] = deviation, 0
                    self._keep(answer)
            return len(self._found) > before

    def save(self) -> None:
        """Add to the file what it has not been told yet; nothing where there is no file. One that cannot be written costs no answer."""
        if self.path is None:
            return
        try:
            self._save(self.path)
        except (OSError, DynaOpenAIError) as error:
            if not self._is_told:
                self._is_told = True
                reason = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
                text = f"{os.fspath(self.path)} cannot be written: {reason}; how answers differ stays in client.drift"
                warnings.warn(text, DynaOpenAIWarning, stacklevel=caller())

    def _save(self, path: str | PathLike[str]) -> None:
        from . import lasting as _lasting

        with self._writing:
            before = answers, counts, samples = self._kept
            with self._lock:
                fresh = [replace(each, count=self._counts[key] - counts.get(key, 0)) for key, each in self._found.items()]
                kept = {text: each for text, each in self._answers.items() if text not in samples}
                self._kept = (self.answers, dict(self._counts), samples | kept.keys())
                answers = self.answers - answers
            found = _lasting.without_texts([each for each in fresh if each.count])
            if answers or found:
                try:
                    _lasting.add(path, _lasting.Seen(answers, found, tuple(_lasting.blank(self._contract, kept.values()))))
                except BaseException:
                    self._kept = before  # it is told the next time
                    raise

    def _keep(self, answer: Sample) -> None:
        import copy

        text = json.dumps([answer.operation_id, answer.status, answer.content_type, answer.body], default=str)
        if len(self._answers) < MOST_SAMPLES and len(text) <= MOST_CHARACTERS:
            self._answers.setdefault(text, replace(answer, body=copy.deepcopy(answer.body)))

    @property
    def samples(self) -> list[Sample]:
        """Answers that differed, as far as they were kept."""
        with self._lock:
            return list(self._answers.values())

    def overlay(self) -> Overlay:
        """An overlay that would make the document true; it has no actions where nothing differed."""
        from .learn import learned

        return learned(self._contract.document, self.samples)

    def write(self, path: str | PathLike[str]) -> None:
        """Write `overlay` to a file, as YAML, or as JSON where the file is called so."""
        self.overlay().write(path)


def _saved(kept: ref[Drift]) -> None:
    drift = kept()
    if drift is not None:
        with suppress(OSError, DynaOpenAIError):
            drift.save()
