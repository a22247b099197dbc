"""`dynaopenai call` over real HTTP: arguments, streams, files, and every way in which it can end badly."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shop import SHOP

from dynaopenai._cli import cli as _cli
from dynaopenai._mock.server import MockServer

ITEMS = ["items[0].product=tea", "items[0].count=2"]


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(SHOP) as running:
        yield running


@pytest.fixture
def at(server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Options that lead to the server."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "DYNAOPENAI_SPEC"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), "utf-8")
    return ["--spec", str(tmp_path / "shop.json"), "--base-url", server.url]


def test_an_answer_is_printed_as_json(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "createOrder", *ITEMS, "speed=fast", *at]) == 0

    answer = json.loads(capsys.readouterr().out)
    assert answer["speed"] == "fast"
    assert isinstance(answer["id"], str)


def test_an_answer_without_a_body_prints_nothing(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "close", *at]) == 0
    assert capsys.readouterr().out == ""
    assert _cli.run(["call", "close", "--json", *at]) == 0
    assert capsys.readouterr().out == "null\n"


def test_a_stream_is_printed_as_its_texts_or_line_by_line(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "createOrder", *ITEMS, "--stream", "--json", *at]) == 0
    items = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert _cli.run(["call", "createOrder", *ITEMS, "--stream", *at]) == 0
    shown = capsys.readouterr().out

    assert items
    assert shown == "".join(item["delta"]["text"] for item in items) + "\n"


def test_a_file_is_uploaded(at: list[str], server: MockServer, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x00\xff")

    assert _cli.run(["call", "upload", f"file@{tmp_path / 'a.bin'}", "title=3", *at]) == 0
    assert server.requests[-1].operation_id == "upload"
    assert server.requests[-1].verdict == ()


def test_a_file_is_saved(at: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "download", "7", "--save", "out.bin", *at]) == 0
    assert capfd.readouterr() == ("", "saved out.bin, 8 bytes\n")
    assert (tmp_path / "out.bin").read_bytes() == b"example\n"
    assert _cli.run(["call", "listOrders", "--save", "out.json", "--json", *at]) == 0
    assert json.loads(capfd.readouterr().out)["saved"] == "out.json"
    assert isinstance(json.loads((tmp_path / "out.json").read_text("utf-8")), list)


def test_a_stream_is_saved_line_by_line(at: list[str], tmp_path: Path) -> None:
    assert _cli.run(["call", "createOrder", *ITEMS, "--stream", "--save", "out.jsonl", *at]) == 0
    assert all("delta" in json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines())


def test_a_file_goes_into_a_pipe_as_it_is(at: list[str]) -> None:
    done = run("call", "download", "7", *at)

    assert (done.stdout, done.stderr, done.returncode) == (b"example\n", b"", 0)


def test_what_a_file_is_stands_in_the_json(at: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "download", "7", "--json", *at]) == 0
    assert json.loads(capfd.readouterr().out) == {"content_type": "application/octet-stream", "bytes": 8}


def test_a_body_comes_from_standard_input(at: list[str], server: MockServer) -> None:
    done = run("call", "createOrder", "-", "speed=slow", *at, stdin=b'{"items": [{"product": "tea", "count": 1}]}')

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["speed"] == "slow"
    assert server.requests[-1].verdict == ()


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("place", ["query", "header", "cookie"])
def test_a_dry_run_shows_no_key(
    place: str, form: list[str], at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-2718281828")
    scheme = {"type": "apiKey", "in": place, "name": "X-Strange"}
    guarded = {**SHOP, "security": [{"key": []}], "components": {**SHOP["components"], "securitySchemes": {"key": scheme}}}
    Path("shop.json").write_text(json.dumps(guarded), "utf-8")

    assert _cli.run(["call", "listOrders", "--dry-run", *form, *at]) == 0
    shown = capsys.readouterr().out
    assert "canary" not in shown
    assert "***" in shown


def test_nothing_is_sent_by_a_dry_run(at: list[str], server: MockServer, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(server.requests)

    assert _cli.run(["call", "createOrder", *ITEMS, "--dry-run", *at]) == 0
    text = capsys.readouterr().out
    assert _cli.run(["call", "createOrder", *ITEMS, "--dry-run", "--json", *at]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert _cli.run(["call", "createOrder", *ITEMS, "--curl", *at]) == 0
    curl = capsys.readouterr().out

    assert text.splitlines()[0] == f"POST {server.url}/orders"
    assert text.endswith('\n\n{"items":[{"product":"tea","count":2}]}\n')
    assert facts["body"] == {"items": [{"product": "tea", "count": 2}]}
    assert curl.startswith(f"curl -X POST {server.url}/orders")
    assert len(server.requests) == before


def test_a_header_is_sent(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "listOrders", "--dry-run", "--json", "-H", "X-Trace: 7", *at]) == 0
    assert json.loads(capsys.readouterr().out)["headers"]["X-Trace"] == "7"


def test_a_server_can_be_made_up(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "listOrders", "--mock", *at[:2]]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), list)


def test_an_invalid_call_is_refused_with_everything_that_is_wrong(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "createOrder", "sped=fast", "discount=2", *at]) == 1

    said = capsys.readouterr().err
    assert said.startswith("RequestValidationError: createOrder was not sent: 3 problems")
    for part in ('did you mean "speed"?', "items: missing", "discount: found 2, expected"):
        assert part in said


def test_an_error_of_the_api_is_a_no(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with MockServer(SHOP, faults={"createOrder": 422}) as failing:
        assert _cli.run(["call", "createOrder", *ITEMS, *at[:2], "--base-url", failing.url, "--json"]) == 1

    shown = capsys.readouterr()
    assert shown.err.startswith("UnprocessableEntityError: createOrder: 422")
    assert "message" in json.loads(shown.out)


# --- ending badly --------------------------------------------------------------------------------


def run(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "dynaopenai", *words], input=stdin, capture_output=True, timeout=60, check=False)


class Slow:
    """A server that begins a stream and then stays silent."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.begun = threading.Event()
        self.connection: socket.socket | None = None
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        self.connection, _ = self.listener.accept()
        self.connection.recv(1 << 16)
        head = b"HTTP/1.1 201 Created\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        piece = b'data: {"kind": "piece", "delta": {"text": "so far"}}\n\n'
        self.connection.sendall(head + b"%x\r\n" % len(piece) + piece + b"\r\n")
        self.begun.set()

    def __enter__(self) -> "Slow":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.listener.close()
        self.thread.join(10)

    def kill(self) -> None:
        if self.connection is not None:
            self.connection.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"


