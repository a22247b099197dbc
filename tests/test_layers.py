"""ARCHITECTURE.md's table is the order of imports."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dynaopenai"
TABLE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
LAYERS = [
    name
    for line in TABLE.splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`(\w+)`", line.split("|")[1])
]


MODULES = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}


def files(module: str) -> list[Path]:
    """A module's file; a folder's files."""
    return sorted((PACKAGE / module).glob("*.py")) if (PACKAGE / module).is_dir() else [PACKAGE / f"{module}.py"]


def runtime_imports(module: str) -> set[str]:
    """The package's own modules that a module imports when it runs; TYPE_CHECKING blocks do not run."""
    found: set[str] = set()

    class Visitor(ast.NodeVisitor):
        def visit_If(self, node: ast.If) -> None:
            if "TYPE_CHECKING" not in ast.unparse(node.test):
                self.generic_visit(node)

        def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
            if node.level == len(path.relative_to(PACKAGE).parts) and node.module:
                found.add(node.module.split(".")[0])
            elif node.level == len(path.relative_to(PACKAGE).parts):
                found.update(alias.name for alias in node.names)

    for path in files(module):
        Visitor().visit(ast.parse(path.read_text("utf-8")))
    return found & MODULES


@pytest.mark.parametrize("module", LAYERS)
def test_imports_point_up_the_page(module: str) -> None:
    allowed = set(LAYERS[: LAYERS.index(module)]) | {"__init__"}

    assert runtime_imports(module) - allowed == set()


def test_every_module_has_its_place_in_the_table() -> None:
    assert MODULES - {"__init__"} == set(LAYERS)


def test_no_verb_imports_another() -> None:
    for path in files("_verbs"):
        siblings = {
            node.module
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom) and node.level == 1
        }

        assert siblings <= {"_options"}


def test_the_page_stays_short() -> None:
    assert len(TABLE.splitlines()) <= 60


def test_requests_is_imported_by_the_transport_alone() -> None:
    importers = {
        path.stem
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "requests" for alias in node.names)
    }

    assert importers - {"_transport", "_reply", "_operation", "_client"} == set()  # all but the first for annotations only
