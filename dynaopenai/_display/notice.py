"""A line for the person at the terminal, beside what a program prints."""

from __future__ import annotations

import sys


def tell(line: str) -> None:
    """What is fetched is said where a person sees it."""
    sys.stderr.write(f"dynaopenai: {line}\n")
