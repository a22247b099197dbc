"""The package knows no API: no operation, path or schema of the bundled document is named in it."""

import re
from functools import cache
from pathlib import Path

import pytest

from dynaopenai import Client

PACKAGE = Path(__file__).parents[2] / "dynaopenai"
FILES = [path for path in sorted(PACKAGE.rglob("*")) if path.suffix in (".py", ".html")]
API = Client(api_key="k")._engine.contract.openapi
ALLOWED = {"Model", "Embedding", "Error"}  # words of their own, in other senses


@cache
def names() -> set[str]:
    operations = {entry.id for entry in API.entries.values()} | set(Client(api_key="k").operations.snake)
    paths = {entry.path for entry in API.entries.values() if entry.path.count("/") > 1}
    compound = {name for name in API.schema_names() if len(re.findall("[A-Z][a-z]+", name)) > 1}
    return operations | paths | compound - ALLOWED


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_name_of_the_api_is_in_the_package(path: Path) -> None:
    text = path.read_text("utf-8")

    assert [name for name in names() if name in text and re.search(rf"(?<![\w/]){re.escape(name)}(?!\w)", text)] == []


def test_there_are_names_to_look_for() -> None:
    assert len(names()) > 100
