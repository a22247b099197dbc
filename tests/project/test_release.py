"""What a release says of itself is said once, or held to be the same wherever it is said: versions, Pythons, extras, what is new."""

from __future__ import annotations

import re
import runpy
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import dynaopenai

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PYTHONS = re.findall(r"Programming Language :: Python :: (3\.\d+)$", "\n".join(PROJECT["classifiers"]), re.MULTILINE)
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
COMMANDS = [step["run"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if "run" in step]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def test_the_workflow_the_matrix_and_the_metadata_name_the_same_pythons() -> None:
    assert WORKFLOW["jobs"]["tests"]["strategy"]["matrix"]["python"] == PYTHONS
    assert f">={PYTHONS[0]}" == PROJECT["requires-python"]
    assert WORKFLOW["jobs"]["checks"]["steps"][1]["with"]["python-version"] == PYTHONS[0]
    assert WORKFLOW["jobs"]["docs"]["steps"][1]["with"]["python-version"] == PYTHONS[-1]
    pytest.importorskip("nox")
    assert runpy.run_path(str(ROOT / "noxfile.py"))["PYTHONS"] == PYTHONS


def test_the_workflow_runs_what_a_person_runs() -> None:
    targets = [word for command in COMMANDS if command.startswith("make ") for word in command.split()[1:]]

    assert targets
    assert [name for name in targets if not re.search(rf"^{name}:", MAKEFILE, re.MULTILINE)] == []
    assert 'python -m nox -s "tests-${{ matrix.python }}"' in COMMANDS
    assert re.search(r"^matrix:.*\n\t.* -m nox -s tests$", MAKEFILE, re.MULTILINE)


def test_all_extras_are_in_all() -> None:
    [everything] = EXTRAS["all"]

    assert set(re.findall(r"\w+", everything.partition("[")[2])) == set(EXTRAS) - {"all", "dev", "docs"}


def test_every_extra_that_is_named_is_one() -> None:
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("dynaopenai/**/*.py")]
    named = {extra for path in texts for found in re.findall(r"dynaopenai\[([\w,]+)\]", path.read_text("utf-8")) for extra in found.split(",")}

    assert named - set(EXTRAS) == set()


def test_the_changelog_s_newest_release_is_this_one() -> None:
    sections = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", CHANGELOG, re.MULTILINE)

    assert sections[0] == ("Unreleased", "")
    assert sections[1][0] == dynaopenai.__version__
    assert all(day for _, day in sections[1:])


def test_a_release_is_told_by_kind_and_each_thing_once() -> None:
    released = CHANGELOG[CHANGELOG.index(f"## [{dynaopenai.__version__}]") :]
    entries = re.findall(r"^- (.*)$", CHANGELOG, re.MULTILINE)

    assert set(re.findall(r"^### (.*)$", released, re.MULTILINE)) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert [entry for entry, times in Counter(entries).items() if times > 1] == []


def test_how_to_report_a_hole_is_found_from_the_first_page() -> None:
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")
    assert "(CHANGELOG.md)" in (ROOT / "SECURITY.md").read_text("utf-8")
