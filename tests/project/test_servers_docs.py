"""docs/servers.md: each paragraph's code runs as pasted, against a server that answers as the one that it is about."""

from __future__ import annotations

import re
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import like_others
import pytest
import responses
from fault_server import FaultServer

from dynaopenai import DynaOpenAIWarning


class Fetched(NamedTuple):
    """What a publisher gives."""

    data: bytes
    marks: dict[str, str] = {}  # noqa: RUF012 - of a tuple


PAGE = (Path(__file__).parents[2] / "docs" / "servers.md").read_text("utf-8")
BLOCKS = {part.partition("\n")[0]: re.findall(r"^```python\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)[0] for part in PAGE.split("\n## ")[1:]}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def listening(script: Any, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """A server that is found where the page says, wherever it listens."""
    found = socket.getaddrinfo
    with FaultServer(script) as server:
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, at, *more, **options: found("127.0.0.1", server.port if at == port else at, *more, **options))
        yield server
        monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize(
    ("title", "script", "port", "printed", "told"),
    [
        ("Ollama", like_others.ollama, 11434, "['llama3.2:latest']\nThe Moon pulls.\nThe Moon pulls.3\n", []),
        ("vLLM", like_others.vllm, 8000, "The Moon pulls.\n12\nThe Moon pulls.0.9\n", ["function_call: found null, expected an object"]),
        ("llama.cpp", like_others.llama_cpp, 8080, "The Moon pulls. {'prompt_n': 9, 'predicted_n': 3, 'predicted_per_second': 42.5}\n", []),
        ("LM Studio", like_others.lm_studio, 1234, "The Moon pulls.\n", []),
        ("LiteLLM", like_others.lite_llm, 4000, "The Moon pulls. 0.0002\n", []),
    ],
)
def test_a_paragraph_works_as_pasted(
    title: str, script: Any, port: int, printed: str, told: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(script, port, monkeypatch), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DynaOpenAIWarning)
        exec(compile(BLOCKS[title], f"docs/servers.md, {title}", "exec"), {})
    assert capsys.readouterr().out == printed
    messages = [str(warning.message) for warning in caught if issubclass(warning.category, DynaOpenAIWarning)]
    assert len(messages) == len(told)
    assert all(text in message for text, message in zip(told, messages, strict=True))


def test_azure_works_as_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    with responses.RequestsMock() as azure:
        azure.post("https://NAME.openai.azure.com/openai/v1/chat/completions", json=like_others.AZURE)
        exec(compile(BLOCKS["Azure"], "docs/servers.md, Azure", "exec"), {})
        headers = azure.calls[0].request.headers
    assert (headers["api-key"], headers.get("Authorization")) == ("...", None)
    assert capsys.readouterr().out == "The Moon pulls.\n"


def test_every_paragraph_is_tried() -> None:
    assert sorted(BLOCKS) == sorted(["Ollama", "vLLM", "llama.cpp", "LM Studio", "LiteLLM", "Azure"])


def test_the_readme_s_start_with_a_real_key_works_as_pasted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from dynaopenai import Client
    from dynaopenai._document import api, source

    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    start = readme[readme.index("## With a real key") :]
    block = re.findall(r"^```python\n(.*?)^```$", start, re.MULTILINE | re.DOTALL)[0]
    text = source.read(None).text
    bundled = text if isinstance(text, bytes) else text.encode()
    entry = api.Api("openai", "https://publisher.example/openapi.yaml", pin="")
    monkeypatch.setattr(api, "entries", lambda: {"openai": entry})
    monkeypatch.setattr(source, "fetch_newer", lambda url, marks: Fetched(bundled))
    monkeypatch.setenv("DYNAOPENAI_CONFIG", "config")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    with responses.RequestsMock() as server:
        server.post("https://api.openai.com/v1/chat/completions", json={**like_others.CHAT, "model": "gpt-4"})
        exec(compile(block, "README.md", "exec"), {"Client": Client})
        assert server.calls[0].request.headers["Authorization"] == "Bearer sk-real"
    assert capsys.readouterr().out == "The Moon pulls.\n"
