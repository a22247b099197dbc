"""A document that moves: looked for again, swapped in whole, and told; or pinned, so that it cannot move.

Rules of this file:
1. A swap is one assignment: who has begun on the old document finishes on it.
2. What cannot be read, or is not what was pinned, leaves the old document in service, with a warning.
3. A URL is asked only whether there is something newer (RFC 9110 §13: ETag, Last-Modified).
"""

from __future__ import annotations

import json
import os
import threading
import time
import warnings
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from .._checking.contract import Contract
from .._diff.change import Change
from .._display.frames import caller
from .._display.words import short_path
from .._document import source as _source
from .._document.document import Document, Source, load, load_text
from ..errors import DynaOpenAIWarning, SpecError
from .engine import Engine

LOCK = "dynaopenai.lock"


class Changes(list[Change]):
    """What a reload brought: a list of changes that reads as one line."""

    def __init__(self, name: str, changes: Sequence[Change] = (), *, moved: bool = False) -> None:
        super().__init__(changes)
        self.name, self.moved = name, moved

    def __repr__(self) -> str:
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
        source: Source,
        overlays: Sequence[Source],
        remote_refs: bool | Collection[str],
        refresh: float | None,
        pin: Any,
    ) -> None:
        if refresh is not None and (isinstance(refresh, bool) or not isinstance(refresh, (int, float)) or refresh <= 0):
            raise ValueError(f"refresh: found {refresh!r}, expected seconds, or None for never")
        self._source, self._overlays, self._remote_refs = source, tuple(overlays), remote_refs
        self._refresh, self._pin = refresh, pin
        self._marks: dict[str, str] = {}
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._swap: Swap | None = None
        self._base = self._read()
        document = self._corrected(self._base)
        check_pin(document, pin)
        self.contract, self._document = Contract(document), document
        for diagnostic in document.diagnostics:
            if diagnostic.code == "overlay-matches-nothing":
                warnings.warn(str(diagnostic), DynaOpenAIWarning, stacklevel=caller())
        self._engine: Engine | None = None
        self._next = time.monotonic() + refresh if refresh else None

    def start(self, engine: Engine) -> None:
        """Begin to follow, once the engine is made."""
        self._engine = engine

    @classmethod
    def standing(cls, engine: Engine) -> Following:
        """Of a document that comes from nowhere any more: a pickled client's."""
        made = cls(engine.contract.document, (), False, None, None)
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

    def reload(self) -> bool:
        """Read the document again, and put it in service where it is another one. Returns whether it is."""
        with self._lock:
            assert self._engine is not None
            old = self._engine.contract
            try:
                base = self._read()
                document = self._corrected(base)
                if document.digest() == self._document.digest() and not _has_other_neighbours(document, old.document):
                    return False
                check_pin(document, self._pin)
                contract = _replacement(document, old)
            except SpecError as error:
                message = f"the document was not replaced, the old one stays in service:\n{error}"
                warnings.warn(message, DynaOpenAIWarning, stacklevel=caller())
                return False
            self._base, self._document, self._swap = base, document, Swap(old, contract)
            self._engine = Engine(contract, self._engine.transport, self._engine.taken)
            return True

    def changes(self) -> Changes:
        """What the last swap changed; found out when it is asked for."""
        return self._swap.changes if self._swap is not None else Changes(self._document.name)

    def _corrected(self, document: Document) -> Document:
        if not self._overlays:
            return document
        from .._document.overlay import apply

        return apply(document, self._overlays)

    def _read(self) -> Document:
        source = self._source
        if not (isinstance(source, str) and source.lower().startswith(("http://", "https://"))) or "\n" in source:
            return load(source, remote_refs=self._remote_refs)
        fetched = _source.fetch_newer(source, self._marks)
        if fetched is None:
            return self._base
        self._marks = fetched.marks
        return load_text(fetched.data, source, _source.name_of(source), remote_refs=self._remote_refs)


def _has_other_neighbours(document: Document, old: Document) -> bool:
    """Whether a document that was read on the way of a ``$ref`` is another one now."""
    read = [each for each in list(old.library.documents.values()) if each.uri != old.uri]
    return any(document.node.follow(each.uri).document.digest() != each.digest() for each in read)


def _replacement(document: Document, old: Contract) -> Contract:
    contract = Contract(document)
    if old.openapi.entries and not contract.openapi.entries:
        raise SpecError("the new document has no operations", source=document.name)
    return contract


# --- pinning -------------------------------------------------------------------------------------


def write_pin(contract: Contract, path: str | os.PathLike[str]) -> str:
    """Write the document's hash to a file; returns it."""
    document, api = contract.document, contract.openapi
    digest = f"sha256:{document.digest()}"
    facts = {"document": document.name, "title": api.title, "version": api.api_version, "hash": digest}
    Path(path).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return digest


def check_pin(document: Document, pin: str | os.PathLike[str] | None) -> None:
    """Hold a document against a hash, or against the file that `write_pin` wrote.

    Raises:
        SpecError: it is another document, or the file is none of ours.
    """
    if pin is None:
        return
    wanted = pin if isinstance(pin, str) and pin.startswith("sha256:") else _pinned(Path(pin))
    found = f"sha256:{document.digest()}"
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
