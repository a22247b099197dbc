"""Python's garbage collector rests while something large is made: none of it can be garbage yet.

Looking for garbage among it, again and again as it grows, takes longer than making it, and the more the larger it is.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_RESTING: set[int] = set()  # the threads for which it rests


@contextmanager
def resting() -> Iterator[None]:
    """For all threads, until the first that let it rest is done: it does not stay away for as long as many take turns.

    Where it is off already, it is not ours to be switched on.
    """
    if not gc.isenabled():
        yield
        return
    thread = threading.get_ident()
    _RESTING.add(thread)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        _RESTING.discard(thread)


def _awake() -> None:
    """In a forked process, the threads for which it rested are gone."""
    if _RESTING:
        _RESTING.clear()
        gc.enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_awake)
