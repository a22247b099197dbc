"""What tests of all rooms are given, and what a run of them says."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from both import a_client, client
from hypothesis import HealthCheck, settings
from progress import Progress

__all__ = ["a_client", "client"]

# Hundreds of processes are started: none of them compiles again what it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Nothing here is timed: a busy machine is no defect, nor is Hypothesis's own reading of every module at its first draw,
# which is seconds where a module is new, and counts as the draw's.
settings.register_profile("untimed", deadline=None, suppress_health_check=[*settings.default.suppress_health_check, HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of an authority that nobody knows, for 127.0.0.1; ``key.pem`` is beside it."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem"


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