@pytest.fixture
def slow() -> Iterator[Slow]:
    with Slow() as server:
        yield server


@contextmanager
def started(slow: Slow, at: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    words = ["call", "createOrder", *ITEMS, "--stream", *at[:2], "--base-url", slow.url]
    with subprocess.Popen([sys.executable, "-m", "dynaopenai", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert os.read(process.stdout.fileno(), 6) == b"so far"  # printed as it arrived
            yield process
        finally:
            process.kill()


def test_an_interrupt_ends_it_without_a_traceback(slow: Slow, at: list[str]) -> None:
    with started(slow, at) as process:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert (process.returncode, said.strip()) == (130, b"interrupted")


def test_a_server_that_dies_is_told_and_what_came_is_kept(slow: Slow, at: list[str]) -> None:
    with started(slow, at) as process:
        slow.kill()
        _, said = process.communicate(timeout=30)

    assert process.returncode == 2
    assert said.strip().startswith(b"APIConnectionError: createOrder: ")
    assert b"Traceback" not in said


def test_a_reader_that_leaves_ends_it_quietly(at: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-m", "dynaopenai", "call", "listOrders", *at], stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")


def test_nobody_listening_is_told(at: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["call", "listOrders", *at[:2], "--base-url", "http://127.0.0.1:1"]) == 2
    assert "Error: listOrders: no answer from http://127.0.0.1:1" in capsys.readouterr().err
