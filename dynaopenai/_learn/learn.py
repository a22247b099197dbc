"""A document and recorded exchanges -> the overlay under which the document is true of them.

Rules of this file:
1. Nothing is claimed: the samples are checked against the corrected document, and repairs go on until they pass, or until
   nothing more can be repaired; what is left is told.
2. A correction reaches no further than its evidence: not to what others send or are answered, unless that is wanted; what
   an answer shows never relaxes what may be sent.
3. The order of the exchanges makes no difference, and what is true already adds nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from .._checking.contract import Contract
from .._display.words import count
from .._document.document import Document, Library, Source, load
from .._document.overlay import act, apart
from ..errors import SpecError
from .deviation import Deviation, deviations
from .exchange import Exchange
from .fork import Uses, fork, owner
from .recording import read
from .repair import Action, Case, repairs
from .sample import Routes, Sample, samples, together
from .scrub import scrubbed

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Overlay", "learn"]

Traffic = Union[str, "os.PathLike[str]", Exchange, Iterable[Any], Any]
ROUNDS = 60  # a repair may uncover the next deviation in the same place
TITLE = "What the server really does"


class Overlay(dict[str, Any]):
    """An overlay as `Client` takes it (``overlays=[overlay]``), with what it rests on.

    Attributes:
        samples: how many bodies it was made from; ``strangers``: how many exchanges were of no operation.
        left: the deviations that no action mends.
    """

    def __init__(self, actions: Sequence[Action], made_for: str = "") -> None:
        head = {"overlay": "1.1.0", "info": {"title": TITLE, "version": "1.0.0"}}
        super().__init__({**head, **({"x-made-for": made_for} if made_for else {}), "actions": list(actions)})
        self.samples, self.strangers = 0, 0
        self.left: list[Deviation] = []

    def __str__(self) -> str:
        evidence = {_line(each): int(each["seen"]) for action in self["actions"] for each in action.get("x-evidence", ())}
        head = f"{count(len(self['actions']), 'action')} from {count(self.samples, 'body')}"
        lines = [f"{head}, {count(self.strangers, 'exchange')} of no operation" if self.strangers else head]
        lines += sorted(evidence, key=lambda line: -evidence[line])
        if self.left:
            lines += [f"{count(len(self.left), 'deviation')} left:", *(f"  {deviation}" for deviation in self.left)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Overlay of {count(len(self['actions']), 'action')}>"

    def write(self, path: str | PathLike[str]) -> None:
        """Write it to a file, as YAML, or as JSON where the file is called so."""
        text = json.dumps(self, indent=2) if str(path).endswith(".json") else self.yaml()
        Path(path).write_text(text, "utf-8")

    def yaml(self) -> str:
        """It as YAML."""
        import yaml

        return str(yaml.safe_dump(json.loads(json.dumps(self)), sort_keys=False, allow_unicode=True, width=120))


def _line(evidence: Mapping[str, Any]) -> str:
    body = f"{evidence['side']} ({evidence['media_type']})" if "media_type" in evidence else evidence["side"]
    place = f"{body}.{evidence['path']}".rstrip(".")
    return f"  {evidence['operation']} {place}: {evidence['message']} ({evidence['seen']}x, first {evidence['first']})"


# --- learning ------------------------------------------------------------------------------------


def learn(
    document: Source,
    exchanges: Traffic,
    *,
    everywhere: bool = False,
    min_seen: int = 1,
    base_url: str | None = None,
) -> Overlay:
    """The corrections that recorded exchanges ask for.

    Args:
        document: what `Client` takes for a document.
        exchanges: exchanges; the path of a file of them, or several paths; a client, for what it has seen (`Client.drift`).
        everywhere: correct a component for all operations that are answered (or sent) it, not only for those that showed it.
        min_seen: how often a deviation must have been seen.
        base_url: below which the operations' paths stand, where the document does not say.

    Raises:
        SpecError: the document cannot be used.
        DynaOpenAIError, OSError: the exchanges cannot be read.
    """
    loaded = load(document)
    contract = Contract(loaded)
    routes = Routes(contract, base_url)
    sources = list(_each(exchanges))
    clean = scrubbed([each for each in sources if isinstance(each, Exchange)], contract)
    ids = [(routes.operation_of(exchange), exchange) for exchange in clean]
    shown = [sample for operation_id, exchange in ids if operation_id is not None for sample in samples(exchange, operation_id)]
    shown += [sample for each in sources if not isinstance(each, Exchange) for sample in each.drift.samples]
    made = learned(loaded, shown, everywhere=everywhere, min_seen=min_seen)
    made.strangers = sum(operation_id is None for operation_id, _ in ids)
    return made


def _each(source: Any) -> Iterator[Any]:
    """Exchanges, those of files among them; and clients."""
    if isinstance(source, (str, os.PathLike)):
        yield from read(source)
    elif isinstance(source, Exchange) or hasattr(source, "drift"):
        yield source
    else:
        for each in source:
            yield from _each(each)


def learned(document: Document, shown: Iterable[Sample], *, everywhere: bool = False, min_seen: int = 1) -> Overlay:
    """The same from samples."""
    work = _Work(document, together(shown), everywhere, min_seen)
    work.run()
    made = Overlay(work.actions, str((document.root.get("info") or {}).get("version", "")))
    made.samples, made.left = sum(sample.count for sample in work.samples), work.left
    return made


class _Work:
    """The document as corrected so far, and the samples that it is held against."""

    def __init__(self, document: Document, found: list[Sample], everywhere: bool, min_seen: int) -> None:
        self.document, self.samples, self.everywhere, self.min_seen = document, found, everywhere, min_seen
        self.root = apart(document.root)
        self.actions: list[Action] = []
        self.bare: list[Action] = []  # the same without what they rest on
        self.left: list[Deviation] = []

    def run(self) -> None:
        pending, is_all = self.samples, True
        for _ in range(ROUNDS):
            contract = self._contract()
            cases, deviating = self._cases(contract, pending)
            fresh = self._round(cases, contract.openapi.version < (3, 1)) if cases else []
            if not fresh and is_all:
                self.left = [replace(case.first, count=case.count) for case in cases]
                return
            pending, is_all = (deviating, False) if fresh else (self.samples, True)

    def _contract(self) -> Contract:
        document, library = self.document, Library(self.document.library.remote_refs)
        view = Document(document.uri, document.name, self.root, None, (), library)
        library.documents[view.uri] = view
        return Contract(view)

    def _cases(self, contract: Contract, pending: Sequence[Sample]) -> tuple[list[Case], list[Sample]]:
        cases: dict[tuple[str, ...], Case] = {}
        deviating: list[Sample] = []
        for sample in pending:
            try:
                found = list(deviations(contract, sample))
            except SpecError:
                continue  # a part of the document that cannot be used
            deviating += [sample] if found else []
            for deviation in found:
                place = deviation.way[-1].pointer if deviation.way else ""
                name = deviation.path if deviation.kind != "invalid" or place.endswith("/required") else ""
                kind = deviation.cause.keyword if deviation.cause is not None else deviation.kind
                key = (place, sample.side, deviation.kind, kind, name.rpartition(".")[2], _status(deviation))
                cases.setdefault(key, Case(deviation.way)).found.append((deviation, sample))
        return [cases[key] for key in sorted(cases) if cases[key].count >= self.min_seen], deviating

    def _round(self, cases: Sequence[Case], is_old: bool) -> list[Action]:
        """Repairs that do not meet: each sees the document as the round began."""
        uses = Uses(self.root)
        made: list[Action] = []
        touched: set[str] = set()
        forked: set[str] = set()
        for case in cases:
            if not case.way or any(node.document.uri != self.document.uri for node in case.way):
                continue  # in another document, where no overlay reaches
            components = {owner(node.pointer) for node in case.way}
            holder = case.pointer if case.first.kind != "invalid" else case.pointer.rpartition("/")[0]
            if forked & components or any(holder == at or holder.startswith(f"{at}/") for at in touched):
                continue
            wanted = self._forks(uses, case)
            if wanted:
                forked |= components
            else:
                try:
                    wanted = repairs(self.root, case, is_old)
                except (LookupError, TypeError, ValueError):
                    continue  # a converted document, where no overlay reaches
                touched.add(holder)
            if any({**action, "x-evidence": []} in self.bare for action in wanted):
                continue  # it was done, and did not help
            self.bare += [{**action, "x-evidence": []} for action in wanted]
            evidence = case.evidence()
            made += [{**action, "x-evidence": evidence} for action in wanted]
        act(self.root, Overlay(made))
        self.actions += made
        return made

    def _forks(self, uses: Uses, case: Case) -> list[Action]:
        """Copies for those that the case is about, where others use the same component."""
        component, side = owner(case.pointer), case.first.side
        users = uses.users.get(component, set())
        sides = self._meant(users, case, side)
        if not component.startswith("/components/") or users <= sides:
            return []
        operations = sorted({sample.operation_id for _, sample in case.found})
        name = side if self.everywhere or len(operations) > 1 else f"{operations[0]}.{side}"
        return fork(uses, component, sides, name)

    def _meant(self, users: Collection[str], case: Case, side: str) -> set[str]:
        if self.everywhere:
            return {each for each in users if each.endswith(f"/{side}")}
        return {owner(deviation.way[0].pointer) for deviation, _ in case.found}


def _status(deviation: Deviation) -> str:
    return str(deviation.status) if deviation.kind == "undeclared-status" else ""
