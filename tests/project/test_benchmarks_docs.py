"""docs/benchmarks.md is what the command writes, and says the command as it is."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")


def test_every_option_on_the_page_is_one() -> None:
    command = [sys.executable, "-m", "benchmarks", "--help"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert set(re.findall(r" --[a-z][a-z-]*", PAGE)) <= set(re.findall(r" --[a-z][a-z-]*", said.replace("[", " ")))


def test_each_generated_part_is_between_its_marks() -> None:
    for name in ("rows", "instructions", "documents", "growth", "curves", "environment"):
        part = PAGE.partition(f"<!-- {name}: generated -->\n")[2].partition(f"<!-- {name}: end -->\n")[0]
        assert part.startswith(("| ", "- ")), name


def test_a_goal_that_is_missed_has_its_reason() -> None:
    rows = PAGE.partition("<!-- rows: generated -->")[2].partition("<!-- rows: end -->")[0].splitlines()
    missed = [row.split("|")[1] for row in rows if re.search(r"\| [\d.]+( x)? \(goal", row)]
    reasons = PAGE.partition("## What holds back the rest")[2].lower()

    assert [row for row in missed if not set(re.findall(r"[a-z]{5,}|\d+", row.lower())) <= set(re.findall(r"[a-z]{5,}|\d+", reasons))] == []


def test_the_plot_has_a_bar_for_each_row_with_both() -> None:
    bars = ET.parse(ROOT / "docs" / "benchmarks.svg").findall(".//{*}rect[@class]")

    assert len(bars) == len(re.findall(r"(?m)^\| [^|]+, (?:ms|µs|MiB) \|[^|]+\| \d[^|]+\|", PAGE))  # some rows are ours alone


README = (ROOT / "README.md").read_text("utf-8").partition("## How it compares")[2].partition("\n## ")[0]
MEASURED = {row.split("|")[1].strip(): row.split("|")[7].strip() for row in PAGE.splitlines() if re.match(r"\| \w.*(?:ms|MiB|µs)? \|", row) and row.count("|") >= 9}


@pytest.mark.parametrize(
    ("row", "works"),
    [
        ("`import`", ["import, ms"]),
        ("process start to first answer, 28 / 288 operations", [f"process start to first answer, {number} operations, ms" for number in (28, 288)]),
        ("processor time of a chat call", ["one chat call, ms"]),
        ("64 embeddings of 1,536 floats", ["64 embeddings of 1,536 floats, ms"]),
        ("upload of 200 MB, time / peak memory", ["upload of 200 MB, time, ms", "upload of 200 MB, peak memory, MiB"]),
        ("calls per second from 32 threads", ["32 threads, for each call, ms"]),
        ("memory of a ready client, 28 / 288 operations", [f"memory of a ready client, {number} operations, MiB" for number in (28, 288)]),
    ],
)
def test_the_readme_claims_what_the_page_has_measured(row: str, works: list[str]) -> None:
    [claim] = re.findall(rf"^\| {re.escape(row)} \| (.*) \|$", README, re.MULTILINE)
    claimed = [float(number) for number in re.findall(r"\d+\.\d+|\d+", claim)][: len(works)]
    measured = [float(re.findall(r"[\d.]+", MEASURED[work])[0]) for work in works]

    assert claimed == [pytest.approx(number, rel=0.15) for number in measured]
