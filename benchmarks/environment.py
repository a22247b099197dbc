"""Where the measuring happens: the peers' venv, the server's process, and what to write beside every number."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build"
FOLDER = BUILD / "bench-venv"
PYTHON = FOLDER / "bin" / "python"
PEERS = ("openai==3.54.0", "aiopenapi3==0.11.0", "aiohttp>=3.14")
SHOWN = ("dynaopenai", "openai", "aiopenapi3", "aiohttp", "requests", "urllib3", "httpx2", "pydantic", "jiter", "jsonschema_rs")


def prepare() -> None:
    """The venv with this package and its peers, made on first use and when the pinned versions change."""
    stamp = FOLDER / "installed"
    wanted = "\n".join((*PEERS, (ROOT / "pyproject.toml").read_text("utf-8")))
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        sys.stderr.write(f"setting up {FOLDER.relative_to(ROOT)} ...\n")
        venv.create(FOLDER, with_pip=True, clear=True)
        pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, "-e", str(ROOT), *PEERS], check=True)
        stamp.write_text(wanted, "utf-8")
    os.environ["DYNAOPENAI_CACHE"] = str(BUILD / "bench-cache")
    for name in ("OPENAI_BASE_URL", "PYTHONDONTWRITEBYTECODE"):  # an installed package is compiled already
        os.environ.pop(name, None)


def upload_file(mebibytes: int) -> Path:
    """A file of that size, made once."""
    path = BUILD / f"bench-{mebibytes}.jsonl"
    if not path.is_file() or path.stat().st_size != mebibytes << 20:
        line = b'{"prompt": "' + b"x" * 1009 + b'"}\n'
        path.write_bytes(line * (mebibytes << 10))
    return path


@contextmanager
def server() -> Iterator[str]:
    """The URL of the server, which runs as long as it is needed."""
    command = [str(PYTHON), "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def facts() -> dict[str, str]:
    """What a reader must know to compare."""
    code = "import json, importlib.metadata as m, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    said = subprocess.run([str(PYTHON), "-c", code, *SHOWN], check=True, capture_output=True, text=True)
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "load": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        **json.loads(said.stdout),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
