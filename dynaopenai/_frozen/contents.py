"""The package's data files, and its modules that are imported by name: no scan of imports finds either.

Only the folder is read: nothing is imported, and PyInstaller is not needed.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
BUNDLED = "openapi.yaml"
FOR_TESTS = ("_pytest", "_bench", "testing", "_frozen")  # they need pytest and hypothesis; who imports `testing` gets _bench
HERE = Path(__file__).parent


def hook_dirs() -> list[str]:
    """Where PyInstaller's hooks stand (its entry point ``pyinstaller40``)."""
    return [str(HERE / "hooks")]


def data_files() -> list[tuple[str, str]]:
    """Each file that is no module, and the folder of the application that it goes to."""
    found = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc", ".pyo")]
    bundled = PACKAGE / BUNDLED
    if not bundled.is_file():
        found.append(PACKAGE.parent / BUNDLED)  # an editable install
    return [(str(path), _folder(path)) for path in sorted(found)]


def _folder(path: Path) -> str:
    inside = path.parent.relative_to(PACKAGE) if path.is_relative_to(PACKAGE) else Path()
    return (Path(PACKAGE.name) / inside).as_posix()


def modules(*, for_tests: bool = False) -> list[str]:
    """The package's modules by their full names: those that an application needs, or those that its tests do."""
    paths = (path.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py") if "-" not in path.stem)
    names = (path.parent.parts if path.stem == "__init__" else path.with_suffix("").parts for path in paths)
    return sorted(".".join(parts) for parts in names if (len(parts) > 1 and parts[1] in FOR_TESTS) is for_tests)
