"""docs/http.md, and the pages about streams, files and asyncio, name every option."""

import dataclasses
import re

import pytest
from pages import text_of

from dynaopenai import Limits, Retry
from dynaopenai._client.environment import HEADERS
from dynaopenai._request.settings import HOOKS, Settings
from dynaopenai._transport.log import VARIABLE

PAGE = "\n".join(text_of(f"docs/{name}.md") for name in ("http", "streams", "files", "async"))
ELSEWHERE = {"environment", "servers", "uri", "query", "validate_requests", "credentials", "server", "server_variables"}


@pytest.mark.parametrize(
    "name",
    [
        *(item.name for item in dataclasses.fields(Settings) if item.name not in ELSEWHERE),
        *(item.name for item in dataclasses.fields(Limits)),
        *(item.name for item in dataclasses.fields(Retry) if item.name != "headers"),
        *HOOKS,
        *HEADERS,
        *HEADERS.values(),
        VARIABLE,
    ],
)
def test_every_option_is_named(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE)


def test_the_defaults_are_those_of_the_code() -> None:
    assert "| `answer` | 1 GiB |" in PAGE
    assert "The default is `(10, 600)`" in PAGE
    assert (Limits(), Settings().timeout, Settings().max_retries) == (Limits(1 << 30, 64 << 20, 100, 200), (10, 600), 2)
