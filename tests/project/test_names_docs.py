"""docs/names.md: its session happens as shown, its table and its names are what the rule gives."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from documents import answer, document

from dynaopenai import Client
from dynaopenai._client.grouping import grouped

PAGE = (Path(__file__).parents[2] / "docs" / "names.md").read_text("utf-8")
LIST, THING = answer({"type": "array", "items": {}}), answer({"type": "object"})


def block(kind: str) -> str:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]


def test_the_session_is_what_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    test = doctest.DocTestParser().get_doctest(block("pycon"), {}, "names.md", "docs/names.md", 0)

    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def names(paths: dict[str, Any], **more: Any) -> set[str]:
    return set(grouped(Client(document(paths, **more))._engine.contract.openapi))


@pytest.mark.parametrize(
    ("paths", "row"),
    [
        ({"/pets": {"get": LIST, "post": THING}}, "`pets.list`, `pets.create`"),
        ({"/pets/{id}": {"get": THING, "patch": THING, "delete": THING}}, "`pets.retrieve`, `pets.update`, `pets.delete`"),
        ({"/pets/{id}": {"post": THING}}, "`pets.update`"),
        ({"/pets/{id}": {"post": THING, "put": THING, "patch": THING}}, "`pets.update`; beside `PATCH` they are `pets.create` and `pets.replace`"),
        ({"/shops/{shop}/pets": {"get": LIST}}, "`shops.pets.list`"),
        ({"/account": {"get": THING, "post": THING}}, "`account.retrieve`, `account.update`"),
        ({"/pets/{id}/feed": {"post": THING}}, "`pets.feed`"),
        ({"/pets/findByTag": {"get": {"operationId": "findPetsByTag", **LIST}}}, "`pets.find_by_tag`"),
        ({"/api/v1/pets": {"get": LIST}}, "`pets.list`"),
        ({"/pets?beta=true": {"post": THING}}, "`beta.pets.create`"),
    ],
)
def test_the_table_is_the_rule(paths: dict[str, Any], row: str) -> None:
    assert any(line.split(" | ")[1].strip(" |").startswith(row) for line in PAGE.splitlines() if line.startswith("| `"))
    assert names(paths) == set(re.findall(r"`([a-z_.]+)`", row))


def test_the_document_says_other_names() -> None:
    said = yaml.safe_load(block("yaml"))

    assert names({"/pets/{id}": {"get": THING}, "/shops/{shop}/pets": {"get": LIST}}, **said) == {"pets.look_up", "shops.pets.list", "stock.list"}
