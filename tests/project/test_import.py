"""`import dynaopenai` is light."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    code = "import sys, dynaopenai; print(*sorted(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    heavy = {"requests", "urllib3", "jsonschema", "jsonschema_rs", "openapi_core", "yaml", "jiter", "werkzeug", "click", "rich"}
    assert heavy & set(loaded) == set()


def test_importing_it_warns_of_nothing() -> None:
    code = "from dynaopenai import AsyncClient, Client, testing; from dynaopenai._cli.cli import cli"

    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_a_call_needs_no_explainer_and_no_second_reading() -> None:
    code = (
        "import sys; from dynaopenai import Client; client = Client(api_key='x');"
        "op = next(iter(client.operations.values())); op.prepare(**op.example()); print(*sorted(sys.modules))"
    )

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert {"jsonschema", "openapi_core", "werkzeug", "rich", "click"} & set(loaded) == set()


def test_making_a_client_needs_nothing_that_only_writes_or_explains() -> None:
    code = "import sys; before = set(sys.modules); from dynaopenai import Client; Client(api_key='x'); print(*set(sys.modules) - before)"

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert {"zipfile", "uuid", "html", "importlib.resources", "dynaopenai._checking.example", "dynaopenai._request.xml_writing"} & set(loaded) == set()


def test_the_bundled_document_is_found_in_a_zip(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    with ZipFile(tmp_path / "bundle.zip", "w") as bundle:
        for path in (root / "dynaopenai").rglob("*.py"):
            bundle.write(path, path.relative_to(root))
        bundle.write(root / "openapi.yaml", "dynaopenai/openapi.yaml")
    code = "import sys; sys.path.insert(0, sys.argv[1]); import dynaopenai; print(dynaopenai.__file__, len(dynaopenai.Client().operations))"

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "bundle.zip")], check=True, capture_output=True, text=True, cwd=tmp_path
    )

    assert done.stdout.split() == [str(tmp_path / "bundle.zip" / "dynaopenai" / "__init__.py"), "28"]
