"""Work that begins with the process: import, first answer, a large upload. The code is what a user would write.

Each sample is a new interpreter. Its processor time comes from the system; memory from the process itself, at its end.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

from .answers import CHAT_REQUEST
from .contenders import KEY

MEMORY = """
import gc, sys
gc.collect()
with open("/proc/self/status") as status:
    facts = dict(line.split(":", 1) for line in status)
sys.stdout.write(" ".join(facts[name].split()[0] for name in ("VmRSS", "VmHWM")))
"""

CODE = {
    ("dynaopenai", "import"): "import dynaopenai",
    ("openai", "import"): "import openai",
    ("aiopenapi3", "import"): "import aiopenapi3",
    ("dynaopenai", "first"): """
from dynaopenai import Client
client = Client({document!r}, base_url={url!r}, api_key={key!r})
answer = client.createChatCompletion(**{request!r})
assert answer.choices[0].message.content
""",
    ("openai", "first"): """
from openai import OpenAI
client = OpenAI(base_url={url!r}, api_key={key!r})
answer = client.chat.completions.create(**{request!r})
assert answer.choices[0].message.content
""",
    ("requests", "first"): """
import requests
session = requests.Session()
answer = session.post({url!r} + "/chat/completions", json={request!r}, headers={{"Authorization": "Bearer " + {key!r}}})
assert answer.json()["choices"][0]["message"]["content"]
""",
    ("dynaopenai", "upload"): """
from pathlib import Path
from dynaopenai import Client
client = Client(base_url={url!r}, api_key={key!r})
assert client.createFile(file=Path({path!r}), purpose="fine-tune").id
""",
    ("openai", "upload"): """
from pathlib import Path
from openai import OpenAI
client = OpenAI(base_url={url!r}, api_key={key!r})
assert client.files.create(file=Path({path!r}), purpose="fine-tune").id
""",
}
CODE["aiopenapi3", "first"] = """
import sys
sys.path.insert(0, {root!r})
from benchmarks.contenders import Aiopenapi3
assert Aiopenapi3({url!r}.removesuffix("/v1"), {document!r}).chat()
"""


def sample(
    python: Path, name: str, work: str, url: str, root: Path, document: str | None = None, path: str = ""
) -> dict[str, float]:
    """One new process: seconds of wall clock and processor, mebibytes resident at its end and at its peak."""
    facts = {"url": f"{url}/v1", "key": KEY, "request": CHAT_REQUEST, "document": document, "path": path}
    code = CODE[name, work].format(root=str(root), **facts) + MEMORY
    start = time.perf_counter()
    process = subprocess.Popen([str(python), "-c", code], stdout=subprocess.PIPE, cwd=root / "build")
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        msg = f"{name} cannot do {work!r}: exit {process.returncode}; {json.dumps(code[:200])}"
        raise RuntimeError(msg)
    resident, peak = (int(text) / 1024 for text in said.split())
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "resident": resident, "peak": peak}
