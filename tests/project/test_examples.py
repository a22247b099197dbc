"""Every example runs against the mock with no key, and the notebook shows what it says that it shows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.py") if path.name != "connect.py")
NOTEBOOK = json.loads((EXAMPLES / "notebook.ipynb").read_text("utf-8"))

RUNNER = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

shell, shown = InteractiveShell.instance(), []
for source in json.load(sys.stdin):
    with capture_output(display=False) as captured:
        result = shell.run_cell(source)
    result.raise_error()
    value = result.result
    html = value._repr_html_() if hasattr(value, "_repr_html_") else ""
    shown.append({"stdout": captured.stdout.partition("Out[")[0], "text": "" if value is None else repr(value), "html": html})
shell.user_ns.get("server") and shell.user_ns["server"].stop()
print(json.dumps(shown))
"""


def run(*words: str, text: str = "", folder: Path) -> subprocess.CompletedProcess[str]:
    """In a folder that has nothing to do with the checkout."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "DYNAOPENAI_SPEC"))}
    environment = {**kept, "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore", "IPYTHONDIR": str(folder)}
    return subprocess.run(
        [sys.executable, *words], input=text, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=120, check=False, cwd=folder
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_example_runs_with_no_key(script: str, tmp_path: Path) -> None:
    done = run(str(EXAMPLES / script), folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_there_is_an_example_of_each_kind() -> None:
    assert {"chat.py", "streaming.py", "files.py", "embeddings.py", "fine_tuning.py", "other_vendor.py"} <= set(SCRIPTS)


REMEDY = "run it again: jupyter nbconvert --to notebook --execute --inplace examples/notebook.ipynb"


def masked(text: str) -> str:
    """Without what differs from run to run: ports, lines, moments."""
    return re.sub(r"\b1[789]\d{8}\b", "T", re.sub(r"(127\.0\.0\.1|openapi\.yaml):\d+", r"\1:N", text)).strip()


def stored(cell: dict[str, Any]) -> dict[str, str]:
    found = {"stdout": "", "text": "", "html": ""}
    for output in cell["outputs"]:
        assert output["output_type"] in ("stream", "execute_result"), output
        if output["output_type"] == "stream":
            found["stdout"] += "".join(output["text"])
        else:
            found["text"] = "".join(output["data"]["text/plain"])
            found["html"] = "".join(output["data"].get("text/html", ""))
    return {key: masked(text) for key, text in found.items()}


def test_the_notebook_shows_what_it_shows(tmp_path: Path) -> None:
    pytest.importorskip("IPython")
    cells = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]

    done = run("-c", RUNNER, text=json.dumps(["".join(cell["source"]) for cell in cells]), folder=tmp_path)

    assert done.returncode == 0, done.stderr
    shown = [{key: masked(text) for key, text in cell.items()} for cell in json.loads(done.stdout.splitlines()[-1])]
    texts = [{**cell, "text": ""} for cell in shown]
    assert texts == [{**stored(cell), "text": ""} for cell in cells], REMEDY
    assert [cell["text"] for cell in shown if cell["html"]] == [stored(cell)["text"] for cell in cells if stored(cell)["html"]], REMEDY
