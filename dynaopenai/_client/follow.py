"""A document that moves: looked for again, swapped in whole, and told; or pinned, so that it cannot move.

Rules of this file:
1. A swap is one assignment: who has begun on the old document finishes on it.
2. What cannot be read, or is not what was pinned, leaves the old document in service, with a warning.
3. A URL is asked only whether there is something newer than what is in service (RFC 9110 §13: ETag, Last-Modified).
4. A file that is still being written is waited for; what has lost half its operations is taken only by force.
"""

from __future__ import annotations

import json
import os
import threading
import time
import warnings
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._checking.contract import Contract
from .._display.frames import caller
from .._display.words import short_path
from .._document import source as _source
from .._document.api import Api
from .._document.discovery import fetch, is_url
from .._document.document import Document, Source, load, load_text
from ..errors import DynaOpenAIWarning, SpecError
from .engine import Engine

if TYPE_CHECKING:
    from .._diff.change import Change

LOCK = "dynaopenai.lock"
SETTLED = 0.2  # seconds after a change, in which a file may still be being written
LONGEST_WAIT = 5.0
SHOWN = 3  # actions of overlays that met nothing; all are among the diagnostics


class Changes(list["Change"]):
    """What a reload brought: a list of changes that reads as one line.

    Attributes:
        moved: whether another document is in service now.
        refused: why what was found was not taken; None where there was nothing to refuse.
    """

    def __init__(
        self, name: str, changes: Sequence[Change] = (), *, moved: bool = False, refused: SpecError | None = None
    ) -> None:
        super().__init__(changes)
        self.name, self.moved, self.refused = name, moved, refused

    def __repr__(self) -> str:
        if self.refused is not None:
            return f"<{self.name}: refused, the old document stays in service: {self.refused.message}>"
        if not self.moved:
            return f"<{self.name}: the same document>"
        found = [f"{sum(each.severity == name for each in self)} {name}" for name in ("breaking", "dangerous", "safe")]
        return f"<{self.name}: {', '.join(part for part in found if part[0] != '0') or 'nothing of meaning changed'}>"


class Swap:
    """One document in the place of another."""

    def __init__(self, before: Contract, after: Contract) -> None:
        self._before, self._after = before, after

    @cached_property
    def changes(self) -> Changes:
        from .._diff.diff import diff

        return Changes(self._after.document.name, diff(self._before, self._after), moved=True)


class Following:
    """Where a client's document comes from, and the engine that reads it now. Shared by all copies of a client."""

    def __init__(
        self,
        source: Source | Api,
        overlays: Sequence[Source],
        remote_refs: bool | Collection[str],
        local_refs: bool | Collection[str | os.PathLike[str]],
        refresh: float | None,
        pin: Any,
    ) -> None:
        if refresh is not None and (isinstance(refresh, bool) or not isinstance(refresh, (int, float)) or refresh <= 0):
            raise ValueError(f"refresh: found {refresh!r}, expected seconds, or None for never")
        self._source, self._overlays, self._remote_refs, self._local_refs = source, tuple(overlays), remote_refs, local_refs
        self._refresh, self._pin = refresh, pin
        self._marks: dict[str, str] = {}
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._swap: Swap | None = None
        self._engine: Engine | None = None
        self._base, self._marks = self._read()
        document = self._corrected(self._base)
        check_pin(document, pin)
        self.contract, self._document = Contract(document), document
        unmet = [diagnostic for diagnostic in document.diagnostics if diagnostic.code == "overlay-matches-nothing"]
        if unmet:
            more = f"\n  and {len(unmet) - SHOWN} more: client.diagnostics" if len(unmet) > SHOWN else ""
            warnings.warn("\n".join(map(str, unmet[:SHOWN])) + more, DynaOpenAIWarning, stacklevel=caller())
        self._next = time.monotonic() + refresh if refresh else None

    def start(self, engine: Engine) -> None:
        """Begin to follow, once the engine is made."""
        self._engine = engine

    @classmethod
    def standing(cls, engine: Engine) -> Following:
        """Of a document that comes from nowhere any more: a pickled client's."""
        made = cls(engine.contract.document, (), False, False, None, None)
        made.contract, made._engine = engine.contract, engine
        return made

    @property
    def engine(self) -> Engine:
        """The engine in service. Where a refresh is due, it is begun beside the call."""
        if self._next is not None and time.monotonic() >= self._next and self._looking.acquire(blocking=False):
            self._next = time.monotonic() + (self._refresh or 0)
            threading.Thread(target=self._look, name="dynaopenai-refresh", daemon=True).start()
        assert self._engine is not None
        return self._engine

    def _look(self) -> None:
        try:
            self.reload()
        finally:
            self._looking.release()

    # --- moving ----------------------------------------------------------------------------------

    def reload(self, *, force: bool = False) -> Changes:
        """Read the document again, and put it in service where it is another one; what changed is worked out by `changes`.

        Args:
            force: also where it has lost more than half its operations.
        """
        with self._lock:
            assert self._engine is not None
            old, name = self._engine.contract, self._document.name
            try:
                _wait_until_written(self._source)
                base, marks = self._read()
                document = self._corrected(base)
                if document.digest() == self._document.digest() and not _has_other_neighbours(document, old.document):
                    self._marks = marks
                    return Changes(name)
                check_pin(document, self._pin)
                contract = _replacement(document, old, force=force)
            except SpecError as error:
                message = f"the document was not replaced, the old one stays in service:\n{error}"
                warnings.warn(message, DynaOpenAIWarning, stacklevel=caller())
                return Changes(name, refused=error)
            self._base, self._document, self._marks, self._swap = base, document, marks, Swap(old, contract)
            fresh = Engine(contract, self._engine.transport, self._engine.taken)
            fresh.drift = self._engine.drift.moved(contract)
            self._engine = fresh
            return Changes(document.name, moved=True)

    def changes(self) -> Changes:
        """What the last swap changed; found out when it is asked for."""
        return self._swap.changes if self._swap is not None else Changes(self._document.name)

    def _corrected(self, document: Document) -> Document:
        if not self._overlays:
            return document
        from .._document.overlay import apply

        return apply(document, self._overlays)

    def _read(self) -> tuple[Document, dict[str, str]]:
        """The document, and what to ask with next time once it is in service."""
        source = self._source
        if isinstance(source, Api):
            from .._display.notice import tell
            from .._document.kept import text_of

            text = text_of(source, tell, now=self._engine is not None)
            data = text.text if isinstance(text.text, bytes) else text.text.encode()
            return load_text(data, text.uri, text.name, remote_refs=self._remote_refs), {}
        if not isinstance(source, str) or not is_url(source):
            return load(source, remote_refs=self._remote_refs, local_refs=self._local_refs), {}
        if self._engine is None:
            self._source, fetched = fetch(source)  # it is asked for there from now on
        else:
            newer = _source.fetch_newer(source, self._marks)
            if newer is None:
                return self._base, self._marks
            self._source, fetched = source, newer
        name = _source.name_of(self._source)
        return load_text(fetched.data, self._source, name, remote_refs=self._remote_refs), fetched.marks


