"""A run of the suite that takes longer says so in lines, with xdist too, and tells why tests were skipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = "pytester"

SHARED = Path(__file__).parents[1] / "shared"
CONFTEST = f"""
import sys
sys.path.insert(0, {str(SHARED)!r})
import progress
progress.EVERY = 0.1

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(progress.Progress())
"""
TESTS = """
import time, pytest

def test_quick():
    assert False

def test_slow():
    time.sleep(0.5)

@pytest.mark.parametrize("number", range(3))
@pytest.mark.skipif(True, reason="no browser here")
def test_skipped(number): ...

def test_skipped_too():
    pytest.importorskip("no_such_package")
"""


@pytest.mark.parametrize("options", [(), ("-n", "2"), ("-n", "1", "--dist", "worksteal")])
def test_it_says_where_it_is_and_why_tests_were_skipped(options: tuple[str, ...], pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)

    output = pytester.runpytest_subprocess("-q", "-p", "no:randomly", "-p", "no:dynaopenai", *options).stdout.str()

    lines = re.findall(r"^\d:\d\d (\d) of 6 tests, (\d) failed$", output, re.MULTILINE)
    assert len(lines) >= 2
    assert lines[-1][1] == "1"
    assert re.search(r"^   3  no browser here$", output, re.MULTILINE)
    assert re.search(r"^   1  could not import 'no_such_package'", output, re.MULTILINE)
    assert re.search(r"1 failed, 1 passed, 4 skipped in [\d.]+s", output)
