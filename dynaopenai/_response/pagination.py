"""An answer -> the request for the next page, by what the document declares and the answer says. No I/O.

Rules of this file:
1. What the server gives as a link is followed (RFC 8288 ``Link: <...>; rel="next"``, or a URL in the body).
2. Else what it gives as a mark (a cursor, a token, the last id) goes into the query parameter that the operation
   declares for it.
3. Else a declared page number or offset is counted on, until a page says that it is the last, or has no items.
4. A server that leads back to a page that was there already is told off, not followed for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from .._document import openapi
from .._request.request import Request
from .._secrecy.names import is_secret
from .._transport.redirect import redirected
from ..errors import ResponseValidationError, Violation, short
from .response import Response

ITEMS = ("data", "items", "results", "values", "records", "entries", "elements")
MORE = ("has_more", "hasMore", "has_next", "hasNext", "more")
URLS = ("next", "next_url", "nextUrl", "next_link", "nextLink", "@odata.nextLink", "next_page_url")
MARKS = ("next_cursor", "nextCursor", "next_page_token", "nextPageToken", "next_token", "nextToken", "continuation", "next", "cursor", "next_page")
CURSORS = ("cursor", "page_token", "pageToken", "next_token", "nextToken", "token", "continuation", "after", "starting_after", "page")
AFTER = ("after", "starting_after", "after_id", "since_id")
LAST = ("last_id", "lastId", "last")
PAGE = ("page", "page_number", "pageNumber", "p")
PAGES = ("total_pages", "totalPages", "page_count", "pages", "last_page")
OFFSET = ("offset", "skip", "start")
SIZE = ("limit", "page_size", "pageSize", "per_page", "perPage", "size", "count")


def pages(
    operation: openapi.Operation, request: Request, fetch: Callable[[Request], Response]
) -> Iterator[Response]:
    """The answers page by page, each fetched when it is asked for.

    Raises:
        ResponseValidationError: the server leads in a circle.
    """
    seen = set()
    following: Request | None = request
    while following is not None:
        seen.add(following.url)
        response = fetch(following)
        yield response
        following = next_request(operation, following, response)
        if following is not None and following.url in seen:
            circle = Violation("", "found a next page that was there already, expected another")
            raise ResponseValidationError(operation.id, [circle], response, response.data)


def items(operation_id: str, response: Response) -> list[Any]:
    """The items of one page: the answer itself, or its list.

    Raises:
        ResponseValidationError: there is no list, or more than one and none of a usual name.
    """
    found = _items(response.data)
    if found is None:
        none = Violation("", f"found {short(response.data)}, expected a list, or an object with one list")
        raise ResponseValidationError(operation_id, [none], response, response.data)
    return found


def next_request(operation: openapi.Operation, request: Request, response: Response) -> Request | None:
    """The request for the page after this one; None where there is none."""
    body = response.data
    facts: Mapping[str, Any] = body if isinstance(body, dict) else {}
    declared = [parameter.name for parameter in operation.parameters if parameter.in_ == "query"]
    query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    has_more = _first(facts, MORE)
    if has_more is False:
        return None
    url = _linked(response.headers.get("link", "")) or _url(facts)
    if url:
        return _with_credentials(redirected(request, 307, urljoin(request.url, url)), request)
    change = _marked(facts, declared, has_more is True) or _counted(body, declared, query, has_more is True)
    if change is None:
        return None
    name, value = change
    return _with_query(request, name, str(value))


# --- what the answer says ------------------------------------------------------------------------


def _linked(header: str) -> str:
    """The target of the link whose relation is ``next`` (RFC 8288 §3)."""
    for target, parameters in re.findall(r"<([^<>]*)>((?:\s*;\s*[\w*!-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s,;\"]*))?)*)", header):
        relation = re.search(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s,;\"]*))", parameters, re.IGNORECASE)
        if relation and "next" in (relation[1] or relation[2] or "").lower().split():
            return str(target)
    return ""


def _url(facts: Mapping[str, Any]) -> str:
    """A URL in the body; ``links.next`` and the like too."""
    inner = [facts[name] for name in ("links", "_links", "paging", "pagination", "meta") if isinstance(facts.get(name), dict)]
    for held in (facts, *inner):
        for name in URLS:
            value = held.get(name)
            value = value.get("href") if isinstance(value, dict) else value
            if isinstance(value, str) and re.match(r"https?://|/|\?", value):
                return value
    return ""


def _marked(facts: Mapping[str, Any], declared: list[str], has_more: bool) -> tuple[str, Any] | None:
    mark = _first(facts, MARKS)
    name = next((name for name in CURSORS if name in declared), None)
    if name is not None and isinstance(mark, (str, int)) and not isinstance(mark, bool) and mark != "":
        return name, mark
    after = next((name for name in AFTER if name in declared), None)
    if after is None or not has_more:
        return None
    last = _first(facts, LAST)
    held = _items(facts) or []
    if last is None and held and isinstance(held[-1], dict):
        last = held[-1].get("id")
    return (after, last) if isinstance(last, (str, int)) and last != "" else None


def _counted(body: Any, declared: list[str], query: Mapping[str, str], has_more: bool) -> tuple[str, Any] | None:
    held, facts = _items(body), body if isinstance(body, dict) else {}
    if not held:
        return None
    size = next((int(query[name]) for name in SIZE if query.get(name, "").isdecimal()), None)
    may_go_on = has_more or size is None or len(held) >= size
    page = next((name for name in PAGE if name in declared), None)
    if page is not None:
        number = int(query[page]) if query.get(page, "").isdecimal() else 1
        total = _first(facts, PAGES)
        return (page, number + 1) if (number < total if isinstance(total, int) else may_go_on) else None
    offset = next((name for name in OFFSET if name in declared), None)
    if offset is None:
        return None
    reached = (int(query[offset]) if query.get(offset, "").isdecimal() else 0) + len(held)
    total = _first(facts, ("total", "total_count", "totalCount"))
    return (offset, reached) if (reached < total if isinstance(total, int) else may_go_on) else None


def _items(body: Any) -> list[Any] | None:
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return None
    lists = {name: value for name, value in body.items() if isinstance(value, list)}
    usual = next((lists[name] for name in ITEMS if name in lists), None)
    if usual is not None:
        return usual
    return next(iter(lists.values())) if len(lists) == 1 else None


def _first(facts: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((facts[name] for name in names if facts.get(name) is not None), None)


def _with_credentials(following: Request, request: Request) -> Request:
    """With what of the query showed who asks, where the server's own link leaves it out and stays at its origin."""
    from dataclasses import replace

    parts = urlsplit(following.url)
    there = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    shown = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    lacking = [(name, value) for name, value in shown if name not in there and is_secret(name, request.secrets)]
    if following.away or not lacking:
        return following
    query = "&".join(filter(None, [parts.query, urlencode(lacking, quote_via=quote)]))
    return replace(following, url=urlunsplit(parts._replace(query=query)))


def _with_query(request: Request, name: str, value: str) -> Request:
    from dataclasses import replace

    parts = urlsplit(request.url)
    kept = [piece for piece in parts.query.split("&") if piece and piece.partition("=")[0] != quote(name, safe="")]
    query = "&".join([*kept, urlencode([(name, value)], quote_via=quote)])
    return replace(request, url=urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")))
