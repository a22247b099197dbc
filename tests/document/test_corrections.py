"""The example overlay turns the published document into one that everything here accepts. Needs DYNAOPENAI_CORPUS."""

import os
from pathlib import Path
from typing import Any

import pytest

from dynaopenai import Client
from dynaopenai._document.document import Document, load
from dynaopenai._document.overlay import apply
from dynaopenai.testing import MockServer

CORPUS = os.environ.get("DYNAOPENAI_CORPUS", "")
OVERLAY = Path(__file__).parents[2] / "examples" / "corrections-2.0.0.yaml"

pytestmark = pytest.mark.skipif(not CORPUS, reason="DYNAOPENAI_CORPUS names no folder of documents")


@pytest.fixture(scope="module")
def corrected() -> Document:
    return apply(load(Path(CORPUS) / "openai-2.0.0.yaml"), [OVERLAY])


def test_every_action_matches(corrected: Document) -> None:
    assert corrected.diagnostics == ()


def test_the_document_has_no_defect_left(corrected: Document) -> None:
    assert Client(corrected).diagnostics == []


def test_openapi_core_accepts_it(corrected: Document) -> None:
    from openapi_core import OpenAPI

    assert len(OpenAPI.from_dict(corrected.root).spec / "paths") == len(corrected.root["paths"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_operation_is_called_and_answered(corrected: Document) -> None:
    answered: dict[str, Any] = {}
    with MockServer(corrected) as server:
        client = Client(Path(CORPUS) / "openai-2.0.0.yaml", overlays=[OVERLAY], base_url=server.url, api_key="sk-mock")
        for name, operation in client.operations.items():
            answered[name] = operation.send(**operation.example()).status_code
        chunks = list(client.createChatCompletion(**{**client.createChatCompletion.example(), "stream": True}))

    assert answered == dict.fromkeys(client.operations, 200)
    assert {chunk["choices"][0]["finish_reason"] for chunk in chunks} <= {"stop", None}
