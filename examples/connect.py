"""A client for the examples: of the real API where a key is set, else of a mock of it on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from dynaopenai import Client
from dynaopenai.testing import MockServer


@contextmanager
def connect(document: str | None = None) -> Iterator[Client]:
    """A client that can be called at once."""
    if os.environ.get("OPENAI_API_KEY") and document is None:
        with Client() as client:
            yield client
        return
    with MockServer(document) as server, Client(document, base_url=server.url, api_key="sk-mock") as client:
        yield client
