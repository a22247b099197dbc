"""Real documents, whole: everything in them loads, is found, can be called, and is answered over real HTTP.

The small documents of many vendors' making always; those in the folder ``DYNAOPENAI_CORPUS`` where it is set.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import documents
import pytest

from dynaopenai import Binary, Client, Stream
from dynaopenai._mock.server import MockServer

FOLDER = os.environ.get("DYNAOPENAI_CORPUS", "")
FILES = sorted(path for path in Path(FOLDER).iterdir() if path.suffix in (".yaml", ".yml", ".json")) if FOLDER else []
BUNDLED = Path(__file__).parents[2] / "openapi.yaml"
SOURCES: list[Any] = [*documents.ALL.values(), BUNDLED, *FILES]
NAMES = [*documents.ALL, BUNDLED.name, *(path.name for path in FILES)]
pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated by the API:DeprecationWarning")
KEYS = {"basic": ("me", "pw"), "token": "t", "BearerToken": "t"}


@pytest.fixture(params=SOURCES, ids=NAMES)
def source(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.skipif(not FOLDER, reason="DYNAOPENAI_CORPUS names no folder of documents")
def test_the_corpus_is_there() -> None:
    assert FILES != []


def test_every_operation_is_prepared_from_its_example(source: Any) -> None:
    client = Client(source, api_key="k", base_url="http://127.0.0.1:1")

    for operation in client.operations.values():
        prepared = operation.prepare(**operation.example())
        assert (prepared.method, prepared.url[:19]) == (operation.method, "http://127.0.0.1:1/")  # type: ignore[index]


def test_nothing_in_it_is_beyond_use(source: Any) -> None:
    found = Client(source).diagnostics

    assert [str(item) for item in found if item.severity == "error"] == []
    assert [item for item in found if item.line is None] == [] or not isinstance(source, Path)


def test_every_schema_gives_a_verdict(source: Any) -> None:
    client = Client(source)

    for name in client._engine.contract.openapi.schema_names():
        assert client.schema(name).is_valid({"\u0000": []}) in (True, False)


@pytest.fixture
def served(source: Any) -> Iterator[tuple[Any, MockServer]]:
    with MockServer(source) as server:
        yield source, server


def test_every_operation_is_answered_as_declared(served: tuple[Any, MockServer]) -> None:
    source, server = served
    keys: Any = KEYS if isinstance(source, dict) else "sk-mock"
    client = Client(source, api_key=keys, base_url=server.url, max_retries=0)
    if source is documents.EVERYTHING or source is documents.PAYMENTS:
        pytest.skip("openapi-core, which judges for the mock, knows neither 3.2's methods nor deepObject for other than objects")

    for operation in client.operations.values():
        answer = operation.send(**operation.example())
        if isinstance(answer.data, Stream):
            assert list(answer.data) != []
        elif isinstance(answer.data, Binary):
            assert len(answer.data.read()) > 0
        assert answer.status_code < 300


def test_the_table_says_what_is_in_each(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(__file__).parents[2] / "examples" / "documents.py"
    spec = importlib.util.spec_from_file_location("documents_table", path)
    assert spec is not None
    assert spec.loader is not None
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)

    table.main([str(BUNDLED)])

    head, _, row = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "document"
    assert row.split()[:7] == ["openapi.yaml", "3.0", "28", "28", "50", "0", "0"]
