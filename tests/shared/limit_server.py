"""A server with limits and faults, in a process of its own: what a bulk meets in the world, made to order.

    python tests/shared/limit_server.py '{"rate": 200, "burst": 200, "words": "headers", "errors": 0.02}'

prints its port. ``GET /stats`` tells what it saw; every other request is a call. Nothing is kept but counts.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from documents import answer, body, document

DEFAULTS = {
    "rate": 0,  # calls a second; 0 for no limit
    "burst": 0,
    "words": "",  # how a refusal tells when to come back: "", "retry-after", "headers"
    "errors": 0.0,  # shares of calls: a 500, a connection reset, a stall, a slow answer
    "resets": 0.0,
    "stalls": 0.0,
    "slow": 0.0,
    "latency": 0.0,  # seconds of every answer
    "seed": 7,
}


class Server:
    def __init__(self, options: dict) -> None:
        self.options = {**DEFAULTS, **options}
        self.level, self.at = 0.0, math.inf  # empty at the first call: a limit is met however slow the caller's machine
        self.chance = random.Random(self.options["seed"])
        self.keys: dict[str, int] = {}
        self.stats = {"calls": 0, "answered": 0, "limited": 0, "faults": 0, "repeated": 0}

    def limited(self) -> bool:
        rate, now = self.options["rate"], time.monotonic()
        if not rate:
            return False
        self.level = min(float(self.options["burst"]), self.level + max(0.0, now - self.at) * rate)
        self.at = now
        if self.level < 1:
            return True
        self.level -= 1
        return False

    def head(self) -> str:
        words, rate = self.options["words"], self.options["rate"]
        if words == "headers":
            return f"x-ratelimit-remaining-requests: {int(self.level)}\r\nx-ratelimit-reset-requests: {1 / rate:.3f}s\r\n"
        return ""

    def answered(self, key: str) -> None:
        stats = self.stats
        stats["answered"] += 1
        stats["repeated"] += key in self.keys
        self.keys[key] = self.keys.get(key, 0) + 1


class Connection(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self.server, self.buffer, self.transport = server, b"", None

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(headers.get(b"content-length", 0))
            if len(rest) < length:
                return
            body, self.buffer = rest[:length], rest[length:]
            if head.startswith(b"GET /stats"):
                self.answer(200, self.server.stats)
            else:
                self.call(headers.get(b"idempotency-key", b"").decode(), body)

    def call(self, key: str, body: bytes) -> None:
        server, options = self.server, self.server.options
        server.stats["calls"] += 1
        if server.limited():
            server.stats["limited"] += 1
            again = "retry-after: 1\r\n" if options["words"] == "retry-after" else ""
            self.answer(429, {"error": {"message": "slow down"}}, again + server.head())
            return
        fault = server.chance.random()
        for kind in ("errors", "resets", "stalls", "slow"):
            if fault < options[kind]:
                server.stats["faults"] += 1
                getattr(self, kind)(key, body)
                return
            fault -= options[kind]
        if options["latency"]:
            asyncio.get_running_loop().call_later(options["latency"], self.done, key, body)
        else:
            self.done(key, body)

    def done(self, key: str, body: bytes) -> None:
        if self.transport.is_closing():
            return
        self.server.answered(key)
        said = json.loads(body) if body else {}
        self.answer(200, {"text": f"answer to {said.get('prompt', '')}", "usage": {"total_tokens": 7}}, self.server.head())

    def errors(self, _key: str, _body: bytes) -> None:
        self.answer(500, {"error": {"message": "it broke"}})

    def resets(self, _key: str, _body: bytes) -> None:
        self.transport.abort()

    def stalls(self, _key: str, _body: bytes) -> None:
        asyncio.get_running_loop().call_later(1.5, self.transport.abort)

    def slow(self, key: str, body: bytes) -> None:
        asyncio.get_running_loop().call_later(0.3, self.done, key, body)

    def answer(self, status: int, value: dict, head: str = "") -> None:
        content = json.dumps(value).encode()
        self.transport.write(
            f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{head}content-length: {len(content)}\r\n\r\n".encode() + content
        )


async def serve(options: dict) -> None:
    server = Server(options)
    listening = await asyncio.get_running_loop().create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{listening.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await listening.serve_forever()


@contextmanager
def limit_server(**options):
    """The URL of a server in a process of its own, which ends with the block."""
    command = [sys.executable, str(Path(__file__)), json.dumps(options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def stats(url: str) -> dict:
    with urllib.request.urlopen(f"{url}/stats") as answer:
        return json.load(answer)


QUESTION = {"type": "object", "required": ["prompt"], "properties": {"prompt": {"type": "string"}, "model": {"type": "string"}}}
ASK = {"operationId": "ask", **body(QUESTION), **answer({"type": "object", "required": ["text"]})}
DOCUMENT = document({"/ask": {"post": ASK}}, "3.1.0", servers=[{"url": "http://127.0.0.1:9"}])

if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
