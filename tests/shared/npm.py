"""Packages of npm in a folder of their own, for clients in JavaScript."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def installed(folder: Path, *packages: str) -> Path:
    """``folder`` with the packages in it; skips where node is not to be had, or the registry is not."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not on this machine")
    (folder / "package.json").write_text('{"private": true}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", *packages]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{packages[0]} could not be installed in time")
    if done.returncode:
        pytest.skip(f"{packages[0]} could not be installed: {done.stderr[-200:]}")
    return folder
