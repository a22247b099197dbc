"""In a test, who answers in the network's place stands under `requests`: calls under asyncio are led there as well."""

from __future__ import annotations

from contextlib import suppress

_standing: list[bool] = []  # those in force, the last one last


def begin(*, waits: bool) -> None:
    """Lead all calls to what stands under `requests`. ``waits``: whether it may take long, as the network does."""
    _standing.append(waits)


def end(*, waits: bool) -> None:
    """Lead them there no more."""
    with suppress(ValueError):
        _standing.remove(waits)


def stands() -> bool:
    """Whether one is in force."""
    return bool(_standing)


def waits() -> bool:
    """Whether one of them may take long."""
    return any(_standing)
