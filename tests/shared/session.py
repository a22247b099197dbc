"""Whether what was printed is what a page shows: ports are masked, and ``...`` stands for anything."""

from __future__ import annotations

import doctest
import re


def masked(text: str) -> str:
    """Without ports, and without blank lines, which would end what doctest expects."""
    kept = [line for line in text.splitlines() if line.strip()]
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:N", "\n".join(kept)) + "\n"


def agree(wanted: str, found: str) -> bool:
    """Is the one the other?"""
    return doctest.OutputChecker().check_output(masked(wanted), masked(found), doctest.ELLIPSIS)
