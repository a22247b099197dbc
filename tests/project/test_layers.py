"""ARCHITECTURE.md's table is the order of the layers; a folder's first lines are the order of its modules."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dynaopenai"
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
LAYERS = [
    name
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`(\w+)`", line.split("|")[1])
]
FOLDERS = {path.parent.name: path.parent for path in PACKAGE.glob("*/__init__.py")}


def listed(folder: str) -> list[str]:
    """The modules that a folder's docstring lists, in its order."""
    said = ast.get_docstring(ast.parse((FOLDERS[folder] / "__init__.py").read_text("utf-8"))) or ""
    return re.findall(r"`(\w+)`", said.partition("before it:")[2])


ORDER = [
    (layer, module) for layer in LAYERS for module in (listed(layer) if layer in FOLDERS else [""])
]  # every module, top to bottom
FILES = [
    path
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py" and "__pycache__" not in path.parts and "-" not in path.stem  # PyInstaller's hooks are run, not imported
]


def place(path: Path) -> tuple[str, str]:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return (parts[0], parts[1]) if len(parts) > 1 else (parts[0], "")


def runtime_imports(path: Path) -> set[tuple[str, str]]:
    """The package's own modules that a file imports when it runs; TYPE_CHECKING blocks do not run."""
    home = path.relative_to(PACKAGE).parts[:-1]
    found: set[tuple[str, str]] = set()

    class Visitor(ast.NodeVisitor):
        def visit_If(self, node: ast.If) -> None:
            if "TYPE_CHECKING" not in ast.unparse(node.test):
                self.generic_visit(node)

        def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
            if not node.level:
                return
            base = [*home[: len(home) - node.level + 1], *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                layer, *modules = [*base, alias.name]
                if layer in FOLDERS:
                    found.add((layer, modules[0]))
                elif layer in LAYERS:
                    found.add((layer, ""))

    Visitor().visit(ast.parse(path.read_text("utf-8")))
    return found


def name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_point_up_the_page(path: Path) -> None:
    is_verb = "verbs" in path.parts
    own = ("_cli", "cli") if is_verb else place(path)  # the group of verbs comes after each of them
    above = {*ORDER[: ORDER.index(own)], *([("_cli", "verbs")] if is_verb else [])}

    assert runtime_imports(path) - above == set()


def test_every_layer_has_its_place_in_the_table() -> None:
    layers = set(FOLDERS) | {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}

    assert layers == set(LAYERS)


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_every_module_has_its_place_in_its_folder(folder: str) -> None:
    modules = {path.stem for path in FOLDERS[folder].glob("*.py")} - {"__init__"}

    assert modules == set(listed(folder))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_module_says_its_one_idea_first(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""

    assert len(said.splitlines()[0].split()) >= 3


def test_no_verb_imports_another() -> None:
    for path in (FOLDERS["_cli"] / "verbs").glob("*.py"):
        siblings = {
            node.module
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom) and node.level == 1
        }

        assert siblings <= {"_options"}


def test_what_the_page_points_to_is_there() -> None:
    pointed = re.findall(r"`(_\w+/\w+)`", PAGE)

    assert len(pointed) > 3
    assert [path for path in pointed if not (PACKAGE / f"{path}.py").exists()] == []


def test_the_drawing_shows_every_room_that_data_passes() -> None:
    drawn = set(re.findall(r"\b_[a-z]+\b", PAGE.split("```")[1]))

    assert drawn - set(LAYERS) == set()
    assert set(FOLDERS) - drawn == {"_secrecy", "_display", "_frozen"}  # asked from everywhere, and by PyInstaller


def test_the_page_stays_short() -> None:
    assert len(PAGE.splitlines()) <= 60


def test_requests_is_imported_by_the_transport_and_the_test_bench_alone() -> None:
    importers = {path for path in FILES if "requests" in imported(path)}

    assert {place(path)[0] for path in importers} <= {"_transport", "_bench"}


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports when it runs."""
    found: set[str] = set()

    class Visitor(ast.NodeVisitor):
        def visit_If(self, node: ast.If) -> None:
            if "TYPE_CHECKING" not in ast.unparse(node.test):
                self.generic_visit(node)

        def visit_Import(self, node: ast.Import) -> None:
            found.update(alias.name.split(".")[0] for alias in node.names)

        def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
            if not node.level and node.module:
                found.add(node.module.split(".")[0])

    Visitor().visit(ast.parse(path.read_text("utf-8")))
    return found
