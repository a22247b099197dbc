"""Clients in other languages, unmodified, work against the mock server: curl, and openapi-client-axios on Node."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from npm import installed

from dynaopenai import Client
from dynaopenai._mock.server import MockServer

pytestmark = pytest.mark.clients

BUNDLED = Client()
NEITHER_FILE_NOR_FORM = [
    name for name, operation in BUNDLED.operations.items()
    if operation.request_body is None or "application/json" in operation.request_body.content
]  # fmt: skip
NODE = """
const { OpenAPIClientAxios } = require("openapi-client-axios");
const [definition, url, file] = process.argv.slice(2);
(async () => {
  const api = new OpenAPIClientAxios({
    definition: JSON.parse(require("fs").readFileSync(definition)),
    axiosConfigDefaults: { baseURL: url, headers: { Authorization: "Bearer sk-mock" } },
  });
  const client = await api.init();
  const said = {};
  said.chat = (await client.createChatCompletion(null, { model: "gpt-4", messages: [{ role: "user", content: "x" }] })).data.model;
  said.models = (await client.listModels()).data.data.length;
  said.model = (await client.retrieveModel("gpt-4")).data.id;
  const form = new FormData();
  form.append("purpose", "fine-tune");
  form.append("file", new Blob(["{}\\n"]), "data.jsonl");
  const made = (await client.createFile(null, form)).data;
  said.file = made.filename;
  said.content = (await client.downloadFile(made.id, null, { responseType: "text", transformResponse: text => text })).data;
  said.deleted = (await client.deleteFile(made.id)).data.deleted;
  said.refused = await client.createModeration(null, {}).catch(error => [error.response.status, error.response.data.error.message]);
  const stream = await client.createCompletion(null, { model: "m", prompt: "x", stream: true }, { responseType: "stream" });
  let text = "";
  for await (const piece of stream.data) text += piece;
  said.events = text.split("\\n\\n").filter(Boolean).length;
  console.log(JSON.stringify(said));
})().catch(error => { console.error(error); process.exit(1); });
"""


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(BUNDLED._engine.contract) as server:
        yield server


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not on this machine")


def curl(command: str, folder: Path, *options: str) -> bytes:
    """Run the command line that an operation gives, in a shell, as a person would."""
    line = " ".join(["curl --silent --show-error", *options, command.removeprefix("curl")])
    environment = {"OPENAI_API_KEY": "sk-mock", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, timeout=60, check=True)
    return done.stdout


@needs_curl
@pytest.mark.parametrize("operation_id", NEITHER_FILE_NOR_FORM)
def test_curl_gets_an_answer_from_every_operation(operation_id: str, server: MockServer, tmp_path: Path) -> None:
    operation = BUNDLED.with_options(base_url=server.url)[operation_id]

    said = curl(operation.curl(**operation.example()), tmp_path, "--write-out", "'\\n%{http_code}'")

    assert said.rpartition(b"\n")[2] == b"200"
    assert server.requests[-1].verdict == ()


@needs_curl
def test_curl_uploads_and_downloads_the_same_bytes(server: MockServer, tmp_path: Path) -> None:
    api = BUNDLED.with_options(base_url=server.url)
    (tmp_path / "a b.jsonl").write_bytes(b'{"a": "\xc3\xa9"}\n' * 5000)

    made = json.loads(curl(api.createFile.curl(file=tmp_path / "a b.jsonl", purpose="fine-tune"), tmp_path))

    assert made["filename"] == "a b.jsonl"
    assert curl(api.downloadFile.curl(made["id"]), tmp_path) == (tmp_path / "a b.jsonl").read_bytes()


@needs_curl
def test_curl_reads_a_stream_as_it_comes(server: MockServer, tmp_path: Path) -> None:
    operation = BUNDLED.with_options(base_url=server.url).createChatCompletion

    said = curl(
        operation.curl(model="m", messages=[{"role": "user", "content": "it's"}], stream=True), tmp_path, "--no-buffer"
    )

    assert said.endswith(b"data: [DONE]\n\n")


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where openapi-client-axios is installed."""
    return installed(tmp_path_factory.mktemp("node"), "openapi-client-axios@7", "axios@1")


def test_openapi_client_axios_calls_streams_and_uploads(server: MockServer, modules: Path) -> None:
    definition: Any = BUNDLED._engine.contract.document.root
    (modules / "definition.json").write_text(json.dumps(definition, default=str))
    (modules / "client.js").write_text(NODE)
    before = len(server.requests)

    words = ["node", "client.js", "definition.json", server.url]
    done = subprocess.run(words, cwd=modules, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    status, message = said.pop("refused")
    assert (status, "input: missing, expected since it is required" in message) == (400, True)
    assert said.pop("models") > 0
    assert said.pop("events") > 1
    assert said == {"chat": "gpt-4", "model": "gpt-4", "file": "data.jsonl", "content": "{}\n", "deleted": True}
    assert [record.verdict for record in server.requests[before:] if record.status == 200 and record.verdict] == []


def test_anything_that_speaks_http_is_told_what_it_did_wrong(server: MockServer) -> None:
    reply = requests.post(
        f"{server.url}/moderations",
        data="{",
        headers={"Authorization": "Bearer x", "Content-Type": "application/json"},
        timeout=5,
    )

    assert reply.status_code == 400
    assert "application/json" in reply.json()["error"]["message"]
