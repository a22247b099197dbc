"""A frozen application finds the documents, the mock's page and every module that is imported by name."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from dynaopenai._frozen import contents

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dynaopenai"


def test_every_file_that_is_no_module_is_taken_along() -> None:
    taken = {f"{folder}/{Path(path).name}" for path, folder in contents.data_files()}
    tracked = {path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}

    assert taken == tracked | {"dynaopenai/openapi.yaml"}
    assert {"dynaopenai/apis/apis.json", "dynaopenai/_mock/page.html"} <= taken
    assert all(Path(path).is_file() for path, _ in contents.data_files())


def test_every_module_is_taken_along_and_those_for_tests_apart() -> None:
    application, bench = set(contents.modules()), set(contents.modules(for_tests=True))

    assert {"dynaopenai", "dynaopenai._cli.verbs.mock", "dynaopenai._client.async_client"} <= application
    assert {"dynaopenai.testing", "dynaopenai._bench.strategies", "dynaopenai._pytest"} <= bench
    assert application.isdisjoint(bench)
    assert len(application | bench) == sum("-" not in path.stem for path in PACKAGE.rglob("*.py"))


def test_the_entry_point_leads_to_the_hooks() -> None:
    (found,) = [each for each in entry_points(group="pyinstaller40") if each.value.startswith("dynaopenai.")]
    (folder,) = found.load()()

    hooks = {path.name: runpy.run_path(str(path)) for path in Path(folder).glob("hook-*.py")}
    assert hooks["hook-dynaopenai.py"]["datas"] == contents.data_files()
    assert set(contents.modules()) <= set(hooks["hook-dynaopenai.py"]["hiddenimports"])
    assert "dynaopenai._bench.in_process" in hooks["hook-dynaopenai.testing.py"]["hiddenimports"]


def test_asking_for_them_imports_nothing_heavy() -> None:
    script = "import sys; from dynaopenai._frozen import contents; contents.modules(); print(*{'requests', 'hypothesis', 'pytest', 'PyInstaller'} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", script], text=True, cwd=ROOT).strip() == ""


def test_pyinstaller_finds_the_hooks() -> None:
    entry = pytest.importorskip("PyInstaller.building.build_main", exc_type=ImportError)
    assert str(PACKAGE / "_frozen" / "hooks") in {os.path.normpath(each) for each in _hook_dirs(entry)}


def _hook_dirs(build_main: object) -> list[str]:
    return [folder for folder, _ in build_main.discover_hook_directories()]  # type: ignore[attr-defined]


APP = """
import sys
from dynaopenai import Client
from dynaopenai.__main__ import main

client = Client(api_key="sk-x")
print(client.listModels.prepare().url)
sys.argv = ["dynaopenai", "show", "listModels"]
main()
"""


@pytest.mark.skipif("DYNAOPENAI_FREEZE" not in os.environ, reason="a build takes a minute: DYNAOPENAI_FREEZE=1 makes one")
def test_a_frozen_application_works_where_nothing_is_installed(tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller")
    (tmp_path / "app.py").write_text(APP, "utf-8")
    heavy = [word for name in ("IPython", "pyarrow", "distributed", "dask", "pandas", "numpy") for word in ("--exclude-module", name)]
    command = [sys.executable, "-m", "PyInstaller", "--onefile", "--log-level", "ERROR", *heavy, "app.py"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=600)

    bare = {"PATH": "/nowhere", "HOME": str(tmp_path)}
    told = subprocess.check_output([str(tmp_path / "dist" / "app")], cwd=tmp_path, env=bare, text=True, timeout=120)
    assert told.startswith("https://api.openai.com/v1/models\n")
    assert "listModels" in told.partition("\n")[2]
