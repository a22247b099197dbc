"""The official package's own tests of its resources pass against the mock, and through the proxy before it they pass and fail alike."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import ExitStack
from pathlib import Path

import pytest

from dynaopenai.testing import MockServer, ValidatingProxy

SPEC = Path(os.environ.get("DYNAOPENAI_CORPUS", "")) / "openai-2.3.0.yaml"
SUITE = Path(os.environ.get("DYNAOPENAI_OPENAI_SUITE", "")) / "tests" / "api_resources"
PYTHON = os.environ.get("DYNAOPENAI_OPENAI_PYTHON", sys.executable)
pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not SPEC.is_file(), reason="DYNAOPENAI_CORPUS names no folder with openai-2.3.0.yaml"),
    pytest.mark.skipif(not SUITE.is_dir(), reason="DYNAOPENAI_OPENAI_SUITE names no unpacked sdist of the package openai"),
]
ELSEWHERE = ("found no operation at", "found the method")  # the package knows more operations than the document


def outcomes(url: str, report: Path) -> dict[str, str]:
    """Each test with why it failed; empty where it passed. Those of operations that the document does not have are left out."""
    command = [PYTHON, "-m", "pytest", str(SUITE.relative_to(SUITE.parents[1])), f"--junitxml={report}", "-o", "addopts=", "-W", "default"]
    quiet = ["-q", "-p", "no:cacheprovider", "--tb=short", "--show-capture=no", *os.environ.get("DYNAOPENAI_OPENAI_OPTIONS", "").split()]
    environment = {**os.environ, "TEST_API_BASE_URL": url, "PYTHONPATH": ""}
    subprocess.run([*command, *quiet], cwd=SUITE.parents[1], env=environment, capture_output=True, check=False)
    found = {}
    for case in ET.parse(report).iter("testcase"):
        troubles = [child for child in case if child.tag in ("failure", "error")]
        why = "".join(f"{trouble.get('message')}{trouble.text}" for trouble in troubles)
        if case.find("skipped") is None and not any(words in why for words in ELSEWHERE):
            found[f"{case.get('classname')}::{case.get('name')}"] = why
    return found


def results(report: Path, *, through_the_proxy: bool) -> dict[str, str]:
    with ExitStack() as stack:
        server = stack.enter_context(MockServer(str(SPEC), validate="warn"))
        url = stack.enter_context(ValidatingProxy(server.url, str(SPEC))).url if through_the_proxy else server.url
        return outcomes(url, report)


def test_the_packages_own_tests_pass_and_through_the_proxy_alike(tmp_path: Path) -> None:
    """``warn``: some of its tests send what the document forbids, for the sake of their own types."""
    direct = results(tmp_path / "direct.xml", through_the_proxy=False)
    proxied = results(tmp_path / "proxied.xml", through_the_proxy=True)

    failed = {name: why[:300] for name, why in direct.items() if why}
    assert len(direct) > 500
    assert len(failed) <= 0.02 * len(direct), "\n".join(f"{name}: {why}" for name, why in failed.items())
    assert {name: bool(why) for name, why in proxied.items()} == {name: bool(why) for name, why in direct.items()}
