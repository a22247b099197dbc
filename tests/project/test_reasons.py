"""A check that is switched off says why."""

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "dynaopenai"
SWITCHES = re.compile(r"#\s*(?:ruff: )?(?:noqa(?:: [A-Z0-9, ]+)?|type: ignore(?:\[[\w, -]+\])?)")
REASON = re.compile(r"\s*(?:-|#)\s*\w")


def test_each_check_that_is_switched_off_has_a_reason_beside_it() -> None:
    bare = []
    for path in PACKAGE.rglob("*.py"):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            found = list(SWITCHES.finditer(line))
            if found and not REASON.match(line, found[-1].end()):
                bare.append(f"{path.relative_to(PACKAGE)}:{number}")

    assert bare == []
