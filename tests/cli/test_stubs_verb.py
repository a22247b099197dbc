"""``dynaopenai stubs``: written whole, compared for CI, refused with a reason."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from documents import OK, document

from dynaopenai._cli.cli import run

PETS = document({"/pets": {"get": {"operationId": "listPets", **OK}}})


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pets.json").write_text(json.dumps(PETS), "utf-8")


@pytest.mark.parametrize("words", [["pets.json"], ["--spec", "pets.json"]])
def test_it_is_written_and_is_python(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stubs", *words, "-o", "pets_api.pyi"]) == 0

    text = Path("pets_api.pyi").read_text("utf-8")
    assert "from pets_api import Client" in str(ast.get_docstring(ast.parse(text)))
    assert "of pets.json, sha256 " in text
    assert "from pets_api import Client" in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["pets.json", "pets_api.pyi"]


def test_without_a_file_it_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stubs", "pets.json"]) == 0
    assert "listPets: ListPetsOperation" in capsys.readouterr().out


def test_check_says_whether_the_file_is_what_the_document_says(capsys: pytest.CaptureFixture[str]) -> None:
    check = ["stubs", "pets.json", "-o", "pets_api.pyi", "--check"]

    assert run(check) == 1
    assert '"pets_api.pyi" is not there' in capsys.readouterr().err
    assert run(check[:-1]) == run(check) == 0
    Path("pets.json").write_text(json.dumps({**PETS, "paths": {}}), "utf-8")
    before = Path("pets_api.pyi").read_bytes()
    assert run(check) == 1
    assert "is not what the document says now" in capsys.readouterr().err
    assert Path("pets_api.pyi").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "pets.py"], "expected a module's name and .pyi"),
        (["-o", "my-pets.pyi"], "expected a module's name and .pyi"),
        (["--check"], "--check wants the file to look at"),
        (["--spec", "pets.json"], "the document is given twice"),
        (["-o", "no/such/pets.pyi"], "no such folder"),
    ],
)
def test_wrong_usage_says_what_is_right(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stubs", "pets.json", *words]) == 2
    assert message in capsys.readouterr().err
