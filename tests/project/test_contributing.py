"""CONTRIBUTING says where a change goes, and what it points to is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROWS = re.findall(r"^\| (.+?) \| `([\w/]+)` \| `([\w.]+)` \|$", PAGE, re.MULTILINE)


def defined(path: Path) -> set[str]:
    """The names that a module defines."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)} | {
        node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }


@pytest.mark.parametrize(("change", "place", "name"), ROWS, ids=[change for change, _, _ in ROWS])
def test_a_change_goes_where_the_page_says(change: str, place: str, name: str) -> None:
    path = ROOT / "dynaopenai" / place

    assert (path / name).is_file() if path.is_dir() else name in defined(path.with_suffix(".py"))


def test_every_kind_of_change_has_its_own_place() -> None:
    assert len(ROWS) >= 20
    assert len({place for _, place, _ in ROWS}) == len(ROWS)
