"""Server Objects -> the base URL of a call (OAS 3.1.1 §4.8.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from .._display.words import did_you_mean, one_of, short
from .._document.openapi import Server
from .origin import Origin, origin


def base_url(
    servers: Sequence[Server], uri: str, choice: int | str | None = None, variables: Mapping[str, str] | None = None
) -> str:
    """The URL of one server, its variables filled in; relative ones are relative to the document's ``uri``.

    Args:
        choice: index, name or URL of the server; the first one where None.
        variables: values for the server's variables; their defaults fill the rest.

    Raises:
        ValueError: there is no such server, or no absolute URL can be made.
    """
    server = _chosen(servers, choice)
    url = re.sub(r"\{([^{}]+)\}", lambda match: _value(server, match[1], variables or {}), server.url)
    for name in variables or {}:
        if name not in server.variables:
            msg = f"server_variables: {short(server.url)} has no variable {short(name)}. {did_you_mean(name, server.variables)}"
            raise ValueError(msg.strip())
    if not urlsplit(url).scheme and uri.startswith(("http://", "https://")):
        url = urljoin(uri, url)
    return checked_url(url, "the document's server")


def checked_url(url: str, where: str) -> str:
    """``url``, an absolute http(s) URL without a trailing slash.

    Raises:
        ValueError: it is none.
    """
    try:
        origin(url)
        fine = re.search(r"[\x00-\x20\x7f]", url) is None
    except ValueError:
        fine = False
    if not fine:
        from .._secrecy.redaction import redacted_text

        msg = f'{where}: found {short(redacted_text(url))}, expected an absolute URL such as "https://host/v1"; give base_url='
        raise ValueError(msg)
    return url.rstrip("/")


def declared_origins(servers: Sequence[Server], uri: str, variables: Mapping[str, str]) -> Iterator[Origin]:
    """The origins of these servers, with those of the variables that each of them has."""
    for index, server in enumerate(servers):
        known = {name: value for name, value in variables.items() if name in server.variables}
        with suppress(ValueError):
            yield origin(base_url(servers, uri, index, known))


def _chosen(servers: Sequence[Server], choice: int | str | None) -> Server:
    if choice is None and servers:
        return servers[0]
    if isinstance(choice, int) and 0 <= choice < len(servers):
        return servers[choice]
    for server in servers:
        if choice in (server.name, server.url, server.description):
            return server
    names = one_of([server.name or server.url for server in servers])
    msg = f"server: found {short(choice)}, expected {names}, or an index below {len(servers)}"
    raise ValueError(msg)


def _value(server: Server, name: str, given: Mapping[str, str]) -> str:
    declared = server.variables.get(name, {})
    value = given.get(name, declared.get("default"))
    if value is None:
        msg = f"server_variables: {short(server.url)} needs a value for {short(name)}"
        raise ValueError(msg)
    allowed = declared.get("enum")
    if isinstance(allowed, list) and allowed and value not in allowed:
        msg = f"server_variables: {name}: found {short(value)}, expected {one_of(allowed)}. {did_you_mean(value, allowed)}"
        raise ValueError(msg.strip())
    return str(value)
