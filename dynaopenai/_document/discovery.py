"""A URL -> the document there; where only a server is, the document at one of the places where servers keep it.

Rules of this file:
1. What stands at the URL goes first; another place is asked where that is no document: an error of the 400s, another page.
2. Only this host is asked, redirects included, one place after another, `FETCH_TIMEOUT` for all of them.
3. Which one was taken is told; an error names all that were tried.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from .._display.words import short
from ..errors import SpecError
from . import source as _source
from . import syntax as _syntax
from .source import FETCH_TIMEOUT, SUFFIXES, Fetched, Text

NAMES = (  # the most usual first: FastAPI, springdoc, .NET, drf-spectacular, NestJS, Fastify, Quarkus
    "openapi.json",
    "openapi.yaml",
    "openapi.yml",
    "swagger.json",
    "swagger.yaml",
    "v3/api-docs",
    "v2/api-docs",
    "api-docs",
    "swagger/v1/swagger.json",
    "openapi/v1.json",
    "api/openapi.json",
    "api/schema/",
    "api-json",
    "documentation/json",
    "q/openapi",
    "openapi",
    ".well-known/openapi.json",
    ".well-known/openapi.yaml",
)
DOCUMENT = r"""(?m)(?:^[ \t]*|[{,]\s*)["']?(?:openapi|swagger)["']?[ \t]*:\s*["']?\d"""


def read(source: _source.Readable) -> Text:
    """The text at a path or a URL, the text itself, or for None that of the bundled document.

    Raises:
        SpecError: it cannot be read.
    """
    if not isinstance(source, str) or not is_url(source):
        return _source.read(source)
    place, fetched = fetch(source)
    return Text(fetched.data, place, _source.name_of(place))


def is_url(source: str) -> bool:
    """Whether a text is a URL, not a document."""
    return source.lower().startswith(("http://", "https://")) and "\n" not in source


def fetch(url: str) -> tuple[str, Fetched]:
    """Where a document is, and what was fetched there.

    Raises:
        SpecError: it cannot be fetched, or a server has none at any of the usual places.
    """
    from urllib.error import HTTPError

    from .._display.notice import tell

    until = time.monotonic() + FETCH_TIMEOUT
    refusal = None
    try:
        fetched = _fetched(url)
    except SpecError as error:
        if not (_may_be_a_server(url) and isinstance(error.__cause__, HTTPError) and error.__cause__.code < 500):
            raise
        refusal = error
    else:
        if not _may_be_a_server(url) or _is_document(fetched.data, url):
            return url, fetched
    tried = []
    for place in _places(url):
        if time.monotonic() > until:
            break
        tried.append(urlsplit(place).path)
        with suppress(SpecError):
            fetched = _fetched(place, [str(urlsplit(place).hostname)])
            if _is_document(fetched.data, url):
                tell(f"{url} is no document; {place} is one, and is taken")
                return place, fetched
    found = refusal.message if refusal is not None else f"another page at {short(url)}"
    remedy = f"give the address of the document itself; tried {', '.join(tried)}"
    raise SpecError("this server shows no OpenAPI document", source=url, found=found, remedy=remedy) from refusal


def _fetched(url: str, hosts: Collection[str] | None = None) -> Fetched:
    fetched = _source.fetch_newer(url, {}, hosts)
    assert fetched is not None
    return fetched


def _is_document(data: bytes, name: str) -> bool:
    """Whether a text is to be read as a document, at a glance: it has the field, and is no HTML page that shows one."""
    text = _syntax.decoded(data, name)
    return not text.lstrip("\ufeff \t\r\n").startswith("<") and re.search(DOCUMENT, text) is not None


def _may_be_a_server(url: str) -> bool:
    """Whether a URL names no file: an API's or its documentation's own address."""
    parts = urlsplit(url)
    return not parts.query and not parts.path.lower().endswith(SUFFIXES)


def _places(url: str) -> Iterator[str]:
    """Below the path that was given, where there is one, then below the root."""
    parts = urlsplit(url)
    paths = dict.fromkeys([parts.path.rstrip("/"), ""])
    return (f"{parts.scheme}://{parts.netloc}{path}/{name}" for path in paths for name in NAMES)
