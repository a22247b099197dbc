"""What passed, kept on the disk until the end: then a cassette, and the corrections that it asks of the document."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

from .._checking.contract import Contract
from .._display.words import count
from .._learn import exchange as _exchange
from .._learn.exchange import Exchange
from .._learn.learn import learn
from .._learn.scrub import scrubbed
from .court import Passed

logger = logging.getLogger("dynaopenai.proxy")


class Recorder:
    """Takes exchanges, one at a time, and writes what was asked for when it ends.

    Args:
        record: where the cassette goes; None for none.
        overlay: where the corrections go; None for none.
        base_url: below which the operations' paths stand.
    """

    def __init__(self, contract: Contract, record: Path | None, overlay: Path | None, base_url: str) -> None:
        self._contract, self._record, self._overlay, self._base_url = contract, record, overlay, base_url
        self._spool = TemporaryFile()  # noqa: SIM115 - it is closed when it has been written
        self._taken = self._left_out = 0

    def take(self, passed: Passed) -> None:
        """Keep an exchange, without its secrets; not one that was never sent, or whose bodies were not kept."""
        if not passed.exchange.status:
            return
        if passed.is_whole:
            pickle.dump((passed.operation_id, passed.exchange), self._spool)
            self._taken += 1
        else:
            self._left_out += 1

    def write(self) -> None:
        """Write the files.

        Raises:
            OSError: that cannot be done.
        """
        with self._spool:
            found = list(self._read())
        exchanges = scrubbed((exchange for _, exchange in found), self._contract)  # of what a later one showed to be secret
        if self._record is not None:
            api, ids = self._contract.openapi, [operation_id for operation_id, _ in found]
            _exchange.write(self._record, api.title, api.api_version, zip(ids, exchanges, strict=True))
            logger.info("%s: %s", self._record, count(len(found), "exchange"))
        if self._overlay is not None:
            overlay = learn(self._contract.document, exchanges, base_url=self._base_url)
            self._overlay.parent.mkdir(parents=True, exist_ok=True)
            overlay.write(self._overlay)
            logger.info("%s: %s", self._overlay, overlay)
        if self._left_out:
            logger.warning("%s not recorded: their bodies were too large", count(self._left_out, "exchange"))

    def _read(self) -> Iterator[tuple[str | None, Exchange]]:
        self._spool.seek(0)
        for _ in range(self._taken):
            yield pickle.load(self._spool)  # noqa: S301 - written by `take`, to a file that has no name
