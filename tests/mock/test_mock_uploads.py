"""A mock server takes large uploads without keeping them in memory, and its store is bounded."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from documents import document

from dynaopenai._mock import spool, store
from dynaopenai._mock.server import MockServer

FILE = {"type": "string", "format": "binary"}
THING = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, **{key: {"type": "string"} for key in ("title", "filename")}, "bytes": {"type": "integer"}},
}
FORM = {"type": "object", "properties": {"title": {"type": "string"}, "file": FILE}}


def holding(media: str, schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {media: {"schema": schema}}}


ID = {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}}
API = document(
    {
        "/things": {
            "post": {
                "operationId": "createThing",
                "requestBody": holding("multipart/form-data", FORM),
                "responses": {"200": holding("application/json", THING)},
            }
        },
        "/things/{thing_id}": {"get": {"operationId": "getThing", "parameters": [ID], "responses": {"200": holding("application/json", THING)}}},
        "/things/{thing_id}/content": {
            "get": {"operationId": "downloadThing", "parameters": [ID], "responses": {"200": holding("application/octet-stream", FILE)}}
        },
        "/raw": {
            "post": {
                "operationId": "sendRaw",
                "requestBody": holding("application/octet-stream", FILE),
                "responses": {"200": {"description": ""}},
            }
        },
    },
    "3.1.0",
    servers=[{"url": "/v1"}],
)

SERVER = """
import sys
from dynaopenai._mock.server import MockServer
with MockServer(sys.argv[1]) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""
CLIENT = """
import hashlib, sys
from urllib3 import PoolManager
url, size, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
http = PoolManager()
head = b'--b\\r\\nContent-Disposition: form-data; name="file"; filename="a\\\\"b.bin"\\r\\nContent-Type: video/mp4\\r\\n\\r\\n'
for each in range(times):
    piece = bytes([65 + each]) * 65536
    def body():
        yield head
        for _ in range(size // len(piece)):
            yield piece
        yield b"\\r\\n--b--\\r\\n"
    made = http.request("POST", url + "/things", body=body(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert made.status == 200, made.data[:500]
    assert made.json()["bytes"] == size, made.json()
    back = http.request("GET", f"{url}/things/{made.json()['id']}/content", preload_content=False)
    taken = 0
    for got in back.stream(65536):
        assert got == piece[: len(got)]
        taken += len(got)
    assert taken == size == int(back.headers["Content-Length"]), (taken, back.headers)
"""


@pytest.fixture
def document(tmp_path: Path) -> str:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(API))
    return str(path)


@pytest.fixture
def server(document: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockServer]:
    monkeypatch.setattr(spool, "LARGE", 1000)
    monkeypatch.setattr(spool, "HEAD", 10)
    with MockServer(document) as server:
        yield server


def content(server: MockServer, made: requests.Response) -> bytes:
    assert made.status_code == 200, made.text
    return requests.get(f"{server.url}/things/{made.json()['id']}/content", timeout=10).content


def upload(server: MockServer, data: bytes, name: str = "a.bin", **headers: str) -> requests.Response:
    form = requests.Request("POST", f"{server.url}/things", files={"file": (name, data)}, data={"title": "told"}).prepare()
    return requests.post(f"{server.url}/things", data=form.body, headers={**form.headers, **headers}, timeout=10)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process's memory is read from /proc")
def test_large_uploads_and_downloads_take_no_memory(document: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, document], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            subprocess.run([sys.executable, "-c", CLIENT, url, str(60 << 20), "4"], check=True, timeout=120)
            peak = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        finally:
            process.stdin.close()

    assert peak is not None
    assert int(peak[1]) < 200_000


@pytest.mark.parametrize("size", [1, 999, 1001, 5000, 200_000])
@pytest.mark.parametrize("name", ["a.bin", "a.json", '\u00e4 "quoted".bin'])
def test_a_file_comes_back_whole_wherever_it_is_kept(server: MockServer, size: int, name: str) -> None:
    data = hashlib.shake_128(b"seed").digest(size)
    made = upload(server, data, name)

    assert content(server, made) == data
    assert (made.json()["bytes"], made.json()["title"]) == (size, "told")
    assert made.json()["filename"] == name


def test_parts_of_a_large_form_keep_their_order_and_each_its_content(server: MockServer) -> None:
    files = [("file", ("same.bin", b"x" * 2000 + b"one")), ("other", ("o.bin", b"small"))]
    made = requests.post(f"{server.url}/things", files=files, timeout=10)  # two files: the first is the content

    assert content(server, made) == b"x" * 2000 + b"one"


def test_a_large_body_that_was_packed_comes_back_unpacked(server: MockServer) -> None:
    form = requests.Request("POST", server.url, files={"file": ("a.bin", b"y" * 100_000)}).prepare()
    assert isinstance(form.body, bytes)
    packed = zlib.compress(form.body)
    headers = {"Content-Type": form.headers["Content-Type"], "Content-Encoding": "deflate"}
    made = requests.post(f"{server.url}/things", data=packed, headers=headers, timeout=10)

    assert content(server, made) == b"y" * 100_000


def test_a_large_body_that_is_a_file_is_judged_by_its_beginning(server: MockServer) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    sent = requests.post(f"{server.url}/raw", data=b"z" * 5000, headers=headers, timeout=10)

    assert sent.status_code == 200
    assert server.calls[-1].request.body == b"z" * 10


@pytest.mark.parametrize("data", [b"--x\r\nno form" + b"x" * 5000, b"x" * 5000], ids=["broken", "none"])
def test_a_large_body_that_is_no_form_is_refused(server: MockServer, data: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    assert requests.post(f"{server.url}/things", data=data, headers=headers, timeout=10).status_code == 400


BOUNDS: list[tuple[str, int, int]] = [("MOST_BYTES", 1500, 600), ("MOST_STORED", 5000, 2000), ("MOST_LARGE", 2, 2000), ("MOST_ITEMS", 2, 5)]


@pytest.mark.parametrize(("bound", "most", "size"), BOUNDS, ids=[bound for bound, *_ in BOUNDS])
def test_the_oldest_is_forgotten_where_the_store_is_full_which_is_told_once(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, bound: str, most: int, size: int
) -> None:
    monkeypatch.setattr(store, bound, most)
    with caplog.at_level(logging.WARNING, "dynaopenai.mock"):
        made = [upload(server, bytes([65 + each]) * size) for each in range(4)]

    found: list[Any] = [content(server, each) == bytes([65 + index]) * size for index, each in enumerate(made)]
    assert found == [False, False, True, True]
    assert [record.message.startswith("the store is full: /things/") for record in caplog.records] == [True]
