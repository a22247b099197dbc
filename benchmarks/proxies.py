"""The validating proxy beside Prism's and Redocly's: ``python -m benchmarks.proxies --node FOLDER [--size MIB]``.

FOLDER is where ``npm install @stoplight/prism-cli @redocly/cli`` was done. Everything is on loopback: a server that writes down
what reaches it, one proxy at a time before it, and a client that reads bytes as they come. Nothing is stated in the table that
was not measured in that run.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .both_sides import DOCUMENT, PAUSE, SECRET, Upstream, answer_head, ask

MIB = 1 << 20

# --- the proxies -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contender:
    """A proxy. ``command``: of the port, the server behind, the document and a folder for what it writes; with or without strictness."""

    name: str
    command: Callable[[int, str, Path, bool], list[str]]


def contenders(node: Path) -> list[Contender]:
    bin_ = node / "node_modules" / ".bin"

    def ours(port: int, url: str, folder: Path, strict: bool) -> list[str]:
        kept = ["--record", str(folder / "passed.yaml")]
        validate = ["--validate", "strict" if strict else "warn"]
        return [
            sys.executable,
            "-m",
            "dynaopenai",
            "proxy",
            url,
            str(folder / "api.json"),
            "--port",
            str(port),
            *validate,
            *kept,
        ]

    def prism(port: int, url: str, folder: Path, strict: bool) -> list[str]:
        return [
            str(bin_ / "prism"),
            "proxy",
            str(folder / "api.json"),
            url,
            "-p",
            str(port),
            *(["--errors"] if strict else []),
        ]

    def redocly(port: int, url: str, folder: Path, strict: bool) -> list[str]:
        del strict  # it has no such mode
        out = ["--har", str(folder / "passed.har"), "--api", str(folder / "api.json"), "--match-mode", "basepath"]
        return [str(bin_ / "redocly"), "proxy", "--target", url, "--port", str(port), *out]

    return [Contender("dynaopenai", ours), Contender("Prism", prism), Contender("Redocly", redocly)]


@contextmanager
def running(contender: Contender, upstream: Upstream, folder: Path, strict: bool = False) -> Iterator[tuple[int, int]]:
    """A proxy at work: its port and its process."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    (folder / "api.json").write_text(json.dumps({**DOCUMENT, "servers": [{"url": upstream.url}]}))
    with (folder / "output.txt").open("ab") as output:
        process = subprocess.Popen(
            contender.command(port, upstream.url, folder, strict), cwd=folder, stdout=output, stderr=output
        )
        try:
            _wait(port, process)
            yield port, process.pid
        finally:
            process.send_signal(2)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{process.args}: exit status {process.returncode}")
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
            return
        time.sleep(0.1)
    raise SystemExit(f"{process.args}: nothing listens on {port}")


# --- what is measured ------------------------------------------------------------------------------


