"""What an editor shows while a call is typed, asked of a language server as editors ask it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from typed_api import TYPED

from dynaopenai import Client
from dynaopenai._stubs.stub import stub

SERVER = shutil.which("pyright-langserver", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
pytestmark = pytest.mark.skipif(SERVER is None, reason="pyright is not installed: pip install pyright")
TEXT = """\
from typed_pets import Client
client = Client()
client.pets.list()
client.talk(words="x", )
client.listPets(kind="")
client.pets.x
client.pets.list().data[0].x
"""


class Editor:
    """The least that a language server wants of an editor (Language Server Protocol 3.17)."""

    def __init__(self, folder: Path, sent: IO[bytes], got: IO[bytes]) -> None:
        self._sent, self._got, self._number = sent, got, 0
        self._uri = (folder / "edited.py").as_uri()
        capabilities = {"workspace": {"configuration": True}, "textDocument": {"hover": {"contentFormat": ["plaintext"]}}}
        self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities})
        self._send({"method": "initialized", "params": {}})
        document = {"uri": self._uri, "languageId": "python", "version": 1, "text": TEXT}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def at(self, method: str, line: str, after: str) -> Any:
        """What it says of a place: behind ``after`` in the first line that holds ``line``."""
        lines = TEXT.splitlines()
        row = next(number for number, each in enumerate(lines) if line in each)
        place = {"line": row, "character": lines[row].index(after) + len(after)}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": self._uri}, "position": place})

    def ask(self, method: str, params: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while (message := self._receive()).get("id") != self._number or "method" in message:
            if "id" in message:  # it asks, too
                asked = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
                self._send({"id": message["id"], "result": [{"pythonPath": sys.executable} for _ in asked] if asked else None})
        return message["result"]

    def _send(self, message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._sent.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._sent.flush()

    def _receive(self) -> Any:
        length = 0
        while (line := self._got.readline().strip()) or not length:
            length = int(line.partition(b":")[2]) if line.lower().startswith(b"content-length") else length
        return json.loads(self._got.read(length))


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("editor")
    (folder / "typed_pets.pyi").write_text(stub(Client(TYPED)._engine, "typed_pets"), "utf-8")
    assert SERVER is not None
    with subprocess.Popen([SERVER, "--stdio"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield Editor(folder, server.stdin, server.stdout)
        finally:
            server.kill()


def labels(found: Any) -> list[str]:
    return [item["label"] for item in found["items"]]


def test_a_call_is_shown_with_every_keyword(editor: Editor) -> None:
    (shown,) = editor.at("signatureHelp", "pets.list()", "list(")["signatures"]

    assert shown["label"] == "(*, from_: str = ..., kind: Literal['cat', 'dog'] = ..., X_Rank: int = ...) -> ListPetsResponse"
    assert "All pets" in str(shown["documentation"])


def test_keywords_that_are_not_there_yet_are_proposed(editor: Editor) -> None:
    found = labels(editor.at("completion", "client.talk", 'x", '))

    assert "stream=" in found
    assert "words=" not in found


@pytest.mark.parametrize(
    ("line", "after", "names"),
    [
        ("client.pets.x", "pets.", {"list", "create", "delete", "toys", "listPets", "list_pets"}),
        ("data[0].x", "[0].", {"name", "kind", "owner", "mother", "to_dict"}),
        ("kind=", 'kind="', {"cat", "dog"}),
    ],
)
def test_names_of_the_document_are_proposed(editor: Editor, line: str, after: str, names: set[str]) -> None:
    assert names <= {label.strip('"') for label in labels(editor.at("completion", line, after))}


def test_a_name_is_shown_with_what_it_is_for(editor: Editor) -> None:
    assert "All pets" in str(editor.at("hover", "pets.list()", "pets.l"))
