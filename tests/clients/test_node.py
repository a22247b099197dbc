"""The official package for Node, unmodified, against the mock of the API's newest document."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from npm import installed

from dynaopenai._mock.server import MockServer

SPEC = Path(os.environ.get("DYNAOPENAI_CORPUS", "")) / "openai-2.3.0.yaml"
pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not SPEC.is_file(), reason="DYNAOPENAI_CORPUS names no folder with openai-2.3.0.yaml"),
]
SCRIPT = """
import OpenAI from "openai";
const client = new OpenAI({ maxRetries: 0 });
const messages = [{ role: "user", content: "x" }];
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const poll = { pollIntervalMs: 1 };
const told = {};
const plain = await client.chat.completions.create({ model: "m", messages });
told.chat = plain.choices[0].message.content === (await client.chat.completions.stream({ model: "m", messages }).finalContent());
const stream = client.responses.stream({ model: "m", input: "x" });
const kinds = [];
stream.on("event", event => kinds.push(event.type));
told.response = Boolean((await stream.finalResponse()).output_text);
told.ends = kinds.at(-1);
const format = { type: "json_schema", json_schema: { name: "p", strict: true, schema } };
told.parsed = (await client.chat.completions.parse({ model: "m", messages, response_format: format })).choices[0].message.parsed;
const weather = { name: "weather", parameters: schema };
const called = await client.chat.completions.stream({ model: "m", messages, tools: [{ type: "function", function: weather }], tool_choice: "required" }).finalMessage();
told.called = called.tool_calls[0].function;
const run = client.chat.completions.runTools({ model: "m", messages, tools: [{ type: "function", function: { ...weather, function: () => "warm", parse: JSON.parse } }] });
told.ran = Boolean(await run.finalContent());
const files = await Promise.all(["a.png", "b.png"].map(name => OpenAI.toFile(Buffer.from(name), name)));
told.images = (await client.images.edit({ image: files, prompt: "x" })).data.length;
told.polled = (await client.beta.threads.runs.createAndPoll("t", { assistant_id: "a" }, poll)).status;
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the package is installed."""
    return installed(tmp_path_factory.mktemp("node"), "openai")


def test_streams_tools_schemas_uploads_and_polling(folder: Path) -> None:
    (folder / "client.mjs").write_text(SCRIPT)
    with MockServer(SPEC) as server:
        environment = {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sk-mock"}
        done = subprocess.run(["node", "client.mjs"], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "chat": True,
        "response": True,
        "ends": "response.completed",
        "parsed": {"city": "city"},
        "called": {"name": "weather", "arguments": '{"city":"city"}'},
        "ran": True,
        "images": 1,
        "polled": "completed",
    }
    assert [record for record in server.requests if record.status >= 400] == []