def peak(pid: int) -> float:
    """The most memory that a process had, MiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def delay(port: int, direct: int, many: int) -> float:
    """Milliseconds that the first byte comes later than without the proxy, the median, asked in turns."""
    later: list[float] = []
    for _ in range(2 * many):
        with suppress(OSError):  # some close connections before they have answered
            later.append(ask(port, "GET", "/things").moments[0] - ask(direct, "GET", "/things").moments[0])
        if len(later) > many:
            return 1000 * statistics.median(later[1:])
    raise SystemExit(f"port {port} answered {len(later)} of {2 * many} requests")


def stream(port: int) -> str:
    """When the first and the last event came."""
    moments = ask(port, "GET", "/events", ["Accept: text/event-stream"]).moments
    first, last = moments[0], moments[-1]
    return (
        f"event by event: the first after {1000 * first:.0f} ms"
        if first < PAUSE
        else f"held back: the first after {1000 * first:.0f} of {1000 * last:.0f} ms"
    )


def headers(port: int, upstream: Upstream) -> tuple[str, str]:
    """What became of a request's and an answer's headers."""
    sent = ["X-Odd-CASE: a", "X-Twice: 1", "X-Twice: 2", "Accept: application/json", "Accept-Encoding: gzip"]
    reply = ask(port, "GET", "/things", sent)
    given = [f"Authorization: Bearer {SECRET}", *sent]
    arrived = upstream.heads[-1].decode().splitlines()[1:]
    answered = reply.head.decode().splitlines()[1:]
    return _changes(given, arrived), _changes(answer_head("application/json", 10).decode().splitlines()[1:-1], answered)


HOP = ("host:", "connection:", "keep-alive:", "transfer-encoding:")


def _changes(given: list[str], arrived: list[str]) -> str:
    given = [line for line in given if not line.lower().startswith(HOP)]
    arrived = [line for line in arrived if not line.lower().startswith(HOP)]
    names = [line.partition(":")[0] for line in arrived]
    lost = [line.partition(":")[0] for line in given if line.lower() not in [one.lower() for one in arrived]]
    recased = [
        line.partition(":")[0]
        for line in given
        if line not in arrived and line.partition(":")[0].lower() in map(str.lower, names)
    ]
    added = [name for name in names if name.lower() not in [line.partition(":")[0].lower() for line in given]]
    told = {"lost or joined": lost, "case changed": [name for name in recased if name not in lost], "added": added}
    order = [line.lower() for line in arrived if line.lower() in map(str.lower, given)] == [
        line.lower() for line in given if line.lower() in map(str.lower, arrived)
    ]
    parts = [f"{what}: {', '.join(dict.fromkeys(names))}" for what, names in told.items() if names]
    return "; ".join([*parts, *([] if order else ["order changed"])]) or "none"


def large(contender: Contender, upstream: Upstream, folder: Path, way: str) -> str:
    """The most memory for a large body one way, and whether it arrived."""
    with running(contender, upstream, folder) as (port, pid):
        before = peak(pid)
        try:
            if way == "down":
                arrived = ask(port, "GET", "/file").size
            else:
                arrived = (
                    upstream.size
                    if ask(
                        port, "POST", "/file", ["Content-Type: application/octet-stream"], large=upstream.size
                    ).status
                    == 200
                    else 0
                )
            whole = "" if arrived >= upstream.size else ", not passed"
        except OSError as error:
            whole = f", not passed ({type(error).__name__})"
        with suppress(OSError):
            return f"{before:.0f} → {peak(pid):.0f} MiB{whole}"
        return f"{before:.0f} MiB → it ended"


def refusals(contender: Contender, upstream: Upstream, folder: Path) -> tuple[str, str]:
    """What becomes of an invalid request, and of an invalid answer, where it is as strict as it can be."""
    with running(contender, upstream, folder, strict=True) as (port, _):
        before = len(upstream.heads)
        invalid = ask(port, "POST", "/things", ["Content-Type: application/json"], b'{"size": "big"}')
        reached = len(upstream.heads) > before
        wrong = ask(port, "GET", "/wrong")
    return f"{invalid.status}, {'sent all the same' if reached else 'not sent'}", f"{wrong.status}"


def kept(folder: Path) -> tuple[str, str]:
    """The files that it leaves, and where the credential stands in them."""
    files = [path for path in sorted(folder.iterdir()) if path.name != "api.json" and path.stat().st_size]
    written = [path.name for path in files if path.name != "output.txt"]
    leaking = [
        "its output" if path.name == "output.txt" else path.name
        for path in files
        if SECRET.encode() in path.read_bytes()
    ]
    return ", ".join(written) or "nothing", f"in {', '.join(leaking)}" if leaking else "nowhere"


ROWS = (
    "first byte, ms later than without",
    "stream",
    "request headers changed",
    "answer headers changed",
    "{size} MiB up, memory",
    "{size} MiB down, memory",
    "invalid request, strict",
    "invalid answer, strict",
    "written at the end",
    "the credential is kept",
)


def measured(contender: Contender, size: int, many: int) -> list[str]:
    """The cells of one proxy."""
    upstream = Upstream(size * MIB)
    threading.Thread(target=upstream.serve, daemon=True).start()
    with closing(upstream.listener), tempfile.TemporaryDirectory() as root:
        folders = [Path(root, name) for name in ("plain", "up", "down", "strict")]
        for folder in folders:
            folder.mkdir()
        with running(contender, upstream, folders[0]) as (port, _):
            direct = int(upstream.url.rpartition(":")[2])
            cells = [f"{delay(port, direct, many):.2f}", stream(port), *headers(port, upstream)]
        cells += [large(contender, upstream, folders[1], "up"), large(contender, upstream, folders[2], "down")]
        cells += [*refusals(contender, upstream, folders[3]), *kept(folders[0])]
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proxies", description=__doc__)
    parser.add_argument("--node", type=Path, required=True, help="the folder with node_modules")
    parser.add_argument("--size", type=int, default=256, metavar="MIB", help="of large bodies")
    parser.add_argument("--many", type=int, default=100, help="requests for the first byte")
    parser.add_argument("--only", default="", help="proxies whose name holds this text")
    options = parser.parse_args()
    chosen = [
        contender for contender in contenders(options.node.resolve()) if options.only.lower() in contender.name.lower()
    ]
    columns = [measured(contender, options.size, options.many) for contender in chosen]
    sys.stdout.write(f"| | {' | '.join(contender.name for contender in chosen)} |\n| --- {'| --- ' * len(chosen)}|\n")
    for index, row in enumerate(ROWS):
        sys.stdout.write(f"| {row.format(size=options.size)} | {' | '.join(column[index] for column in columns)} |\n")


if __name__ == "__main__":
    main()
