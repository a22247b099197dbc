"""Python's garbage collector rests while something large is made: none of it can be garbage yet.

Looking for garbage among it, again and again as it grows, takes longer than making it, and the more the larger it is.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting() -> Iterator[None]:
    """For all threads, until the first that let it rest is done: it does not stay away for as long as many take turns."""
    was_on = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_on:
            gc.enable()
