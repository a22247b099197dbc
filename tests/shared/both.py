"""The fixtures that run a test with a Client and with an AsyncClient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from awaited import Loop
from small_api import API, KEY

from dynaopenai import AsyncClient, Client

WAYS = ("Client", "Client over requests", "AsyncClient", "AsyncClient over aiohttp")  # a call with a hook goes over a library


@pytest.fixture(params=["Client", "AsyncClient"])
def a_client(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes one or the other, of any document."""
    if request.param == "Client":
        yield Client
        return
    if request.param == "Client over requests":
        yield lambda *args, **options: Client(*args, **{"on_request": lambda _: None, **options})
        return
    loop, hook = Loop(), {"on_request": lambda _: None} if request.param.endswith("aiohttp") else {}
    try:
        yield lambda *args, **options: loop.client(AsyncClient, *args, **{**hook, **options})
    finally:
        loop.end()


@pytest.fixture
def client(a_client: Callable[..., Any]) -> Callable[..., Any]:
    """Makes one of the small document, at a URL."""
    return lambda url, **options: a_client(API, base_url=url, api_key=KEY, **{"timeout": 5, **options})
