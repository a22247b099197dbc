"""`import dynaopenai` is light."""

import subprocess
import sys


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    code = "import sys, dynaopenai; print(*sorted(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    heavy = {"requests", "urllib3", "jsonschema", "jsonschema_rs", "openapi_core", "yaml", "jiter", "werkzeug", "click", "rich"}
    assert heavy & set(loaded) == set()


def test_a_call_needs_no_explainer_and_no_second_reading() -> None:
    code = (
        "import sys; from dynaopenai import Client; client = Client(api_key='x');"
        "op = next(iter(client.operations.values())); op.prepare(**op.example()); print(*sorted(sys.modules))"
    )

    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert {"jsonschema", "openapi_core", "werkzeug", "rich", "click"} & set(loaded) == set()
