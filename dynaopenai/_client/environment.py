"""What ``OPENAI_*`` in the environment adds to a client's settings; where it may go is asked for each request."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace

from .._checking.contract import Contract
from .._request.origin import Origin, origin
from .._request.server import base_url as server_url
from .._request.server import checked_url
from .._request.settings import Environment, Settings

HEADERS = {"OPENAI_ORG_ID": "OpenAI-Organization", "OPENAI_PROJECT_ID": "OpenAI-Project"}  # sent where the key is


def with_environment(settings: Settings, contract: Contract) -> Settings:
    """Settings with what the environment says now."""
    found = {name: os.environ.get(name, "").strip() for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", *HEADERS)}
    base, url = found["OPENAI_BASE_URL"], settings.base_url
    if not url and base:
        api = contract.openapi
        with suppress(ValueError):
            url = server_url(api.servers, api.document.base, settings.server, settings.server_variables)
        if not url or _is_home(url):
            settings = replace(settings, base_url=checked_url(base, "OPENAI_BASE_URL"))
    if settings.credentials == {}:
        return settings
    headers = {header: found[variable] for variable, header in HEADERS.items() if found[variable]}
    return replace(settings, environment=Environment(found["OPENAI_API_KEY"], headers))


def lead_home_to(url: str, key: str, contract: Contract) -> None:
    """Let clients that this process makes from here on go to ``url``, where the contract is the OpenAI API's."""
    api, settings = contract.openapi, Settings()
    with suppress(ValueError):
        if _is_home(server_url(api.servers, api.document.base, settings.server, settings.server_variables)):
            os.environ.update({"OPENAI_BASE_URL": url, "OPENAI_API_KEY": key})


def origin_of(url: str) -> Origin | None:
    """The origin of a URL, None where it has none."""
    try:
        return origin(url)
    except ValueError:
        return None


def _is_home(url: str) -> bool:
    where = origin_of(url)
    return where is not None and (where.is_home or where._replace(scheme="https").is_home)
