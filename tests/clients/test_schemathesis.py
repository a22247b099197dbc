"""Schemathesis, unmodified, finds no failure of the mock's for the bundled document."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from dynaopenai.testing import MockServer

DOCUMENT = Path(__file__).parents[2] / "openapi.yaml"
KEY = "sk-mock"
pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(find_spec("schemathesis") is None, reason="schemathesis is not installed: pip install schemathesis"),
]
# What it tells, and the mock has not done:
NOT_THE_MOCKS = {
    "SSE event violates schema": "it judges {data: ..., event: ...}, as OAS 3.2 §4.14 has it; documents before that describe the data",
    "Schema-violating request accepted": "a number that it puts where a form takes a text is a text when it is sent (RFC 7578 §4.4)",
}


def test_schemathesis_finds_nothing_that_is_the_mocks(tmp_path: Path) -> None:
    with MockServer(str(DOCUMENT), api_key=KEY, empty=True) as server:
        options = ["--url", server.url, "-H", f"Authorization: Bearer {KEY}", "--suppress-health-check", "all", "--continue-on-failure"]
        bounds = ["--max-examples", "5", "--seed", "18", "--report", "json", "--report-dir", str(tmp_path)]
        command = [sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT), *options, *bounds]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    (report,) = (json.loads(path.read_text("utf-8")) for path in tmp_path.glob("*.json"))
    assert report["operations"]["tested"] == 28, done.stdout
    assert report["test_cases"]["generated"] > 1000
    failed = [failure for failure in report["failures"] if failure["title"] not in NOT_THE_MOCKS]
    assert failed == [], done.stdout
    forms = [name for failure in report["failures"] if "accepted" in failure["title"] for name in failure["operations"]]
    assert [name for name in forms if not name.endswith(("/files", "/edits", "/variations", "/transcriptions", "/translations"))] == []
