"""Many calls and large files: sockets, threads and memory stay as they are.

Set DYNAOPENAI_SOAK=1 for the full size: 10,000 calls, 200 streams, 1 GiB each way.
"""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fault_server import FaultServer, Received, answer, stream
from small_api import client

FULL = os.environ.get("DYNAOPENAI_SOAK") == "1"
CALLS, STREAMS = (10_000, 200) if FULL else (600, 40)
SIZE = 1 << 30 if FULL else 96 << 20
ALLOWED = 64 << 20

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


def resident() -> int:
    """Bytes of memory in use, from the system."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def test_calls_and_streams_leave_nothing_behind() -> None:
    def serve(request: Received) -> bytes:
        server.received.clear()
        return stream(*({"n": index} for index in range(50)), "[DONE]") if request.target == "/stream" else answer({"id": "a" * 1000})

    with FaultServer(serve) as server, client(server.url) as api:
        for index in range(200):
            api.getThing("a")
            if index < 10:
                list(api.streamItems())
        gc.collect()
        before = resident(), open_files(), threading.active_count()
        for index in range(CALLS):
            assert len(api.getThing("a").id) == 1000
            if index % (CALLS // STREAMS) == 0:
                items = api.streamItems()
                assert next(items).n == 0
                if index % 2:
                    items.close()
                else:
                    assert len(list(items)) == 49
        gc.collect()
        after = resident(), open_files(), threading.active_count()

    print(f"{CALLS} calls, {STREAMS} streams: memory {before[0]:,} -> {after[0]:,}, files {before[1]} -> {after[1]}")  # noqa: T201
    assert after[0] - before[0] < 8 << 20
    assert after[1] <= before[1] + 2
    assert after[2] <= before[2] + 1


TRANSFER = """
import sys
from pathlib import Path
sys.path[:0] = ["tests/shared", "."]
from small_api import client

def peak():
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0])

url, size, directory = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
with client(url, timeout=600) as api:
    api.getThing("warm")
    idle = peak()
    saved = api.getFile().save(directory / "down")
    assert saved.stat().st_size == size
    down = peak()
    api.putFile(saved)
    api.sendFile(file=saved)
    up = peak()
print(idle, down, up)
"""


def test_large_files_take_little_memory(tmp_path: Path) -> None:
    """In a process of its own, since a peak is for ever."""
    with LargeFiles() as server:
        command = [sys.executable, "-c", TRANSFER, server.url, str(SIZE), str(tmp_path)]
        run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
        assert run.returncode == 0, run.stderr
        idle, down, up = (int(number) << 10 for number in run.stdout.split())

    print(f"{SIZE:,} bytes: peak above idle {down - idle:,} down, {up - idle:,} up")  # noqa: T201 - seen with -s
    assert server.uploaded[0] == SIZE
    assert SIZE < server.uploaded[1] < SIZE + 1000
    assert max(down, up) - idle < ALLOWED


class LargeFiles:
    """Gives `SIZE` bytes, and takes as many without keeping them."""

    def __init__(self) -> None:
        self.uploaded: list[int] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> LargeFiles:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rb") as file:
            while line := file.readline():
                headers = dict(part.decode().strip().lower().split(": ", 1) for part in iter(file.readline, b"\r\n"))
                length = int(headers.get("content-length", "0"))
                left = length
                while left:
                    left -= len(file.read(min(left, 1 << 16)))
                if length:
                    self.uploaded.append(length)
                if line.startswith(b"GET /file"):
                    connection.sendall(answer(b"", length=SIZE, content_type="application/octet-stream"))
                    for _ in range(SIZE >> 16):
                        connection.sendall(bytes(1 << 16))
                else:
                    connection.sendall(answer({"id": "a"}))
