"""Whatever the document and the terminal, a screen keeps to its width, and what is required is said."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shop import SHOP

from dynaopenai import Client
from dynaopenai._client import listing
from dynaopenai._display import width as _width

CORPUS = os.environ.get("DYNAOPENAI_CORPUS", "")
DOCUMENTS = [pytest.param(lambda: Client(SHOP), id="shop"), pytest.param(Client, id="bundled")]
LARGE = pytest.param(
    lambda: Client(Path(CORPUS) / "openai-2.3.0.yaml"), id="large",
    marks=pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents"),
)  # fmt: skip


@pytest.fixture(params=[60, 80, 120])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(_width, "terminal", lambda: request.param)
    monkeypatch.setattr(listing, "terminal", lambda: request.param)
    return request.param


def longest(text: str) -> int:
    return max(map(_width.width, text.splitlines()), default=0)


@pytest.mark.parametrize("made", [*DOCUMENTS, LARGE])
def test_every_screen_fits(made: Callable[[], Client], columns: int) -> None:
    client = made()
    entries = [operation._entry for operation in client.operations.values()]
    screens: dict[str, Any] = {
        "client": repr(client),
        "ls": "\n".join(listing.grouped(entries)),
        **{f"find {words}": repr(client.find(words)) for words in ("create", "a b c", "zzzz", "order")},
        **{operation.id: repr(operation) for operation in list(client.operations.values())[:40]},
    }

    assert {name: longest(text) for name, text in screens.items() if longest(text) > columns} == {}


@pytest.mark.parametrize("made", [*DOCUMENTS, LARGE])
def test_what_is_required_is_never_cut_off(made: Callable[[], Client], columns: int) -> None:
    client = made()
    names = [name for name in client._engine.contract.openapi.schema_names() if name.startswith("Create")][:20] or ["Order"]
    for name in names:
        schema, shown = client.schema(name), repr(client.schema(name)).splitlines()
        assert longest("\n".join(shown)) <= columns
        own = [line for line in shown if line.startswith(("├─", "└─"))]
        if schema.properties and len(own) == len(schema.properties):
            said = [line for line, member in zip(own, schema.properties, strict=True) if member in schema.required]
            assert [line for line in said if "  required" not in line] == []


def test_a_default_is_never_alone_on_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [f"{size}x{size}" for size in range(100, 112)]
    argument = {"in": "query", "name": "size", "schema": {"enum": values, "default": "100x100"}}
    client = Client({**SHOP, "paths": {"/x": {"get": {"operationId": "x", "parameters": [argument], "responses": {}}}}})
    for columns in range(40, 121):
        monkeypatch.setattr(_width, "terminal", lambda columns=columns: columns)
        lines = [line.strip() for line in str(client.x.__doc__).splitlines()]
        assert [line for line in lines if line.startswith(("=", '"100x100" ('))] == []
