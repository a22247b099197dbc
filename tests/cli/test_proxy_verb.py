"""``dynaopenai proxy`` stands before an API until it is stopped, and prints what passed."""

import json
import subprocess
import sys

import pytest
import requests

from dynaopenai._cli import cli as _cli
from dynaopenai._mock.server import MockServer


def test_it_prints_where_it_is_and_what_passed_without_a_key() -> None:
    with MockServer() as server:
        command = [sys.executable, "-m", "dynaopenai", "proxy", server.url, "--port", "0", "--json", "--validate", "strict"]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert running.stdout is not None
            facts = json.loads(running.stdout.readline())
            headers = {"Authorization": "Bearer sk-secret-27182818"}
            assert requests.get(f"{facts['url']}/models", headers=headers, timeout=10).status_code == 200
            refused = requests.post(f"{facts['url']}/embeddings", json={"modle": 1}, headers=headers, timeout=10)
        finally:
            running.terminate()
            printed, told = running.communicate(timeout=20)

    assert (refused.status_code, running.returncode) == (400, 0)
    lines = [json.loads(line) for line in printed.splitlines()]
    assert [(line["operation_id"], line["status"]) for line in lines] == [("listModels", 200), ("createEmbedding", 400)]
    assert lines[0]["verdict"] == []
    assert "request: model: missing, expected since it is required" in lines[1]["verdict"]
    assert "27182818" not in printed + told


@pytest.mark.parametrize("upstream", ["api.example", "ftp://api.example"])
def test_what_is_no_url_is_told(upstream: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli.run(["proxy", upstream]) == 2
    assert "expected the URL of an API" in capsys.readouterr().err
