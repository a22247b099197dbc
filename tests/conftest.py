"""What tests of all rooms are given, and what a run of them says."""

from __future__ import annotations

import gc
import os
import sys

import pytest
from both import a_client, client
from progress import Progress

__all__ = ["a_client", "client"]

# Hundreds of processes are started: none of them compiles again what it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # a worker of xdist has no terminal
        config.pluginmanager.register(Progress())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a third of what tests take is waiting."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Ten thousand tests stay to the end: the garbage collector need not look at them each time."""
    gc.collect()
    gc.freeze()
