"""Instructions instead of seconds: what callgrind counts does not depend on the machine's load.

Counted is the difference between a longer and a shorter run, so that imports and the first call drop out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable

from .environment import PYTHON, ROOT

SHORT, LONG = 20, 60

CODE = """
from benchmarks.contenders import CONTENDERS
contender = CONTENDERS[{name!r}]({url!r})
for _ in range({calls}):
    contender.chat()
"""


def per_call(url: str, names: Iterable[str]) -> dict[str, float]:
    """Instructions of one chat call by contender; empty where valgrind is not installed."""
    if shutil.which("valgrind") is None:
        return {}
    return {name: (_counted(url, name, LONG) - _counted(url, name, SHORT)) / (LONG - SHORT) for name in names}


def _counted(url: str, name: str, calls: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(PYTHON), "-c"]
    code = CODE.format(name=name, url=url, calls=calls)
    environment = {"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin", "HOME": str(ROOT / "build")}
    done = subprocess.run([*command, code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        msg = "callgrind said no count"
        raise RuntimeError(msg)
    return int(found[1])
