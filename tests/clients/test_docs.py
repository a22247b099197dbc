"""The sections of docs/testing.md about clients that are not ours are run as they stand, where the client is installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pages import blocks

from dynaopenai.testing import MockServer

BLOCKS = [(block.language, block.package, block.text) for block in blocks("docs/testing.md", "python", "sh") if block.package]
PROGRAMS = [block.text for block in blocks("docs/testing.md", "js")]

pytestmark = pytest.mark.clients


def test_clients_of_python(tmp_path: Path) -> None:
    """In a process of their own: what they leave open and warn of is not ours to mend."""
    for number, (language, client, code) in enumerate(BLOCKS):
        if language == "python":
            skip = f"import pytest\npytest.importorskip({client!r}, exc_type=ImportError)\n"
            (tmp_path / f"test_{number}.py").write_text(skip + code)
    command = [sys.executable, "-m", "pytest", "-W", "ignore", "-p", "no:cacheprovider", "-p", "no:asyncio", "-q", str(tmp_path)]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode in (0, 5), done.stdout  # 5: none of them is installed
    assert len([language for language, _, _ in BLOCKS if language == "python"]) >= 6


def test_node(openapi_server: MockServer) -> None:
    node = shutil.which("node")
    if node is None or subprocess.run([node, "-e", "require('openai')"], capture_output=True, check=False).returncode:
        pytest.skip("node or its openai package is not installed (NODE_PATH)")
    openapi_server.createChatCompletion.returns({"choices": [{"message": {"content": "Ahoy!"}}]})

    assert subprocess.check_output([node, "-"], input=PROGRAMS[0], text=True) == "Ahoy!\n"


def test_curl(openapi_server: MockServer) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    (command,) = [code for language, client, code in BLOCKS if client == "curl"]
    openapi_server.retrieveModel.returns({"id": "mine"})

    assert '"mine"' in subprocess.check_output(["sh", "-c", command], text=True)
