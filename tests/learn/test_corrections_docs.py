"""docs/learning.md tells where the published document and the API part, place by place, as the shipped corrections have it.

``DYNAOPENAI_WRITE_DOCS=1`` writes the generated parts anew.
"""

from __future__ import annotations

import os
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from dynaopenai._cli.verbs.learn import command
from dynaopenai._document.syntax import parse

PAGE = Path(__file__).parents[2] / "docs" / "learning.md"
CORRECTIONS = resources.files("dynaopenai").joinpath("apis/openai.corrections.yaml")
ACTIONS: list[dict[str, Any]] = parse(CORRECTIONS.read_bytes(), "corrections").value["actions"]
EVIDENCE = [each for action in ACTIONS for each in action["x-evidence"]]


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\u2026", "...")


def seen() -> str:
    """What recorded traffic showed, worst first."""
    found = {(each["seen"], each["operation"], each["side"], each["path"], each["message"]) for each in EVIDENCE if "seen" in each}
    rows = ["| seen | operation | place | found |", "| ---: | --- | --- | --- |"]
    for times, operation, side, path, message in sorted(found, key=lambda row: (-row[0], row[1:])):
        place = f"{side} `{path}`" if path else side
        rows.append(f"| {times} | {operation} | {cell(place)} | {cell(message)} |")
    return "\n".join(rows)


def place(target: str) -> str:
    """A JSONPath as a person reads it: the names on the way that say where it is."""
    found = re.findall(r"\['((?:[^'\\]|\\.)*)'\]", target.partition("[?")[0])
    plumbing = {"components", "schemas", "paths", "properties", "type", "enum", "required", "anyOf", "oneOf", "content", "schema"}
    return " ".join(name for name in found if name not in plumbing)


def read() -> str:
    """What reading the schemas beside the API's documentation and answers of other years adds."""
    places: dict[str, dict[str, None]] = {}
    for action in ACTIONS:
        is_copy = "copy" in action or "$ref" in (action.get("update") or {})
        for each in action["x-evidence"]:
            named = places.setdefault(each["reading"], {}) if "reading" in each else {}
            if place(action["target"]) and not is_copy:
                named[place(action["target"])] = None
    lines = []
    for reading, named in places.items():
        where = f": {', '.join(f'`{name}`' for name in named)}" if named else ""
        lines.append(f"- {reading[0].upper()}{reading[1:]}{where}.")
    return "\n".join(lines)


@pytest.mark.parametrize(("name", "made"), [("seen", seen), ("read", read)])
def test_the_page_is_what_the_corrections_say(name: str, made: Any) -> None:
    begin, end = f"<!-- {name}: generated -->\n", f"\n<!-- {name}: end -->"
    page = PAGE.read_text("utf-8")
    head, _, rest = page.partition(begin)
    text, _, tail = rest.partition(end)
    if os.environ.get("DYNAOPENAI_WRITE_DOCS"):
        text = made()
        PAGE.write_text(f"{head}{begin}{text}{end}{tail}", "utf-8")

    assert text == made()
    assert len(text.splitlines()) > 5


@pytest.mark.parametrize("option", ["--everywhere", "--min-seen", "--spec", "--overlay", "-o"])
def test_the_options_on_the_page_are_the_verbs(option: str) -> None:
    assert option in PAGE.read_text("utf-8")
    assert option in {name for parameter in command.params for name in parameter.opts}
