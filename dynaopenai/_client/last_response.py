"""The last answer that came to a client, where it was called: each thread and each task has its own.

Rules of this file:
1. Only what is told of an answer is kept, not its data: a last answer of a gigabyte would stay until the next.
2. A task begins with what was there when it was made, and what comes to it is seen by nobody else (PEP 567).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from weakref import ref

from .._response.response import Response

MOST = 8  # clients whose last answers are kept without looking whether they are still there

_LAST: ContextVar[Mapping[ref[Any], Response]] = ContextVar("dynaopenai.last_response", default={})  # noqa: B039 - never changed


def keep(owner: object, response: Response | None) -> None:
    """Take an answer for the last of ``owner``."""
    if response is not None:
        known = _LAST.get()
        if len(known) > MOST:
            known = {each: kept for each, kept in known.items() if each() is not None}
        _LAST.set({**known, ref(owner): response.facts()})


def last(owner: object) -> Response | None:
    """The last answer of ``owner`` here; None where there was none."""
    return _LAST.get().get(ref(owner))