def _wait_until_written(source: Source | Api) -> None:
    """Where a file has just changed, until it stays as it is for a moment."""
    if not isinstance(source, (str, os.PathLike)) or "\n" in str(source):
        return
    path, until = Path(source), time.monotonic() + LONGEST_WAIT
    with suppress(OSError, ValueError):  # no file: reading it says so
        before = path.stat()
        while time.time() - before.st_mtime < SETTLED and time.monotonic() < until:
            time.sleep(SETTLED / 4)
            seen, before = before, path.stat()
            if (seen.st_mtime_ns, seen.st_size) == (before.st_mtime_ns, before.st_size):
                return


def _has_other_neighbours(document: Document, old: Document) -> bool:
    """Whether a document that was read on the way of a ``$ref`` is another one now."""
    read = [each for each in list(old.library.documents.values()) if each.uri != old.uri]
    return any(document.node.follow(each.uri).document.digest() != each.digest() for each in read)


def _replacement(document: Document, old: Contract, *, force: bool) -> Contract:
    contract = Contract(document)
    before, after = len(old.openapi.entries), len(contract.openapi.entries)
    if before and not after:
        raise SpecError("the new document has no operations", source=document.name)
    if after * 2 < before and not force:
        raise SpecError(
            "the new document has lost more than half its operations", source=document.name,
            found=f"{after} of {before}", remedy="if it is meant so: client.reload(force=True)",
        )  # fmt: skip
    return contract


# --- pinning -------------------------------------------------------------------------------------


def write_pin(contract: Contract, path: str | os.PathLike[str]) -> str:
    """Write the hash of the document, with all the files that it is read with, to a file; returns it."""
    from .._document import neighbours as _neighbours

    document, api = contract.document, contract.openapi
    digest = f"sha256:{_neighbours.digest(document)}"
    facts: dict[str, Any] = {"document": document.name, "title": api.title, "version": api.api_version, "hash": digest}
    beside = [each.name for each in _neighbours.neighbours(document)]
    if beside:
        facts["files"] = beside
    Path(path).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return digest


def check_pin(document: Document, pin: str | os.PathLike[str] | None) -> None:
    """Hold a document against a hash, or against the file that `write_pin` wrote.

    Raises:
        SpecError: it is another document, or the file is none of ours.
    """
    if pin is None:
        return
    from .._document import neighbours as _neighbours

    wanted = pin if isinstance(pin, str) and pin.startswith("sha256:") else _pinned(Path(pin))
    found = f"sha256:{_neighbours.digest(document)}"
    if found != wanted:
        raise SpecError(
            "this is not the document that was pinned",
            source=document.name,
            found=found,
            expected=wanted,
            remedy="see what changed (dynaopenai diff), then pin it anew: client.pin()",
        )


def _pinned(path: Path) -> str:
    try:
        wanted = json.loads(_source.read_file(path))["hash"]
    except (ValueError, KeyError, TypeError) as error:
        raise SpecError(f"{short_path(path)} holds no pin", remedy="write one: client.pin(path)") from error
    return str(wanted)
