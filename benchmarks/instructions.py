"""Instructions instead of seconds: what callgrind counts does not depend on the machine's load.

Counted is the difference between a longer and a shorter run, so that imports and the first call drop out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess

from .environment import PYTHON, ROOT

SHORT, LONG = 20, 60

CODE = """
from benchmarks.contenders import CONTENDERS
contender = CONTENDERS[{name!r}]({url!r})
for _ in range({calls}):
    contender.{work}()
"""
WORK = {
    "dynaopenai": ("dynaopenai", "chat"),
    "dynaopenai, unchecked": ("dynaopenai", "chat_unchecked"),
    "openai": ("openai", "chat"),
    "requests": ("requests", "chat"),
}


def per_call(url: str) -> dict[str, float]:
    """Instructions of one chat call by contender; empty where valgrind is not installed."""
    if shutil.which("valgrind") is None:
        return {}
    for name in WORK:
        subprocess.run([str(PYTHON), "-c", _code(url, name, 1)], cwd=ROOT, check=True)  # warms what is kept on disk
    return {name: (_counted(url, name, LONG) - _counted(url, name, SHORT)) / (LONG - SHORT) for name in WORK}


def _counted(url: str, name: str, calls: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(PYTHON), "-c", _code(url, name, calls)]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        msg = "callgrind said no count"
        raise RuntimeError(msg)
    return int(found[1])


def _code(url: str, name: str, calls: int) -> str:
    contender, work = WORK[name]
    return CODE.format(name=contender, url=url, calls=calls, work=work)
