"""docs/testing.md and the README's tests are run as they stand; the public names of the test bench are there and are told when they lack something."""

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from pages import blocks, text_of

from dynaopenai import testing
from dynaopenai._cli.cli import cli

pytest_plugins = "pytester"

PAGE = text_of("docs/testing.md")


@pytest.mark.parametrize("page", ["docs/testing.md", "README.md"])
def test_each_block_is_a_test_module_that_passes(page: str, pytester: pytest.Pytester) -> None:
    shown = [block for block in blocks(page, "python") if "def test_" in block.text and not block.package]
    for block in shown:
        pytester.makepyfile(**{f"test_line_{block.line}": block.text})

    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:asyncio", "-p", "no:cacheprovider", "-W", "error")

    result.assert_outcomes(passed=sum(len(re.findall(r"^def test_", block.text, re.MULTILINE)) for block in shown))


def test_the_page_names_every_public_name() -> None:
    told = {"CassetteError", "InvalidCallError", "InvalidPayloadError", "RegistrationError", "UnmockedCallError"}
    errors = told | {"UnusedAnswersError", "Call", "Verdict"}  # what is raised and handed over, not what is asked for

    assert [name for name in testing.__all__ if name not in errors and name not in PAGE] == []


def test_the_page_names_every_option_of_the_server() -> None:
    usage = CliRunner().invoke(cli, ["mock", "--help"]).output
    line = next(line for line in PAGE.splitlines() if line.startswith("dynaopenai mock"))

    assert re.findall(r"--[a-z-]+", line)
    assert [option for option in re.findall(r"--[a-z-]+", line) if option not in usage] == []


def test_public_names_are_listed_once_and_are_there() -> None:
    assert len(testing.__all__) == len(set(testing.__all__))
    assert [name for name in testing.__all__ if not hasattr(testing, name)] == []
    assert set(dir(testing)) == set(testing.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Mok'"):
        _ = testing.Mok


@pytest.mark.parametrize(
    ("name", "lacking"), [("strategies", "hypothesis"), ("strategies", "hypothesis_jsonschema")]
)
def test_a_package_that_is_not_installed_is_named(name: str, lacking: str) -> None:
    script = f"import sys; sys.modules[{lacking!r}] = None\nfrom dynaopenai import testing\ntesting.{name}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    message = f"testing.{name} needs {lacking}, which is not installed; `pip install 'dynaopenai[testing]'`"
    assert done.stderr.splitlines()[-1] == f"ModuleNotFoundError: {message}"


def test_importing_it_imports_nothing_of_weight() -> None:
    script = "import sys; from dynaopenai import testing; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert {"requests", "responses", "hypothesis", "yaml", "openapi_core", "jsonschema_rs", "werkzeug"} & set(
        loaded
    ) == set()
