"""The API's own documents, of three revisions: a mock accepts every operation's example, and the client every answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dynaopenai import Client
from dynaopenai._mock.server import MockServer
from dynaopenai._response.stream import Stream

CORPUS = Path(os.environ.get("DYNAOPENAI_CORPUS", ""))
DOCUMENTS = ["openai-2.0.0.yaml", "openai-2.1.0.yaml", "openai-2.3.0.yaml"]

pytestmark = [
    pytest.mark.skipif(not (CORPUS / DOCUMENTS[-1]).is_file(), reason="DYNAOPENAI_CORPUS names no folder with the documents"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_works_with_its_example_streamed_too(name: str) -> None:
    failed: dict[str, str] = {}
    with MockServer(CORPUS / name) as server, Client(CORPUS / name, base_url=server.url, api_key="sk-mock", max_retries=0) as client:
        for operation in client.operations.values():
            has_events = any("event-stream" in media for response in operation.responses.values() for media in response.content)
            for more in ({}, {"stream": True}) if has_events else ({},):
                try:
                    response = operation.send(**{**operation.example(), **more})
                    assert not isinstance(response.data, Stream) or list(response.data)
                    response.close()
                except Exception as error:  # noqa: BLE001 - all of them are told at the end
                    if "stream: unknown argument" not in str(error):
                        failed[f"{operation.id} {more}"] = f"{type(error).__name__}: {str(error)[:300]}"
                    continue
                record = server.requests[-1]
                if (record.operation_id, record.verdict) != (operation.id, ()):
                    failed[f"{operation.id} {more}"] = str(record)

    assert failed == {}
