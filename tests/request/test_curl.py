"""A command line that sends the same request, with the key left to the shell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fault_server import FaultServer, answer
from small_api import KEY, client

HOSTILE = "it's \"$HOME\" `x` \\ ü\nline"


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        (
            lambda api: api.getThing.curl("a b"),
            ["curl http://h/things/a%20b", "-H 'Accept: application/json'", '-H "Authorization: Bearer $OPENAI_API_KEY"'],
        ),
        (
            lambda api: api.createThing.curl(id="a'b"),
            [
                "curl -X POST http://h/things",
                "-H 'Accept: application/json'",
                '-H "Authorization: Bearer $OPENAI_API_KEY"',
                "-H 'Content-Type: application/json'",
                "--data-raw '{\"id\":\"a'\"'\"'b\"}'",
            ],
        ),
        (
            lambda api: api.listThings.with_options(query={"access_token": "secret-value"}, headers={"X-Auth-Token": "secret-value"}).curl(q="x y"),
            [
                "curl 'http://h/things?q=x%20y&access_token=***'",
                "-H 'Accept: application/json'",
                '-H "Authorization: Bearer $OPENAI_API_KEY"',
                "-H 'X-Auth-Token: ***'",
            ],
        ),
    ],
)
def test_the_line_is_what_a_person_would_type(call: Any, lines: list[str]) -> None:
    assert call(client("http://h")) == " \\\n  ".join(lines)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
class TestRun:
    def sent(self, tmp_path: Path, call: Any) -> list[Any]:
        """The request as the client sends it, and as curl sends the client's line."""
        with FaultServer(answer({"id": "a"})) as server, client(server.url) as api:
            line = call(api)
            environment = {**os.environ, "OPENAI_API_KEY": KEY}
            subprocess.run(["sh", "-c", line], env=environment, cwd=tmp_path, check=True, capture_output=True)
        return server.received

    def test_json(self, tmp_path: Path) -> None:
        ours, theirs = self.sent(tmp_path, lambda api: (api.createThing(id=HOSTILE), api.createThing.curl(id=HOSTILE))[1])

        assert json.loads(theirs.body) == {"id": HOSTILE}
        assert (theirs.line, theirs.body) == (ours.line, ours.body)
        assert [theirs.header(name) for name in ("Authorization", "Content-Type", "Accept")] == [
            ours.header(name) for name in ("Authorization", "Content-Type", "Accept")
        ]

    def test_a_form_with_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "f.txt"
        path.write_bytes(b"content")

        ours, theirs = self.sent(tmp_path, lambda api: (api.sendFile(file=path, purpose="p"), api.sendFile.curl(file=path, purpose="p"))[1])

        for body in (ours.body, theirs.body):
            assert b'name="file"; filename="f.txt"' in body
            assert b"\r\n\r\ncontent\r\n" in body
            assert b'name="purpose"\r\n\r\np\r\n' in body

    def test_octets(self, tmp_path: Path) -> None:
        path = tmp_path / "f.bin"
        path.write_bytes(b"\0\r\n\xff")

        ours, theirs = self.sent(tmp_path, lambda api: (api.putFile(path), api.putFile.curl(path))[1])

        assert (theirs.line, theirs.body, theirs.header("Content-Type")) == (ours.line, ours.body, ours.header("Content-Type"))

    @pytest.mark.parametrize("name", ["a;b.txt", 'a"b.txt', "a,b.txt", "plain.txt"])
    def test_names_and_texts_that_curl_would_cut(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.write_bytes(b"content")

        ours, theirs = self.sent(tmp_path, lambda api: (api.sendFile(file=path, purpose="p;q"), api.sendFile.curl(file=path, purpose="p;q"))[1])

        told = f'filename="{name.replace(chr(34), "%22")}"'.encode()
        for body in (ours.body, theirs.body):
            assert told in body.replace(b'\\"', b"%22")
            assert b"\r\n\r\np;q\r\n" in body

    def test_json_in_a_form(self, tmp_path: Path) -> None:
        given = {"metadata": {"a": 'x;y"z\\,'}, "purpose": "p"}

        (tmp_path / "f").write_bytes(b"")

        def call(api: Any) -> str:
            op = api.sendFile.with_options(validate_requests="off")
            op(file=b"", **given)
            return str(op.curl(file=("f", b""), **given))

        _, theirs = self.sent(tmp_path, call)

        assert json.dumps(given["metadata"], separators=(",", ":")).encode() in theirs.body

    def test_an_empty_header(self, tmp_path: Path) -> None:
        ours, theirs = self.sent(tmp_path, lambda api: (api.getThing("a", X_Note=""), api.getThing.curl("a", X_Note=""))[1])

        assert (ours.header("X-Note"), theirs.header("X-Note")) == ("", "")
