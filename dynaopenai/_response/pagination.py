"""An answer -> the request for the next page, by what the document declares and the answer says. No I/O.

Rules of this file:
1. What the server gives as a link is followed (RFC 8288 ``Link: <...>; rel="next"``, or a URL in the body).
2. Else what it gives as a mark (a cursor, a token, the last id) goes into the argument that the operation declares
   for it, in the query or in the body.
3. Else a declared page number or offset is counted on, from where the answer or the document's default says that
   counting starts, until a page says that it is the last, or has no items.
4. Where it led on once by a link or a mark and does so no more, that is the end; a place for the next page that is
   empty is one too.
5. A server that leads back to a page that was there already is told off, not followed for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urljoin, urlsplit, urlunsplit

from .._checking import json as _json
from .._display.words import short
from .._request.arguments import Argument
from .._request.media_type import kind_of
from .._request.request import Request
from .._secrecy.names import is_secret
from .._transport.redirect import redirected
from .._transport.step import Steps
from ..errors import ResponseValidationError, Violation
from .page import NUMBER, START, TOTAL, TOTAL_PAGES, Page, fold, items_of, linked
from .response import Response

CURSORS = ("cursor", "startcursor", "pagetoken", "nexttoken", "token", "marker", "continuationtoken", "continuation", "continue")
LATER_CURSORS = ("after", "startingafter", "page", "offset")
AFTER = ("after", "startingafter", "afterid", "sinceid")
PAGE = ("page", "pagenumber", "pageindex", "p")
OFFSET = ("offset", "skip", "start", "startindex", "startat")
SIZE = ("limit", "pagesize", "perpage", "size", "maxresults", "count", "top")

Change = tuple[Argument, Any]


def items(operation_id: str, response: Response) -> list[Any]:
    """The items of one page: the answer itself, or its list.

    Raises:
        ResponseValidationError: there is no list, or more than one and none of a usual name.
    """
    found = items_of(response.data)
    if found is None:
        none = Violation("", f"found {short(response.data)}, expected a list, or an object with one list")
        raise ResponseValidationError(operation_id, [none], response, response.data)
    return found


@dataclass
class Walk:
    """The way from page to page so far.

    Attributes:
        led: whether the last page led on by a link or a mark.
        counted: whether it was reached by counting.
        base: the number of the first page or item.
    """

    operation_id: str
    declared: Sequence[Argument]
    led: bool = False
    counted: bool = False
    base: int | None = None
    requested: set[tuple[str, bytes]] = field(default_factory=set)
    seen: set[bytes] = field(default_factory=set)

    def visit(self, request: Request, response: Response) -> None:
        """Note that a page was there.

        Raises:
            ResponseValidationError: it was reached by counting, and is one that was there already.
        """
        self.requested.add(_key(request))
        body = response.content
        if self.counted and body in self.seen and items_of(response.data):
            raise self._circle(response, "found a page that was there already, expected the one that was asked for")
        self.seen.add(body)

    def next_request(self, request: Request, response: Response) -> Request | None:
        """The request for the page after this one; None where there is none.

        Raises:
            ResponseValidationError: it was asked for already.
        """
        following = self._next(request, Page(response.data, linked(response.headers.get("link", ""))))
        if following is not None and _key(following) in self.requested:
            raise self._circle(response, "found a next page that was there already, expected another")
        return following

    def _circle(self, response: Response, message: str) -> ResponseValidationError:
        return ResponseValidationError(self.operation_id, [Violation("", message)], response, response.data)

    def _next(self, request: Request, page: Page) -> Request | None:
        if page.has_more is False:
            return None
        self.counted = False
        if page.url:
            self.led = True
            return _linked(request, _joined(request.url, page.url))
        change = self._marked(page)
        if change is None and not self.led and not page.says_end:
            change = self._counted(page, request)
            self.counted = change is not None
        elif change is not None:
            self.led = True
        return _changed(request, *change) if change is not None else None

    def _declared(self, *names: str) -> Argument | None:
        by_name = {fold(argument.name): argument for argument in self.declared if argument.place in ("query", "body")}
        return next((by_name[name] for name in names if name in by_name), None)

    def _marked(self, page: Page) -> Change | None:
        for name, mark in page.marks:
            argument = self._declared(name.removeprefix("next"), name, *CURSORS, *LATER_CURSORS)
            if argument is not None:
                return argument, mark
        after = self._declared(*AFTER)
        if after is None or not page.has_more or page.last_id is None:
            return None
        return after, page.last_id

    def _counted(self, page: Page, request: Request) -> Change | None:
        if not page.items:
            return None
        size = self._sent_number(request, SIZE)
        may_go_on = bool(page.has_more) or size is None or len(page.items) >= size
        number, offset = self._declared(*PAGE), self._declared(*OFFSET)
        if number is not None:
            at = self._at(request, number, page.number(NUMBER), 1)
            total = page.number(TOTAL_PAGES)
            return (number, at + 1) if (at - self._base(at) + 1 < total if total is not None else may_go_on) else None
        if offset is None:
            return None
        at = self._at(request, offset, page.number(START), 1 if fold(offset.name) == "startindex" else 0)
        reached = at + len(page.items)
        total = page.number(TOTAL)
        return (offset, reached) if (reached - self._base(at) < total if total is not None else may_go_on) else None

    def _base(self, at: int) -> int:
        """Where counting starts: a first page that was asked for by number leaves zero or one."""
        if self.base is None:
            self.base = min(at, 1)
        return self.base

    def _at(self, request: Request, argument: Argument, number_answered: int | None, usual: int) -> int:
        """The number of this page: as it was asked for, as it says of itself, or where the document starts to count."""
        number_sent = self._sent_number(request, (fold(argument.name),))
        default = _start(argument)
        if self.base is None:
            first = default if default in (0, 1) else usual
            seen = number_sent if number_sent is not None else number_answered
            self.base = first if seen is None else min(first, seen)
        return next(number for number in (number_sent, number_answered, default, usual) if number is not None)

    def _sent_number(self, request: Request, names: tuple[str, ...]) -> int | None:
        """The number that the request has for the first of these arguments."""
        argument = self._declared(*names)
        value = _sent(request, argument) if argument is not None else None
        text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
        return int(text) if text.isdecimal() and len(text) < 20 else None


def _start(argument: Argument) -> int | None:
    """The number that the document counts from."""
    if isinstance(argument.default, int) and not isinstance(argument.default, bool):
        return argument.default
    return 0 if any(part.get("minimum") == 0 for part in argument.schema.in_place()) else None


class Pages:
    """The pages of a call, one after the other."""

    def __init__(
        self, operation_id: str, declared: Sequence[Argument], first: Request, fetch: Callable[[Request], Steps[Response]]
    ) -> None:
        self._walk = Walk(operation_id, declared)
        self._first, self._fetch = first, fetch
        self._last: tuple[Request, Response] | None = None

    def following(self) -> Steps[Response | None]:
        """The next page; None after the last.

        Raises:
            ResponseValidationError: the server leads in a circle.
        """
        request = self._first if self._last is None else self._walk.next_request(*self._last)
        if request is None:
            return None
        response = yield from self._fetch(request)
        self._walk.visit(request, response)
        self._last = request, response
        return response


# --- requests ------------------------------------------------------------------------------------


def _key(request: Request) -> tuple[str, bytes]:
    return request.url, request.body if isinstance(request.body, bytes) else b""


def _joined(url: str, reference: str) -> str:
    try:
        return urljoin(url, reference)
    except ValueError:
        return reference  # what is no URL is told by who would follow it


def _linked(request: Request, url: str) -> Request:
    """The request for a URL that the server gave, with what of the query showed who asks, where it stays at its origin."""
    following = redirected(request, 307, url)
    given = {_name(piece) for piece in _pieces(following.url)}
    lacking = [piece for piece in _pieces(request.url) if is_secret(_name(piece), request.secrets) and _name(piece) not in given]
    if following.away or not lacking:
        return following
    return replace(following, url=_with_query(following.url, lacking))


def _pieces(url: str) -> list[str]:
    return [piece for piece in urlsplit(url).query.split("&") if piece]


def _name(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0])


def _with_query(url: str, added: list[str], without: str | None = None) -> str:
    parts = urlsplit(url)
    kept = [piece for piece in _pieces(url) if _name(piece) != without]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join([*kept, *added]), ""))


def _body(request: Request) -> tuple[str, bytes]:
    """The kind of a body that can be read back, and its bytes."""
    content_type = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    body = request.body if isinstance(request.body, bytes) else b""
    return kind_of(content_type) if content_type else "", body


def _sent(request: Request, argument: Argument) -> Any:
    """What a request says for an argument; None where it says nothing."""
    kind, body = _body(request)
    if argument.place == "query":
        return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)).get(argument.name)
    if kind == "form":
        return dict(parse_qsl(body.decode(), keep_blank_values=True)).get(argument.name)
    value = _json.decode(body) if kind == "json" and body else {}
    return value.get(argument.name) if isinstance(value, dict) else None


def _changed(request: Request, argument: Argument, value: Any) -> Request | None:
    """The request with another value for one argument; None where its body cannot be changed."""
    pair = urlencode([(argument.name, str(value))], quote_via=quote)
    if argument.place == "query":
        return replace(request, url=_with_query(request.url, [pair], without=argument.name))
    kind, body = _body(request)
    if kind == "form":
        return replace(request, body=urlsplit(_with_query(f"?{body.decode()}", [pair], without=argument.name)).query.encode())
    held = _json.decode(body) if kind == "json" and body else {}
    if kind not in ("json", "") or not isinstance(held, dict):
        return None
    headers = {"Content-Type": "application/json", **request.headers}
    return replace(request, body=_json.encode({**held, argument.name: value}), headers=headers)
