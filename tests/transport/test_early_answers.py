"""An answer that comes before its request was sent whole is the answer, whether or not the server reads on (RFC 9112 §9.3)."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fault_server import answer

from dynaopenai import APIStatusError

LARGE = 20_000_000
TOO_LARGE = answer({"error": {"message": "too large"}}, 413)
GOOD = answer({"id": "a"})
INTERIM = b"HTTP/1.1 102 Processing\r\n\r\n"
WAYS = ("Client", "Client over requests", "AsyncClient", "AsyncClient over aiohttp")


class Hasty:
    """Answers each request when its head has come, then reads its body or not, and leaves the connection open."""

    def __init__(self, reply: bytes, *, reads: bool) -> None:
        self.reply, self.reads = reply, reads
        self.connections = 0
        self.received = 0
        self.stop = threading.Event()

    def __call__(self, connection: Any) -> None:
        self.connections += 1
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(1 << 12)
        head, _, rest = data.partition(b"\r\n\r\n")
        connection.sendall(self.reply)
        self.received = len(rest)
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        while self.reads and self.received < length:
            self.received += len(connection.recv(1 << 16))
        if self.reads:
            connection.sendall(GOOD)
        self.stop.wait(20)


@contextmanager
def serving(hasty: Hasty, certificate: Path | None = None) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if certificate else None
    if secure and certificate:
        secure.load_cert_chain(certificate, certificate.with_name("key.pem"))

    def serve(connection: Any) -> None:
        with suppress(OSError), secure.wrap_socket(connection, server_side=True) if secure else connection as opened:
            hasty(opened)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=serve, args=listener.accept()[:1], daemon=True))
                threads[-1].start()

    threads.append(threading.Thread(target=accept, daemon=True))
    threads[0].start()
    with ExitStack() as stack:
        stack.callback(lambda: [thread.join(5) for thread in threads])
        stack.callback(listener.close)
        stack.callback(listener.shutdown, socket.SHUT_RDWR)
        stack.callback(hasty.stop.set)
        yield f"{'https' if secure else 'http'}://127.0.0.1:{listener.getsockname()[1]}"


class Pipe(BytesIO):
    """A file of which nobody knows the length."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> Any:
        raise OSError("not seekable")

    tell = seek


SENT: dict[str, Callable[[Any], Any]] = {
    "a body": lambda api: api.createThing(body={"a": "b" * LARGE}),
    "a form": lambda api: api.sendFile(file=("a", BytesIO(b"b" * LARGE))),
    "a stream": lambda api: api.putFile(body=Pipe(b"b" * LARGE)),
}


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
@pytest.mark.parametrize("send", SENT.values(), ids=SENT)
@pytest.mark.parametrize("reply", [TOO_LARGE, INTERIM + TOO_LARGE], ids=["at once", "after an interim one"])
def test_an_answer_before_the_end_of_a_body_that_nobody_reads(client: Any, send: Any, reply: bytes) -> None:
    hasty = Hasty(reply, reads=False)
    with serving(hasty) as url, client(url, max_retries=0, timeout=5) as api:
        for _ in range(2):
            with pytest.raises(APIStatusError, match="too large"):
                send(api)

    assert hasty.connections == 2  # the first was not at its beginning
    assert hasty.received < LARGE


@pytest.mark.parametrize("a_client", WAYS, indirect=True)
def test_so_it_is_in_tls(client: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with serving(Hasty(TOO_LARGE, reads=False), certificate) as url, client(url, max_retries=0, timeout=5) as api:
        with pytest.raises(APIStatusError, match="too large"):
            api.createThing(body={"a": "b" * LARGE})


@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("a_client", WAYS, indirect=True)
def test_a_body_is_sent_whole_past_interim_answers(client: Any, is_secure: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = request.getfixturevalue("certificate") if is_secure else None
    if is_secure:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    hasty = Hasty(INTERIM, reads=True)
    with serving(hasty, certificate) as url, client(url, max_retries=0, timeout=5) as api:
        assert api.createThing(body={"a": "b" * LARGE}).id == "a"

    assert hasty.received == LARGE + len('{"a":""}')


@pytest.mark.parametrize("a_client", WAYS[:3], indirect=True)  # aiohttp gives up a request with the end of its answer
def test_an_answer_that_takes_the_body_does_not_stop_it(client: Any) -> None:
    hasty = Hasty(GOOD, reads=True)
    with serving(hasty) as url, client(url, max_retries=0, timeout=5) as api:
        assert api.createThing(body={"a": "b" * LARGE}).id == "a"
        end = time.monotonic() + 5
        while hasty.received < LARGE and time.monotonic() < end:
            time.sleep(0.002)

    assert hasty.received > LARGE
